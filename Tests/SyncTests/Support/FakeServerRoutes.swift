import API
import Core
import Foundation

/// What the server in memory answers.
extension FakeServer {
    static let me = AccountEntity(
        id: "1", username: "mei", acct: "mei", displayName: "Mei Lin", createdAt: Date(timeIntervalSince1970: 0),
        note: "", url: "", avatar: "", followersCount: 0, followingCount: 0, statusesCount: 0)
    static let zoe = AccountEntity(
        id: "2", username: "zoe", acct: "zoe", displayName: "Zoe", createdAt: Date(timeIntervalSince1970: 0),
        note: "", url: "", avatar: "", followersCount: 0, followingCount: 0, statusesCount: 0)

    private struct Body: Decodable {
        var status: String?
        var mediaIds: [String]?
        var clientId: String?
        var markId: String?
        var license: String?
        var inReplyToId: String?
        var refreshToken: String?
        var description: String?
        var grantType: String?
        var username: String?
        var password: String?
    }

    func handle(_ state: inout State, _ request: HTTPRequest) -> HTTPResponse {
        let path = request.url.path
        let parts = path.split(separator: "/").map(String.init)
        var body = Data()
        if case .data(let data) = request.body { body = data }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let fields = try? decoder.decode(Body.self, from: body)
        if path.hasPrefix("/files/") { return HTTPResponse(status: 200, body: Self.picture(path)) }
        if let answer = login(&state, request, fields) { return answer }
        guard state.tokens.contains(request.bearerToken ?? "") else { return Self.error(401, "token") }
        switch (request.method, path) {
        case ("GET", "/api/v1/accounts/verify_credentials"): return Self.json(Self.me)
        case ("GET", "/api/v1/accounts/1/following"): return Self.json(state.follows)
        case ("GET", "/api/v1/fixative/changes"): return changes(state, request)
        case ("POST", "/api/v2/media"): return upload(&state, request)
        case ("POST", "/api/v1/statuses"): return publish(&state, request, body, fields)
        case ("GET", "/api/v1/accounts/1/statuses"), ("GET", "/api/v1/timelines/home"),
            ("GET", "/api/v1/timelines/public"):
            return timeline(state, request)
        default: break
        }
        if path.hasPrefix("/api/v1/fixative/uploads"), state.hasExtension { return resumable(&state, request, parts) }
        if parts.count == 4, parts[2] == "media" {
            if request.method == "PUT", let text = fields?.description {
                state.media[parts[3]]?.description = text
            }
            guard let media = state.media[parts[3]], !media.attached else { return Self.error(404, "media") }
            return Self.json(Self.entity(parts[3], media))
        }
        if parts.count == 6, parts[4] == "by_client_id", state.hasExtension {
            guard let post = state.posts.first(where: { $0.entity.fixative?.clientID == parts[5] }) else {
                return Self.error(404, "none")
            }
            return post.isDeleted ? Self.error(410, "deleted") : Self.json(post.entity)
        }
        if parts.count >= 4, parts[2] == "statuses" { return change(&state, request, parts, fields) }
        return Self.error(404, "no such route \(path)")
    }

