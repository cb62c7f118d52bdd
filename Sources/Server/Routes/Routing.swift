import Foundation
import Hummingbird

/// A group of routes about one subject.
protocol RouteGroup {
    func add(to routes: Routing)
}

/// Adds routes whose handlers get a `Call`.
struct Routing {
    typealias Handler = @Sendable (Call) async throws -> Response

    let router: Router<ServerContext>
    let community: Community

    func get(_ path: RouterPath, _ handler: @escaping Handler) { router.get(path, use: wrapped(handler)) }
    func post(_ path: RouterPath, _ handler: @escaping Handler) { router.post(path, use: wrapped(handler)) }
    func put(_ path: RouterPath, _ handler: @escaping Handler) { router.put(path, use: wrapped(handler)) }
    func patch(_ path: RouterPath, _ handler: @escaping Handler) { router.patch(path, use: wrapped(handler)) }
    func delete(_ path: RouterPath, _ handler: @escaping Handler) { router.delete(path, use: wrapped(handler)) }

    /// A route whose handler reads the body itself.
    func raw(_ method: HTTPMethod, _ path: RouterPath, _ handler: @escaping Handler) {
        router.on(path, method: method) { [community] request, context in
            let form = try Form(urlEncoded: (request.uri.query ?? "")[...])
            return try await handler(Call(request: request, context: context, form: form, community: community))
        }
    }

    private func wrapped(
        _ handler: @escaping Handler
    ) -> @Sendable (Request, ServerContext) async throws -> Response {
        { [community] request, context in
            let reader = BodyReader(
                objects: community.objects, clock: community.clock,
                // Strangers upload nothing.
                maximumFileBytes: context.session?.account == nil ? 0 : community.configuration.maximumMediaBytes,
                maximumSeconds: community.configuration.bodySeconds)
            let form = try await reader.read(request)
            defer { form.removeFiles() }
            return try await handler(Call(request: request, context: context, form: form, community: community))
        }
    }
}

extension Call {
    /// Text in the path, decoded.
    func text(_ name: String) throws -> String {
        guard let text = context.parameters.get(name)?.removingPercentEncoding, !text.isEmpty else {
            throw APIError.notFound
        }
        return text
    }

    /// A list with its `Link` header (RFC 8288): `next` is older, `prev` newer.
    func list<T: Encodable>(_ elements: [T], positions: [RecordID], page: Page) -> Response {
        guard let newest = positions.first, let oldest = positions.last else { return .json(elements) }
        var links: [String] = []
        if positions.count >= page.limit { links.append("<\(link("max_id", oldest))>; rel=\"next\"") }
        links.append("<\(link("min_id", newest))>; rel=\"prev\"")
        return .json(elements, headers: [.init("Link")!: links.joined(separator: ", ")])
    }

    /// This request again, at another place of the list.
    private func link(_ name: String, _ id: RecordID) -> String {
        let kept = (request.uri.query ?? "").split(separator: "&").filter { pair in
            !["max_id", "min_id", "since_id", "offset"].contains(pair.prefix { $0 != "=" })
                && pair.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ">") }
        }
        let query = (kept.map(String.init) + ["\(name)=\(id)"]).joined(separator: "&")
        return "\(community.base)\(request.uri.path)?\(query)"
    }

    /// Reads and presents in one transaction.
    func present<T: Sendable>(
        _ work: @escaping @Sendable (any ReadTransaction, Presenter) throws -> T
    ) async throws -> T {
        let base = community.base
        let viewer = viewer
        let showsExtension = community.configuration.hasSyncExtension
        return try await community.database.read { db in
            try work(db, Presenter(base: base, db: db, viewer: viewer, showsExtension: showsExtension))
        }
    }
}
