import Core
import Foundation
import Store

/// The artist's own pieces by the payload of their mark, over all accounts of this machine.
struct OwnMarks {
    /// What is known of a piece; what a piece in the queue does not have yet is nil.
    struct Publication: Encodable {
        var clientID: ClientID
        var title: String
        /// `published`, or where it stands in the queue.
        var state: OutboxState
        var publishedAt: Date?
        var server: String
        var account: String
        var statusID: String?
        var statusURL: String?
        /// Size of the protected picture, in pixels, where its report is still there.
        var width: Int?
        var height: Int?
    }

    private let publications: [MarkID: Publication]

    /// Accounts whose store cannot be read are left out.
    init(_ workshop: Workshop) {
        var found: [MarkID: Publication] = [:]
        for account in (try? workshop.store.registry.accounts()) ?? [] {
            let store = LocalStore(workshop.directories, account: account)
            let items = (try? store.items(includingDone: true)) ?? []
            for item in items {
                found[item.markID] = Publication(
                    clientID: item.id, title: item.draft.title, state: item.state,
                    server: account.server.absoluteString,
                    account: account.account.acct, statusID: item.statusID, width: item.report?.width,
                    height: item.report?.height)
            }
            for receipt in (try? store.receipts()) ?? [] {
                guard let payload = receipt.payload else { continue }
                var piece =
                    found[payload]
                    ?? Publication(
                        clientID: receipt.clientID, title: "", state: .published, server: receipt.server,
                        account: account.account.acct)
                piece.publishedAt = receipt.publishedAt
                piece.server = receipt.server
                piece.statusID = receipt.statusID
                piece.statusURL = receipt.statusURL
                if piece.title.isEmpty { piece.title = (try? store.entry(receipt.statusID))?.status.title ?? "" }
                found[payload] = piece
            }
        }
        publications = found
    }

    subscript(payload: MarkID) -> Publication? { publications[payload] }
}
