import Core
import Foundation

/// People of the community: joining, logging in, profiles, following.
package struct AccountService: Sendable {
    let community: Community

    /// Throws `APIError` for what cannot be an account.
    package func register(username: String, email: String, password: String, at date: Date? = nil) async throws
        -> AccountRecord
    {
        let username = username.trimmingCharacters(in: .whitespaces)
        guard (1...30).contains(username.count),
            username.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        else {
            throw APIError.invalid("Username must be 1 to 30 of the letters a to z, digits and underscores")
        }
        let email = email.trimmingCharacters(in: .whitespaces)
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        guard email.utf8.count <= 254, parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
            email.allSatisfy({ !$0.isWhitespace && $0 != "\0" })
        else { throw APIError.invalid("E-mail is not an address") }
        guard (8...1_000).contains(password.utf8.count) else {
            throw APIError.invalid("Password must have at least 8 characters")
        }
        let record = AccountRecord(
            id: 0, username: username, email: email, passwordHash: try await community.passwords.hash(password),
            createdAt: date ?? community.clock.now())
        guard let made = try await community.database.write({ db in try db.insertAccount(record) }) else {
            throw APIError.invalid("Username or e-mail has already been taken")
        }
        return made
    }

    /// The account behind a user name or an address and its password; nil when they do not fit together.
    func authenticate(_ login: String, _ password: String, peer: String) async throws -> AccountRecord? {
        let login = login.trimmingCharacters(in: .whitespaces)
        let limit = community.configuration.rateLimits.logins
        for key in ["login \(login.lowercased())", "login from \(peer)"]
        where community.limiter.count(key, limit: limit.requests, window: limit.seconds).remaining < 0 {
            var error = APIError(.tooManyRequests, "Too many attempts to log in", "Wait a few minutes.")
            error.headers[.retryAfter] = String(Int(limit.seconds))
            throw error
        }
        let account = try await community.database.read { db in
            try login.contains("@") ? db.account(email: login) : db.account(named: login)
        }
        guard let account else {
            try await community.passwords.pretend(password)
            return nil
        }
        return try await community.passwords.verify(password, account.passwordHash) ? account : nil
    }

    /// What a profile may change; nil keeps.
    struct Profile: Sendable {
        var displayName: String?
        var note: String?
        var locked: Bool?
        var bot: Bool?
        var discoverable: Bool?
        var visibility: Visibility?
        var sensitive: Bool?
        var language: String?
        var fields: [ProfileField]?
        var avatar: ProfilePicture?
        var header: ProfilePicture?
    }

    func update(_ id: RecordID, _ profile: Profile) async throws -> AccountRecord {
        if let name = profile.displayName, name.count > 100 {
            throw APIError.invalid("Display name is longer than 100 characters")
        }
        if let note = profile.note, note.count > 2_000 || note.unicodeScalars.count > 16_000 {
            throw APIError.invalid("Note is longer than 2000 characters")
        }
        if let fields = profile.fields,
            fields.count > 4 || fields.contains(where: { $0.name.count + $0.value.count > 510 })
        {
            throw APIError.invalid("At most 4 fields of 255 characters")
        }
        return try await community.database.write { db in
            guard var account = try db.account(id) else { throw APIError.notFound }
            let before = account
            account.displayName = profile.displayName.map(PlainText.line) ?? account.displayName
            account.note = profile.note.map(PlainText.clean) ?? account.note
            account.locked = profile.locked ?? account.locked
            account.bot = profile.bot ?? account.bot
            account.discoverable = profile.discoverable ?? account.discoverable
            account.defaultVisibility = profile.visibility ?? account.defaultVisibility
            account.defaultSensitive = profile.sensitive ?? account.defaultSensitive
            account.defaultLanguage = profile.language ?? account.defaultLanguage
            account.fields = profile.fields ?? account.fields
            account.avatar = profile.avatar ?? account.avatar
            account.header = profile.header ?? account.header
            if account == before { return account }
            try db.updateAccount(account)
            if account.displayName != before.displayName || account.avatar != before.avatar {
                try db.touchStatuses(ofAccount: id)
            }
            return account
        }
    }

    func follow(_ target: RecordID, by account: AccountRecord, reblogs: Bool, notify: Bool) async throws {
        let now = community.clock.now()
        guard target != account.id else { throw APIError(.forbidden, "You cannot follow yourself") }
        try await community.database.write { db in
            guard try db.account(target) != nil else { throw APIError.notFound }
            if try db.follow(target, by: account.id, reblogs: reblogs, notify: notify, at: now) {
                try db.insertNotification(
                    NotificationRecord(
                        id: 0, accountID: target, kind: .follow, fromID: account.id, statusID: nil, createdAt: now))
            }
        }
    }

    func unfollow(_ target: RecordID, by account: AccountRecord) async throws {
        try await community.database.write { db in
            guard try db.account(target) != nil else { throw APIError.notFound }
            _ = try db.unfollow(target, by: account.id)
        }
    }
}

/// What people type, before it is stored.
enum PlainText {
    /// One form of line end, no NUL. Everything else is kept as it was typed: each reader makes it safe for its place.
    static func clean(_ text: String) -> String {
        text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").replacing("\0", with: "")
    }

    static func line(_ text: String) -> String {
        clean(text).replacing("\n", with: " ").trimmingCharacters(in: .whitespaces)
    }
}
