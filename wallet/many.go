package wallet

import (
	"context"

	"github.com/kompetansebevis/bevis/reason"
)

// Added is what came of one credential.
type Added struct {
	// Item is the credential in the wallet. If that is the same in another
	// form, its id is another.
	Item  Item
	Added bool  // false: it was there already, or twice among those given
	Err   error // of AddAll alone: why it cannot be kept; then there is no Item
}

// AddAll keeps many credentials by one change of the store, which takes about as
// long as adding one: each change writes the whole file. What cannot be kept has
// its error in the result, which is in the order of the requests; the error of
// AddAll itself says that nothing was added.
func (w *Wallet) AddAll(ctx context.Context, requests []AddRequest) ([]Added, error) {
	out, items := make([]Added, len(requests)), make([]Item, len(requests))
	inParts(len(requests), func(from, to int) {
		for n := from; n < to && ctx.Err() == nil; n++ {
			items[n], out[n].Err = itemOf(requests[n])
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	var sound []Item
	var places []int
	for n, item := range items {
		if out[n].Err == nil {
			sound, places = append(sound, item), append(places, n)
		}
	}
	taken, err := w.take(ctx, sound, Intake{})
	if err != nil {
		return nil, err
	}
	for n, at := range places {
		out[at] = taken.Credentials[n]
	}
	return out, nil
}
