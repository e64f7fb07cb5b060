-- Tables of sessions in PostgreSQL. Made at launch unless they are there.
CREATE TABLE "sessions_meta" (
    name text PRIMARY KEY,
    value bigint NOT NULL
);

-- One row per session. `data` holds its fields; times are in milliseconds since 1970.
CREATE TABLE "sessions" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    tag bytea NOT NULL,
    own bytea NOT NULL,
    version bigint NOT NULL,
    epoch bigint NOT NULL,
    identified boolean NOT NULL,
    newborn boolean NOT NULL,
    rotation_due boolean NOT NULL,
    created_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    authenticated_at bigint NOT NULL,
    renewed_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    deadline bigint NOT NULL,
    ttl bigint,
    ip text,
    agent text,
    data jsonb NOT NULL,
    expires_minute bigint GENERATED ALWAYS AS (expires_at / 60000) STORED
) WITH (fillfactor = 80);
CREATE INDEX "sessions_by_owner" ON "sessions" (tag, own);
CREATE INDEX "sessions_by_expiry" ON "sessions" (epoch, expires_minute);

-- Keys that are not the current one of a session: 1 pending, 2 in grace, 3 and 4 moved.
-- They count as long as everyone's sessions were not ended since: until the epoch is another than their session's.
CREATE TABLE "sessions_keys" (
    token_hash bytea PRIMARY KEY,
    tag bytea NOT NULL,
    kind bigint NOT NULL,
    session_epoch bigint NOT NULL,
    session bigint REFERENCES "sessions" (id) ON DELETE CASCADE,
    target bigint,
    issued_at bigint NOT NULL,
    grace bigint,
    ends_at bigint
);
CREATE INDEX "sessions_keys_by_session" ON "sessions_keys" (session);
CREATE INDEX "sessions_keys_by_target" ON "sessions_keys" (target);
CREATE INDEX "sessions_keys_by_end" ON "sessions_keys" (ends_at);

INSERT INTO "sessions_meta" (name, value) VALUES ('epoch', 0), ('version', 1);
