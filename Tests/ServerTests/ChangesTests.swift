import API
import Foundation
import Server
import TestSupport
import Testing

struct ChangesTests {
    /// What a client knows that only ever reads the feed.
    private struct Replica {
        var statuses: [String: StatusEntity] = [:]
        var state: String?

        mutating func pull(_ test: Harness, _ person: Harness.Person, limit: Int) async throws {
            var more = true
            while more {
                let since = state.map { "&since=\($0)" } ?? ""
                let page = try await test.get("/api/v1/fixative/changes?limit=\(limit)\(since)", as: person)
                    .decode(ChangesEntity.self)
                for status in page.created + page.updated { statuses[status.id] = status }
                for id in page.destroyed { statuses[id] = nil }
                state = page.state
                more = page.hasMore
            }
        }
    }

    /// The fields that the feed promises to keep true.
    private static func essence(_ status: StatusEntity) -> [String] {
        [
            status.id, status.content, status.visibility, "\(status.favouritesCount)", "\(status.reblogsCount)",
            "\(status.repliesCount)", "\(status.favourited)", "\(status.bookmarked)", "\(status.reblogged)",
            "\(status.fixative?.revision ?? 0)", status.account.displayName,
            status.mediaAttachments.map { "\($0.id) \($0.description ?? "")" }.joined(separator: ","),
        ]
    }

