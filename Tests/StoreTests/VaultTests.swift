import Core
import Foundation
import GRDB
import Store
import Testing

@Suite struct VaultTests {
    private let fixture: Fixture
    private let store: AccountStore
    private var vault: Vault { store.vault }

    init() throws {
        fixture = try Fixture()
        store = try fixture.open()
    }

    @Test func enqueueingTakesACopyThatOutlivesTheFile() throws {
        let file = try fixture.original("the bytes")
        let item = try vault.enqueue(file: file, draft: Draft(title: "Rain"))
        try FileManager.default.removeItem(at: file)
        let again = try fixture.open().vault
        let found = try #require(try again.item(item.id))
        #expect(found.state == .protecting)
        #expect(found.fileName == "rain.png")
        #expect(found.originalSHA256 == Digest.sha256(Data("the bytes".utf8)))
        let lease = try again.startWorker()
        let work = try #require(try again.claimNext(lease))
        #expect(try again.withOriginal(work.claim) { $0 } == Data("the bytes".utf8))
    }

    @Test func theMarkAndTheIdStayTheSame() throws {
        let item = try vault.enqueue(file: fixture.original(), draft: Draft())
        let edited = try vault.edit(item.id, Draft(title: "New", recipe: "strong"))
        #expect(edited.id == item.id && edited.markID == item.markID)
    }

