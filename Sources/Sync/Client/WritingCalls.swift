import API
import Core
import Foundation
import Store

/// What is asked of the server with one publication. The same draft always gives the same bytes, so that a server that
/// has seen it replays its answer.
struct StatusPayload: Encodable {
    var status: String
    var mediaIDs: [String]
    var sensitive: Bool
    var spoilerText: String
    var visibility: Visibility?
    var inReplyToID: String?
    /// What only the sync extension knows.
    var clientID: String?
    var markID: String?
    var license: String?
    var recipe: String?
    var title: String?
    var mediaAttributes: [MediaAttribute]?

    struct MediaAttribute: Encodable {
        var id: String
        var description: String
    }

    enum CodingKeys: String, CodingKey {
        case status, sensitive, visibility, license, recipe, title
        case mediaIDs = "media_ids"
        case inReplyToID = "in_reply_to_id"
        case spoilerText = "spoiler_text"
        case clientID = "client_id"
        case markID = "mark_id"
        case mediaAttributes = "media_attributes"
    }

    init(publishing item: OutboxItem, mediaID: String, capabilities: Capabilities) {
        status = item.draft.statusText
        mediaIDs = [mediaID]
        sensitive = item.draft.sensitive
        spoilerText = item.draft.spoilerText
        visibility = item.draft.visibility
        guard capabilities.hasSyncExtension else { return }
        clientID = item.id.description
        // Only a mark that is in the picture is registered.
        markID = item.report?.payload?.description
        license = item.draft.license
        recipe = item.report?.recipe ?? item.draft.recipe
        title = item.draft.title
    }

    init(replying text: String, to parent: String, visibility: Visibility, id: ClientID, capabilities: Capabilities) {
        status = text
        mediaIDs = []
        sensitive = false
        spoilerText = ""
        self.visibility = visibility
        inReplyToID = parent
        if capabilities.hasSyncExtension { clientID = id.description }
    }

    init(editing draft: Draft, media: [MediaAttachment], capabilities: Capabilities) {
        status = draft.statusText
        mediaIDs = media.map(\.id)
        sensitive = draft.sensitive
        spoilerText = draft.spoilerText
        mediaAttributes = media.first.map { [MediaAttribute(id: $0.id, description: draft.altText)] }
        guard capabilities.hasSyncExtension else { return }
        license = draft.license
        title = draft.title
    }
}

/// What a server knows of a publication whose answer was lost.
public enum Recollection: Hashable, Sendable {
    case published(Status)
    case absent
    /// It was published, and deleted since.
    case deleted
}

extension MastodonClient {
    /// Sends a picture (`POST /api/v2/media`). Only a blob of the vault can be sent.
    ///
    /// - Returns: the server's id for it.
    func upload(
        _ blob: UploadableBlob, description: String, progress: (@Sendable (Double) -> Bool)? = nil
    ) throws -> String {
        let parts = [
            blob.part(named: "file"),
            HTTPRequest.Part(name: "description", content: .data(Data(description.utf8))),
        ]
        // 20 kB/s is the slowest link that is worth waiting for.
        let request = try request(
            "POST", "/api/v2/media", body: .multipart(parts), timeout: 60 + Double(blob.bytes) / 20_000)
        let response = try exchange(request) { sent, total in
            progress?(total > 0 ? Double(sent) / Double(total) : 0) ?? true
        }
        return try decode(MediaEntity.self, response).id
    }

    /// Whether an uploaded picture can be attached: nil when the server does not know it (any more), false while it
    /// still works on it.
    func isMediaReady(_ id: String) throws -> Bool? {
        let request = try request("GET", "/api/v1/media/\(Self.escape(id))")
        let response = try exchange(request, expecting: [404])
        return response.status == 404 ? nil : response.status == 200
    }

    /// - Parameter key: nil sends no `Idempotency-Key`.
    func publish(_ payload: StatusPayload, key: ClientID?) throws -> Status {
        let headers = key.map { [(name: "Idempotency-Key", value: $0.description)] } ?? []
        let request = try request("POST", "/api/v1/statuses", body: Self.json(payload), headers: headers)
        return try value(StatusEntity.self, request).status
    }

