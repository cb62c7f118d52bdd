import Core
import Crypto
import Foundation

/// The 256-bit secret (or public constant) that everything in a mark derives from: carriers, signs, interleaver, pilot.
public struct WatermarkKey: Sendable, Hashable {
    /// The community's public key: anybody can read marks made with it and look them up.
    public static let community = WatermarkKey(
        bytes: Array(SHA256.hash(data: Data("fixative community watermark key, version 1".utf8))))

    let bytes: [UInt8]

    /// - Precondition: exactly 32 bytes, from a cryptographic generator or a key derivation.
    public init(bytes: [UInt8]) {
        precondition(bytes.count == 32, "a watermark key has 32 bytes")
        self.bytes = bytes
    }

    /// 64 digits, to be written to a file that nobody else can read.
    public var hexadecimal: String { Digest.hex(bytes) }
}

/// A reproducible stream of random numbers for one purpose: HKDF-SHA-256 (RFC 5869) then ChaCha20 (RFC 8439).
///
/// Shuffling and bounding are spelled out here because the standard library does not promise that its own stay the
/// same from version to version, and a mark must be readable for decades.
struct KeyedStream {
    private let key: SymmetricKey
    private var block: [UInt8] = []
    private var position = 0
    private var counter: UInt32 = 0

    init(_ key: WatermarkKey, purpose: String) {
        self.key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: key.bytes), salt: Data("fixative watermark 1".utf8),
            info: Data(purpose.utf8), outputByteCount: 32)
    }

    mutating func next() -> UInt64 {
        if position == block.count { refill() }
        var value: UInt64 = 0
        for index in 0..<8 { value |= UInt64(block[position + index]) << UInt64(8 * index) }
        position += 8
        return value
    }

    /// Uniform in 0..<bound, without bias.
    mutating func below(_ bound: Int) -> Int {
        let bound = UInt64(bound)
        let limit = UInt64.max - UInt64.max % bound
        while true {
            let value = next()
            if value < limit { return Int(value % bound) }
        }
    }

    /// Uniform in 0..<1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// +1 or −1.
    mutating func sign() -> Float { next() >> 63 == 0 ? 1 : -1 }

    /// Fisher and Yates.
    mutating func shuffle<T>(_ items: inout [T]) {
        guard items.count > 1 else { return }
        for index in stride(from: items.count - 1, to: 0, by: -1) { items.swapAt(index, below(index + 1)) }
    }

    /// The key stream itself is what encrypting zeros gives.
    private mutating func refill() {
        let nonce = (0..<12).map { $0 < 4 ? UInt8(truncatingIfNeeded: counter >> UInt32(8 * $0)) : 0 }
        counter += 1
        // A 32-byte key, a 12-byte nonce and 16 KiB of text satisfy every condition of the cipher.
        let sealed = try! ChaChaPoly.seal(
            [UInt8](repeating: 0, count: 1 << 14), using: key, nonce: ChaChaPoly.Nonce(data: nonce))
        block = Array(sealed.ciphertext)
        position = 0
    }
}
