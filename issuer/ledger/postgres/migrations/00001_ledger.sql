-- Times are kept as text (RFC 3339), since the database knows no nanoseconds
-- and what is signed or chained must come back as it was given.

CREATE TABLE ledger_secret (value bytea NOT NULL, issuer text); -- one row

CREATE TABLE ledger_list (
	purpose text NOT NULL, number integer NOT NULL, size bigint NOT NULL,
	next bigint NOT NULL DEFAULT 0, -- number of the place that is given next
	PRIMARY KEY (purpose, number), CHECK (next <= size)
);

-- The entries that are set.
CREATE TABLE ledger_entry (
	purpose text NOT NULL, list integer NOT NULL, place bigint NOT NULL,
	PRIMARY KEY (purpose, list, place)
);

CREATE TABLE ledger_credential (
	n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id text NOT NULL UNIQUE,
	idempotency_key text,   -- NULL when it was erased
	key_digest text UNIQUE, -- stays
	award_digest text NOT NULL, achievement text NOT NULL, form text NOT NULL, issued_at text NOT NULL,
	slots text NOT NULL, body bytea NOT NULL, erased_at text
);
-- Documents are signed and hardly get smaller; what is signed is not searched.
ALTER TABLE ledger_credential ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE ledger_person (
	digest text NOT NULL, credential bigint NOT NULL REFERENCES ledger_credential (n),
	PRIMARY KEY (digest, credential)
);
CREATE INDEX ledger_person_credential ON ledger_person (credential);

-- A line gets its place in the chain when the log is read, so that those who
-- issue do not wait for each other.
CREATE TABLE ledger_audit (
	n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at text NOT NULL, actor text NOT NULL, action text NOT NULL, credential text NOT NULL,
	why text NOT NULL, salt text NOT NULL, why_digest text NOT NULL, erased boolean NOT NULL DEFAULT false,
	pos bigint UNIQUE, hash text
);
CREATE INDEX ledger_audit_credential ON ledger_audit (credential);
CREATE INDEX ledger_audit_unchained ON ledger_audit (n) WHERE pos IS NULL;