    /// Asks the sync extension what became of a publication.
    func recall(_ id: ClientID) throws -> Recollection {
        let request = try request("GET", "/api/v1/fixative/statuses/by_client_id/\(id)")
        let response = try exchange(request, expecting: [404, 410])
        switch response.status {
        case 404: return .absent
        case 410: return .deleted
        default:
            let found = try decode(StatusEntity.self, response).status
            guard found.provenance?.clientID == id else {
                throw ServerFault.unknownOutcome("\(host) answered for another piece.", retryAt: nil)
            }
            return .published(found)
        }
    }

    /// Takes a publication back, whether the server has it or will only get it (`DELETE` by client id).
    func withdraw(_ id: ClientID) throws {
        _ = try exchange(
            try request("DELETE", "/api/v1/fixative/statuses/by_client_id/\(id)"), expecting: [404, 410])
    }

    /// Removes an upload that no status has (Mastodon 4.4). A server that cannot, or does not know the file any more,
    /// is no reason to stop; one that says that a status has it by now leaves the outcome unknown.
    func deleteMedia(_ id: String) throws {
        do {
            _ = try exchange(try request("DELETE", "/api/v1/media/\(Self.escape(id))"), expecting: [404, 405, 410])
        } catch ServerFault.refused(_, let message) {
            throw ServerFault.unknownOutcome(message, retryAt: nil)
        }
    }

    /// Looks through the account's own statuses for a media id: on plain servers a media id can be attached once, so
    /// whoever carries it is the publication.
    ///
    /// - Parameter baseline: the account's newest status before the publication was sent: it is above that.
    func recall(mediaID: String, accountID: String, above baseline: String) throws -> Recollection {
        let own = try ownStatuses(accountID, above: baseline)
        return own.first { $0.media.contains { $0.id == mediaID } }.map(Recollection.published) ?? .absent
    }

    /// Gives an uploaded picture another alt text.
    func describe(_ mediaID: String, _ description: String) throws {
        let request = try request(
            "PUT", "/api/v1/media/\(Self.escape(mediaID))", body: Self.json(["description": description]))
        try checkJSON(exchange(request))
    }

    func setFavourite(_ id: String, _ value: Bool) throws -> Status {
        try act(id, value ? "favourite" : "unfavourite")
    }

    func setBookmark(_ id: String, _ value: Bool) throws -> Status {
        try act(id, value ? "bookmark" : "unbookmark")
    }

    /// - Returns: what was boosted.
    func setBoost(_ id: String, _ isOn: Bool) throws -> Status {
        let path = "/api/v1/statuses/\(Self.escape(id))/\(isOn ? "reblog" : "unreblog")"
        return try status(id, request("POST", path))
    }

    func setFollow(_ accountID: String, _ value: Bool) throws {
        let path = "/api/v1/accounts/\(Self.escape(accountID))/\(value ? "follow" : "unfollow")"
        try checkJSON(exchange(try request("POST", path)))
    }

    /// Deleting what is not there any more is done.
    func delete(_ id: String) throws {
        let response = try exchange(
            try request("DELETE", "/api/v1/statuses/\(Self.escape(id))"), expecting: [404, 410])
        if response.status < 400 { try checkJSON(response) }
    }

    /// - Parameter revision: the revision that the edit is based on, where the server has them.
    func edit(_ id: String, _ payload: StatusPayload, revision: Int?) throws -> Status {
        let headers = revision.map { [(name: "If-Match", value: "\"\($0)\"")] } ?? []
        let request = try request(
            "PUT", "/api/v1/statuses/\(Self.escape(id))", body: Self.json(payload), headers: headers)
        return try status(id, request)
    }

    private func act(_ id: String, _ verb: String) throws -> Status {
        try status(id, request("POST", "/api/v1/statuses/\(Self.escape(id))/\(verb)"))
    }
}
