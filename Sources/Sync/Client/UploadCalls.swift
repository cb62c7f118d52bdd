import Core
import Foundation
import Store

/// Where a resumable upload stands.
struct UploadStanding: Hashable, Sendable {
    /// The server's name for it.
    var id: String
    var offset: Int64
    /// Once it is complete.
    var mediaID: String?
}

/// Resumable uploads: tus 1.0 as the sync extension has it.
extension MastodonClient {
    private static let uploads = "/api/v1/fixative/uploads"

    /// Begins an upload, or finds the one that was begun under the same key for the same bytes.
    ///
    /// - Returns: nil when the server has no such uploads.
    func beginUpload(_ blob: UploadableBlob, key: String, description: String) throws -> UploadStanding? {
        let metadata = [("sha256", blob.id.description), ("client_key", key), ("description", description)]
            .map { "\($0.0) \(Data($0.1.utf8).base64EncodedString())" }.joined(separator: ",")
        let response = try exchange(
            try upload(
                "POST", Self.uploads, [("Upload-Length", String(blob.bytes)), ("Upload-Metadata", metadata)]),
            expecting: [404, 405])
        if response.status == 404 || response.status == 405 { return nil }
        // Only the last part of the address counts: requests with the token go to our own origin.
        let name = response.header("Location")?.split(separator: "/").last.map(String.init) ?? ""
        guard (1...128).contains(name.utf8.count), name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else {
            throw ServerFault.unknownOutcome("\(host) does not say where the upload goes.", retryAt: nil)
        }
        return standing(name, response) ?? UploadStanding(id: name, offset: 0)
    }

    /// Asks where an upload stands; nil when the server does not know it any more.
    func uploadStanding(_ id: String) throws -> UploadStanding? {
        let response = try exchange(try upload("HEAD", "\(Self.uploads)/\(id)", []), expecting: [404, 410])
        guard response.status < 400 else { return nil }
        guard let found = standing(id, response) else {
            throw ServerFault.unknownOutcome("\(host) does not say where the upload stands.", retryAt: nil)
        }
        return found
    }

    /// What came of one piece.
    enum PieceOutcome {
        case taken(UploadStanding)
        /// The server stands elsewhere, or is busy with another copy of the piece: ask.
        case elsewhere
        /// The server has forgotten the upload, or found that the whole is not what was promised.
        case gone
    }

    /// Sends the bytes from the offset on. A second copy of it is refused by the offset, so it may be repeated.
    func sendPiece(
        _ blob: UploadableBlob, to standing: UploadStanding, length: Int64,
        progress: (@Sendable (_ sent: Int64) -> Bool)? = nil
    ) throws -> PieceOutcome {
        var request = try upload(
            "PATCH", "\(Self.uploads)/\(standing.id)",
            [("Upload-Offset", String(standing.offset)), ("Content-Type", "application/offset+octet-stream")])
        request.body = blob.body(from: standing.offset, length: length)
        request.isIdempotent = true
        // 20 kB/s is the slowest link that is worth waiting for; the last piece also waits for the picture to be read.
        request.timeout = 120 + Double(length) / 20_000
        let response = try exchange(request, expecting: [404, 409, 410, 423]) { sent, _ in progress?(sent) ?? true }
        switch response.status {
        case 404, 410: return .gone
        case 409, 423: return .elsewhere
        default:
            guard let found = self.standing(standing.id, response) else { return .elsewhere }
            return .taken(found)
        }
    }

    private func upload(_ method: String, _ path: String, _ headers: [(name: String, value: String)]) throws
        -> HTTPRequest
    {
        try request(method, path, headers: headers + [("Tus-Resumable", "1.0.0")])
    }

    private func standing(_ id: String, _ response: HTTPResponse) -> UploadStanding? {
        guard let offset = response.header("Upload-Offset").flatMap({ Int64($0) }), offset >= 0 else { return nil }
        return UploadStanding(id: id, offset: offset, mediaID: response.header("Fixative-Media-Id"))
    }
}
