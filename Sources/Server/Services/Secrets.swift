import Core
import Crypto
import CryptoExtras
import Foundation

/// Random strings for tokens, codes and names, and the form in which they are kept.
package enum Secret {
    /// 256 random bits in base64url without padding (RFC 4648 section 5).
    package static func make() -> String { base64URL(SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }) }

    /// 128 random bits in hex: a name that nobody guesses.
    package static func makeKey() -> String {
        Digest.hex(SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) })
    }

    /// What the database keeps instead of a token: it holds 256 random bits, so a plain hash is enough.
    package static func hash(_ secret: String) -> String { Digest.sha256(Data(secret.utf8)) }

    package static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Compares without telling by its time where they differ.
    package static func equal(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// PKCE with S256 (RFC 7636 section 4.6).
    package static func challenge(of verifier: String) -> String {
        base64URL(Data(SHA256.hash(data: Data(verifier.utf8))))
    }
}

/// Passwords as scrypt (RFC 7914) keeps them: `scrypt$log2N$r$p$salt$hash`, salt and hash in base64.
package struct PasswordHash: Sendable {
    /// log2 of N; 15 with r = 8 takes 32 MiB.
    package var cost: Int
    /// Hashing takes memory and time: so many at once, on threads of their own.
    private let workers: BlockingWork

    package init(cost: Int, workers: BlockingWork) {
        self.cost = cost
        self.workers = workers
    }

    package func hash(_ password: String) async throws -> String {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
        let key = try await workers.run { [cost] in try Self.derive(password, salt, cost, 8, 1) }
        return "scrypt$\(cost)$8$1$\(salt.base64EncodedString())$\(key.base64EncodedString())"
    }

    package func verify(_ password: String, _ stored: String) async throws -> Bool {
        let parts = stored.split(separator: "$").map(String.init)
        guard parts.count == 6, parts[0] == "scrypt", let cost = Int(parts[1]), let r = Int(parts[2]),
            let p = Int(parts[3]), let salt = Data(base64Encoded: parts[4])
        else { return false }
        let key = try await workers.run { try Self.derive(password, salt, cost, r, p) }
        return Secret.equal(key.base64EncodedString(), parts[5])
    }

    /// Takes as long as a check for an account that exists, so that the time does not tell which do.
    package func pretend(_ password: String) async throws {
        _ = try await workers.run { [cost] in try Self.derive(password, Data(count: 16), cost, 8, 1) }
    }

    private static func derive(_ password: String, _ salt: Data, _ cost: Int, _ r: Int, _ p: Int) throws -> Data {
        guard (1...20).contains(cost) else { throw UserError("A stored password has parameters out of range.") }
        let key = try KDF.Scrypt.deriveKey(
            from: Data(password.utf8), salt: salt, outputByteCount: 32, rounds: 1 << cost, blockSize: r,
            parallelism: p, maxMemory: 256 << 20)
        return key.withUnsafeBytes { Data($0) }
    }
}
