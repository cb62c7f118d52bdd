import Core
import Foundation
import TOMLKit

/// How a community is run: the keys of `--config FILE` (TOML). Everything has a default.
public struct ServerConfiguration: Sendable {
    package struct RateLimit: Sendable {
        package var requests: Int
        package var seconds: TimeInterval
    }

    package struct RateLimits: Sendable {
        package var all: RateLimit
        package var media: RateLimit
        package var deletions: RateLimit
        /// Attempts to log in, for each name and address.
        package var logins: RateLimit

        /// For the artist's own machine: only a runaway program meets them.
        package static let generous = RateLimits(
            all: RateLimit(requests: 100_000, seconds: 300), media: RateLimit(requests: 10_000, seconds: 1_800),
            deletions: RateLimit(requests: 10_000, seconds: 1_800), logins: RateLimit(requests: 1_000, seconds: 300))
        /// Mastodon's own.
        package static let strict = RateLimits(
            all: RateLimit(requests: 300, seconds: 300), media: RateLimit(requests: 30, seconds: 1_800),
            deletions: RateLimit(requests: 30, seconds: 1_800), logins: RateLimit(requests: 25, seconds: 300))
    }

    package var title = "fixative community"
    package var description = "A community of artists on this machine."
    /// Where clients reach the server; nil means the address that it listens on.
    package var publicURL: String?
    package var openRegistration: Bool
    package var passwordGrant = true
    package var rateLimits: RateLimits
    package var maximumCharacters = 5_000
    package var maximumMedia = 8
    package var maximumMediaBytes = 40 << 20
    package var maximumPixels = 100_000_000
    package var maximumDescription = 1_500
    /// Longest time that the body of a request may take, and a connection may be silent, in seconds.
    package var bodySeconds: TimeInterval = 600
    package var idleSeconds = 60
    /// log2 of scrypt's N.
    package var passwordCost = 15
    package var tombstoneDays = 90
    /// Off, the server is one of Mastodon's client API and nothing more: for trying clients on such servers.
    public var hasSyncExtension = true

    /// - Parameter loopback: whether the server listens on this machine only; it is then open and generous.
    public init(loopback: Bool) {
        openRegistration = loopback
        rateLimits = loopback ? .generous : .strict
    }

    /// Reads the file's keys over the defaults. Throws `UserError` for what it cannot use.
    public init(loopback: Bool, toml: String) throws {
        self.init(loopback: loopback)
        let table: TOMLTable
        do {
            table = try TOMLTable(string: toml)
        } catch {
            throw UserError("The configuration is not TOML: \(error).")
        }
        for key in table.keys.sorted() { try set(key, table) }
    }

    private mutating func set(_ key: String, _ table: TOMLTable) throws {
        func value<T>(_ value: T?) throws -> T {
            guard let value else { throw UserError("The value of \(key) in the configuration has the wrong type.") }
            return value
        }
        func positive(_ number: Int?) throws -> Int {
            let number = try value(number)
            guard number > 0 else { throw UserError("\(key) in the configuration must be positive.") }
            return number
        }
        switch key {
        case "title": title = try value(table[key]?.string)
        case "description": description = try value(table[key]?.string)
        case "public_url": publicURL = try value(table[key]?.string)
        case "open_registration": openRegistration = try value(table[key]?.bool)
        case "password_grant": passwordGrant = try value(table[key]?.bool)
        case "sync_extension": hasSyncExtension = try value(table[key]?.bool)
        case "max_characters": maximumCharacters = try positive(table[key]?.int)
        case "max_media": maximumMedia = try positive(table[key]?.int)
        case "max_media_bytes": maximumMediaBytes = try positive(table[key]?.int)
        case "max_pixels": maximumPixels = try positive(table[key]?.int)
        case "body_seconds": bodySeconds = TimeInterval(try positive(table[key]?.int))
        case "idle_seconds": idleSeconds = try positive(table[key]?.int)
        case "requests_per_5_minutes": rateLimits.all.requests = try positive(table[key]?.int)
        case "uploads_per_30_minutes": rateLimits.media.requests = try positive(table[key]?.int)
        case "deletions_per_30_minutes": rateLimits.deletions.requests = try positive(table[key]?.int)
        case "logins_per_5_minutes": rateLimits.logins.requests = try positive(table[key]?.int)
        default: throw UserError("The configuration has a key that is not known: \(key).")
        }
    }
}
