-- The same credential in other forms, issued by the same act: a JSON array of
-- {"suite", "credential" in base64}. NULL where there is one form.
ALTER TABLE credential ADD COLUMN others TEXT;
