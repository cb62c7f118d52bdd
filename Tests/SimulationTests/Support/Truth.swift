import API
import Core
import Foundation
import Sync

/// Something that must never happen.
struct Violation: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

extension SimulatedWorld {
    /// A person's status as the server tells it.
    func statuses(of person: SimulatedPerson, above id: String) throws -> [Status] {
        var address = URLComponents(url: SimulatedServer.address, resolvingAgainstBaseURL: false)!
        address.path = "/api/v1/accounts/\(person.account.id)/statuses"
        address.queryItems = [.init(name: "limit", value: "40"), .init(name: "min_id", value: id)]
        let response = try server.handle(
            HTTPRequest(url: address.url!, bearerToken: person.token), asItself: true)
        guard response.status == 200 else { throw Violation("the server answers \(response.status)") }
        return try Wire.decodeArray(of: StatusEntity.self, from: response.body).map(\.status)
    }

    /// Everything that a person may see, by the server's own feed.
    func everything(for person: SimulatedPerson) throws -> [String: Status] {
        let client = MastodonClient(
            server: SimulatedServer.address, token: person.token, http: DirectLine(server: server), clock: clock)
        var found: [String: Status] = [:]
        var state: String?
        while true {
            guard let page = try client.changes(since: state, limit: 500) else {
                throw Violation("the feed cannot go on from its own state")
            }
            for entity in page.created + page.updated { found[entity.status.id] = entity.status }
            for id in page.destroyed { found[id] = nil }
            state = page.state
            if !page.hasMore { return found }
        }
    }

    /// The bytes of a picture on the server.
    func bytes(of media: MediaAttachment) throws -> Data {
        guard let url = URL(string: media.url) else { throw Violation("\(media.url) is no address") }
        return try server.handle(HTTPRequest(url: url), asItself: true).body
    }
}

/// Straight to the server, as no simulated client goes.
private final class DirectLine: HTTPClient, @unchecked Sendable {
    private let server: SimulatedServer

    init(server: SimulatedServer) { self.server = server }

    func send(
        _ request: HTTPRequest, progress: (@Sendable (_ sent: Int64, _ total: Int64) -> Bool)?
    ) throws -> HTTPResponse { try server.handle(request, asItself: true) }
}

/// What of a status two machines must agree on.
struct StatusView: Hashable, CustomStringConvertible {
    var text: String
    var alt: String
    var sensitive: Bool
    var favourited: Bool
    var bookmarked: Bool
    var revision: Int?

    init(_ status: Status) {
        text = status.text
        alt = status.media.first?.description ?? ""
        sensitive = status.sensitive
        favourited = status.favourited
        bookmarked = status.bookmarked
        revision = status.provenance?.revision
    }

    var description: String {
        "“\(text.replacing("\n", with: "⏎"))” alt “\(alt)” r\(revision ?? 0)"
            + (favourited ? " ♥" : "") + (bookmarked ? " ⚑" : "")
    }
}
