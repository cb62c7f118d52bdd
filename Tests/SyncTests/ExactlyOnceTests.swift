import Core
import Foundation
import Store
import Sync
import Testing

/// Every fault at every step of a publication, once and twice in a row, on servers with and without the extension:
/// exactly one status, nothing lost, no byte of the original on the wire.
@Suite struct ExactlyOnceTests {
    struct Case: CustomTestStringConvertible {
        var method: String
        var path: String
        var kind: FakeServer.Fault.Kind
        var times: Int
        var hasExtension: Bool

        var testDescription: String {
            "\(kind) ×\(times) at \(method) \(path), \(hasExtension ? "extension" : "plain")"
        }
    }

    static let steps = [
        ("GET", "/api/v2/instance"), ("POST", "/api/v2/media"), ("POST", "/api/v1/statuses"),
        ("GET", "/api/v1/fixative/changes"),
    ]
    static let cases: [Case] = steps.flatMap { method, path in
        FakeServer.Fault.Kind.allCases.filter { $0 != .unauthorized }.flatMap { kind in
            [1, 2].flatMap { times in
                [true, false].map { hasExtension in
                    Case(method: method, path: path, kind: kind, times: times, hasExtension: hasExtension)
                }
            }
        }
    }

    @Test(arguments: cases)
    func oneFault(_ fault: Case) throws {
        let studio = try Studio(hasExtension: fault.hasExtension)
        let item = try studio.enqueue()
        studio.server.fail(fault.method, fault.path, fault.kind, times: fault.times)
        try studio.settle()
        try Self.expectOne(studio, item)
    }

    /// The publication fails in one way, and the question about it in another.
    @Test(arguments: FakeServer.Fault.Kind.allCases.filter { $0 != .unauthorized })
    func theQuestionFailsToo(_ kind: FakeServer.Fault.Kind) throws {
        for first in [FakeServer.Fault.Kind.lostAnswer, .late, .crashAfter, .html] {
            for hasExtension in [true, false] {
                let studio = try Studio(hasExtension: hasExtension)
                let item = try studio.enqueue()
                studio.server.fail("POST", "/api/v1/statuses", first)
                let question = hasExtension ? item.id.description : "/api/v1/accounts/1/statuses"
                studio.server.fail("GET", question, kind)
                try studio.settle()
                try Self.expectOne(studio, item)
            }
        }
    }

    @Test func sixPiecesThroughABadNetworkArriveOnceEach() throws {
        let studio = try Studio()
        for index in 1...6 { try studio.enqueue("Piece \(index)") }
        for kind in [FakeServer.Fault.Kind.crashAfter, .lostAnswer, .twice, .late, .crashBefore, .serverErrorAfter] {
            studio.server.fail("POST", "/api/v1/statuses", kind)
            studio.server.fail("POST", "/api/v2/media", kind)
        }
        try studio.settle(rounds: 30)
        #expect(studio.server.posts.count == 6)
        #expect(Set(studio.server.posts.compactMap { $0.entity.fixative?.markID }).count == 6)
        #expect(try studio.store.receipts().count == 6)
    }

    private static func expectOne(_ studio: Studio, _ item: OutboxItem) throws {
        let posts = studio.server.posts
        #expect(posts.count == 1)
        let post = try #require(posts.first)
        let found = try #require(try studio.store.item(item.id))
        #expect(found.state == .published, "\(found.state) \(found.attention?.message ?? "")")
        #expect(found.statusID == post.entity.id)
        let media = try #require(studio.server.state.withLock { $0.media[post.mediaIDs[0]] })
        #expect(BlobID(of: media.bytes) == found.blob)
        #expect(media.description == "alt Rain")
        let receipt = try #require(try studio.store.receipt(item.id))
        #expect(ReceiptSigner.verify(receipt) && receipt.statusID == post.entity.id)
        #expect(try studio.store.timeline(.home, limit: 10, before: nil).map(\.id) == [post.entity.id])
        #expect(studio.server.wire.range(of: Data(Studio.canary.utf8)) == nil)
    }
}
