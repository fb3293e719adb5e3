package wallet

import (
	"context"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

// maxLogProof bounds a proof, in bytes: one of a log of any size is smaller.
const maxLogProof = 64 << 10

// LogProof is a proof that a credential stands in a transparency log
// (c2sp.org/tlog-proof), as text. The wallet does not look into it.
type LogProof struct {
	ID    string // of the item, whole
	Proof []byte
}

// KeepLogProofs keeps the proofs of several credentials, each in the place of the
// one before, in one change. What is not in the wallet is passed over.
func (w *Wallet) KeepLogProofs(ctx context.Context, list []LogProof) error {
	for _, p := range list {
		if len(p.Proof) == 0 || len(p.Proof) > maxLogProof || !utf8.Valid(p.Proof) {
			return reason.New(reason.Usage, p.ID, "a proof is UTF-8 text of at most %d bytes", maxLogProof)
		}
	}
	return w.change(ctx, func(s *state) ([]event, error) {
		have := make(map[string]string, len(s.items))
		for _, i := range s.items {
			have[i.ID] = i.logProof
		}
		var out []event
		for _, p := range list {
			if kept, ok := have[p.ID]; ok && kept != string(p.Proof) {
				have[p.ID] = string(p.Proof)
				out = append(out, event{Op: opLogProof, ID: p.ID, Proof: string(p.Proof)})
			}
		}
		return out, nil
	})
}

// LogProof returns the proof that is kept of the credential, nil for none.
func (i Item) LogProof() []byte {
	if i.logProof == "" {
		return nil
	}
	return []byte(i.logProof)
}
