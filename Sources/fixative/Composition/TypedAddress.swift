import Core
import Foundation

/// The address of a community as a person types it; `art.example` means https.
enum TypedAddress {
    static func parse(_ text: String) throws -> URL {
        let trimmed = text.trimmingCharacters(in: CharacterSet(charactersIn: "/ "))
        guard let url = URL(string: trimmed.contains("://") ? trimmed : "https://\(trimmed)"), url.host != nil else {
            throw UserError("'\(text)' is no address of a server: write it like https://art.example.")
        }
        return url
    }
}
