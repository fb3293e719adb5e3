-- Entries may have several bits.
ALTER TABLE ledger_list ADD COLUMN bits smallint NOT NULL DEFAULT 1;
ALTER TABLE ledger_entry ADD COLUMN value smallint NOT NULL DEFAULT 1;
