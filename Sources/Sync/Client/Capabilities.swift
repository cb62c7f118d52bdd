import API
import Core
import Foundation

/// What a server can do: asked, never assumed.
public struct Capabilities: Hashable, Sendable {
    /// What `Idempotency-Key` means to a server. Nothing relies on it: whether a piece is out is found out before any
    /// retry, by client id or by its media id. It decides whether the key is sent at all.
    public enum Idempotency: String, Sendable {
        /// Client ids of the sync extension: unique for ever.
        case forever
        /// The key replays the answer for an hour, mostly.
        case hour
        /// A key that was seen is refused, also when its first request failed.
        case refusesSecondUse
        /// The key is ignored, or nobody knows.
        case none
    }

    /// It has our changes feed, client ids, conditional writes and resumable uploads.
    public var hasSyncExtension: Bool
    /// Bytes that one picture may have; nil where the server does not say.
    public var imageSizeLimit: Int?
    /// Lower case; empty where the server does not say.
    public var software: String
    public var version: String
    /// Several statuses can be asked for at once.
    public var hasBatches: Bool
    public var idempotency: Idempotency

    public init(
        hasSyncExtension: Bool, imageSizeLimit: Int? = nil, software: String = "", version: String = "",
        hasBatches: Bool = false
    ) {
        self.hasSyncExtension = hasSyncExtension
        self.imageSizeLimit = imageSizeLimit
        self.software = software
        self.version = version
        self.hasBatches = hasBatches
        idempotency = hasSyncExtension ? .forever : Self.idempotency(of: software)
    }

    var description: ServerDescription {
        ServerDescription(software: software, version: version, tellsChanges: hasSyncExtension)
    }

    private static func idempotency(of software: String) -> Idempotency {
        switch software {
        case "mastodon", "hometown": .hour
        case "pixelfed": .refusesSecondUse
        default: .none
        }
    }
}

extension MastodonClient {
    /// Asks `GET /api/v2/instance` and, of servers without the extension, NodeInfo. Servers that have neither are plain.
    public func capabilities() throws -> Capabilities {
        let instance: InstanceEntity?
        do {
            instance = try value(InstanceEntity.self, request("GET", "/api/v2/instance"))
        } catch ServerFault.refused(let status, _) where status == 404 || status == 405 {
            instance = nil
        }
        let limit = instance?.configuration?.mediaAttachments?.imageSizeLimit
        let versions = instance?.apiVersions ?? [:]
        if (versions["fixative-sync"] ?? 0) >= 1 {
            return Capabilities(
                hasSyncExtension: true, imageSizeLimit: limit, software: "fixative", version: instance?.version ?? "")
        }
        let software = try nodeInfo()
        return Capabilities(
            hasSyncExtension: false, imageSizeLimit: limit, software: software.name,
            version: software.version.isEmpty ? instance?.version ?? "" : software.version,
            // `GET /api/v1/statuses?id[]` came with Mastodon 4.3, whose API has version 2.
            hasBatches: software.name == "mastodon" && (versions["mastodon"] ?? 0) >= 2)
    }

    /// The software's name and version by NodeInfo 2.0; empty where the server has none. Asked without the token, and
    /// of this server only, wherever its links point.
    private func nodeInfo() throws -> (name: String, version: String) {
        struct Links: Decodable {
            struct Link: Decodable { var rel: String?, href: String? }
            var links: [Link]
        }
        struct Info: Decodable {
            struct Software: Decodable { var name: String?, version: String? }
            var software: Software?
        }
        func answer<T: Decodable>(_ type: T.Type, _ path: String) throws -> T? {
            var request = try request("GET", path, timeout: 20)
            request.bearerToken = nil
            do {
                return try value(type, request)
            } catch let fault as ServerFault {
                switch fault {
                case .offline, .noAnswer, .rateLimited: throw fault
                default: return nil
                }
            }
        }
        let known = try answer(Links.self, "/.well-known/nodeinfo")?.links.last { link in
            (link.rel ?? "").contains("nodeinfo.diaspora.software/ns/schema/2.")
        }
        guard let href = known?.href, let path = URLComponents(string: href)?.percentEncodedPath, path.hasPrefix("/"),
            let software = try answer(Info.self, path)?.software
        else { return ("", "") }
        return (
            Sanitiser.line(software.name ?? "", limit: 40).lowercased(),
            Sanitiser.line(software.version ?? "", limit: 60)
        )
    }

    /// Whether the server answers anything at all: tells a server that fails at one request from a network that lets
    /// nothing through. An attempt is only counted against a server that answers.
    func answers() -> Bool {
        guard var probe = try? request("GET", "/api/v2/instance", timeout: 10) else { return false }
        probe.bearerToken = nil
        return (try? http.send(probe)) != nil
    }
}
