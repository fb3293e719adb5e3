package wallet

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Editions of a credential are those of one issuer with one id (Open Badges
// 3.0, section "Credential equality and comparison algorithm"). The one that
// is valid from the latest day is the credential; the others stay in the log.

func (i *Item) same() credential.Identity { return credential.IdentityOf(i.Issuer, i.Credential) }

// SameAs reports whether two items are of one credential: of one issuer and
// with one id. Which of them counts, Editions tells.
func (i Item) SameAs(other Item) bool {
	return i.same().Same(other.same())
}

// standing is how much what a verifier said of an item is worth: 2 if the
// issuer's signature held, 1 if nobody knows, 0 if it did not. A forgery with a
// later date takes the place of nothing.
func (i Item) standing() int {
	v := i.Verified
	switch {
	case v == nil:
		return 1
	case v.Verdict == "valid", v.Verdict == "not-in-force", strings.HasPrefix(v.Reason, "revoked"):
		return 2
	case v.Verdict == "invalid", v.Verdict == "unreadable":
		return 0
	}
	return 1
}

// inPart returns by what a credential is secured so that its holder can show a
// part of it, nothing if the holder cannot.
func inPart(form string, doc *strictjson.Value) string {
	if form == "sd-jwt" {
		return form
	}
	for _, p := range doc.Get("proof").List() {
		if suite, _ := p.Get("cryptosuite").Text(); suite == "ecdsa-sd-2023" || suite == "bbs-2023" {
			return suite
		}
	}
	return ""
}

// claims takes what a token of Data Model 1.1 says beside its credential
// (section 6.3.1): the id, the issuer and the day may stand there alone.
func (i *Item) claims(token *strictjson.Value) {
	if id, ok := token.Get("jti").Text(); ok && i.Credential == "" {
		i.Credential = id
	}
	if issuer := credential.ID(token.Get("iss")); i.Issuer == "" {
		i.Issuer = issuer
	}
	if seconds, ok := token.Get("nbf").Float(); ok && i.ValidFrom.IsZero() && seconds > 0 && seconds < maxSeconds {
		i.ValidFrom = unixTime(int64(seconds))
	}
}

// order works out which items have a newer edition, after events that may have
// changed it. Each that has one is behind it, by its id.
func (s *state) order(events []event) {
	if !slices.ContainsFunc(events, func(e event) bool {
		return e.Op == opAdd || e.Op == opRemove || e.Op == opVerified || e.Op == opMerge
	}) {
		return
	}
	s.behind = nil
	first := make(map[credential.Identity]int, len(s.items))
	var groups map[credential.Identity][]int // of those that have several
	for n := range s.items {
		same := s.items[n].same()
		if same == (credential.Identity{}) {
			continue
		}
		before, ok := first[same]
		if !ok {
			first[same] = n
			continue
		}
		if groups == nil {
			groups = map[credential.Identity][]int{}
		}
		if groups[same] == nil {
			groups[same] = []int{before}
		}
		groups[same] = append(groups[same], n)
	}
	for _, group := range groups {
		s.orderOne(group)
	}
}

// orderOne puts the places of editions of one credential in order. Of equal
// days the one counts that is worth more, can be shown in part, or came last.
func (s *state) orderOne(group []int) {
	slices.SortFunc(group, func(a, b int) int {
		x, y := s.items[a], s.items[b]
		return cmp.Or(y.ValidFrom.Compare(x.ValidFrom), y.standing()-x.standing(), boolean(y.inPart != "")-boolean(x.inPart != ""), b-a)
	})
	first := map[int]string{} // for each standing, the newest that is worth as much or more
	for _, n := range group {
		worth := s.items[n].standing()
		if worth == 0 {
			continue // neither an edition nor without one: it is shown by itself
		}
		if newest, ok := first[worth]; ok && newest != s.items[n].ID { // while copies are merged, one may be there twice
			if s.behind == nil {
				s.behind = map[string]string{}
			}
			s.behind[s.items[n].ID] = newest
		}
		for lower := worth; lower > 0; lower-- {
			if _, ok := first[lower]; !ok {
				first[lower] = s.items[n].ID
			}
		}
	}
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// current returns the items that have no newer edition. The slice is not to be
// changed.
func (s *state) current() []Item {
	if len(s.behind) == 0 {
		return s.items
	}
	out := make([]Item, 0, len(s.items))
	for _, i := range s.items {
		if s.behind[i.ID] == "" {
			out = append(out, i)
		}
	}
	return out
}

// marks returns events that put the tags and the note of the credential that an
// item takes the place of on the item: they are about the credential, and not
// about one edition.
func (s *state) marks(item Item) []event {
	var out []event
	for _, have := range s.current() {
		if !have.SameAs(item) || item.standing() < have.standing() || have.standing() == 0 || item.ValidFrom.Before(have.ValidFrom) {
			continue
		}
		for _, tag := range have.Tags {
			out = append(out, event{Op: opTag, ID: item.ID, Tag: tag})
		}
		if have.Note != "" {
			out = append(out, event{Op: opNote, ID: item.ID, Note: have.Note})
		}
	}
	return out
}

// editions returns an item's newest edition and those behind it, newest first.
func (s *state) editions(item Item) []Item {
	head := cmp.Or(s.behind[item.ID], item.ID)
	var out []Item
	for _, i := range s.items {
		if i.ID == head || s.behind[i.ID] == head {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b Item) int {
		return cmp.Or(boolean(b.ID == head)-boolean(a.ID == head), b.ValidFrom.Compare(a.ValidFrom))
	})
	return out
}

// Editions returns all editions of a credential that the wallet holds, named
// by the id of any of them or the beginning of it: the newest first, which is
// the one among Items, and then the ones in whose place it stands. Mostly that
// is one.
//
// Two are editions of one credential if they have the same issuer and the same
// id. The later validFrom counts, as long as it is proven as well as the other:
// until a verifier has said so (SetVerified), both are Items.
func (w *Wallet) Editions(id string) ([]Item, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.closed(); err != nil {
		return nil, err
	}
	item, err := pick(w.state.items, id)
	if err != nil {
		return nil, err
	}
	out := w.state.editions(item)
	for n := range out {
		out[n] = out[n].own()
	}
	return out, nil
}
