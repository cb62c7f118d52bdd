import Core
import Synchronization

/// Remembers what was made of the text of rows: a screen asks for the same statuses again after every change and
/// whenever somebody comes back to it, and reading JSON is most of what a page costs.
///
/// Nothing has to be told about changes: a value counts only for the very text that it was made of.
final class StatusMemo: Sendable {
    private struct Known {
        var body: String
        var account: String?
        var status: Status
    }

    private struct State {
        var statuses: [Int64: Known] = [:]
        var accounts: [String: Account] = [:]
    }

    /// A few kilobytes each.
    private static let maximumStatuses = 1_000
    private static let maximumAccounts = 500

    private let state = Mutex(State())

    /// - Parameters:
    ///   - body: the status as JSON text.
    ///   - account: its account as JSON text, where that is known better than the body has it.
    /// - Throws: `DecodingError` when a text is not what it should be.
    func status(_ row: Int64, body: String, account: String?) throws -> Status {
        try state.withLock { state in
            if let known = state.statuses[row], known.body == body, known.account == account { return known.status }
            var status = try StoreJSON.value(Status.self, body)
            if let account {
                if let known = state.accounts[account] {
                    status.account = known
                } else {
                    status.account = try StoreJSON.value(Account.self, account)
                    if state.accounts.count >= Self.maximumAccounts { state.accounts = [:] }
                    state.accounts[account] = status.account
                }
            }
            if state.statuses.count >= Self.maximumStatuses { state.statuses = [:] }
            state.statuses[row] = Known(body: body, account: account, status: status)
            return status
        }
    }
}
