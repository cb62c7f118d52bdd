import Core
import Foundation

/// Refuses requests that would not be one well-formed HTTP message: injected header lines above all.
enum RequestCheck {
    static func check(_ request: HTTPRequest) throws {
        guard let scheme = request.url.scheme?.lowercased(), scheme == "http" || scheme == "https",
            let host = request.url.host, !host.isEmpty
        else { throw HTTPFailure(.invalid, "only http and https addresses can be fetched") }
        guard isToken(request.method) else { throw HTTPFailure(.invalid, "that is not an HTTP method") }
        for header in request.headers {
            guard isToken(header.name) else { throw HTTPFailure(.invalid, "that is not the name of an HTTP header") }
            guard isLine(header.value) else {
                throw HTTPFailure(.invalid, "the header \(header.name) holds a line break or another control character")
            }
        }
        if let token = request.bearerToken, token.isEmpty || !token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw HTTPFailure(.invalid, "the access token holds characters that cannot be sent")
        }
        if case .multipart(let parts) = request.body {
            for part in parts where !isLine(part.name) || !isLine(part.contentType ?? "") {
                throw HTTPFailure(.invalid, "a form field holds a line break or another control character")
            }
        }
    }

    /// A token of RFC 9110 section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        let marks = Set("!#$%&'*+-.^_`|~".utf8)
        return !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || marks.contains(byte)
            }
    }

    private static func isLine(_ text: String) -> Bool {
        text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
    }
}
