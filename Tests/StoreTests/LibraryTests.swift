import Core
import Foundation
import Store
import Testing

@Suite struct LibraryTests {
    private let fixture: Fixture
    private let store: AccountStore
    private let zoe = Account(id: "2", username: "zoe")
    private let kim = Account(id: "3", username: "kim", acct: "kim@far.example")
    private var library: AccountLibrary { store.library }

    init() throws {
        fixture = try Fixture()
        store = try fixture.open()
    }

    private func home(_ limit: Int = 50, before: String? = nil) throws -> [String] {
        try library.timeline(.home, limit: limit, before: before).map(\.id)
    }

    private func search(_ query: String) throws -> [String] {
        try library.search(try SearchParser.parse(query), limit: 50).map(\.id)
    }

    @Test func theTimelinesShowWhatBelongsToThem() throws {
        try store.cache.put([
            status(1, by: fixture.me, text: "mine", tags: ["ink"]), status(2, by: zoe, text: "hers", tags: ["ink"]),
            status(3, by: kim, text: "far"), status(4, by: zoe, text: "quiet") { $0.visibility = .unlisted },
            status(5, by: zoe, text: "kept") {
                $0.bookmarked = true; $0.favourited = true
            },
        ])
        func ids(_ timeline: Timeline) throws -> [String] {
            try library.timeline(timeline, limit: 50, before: nil).map(\.id)
        }
        #expect(try ids(.home) == ["1"])
        #expect(try ids(.local) == ["5", "2", "1"])
        #expect(try ids(.tag("ink")) == ["2", "1"])
        #expect(try ids(.account("2")) == ["5", "4", "2"])
        #expect(try ids(.bookmarks) == ["5"])
        #expect(try ids(.favourites) == ["5"])
        try store.cache.setFollows(["2"])
        #expect(try ids(.home) == ["5", "4", "2", "1"])
        try store.cache.put([status(6, by: zoe, text: "new")])
        #expect(try ids(.home) == ["6", "5", "4", "2", "1"])
        try store.cache.setFollows(["3"])
        #expect(try ids(.home) == ["3", "1"])
    }

    @Test func whatWasReadBeforeIsShownAsItIsNow() throws {
        func shown() throws -> [[String]] {
            try library.timeline(.local, limit: 50, before: nil).map {
                [$0.status.id, $0.status.text, $0.status.account.displayName]
            }
        }
        var renamed = zoe
        renamed.displayName = "Zoë"
        try store.cache.put([status(1, by: zoe, text: "ink"), status(2, by: zoe, text: "wash")])
        #expect(try shown() == [["2", "wash", zoe.displayName], ["1", "ink", zoe.displayName]])
        try store.cache.put([status(1, by: zoe, text: "pen")])
        #expect(try shown() == [["2", "wash", zoe.displayName], ["1", "pen", zoe.displayName]])
        try store.cache.put([status(2, by: renamed, text: "wash")])
        #expect(try shown() == [["2", "wash", "Zoë"], ["1", "pen", "Zoë"]])
    }

    @Test func pagesJoinWithoutGapOrRepeat() throws {
        let sameMoment = Date(timeIntervalSince1970: 1_650_000_000)
        try store.cache.put(
            (0..<95).map { id in
                status(id, by: fixture.me, text: "s") { if id % 3 == 0 { $0.createdAt = sameMoment } }
            })
        var seen: [String] = []
        while true {
            let page = try home(10, before: seen.last)
            if page.isEmpty { break }
            seen += page
        }
        #expect(seen.count == 95)
        #expect(Set(seen).count == 95)
        #expect(seen == (try home(1000)))
    }

    @Test func aPageGoesOnBelowAnEntryThatWasDeletedMeanwhile() throws {
        try store.cache.put((1...6).map { status($0, by: fixture.me, text: "s") })
        try store.cache.remove("4")
        #expect(try home(2, before: "4") == ["3", "2"])
    }

