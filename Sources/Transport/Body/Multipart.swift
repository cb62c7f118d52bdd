import CCurl
import Core
import Foundation

/// A form (RFC 7578) for libcurl; files are read as they are sent.
enum Multipart {
    /// The caller frees it with `curl_mime_free` after the transfer.
    static func form(_ parts: [HTTPRequest.Part], on curl: UnsafeMutableRawPointer) throws -> OpaquePointer {
        guard let form = curl_mime_init(curl) else { throw HTTPFailure(.invalid, "out of memory") }
        do {
            for part in parts { try add(part, to: form) }
        } catch {
            curl_mime_free(form)
            throw error
        }
        return form
    }

    private static func add(_ part: HTTPRequest.Part, to form: OpaquePointer) throws {
        guard let field = curl_mime_addpart(form) else { throw HTTPFailure(.invalid, "out of memory") }
        try check(curl_mime_name(field, part.name), part)
        switch part.content {
        case .data(let data):
            try data.withUnsafeBytes { bytes in
                // libcurl copies the bytes.
                let start = bytes.bindMemory(to: CChar.self).baseAddress
                try check(curl_mime_data(field, start ?? emptyText, bytes.count), part)
            }
            if let name = part.fileName { try check(curl_mime_filename(field, safe(name)), part) }
        case .file(let url):
            try check(curl_mime_filedata(field, url.path), part)
            // Never the name on this disk: it may tell more than the artist wants.
            try check(curl_mime_filename(field, safe(part.fileName ?? "file")), part)
        }
        if let type = part.contentType { try check(curl_mime_type(field, type), part) }
    }

    private static func check(_ code: CURLcode, _ part: HTTPRequest.Part) throws {
        guard code == CURLE_OK else {
            throw HTTPFailure(
                .invalid, "the form field \(part.name) cannot be sent: \(String(cString: curl_easy_strerror(code)))")
        }
    }

    /// A file name without folders and control characters; libcurl quotes the rest (WHATWG HTML, "multipart form data").
    static func safe(_ name: String) -> String {
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        let kept = last.unicodeScalars.filter { $0.properties.generalCategory != .control }
        let text = String(String.UnicodeScalarView(kept)).prefix(200)
        return text.isEmpty || text == "." || text == ".." ? "file" : String(text)
    }
}

/// `curl_mime_data` takes no null pointer for an empty field.
private nonisolated(unsafe) let emptyText: UnsafePointer<CChar> = {
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    text.pointee = 0
    return UnsafePointer(text)
}()
