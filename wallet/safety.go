package wallet

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// safety is what the state has for merging, backups and checks.
type safety struct {
	merged        []string // heads of copies that were merged
	gone          []Item   // what was removed, the last of each id
	goneHistories []History
	backups       []Backup
	since         int            // changes since the last backup, but for verdicts
	unknown       map[string]int // operations of later versions
	newest        time.Time      // of what stands in the log
}

func (s safety) clone() safety {
	return safety{slices.Clone(s.merged), slices.Clone(s.gone), slices.Clone(s.goneHistories), slices.Clone(s.backups), s.since, maps.Clone(s.unknown), s.newest}
}

// count notes that something happened.
func (s *safety) count(op string, at time.Time) {
	if at.After(s.newest) {
		s.newest = at
	}
	if op != opVerified { // which can be found out again, and every check notes some
		s.since++
	}
	if !known(op) {
		if s.unknown == nil {
			s.unknown = map[string]int{}
		}
		s.unknown[strings.Clone(op)]++ // or it would hold all of the log
	}
}

// remove takes a credential out, also where both of two copies have added it. The
// first of them, which has all that was said of it since, is kept for a merge
// that has it stay.
func (s *state) remove(id string) {
	if n := s.place(id); n >= 0 {
		s.gone = append(slices.DeleteFunc(s.gone, func(g Item) bool { return g.ID == id }), s.items[n])
		s.items = slices.DeleteFunc(s.items, func(i Item) bool { return i.ID == id })
	}
}

func (s *safety) forgotten(h History) bool {
	s.goneHistories = append(slices.DeleteFunc(s.goneHistories, func(g History) bool { return g.ID == h.ID }), h)
	return true
}

func (s *state) has(id string) bool {
	return slices.ContainsFunc(s.items, func(i Item) bool { return i.ID == id }) ||
		slices.ContainsFunc(s.histories, func(h History) bool { return h.ID == id })
}

// merge ends the events of two copies: what is kept comes back, and what both
// have added is there once, as it was added first and verified last.
func (s *state) merge(e event) {
	s.merged = append(s.merged, e.Heads...)
	for _, id := range e.Kept {
		if s.has(id) {
			continue
		}
		if i := slices.IndexFunc(s.gone, func(g Item) bool { return g.ID == id }); i >= 0 {
			s.items = append(s.items, s.gone[i])
		}
		if i := slices.IndexFunc(s.goneHistories, func(g History) bool { return g.ID == id }); i >= 0 {
			s.histories = append(s.histories, s.goneHistories[i])
		}
	}
	at := map[string]int{}
	items := s.items[:0]
	for _, i := range s.items {
		n, twice := at[i.ID]
		if !twice {
			at[i.ID] = len(items)
			items = append(items, i)
		} else if newer(i.Verified, items[n].Verified) {
			items[n].Verified = i.Verified
		}
	}
	s.items = items
	s.histories = once(s.histories, func(h History) string { return h.ID })
	s.keys = once(s.keys, func(k holderKey) string { return k.did })
	s.shares = once(s.shares, func(x Share) string { return x.ID + x.At.UTC().Format(time.RFC3339) }) // those of other wallets may count from one
}

// once returns the first of each id.
func once[T any](list []T, id func(T) string) []T {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(x T) bool {
		twice := seen[id(x)]
		seen[id(x)] = true
		return twice
	})
}

// Newest returns when the last thing happened that stands in the log, by the
// clock of whoever wrote it; zero for an empty log. A clock that is behind it is
// wrong, or that one was.
func (w *Wallet) Newest() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state.newest
}
