/// The tables of `vault.db`. Dates are seconds since 1970; JSON is that of `StoreJSON`.
enum VaultSchema {
    static let schema = Schema(name: "vault", steps: [.sql(first), .sql(second)])

    private static let second = """
        ALTER TABLE items ADD COLUMN upload_id TEXT;
        ALTER TABLE items ADD COLUMN uploaded_alt TEXT;
        ALTER TABLE items ADD COLUMN baseline TEXT;
        ALTER TABLE items ADD COLUMN publish_at REAL;
        ALTER TABLE operations ADD COLUMN base TEXT;
        ALTER TABLE operations ADD COLUMN theirs TEXT;
        ALTER TABLE operations ADD COLUMN sent TEXT;
        ALTER TABLE operations ADD COLUMN baseline TEXT;
        """

    private static let first = """
        CREATE TABLE originals (
            sha256 TEXT PRIMARY KEY NOT NULL,
            bytes INTEGER NOT NULL,
            created_at REAL NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE blobs (
            id TEXT PRIMARY KEY NOT NULL,
            format TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            created_at REAL NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE items (
            client_id TEXT PRIMARY KEY NOT NULL,
            state TEXT NOT NULL,
            draft TEXT NOT NULL,
            file_name TEXT NOT NULL,
            mark_id TEXT NOT NULL UNIQUE,
            original TEXT NOT NULL REFERENCES originals (sha256),
            blob TEXT REFERENCES blobs (id),
            report TEXT,
            media_id TEXT,
            media_at REAL,
            outcome_unknown INTEGER NOT NULL DEFAULT 0,
            status_id TEXT,
            status_url TEXT,
            attention TEXT,
            attempts INTEGER NOT NULL DEFAULT 0,
            next_attempt REAL,
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            fence INTEGER NOT NULL DEFAULT 0,
            worker TEXT,
            created_at REAL NOT NULL,
            updated_at REAL NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX items_by_state ON items (state, created_at);

        CREATE TABLE operations (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            status_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            operation TEXT NOT NULL,
            revision INTEGER,
            attempts INTEGER NOT NULL DEFAULT 0,
            next_attempt REAL,
            acknowledged INTEGER NOT NULL DEFAULT 0,
            attention TEXT,
            created_at REAL NOT NULL
        ) STRICT;
        CREATE INDEX operations_by_status ON operations (status_id, kind);

        CREATE TABLE receipts (
            client_id TEXT PRIMARY KEY NOT NULL,
            receipt TEXT NOT NULL,
            published_at REAL NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE leases (
            worker TEXT PRIMARY KEY NOT NULL,
            started_at REAL NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
