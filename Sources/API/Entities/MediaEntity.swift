import Core
import Foundation

/// Mastodon's MediaAttachment entity.
public struct MediaEntity: Codable, Sendable, Hashable {
    public struct Size: Codable, Sendable, Hashable {
        public var width: Int
        public var height: Int
        public var size: String
        public var aspect: Double

        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
            size = "\(width)x\(height)"
            aspect = height > 0 ? Double(width) / Double(height) : 1
        }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.init(width: values.lenient(Int.self, .width) ?? 0, height: values.lenient(Int.self, .height) ?? 0)
        }
    }

    public struct Meta: Codable, Sendable, Hashable {
        public var original: Size?
        public var small: Size?

        public init(original: Size?, small: Size?) {
            self.original = original
            self.small = small
        }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            original = values.lenient(Size.self, .original)
            small = values.lenient(Size.self, .small)
        }
    }

    public var id: String
    public var type: String
    /// Null while the server still works on it.
    public var url: String?
    public var previewURL: String?
    public var remoteURL: String?
    public var meta: Meta?
    public var description: String?
    public var blurhash: String?

    enum CodingKeys: String, CodingKey {
        case id, type, url, meta, description, blurhash
        case previewURL = "preview_url"
        case remoteURL = "remote_url"
    }

    public init(
        id: String, type: String = "image", url: String?, previewURL: String?, meta: Meta?, description: String?,
        blurhash: String? = nil
    ) {
        self.id = id
        self.type = type
        self.url = url
        self.previewURL = previewURL
        remoteURL = nil
        self.meta = meta
        self.description = description
        self.blurhash = blurhash
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        guard let id = values.lenientID(.id) else {
            throw DecodingError.dataCorruptedError(forKey: .id, in: values, debugDescription: "media without id")
        }
        self.id = id
        type = values.lenient(String.self, .type) ?? "unknown"
        url = values.lenient(String.self, .url)
        previewURL = values.lenient(String.self, .previewURL)
        remoteURL = values.lenient(String.self, .remoteURL)
        meta = values.lenient(Meta.self, .meta)
        description = values.lenient(String.self, .description)
        blurhash = values.lenient(String.self, .blurhash)
    }

    /// Mastodon's schema has these keys in every answer, null or not.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(id, forKey: .id)
        try values.encode(type, forKey: .type)
        try values.encode(url, forKey: .url)
        try values.encode(previewURL, forKey: .previewURL)
        try values.encode(remoteURL, forKey: .remoteURL)
        try values.encode(meta, forKey: .meta)
        try values.encode(description, forKey: .description)
        try values.encode(blurhash, forKey: .blurhash)
    }

    public var attachment: MediaAttachment {
        MediaAttachment(
            id: id, kind: MediaAttachment.Kind(rawValue: type) ?? .unknown, url: url ?? remoteURL ?? "",
            previewURL: previewURL, description: description, blurhash: blurhash, width: meta?.original?.width,
            height: meta?.original?.height)
    }
}
