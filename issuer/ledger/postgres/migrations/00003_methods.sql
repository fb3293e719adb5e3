-- Which key signed what, empty for what was recorded before this was kept.
ALTER TABLE ledger_credential ADD COLUMN method text NOT NULL DEFAULT '';
CREATE INDEX ledger_credential_method ON ledger_credential (method, n);
