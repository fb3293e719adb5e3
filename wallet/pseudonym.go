package wallet

import (
	"context"
	"slices"

	"github.com/kompetansebevis/bevis/reason"
)

// ProvePseudonym returns a proof of the random output for alpha of the key
// that a credential is about (key.Public.VerifyVRF). The key stays in the
// wallet. Whoever chooses alpha for one purpose gets, from each holder, one
// pseudonym for that purpose that nobody can link to the holder's others.
// Together with the proof, the receiver must be told the key, by a share:
// this hands out nothing of the credential and is not in the share log.
//
// Errors are not_found/item, usage/not-bound for a credential that is not
// about a key of this wallet, and key_invalid/type for a kind of key that has
// no random function.
func (w *Wallet) ProvePseudonym(ctx context.Context, id string, alpha []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	item, err := w.Item(id)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(w.Keys(), item.Subject) {
		return nil, reason.New("usage/not-bound", item.ID, "this credential is not about a key of this wallet, so nobody could tell that it is yours")
	}
	signer, err := w.signer(item.Subject)
	if err != nil {
		return nil, err
	}
	prover, ok := signer.(interface {
		ProveVRF(alpha []byte) ([]byte, error)
	})
	if !ok {
		return nil, reason.New("key_invalid/type", item.Subject, "this key has no random function")
	}
	return prover.ProveVRF(alpha)
}
