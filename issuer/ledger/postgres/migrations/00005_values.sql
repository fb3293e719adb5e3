-- Entries may have several bits.
ALTER TABLE ledger_list ADD COLUMN bits smallint NOT NULL DEFAULT 1;
ALTER TABLE ledger_entry ADD COLUMN value smallint NOT NULL DEFAULT 1;
-- What was moved here from the first version of the file does not say for whom
-- it is.
ALTER TABLE ledger_credential ADD COLUMN knows_person boolean NOT NULL DEFAULT true;
CREATE INDEX ledger_credential_person_unknown ON ledger_credential (n) WHERE NOT knows_person AND erased_at IS NULL;
