import Foundation

/// Looks for many byte sequences in a lot of data at once, as the hunt for leaks needs it.
public struct ByteHunt: Sendable {
    private static let keyLength = 8
    private var sequences: [UInt64: [(bytes: [UInt8], name: String)]] = [:]
    public private(set) var count = 0

    public init() {}

    /// Adds a sequence of at least eight bytes; shorter ones would be found by chance.
    public mutating func add(_ bytes: some Collection<UInt8>, named name: String) {
        precondition(bytes.count >= Self.keyLength)
        let all = Array(bytes)
        let key = all.prefix(Self.keyLength).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        sequences[key, default: []].append((all, name))
        count += 1
    }

    /// Adds pieces of a file from all over it, of 64 bytes each, that are too varied to turn up by chance.
    public mutating func addWindows(of data: Data, named name: String) {
        let bytes = [UInt8](data)
        for eighth in 1..<8 {
            let start = bytes.count * eighth / 8
            guard start + 64 <= bytes.count else { continue }
            let window = bytes[start..<start + 64]
            if Set(window).count >= 40 { add(window, named: "\(name) at \(start)") }
        }
    }

    /// The names of what occurs in the data.
    public func found(in data: Data) -> [String] {
        var found: Set<String> = []
        data.withUnsafeBytes { bytes in
            var key: UInt64 = 0
            for index in 0..<bytes.count {
                key = key << 8 | UInt64(bytes[index])
                guard index + 1 >= Self.keyLength, let candidates = sequences[key] else { continue }
                let start = index + 1 - Self.keyLength
                for candidate in candidates where start + candidate.bytes.count <= bytes.count {
                    let place = UnsafeRawBufferPointer(rebasing: bytes[start..<start + candidate.bytes.count])
                    if place.elementsEqual(candidate.bytes) { found.insert(candidate.name) }
                }
            }
        }
        return found.sorted()
    }
}
