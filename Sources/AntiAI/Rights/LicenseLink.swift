import Foundation

/// A licence as the artist names it, an SPDX id or a URL, and where its text is.
public struct LicenseLink: Hashable, Sendable {
    /// The name to show: the SPDX id where there is one, else the URL or the words as given.
    public let name: String
    /// Where the licence can be read; nil for ids that are not known here.
    public let url: String?
    /// Whether the work is given to the public domain.
    public let isPublicDomain: Bool

    /// Knows the Creative Commons licences by their SPDX ids (SPDX License List 3.25) in any case, and HTTP URLs.
    public init(_ text: String) {
        let trimmed = XMPText.clean(text)
        if let scheme = URL(string: trimmed)?.scheme?.lowercased(), ["http", "https"].contains(scheme) {
            let isPublicDomain = trimmed.contains("creativecommons.org/publicdomain/")
            self.init(name: trimmed, url: trimmed, isPublicDomain: isPublicDomain)
            return
        }
        let id = trimmed.uppercased()
        if id == "CC0-1.0" {
            self.init(name: id, url: "https://creativecommons.org/publicdomain/zero/1.0/", isPublicDomain: true)
        } else if let path = Self.creativeCommonsPath(id) {
            self.init(name: id, url: "https://creativecommons.org/licenses/\(path)/", isPublicDomain: false)
        } else {
            self.init(name: trimmed, url: nil, isPublicDomain: false)
        }
    }

    private init(name: String, url: String?, isPublicDomain: Bool) {
        self.name = name
        self.url = url
        self.isPublicDomain = isPublicDomain
    }

    /// `CC-BY-NC-4.0` → `by-nc/4.0`.
    private static func creativeCommonsPath(_ id: String) -> String? {
        let kinds = ["BY", "BY-SA", "BY-NC", "BY-ND", "BY-NC-SA", "BY-NC-ND"]
        let versions = ["1.0", "2.0", "2.5", "3.0", "4.0"]
        for kind in kinds {
            for version in versions where id == "CC-\(kind)-\(version)" {
                // Version 1.0 has the last one's parts in the other order.
                let path = kind == "BY-NC-ND" && version == "1.0" ? "by-nd-nc" : kind.lowercased()
                return "\(path)/\(version)"
            }
        }
        return nil
    }
}
