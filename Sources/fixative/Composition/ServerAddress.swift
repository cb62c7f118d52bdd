import Core
import Foundation

/// The address of a community as a person types it.
enum ServerAddress {
    /// `art.example` means https; plain http is accepted only for this machine, because a token travels over it.
    static func parse(_ text: String) throws -> URL {
        let trimmed = text.trimmingCharacters(in: CharacterSet(charactersIn: "/ "))
        let full = trimmed.contains("://") ? trimmed : "https://\(trimmed)"
        guard let parts = URLComponents(string: full), let host = parts.host, !host.isEmpty,
            ["http", "https"].contains(parts.scheme?.lowercased() ?? ""), parts.user == nil, parts.password == nil,
            let url = parts.url
        else { throw UserError("'\(text)' is no address of a server: write it like https://art.example.") }
        let isLocal = host == "localhost" || host == "[::1]" || host == "::1" || host.hasPrefix("127.")
        guard parts.scheme?.lowercased() == "https" || isLocal else {
            throw UserError("'\(text)' would send your password unencrypted: use https://\(host).")
        }
        return url
    }
}
