import API

/// The Instance entity (v2) with what other clients look for.
struct InstanceAnswer: Encodable {
    struct Registrations: Encodable {
        var enabled: Bool
        var approvalRequired = false
        var message: String?

        enum CodingKeys: String, CodingKey {
            case enabled, message
            case approvalRequired = "approval_required"
        }
    }

    enum CodingKeys: String, CodingKey {
        case sourceURL = "source_url"
        case usage, thumbnail, languages, registrations, contact, rules, icon
    }

    var entity: InstanceEntity
    var activeMonth: Int
    var openRegistration: Bool
    var base: String

    func encode(to encoder: any Encoder) throws {
        try entity.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode("", forKey: .sourceURL)
        try values.encode(["users": ["active_month": activeMonth]], forKey: .usage)
        try values.encode(["url": "\(base)/avatars/0.png"], forKey: .thumbnail)
        try values.encode(["en", "zh"], forKey: .languages)
        try values.encode(Registrations(enabled: openRegistration), forKey: .registrations)
        try values.encode(["email": ""], forKey: .contact)
        try values.encode([String](), forKey: .rules)
        try values.encode([String](), forKey: .icon)
    }
}

/// The Instance entity of version 1.
struct OldInstanceAnswer: Encodable {
    struct Stats: Encodable {
        var userCount: Int
        var statusCount: Int
        var domainCount: Int

        enum CodingKeys: String, CodingKey {
            case userCount = "user_count"
            case statusCount = "status_count"
            case domainCount = "domain_count"
        }
    }

    var uri: String
    var title: String
    var shortDescription: String
    var description: String
    var email = ""
    var version: String
    var urls: [String: String] = [:]
    var stats: Stats
    var thumbnail: String?
    var languages = ["en", "zh"]
    var registrations: Bool
    var approvalRequired = false
    var invitesEnabled = false
    var configuration: InstanceEntity.Configuration
    var rules: [String] = []

    enum CodingKeys: String, CodingKey {
        case uri, title, description, email, version, urls, stats, thumbnail, languages, registrations, configuration
        case rules
        case shortDescription = "short_description"
        case approvalRequired = "approval_required"
        case invitesEnabled = "invites_enabled"
    }
}
