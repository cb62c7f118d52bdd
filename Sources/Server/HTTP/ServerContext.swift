import Core
import Hummingbird

/// What is known about a request while it is handled.
package struct ServerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The address of the peer, without port; empty in memory.
    var peer: String
    /// Who is calling; nil without a token.
    var session: Session?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? ""
    }
}

/// A request with a valid token.
struct Session: Sendable {
    var token: TokenRecord
    /// Nil for a token that belongs to an app alone.
    var account: AccountRecord?
}

/// A request on its way through a handler, with everything that handlers ask for.
struct Call: Sendable {
    var request: Request
    var context: ServerContext
    /// Query and body.
    var form: Form
    var community: Community

    var viewer: RecordID? { context.session?.account?.id }

    /// The account that is calling, with a token that may do this.
    func account(_ scope: String) throws -> AccountRecord {
        guard let session = context.session, let account = session.account else { throw APIError.loginRequired }
        guard session.token.scopes.allow(scope) else { throw APIError.scope(scope) }
        return account
    }

    /// For what anybody may read: a token, where there is one, must still have the scope.
    func viewer(_ scope: String) throws -> RecordID? {
        if let session = context.session, !session.token.scopes.allow(scope) { throw APIError.scope(scope) }
        return viewer
    }

    /// The id in the path.
    func id(_ name: String = "id") throws -> RecordID {
        guard let id = context.parameters.get(name).flatMap({ RecordID($0) }) else { throw APIError.notFound }
        return id
    }

    /// The slice that the query asks for; limits are clamped, as Mastodon does.
    func page(standard: Int = 20, maximum: Int = 40) throws -> Page {
        Page(
            maxID: try form.id("max_id"), sinceID: try form.id("since_id"), minID: try form.id("min_id"),
            limit: min(max(try form.int("limit") ?? standard, 1), maximum),
            offset: min(max(try form.int("offset") ?? 0, 0), 10_000))
    }
}
