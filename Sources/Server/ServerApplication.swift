import Core
import Foundation
import Hummingbird
import Logging

/// A community with its routes, ready to be served or tested.
package struct ServerApplication: Sendable {
    package let community: Community
    private let logger: Logger

    package init(community: Community, logger: Logger) {
        self.community = community
        self.logger = logger
    }

    package func router() -> Router<ServerContext> {
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeadersMiddleware())
        router.add(middleware: AccessLogMiddleware())
        router.add(middleware: ErrorMiddleware())
        router.add(middleware: SessionMiddleware(database: community.database))
        router.add(
            middleware: RateLimitMiddleware(
                limiter: community.limiter, limits: community.configuration.rateLimits))
        let routes = Routing(router: router, community: community)
        let groups: [any RouteGroup] = [
            InstanceRoutes(), OAuthRoutes(), AccountRoutes(), StatusRoutes(), TimelineRoutes(), MediaRoutes(),
            SearchRoutes(), SyncRoutes(), UploadRoutes(),
        ]
        for group in groups { group.add(to: routes) }
        return router
    }

    /// Answers requests within the process: everything but the network.
    package func responder() -> @Sendable (Request) async throws -> Response {
        let responder = router().buildResponder()
        return { [logger] request in try await responder.respond(to: request, context: ServerContext(logger: logger)) }
    }

    /// Serves until SIGTERM or SIGINT, letting requests that run come to their end. Throws `UserError` when the
    /// address cannot be used.
    ///
    /// - Parameter ready: called once with the port, when connections are taken.
    func serve(host: String, port: Int, ready: @escaping @Sendable (Int) -> Void) async throws {
        let configuration = ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil)
        let application = Application(
            router: router(),
            server: .http1(
                configuration: .init(idleTimeout: .seconds(Int64(community.configuration.idleSeconds)))),
            configuration: configuration,
            onServerRunning: { channel in ready(channel.localAddress?.port ?? port) }, logger: logger)
        let keeping = Task { await Housekeeping(community: community, logger: logger).run() }
        defer { keeping.cancel() }
        try await application.runService()
    }
}
