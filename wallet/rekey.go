package wallet

import (
	"context"
	"slices"
	"strings"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/reason"
)

// RekeyRequest is all that opens a wallet once it has another identity.
type RekeyRequest struct {
	PassphraseRequest
	Words []string      // of GenerateWords
	Keys  []SlotRequest // in place of those that there are
}

// Rekey gives the wallet another identity. Whoever has an older copy, and what
// opens it, keeps what is in that copy and can read nothing that is written from
// now on, which a change of the passphrase alone does not bring about. Nothing
// that opened the wallet opens it any more; the id and the log stay.
//
// Programs that have the wallet open meanwhile are told conflict/other-key at
// their next change. A copy from before is merged after it was opened by what
// opens it.
func (w *Wallet) Rekey(ctx context.Context, r RekeyRequest) error {
	words, err := checkWords(strings.Join(r.Words, " "))
	if err != nil {
		return err
	}
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	byPassphrase, err := wrapPassphrase(identity, r.PassphraseRequest)
	if err != nil {
		return err
	}
	byWords, err := wrap(identity, words, recoveryWork)
	if err != nil {
		return err
	}
	next := []file{{passphraseSlot, byPassphrase}, {recoverySlot, byWords}}
	var events []event
	for _, f := range next {
		slot, _ := slotOf(f)
		events = append(events, slotSet(slot, f.data))
	}
	for _, key := range r.Keys {
		if err := key.check(); err != nil {
			return err
		}
		data, err := sealTo(identity, key.Recipient)
		if err != nil {
			return err
		}
		f, err := key.place(next, data)
		if err != nil {
			return err
		}
		next, events = append(next, f), append(events, slotSet(key.slot(f), data))
	}
	return w.changeSlots(ctx, identity, func(parts []file) ([]file, []event, error) {
		told := slices.Clone(events)
		for _, old := range slotsOf(parts, &state{}) {
			if !slices.ContainsFunc(next, func(f file) bool { slot, _ := slotOf(f); return slot.Name == old.Name }) {
				told = append(told, slotGone(old))
			}
		}
		parts = slices.DeleteFunc(parts, func(f file) bool { return strings.HasPrefix(f.name, slotFolder) })
		return append(parts, next...), told, nil
	})
}

// foreign is the error of a manifest that was sealed by another identity than
// the wallet's. Where the wallet was read before, its owner has most likely given
// it another one since; opening it tells.
func (w *Wallet) foreign() error {
	if w.version != "" {
		return reason.New("conflict/other-key", "", "the wallet has other keys now: it has to be opened again")
	}
	return corrupt("the manifest was not written by this wallet")
}
