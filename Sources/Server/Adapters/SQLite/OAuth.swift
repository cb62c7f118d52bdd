import Foundation
import GRDB

extension SQLiteTransaction {
    func app(clientID: String) throws -> AppRecord? {
        try row("SELECT * FROM apps WHERE client_id = :id", ["id": clientID]).map(AppRecord.init(row:))
    }

    func app(_ id: RecordID) throws -> AppRecord? {
        try row("SELECT * FROM apps WHERE id = :id", ["id": id]).map(AppRecord.init(row:))
    }

    func token(hash: String) throws -> TokenRecord? {
        try row("SELECT * FROM tokens WHERE hash = :hash", ["hash": hash]).map { row in
            TokenRecord(
                hash: row["hash"], appID: row["app_id"], accountID: row["account_id"],
                scopes: Scopes(row["scopes"]) ?? Scopes(names: []), createdAt: Date(milliseconds: row["created_at"]))
        }
    }

    func insertApp(_ app: AppRecord, at date: Date) throws -> AppRecord {
        var app = app
        app.id = try newID(in: "apps", at: date)
        try run(
            "INSERT INTO apps VALUES (:id, :clientID, :secret, :name, :website, :uris, :scopes, :date)",
            [
                "id": app.id, "clientID": app.clientID, "secret": app.secretHash, "name": app.name,
                "website": app.website, "uris": app.redirectURIs.joined(separator: "\n"),
                "scopes": app.scopes.description, "date": date.milliseconds,
            ])
        return app
    }

    func insertToken(_ token: TokenRecord) throws {
        try run(
            "INSERT INTO tokens VALUES (:hash, :app, :account, :scopes, :date)",
            [
                "hash": token.hash, "app": token.appID, "account": token.accountID,
                "scopes": token.scopes.description, "date": token.createdAt.milliseconds,
            ])
    }

    func deleteToken(hash: String, appID: RecordID) throws {
        try run("DELETE FROM tokens WHERE hash = :hash AND app_id = :app", ["hash": hash, "app": appID])
    }

    func insertGrant(_ grant: GrantRecord) throws {
        try run(
            "INSERT INTO grants VALUES (:hash, :app, :account, :uri, :scopes, :challenge, :expires)",
            [
                "hash": grant.codeHash, "app": grant.appID, "account": grant.accountID, "uri": grant.redirectURI,
                "scopes": grant.scopes.description, "challenge": grant.challenge,
                "expires": grant.expiresAt.milliseconds,
            ])
    }

    func takeGrant(codeHash: String) throws -> GrantRecord? {
        guard let row = try row("DELETE FROM grants WHERE hash = :hash RETURNING *", ["hash": codeHash]) else {
            return nil
        }
        return GrantRecord(
            codeHash: row["hash"], appID: row["app_id"], accountID: row["account_id"],
            redirectURI: row["redirect_uri"], scopes: Scopes(row["scopes"]) ?? Scopes(names: []),
            challenge: row["challenge"], expiresAt: Date(milliseconds: row["expires_at"]))
    }

    func deleteExpiredGrants(now: Date) throws {
        try run("DELETE FROM grants WHERE expires_at < :now", ["now": now.milliseconds])
    }
}

extension AppRecord {
    fileprivate init(row: Row) {
        let uris: String = row["redirect_uris"]
        self.init(
            id: row["id"], clientID: row["client_id"], secretHash: row["secret_hash"], name: row["name"],
            website: row["website"], redirectURIs: uris.split(separator: "\n").map(String.init),
            scopes: Scopes(row["scopes"]) ?? .read)
    }
}
