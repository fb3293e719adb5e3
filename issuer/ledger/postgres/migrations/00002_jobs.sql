CREATE TABLE ledger_job (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL,
	key text UNIQUE, -- until somebody begins it
	payload bytea NOT NULL, due timestamptz NOT NULL DEFAULT clock_timestamp(),
	attempt integer NOT NULL DEFAULT 0, worker text NOT NULL DEFAULT '', held_until timestamptz, -- NULL: nobody holds it
	done_at timestamptz, outcome text NOT NULL DEFAULT ''
);
CREATE INDEX ledger_job_open ON ledger_job (id) WHERE done_at IS NULL;
