import API
import Core
import Foundation

/// A page of a list, newest first, with where the next older one is.
public struct Page<Element: Sendable>: Sendable {
    public var elements: [Element]
    /// The ids by which the server orders the list; a boost has one of its own.
    public var ids: [String]
    /// For the page below (`max_id` of the `Link` header's `next`).
    public var older: String?
}

/// Ids grow in length, then in order: numbers on Mastodon, ULIDs on GoToSocial.
enum StatusID {
    static func older(_ one: String, _ other: String) -> Bool { (one.utf8.count, one) < (other.utf8.count, other) }
}

extension MastodonClient {
    public func verifyCredentials() throws -> Account {
        try value(AccountEntity.self, request("GET", "/api/v1/accounts/verify_credentials")).account
    }

    /// One page of the changes feed; nil when the server cannot tell what changed since that state.
    public func changes(since state: String?, limit: Int) throws -> ChangesEntity? {
        let query = [("since", state), ("limit", String(limit))].compactMap { name, value in value.map { (name, $0) } }
        let request = try request("GET", "/api/v1/fixative/changes", query: query)
        let response = try exchange(request, expecting: state == nil ? [] : [409])
        return response.status == 409 ? nil : try decode(ChangesEntity.self, response)
    }

    /// A page of a list of statuses. A boost is shown as what it boosts.
    ///
    /// - Parameter onlyMedia: leaves out what has no picture, where the server can do that.
    public func timeline(
        _ timeline: Timeline, minID: String? = nil, maxID: String? = nil, limit: Int = 40, onlyMedia: Bool = false
    ) throws -> Page<Status> {
        var query = [("limit", String(limit))]
        let path: String
        switch timeline {
        case .home: path = "/api/v1/timelines/home"
        case .local:
            path = "/api/v1/timelines/public"
            query.append(("local", "true"))
        case .tag(let name): path = "/api/v1/timelines/tag/\(Self.escape(name))"
        case .account(let id): path = "/api/v1/accounts/\(Self.escape(id))/statuses"
        case .bookmarks: path = "/api/v1/bookmarks"
        case .favourites: path = "/api/v1/favourites"
        }
        if onlyMedia { query.append(("only_media", "true")) }
        if let minID { query.append(("min_id", minID)) }
        if let maxID { query.append(("max_id", maxID)) }
        let response = try exchange(try request("GET", path, query: query))
        let found = try array(of: TimelineEntity.self, response)
        return Page(
            elements: found.map(\.shown.status), ids: found.map(\.entity.id),
            older: LinkHeader.parameter("max_id", of: "next", in: response))
    }

    /// The account's own statuses above an id, newest first, boosts left out. Reads downwards from the newest, because
    /// not every server knows `min_id` here.
    ///
    /// - Throws: `ServerFault.unknownOutcome` when the end is not reached: then nothing may be concluded.
    func ownStatuses(_ accountID: String, above baseline: String, maximumPages: Int = 250) throws -> [Status] {
        var found: [Status] = []
        var below: String?
        for _ in 0..<maximumPages {
            let path = "/api/v1/accounts/\(Self.escape(accountID))/statuses"
            let query = [("limit", "40")] + (below.map { [("max_id", $0)] } ?? [])
            let page = try array(of: TimelineEntity.self, exchange(try request("GET", path, query: query)))
            let above = page.filter { StatusID.older(baseline, $0.entity.id) }
            found += above.filter { $0.reblog == nil }.map(\.entity.status)
            guard let last = page.map(\.entity.id).min(by: StatusID.older), above.count == page.count, last != below
            else { return found }
            below = last
        }
        throw ServerFault.unknownOutcome("\(host) lists more statuses than can be looked through.", retryAt: nil)
    }

    /// The newest of the account's statuses, boosts included; empty when there is none.
    func newestOwnID(_ accountID: String) throws -> String {
        let path = "/api/v1/accounts/\(Self.escape(accountID))/statuses"
        let page = try array(
            of: TimelineEntity.self, exchange(try request("GET", path, query: [("limit", "40")])))
        return page.map(\.entity.id).max(by: StatusID.older) ?? ""
    }

    /// Ids of the accounts that an account follows.
    public func following(_ accountID: String, limit: Int = 80, maximumPages: Int = 100) throws -> Set<String> {
        var ids: Set<String> = []
        var below: String?
        for _ in 0..<maximumPages {
            let query = [("limit", String(limit))] + (below.map { [("max_id", $0)] } ?? [])
            let path = "/api/v1/accounts/\(Self.escape(accountID))/following"
            let response = try exchange(try request("GET", path, query: query))
            let found = try array(of: AccountEntity.self, response).map(\.id)
            let before = ids.count
            ids.formUnion(found)
            guard let next = LinkHeader.parameter("max_id", of: "next", in: response), ids.count > before else {
                return ids
            }
            below = next
        }
        return ids
    }

    public func status(_ id: String) throws -> Status {
        try status(id, request("GET", "/api/v1/statuses/\(Self.escape(id))"))
    }

    /// The status, or nil when it is not there (any more) for us.
    func statusIfPresent(_ id: String) throws -> Status? {
        let response = try exchange(try request("GET", "/api/v1/statuses/\(Self.escape(id))"), expecting: [404, 410])
        guard response.status < 400 else { return nil }
        let found = try decode(StatusEntity.self, response).status
        guard found.id == id else {
            throw ServerFault.unknownOutcome("\(host) answered for another piece.", retryAt: nil)
        }
        return found
    }

    /// Those of the statuses that are there; nil when the server cannot be asked for several.
    func statuses(_ ids: [String]) throws -> [Status]? {
        let response = try exchange(
            try request("GET", "/api/v1/statuses", query: ids.map { ("id%5B%5D", $0) }), expecting: [400, 404, 405])
        return response.status >= 400 ? nil : try array(of: StatusEntity.self, response).map(\.status)
    }
}

/// The `Link` header (RFC 8288), as far as paging needs it.
enum LinkHeader {
    /// A query parameter of the link with that relation.
    static func parameter(_ name: String, of relation: String, in response: HTTPResponse) -> String? {
        guard let header = response.header("Link") else { return nil }
        for link in header.components(separatedBy: ",") {
            guard
                link.contains("rel=\"\(relation)\""), let start = link.firstIndex(of: "<"),
                let end = link.firstIndex(of: ">"), start < end
            else { continue }
            let address = String(link[link.index(after: start)..<end])
            return URLComponents(string: address)?.queryItems?.first { $0.name == name }?.value
        }
        return nil
    }
}
