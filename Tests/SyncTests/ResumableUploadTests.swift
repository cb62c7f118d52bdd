import Core
import Foundation
import Store
import Sync
import Testing

@Suite struct ResumableUploadTests {
    private static let mebibyte = 1 << 20

    /// A studio whose pictures have 30 MiB.
    private func studio() throws -> Studio {
        let studio = try Studio()
        studio.protection.size.withLock { $0 = 30 * Self.mebibyte }
        return studio
    }

    /// What each request for a piece promised, in MiB.
    private func pieces(_ studio: Studio) -> [Int] {
        studio.server.requests.compactMap { request in
            guard request.method == "PATCH", case .file(_, _, let length) = request.body else { return nil }
            return Int(length) / Self.mebibyte
        }
    }

    @Test func piecesGrowWhileAllGoesWell() throws {
        let studio = try studio()
        try studio.enqueue()
        try studio.settle()
        #expect(pieces(studio) == [4, 8, 16, 2])
        #expect(studio.server.posts.count == 1)
    }

    @Test func afterABreakTheyAreSmallAgain() throws {
        let studio = try studio()
        let item = try studio.enqueue()
        // The first piece arrives, and its answer is lost.
        studio.server.fail("PATCH", "/uploads/101", .lostAnswer)
        try studio.settle()
        #expect(pieces(studio) == [4, 4, 8, 14])
        let sent = studio.server.state.withLock { $0.media["101"].map { Digest.sha256($0.bytes) } }
        #expect(try sent != nil && sent == studio.store.receipt(item.id)?.protectedSHA256)
    }

    @Test func aProxysLimitOnOneRequestIsNoneOnThePicture() throws {
        let studio = try studio()
        try studio.enqueue()
        studio.server.state.withLock { $0.bodyLimit = 10 * Self.mebibyte }
        try studio.settle()
        #expect(pieces(studio) == [4, 8, 16, 4, 4, 4, 4, 2])
        #expect(studio.server.posts.count == 1)
    }

    @Test func whereNotEvenASmallPieceIsTakenTheArtistIsAsked() throws {
        let studio = try studio()
        let item = try studio.enqueue()
        studio.server.state.withLock { $0.bodyLimit = Self.mebibyte }
        try studio.settle()
        #expect(try studio.store.item(item.id)?.state == .needsAttention)
        #expect(studio.server.posts.isEmpty)
    }
}
