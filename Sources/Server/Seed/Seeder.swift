import AntiAI
import Core
import Foundation
import Imaging

/// Fills a community with people and pictures, through the same services as the API. Every picture is drawn by
/// `Gallery` and protected like any other. Ids come from the seed, so that a second run adds nothing.
struct Seeder: Sendable {
    /// Pictures on the way at once.
    private static let width = 2
    private static let day: TimeInterval = 86_400

    let community: Community
    let protection: any Protection
    let seed: UInt64
    let progress: @Sendable (_ done: Int, _ total: Int) -> Void

    func run(accounts: Int, pictures: Int) async throws -> Server.SeedSummary {
        let now = community.clock.now()
        var summary = Server.SeedSummary()
        var cast: [(member: CastMember, account: AccountRecord)] = []
        for (index, member) in CastMember.cast(accounts).enumerated() {
            let (account, isNew) = try await account(
                member, at: now.addingTimeInterval(-Self.day * Double(60 - index % 20)))
            cast.append((member, account))
            if isNew { summary.accounts += 1 }
        }
        guard !cast.isEmpty else { return summary }
        let posts = (0..<pictures).map { number in Post(number: number, seed: seed, people: cast.count) }
        let results = try await publish(posts, by: cast, now: now)
        summary.pictures = results.filter(\.isNew).count
        try await socialise(cast.map(\.account), results.map(\.status))
        return summary
    }

    private func account(_ member: CastMember, at date: Date) async throws -> (AccountRecord, isNew: Bool) {
        if let known = try await community.database.read({ db in try db.account(named: member.username) }) {
            return (known, false)
        }
        // Nobody logs in as these people: their passwords are random and kept nowhere.
        let made = try await community.accounts.register(
            username: member.username, email: "\(member.username)@seed.invalid", password: Secret.make(), at: date)
        return (
            try await community.accounts.update(
                made.id, AccountService.Profile(displayName: member.displayName, note: member.note)), true
        )
    }

    /// What is decided about a picture before it is drawn.
    private struct Post: Sendable {
        var number: Int
        var person: Int
        var words: Words
        var clientID: String
        var mark: MarkID
        var format: ImageFormat
        var age: TimeInterval

        init(number: Int, seed: UInt64, people: Int) {
            self.number = number
            var random = Random(seed &+ 0x5EED &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
            let kind = Gallery.kinds[number % Gallery.kinds.count].name
            let round = number / Gallery.kinds.count
            let texts = Words.byKind[kind] ?? []
            words = texts.isEmpty ? Words(kind, "", "", []) : texts[round % texts.count]
            // Several pictures in a row are of different people, and everybody has some.
            person = (number * 7 + round * 3) % people
            let bytes = (0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let hex = Digest.hex(bytes)
            let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { hex.dropFirst($0.lowerBound).prefix($0.count) }
            clientID = parts.joined(separator: "-")
            mark = MarkID(rawValue: random.next())
            format = [ImageFormat.jpeg, .png, .webp, .jpeg][number % 4]
            age = random.range(0.02, 1)
        }
    }

    private func publish(
        _ posts: [Post], by cast: [(member: CastMember, account: AccountRecord)], now: Date
    ) async throws -> [(status: StatusRecord, isNew: Bool)] {
        try await withThrowingTaskGroup(of: (Int, StatusRecord, Bool).self) { group in
            var waiting = posts[...]
            var results: [(status: StatusRecord, isNew: Bool)?] = Array(repeating: nil, count: posts.count)
            var done = 0
            func startNext() {
                guard let post = waiting.popFirst() else { return }
                let person = cast[post.person]
                group.addTask {
                    let (status, isNew) = try await publish(post, by: person.account, person.member, now: now)
                    return (post.number, status, isNew)
                }
            }
            for _ in 0..<Self.width { startNext() }
            while let (number, status, isNew) = try await group.next() {
                results[number] = (status, isNew)
                done += 1
                progress(done, posts.count)
                startNext()
            }
            return results.compactMap { $0 }
        }
    }

    private func publish(
        _ post: Post, by account: AccountRecord, _ member: CastMember, now: Date
    ) async throws -> (StatusRecord, isNew: Bool) {
        let known = try await community.database.read { db in
            try db.publication(.client(post.clientID), account: account.id).flatMap { publication in
                try db.status(publication.statusID, viewer: account.id)
            }
        }
        if let known { return (known, false) }
        let date = now.addingTimeInterval(-Self.day * 36 * post.age)
        let recipe = post.number % 5 == 0 ? "standard" : "subtle"
        let protected = try await community.workers.run { [seed, protection] in
            let drawn = Gallery.picture(number: post.number, seed: seed)
            let original = try ImageCodec.encode(drawn, as: .png, EncodeOptions(compression: 1))
            let rights = RightsStatement(
                creator: member.displayName, notice: "© 2026 \(member.displayName)", license: member.license)
            return try protection.protect(
                original,
                // No cloak: it would only make seeding slow.
                ProtectionRequest(
                    recipe: recipe, methods: [.watermark, .noise, .rights], payload: post.mark, rights: rights,
                    format: post.format,
                    quality: post.format == .png ? nil : 90)
            ) { _ in true }
        }
        let file = try community.objects.makeTemporaryFile()
        try protected.data.write(to: file)
        let media = try await community.media.upload(
            file, by: account, description: post.words.alt.isEmpty ? nil : post.words.alt, at: date)
        var request = StatusService.Request()
        request.text = post.words.text
        request.language = post.words.language
        request.mediaIDs = [media.id]
        request.clientID = post.clientID
        request.markID = post.mark.description
        request.license = member.license
        request.recipe = recipe
        request.appName = "fixative"
        request.date = date
        let outcome = try await community.statuses.publish(request, by: account)
        return (outcome.status, true)
    }

    /// Some follow others, and like or keep what they make. Repeating it changes nothing.
    private func socialise(_ people: [AccountRecord], _ statuses: [StatusRecord]) async throws {
        var random = Random(seed &+ 0xF0110)
        for person in people {
            for other in people where other.id != person.id && random.chance(0.35) {
                try await community.accounts.follow(other.id, by: person, reblogs: true, notify: false)
            }
            for status in statuses where status.accountID != person.id {
                if random.chance(0.22) {
                    _ = try await community.statuses.setFavourite(true, status.id, by: person)
                }
                if random.chance(0.05) {
                    _ = try await community.statuses.setBookmark(true, status.id, by: person)
                }
            }
        }
    }
}

extension Server {
    /// What a seed added.
    public struct SeedSummary: Hashable, Sendable {
        public var accounts = 0
        public var pictures = 0
    }

    /// Fills the community with people and pictures that the program draws itself. The same seed adds nothing twice.
    public func seed(
        accounts: Int, pictures: Int, seed: UInt64, progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
    ) async throws -> SeedSummary {
        guard (1...500).contains(accounts), (0...5_000).contains(pictures) else {
            throw UserError("A seed has 1 to 500 accounts and at most 5000 pictures.")
        }
        do {
            return try await Seeder(
                community: community, protection: Protector(), seed: seed, progress: progress
            ).run(accounts: accounts, pictures: pictures)
        } catch let error as APIError {
            throw UserError("The community refused the seed: \(error.error).", .internal)
        }
    }
}