    @Test(arguments: [
        ("水", ["1", "5"]), ("水彩", ["1"]), ("water*", ["2"]), ("\"red fox\"", ["3"]), ("fox", ["2", "3"]),
        ("by:zoe", ["3"]), ("by:kim@far.example", ["4"]), ("tag:ink fox", ["2"]), ("has:alt", ["4"]),
        ("lighthouse", ["4"]), ("is:mine -tag:ink", ["1", "5"]), ("is:bookmarked", ["3"]), ("is:favourited", ["4"]),
        ("is:sensitive", ["5"]), ("license:cc-by-4.0", ["5"]), ("license:none fox", ["2", "3"]),
        ("is:queued", []), ("水 OR \"red fox\"", ["1", "3", "5"]), ("since:2020-09-14", []),
        ("since:2020-09-13 until:2020-09-13 fox", ["2", "3"]),
    ])
    func searchFinds(query: String, expected: [String]) throws {
        try store.cache.put([
            status(1, by: fixture.me, text: "水彩の花"),
            status(2, by: fixture.me, text: "watercolour fox", tags: ["ink"]),
            status(3, by: zoe, text: "the red fox") { $0.bookmarked = true },
            status(4, by: kim, text: "far", alt: "a lighthouse") { $0.favourited = true },
            status(5, by: fixture.me, text: "水") {
                $0.sensitive = true
                $0.provenance = StatusProvenance(license: "CC-BY-4.0")
            },
        ])
        #expect(try search(query).sorted() == expected)
    }

    @Test func commonWordsAndTagsPageLikeTheRest() throws {
        try store.cache.put((1...9).map { status($0, by: fixture.me, text: "ink \($0)", tags: ["ink"]) })
        try store.perform(.delete(statusID: "8"))
        let query = try SearchParser.parse("ink")
        #expect(try library.search(query, limit: 3).map(\.id) == ["9", "7", "6"])
        #expect(try library.timeline(.tag("ink"), limit: 3, before: "7").map(\.id) == ["6", "5", "4"])
        // "!!!" is in no text, and takes nothing away from the other word.
        #expect(try library.search(try SearchParser.parse("ink OR !!!"), limit: 2).map(\.id) == ["9", "7"])
        #expect(try library.search(try SearchParser.parse("ink !!!"), limit: 2).map(\.id) == ["9", "7"])
    }

    @Test func whatTheFeedBringsBackIsShownAgain() throws {
        try store.cache.beginSnapshot()
        func page(_ statuses: [Status], _ destroyed: [String]) throws {
            try store.cache.apply(FeedPage(statuses: statuses, destroyed: destroyed, state: "s", isLast: true))
        }
        try page([status(1, by: fixture.me, text: "x")], [])
        try page([], ["1"])
        #expect(try home().isEmpty)
        try page([status(1, by: fixture.me, text: "x")], [])
        #expect(try home() == ["1"])
    }

    @Test func theIndexFollowsEditsAndDeletions() throws {
        try store.cache.put([status(1, by: zoe, text: "a fox", tags: ["ink"])])
        try store.cache.put([status(1, by: zoe, text: "a hare", tags: ["oil"])])
        #expect(try search("fox").isEmpty)
        #expect(try search("tag:ink").isEmpty)
        #expect(try search("hare tag:oil") == ["1"])
        try store.cache.remove("1")
        #expect(try search("hare").isEmpty)
        // A page that was under way does not bring it back.
        try store.cache.put([status(1, by: zoe, text: "a hare")])
        #expect(try library.entry("1") == nil)
    }

    @Test func operationsShowAtOnceAndStayUntilTheServersWordIsNew() throws {
        try store.cache.put([status(1, by: zoe, text: "x") { $0.favouritesCount = 4 }])
        try store.perform(.favourite(statusID: "1", true))
        try store.perform(.bookmark(statusID: "1", true))
        let shown = try #require(try library.entry("1"))
        #expect(shown.status.favourited && shown.status.favouritesCount == 5 && shown.status.bookmarked)
        #expect(shown.state == .pending)
        #expect(try library.timeline(.favourites, limit: 5, before: nil).map(\.id) == ["1"])
        #expect(try search("is:bookmarked") == ["1"])
        for operation in try store.vault.queuedOperations() { try store.vault.acknowledge(operation) }
        let acknowledged = try #require(try library.entry("1"))
        #expect(acknowledged.status.favourited && acknowledged.state == .synced)
        try store.vault.forget(try store.vault.queuedOperations())
        #expect(try library.entry("1")?.status.favourited == false)
    }

