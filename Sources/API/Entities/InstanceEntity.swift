/// The part of Mastodon's Instance (v2) entity that decides what a client may do.
public struct InstanceEntity: Codable, Sendable {
    public struct Configuration: Codable, Sendable {
        public struct Statuses: Codable, Sendable {
            public var maxCharacters: Int
            public var maxMediaAttachments: Int

            enum CodingKeys: String, CodingKey {
                case maxCharacters = "max_characters"
                case maxMediaAttachments = "max_media_attachments"
            }

            public init(maxCharacters: Int, maxMediaAttachments: Int) {
                self.maxCharacters = maxCharacters
                self.maxMediaAttachments = maxMediaAttachments
            }

            public init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                maxCharacters = values.lenient(Int.self, .maxCharacters) ?? 500
                maxMediaAttachments = values.lenient(Int.self, .maxMediaAttachments) ?? 4
            }
        }

        public struct Media: Codable, Sendable {
            public var supportedMIMETypes: [String]
            /// Bytes.
            public var imageSizeLimit: Int
            /// Pixels.
            public var imageMatrixLimit: Int
            public var descriptionLimit: Int

            enum CodingKeys: String, CodingKey {
                case supportedMIMETypes = "supported_mime_types"
                case imageSizeLimit = "image_size_limit"
                case imageMatrixLimit = "image_matrix_limit"
                case descriptionLimit = "description_limit"
            }

            public init(supportedMIMETypes: [String], imageSizeLimit: Int, imageMatrixLimit: Int, descriptionLimit: Int)
            {
                self.supportedMIMETypes = supportedMIMETypes
                self.imageSizeLimit = imageSizeLimit
                self.imageMatrixLimit = imageMatrixLimit
                self.descriptionLimit = descriptionLimit
            }

            public init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                supportedMIMETypes = values.lenientArray(String.self, .supportedMIMETypes)
                imageSizeLimit = values.lenient(Int.self, .imageSizeLimit) ?? 16 << 20
                imageMatrixLimit = values.lenient(Int.self, .imageMatrixLimit) ?? 33_177_600
                descriptionLimit = values.lenient(Int.self, .descriptionLimit) ?? 1_500
            }
        }

        public var statuses: Statuses?
        public var mediaAttachments: Media?

        enum CodingKeys: String, CodingKey {
            case statuses
            case mediaAttachments = "media_attachments"
        }

        public init(statuses: Statuses?, mediaAttachments: Media?) {
            self.statuses = statuses
            self.mediaAttachments = mediaAttachments
        }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            statuses = values.lenient(Statuses.self, .statuses)
            mediaAttachments = values.lenient(Media.self, .mediaAttachments)
        }
    }

    public var domain: String
    public var title: String
    public var version: String
    public var description: String
    public var configuration: Configuration?
    /// `mastodon`, and `fixative-sync` where the extension is there.
    public var apiVersions: [String: Int]

    enum CodingKeys: String, CodingKey {
        case domain, title, version, description, configuration
        case apiVersions = "api_versions"
    }

    public init(
        domain: String, title: String, version: String, description: String, configuration: Configuration?,
        apiVersions: [String: Int]
    ) {
        self.domain = domain
        self.title = title
        self.version = version
        self.description = description
        self.configuration = configuration
        self.apiVersions = apiVersions
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        domain = values.lenient(String.self, .domain) ?? ""
        title = values.lenient(String.self, .title) ?? ""
        version = values.lenient(String.self, .version) ?? ""
        description = values.lenient(String.self, .description) ?? ""
        configuration = values.lenient(Configuration.self, .configuration)
        apiVersions = values.lenient([String: Int].self, .apiVersions) ?? [:]
    }
}