    /// What the server shows the viewer when asked for each post.
    private static func truth(_ test: Harness, _ person: Harness.Person, _ ids: [String]) async throws -> [[String]] {
        var found: [[String]] = []
        for id in ids {
            let answer = try await test.get("/api/v1/statuses/\(id)", as: person)
            if answer.status == 200 { found.append(essence(try answer.decode(StatusEntity.self))) }
        }
        return found.sorted { $0[0] < $1[0] }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6]) func replayingTheFeedGivesTheServersState(_ seed: UInt64) async throws {
        try await Harness.run { test in
            var random = SplitMix(seed)
            var people: [Harness.Person] = []
            for name in ["a", "b", "c"] { people.append(try await test.person(name)) }
            var ids: [String] = []
            var replicas = people.map { _ in Replica() }
            for step in 0..<60 {
                let actor = random.pick(people)
                test.clock.advance(by: 1)
                let target = ids.isEmpty ? "0" : random.pick(ids)
                let path = "/api/v1/statuses/\(target)"
                switch random.below(13) {
                case 0, 1, 2, 3:
                    var body: [String: JSON] = [
                        "visibility": .text(random.pick(["public", "unlisted", "private", "direct"]))
                    ]
                    if random.below(3) == 0 { body["media_ids"] = [.text(try await test.media(step, as: actor).id)] }
                    if random.below(4) == 0, !ids.isEmpty { body["in_reply_to_id"] = .text(target) }
                    body["status"] = .text("post \(step) @b")
                    let answer = try await test.post("/api/v1/statuses", as: actor, body)
                    if answer.status == 200 { ids.append(try answer.decode(StatusEntity.self).id) }
                case 4: _ = try await test.post(path, as: actor, ["status": .text("edit \(step)")], method: .put)
                case 5: _ = try await test.send(.delete, path, as: actor)
                case 6: _ = try await test.post("\(path)/\(random.pick(["favourite", "unfavourite"]))", as: actor)
                case 7: _ = try await test.post("\(path)/\(random.pick(["bookmark", "unbookmark"]))", as: actor)
                case 8: _ = try await test.post("\(path)/\(random.pick(["reblog", "unreblog"]))", as: actor)
                case 9, 10:
                    let other = random.pick(people)
                    let verb = random.pick(["follow", "follow", "unfollow"])
                    _ = try await test.post("/api/v1/accounts/\(other.id)/\(verb)", as: actor)
                case 11:
                    _ = try await test.post(
                        "/api/v1/accounts/update_credentials", as: actor, ["display_name": .text("name \(step)")],
                        method: .patch)
                default:
                    let index = random.below(people.count)
                    try await replicas[index].pull(test, people[index], limit: 1 + random.below(4))
                }
            }
            for (index, person) in people.enumerated() {
                try await replicas[index].pull(test, person, limit: 3)
                let known = replicas[index].statuses.values.map(Self.essence).sorted { $0[0] < $1[0] }
                #expect(known == (try await Self.truth(test, person, ids)))
                var fresh = Replica()
                try await fresh.pull(test, person, limit: 2)
                #expect(fresh.statuses.values.map(Self.essence).sorted { $0[0] < $1[0] } == known)
            }
        }
    }

    @Test func noChangeIsMissedWhileOthersWrite() async throws {
        try await Harness.run { test in
            let reader = try await test.person("reader")
            var writers: [Harness.Person] = []
            for index in 0..<4 { writers.append(try await test.person("w\(index)")) }
            let replica = try await withThrowingTaskGroup(of: Replica?.self) { group in
                for writer in writers {
                    group.addTask {
                        for index in 0..<12 { _ = try await test.publish("n\(index)", as: writer) }
                        return nil
                    }
                }
                group.addTask {
                    var replica = Replica()
                    for _ in 0..<25 { try await replica.pull(test, reader, limit: 3) }
                    return replica
                }
                return try await group.compactMap { $0 }.first { _ in true }
            }
            var last = try #require(replica)
            try await last.pull(test, reader, limit: 100)
            #expect(last.statuses.count == 48)
        }
    }

    @Test func createdUpdatedAndDestroyedAreToldApart() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let kept = try await test.publish("kept", as: mei)
            let doomed = try await test.publish("doomed", as: mei)
            func changes(_ since: String?) async throws -> ChangesEntity {
                try await test.get("/api/v1/fixative/changes" + (since.map { "?since=\($0)" } ?? ""), as: mei)
                    .decode(ChangesEntity.self)
            }
            let start = try await changes(nil)
            #expect(start.created.map(\.id) == [kept.id, doomed.id] && start.updated.isEmpty && !start.hasMore)
            _ = try await test.post("/api/v1/statuses/\(kept.id)/bookmark", as: mei)
            _ = try await test.send(.delete, "/api/v1/statuses/\(doomed.id)", as: mei)
            let new = try await test.publish("new", as: mei)
            let next = try await changes(start.state)
            #expect(next.created.map(\.id) == [new.id])
            #expect(next.updated.map(\.id) == [kept.id] && next.updated.first?.bookmarked == true)
            #expect(next.destroyed == [doomed.id])
            let still = try await changes(next.state)
            #expect(still.created.isEmpty && still.updated.isEmpty && still.destroyed.isEmpty)
            #expect(still.state == next.state)
        }
    }

    @Test func aBookmarkIsNobodyElsesBusiness() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let other = try await test.person("other")
            let status = try await test.publish("x", as: mei)
            var replica = Replica()
            try await replica.pull(test, other, limit: 10)
            _ = try await test.post("/api/v1/statuses/\(status.id)/bookmark", as: mei)
            let page = try await test.get("/api/v1/fixative/changes?since=\(replica.state ?? "")", as: other)
                .decode(ChangesEntity.self)
            #expect(page.created.isEmpty && page.updated.isEmpty)
        }
    }

    @Test func statesThatCannotBeContinuedSaySo() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let first = try await test.publish("x", as: mei)
            let early = try await test.get("/api/v1/fixative/changes", as: mei).decode(ChangesEntity.self).state
            _ = try await test.send(.delete, "/api/v1/statuses/\(first.id)", as: mei)
            func status(_ state: String) async throws -> (Int, String) {
                let answer = try await test.get("/api/v1/fixative/changes?since=\(state)", as: mei)
                return (answer.status, answer.text)
            }
            for state in ["nonsense", "other-epoch.1", early.replacing(".1", with: ".999"), early + "-"] {
                let answer = try await status(state)
                #expect(answer.0 == 409 && answer.1.contains("\"cannot_calculate_changes\""), "\(state)")
            }
            test.clock.advance(by: 89 * 86_400)
            try await test.community.expire()
            #expect(try await status(early).0 == 200)
            test.clock.advance(by: 2 * 86_400)
            try await test.community.expire()
            #expect(try await status(early).0 == 409)
            #expect(try await test.get("/api/v1/fixative/changes").status == 401)
        }
    }
}

/// A repeatable stream of choices.
private struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(bound))
    }

    mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
}
