package issuer

import "context"

// AchievementUse is a ledger that can tell whether something was issued for an
// achievement, for whoever is about to change what that says.
type AchievementUse interface {
	// Awarded reports whether a credential for the achievement with this id was
	// recorded, erased since or not. How many there are makes it no slower.
	Awarded(ctx context.Context, achievement string) (bool, error)
}

// Awarded implements AchievementUse.
func (m *MemoryLedger) Awarded(ctx context.Context, achievement string) (bool, error) {
	unlock, err := m.begin(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	return m.awarded[achievement], nil
}
