import Core
import Foundation

/// What the answer to a request asks to do next (RFC 9110 section 15.4).
enum Redirect {
    /// The request to send next; nil when the answer is final.
    static func next(after answer: Exchange.Answer, of request: HTTPRequest) throws -> HTTPRequest? {
        let status = answer.response.status
        guard [301, 302, 303, 307, 308].contains(status), let text = answer.redirectURL, let url = URL(string: text)
        else { return nil }
        guard let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https" else {
            throw HTTPFailure(.invalid, "\(request.url.host ?? "") redirects to something that is not http or https")
        }
        if request.staysAtOrigin, origin(of: url) != origin(of: request.url) { return nil }
        if request.url.scheme?.lowercased() == "https", scheme == "http" {
            throw HTTPFailure(.tls, "\(request.url.host ?? "") redirects from https to plain http")
        }
        var next = request
        next.url = url
        let becomesGet = status == 303 ? request.method != "HEAD" : status <= 302 && request.method == "POST"
        if becomesGet, request.method != "GET" {
            next.method = "GET"
            next.body = .none
            next.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
        }
        if origin(of: url) != origin(of: request.url) {
            next.bearerToken = nil
            let secrets: Set = ["authorization", "proxy-authorization", "cookie"]
            next.headers.removeAll { secrets.contains($0.name.lowercased()) }
        }
        return next
    }

    /// Scheme, host and port (RFC 6454 section 4).
    static func origin(of url: URL) -> String {
        let scheme = url.scheme?.lowercased() ?? ""
        let port = url.port ?? (scheme == "https" ? 443 : 80)
        return "\(scheme)://\(url.host?.lowercased() ?? ""):\(port)"
    }
}