    private func login(_ state: inout State, _ request: HTTPRequest, _ fields: Body?) -> HTTPResponse? {
        switch (request.method, request.url.path) {
        case ("GET", "/api/v2/instance"):
            guard state.hasExtension else { return Self.error(404, "no v2") }
            return Self.json(
                InstanceEntity(
                    domain: "test", title: "", version: "", description: "", configuration: nil,
                    apiVersions: ["mastodon": 4, "fixative-sync": 1]))
        case ("POST", "/api/v1/apps"):
            return Self.json(
                ApplicationEntity(
                    id: "1", name: "fixative", website: nil, redirectURI: "", clientID: "app", clientSecret: "s",
                    scopes: []))
        case ("POST", "/oauth/token"):
            switch fields?.grantType {
            case "client_credentials": return token(&state, "app-token")
            case "password":
                guard let name = fields?.username, let word = fields?.password, state.users[name] == word else {
                    return Self.error(400, "invalid_grant")
                }
                return token(&state, "token-\(state.nextID)")
            case "refresh_token":
                guard fields?.refreshToken == "good" else { return Self.error(400, "invalid_grant") }
                state.tokens.insert("fresh")
                var answer = TokenEntity(accessToken: "fresh", scope: "read write follow", createdAt: 0)
                answer.refreshToken = "next"
                return Self.json(answer)
            case "authorization_code": return token(&state, "code-token")
            default: return Self.error(400, "grant")
            }
        case ("POST", "/api/v1/accounts"):
            guard request.bearerToken == "app-token", let name = fields?.username, let word = fields?.password else {
                return Self.error(401, "token")
            }
            guard state.users[name] == nil else { return Self.error(422, "taken") }
            state.users[name] = word
            return token(&state, "registered-\(name)")
        default: return nil
        }
    }

    private func token(_ state: inout State, _ text: String) -> HTTPResponse {
        state.nextID += 1
        state.tokens.insert(text)
        return Self.json(TokenEntity(accessToken: text, scope: "read write follow", createdAt: 0))
    }

    private func upload(_ state: inout State, _ request: HTTPRequest) -> HTTPResponse {
        guard case .multipart(let parts) = request.body,
            let file = parts.first(where: { $0.name == "file" }),
            let bytes = try? Self.content(file)
        else { return Self.error(422, "no file") }
        let text = parts.first { $0.name == "description" }.flatMap { try? Self.content($0) } ?? Data()
        state.nextID += 1
        let id = String(state.nextID)
        let media = Upload(bytes: bytes, description: String(decoding: text, as: UTF8.self))
        state.media[id] = media
        return Self.json(Self.entity(id, media))
    }

    private func publish(
        _ state: inout State, _ request: HTTPRequest, _ body: Data, _ fields: Body?
    ) -> HTTPResponse {
        guard let fields, let ids = fields.mediaIds else { return Self.error(422, "body") }
        if state.hasExtension, let client = fields.clientId,
            let known = state.posts.first(where: { $0.entity.fixative?.clientID == client })
        {
            if known.isDeleted { return Self.error(410, "deleted") }
            return known.payload == body ? Self.json(known.entity) : Self.error(422, "other payload")
        }
        guard ids.allSatisfy({ state.media[$0]?.attached == false }) else { return Self.error(422, "media") }
        for id in ids { state.media[id]?.attached = true }
        let attachments = ids.map { Self.entity($0, state.media[$0]!) }
        let provenance =
            state.hasExtension
            ? StatusEntity.Extension(
                clientID: fields.clientId, markID: fields.markId, license: fields.license, recipe: nil, revision: 1)
            : nil
        let post = add(&state, by: Self.me, fields.status ?? "", media: attachments, provenance: provenance)
        state.posts[post].payload = body
        state.posts[post].mediaIDs = ids
        state.posts[post].entity.inReplyToID = fields.inReplyToId
        return Self.json(state.posts[post].entity)
    }

    /// Somebody posts; returns the place in `posts`.
    @discardableResult
    func add(
        _ state: inout State, by author: AccountEntity, _ text: String, media: [MediaEntity] = [],
        provenance: StatusEntity.Extension? = nil
    ) -> Int {
        state.nextID += 1
        state.change += 1
        let entity = StatusEntity(
            id: String(state.nextID), uri: "", url: "http://127.0.0.1:3000/@x/\(state.nextID)",
            createdAt: clock.now().addingTimeInterval(Double(state.nextID) / 1000), editedAt: nil, account: author,
            content: "<p>\(HTMLText.escape(text))</p>", visibility: "public", sensitive: false, spoilerText: "",
            language: nil, inReplyToID: nil, inReplyToAccountID: nil, mediaAttachments: media, tags: [],
            repliesCount: 0, reblogsCount: 0, favouritesCount: 0, favourited: false, reblogged: false,
            bookmarked: false, fixative: provenance)
        state.posts.append(Post(entity: entity, payload: Data(), mediaIDs: [], changed: state.change))
        return state.posts.count - 1
    }

