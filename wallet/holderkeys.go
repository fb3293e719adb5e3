package wallet

import (
	"context"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// NewKey makes a key of the holder's and returns its did:key, to be given to
// an issuer as the recipient's id. The key stays in the wallet.
func (w *Wallet) NewKey(ctx context.Context) (string, error) { return w.makeKey(ctx, "") }

// makeKey makes a key for a receiver, or one to be given to issuers. For a
// receiver that has one already, it returns that.
func (w *Wallet) makeKey(ctx context.Context, receiver string) (id string, err error) {
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		return "", err
	}
	made, _, err := did.KeyID(private.Public())
	if err != nil {
		return "", err
	}
	text, err := private.MarshalPEM()
	if err != nil {
		return "", err
	}
	err = w.change(ctx, func(s *state) ([]event, error) {
		if id = s.keyFor(receiver); id != "" {
			return nil, nil
		}
		id = made
		return []event{{Op: opKey, DID: made, Private: string(text), For: receiver}}, nil
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// keyFor returns the key that was made for a receiver, if there is one.
func (s *state) keyFor(receiver string) string {
	for _, k := range s.keys {
		if receiver != "" && k.receiver == receiver {
			return k.did
		}
	}
	return ""
}

// Keys returns the did:keys of the holder, also those that were made for
// receivers of shares.
func (w *Wallet) Keys() []string { return w.keysIf(func(holderKey) bool { return true }) }

// IDs returns the did:keys that are to be given to issuers: those that were
// not made for the receiver of a share.
func (w *Wallet) IDs() []string {
	return w.keysIf(func(k holderKey) bool { return k.receiver == "" })
}

func (w *Wallet) keysIf(wanted func(holderKey) bool) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := []string{}
	for _, k := range w.state.keys {
		if wanted(k) {
			out = append(out, k.did)
		}
	}
	return out
}

// signer returns a signer for one of the holder's keys.
func (w *Wallet) signer(id string) (key.Signer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.closed(); err != nil {
		return nil, err
	}
	for _, k := range w.state.keys {
		if k.did != id {
			continue
		}
		private, err := key.ParsePEM([]byte(k.private))
		if err != nil {
			return nil, corrupt("a key in it cannot be read")
		}
		_, method, err := did.KeyID(private.Public())
		return private.Signer(method), err
	}
	return nil, reason.New("not_found/key", id, "the wallet has no such key")
}
