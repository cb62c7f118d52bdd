import Core
import Foundation

/// Why a request did not do what it was for, sorted by what has to happen next.
public enum ServerFault: Error, Hashable, Sendable {
    /// Nothing was sent: nothing happened there. No attempt of anything.
    case offline(String)
    /// The connection broke or timed out before an answer: it may have happened. Whether the server is to blame or the
    /// network, only another request tells (`MastodonClient.answers`).
    case noAnswer(String)
    /// It may have happened: ask before doing it again. Not before `retryAt`, where the server says so.
    case unknownOutcome(String, retryAt: Date?)
    /// The token is no longer good.
    case unauthorized(String)
    /// It did not happen, and trying again changes nothing.
    case refused(status: Int, String)
    /// The file is larger than the server takes.
    case tooLarge(String)
    /// Somebody else changed the status (412).
    case changedMeanwhile(String)
    /// The server wants us to wait.
    case rateLimited(until: Date)

    /// One sentence for the artist.
    public var message: String {
        switch self {
        case .offline(let text), .noAnswer(let text), .unknownOutcome(let text, _), .unauthorized(let text),
            .refused(_, let text),
            .tooLarge(let text), .changedMeanwhile(let text):
            text
        case .rateLimited: "The server asks us to slow down; the work goes on by itself."
        }
    }

    /// As it is told to somebody who waits for the answer.
    public var userError: UserError {
        switch self {
        case .offline, .noAnswer, .unknownOutcome, .rateLimited: UserError(message, .unavailable)
        case .unauthorized, .changedMeanwhile: UserError(message, .attention)
        case .refused, .tooLarge: UserError(message, .usage)
        }
    }
}

/// Sorts answers and failures into `ServerFault`.
enum FaultSorter {
    static func fault(of failure: HTTPFailure, host: String) -> ServerFault {
        let detail = Sanitiser.line(failure.description, limit: 200)
        return switch failure.kind {
        case .unreachable: .offline("\(host) cannot be reached (\(detail)).")
        case .tls: .offline("The connection to \(host) cannot be trusted (\(detail)): nothing was sent.")
        case .interrupted, .cancelled: .noAnswer("The answer of \(host) was lost (\(detail)).")
        case .tooLarge: .unknownOutcome("The answer of \(host) cannot be used (\(detail)).", retryAt: nil)
        case .invalid: .refused(status: 0, "The request to \(host) could not be made (\(detail)).")
        }
    }

    /// The fault in an answer that is not a success.
    static func fault(of response: HTTPResponse, host: String, now: Date) -> ServerFault {
        let said = explanation(response)
        switch response.status {
        case 401: return .unauthorized("\(host) does not accept our login any more: log in again.")
        case 412: return .changedMeanwhile("\(host) has a newer version of this piece.")
        case 413: return .tooLarge("The picture is larger than \(host) accepts\(said).")
        case 429: return .rateLimited(until: retryTime(response, now: now) ?? now.addingTimeInterval(60))
        case 409, 408, 425, 500...:
            return .unknownOutcome(
                "\(host) failed (\(response.status))\(said).", retryAt: retryTime(response, now: now))
        case 200..<300: return .unknownOutcome("\(host) sent an answer that cannot be read.", retryAt: nil)
        case 300..<400:
            return .refused(
                status: response.status, "\(host) sends us elsewhere (\(response.status)): check its address.")
        default: return .refused(status: response.status, "\(host) refused (\(response.status))\(said).")
        }
    }

    /// What the server says for people, cleaned and short; nothing is decided by it.
    private static func explanation(_ response: HTTPResponse) -> String {
        struct Said: Decodable { var error: String? }
        guard response.body.count < 65_536, let said = try? JSONDecoder().decode(Said.self, from: response.body).error
        else { return "" }
        let line = Sanitiser.line(said, limit: 200)
        return line.isEmpty ? "" : ": " + line
    }

    /// `Retry-After` (RFC 9110 section 10.2.3) or Mastodon's `X-RateLimit-Reset`, at most a day ahead.
    static func retryTime(_ response: HTTPResponse, now: Date) -> Date? {
        var found: Date?
        if let text = response.header("Retry-After")?.trimmingCharacters(in: .whitespaces) {
            found = Double(text).map { now.addingTimeInterval($0) } ?? HTTPDate.parse(text)
        }
        if found == nil, response.status == 429, let text = response.header("X-RateLimit-Reset") {
            found = WireTime.parse(text)
        }
        return found.map { min(max($0, now), now.addingTimeInterval(86_400)) }
    }
}
