import Core
import Foundation
import Store
import Testing

/// `./bench store`: how fast a large cache answers. Not a test of the suite: nothing here fails for being slow.
@Suite struct StoreBenchmark {
    private static let count = ProcessInfo.processInfo.environment["FIXATIVE_BENCH_STATUSES"].flatMap { Int($0) }

    private static let words = [
        "ink", "river", "winter", "portrait", "study", "light", "harbour", "cat", "moss", "copper", "evening", "glass",
        "山水", "夜景", "猫", "夏の海", "水墨", "星空",
    ]

    @Test(.enabled(if: count != nil, "only ./bench store runs it"))
    func aLargeCache() throws {
        let count = try #require(Self.count)
        let fixture = try Fixture(onDisk: true)
        var random = Numbers(state: 7)
        let people = (0..<500).map {
            Account(id: String(1_000 + $0), username: "artist\($0)", displayName: "Artist \($0)")
        }
        let begun = Date()
        do {
            let store = try fixture.open()
            try store.cache.setFollows(Set(people.prefix(250).map(\.id)))
            try store.cache.beginSnapshot()
            for start in stride(from: 0, to: count, by: 2_000) {
                let page = (start..<min(start + 2_000, count)).map { Self.status($0, people, &random) }
                try store.cache.apply(
                    FeedPage(
                        statuses: page, destroyed: [], state: "s.\(start)", isLast: start + 2_000 >= count))
            }
        }
        let filled = Date().timeIntervalSince(begun)
        let opening = Date()
        let store = try fixture.open()
        let first = try store.library.timeline(.home, limit: 40, before: nil)
        let opened = Date().timeIntervalSince(opening)
        #expect(first.count == 40)
        var rows: [(String, Double)] = [
            ("insert statuses/s", Double(count) / filled), ("open and first page ms", opened * 1_000),
        ]
        rows += try Self.pages(store, &random)
        rows += try Self.searches(store, &random)
        rows.append(("resident MB", Self.residentMegabytes()))
        for (name, value) in rows { print("bench-store\t\(name)\t\(value)") }
    }

    private static func pages(_ store: AccountStore, _ random: inout Numbers) throws -> [(String, Double)] {
        var times: [Double] = []
        var before: String?
        for turn in 0..<1_000 {
            // Mostly scrolling on, now and then a jump to the top.
            if turn % 50 == 0 { before = nil }
            let lists: [Timeline] = [.home, .local, .tag(words[turn / 50 % words.count])]
            let start = ContinuousClock.now
            let page = try store.library.timeline(lists[turn / 50 % 3], limit: 40, before: before)
            times.append(milliseconds(since: start))
            before = page.last?.id
        }
        return percentiles("page of 40", times)
    }

    private static func searches(_ store: AccountStore, _ random: inout Numbers) throws -> [(String, Double)] {
        var times: [Double] = []
        for turn in 0..<1_000 {
            let word = words[turn % words.count]
            let other = words[Int(random.next() % UInt64(words.count))]
            let text =
                switch turn % 5 {
                case 0: word
                case 1: "\(word) \(other)"
                case 2: "\(word.prefix(2))*"
                case 3: "tag:\(word)"
                default: "\(word) by:artist\(random.next() % 500)"
                }
            let query = try SearchParser.parse(text)
            let start = ContinuousClock.now
            _ = try store.library.search(query, limit: 40)
            times.append(milliseconds(since: start))
        }
        return percentiles("search", times)
    }

    private static func status(_ id: Int, _ people: [Account], _ random: inout Numbers) -> Core.Status {
        let chosen = (0..<8).map { _ in words[Int(random.next() % UInt64(words.count))] }
        return Core.Status(
            id: String(1_000_000 + id), createdAt: Date(timeIntervalSince1970: 1_500_000_000 + Double(id) * 30),
            account: people[Int(random.next() % UInt64(people.count))],
            text: "Piece \(id)\n\n\(chosen.joined(separator: " "))",
            media: [
                MediaAttachment(
                    id: "m\(id)", url: "http://h/\(id).png", previewURL: "http://h/\(id)s.png",
                    description: "\(chosen[0]) and \(chosen[1])", width: 1_024, height: 768)
            ],
            tags: [chosen[2], chosen[3]])
    }

    private static func milliseconds(since start: ContinuousClock.Instant) -> Double {
        let passed = ContinuousClock.now - start
        return Double(passed.components.attoseconds) / 1e15 + Double(passed.components.seconds) * 1_000
    }

    private static func percentiles(_ name: String, _ times: [Double]) -> [(String, Double)] {
        let sorted = times.sorted()
        return [
            ("\(name) p50 ms", sorted[sorted.count / 2]), ("\(name) p99 ms", sorted[sorted.count * 99 / 100]),
            ("\(name) worst ms", sorted[sorted.count - 1]),
        ]
    }

    private static func residentMegabytes() -> Double {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return Double(line.filter(\.isNumber)).map { $0 / 1_024 } ?? 0
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
    private struct Numbers {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
