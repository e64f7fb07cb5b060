-- Tables of sessions in MariaDB and MySQL. Made at launch unless they are there.
CREATE TABLE IF NOT EXISTS `sessions_meta` (
    name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) ENGINE = InnoDB;

-- One row per session. `data` holds its fields; times are in milliseconds since 1970.
CREATE TABLE IF NOT EXISTS `sessions` (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    token_hash BINARY(32) NOT NULL UNIQUE,
    tag BINARY(16) NOT NULL,
    own BINARY(16) NOT NULL,
    version BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    identified BOOLEAN NOT NULL,
    newborn BOOLEAN NOT NULL,
    rotation_due BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    renewed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    ttl BIGINT,
    ip VARCHAR(45),
    agent TEXT,
    data JSON NOT NULL,
    expires_minute BIGINT GENERATED ALWAYS AS (expires_at DIV 60000) STORED,
    INDEX `sessions_by_owner` (tag, own),
    INDEX `sessions_by_expiry` (epoch, expires_minute)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- Keys that are not the current one of a session: 1 pending, 2 in grace, 3 and 4 moved.
-- They count as long as everyone's sessions were not ended since: until the epoch is another than their session's.
CREATE TABLE IF NOT EXISTS `sessions_keys` (
    token_hash BINARY(32) NOT NULL PRIMARY KEY,
    tag BINARY(16) NOT NULL,
    kind BIGINT NOT NULL,
    session_epoch BIGINT NOT NULL,
    session BIGINT,
    target BIGINT,
    issued_at BIGINT NOT NULL,
    grace BIGINT,
    ends_at BIGINT,
    INDEX `sessions_keys_by_session` (session),
    INDEX `sessions_keys_by_target` (target),
    INDEX `sessions_keys_by_end` (ends_at),
    CONSTRAINT `sessions_keys_session` FOREIGN KEY (session) REFERENCES `sessions` (id) ON DELETE CASCADE
) ENGINE = InnoDB;

-- Rows that are locked while a session is added to an identity: one of 256.
INSERT IGNORE INTO `sessions_meta` (name, value) VALUES
    ('lock 00', 0), ('lock 01', 0), ('lock 02', 0), ('lock 03', 0), ('lock 04', 0), ('lock 05', 0), ('lock 06', 0), ('lock 07', 0),
    ('lock 08', 0), ('lock 09', 0), ('lock 0a', 0), ('lock 0b', 0), ('lock 0c', 0), ('lock 0d', 0), ('lock 0e', 0), ('lock 0f', 0),
    ('lock 10', 0), ('lock 11', 0), ('lock 12', 0), ('lock 13', 0), ('lock 14', 0), ('lock 15', 0), ('lock 16', 0), ('lock 17', 0),
    ('lock 18', 0), ('lock 19', 0), ('lock 1a', 0), ('lock 1b', 0), ('lock 1c', 0), ('lock 1d', 0), ('lock 1e', 0), ('lock 1f', 0),
    ('lock 20', 0), ('lock 21', 0), ('lock 22', 0), ('lock 23', 0), ('lock 24', 0), ('lock 25', 0), ('lock 26', 0), ('lock 27', 0),
    ('lock 28', 0), ('lock 29', 0), ('lock 2a', 0), ('lock 2b', 0), ('lock 2c', 0), ('lock 2d', 0), ('lock 2e', 0), ('lock 2f', 0),
    ('lock 30', 0), ('lock 31', 0), ('lock 32', 0), ('lock 33', 0), ('lock 34', 0), ('lock 35', 0), ('lock 36', 0), ('lock 37', 0),
    ('lock 38', 0), ('lock 39', 0), ('lock 3a', 0), ('lock 3b', 0), ('lock 3c', 0), ('lock 3d', 0), ('lock 3e', 0), ('lock 3f', 0),
    ('lock 40', 0), ('lock 41', 0), ('lock 42', 0), ('lock 43', 0), ('lock 44', 0), ('lock 45', 0), ('lock 46', 0), ('lock 47', 0),
    ('lock 48', 0), ('lock 49', 0), ('lock 4a', 0), ('lock 4b', 0), ('lock 4c', 0), ('lock 4d', 0), ('lock 4e', 0), ('lock 4f', 0),
    ('lock 50', 0), ('lock 51', 0), ('lock 52', 0), ('lock 53', 0), ('lock 54', 0), ('lock 55', 0), ('lock 56', 0), ('lock 57', 0),
    ('lock 58', 0), ('lock 59', 0), ('lock 5a', 0), ('lock 5b', 0), ('lock 5c', 0), ('lock 5d', 0), ('lock 5e', 0), ('lock 5f', 0),
    ('lock 60', 0), ('lock 61', 0), ('lock 62', 0), ('lock 63', 0), ('lock 64', 0), ('lock 65', 0), ('lock 66', 0), ('lock 67', 0),
    ('lock 68', 0), ('lock 69', 0), ('lock 6a', 0), ('lock 6b', 0), ('lock 6c', 0), ('lock 6d', 0), ('lock 6e', 0), ('lock 6f', 0),
    ('lock 70', 0), ('lock 71', 0), ('lock 72', 0), ('lock 73', 0), ('lock 74', 0), ('lock 75', 0), ('lock 76', 0), ('lock 77', 0),
    ('lock 78', 0), ('lock 79', 0), ('lock 7a', 0), ('lock 7b', 0), ('lock 7c', 0), ('lock 7d', 0), ('lock 7e', 0), ('lock 7f', 0),
    ('lock 80', 0), ('lock 81', 0), ('lock 82', 0), ('lock 83', 0), ('lock 84', 0), ('lock 85', 0), ('lock 86', 0), ('lock 87', 0),
    ('lock 88', 0), ('lock 89', 0), ('lock 8a', 0), ('lock 8b', 0), ('lock 8c', 0), ('lock 8d', 0), ('lock 8e', 0), ('lock 8f', 0),
    ('lock 90', 0), ('lock 91', 0), ('lock 92', 0), ('lock 93', 0), ('lock 94', 0), ('lock 95', 0), ('lock 96', 0), ('lock 97', 0),
    ('lock 98', 0), ('lock 99', 0), ('lock 9a', 0), ('lock 9b', 0), ('lock 9c', 0), ('lock 9d', 0), ('lock 9e', 0), ('lock 9f', 0),
    ('lock a0', 0), ('lock a1', 0), ('lock a2', 0), ('lock a3', 0), ('lock a4', 0), ('lock a5', 0), ('lock a6', 0), ('lock a7', 0),
    ('lock a8', 0), ('lock a9', 0), ('lock aa', 0), ('lock ab', 0), ('lock ac', 0), ('lock ad', 0), ('lock ae', 0), ('lock af', 0),
    ('lock b0', 0), ('lock b1', 0), ('lock b2', 0), ('lock b3', 0), ('lock b4', 0), ('lock b5', 0), ('lock b6', 0), ('lock b7', 0),
    ('lock b8', 0), ('lock b9', 0), ('lock ba', 0), ('lock bb', 0), ('lock bc', 0), ('lock bd', 0), ('lock be', 0), ('lock bf', 0),
    ('lock c0', 0), ('lock c1', 0), ('lock c2', 0), ('lock c3', 0), ('lock c4', 0), ('lock c5', 0), ('lock c6', 0), ('lock c7', 0),
    ('lock c8', 0), ('lock c9', 0), ('lock ca', 0), ('lock cb', 0), ('lock cc', 0), ('lock cd', 0), ('lock ce', 0), ('lock cf', 0),
    ('lock d0', 0), ('lock d1', 0), ('lock d2', 0), ('lock d3', 0), ('lock d4', 0), ('lock d5', 0), ('lock d6', 0), ('lock d7', 0),
    ('lock d8', 0), ('lock d9', 0), ('lock da', 0), ('lock db', 0), ('lock dc', 0), ('lock dd', 0), ('lock de', 0), ('lock df', 0),
    ('lock e0', 0), ('lock e1', 0), ('lock e2', 0), ('lock e3', 0), ('lock e4', 0), ('lock e5', 0), ('lock e6', 0), ('lock e7', 0),
    ('lock e8', 0), ('lock e9', 0), ('lock ea', 0), ('lock eb', 0), ('lock ec', 0), ('lock ed', 0), ('lock ee', 0), ('lock ef', 0),
    ('lock f0', 0), ('lock f1', 0), ('lock f2', 0), ('lock f3', 0), ('lock f4', 0), ('lock f5', 0), ('lock f6', 0), ('lock f7', 0),
    ('lock f8', 0), ('lock f9', 0), ('lock fa', 0), ('lock fb', 0), ('lock fc', 0), ('lock fd', 0), ('lock fe', 0), ('lock ff', 0);

INSERT IGNORE INTO `sessions_meta` (name, value) VALUES ('epoch', 0), ('version', 1);
