import Core
import Foundation
import Hummingbird

/// Uploads, and the files themselves.
struct MediaRoutes: RouteGroup {
    /// Decoders on the other side are safer when nothing may run, load or be framed.
    private static let filePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"

    func add(to routes: Routing) {
        for version in ["v1", "v2"] {
            routes.post("/api/\(version)/media") { call in try await upload(call) }
        }
        routes.get("/api/v1/media/:id") { call in
            let account = try call.account("write:media")
            let id = try call.id()
            return .json(
                try await call.present { db, present in
                    guard let media = try db.media(id), media.accountID == account.id else { throw APIError.notFound }
                    return present.media(media)
                })
        }
        routes.put("/api/v1/media/:id") { call in
            let account = try call.account("write:media")
            let media = try await call.community.media.update(
                try call.id(), by: account, description: call.form.string("description"), focus: try focus(call.form))
            return .json(try await call.present { _, present in present.media(media) })
        }
        routes.delete("/api/v1/media/:id") { call in
            let account = try call.account("write:media")
            try await call.community.media.delete(try call.id(), by: account)
            return .emptyObject
        }
        routes.get("/media/:name") { call in try await file(call) }
        routes.get("/avatars/:name") { call in
            guard let id = RecordID(try call.text("name").prefix { $0 != "." }) else { throw APIError.notFound }
            let data = try await call.community.workers.run { try Identicon.png(seed: UInt64(bitPattern: id)) }
            return file(ByteBuffer(bytes: data), .png)
        }
    }

    private func upload(_ call: Call) async throws -> Response {
        let account = try call.account("write:media")
        guard let file = call.form.files["file"] else { throw APIError.invalid("File can't be blank") }
        let media = try await call.community.media.upload(
            file.url, by: account, description: call.form.nonEmpty("description"),
            focus: try focus(call.form) ?? (0, 0))
        return .json(try await call.present { _, present in present.media(media) })
    }

    /// `x,y`, each from -1 to 1.
    private func focus(_ form: Form) throws -> (x: Double, y: Double)? {
        guard let text = form.nonEmpty("focus") else { return nil }
        let parts = text.split(separator: ",").compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
        guard parts.count == 2, parts.allSatisfy({ (-1...1).contains($0) }) else {
            throw APIError.invalid("Focus must be two numbers from -1 to 1")
        }
        return (parts[0], parts[1])
    }

    /// `KEY.png`, `KEY.preview.jpg`.
    private func file(_ call: Call) async throws -> Response {
        let parts = try call.text("name").split(separator: ".").map(String.init)
        guard parts.count == 2 || (parts.count == 3 && parts[1] == "preview") else { throw APIError.notFound }
        let found = try await call.community.database.read { db -> (object: String, format: ImageFormat)? in
            if let media = try db.media(key: parts[0]) {
                return parts.count == 3
                    ? (media.previewObject, media.previewFormat) : (media.object, media.format)
            }
            if let picture = try db.profilePicture(key: parts[0]), parts.count == 2 {
                return ImageFormat(rawValue: picture.format).map { (picture.object, $0) }
            }
            return nil
        }
        guard let found, found.format.fileExtension == parts.last else { throw APIError.notFound }
        let url = call.community.objects.url(of: found.object)
        let body = try await FileIO().loadFile(path: url.path, context: call.context)
        return Response(status: .ok, headers: Self.headers(found.format), body: body)
    }

    private func file(_ body: ByteBuffer, _ format: ImageFormat) -> Response {
        Response(status: .ok, headers: Self.headers(format), body: ResponseBody(byteBuffer: body))
    }

    private static func headers(_ format: ImageFormat) -> HTTPFields {
        [
            .contentType: format.mimeType, .contentSecurityPolicy: filePolicy, .xContentTypeOptions: "nosniff",
            .cacheControl: "public, max-age=31536000, immutable", .contentDisposition: "inline",
            .init("Cross-Origin-Resource-Policy")!: "cross-origin",
        ]
    }
}
