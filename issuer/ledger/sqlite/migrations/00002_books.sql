-- From here on a place is given by its number in a secret order, so only those
-- that are set are kept. Those that were drawn before stay known, to be passed
-- over.
CREATE TABLE secret (value BLOB NOT NULL) STRICT;
ALTER TABLE list ADD COLUMN next INTEGER NOT NULL DEFAULT 0; -- number of the place that is given next
CREATE TABLE entry (
	purpose TEXT NOT NULL, list INTEGER NOT NULL, place INTEGER NOT NULL,
	PRIMARY KEY (purpose, list, place)
) STRICT, WITHOUT ROWID;
INSERT INTO entry SELECT purpose, list, place FROM slot WHERE is_set ORDER BY purpose, list, place;
ALTER TABLE slot RENAME TO drawn;
ALTER TABLE drawn DROP COLUMN is_set;

-- What is personal can be erased, and then the digest of an idempotency key
-- stands for it.
ALTER TABLE credential ADD COLUMN key_digest TEXT;
ALTER TABLE credential ADD COLUMN erased_at TEXT;
ALTER TABLE credential ADD COLUMN knows_person INTEGER NOT NULL DEFAULT 1;
UPDATE credential SET knows_person = 0;
CREATE INDEX credential_person_unknown ON credential (n) WHERE NOT knows_person AND erased_at IS NULL;
CREATE TABLE person (
	digest TEXT NOT NULL, credential INTEGER NOT NULL REFERENCES credential (n),
	PRIMARY KEY (digest, credential)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_credential ON person (credential);

-- The audit log is a chain.
ALTER TABLE audit ADD COLUMN salt TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN why_digest TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_credential ON audit (credential);
