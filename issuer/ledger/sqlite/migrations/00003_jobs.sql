-- Times are seconds since 1970, by SQLite's own clock.
CREATE TABLE job (
	id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,
	key TEXT UNIQUE, -- until somebody begins it
	payload BLOB NOT NULL, due REAL NOT NULL,
	attempt INTEGER NOT NULL DEFAULT 0, worker TEXT NOT NULL DEFAULT '', held_until REAL, -- NULL: nobody holds it
	done_at REAL, outcome TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX job_open ON job (id) WHERE done_at IS NULL;
