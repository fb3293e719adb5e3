package wallet

import "context"

// Verified is what a verifier said of one credential.
type Verified struct {
	ID string // of the item, whole
	Verification
}

// NoteVerified notes what a verifier said of several credentials, in one change.
// What is not in the wallet any more is passed over.
func (w *Wallet) NoteVerified(ctx context.Context, list []Verified) error {
	return w.change(ctx, func(s *state) ([]event, error) {
		have := make(map[string]bool, len(s.items))
		for _, i := range s.items {
			have[i.ID] = true
		}
		var out []event
		for _, v := range list {
			if have[v.ID] {
				said := v.Verification
				out = append(out, event{Op: opVerified, ID: v.ID, Verified: &said})
			}
		}
		return out, nil
	})
}
