import API
import Core
import Foundation

/// A page of a list, with where the next older and the next newer one are.
public struct Page<Element: Sendable>: Sendable {
    public var elements: [Element]
    /// For the page below (`max_id` of the `Link` header's `next`).
    public var older: String?
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

    /// A timeline of statuses: `home`, or `public` of this server only.
    public func timeline(
        _ timeline: Timeline, minID: String? = nil, maxID: String? = nil, limit: Int = 40
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
        if let minID { query.append(("min_id", minID)) }
        if let maxID { query.append(("max_id", maxID)) }
        let response = try exchange(try request("GET", path, query: query))
        let statuses = try array(of: StatusEntity.self, response).map(\.status)
        return Page(elements: statuses, older: LinkHeader.parameter("max_id", of: "next", in: response))
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
        try value(StatusEntity.self, request("GET", "/api/v1/statuses/\(Self.escape(id))")).status
    }

    /// What the server finds; the local index answers without it.
    public func search(_ text: String, limit: Int = 20) throws -> [Status] {
        let query = [("q", text), ("type", "statuses"), ("limit", String(limit))]
        return try value(SearchEntity.self, request("GET", "/api/v2/search", query: query)).statuses.map(\.status)
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
