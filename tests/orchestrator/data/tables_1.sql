-- The tables of version 1, as SQLite keeps them.
PRAGMA user_version = 1;
CREATE TABLE calls (
    id VARCHAR NOT NULL,
    attempt INTEGER NOT NULL,
    state INTEGER NOT NULL,
    error TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file_text TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 VARCHAR NOT NULL,
    create_ms INTEGER NOT NULL,
    end_ms INTEGER,
    PRIMARY KEY (id),
    UNIQUE (sha256)
);
CREATE INDEX calls_by_state ON calls (state);
CREATE INDEX calls_by_time ON calls (create_ms);
CREATE TABLE events (
    sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    call_id VARCHAR NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX events_by_call ON events (call_id, sequence);
CREATE TABLE removals (
    path TEXT NOT NULL,
    PRIMARY KEY (path)
);
CREATE TABLE stages (
    call_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    state INTEGER NOT NULL,
    progress FLOAT NOT NULL,
    reason TEXT NOT NULL,
    start_ms INTEGER,
    end_ms INTEGER,
    attempt_count INTEGER NOT NULL,
    PRIMARY KEY (call_id, name),
    FOREIGN KEY(call_id) REFERENCES calls (id) ON DELETE CASCADE
);
CREATE TABLE results (
    call_id VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    model BLOB NOT NULL,
    topic TEXT NOT NULL,
    subtopic TEXT NOT NULL,
    quality INTEGER NOT NULL,
    text TEXT NOT NULL,
    answer BLOB NOT NULL,
    PRIMARY KEY (call_id, stage),
    FOREIGN KEY(call_id) REFERENCES calls (id) ON DELETE CASCADE
);
CREATE INDEX results_by_topic ON results (topic, subtopic);
CREATE INDEX results_by_quality ON results (quality);
CREATE TABLE keys (
    "key" VARCHAR NOT NULL,
    call_id VARCHAR NOT NULL,
    PRIMARY KEY ("key"),
    FOREIGN KEY(call_id) REFERENCES calls (id) ON DELETE CASCADE
);
CREATE TABLE watched (
    name TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    call_id VARCHAR,
    PRIMARY KEY (name),
    FOREIGN KEY(call_id) REFERENCES calls (id) ON DELETE SET NULL
);
