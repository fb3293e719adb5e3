-- Whether something was issued for an achievement.
CREATE INDEX ledger_credential_achievement ON ledger_credential (achievement);
