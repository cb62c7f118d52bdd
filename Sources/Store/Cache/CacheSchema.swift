import Core
import GRDB

/// The tables of `cache.db`. Everything in it can be fetched again, so it needs no backup.
///
/// `row` is the place of a status in time (`StatusOrder`): every list is a walk down an index in its order, and the
/// page after an entry begins below the entry's row.
enum CacheSchema {
    static let schema = Schema(name: "cache", steps: [.sql(first), Schema.Step(run: indexPrefixes)])

    private static let first = """
        CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value ANY) STRICT, WITHOUT ROWID;

        CREATE TABLE accounts (
            id TEXT PRIMARY KEY NOT NULL,
            acct TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX accounts_by_acct ON accounts (acct);

        CREATE TABLE follows (account_id TEXT PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE statuses (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            account_id TEXT NOT NULL,
            body TEXT NOT NULL,
            home INTEGER NOT NULL,
            local INTEGER NOT NULL,
            sensitive INTEGER NOT NULL,
            favourited INTEGER NOT NULL,
            bookmarked INTEGER NOT NULL,
            has_alt INTEGER NOT NULL,
            license TEXT NOT NULL,
            client_id TEXT,
            generation INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX statuses_home ON statuses (home) WHERE home = 1;
        CREATE INDEX statuses_local ON statuses (local) WHERE local = 1;
        CREATE INDEX statuses_bookmarked ON statuses (bookmarked) WHERE bookmarked = 1;
        CREATE INDEX statuses_favourited ON statuses (favourited) WHERE favourited = 1;
        CREATE INDEX statuses_by_account ON statuses (account_id);
        CREATE INDEX statuses_by_client ON statuses (client_id) WHERE client_id IS NOT NULL;
        CREATE INDEX statuses_by_generation ON statuses (generation);

        CREATE TABLE status_tags (
            tag TEXT NOT NULL,
            row INTEGER NOT NULL,
            PRIMARY KEY (tag, row)
        ) STRICT, WITHOUT ROWID;

        CREATE VIRTUAL TABLE status_text USING fts5(text, alt, tags, content = '', tokenize = 'fixative');

        CREATE TABLE tombstones (
            id TEXT PRIMARY KEY NOT NULL,
            row INTEGER,
            at REAL NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE media (
            key TEXT PRIMARY KEY NOT NULL,
            bytes INTEGER NOT NULL,
            own INTEGER NOT NULL,
            used_at REAL NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX media_by_use ON media (own, used_at);
        """

    /// Without an index of its own a prefix of two letters merges the lists of all words that begin with it: 100 ms and
    /// more over a million statuses.
    @Sendable private static func indexPrefixes(_ db: GRDB.Database) throws {
        try db.execute(
            sql: """
                DROP TABLE status_text;
                CREATE VIRTUAL TABLE status_text USING fts5(
                    text, alt, tags, content = '', tokenize = 'fixative', prefix = '1 2 3');
                """)
        // The index holds no text, so it is made again from the statuses.
        let statuses = try Row.fetchCursor(db, sql: "SELECT row, body FROM statuses")
        let insert = try db.makeStatement(sql: "INSERT INTO status_text (rowid, text, alt, tags) VALUES (?, ?, ?, ?)")
        while let found = try statuses.next() {
            let text = SearchText(try StoreJSON.value(Status.self, found["body"]))
            try insert.execute(arguments: [found["row"] as Int64, text.text, text.alt, text.tags])
        }
    }
}