    private func change(
        _ state: inout State, _ request: HTTPRequest, _ parts: [String], _ fields: Body?
    ) -> HTTPResponse {
        guard let index = state.posts.firstIndex(where: { $0.entity.id == parts[3] && !$0.isDeleted }) else {
            return Self.error(404, "status")
        }
        guard request.method != "GET" else { return Self.json(state.posts[index].entity) }
        state.change += 1
        switch (request.method, parts.count > 4 ? parts[4] : "") {
        case ("POST", "favourite"): state.posts[index].entity.favourited = true
        case ("POST", "unfavourite"): state.posts[index].entity.favourited = false
        case ("POST", "bookmark"): state.posts[index].entity.bookmarked = true
        case ("POST", "unbookmark"): state.posts[index].entity.bookmarked = false
        case ("DELETE", ""): state.posts[index].isDeleted = true
        case ("PUT", ""):
            let revision = state.posts[index].entity.fixative?.revision ?? 0
            if let condition = request.headers.first(where: { $0.name == "If-Match" })?.value,
                condition != "\"\(revision)\""
            {
                return Self.error(412, "changed")
            }
            state.posts[index].entity.content = "<p>\(HTMLText.escape(fields?.status ?? ""))</p>"
            state.posts[index].entity.fixative?.revision = revision + 1
        default: return Self.error(404, "route")
        }
        state.posts[index].changed = state.change
        return Self.json(state.posts[index].entity)
    }

    private func changes(_ state: State, _ request: HTTPRequest) -> HTTPResponse {
        let query = URLComponents(url: request.url, resolvingAgainstBaseURL: false)?.queryItems ?? []
        var since = 0
        if let text = query.first(where: { $0.name == "since" })?.value {
            let parts = text.split(separator: ".").compactMap { Int($0) }
            guard parts.count == 2, parts[0] == state.epoch, parts[1] >= state.oldestState else {
                return Self.error(409, "cannot_calculate_changes")
            }
            since = parts[1]
        }
        let all = state.posts.filter { $0.changed > since }.sorted { $0.changed < $1.changed }
        let page = all.prefix(state.pageSize)
        let last = page.last?.changed ?? since
        return Self.json(
            ChangesEntity(
                created: page.filter { !$0.isDeleted }.map(\.entity), updated: [],
                destroyed: page.filter(\.isDeleted).map(\.entity.id), state: "\(state.epoch).\(last)",
                hasMore: page.count < all.count))
    }

    private func timeline(_ state: State, _ request: HTTPRequest) -> HTTPResponse {
        let query = URLComponents(url: request.url, resolvingAgainstBaseURL: false)?.queryItems ?? []
        func number(_ name: String) -> Int? { query.first { $0.name == name }?.value.flatMap { Int($0) } }
        let own = request.url.path.contains("/accounts/1/")
        var posts = state.posts.filter { !$0.isDeleted && (!own || $0.entity.account.id == "1") }.map(\.entity)
        let limit = min(number("limit") ?? 20, 40)
        if let above = number("min_id") {
            posts = Array(posts.filter { Int($0.id)! > above }.prefix(limit)).reversed()
        } else {
            let below = number("max_id") ?? .max
            posts = Array(posts.filter { Int($0.id)! < below }.suffix(limit)).reversed()
        }
        return Self.json(posts)
    }

    static func entity(_ id: String, _ media: Upload) -> MediaEntity {
        MediaEntity(
            id: id, url: "http://127.0.0.1:3000/files/\(id)", previewURL: "http://127.0.0.1:3000/files/\(id)s",
            meta: nil, description: media.description)
    }

    static func picture(_ path: String) -> Data {
        Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) + Data(path.utf8)
    }

    static func json(_ value: some Encodable) -> HTTPResponse {
        HTTPResponse(status: 200, body: (try? Wire.encode(value)) ?? Data())
    }
}
