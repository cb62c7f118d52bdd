import Foundation
import Hummingbird

/// The name without the module: `Core` has an `HTTPResponse` as well.
package typealias HTTPStatus = HTTPResponse.Status
/// Likewise.
package typealias HTTPMethod = HTTPRequest.Method

/// A refusal, as it goes to the client: `{"error": …, "error_description": …}`.
package struct APIError: Error {
    package var status: HTTPStatus
    /// A word of the protocol (RFC 6749 section 5.2) or a sentence.
    package var error: String
    package var detail: String?
    package var headers: HTTPFields = [:]
    package var tombstone: Gone?

    /// What there was: in the answer 410 to the retry of a post that was deleted since.
    package struct Gone: Encodable, Sendable {
        package var id: String
        package var deletedAt: String

        enum CodingKeys: String, CodingKey {
            case id
            case deletedAt = "deleted_at"
        }
    }

    package init(_ status: HTTPStatus, _ error: String, _ detail: String? = nil) {
        self.status = status
        self.error = error
        self.detail = detail
    }

    static let notFound = APIError(.notFound, "Record not found")
    static let loginRequired = APIError(
        .unauthorized, "This method requires an authenticated user", "Send an access token of a user.")
    static let invalidToken = APIError(.unauthorized, "The access token is invalid", "Log in again.")
    static let tooLarge = APIError(.contentTooLarge, "The request is too large")

    static func invalid(_ text: String) -> APIError { APIError(.unprocessableContent, "Validation failed: \(text)") }
    static func badRequest(_ text: String) -> APIError { APIError(.badRequest, text) }

    static func scope(_ needed: String) -> APIError {
        APIError(.forbidden, "This action is outside the authorized scopes", "The token lacks the scope \(needed).")
    }

    private struct Body: Encodable {
        var error: String
        var errorDescription: String?
        var tombstone: Gone?

        enum CodingKeys: String, CodingKey {
            case error, tombstone
            case errorDescription = "error_description"
        }
    }

    func response() -> Response {
        var response = Response.json(Body(error: error, errorDescription: detail, tombstone: tombstone), status: status)
        response.headers.append(contentsOf: headers)
        return response
    }
}

extension Response {
    /// An answer in JSON. Values of our own types always encode.
    static func json(
        _ value: some Encodable, status: HTTPStatus = .ok, headers: HTTPFields = [:]
    ) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        guard let data = try? encoder.encode(value) else { return Response(status: .internalServerError) }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }

    static var emptyObject: Response { .json([String: String]()) }
}
