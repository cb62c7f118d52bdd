import Foundation

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
            throw parser.error(.tooLong, String(maximumLength), at: maximumLength)
        }
        parser.skipSpaces()
        if parser.isAtEnd { return .everything }
        let result = try parser.or()
        if !parser.isAtEnd {
            throw parser.error(.closesNothing, at: parser.position)
        }
        return result
    }

    private init(_ query: String) {
        self.query = query
        characters = Array(query)
    }

    private var isAtEnd: Bool { position >= characters.count }

    private func error(_ mistake: SearchMistake, _ arguments: String..., at offset: Int) -> SearchSyntaxError {
        SearchSyntaxError(mistake: mistake, arguments: arguments, offset: offset, query: query)
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
                throw error(.orAlone, at: place)
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
                if terms.isEmpty { throw error(.orAlone, at: position) }
                break
            }
            terms.append(try term())
            skipSpaces()
        }
        if terms.isEmpty {
            throw error(.emptyGroup, at: position)
        }
        return terms.count == 1 ? terms[0] : .all(terms)
    }

    private mutating func term() throws -> SearchQuery {
        let start = position
        if characters[position] == "-", position + 1 < characters.count, !characters[position + 1].isWhitespace {
            position += 1
            if characters[position] == "-" { throw error(.doubleMinus, at: position) }
            return .not(try term())
        }
        switch characters[position] {
        case "(":
            depth += 1
            if depth > Self.maximumDepth {
                throw error(.tooDeep, String(Self.maximumDepth), at: start)
            }
            position += 1
            let inner = try or()
            guard !isAtEnd, characters[position] == ")" else {
                throw error(.notClosed, at: start)
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
        if isAtEnd { throw error(.quoteOpen, at: start) }
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
        if text.isEmpty { throw error(.wordMissing, at: start) }
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
        if value.isEmpty { throw error(.valueMissing, field.rawValue, at: place) }
        switch field {
        case .tag: return .tag((value.hasPrefix("#") ? String(value.dropFirst()) : value).lowercased())
        case .by: return .by((value.hasPrefix("@") ? String(value.dropFirst()) : value).lowercased())
        case .license: return .license(value)
        case .since: return .since(try day(value, at: place))
        case .until: return .until(try day(value, at: place))
        case .has:
            guard value.lowercased() == "alt" else { throw error(.hasUnknown, at: place) }
            return .hasAlt
        case .is:
            guard let flag = SearchQuery.Flag(rawValue: value.lowercased()) else {
                let known = SearchQuery.Flag.allCases.map { "is:\($0.rawValue)" }.joined(separator: ", ")
                throw error(.isUnknown, value, known, at: place)
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
        throw error(.noDate, text, at: place)
    }
}
