import Core

/// A fixed permutation of the payloads before they are encoded (the finalizer of MurmurHash3, Appleby 2011, which is in
/// the public domain).
///
/// The code is linear, so payloads that are related, one the complement of the other, say, have code words that are
/// related. A picture that was marked twice with one key carries the sum of two code words, and where these are related a
/// third one may fit it as well as either. After the permutation no two payloads that anybody would choose are related.
package enum Scrambling {
    private static let offset: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let first: UInt64 = 0xFF51_AFD7_ED55_8CCD
    private static let second: UInt64 = 0xC4CE_B9FE_1A85_EC53
    /// Inverses modulo 2⁶⁴.
    private static let firstInverse: UInt64 = 0x4F74_430C_22A5_4005
    private static let secondInverse: UInt64 = 0x9CB4_B2F8_1293_37DB

    package static func scramble(_ payload: MarkID) -> MarkID {
        var value = payload.rawValue ^ offset
        value ^= value >> 33
        value &*= first
        value ^= value >> 33
        value &*= second
        value ^= value >> 33
        return MarkID(rawValue: value)
    }

    package static func unscramble(_ message: MarkID) -> MarkID {
        var value = message.rawValue
        value ^= value >> 33
        value &*= secondInverse
        value ^= value >> 33
        value &*= firstInverse
        value ^= value >> 33
        return MarkID(rawValue: value ^ offset)
    }
}
