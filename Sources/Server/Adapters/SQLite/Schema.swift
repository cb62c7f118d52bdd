import Foundation
import GRDB
import TextIndex

/// The tables, as migrations that only go forward.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: accounts, posts, pictures, changes") { db in
            try db.execute(sql: tables)
            try db.create(virtualTable: "status_fts", using: FTS5()) { table in
                table.tokenizer = SearchTokenizer.tokenizerDescriptor()
                table.column("text")
                table.column("alt")
                table.column("tags")
            }
            try db.execute(
                sql: "INSERT INTO settings (name, value) VALUES ('epoch', ?)",
                arguments: [UUID().uuidString.lowercased()])
        }
        migrator.registerMigration("2: uploads in pieces") { db in try db.execute(sql: uploads) }
        return migrator
    }

    private static let uploads = """
        CREATE TABLE uploads (
            id TEXT PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts, client_key TEXT,
            length INTEGER NOT NULL, "offset" INTEGER NOT NULL, sha256 TEXT, description TEXT,
            media_id INTEGER, expires_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE UNIQUE INDEX uploads_client ON uploads (account_id, client_key) WHERE client_key IS NOT NULL;
        CREATE INDEX uploads_expiry ON uploads (expires_at);
        """

    /// Dates are milliseconds since 1970. Ids are time-ordered. Nothing is deleted by cascade: each deletion says
    /// what goes.
    private static let tables = """
        CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO counters VALUES ('sequence', 0), ('oldest', 0);

        CREATE TABLE accounts (
            id INTEGER PRIMARY KEY,
            username TEXT NOT NULL COLLATE NOCASE UNIQUE,
            email TEXT NOT NULL COLLATE NOCASE UNIQUE,
            password TEXT NOT NULL,
            display_name TEXT NOT NULL, note TEXT NOT NULL,
            locked INTEGER NOT NULL, bot INTEGER NOT NULL, discoverable INTEGER NOT NULL,
            default_visibility TEXT NOT NULL, default_sensitive INTEGER NOT NULL, default_language TEXT,
            fields TEXT NOT NULL, avatar TEXT, header TEXT,
            created_at INTEGER NOT NULL);
        CREATE TABLE apps (
            id INTEGER PRIMARY KEY, client_id TEXT NOT NULL UNIQUE, secret_hash TEXT NOT NULL, name TEXT NOT NULL,
            website TEXT, redirect_uris TEXT NOT NULL, scopes TEXT NOT NULL, created_at INTEGER NOT NULL);
        CREATE TABLE tokens (
            hash TEXT PRIMARY KEY, app_id INTEGER NOT NULL REFERENCES apps, account_id INTEGER REFERENCES accounts,
            scopes TEXT NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE grants (
            hash TEXT PRIMARY KEY, app_id INTEGER NOT NULL REFERENCES apps,
            account_id INTEGER NOT NULL REFERENCES accounts, redirect_uri TEXT NOT NULL, scopes TEXT NOT NULL,
            challenge TEXT, expires_at INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE statuses (
            id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts,
            text TEXT NOT NULL, spoiler TEXT NOT NULL, sensitive INTEGER NOT NULL, visibility TEXT NOT NULL,
            language TEXT, in_reply_to_id INTEGER, in_reply_to_account_id INTEGER, reblog_of_id INTEGER,
            client_id TEXT, mark_id TEXT, license TEXT, recipe TEXT, revision INTEGER NOT NULL,
            favourites INTEGER NOT NULL, reblogs INTEGER NOT NULL, replies INTEGER NOT NULL,
            created_at INTEGER NOT NULL, edited_at INTEGER, app_name TEXT, app_website TEXT,
            created_seq INTEGER NOT NULL, changed_seq INTEGER NOT NULL);
        CREATE INDEX statuses_account ON statuses (account_id, id);
        CREATE INDEX statuses_changed ON statuses (changed_seq);
        CREATE INDEX statuses_reply ON statuses (in_reply_to_id) WHERE in_reply_to_id IS NOT NULL;
        CREATE UNIQUE INDEX statuses_reblog ON statuses (reblog_of_id, account_id) WHERE reblog_of_id IS NOT NULL;
        CREATE UNIQUE INDEX statuses_mark ON statuses (mark_id) WHERE mark_id IS NOT NULL;
        CREATE TABLE versions (
            status_id INTEGER NOT NULL, revision INTEGER NOT NULL, text TEXT NOT NULL, spoiler TEXT NOT NULL,
            sensitive INTEGER NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (status_id, revision)) WITHOUT ROWID;
        CREATE TABLE publications (
            account_id INTEGER NOT NULL, client_id TEXT NOT NULL, fingerprint TEXT NOT NULL,
            status_id INTEGER NOT NULL, deleted_at INTEGER, PRIMARY KEY (account_id, client_id)) WITHOUT ROWID;
        CREATE INDEX publications_status ON publications (status_id);
        CREATE TABLE idempotency_keys (
            account_id INTEGER NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status_id INTEGER NOT NULL,
            deleted_at INTEGER, created_at INTEGER NOT NULL, PRIMARY KEY (account_id, key)) WITHOUT ROWID;
        CREATE TABLE status_tags (
            tag TEXT NOT NULL, status_id INTEGER NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (tag, status_id)) WITHOUT ROWID;
        CREATE INDEX status_tags_status ON status_tags (status_id);
        CREATE TABLE mentions (
            status_id INTEGER NOT NULL, account_id INTEGER NOT NULL,
            PRIMARY KEY (status_id, account_id)) WITHOUT ROWID;
        CREATE TABLE favourites (
            id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, status_id INTEGER NOT NULL,
            UNIQUE (account_id, status_id));
        CREATE INDEX favourites_status ON favourites (status_id);
        CREATE TABLE bookmarks (
            id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, status_id INTEGER NOT NULL,
            UNIQUE (account_id, status_id));
        CREATE INDEX bookmarks_status ON bookmarks (status_id);
        CREATE TABLE follows (
            id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts,
            target_id INTEGER NOT NULL REFERENCES accounts, reblogs INTEGER NOT NULL, notify INTEGER NOT NULL,
            UNIQUE (account_id, target_id));
        CREATE INDEX follows_target ON follows (target_id);

        CREATE TABLE media (
            id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts,
            status_id INTEGER, position INTEGER NOT NULL DEFAULT 0, key TEXT NOT NULL UNIQUE,
            object TEXT NOT NULL, format TEXT NOT NULL, bytes INTEGER NOT NULL,
            width INTEGER NOT NULL, height INTEGER NOT NULL,
            preview_object TEXT NOT NULL, preview_format TEXT NOT NULL,
            preview_width INTEGER NOT NULL, preview_height INTEGER NOT NULL,
            blurhash TEXT, description TEXT, focus_x REAL NOT NULL, focus_y REAL NOT NULL,
            created_at INTEGER NOT NULL, loose_since INTEGER, withdrawn INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX media_status ON media (status_id) WHERE status_id IS NOT NULL;
        CREATE INDEX media_loose ON media (loose_since) WHERE loose_since IS NOT NULL;
        CREATE INDEX media_object ON media (object);
        CREATE INDEX media_preview ON media (preview_object);

        CREATE TABLE notifications (
            id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, kind TEXT NOT NULL, from_id INTEGER NOT NULL,
            status_id INTEGER, created_at INTEGER NOT NULL);
        CREATE UNIQUE INDEX notifications_once
            ON notifications (account_id, kind, from_id, coalesce(status_id, 0));
        CREATE INDEX notifications_status ON notifications (status_id) WHERE status_id IS NOT NULL;

        CREATE TABLE tombstones (
            status_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, visibility TEXT NOT NULL,
            seq INTEGER NOT NULL, deleted_at INTEGER NOT NULL);
        CREATE INDEX tombstones_seq ON tombstones (seq);
        CREATE TABLE viewer_changes (
            account_id INTEGER NOT NULL, status_id INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY (account_id, status_id)) WITHOUT ROWID;
        CREATE INDEX viewer_changes_seq ON viewer_changes (account_id, seq);

        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL UNIQUE, run_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0);
        """
}
