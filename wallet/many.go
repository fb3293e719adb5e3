package wallet

import (
	"context"

	"github.com/kompetansebevis/bevis/reason"
)

// Added is what came of one of many credentials.
type Added struct {
	Item  Item
	Added bool  // false: it was there already, or twice among those given
	Err   error // why it cannot be kept; then there is no Item
}

// AddAll keeps many credentials by one change of the store, which takes about as
// long as adding one: each change writes the whole file. What cannot be kept has
// its error in the result, which is in the order of the requests; the error of
// AddAll itself says that nothing was added.
func (w *Wallet) AddAll(ctx context.Context, requests []AddRequest) ([]Added, error) {
	out := make([]Added, len(requests))
	inParts(len(requests), func(from, to int) {
		for n := from; n < to && ctx.Err() == nil; n++ {
			out[n].Item, out[n].Err = describe(requests[n].Raw)
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	err := w.change(ctx, func(s *state) ([]event, error) {
		have := make(map[string]bool, len(s.items))
		for n := range s.items {
			have[s.items[n].ID] = true
		}
		var events []event
		for n, r := range requests {
			if out[n].Added = out[n].Err == nil && !have[out[n].Item.ID]; !out[n].Added {
				continue
			}
			item := out[n].Item
			have[item.ID] = true
			e := event{Op: opAdd, ID: item.ID, Raw: kept(item.raw), Source: r.Source, item: &item}
			if r.Verified != nil {
				verified := *r.Verified
				e.Verified = &verified
			}
			events = append(events, e)
		}
		return events, nil
	})
	if err != nil {
		return nil, err
	}
	now := map[string]Item{}
	for _, i := range w.Items() {
		now[i.ID] = i
	}
	for n := range out {
		if out[n].Err != nil {
			out[n].Item = Item{}
		} else {
			out[n].Item = now[out[n].Item.ID].own()
		}
	}
	return out, nil
}
