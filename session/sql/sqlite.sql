-- Tables of sessions in SQLite. Made at launch unless they are there.
CREATE TABLE "sessions_meta" (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

-- One row per session. `data` holds its fields; times are in milliseconds since 1970.
CREATE TABLE "sessions" (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,
    tag BLOB NOT NULL,
    own BLOB NOT NULL,
    version INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    identified INTEGER NOT NULL,
    newborn INTEGER NOT NULL,
    rotation_due INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    authenticated_at INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    ttl INTEGER,
    ip TEXT,
    agent TEXT,
    data TEXT NOT NULL,
    expires_minute INTEGER GENERATED ALWAYS AS (expires_at / 60000) VIRTUAL
);
CREATE INDEX "sessions_by_owner" ON "sessions" (tag, own);
CREATE INDEX "sessions_by_expiry" ON "sessions" (epoch, expires_minute);

-- Keys that are not the current one of a session: 1 pending, 2 in grace, 3 and 4 moved.
-- They count as long as everyone's sessions were not ended since: until the epoch is another than their session's.
CREATE TABLE "sessions_keys" (
    token_hash BLOB NOT NULL PRIMARY KEY,
    tag BLOB NOT NULL,
    kind INTEGER NOT NULL,
    session_epoch INTEGER NOT NULL,
    session INTEGER REFERENCES "sessions" (id) ON DELETE CASCADE,
    target INTEGER,
    issued_at INTEGER NOT NULL,
    grace INTEGER,
    ends_at INTEGER
) WITHOUT ROWID;
CREATE INDEX "sessions_keys_by_session" ON "sessions_keys" (session);
CREATE INDEX "sessions_keys_by_target" ON "sessions_keys" (target);
CREATE INDEX "sessions_keys_by_end" ON "sessions_keys" (ends_at);

INSERT INTO "sessions_meta" (name, value) VALUES ('epoch', 0), ('version', 1);
