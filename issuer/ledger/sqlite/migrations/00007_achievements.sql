-- Whether something was issued for an achievement.
CREATE INDEX credential_achievement ON credential (achievement);
