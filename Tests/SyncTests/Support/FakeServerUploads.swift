import Core
import Foundation

/// Resumable uploads of the server in memory: tus 1.0 as the sync extension has it.
extension FakeServer {
    func resumable(_ state: inout State, _ request: HTTPRequest, _ parts: [String]) -> HTTPResponse {
        func header(_ name: String) -> Int? {
            request.headers.first { $0.name == name }.flatMap { Int($0.value) }
        }
        if request.method == "POST" {
            guard let total = header("Upload-Length") else { return Self.error(400, "no length") }
            state.nextID += 1
            state.uploads[String(state.nextID)] = (total, Data())
            return standing(state, String(state.nextID), status: 201)
        }
        guard let name = parts.last, let upload = state.uploads[name] else { return Self.error(404, "no upload") }
        if request.method == "PATCH" {
            guard case .file(let url, let offset, let length) = request.body else { return Self.error(400, "no file") }
            guard length <= state.bodyLimit else { return Self.error(413, "too large") }
            guard Int(offset) == upload.bytes.count, header("Upload-Offset") == Int(offset),
                let bytes = try? Data(contentsOf: url)[Int(offset)..<Int(offset + length)]
            else { return Self.error(409, "offset") }
            state.uploads[name]?.bytes.append(bytes)
            if upload.bytes.count + bytes.count == upload.total {
                state.media[name] = Upload(bytes: upload.bytes + bytes, description: "")
            }
        }
        return standing(state, name, status: request.method == "PATCH" ? 204 : 200)
    }

    private func standing(_ state: State, _ name: String, status: Int) -> HTTPResponse {
        guard let upload = state.uploads[name] else { return Self.error(404, "no upload") }
        var headers = [
            (name: "Location", value: "/api/v1/fixative/uploads/\(name)"),
            (name: "Upload-Offset", value: String(upload.bytes.count)),
        ]
        if upload.bytes.count == upload.total { headers.append((name: "Fixative-Media-Id", value: name)) }
        return HTTPResponse(status: status, headers: headers)
    }
}
