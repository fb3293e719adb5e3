-- The same credential in other forms, issued by the same act: a JSON array of
-- {"suite", "credential" in base64}. NULL where there is one form.
ALTER TABLE ledger_credential ADD COLUMN others text;
