import Foundation

/// The changes feed of the sync extension: everything that a viewer may see, in the order in which it changed.
struct ChangeService: Sendable {
    static let cannotCalculate = APIError(.conflict, "cannot_calculate_changes", "Start again without a state.")

    let community: Community

    func changes(since state: String?, limit: Int, viewer: RecordID) async throws -> ChangesAnswer {
        let base = community.base
        return try await community.database.read { db in
            let epoch = try db.epoch()
            var sequence: Int64 = 0
            if let state {
                guard let known = State(state), known.epoch == epoch, known.sequence <= (try db.sequence()),
                    known.sequence >= (try db.oldestSequence())
                else { throw Self.cannotCalculate }
                sequence = known.sequence
            }
            let page = try db.changes(after: sequence, viewer: viewer, limit: limit)
            let presenter = Presenter(base: base, db: db, viewer: viewer)
            return ChangesAnswer(
                created: try presenter.statuses(db.statuses(page.created, viewer: viewer)),
                updated: try presenter.statuses(db.statuses(page.updated, viewer: viewer)),
                destroyed: page.destroyed.map(String.init),
                state: State(epoch: epoch, sequence: page.sequence).text, hasMore: page.hasMore)
        }
    }

    /// Where a client stands: which database, and how far in its sequence.
    private struct State {
        var epoch: String
        var sequence: Int64

        init(epoch: String, sequence: Int64) {
            self.epoch = epoch
            self.sequence = sequence
        }

        init?(_ text: String) {
            let parts = text.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let sequence = Int64(parts[1]), sequence >= 0 else { return nil }
            epoch = String(parts[0])
            self.sequence = sequence
        }

        var text: String { "\(epoch).\(sequence)" }
    }
}
