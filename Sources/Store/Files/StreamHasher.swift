import Core
import Crypto
import Foundation

/// SHA-256 (FIPS 180-4) over bytes that come in pieces.
struct StreamHasher {
    private var hasher = SHA256()

    mutating func update(_ bytes: UnsafeRawBufferPointer) { hasher.update(bufferPointer: bytes) }

    /// 64 lower-case hex digits.
    func hex() -> String { Digest.hex(hasher.finalize()) }
}
