import Core
import Crypto
import Foundation

/// Signs receipts with the artist's Ed25519 key (RFC 8032).
///
/// What is signed is the receipt's JSON without `signature`: keys sorted, slashes not escaped, dates as ISO 8601 in UTC
/// with whole seconds, absent values left out, UTF-8.
public struct ReceiptSigner: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// Opens the key, or makes it at first use. Readable by its owner only.
    public init(keyFile: URL) throws {
        try PrivateFiles.makeDirectory(keyFile.deletingLastPathComponent())
        key = try FileLock.holding(keyFile.appendingPathExtension("lock")) {
            guard FileManager.default.fileExists(atPath: keyFile.path) else {
                let made = Curve25519.Signing.PrivateKey()
                try DurableFile.write(made.rawRepresentation, to: keyFile)
                return made
            }
            try PrivateFiles.tighten(keyFile)
            guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: Data(contentsOf: keyFile)) else {
                throw UserError("The signing key \(keyFile.path) is damaged: restore it from a backup.", .internal)
            }
            return key
        }
    }

    /// The artist's signing key on this machine.
    public static func keyFile(_ directories: Directories) -> URL {
        directories.data.appendingPathComponent("keys", isDirectory: true).appendingPathComponent("identity.ed25519")
    }

    /// The 32 bytes of the artist's private watermark key: derived from the signing key (HKDF-SHA-256, RFC 5869), so that
    /// one backup keeps both, and whoever learns this one cannot sign.
    public func watermarkKey() -> [UInt8] {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: key.rawRepresentation),
            info: Data("fixative private watermark key, version 1".utf8), outputByteCount: 32
        ).withUnsafeBytes(Array.init)
    }

    func sign(
        _ item: OutboxItem, statusID: String, statusURL: String?, server: URL, at date: Date
    ) throws -> Receipt {
        let methods = item.report?.methods ?? []
        var receipt = Receipt(
            clientID: item.id, originalSHA256: item.originalSHA256, protectedSHA256: item.blob?.description ?? "",
            payload: methods.contains(.watermark) ? item.report?.payload : nil,
            recipe: item.report?.recipe ?? item.draft.recipe,
            publishedAt: Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down)),
            server: server.absoluteString, statusID: statusID, statusURL: statusURL,
            publicKey: key.publicKey.rawRepresentation.base64EncodedString(), signature: "")
        receipt.signature = try key.signature(for: Self.message(receipt)).base64EncodedString()
        return receipt
    }

    /// Whether the signature is that of the key in the receipt.
    public static func verify(_ receipt: Receipt) -> Bool {
        guard
            let keyBytes = Data(base64Encoded: receipt.publicKey),
            let signature = Data(base64Encoded: receipt.signature),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: keyBytes),
            let message = try? message(receipt)
        else { return false }
        return key.isValidSignature(signature, for: message)
    }

    /// The receipt as a file for a takedown claim.
    public static func export(_ receipt: Receipt) throws -> Data {
        let encoder = encoder()
        encoder.outputFormatting.insert(.prettyPrinted)
        return try encoder.encode(receipt)
    }

    private static func message(_ receipt: Receipt) throws -> Data {
        guard var fields = try JSONSerialization.jsonObject(with: encoder().encode(receipt)) as? [String: Any] else {
            throw UserError("A receipt could not be written as JSON.", .internal)
        }
        fields["signature"] = nil
        return try JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }
}