    @Test func whatIsNotAFileIsRefused() throws {
        #expect(throws: UserError.self) { try vault.enqueue(file: fixture.root, draft: Draft()) }
        #expect(throws: UserError.self) {
            try vault.enqueue(file: fixture.root.appendingPathComponent("missing.png"), draft: Draft())
        }
        #expect(try vault.items(includingDone: true).isEmpty)
    }

    @Test func aPieceGoesTheWholeWayAndGetsItsReceipt() throws {
        let item = try vault.enqueue(file: fixture.original(), draft: Draft(title: "Rain"))
        let lease = try vault.startWorker()
        var work = try #require(try vault.claimNext(lease))
        work = try vault.storeBlob(protectedImage("protected", mark: item.markID), for: work.claim)
        work = try vault.advance(work.claim, to: .uploading)
        let blob = try vault.openBlob(work.item)
        #expect(blob.id == BlobID(of: Data("protected".utf8)))
        work = try vault.advance(work.claim, to: .uploaded) { $0.facts.mediaID = "77" }
        work = try vault.advance(work.claim, to: .publishing) { $0.facts.outcomeUnknown = true }
        let receipt = try vault.publish(
            work.claim, statusID: "9", statusURL: "http://127.0.0.1/9", server: URL(string: "http://127.0.0.1")!)
        #expect(try vault.receipt(item.id) == receipt)
        #expect(ReceiptSigner.verify(receipt))
        #expect(receipt.payload == item.markID)
        #expect(receipt.protectedSHA256 == Digest.sha256(Data("protected".utf8)))
        var forged = receipt
        forged.statusID = "10"
        #expect(!ReceiptSigner.verify(forged))
        let exported = try ReceiptSigner.export(receipt)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        #expect(ReceiptSigner.verify(try decoder.decode(Receipt.self, from: exported)))
        #expect(try vault.item(item.id)?.state == .published)
        #expect(try vault.items(includingDone: false).isEmpty)
        #expect(try vault.claimNext(lease) == nil)
    }

    @Test func everyStepThatTheOutboxDoesNotHaveIsRefused() throws {
        let lease = try vault.startWorker()
        var seen: Set<ClientID> = []
        for from in OutboxState.allCases {
            let item = try vault.enqueue(file: fixture.original(), draft: Draft())
            let work = try #require(try vault.claimNext(lease, except: seen))
            #expect(work.item.id == item.id)
            seen.insert(item.id)
            try force(item.id, into: from)
            for to in OutboxState.allCases where !from.successors.contains(to) {
                #expect(throws: StoreFault.illegalTransition(from: from, to: to)) {
                    try vault.advance(work.claim, to: to)
                }
                #expect(try vault.item(item.id)?.state == from)
            }
        }
    }

    @Test func nobodyTakesAnItemThatIsHeld() throws {
        _ = try vault.enqueue(file: fixture.original(), draft: Draft())
        let first = try vault.startWorker()
        let other = try fixture.open().vault
        let second = try other.startWorker()
        let work = try vault.claimNext(first)
        #expect(work != nil)
        #expect(try other.reclaim() == 0)
        #expect(try other.claimNext(second) == nil)
    }

    @Test func aDeadWorkersItemIsTakenOverAndItsClaimIsVoid() throws {
        let item = try vault.enqueue(file: fixture.original(), draft: Draft())
        let old = try claimByAWorkerThatDies()
        let other = try fixture.open().vault
        #expect(try other.reclaim() == 1)
        let lease = try other.startWorker()
        let work = try #require(try other.claimNext(lease))
        #expect(work.item.id == item.id)
        #expect(throws: StoreFault.staleClaim(item.id)) { try vault.advance(old.claim, to: .needsAttention) }
        #expect(throws: StoreFault.staleClaim(item.id)) {
            try vault.storeBlob(protectedImage("late"), for: old.claim)
        }
        #expect(throws: StoreFault.staleClaim(item.id)) { try vault.withOriginal(old.claim) { $0 } }
        #expect(try other.item(item.id)?.state == .protecting)
    }

    @Test func anEditedRecipeProtectsAgainAndVoidsTheWorker() throws {
        let item = try vault.enqueue(file: fixture.original(), draft: Draft(recipe: "subtle"))
        let lease = try vault.startWorker()
        var work = try #require(try vault.claimNext(lease))
        work = try vault.storeBlob(protectedImage("a"), for: work.claim)
        let edited = try vault.edit(item.id, Draft(recipe: "strong"))
        #expect(edited.state == .protecting && edited.blob == nil)
        #expect(throws: StoreFault.staleClaim(item.id)) { try vault.advance(work.claim, to: .uploading) }
    }

    @Test func anEditedTitleKeepsTheBlob() throws {
        let item = try vault.enqueue(file: fixture.original(), draft: Draft(title: "a"))
        let lease = try vault.startWorker()
        let work = try #require(try vault.claimNext(lease))
        _ = try vault.storeBlob(protectedImage("a"), for: work.claim)
        let edited = try vault.edit(item.id, Draft(title: "b"))
        #expect(edited.state == .protected && edited.blob != nil && edited.draft.title == "b")
    }

    @Test func cancellingBeforePublishingIsAtOnceAndDuringItWaits() throws {
        let lease = try vault.startWorker()
        let early = try vault.enqueue(file: fixture.original(), draft: Draft())
        #expect(try vault.cancel(early.id).state == .cancelled)
        let late = try vault.enqueue(file: fixture.original(), draft: Draft())
        var work = try #require(try vault.claimNext(lease))
        #expect(work.item.id == late.id)
        work = try vault.storeBlob(protectedImage("a"), for: work.claim)
        work = try vault.advance(work.claim, to: .uploading)
        work = try vault.advance(work.claim, to: .uploaded) { $0.facts.mediaID = "1" }
        work = try vault.advance(work.claim, to: .publishing) { $0.facts.outcomeUnknown = true }
        let cancelled = try vault.cancel(late.id)
        #expect(cancelled.state == .publishing && cancelled.cancelRequested)
        #expect(throws: UserError.self) { try vault.edit(late.id, Draft(title: "other")) }
        // It was out already: the cancel becomes a deletion.
        _ = try vault.publish(work.claim, statusID: "5", statusURL: nil, server: fixture.signedIn.server)
        #expect(try vault.queuedOperations().map(\.operation) == [.delete(statusID: "5")])
    }

    @Test func aParkedPieceGoesOnWhereItWas() throws {
        let item = try vault.enqueue(file: fixture.original(), draft: Draft())
        let lease = try vault.startWorker()
        var work = try #require(try vault.claimNext(lease))
        work = try vault.storeBlob(protectedImage("a"), for: work.claim)
        work = try vault.advance(work.claim, to: .needsAttention) {
            $0.attention = AttentionReason(kind: .refused, message: "no")
        }
        #expect(work.item.attention?.kind == .refused)
        #expect(try vault.claimNext(lease) == nil)
        let retried = try vault.retry(item.id)
        #expect(retried.state == .protected && retried.attention == nil)
        #expect(try vault.claimNext(lease) != nil)
    }

    @Test func waitingItemsAreNotTakenBeforeTheirTime() throws {
        _ = try vault.enqueue(file: fixture.original(), draft: Draft())
        let lease = try vault.startWorker()
        let work = try #require(try vault.claimNext(lease))
        try vault.release(work.claim) { $0.nextAttempt = fixture.clock.now().addingTimeInterval(60) }
        #expect(try vault.claimNext(lease) == nil)
        fixture.clock.advance(by: 61)
        #expect(try vault.claimNext(lease) != nil)
    }

    @Test func aDamagedBlobIsNotOpened() throws {
        _ = try vault.enqueue(file: fixture.original(), draft: Draft())
        let lease = try vault.startWorker()
        var work = try #require(try vault.claimNext(lease))
        work = try vault.storeBlob(protectedImage("good"), for: work.claim)
        let name = try #require(work.item.blob).description
        try Data("evil".utf8).write(to: fixture.folder.appendingPathComponent("blobs/\(name)"))
        #expect(throws: StoreFault.damagedFile(name)) { try vault.openBlob(work.item) }
    }

    @Test func operationsThatOverrideEachOtherBecomeOne() throws {
        try vault.perform(.favourite(statusID: "1", true))
        try vault.perform(.favourite(statusID: "1", false))
        try vault.perform(.bookmark(statusID: "1", true))
        #expect(
            try vault.queuedOperations().map(\.operation)
                == [.favourite(statusID: "1", false), .bookmark(statusID: "1", true)])
        try vault.perform(.edit(statusID: "1", Draft(title: "a")), revision: 3)
        try vault.perform(.edit(statusID: "1", Draft(title: "b")), revision: 4)
        #expect(try vault.queuedOperations().last?.revision == 3)
        try vault.perform(.delete(statusID: "1"))
        #expect(try vault.queuedOperations().map(\.operation) == [.delete(statusID: "1")])
    }

    private func claimByAWorkerThatDies() throws -> Work {
        let lease = try vault.startWorker()
        return try withExtendedLifetime(lease) { try #require(try vault.claimNext(lease)) }
    }

    private func force(_ id: ClientID, into state: OutboxState) throws {
        let queue = try DatabaseQueue(path: fixture.folder.appendingPathComponent("vault.db").path)
        try queue.write { db in
            try db.execute(
                sql: "UPDATE items SET state = ? WHERE client_id = ?", arguments: [state.rawValue, id.description])
        }
    }
}
