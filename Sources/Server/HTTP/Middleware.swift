import Core
import Foundation
import Hummingbird
import Logging

/// Turns every error into an answer in JSON, and what is our own fault into a line of the log.
struct ErrorMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as APIError {
            return error.response()
        } catch let error as UserError {
            return APIError(.unprocessableContent, error.message).response()
        } catch let error as HTTPError {
            return APIError(error.status, error.body ?? error.status.reasonPhrase).response()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            context.logger.error("request failed", metadata: ["reason": "\(Sanitiser.line("\(error)"))"])
            return APIError(.internalServerError, "Something went wrong on the server").response()
        }
    }
}

/// One line for each request: method, path without the query, status and time. No header, no body, no token.
struct AccessLogMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        context.logger.info(
            "\(request.method.rawValue) \(Sanitiser.line(request.uri.path, limit: 200)) \(response.status.code)",
            metadata: ["ms": "\((ContinuousClock.now - start) / .milliseconds(1))"])
        return response
    }
}

/// Headers that every answer has.
struct SecurityHeadersMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.init("Referrer-Policy")!] = "no-referrer"
        if !response.headers.contains(.contentSecurityPolicy) {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'; sandbox"
        }
        return response
    }
}

/// Finds out who is calling. A token that is not valid is refused everywhere.
struct SessionMiddleware: RouterMiddleware {
    typealias Context = ServerContext
    let database: any Database

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer ") else {
            return try await next(request, context)
        }
        let hash = Secret.hash(String(header.dropFirst(7)).trimmingCharacters(in: .whitespaces))
        let session = try await database.read { db -> Session? in
            guard let token = try db.token(hash: hash) else { return nil }
            return Session(token: token, account: try token.accountID.flatMap(db.account))
        }
        guard let session else { throw APIError.invalidToken }
        var context = context
        context.session = session
        return try await next(request, context)
    }
}

/// Counts requests of each account, or of each address without one, and refuses what is too much.
struct RateLimitMiddleware: RouterMiddleware {
    typealias Context = ServerContext
    let limiter: RateLimiter
    let limits: ServerConfiguration.RateLimits

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        guard path.hasPrefix("/api/") || path.hasPrefix("/oauth/") else { return try await next(request, context) }
        let who = context.session?.account.map { "account \($0.id)" } ?? "peer \(context.peer)"
        let (lane, limit) = lane(request)
        let verdict = limiter.count("\(lane) \(who)", limit: limit.requests, window: limit.seconds)
        var response: Response
        if verdict.remaining < 0 {
            var error = APIError(.tooManyRequests, "Too many requests")
            error.headers[.retryAfter] = String(max(1, Int(verdict.resetsIn.rounded(.up))))
            response = error.response()
        } else {
            do {
                response = try await next(request, context)
            } catch let error as APIError {
                response = error.response()
            }
        }
        for (name, value) in [
            ("X-RateLimit-Limit", String(limit.requests)), ("X-RateLimit-Remaining", String(max(0, verdict.remaining))),
            ("X-RateLimit-Reset", verdict.resetsAt),
        ] {
            response.headers[.init(name)!] = value
        }
        return response
    }

    private func lane(_ request: Request) -> (String, ServerConfiguration.RateLimit) {
        let path = request.uri.path
        let uploads = ["/api/v1/media", "/api/v2/media", UploadRoutes.path]
        if request.method == .post, uploads.contains(where: path.hasPrefix) {
            return ("media", limits.media)
        }
        if request.method == .delete, path.hasPrefix("/api/v1/statuses") { return ("delete", limits.deletions) }
        return ("all", limits.all)
    }
}
