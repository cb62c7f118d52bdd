import Foundation

/// The place of a status in time as one integer: 42 bits of Unix milliseconds, then 20 bits that tell apart what was
/// posted in the same millisecond. Larger is newer.
enum StatusOrder {
    static func key(_ date: Date, id: String) -> Int64 {
        let milliseconds = date.timeIntervalSince1970 * 1000
        let clamped = milliseconds.isFinite ? min(max(0, milliseconds), Double(1 << 42 - 1)) : 0
        return Int64(clamped) << 20 | Int64(tail(id))
    }

    /// The first key of a moment.
    static func start(of date: Date) -> Int64 { key(date, id: "0") }

    /// The low bits of a number, so that ids that count up stay in order; FNV-1a of any other id.
    private static func tail(_ id: String) -> UInt32 {
        if let number = UInt64(id) { return UInt32(truncatingIfNeeded: number) & 0xF_FFFF }
        var hash: UInt32 = 2_166_136_261
        for byte in id.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return (hash ^ hash >> 20) & 0xF_FFFF
    }
}
