/// A language that the program speaks.
public enum Language: String, Hashable, Sendable, Codable, CaseIterable {
    case english = "en"
    case simplifiedChinese = "zh-Hans"

    /// The language's own name for itself.
    public var ownName: String {
        switch self {
        case .english: "English"
        case .simplifiedChinese: "简体中文"
        }
    }

    /// From a POSIX locale name or a BCP 47 tag: `zh_CN.UTF-8`, `zh-Hans`, `en_GB`; nil for a language not spoken here.
    public init?(locale: String) {
        let name = locale.lowercased().split(whereSeparator: { ".@".contains($0) }).first.map(String.init) ?? ""
        switch name.split(whereSeparator: { "_-".contains($0) }).first {
        case "zh": self = .simplifiedChinese
        case "en", "c", "posix": self = .english
        default: return nil
        }
    }

    /// The configured language, else the first of LC_ALL, LC_MESSAGES and LANG that is set (POSIX), else English.
    public init(environment: [String: String], configured: String? = nil) {
        if let configured, configured != "auto", let language = Language(locale: configured) {
            self = language
            return
        }
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = set.flatMap(Language.init(locale:)) ?? .english
    }
}
