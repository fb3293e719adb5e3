-- Which key signed what. A key signs many, so its name stands once. Those that
-- were recorded before do not say.
CREATE TABLE method (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
ALTER TABLE credential ADD COLUMN method INTEGER REFERENCES method (n);
CREATE INDEX credential_method ON credential (method);