    @Test func aDeletionAndAnEditShowAtOnce() throws {
        try store.cache.put([status(1, by: fixture.me, text: "x"), status(2, by: fixture.me, text: "y", alt: "old")])
        try store.perform(.delete(statusID: "1"))
        try store.perform(.edit(statusID: "2", Draft(title: "new", altText: "alt", tags: ["Ink"])))
        #expect(try home() == ["2"])
        let edited = try #require(try library.entry("2"))
        #expect(edited.status.title == "new" && edited.status.tags == ["ink"])
        #expect(edited.status.media.first?.description == "alt")
    }

    @Test func queuedPiecesAreSeenFoundAndNotSeenTwice() throws {
        try store.cache.put([status(1, by: fixture.me, text: "old")])
        let item = try store.vault.enqueue(
            file: fixture.original(), draft: Draft(title: "水彩 rain", altText: "drops", tags: ["Ink"]))
        let id = item.id.description
        #expect(try home() == [id, "1"])
        #expect(try home(1) == [id])
        #expect(try home(1, before: id) == ["1"])
        #expect(try search("水 is:queued tag:ink has:alt drop*") == [id])
        #expect(try search("is:queued snow").isEmpty)
        let entry = try #require(try library.entry(id))
        #expect(entry.state == .queued && entry.isMine)
        let media = try #require(entry.status.media.first)
        #expect(library.file(of: media, .preview) != nil)
        try store.cache.put([
            status(2, by: fixture.me, text: "水彩 rain") { $0.provenance = StatusProvenance(clientID: item.id) }
        ])
        #expect(try home() == ["2", "1"])
    }

    @Test func aServersAddressCannotNameALocalFile() throws {
        let paths = ["fixative-blob:../vault.db", "fixative-original:../../token", "file:///etc/passwd", "../token"]
        for path in paths {
            #expect(library.file(of: MediaAttachment(id: "1", url: path), .original) == nil)
        }
    }

    @Test func aSnapshotSweepsOnlyWhenItIsComplete() throws {
        let cache = store.cache
        try cache.beginSnapshot()
        try cache.apply(
            FeedPage(
                statuses: [status(1, by: fixture.me, text: "a"), status(2, by: fixture.me, text: "b")], destroyed: [],
                state: "s1", isLast: true))
        #expect(try cache.cursor() == FeedCursor(state: "s1", isSnapshot: false))
        try cache.beginSnapshot()
        #expect(try cache.cursor().state == nil)
        try cache.apply(
            FeedPage(statuses: [status(2, by: fixture.me, text: "b")], destroyed: [], state: "t1", isLast: false))
        #expect(try home() == ["2", "1"])
        #expect(try fixture.open().cache.cursor() == FeedCursor(state: "t1", isSnapshot: true))
        try cache.apply(
            FeedPage(statuses: [status(3, by: fixture.me, text: "c")], destroyed: [], state: "t2", isLast: true))
        #expect(try home() == ["3", "2"])
        #expect(try search("a").isEmpty)
        try cache.apply(FeedPage(statuses: [], destroyed: ["2"], state: "t3", isLast: true))
        #expect(try home() == ["3"])
    }

    @Test func othersPicturesAreBoundedAndTheArtistsOwnStay() throws {
        let store = try fixture.open(mediaLimit: 1_000)
        let files = store.cache.media
        let png = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) + Data(count: 292)
        func media(_ id: Int) -> MediaAttachment { MediaAttachment(id: "\(id)", url: "http://h/\(id)") }
        try files.store(png, of: media(0), .original, own: true)
        for id in 1...6 {
            fixture.clock.advance(by: 1)
            try files.store(png, of: media(id), .original, own: false)
        }
        #expect(files.file(of: media(0), .original) != nil)
        #expect(files.file(of: media(1), .original) == nil)
        #expect(files.file(of: media(6), .original) != nil)
        #expect(throws: UserError.self) {
            try files.store(Data("<html>".utf8), of: media(7), .original, own: false)
        }
        // What is bookmarked stays as well, however old.
        let kept = status(9, by: zoe, text: "kept") { $0.bookmarked = true }
        try store.cache.put([kept])
        try files.store(png, of: kept.media[0], .preview, own: false)
        for id in 10...16 {
            fixture.clock.advance(by: 1)
            try files.store(png, of: media(id), .original, own: false)
        }
        #expect(files.file(of: kept.media[0], .preview) != nil)
        #expect(files.file(of: media(10), .original) == nil)
    }
}
