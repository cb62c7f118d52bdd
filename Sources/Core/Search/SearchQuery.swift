import Foundation

/// A search, parsed. See `SearchParser` for the grammar.
public indirect enum SearchQuery: Hashable, Sendable {
    public enum Flag: String, Hashable, Sendable, CaseIterable {
        case mine, queued, bookmarked, favourited, sensitive
    }

    /// No restriction: matches everything.
    case everything
    /// A word somewhere in the text, its alt texts or its tags.
    case word(String)
    /// The words next to each other.
    case phrase(String)
    /// Any word that begins like this.
    case prefix(String)
    /// A hashtag, lower case, without `#`.
    case tag(String)
    /// An account by `name` or `name@host`, lower case, without `@`.
    case by(String)
    /// At or after the start of that day (UTC).
    case since(Date)
    /// Up to the end of that day (UTC); the date is its first instant.
    case until(Date)
    case flag(Flag)
    /// A picture with alt text.
    case hasAlt
    /// A licence, compared without case; `none` for all rights reserved.
    case license(String)
    case not(SearchQuery)
    case all([SearchQuery])
    case any([SearchQuery])
}
