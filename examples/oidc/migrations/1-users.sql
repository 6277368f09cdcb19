CREATE TABLE users (
    id          INTEGER PRIMARY KEY,
    sub         TEXT NOT NULL UNIQUE,
    email       TEXT,
    name        TEXT,
    role        TEXT NOT NULL DEFAULT 'user',
    is_disabled INTEGER NOT NULL DEFAULT 0
) STRICT;
