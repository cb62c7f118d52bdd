import Foundation

/// A mistake in a search, with the place where it is.
public struct SearchSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    /// Characters before the mistake.
    public var offset: Int
    public var query: String

    public init(message: String, offset: Int, query: String) {
        self.message = message
        self.offset = offset
        self.query = query
    }

    /// The query, a caret under the place, and the message.
    public var description: String { "\(query)\n\(String(repeating: " ", count: offset))^\n\(message)" }
}

/// Reads the search grammar:
///
///     query  = or
///     or     = and *( "OR" and )
///     and    = 1*term
///     term   = [ "-" ] ( "(" or ")" / phrase / field ":" value / word / word "*" )
///     field  = "tag" / "by" / "since" / "until" / "is" / "has" / "license"
///
/// A word that holds a colon but no known field is searched for as it stands.
public struct SearchParser {
    /// Longest query, in characters.
    public static let maximumLength = 1_000
    /// Deepest nesting of parentheses.
    public static let maximumDepth = 32

    private let query: String
    private let characters: [Character]
    private var position = 0
    private var depth = 0

    /// Throws `SearchSyntaxError`.
    public static func parse(_ query: String) throws -> SearchQuery {
        var parser = SearchParser(query)
        guard parser.characters.count <= maximumLength else {
            throw parser.mistake(
                "The search is longer than \(maximumLength) characters: shorten it.", at: maximumLength)
        }
        parser.skipSpaces()
        if parser.isAtEnd { return .everything }
        let result = try parser.or()
        if !parser.isAtEnd {
            throw parser.mistake("This ')' closes nothing: remove it, or open it with '('.", at: parser.position)
        }
        return result
    }

    private init(_ query: String) {
        self.query = query
        characters = Array(query)
    }

    private var isAtEnd: Bool { position >= characters.count }

    private func mistake(_ message: String, at offset: Int) -> SearchSyntaxError {
        SearchSyntaxError(message: message, offset: offset, query: query)
    }

    private mutating func skipSpaces() {
        while !isAtEnd, characters[position].isWhitespace { position += 1 }
    }

    private func nextIsOr() -> Bool {
        guard position + 2 <= characters.count, characters[position] == "O", characters[position + 1] == "R" else {
            return false
        }
        return position + 2 == characters.count || characters[position + 2].isWhitespace
            || characters[position + 2] == "("
    }

    private mutating func or() throws -> SearchQuery {
        var branches = [try and()]
        while !isAtEnd, nextIsOr() {
            let place = position
            position += 2
            skipSpaces()
            if isAtEnd || characters[position] == ")" || nextIsOr() {
                throw mistake("OR needs something on both sides.", at: place)
            }
            branches.append(try and())
        }
        return branches.count == 1 ? branches[0] : .any(branches)
    }

    private mutating func and() throws -> SearchQuery {
        var terms: [SearchQuery] = []
        skipSpaces()
        while !isAtEnd, characters[position] != ")" {
            if nextIsOr() {
                if terms.isEmpty { throw mistake("OR needs something on both sides.", at: position) }
                break
            }
            terms.append(try term())
            skipSpaces()
        }
        if terms.isEmpty {
            throw mistake("There is nothing between these parentheses: put a word in, or remove them.", at: position)
        }
        return terms.count == 1 ? terms[0] : .all(terms)
    }

    private mutating func term() throws -> SearchQuery {
        let start = position
        if characters[position] == "-", position + 1 < characters.count, !characters[position + 1].isWhitespace {
            position += 1
            if characters[position] == "-" { throw mistake("One '-' is enough to exclude something.", at: position) }
            return .not(try term())
        }
        switch characters[position] {
        case "(":
            depth += 1
            if depth > Self.maximumDepth {
                throw mistake(
                    "Parentheses are nested deeper than \(Self.maximumDepth): simplify the search.", at: start)
            }
            position += 1
            let inner = try or()
            guard !isAtEnd, characters[position] == ")" else {
                throw mistake("This '(' is not closed: add ')'.", at: start)
            }
            position += 1
            depth -= 1
            return inner
        case "\"": return .phrase(try quoted())
        default: return try word()
        }
    }

    private mutating func quoted() throws -> String {
        let start = position
        position += 1
        var text = ""
        while !isAtEnd, characters[position] != "\"" {
            text.append(characters[position])
            position += 1
        }
        if isAtEnd { throw mistake("This quotation mark is not closed: add '\"' at the end of the phrase.", at: start) }
        position += 1
        return text
    }

    private mutating func bareWord() -> String {
        var text = ""
        while !isAtEnd, !characters[position].isWhitespace, !"()\"".contains(characters[position]) {
            text.append(characters[position])
            position += 1
        }
        return text
    }

    private mutating func word() throws -> SearchQuery {
        let start = position
        let text = bareWord()
        if text.isEmpty { throw mistake("A word is missing here.", at: start) }
        if let colon = text.firstIndex(of: ":") {
            let name = text[..<colon].lowercased()
            let place = start + text.distance(from: text.startIndex, to: colon) + 1
            if let field = Field(rawValue: name) {
                var value = String(text[text.index(after: colon)...])
                if value.isEmpty, !isAtEnd, characters[position] == "\"" { value = try quoted() }
                return try restriction(field, value, at: place)
            }
        }
        if text.count > 1, text.hasSuffix("*") { return .prefix(String(text.dropLast())) }
        if text.count > 1, text.hasPrefix("#") { return .tag(text.dropFirst().lowercased()) }
        return .word(text)
    }

    private enum Field: String { case tag, by, since, until, `is`, has, license }

    private func restriction(_ field: Field, _ value: String, at place: Int) throws -> SearchQuery {
        if value.isEmpty { throw mistake("'\(field.rawValue):' needs a value right after the colon.", at: place) }
        switch field {
        case .tag: return .tag((value.hasPrefix("#") ? String(value.dropFirst()) : value).lowercased())
        case .by: return .by((value.hasPrefix("@") ? String(value.dropFirst()) : value).lowercased())
        case .license: return .license(value)
        case .since: return .since(try day(value, at: place))
        case .until: return .until(try day(value, at: place))
        case .has:
            guard value.lowercased() == "alt" else { throw mistake("'has:' knows only has:alt.", at: place) }
            return .hasAlt
        case .is:
            guard let flag = SearchQuery.Flag(rawValue: value.lowercased()) else {
                let known = SearchQuery.Flag.allCases.map { "is:\($0.rawValue)" }.joined(separator: ", ")
                throw mistake("There is no 'is:\(value)'; there are \(known).", at: place)
            }
            return .flag(flag)
        }
    }

    /// `2026-01-31`, `2026-01` or `2026`: the first instant of it, UTC.
    private func day(_ text: String, at place: Int) throws -> Date {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "UTC") ?? .gmt
        if (1...3).contains(parts.count), !parts.contains(nil), let year = parts[0], (1900...9999).contains(year) {
            let month = parts.count > 1 ? parts[1] ?? 0 : 1
            let dayOfMonth = parts.count > 2 ? parts[2] ?? 0 : 1
            let components = DateComponents(calendar: calendar, year: year, month: month, day: dayOfMonth)
            if components.isValidDate, let date = calendar.date(from: components) { return date }
        }
        throw mistake("'\(text)' is not a date: write it like 2026-01-31.", at: place)
    }
}
