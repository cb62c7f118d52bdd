import Core
import Foundation
import Hummingbird

/// Resumable uploads: tus 1.0 (core, creation, checksum, expiration, termination) under the sync extension.
///
/// Every answer about an upload says where it stands; once it is complete, `Fixative-Media-Id` names the picture, so
/// that a lost last answer is found again by asking.
struct UploadRoutes: RouteGroup {
    static let path = "/api/v1/fixative/uploads"
    private static let version = "1.0.0"

    func add(to routes: Routing) {
        guard routes.community.configuration.hasSyncExtension else { return }
        for path in [RouterPath(Self.path), RouterPath(Self.path + "/:id")] {
            routes.raw(.options, path) { call in
                var headers = Self.common
                headers[.init("Tus-Version")!] = Self.version
                headers[.init("Tus-Extension")!] = "creation,checksum,expiration,termination"
                headers[.init("Tus-Checksum-Algorithm")!] = "sha256"
                headers[.init("Tus-Max-Size")!] = String(call.community.configuration.maximumMediaBytes)
                return Response(status: .noContent, headers: headers)
            }
        }
        routes.raw(.post, RouterPath(Self.path)) { call in try await create(call) }
        routes.raw(.get, RouterPath(Self.path + "/:id")) { call in
            let account = try call.account("write:media")
            let record = try await call.community.uploads.find(try call.text("id"), by: account)
            return Response(status: .ok, headers: Self.headers(record))
        }
        routes.raw(.patch, RouterPath(Self.path + "/:id")) { call in try await append(call) }
        routes.raw(.delete, RouterPath(Self.path + "/:id")) { call in
            let account = try call.account("write:media")
            try await call.community.uploads.delete(try call.text("id"), by: account)
            return Response(status: .noContent, headers: Self.common)
        }
    }

    private func create(_ call: Call) async throws -> Response {
        let account = try call.account("write:media")
        try checkVersion(call)
        guard let length = Self.number("Upload-Length", call) else {
            throw APIError.badRequest("Upload-Length is missing or not a number")
        }
        let metadata = try Self.metadata(call.request.headers[.init("Upload-Metadata")!] ?? "")
        let digest = metadata["sha256"]?.lowercased()
        if let digest, BlobID(digest) == nil { throw APIError.badRequest("sha256 is not 64 hex digits") }
        let key = metadata["client_key"]
        if let key, !(1...100).contains(key.utf8.count) { throw APIError.badRequest("client_key is too long") }
        let record = try await call.community.uploads.create(
            UploadService.Request(
                length: length, clientKey: key, sha256: digest, description: metadata["description"]), by: account)
        var headers = Self.headers(record)
        headers[.location] = "\(call.community.base)\(Self.path)/\(record.id)"
        return Response(status: .created, headers: headers)
    }

    private func append(_ call: Call) async throws -> Response {
        let account = try call.account("write:media")
        try checkVersion(call)
        guard call.request.headers[.contentType] == "application/offset+octet-stream" else {
            throw APIError(.unsupportedMediaType, "Pieces are application/offset+octet-stream")
        }
        guard let offset = Self.number("Upload-Offset", call) else {
            throw APIError.badRequest("Upload-Offset is missing or not a number")
        }
        var checksum: Data?
        if let text = call.request.headers[.init("Upload-Checksum")!] {
            let parts = text.split(separator: " ")
            guard parts.count == 2, parts[0] == "sha256", let digest = Data(base64Encoded: String(parts[1])),
                digest.count == 32
            else { throw APIError.badRequest("Upload-Checksum is not sha256 and base64") }
            checksum = digest
        }
        let record = try await call.community.uploads.append(
            try call.text("id"), at: offset, checksum: checksum, body: call.request.body, call: call, account: account)
        return Response(status: .noContent, headers: Self.headers(record))
    }

    private func checkVersion(_ call: Call) throws {
        guard call.request.headers[.init("Tus-Resumable")!] == Self.version else {
            var error = APIError(.preconditionFailed, "This server speaks tus 1.0.0")
            error.headers = Self.common
            error.headers[.init("Tus-Version")!] = Self.version
            throw error
        }
    }

    private static let common: HTTPFields = [.init("Tus-Resumable")!: version, .cacheControl: "no-store"]

    static func headers(_ record: UploadRecord) -> HTTPFields {
        var headers = common
        headers[.init("Upload-Offset")!] = String(record.offset)
        headers[.init("Upload-Length")!] = String(record.length)
        headers[.init("Upload-Expires")!] = HTTPDate.string(record.expiresAt)
        if let media = record.mediaID { headers[.init("Fixative-Media-Id")!] = String(media) }
        return headers
    }

    private static func number(_ name: String, _ call: Call) -> Int64? {
        call.request.headers[.init(name)!].flatMap { text in
            text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
        }
    }

    /// `key base64, key base64`.
    static func metadata(_ text: String) throws -> [String: String] {
        var values: [String: String] = [:]
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: " ").map(String.init)
            guard let key = parts.first else { continue }
            guard parts.count <= 2, let data = Data(base64Encoded: parts.count == 2 ? parts[1] : ""),
                let value = String(data: data, encoding: .utf8)
            else { throw APIError.badRequest("Upload-Metadata is not keys and base64") }
            values[key] = value
        }
        return values
    }
}
