import API
import Core
import Foundation

/// What a server can do: asked, never assumed.
public struct Capabilities: Hashable, Sendable {
    /// It has our changes feed, client ids and conditional writes.
    public var hasSyncExtension: Bool
    /// Bytes that one picture may have; nil where the server does not say.
    public var imageSizeLimit: Int?

    public init(hasSyncExtension: Bool, imageSizeLimit: Int? = nil) {
        self.hasSyncExtension = hasSyncExtension
        self.imageSizeLimit = imageSizeLimit
    }
}

extension MastodonClient {
    /// Servers without `GET /api/v2/instance` are plain.
    public func capabilities() throws -> Capabilities {
        do {
            let instance = try value(InstanceEntity.self, request("GET", "/api/v2/instance"))
            return Capabilities(
                hasSyncExtension: (instance.apiVersions["fixative-sync"] ?? 0) >= 1,
                imageSizeLimit: instance.configuration?.mediaAttachments?.imageSizeLimit)
        } catch ServerFault.refused(let status, _) where status == 404 || status == 405 {
            return Capabilities(hasSyncExtension: false)
        }
    }
}
