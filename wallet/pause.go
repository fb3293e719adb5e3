package wallet

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// exclusive is a store that can have other programs wait while a change is made.
type exclusive interface {
	exclusively(ctx context.Context, do func(Store) error) error
}

// turns makes attempts at a change until none of others comes in between; an
// attempt that was overtaken returns conflict/changed. After a few, the others
// wait where the store can have them wait: else of many that write at once one
// might never have its turn. The mutex is held.
func (w *Wallet) turns(ctx context.Context, attempt func() error) error {
	for n := range maxRetries {
		var err error
		if store, ok := w.store.(exclusive); ok && n >= overtaken {
			err = store.exclusively(ctx, func(inside Store) error {
				outside := w.store
				w.store = inside
				defer func() { w.store = outside }()
				return attempt()
			})
		} else {
			err = attempt()
		}
		if reason.CodeOf(err) != "conflict/changed" {
			return err
		}
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
	return reason.New("conflict/busy", "", "others change the wallet all the time")
}

const (
	overtaken  = 3   // times, after which others wait
	maxRetries = 200 // of a change that others overtake
	maxPause   = 30 * time.Millisecond
)

// pause lets others finish before a change that they have overtaken n times is
// tried again: of many that write at once, each would else mostly work in vain.
func pause(ctx context.Context, n int) error {
	longest := min(time.Millisecond<<min(n, 10), maxPause)
	timer := time.NewTimer(rand.N(longest))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return reason.Wrap(reason.Canceled, "", ctx.Err())
	}
}
