package wallet

import (
	"bytes"
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// maxSeconds is the end of the year 9999 in Unix time.
const maxSeconds = 253402300800

func unixTime(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// Intake is what comes into a wallet in one change.
type Intake struct {
	Credentials []AddRequest
	Histories   []HistoryRequest
	// Keys are the holder's own, from another wallet. A key that others have
	// read should not be taken in.
	Keys []*key.Private
	// Shares are lines of another wallet's log. One whose id and time are in the
	// log is passed over; one whose id alone is there gets another.
	Shares []Share
}

// Taken is what came of an Intake, each list in its order.
type Taken struct {
	Credentials []Added
	Histories   []HistoryAddition
	Keys        []string // the did:keys that are new
	Shares      int      // how many lines of a log are new
}

// HistoryAddition is what came of one file of results.
type HistoryAddition struct {
	History History
	Added   bool // false: it was there already, byte for byte
}

// Read tells what a credential says of itself, as a wallet that keeps it would
// show it. Errors are why it cannot be kept: those of reading, and wrong_type
// for what is none.
func Read(raw []byte) (Item, error) { return describe(raw) }

// TakeIn keeps credentials, files of results, keys and lines of a log: all of
// them or, after an error, none. What is there already is not kept twice; a
// credential is the same in other white space, as a token or as JSON, and takes
// the place of none that is worth more (see Editions).
func (w *Wallet) TakeIn(ctx context.Context, in Intake) (Taken, error) {
	items, err := itemsOf(ctx, in.Credentials)
	if err != nil {
		return Taken{}, err
	}
	return w.take(ctx, items, in)
}

// take is TakeIn with the credentials read already.
func (w *Wallet) take(ctx context.Context, items []Item, in Intake) (Taken, error) {
	for _, h := range in.Histories {
		if err := h.check(); err != nil {
			return Taken{}, err
		}
	}
	keys, err := keyEvents(in.Keys)
	if err != nil {
		return Taken{}, err
	}
	var out Taken
	err = w.change(ctx, func(s *state) ([]event, error) {
		var events []event
		out, events = s.takeIn(items, keys, in)
		return events, nil
	})
	if err != nil {
		return Taken{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := make(map[string]*Item, len(w.state.items))
	for n := range w.state.items {
		now[w.state.items[n].ID] = &w.state.items[n]
	}
	for n := range out.Credentials { // as they are now, with the time
		if item := now[out.Credentials[n].Item.ID]; item != nil {
			out.Credentials[n].Item = item.own()
		}
	}
	for n, a := range out.Histories {
		if at := slices.IndexFunc(w.state.histories, func(h History) bool { return h.ID == a.History.ID }); at >= 0 {
			out.Histories[n].History = w.state.histories[at]
		}
	}
	return out, nil
}

// itemsOf reads credentials as they are to be kept.
func itemsOf(ctx context.Context, requests []AddRequest) ([]Item, error) {
	items, errs := make([]Item, len(requests)), make([]error, len(requests))
	inParts(len(requests), func(from, to int) {
		for n := from; n < to && ctx.Err() == nil; n++ {
			items[n], errs[n] = itemOf(requests[n])
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return items, nil
}

// itemOf reads a credential as it is to be kept. It shares nothing with the
// caller.
func itemOf(r AddRequest) (Item, error) {
	item, err := describe(bytes.Clone(r.Raw))
	if err != nil {
		return Item{}, err
	}
	item.Source = r.Source
	if r.Verified != nil {
		verified := *r.Verified
		item.Verified = &verified
	}
	return item, nil
}

// takeIn decides what of an intake is new.
func (s *state) takeIn(items []Item, keys []event, in Intake) (out Taken, events []event) {
	there := newShelf(s.items)
	for _, item := range items {
		if have := there.byID[item.ID]; have != nil {
			item.ID = apart(item.ID, item.bytes(), have.bytes())
		}
		if have, found := there.has(&item); found {
			out.Credentials = append(out.Credentials, Added{Item: *have})
			continue
		}
		there.put(&item)
		out.Credentials = append(out.Credentials, Added{Item: item, Added: true})
		events = append(events, event{Op: opAdd, ID: item.ID, Raw: kept(item.bytes()), Source: item.Source, Verified: item.Verified, item: &item})
		events = append(events, s.marks(item)...)
	}
	seen := map[string][]byte{}
	for _, h := range s.histories {
		seen[h.ID] = h.raw
	}
	for _, h := range in.Histories {
		id := idOf(h.Raw)
		if have := seen[id]; have != nil {
			id = apart(id, h.Raw, have)
		}
		out.Histories = append(out.Histories, HistoryAddition{History{ID: id}, seen[id] == nil})
		if seen[id] == nil {
			seen[id] = h.Raw
			events = append(events, event{Op: opHistory, ID: id, Kind: h.Kind, Raw: string(h.Raw), Source: h.Source})
		}
	}
	for _, k := range keys {
		if !slices.ContainsFunc(s.keys, func(have holderKey) bool { return have.did == k.DID }) && !slices.Contains(out.Keys, k.DID) {
			out.Keys = append(out.Keys, k.DID)
			events = append(events, k)
		}
	}
	logged := map[string]time.Time{}
	for _, have := range s.shares {
		logged[have.ID] = have.At
	}
	for _, share := range in.Shares {
		share = share.own()
		if at, twice := logged[share.ID]; twice && !at.Equal(share.At) {
			// Others may count theirs from one, as another wallet of the holder's did.
			share.ID += share.At.UTC().Format("-20060102T150405")
		}
		if _, twice := logged[share.ID]; share.ID != "" && !twice {
			logged[share.ID] = share.At
			out.Shares++
			events = append(events, event{Op: opShare, Share: &share})
		}
	}
	return out, events
}

func keyEvents(keys []*key.Private) ([]event, error) {
	var out []event
	for _, k := range keys {
		id, _, err := did.KeyID(k.Public())
		if err != nil {
			return nil, err
		}
		text, err := k.MarshalPEM()
		if err != nil {
			return nil, err
		}
		out = append(out, event{Op: opKey, DID: id, Private: string(text)})
	}
	return out, nil
}

// check reports what keeps a file of results from being kept.
func (r HistoryRequest) check() error {
	switch {
	case r.Kind == "" || len(bytes.TrimSpace(r.Raw)) == 0:
		return reason.New(reason.Usage, "wallet.HistoryRequest", "Kind and Raw are required")
	case !utf8.Valid(r.Raw):
		return reason.New(reason.MalformedUTF8, "", "the file is not UTF-8")
	}
	return nil
}
