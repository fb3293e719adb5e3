package issuer

import "context"

// KeyUse is a ledger that can tell which key signed what, for whoever has to
// issue that anew when a key is lost.
type KeyUse interface {
	// SignedBy calls f with every record of what a verification method signed,
	// in the order of issue, until f fails. Records of an older bevis do not say
	// which it was: they are had by the empty method.
	SignedBy(ctx context.Context, method string, f func(Record) error) error
	// Signed counts the records of each verification method.
	Signed(ctx context.Context) (map[string]int, error)
}

// SignedBy implements KeyUse.
func (m *MemoryLedger) SignedBy(ctx context.Context, method string, f func(Record) error) error {
	return m.Each(ctx, func(r Record) error {
		if r.Method != method {
			return nil
		}
		return f(r)
	})
}

// Signed implements KeyUse.
func (m *MemoryLedger) Signed(ctx context.Context) (map[string]int, error) {
	unlock, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	out := map[string]int{}
	for _, r := range m.records {
		out[r.Method]++
	}
	return out, nil
}
