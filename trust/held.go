package trust

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// Shelf has what a policy holds, at hand and never over a network.
type Shelf interface {
	// Raw returns the bytes with a SHA-256, not_found when they are not there.
	Raw(sha256 string) ([]byte, error)
	// Read gets the credential out of a list's bytes, without judging.
	Read(raw []byte) (*credential.Credential, error)
}

// ListVerifier judges signed lists before they are taken in.
type ListVerifier interface {
	// Read gets the credential out of a list's bytes, without judging.
	Read(raw []byte) (*credential.Credential, error)
	// VerifyList returns the credential only if it is valid at a time: signed
	// by a key of issuer, whole (and in no form that could be shown in part), in
	// force, and not revoked.
	VerifyList(ctx context.Context, raw []byte, issuer string, at time.Time) (*credential.Credential, error)
}

// document is a list or a registry that is held, or why it is not at hand.
type document struct {
	list       *List
	registry   *IssuerRegistry
	succession *Succession
	index      map[string]int // entries by id
	below      []int          // entries of a list that may accredit
	err        error          // trust_unavailable
}

// Digest returns the SHA-256 of bytes as policies write it.
func Digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Holding returns the policy with what its entries hold read from a shelf.
// What is not there, or is other bytes than were taken in, vouches for nobody,
// and a question that depends on it cannot be answered. The signature of a
// list is not checked again: it was when the list was taken in, and who could
// change the digest in the policy could change the policy.
func (p *Policy) Holding(shelf Shelf) *Policy {
	out := *p
	out.lists = map[string]document{}
	for _, e := range p.Entries {
		for _, h := range e.Held {
			if _, known := out.lists[h.SHA256]; !known {
				out.lists[h.SHA256] = open(shelf, e, h)
			}
		}
	}
	return &out
}

func open(shelf Shelf, e Entry, h Held) document {
	raw, err := shelf.Raw(h.SHA256)
	if err != nil {
		return document{err: reason.New("trust_unavailable/not-held", e.Source, "what %s says is not at hand: %w", cmp.Or(h.By, e.Issuer), err)}
	}
	if Digest(raw) != h.SHA256 {
		return document{err: reason.New("trust_unavailable/changed", e.Source, "what %s said was changed since it was taken in", cmp.Or(h.By, e.Issuer))}
	}
	var d document
	switch e.Kind {
	case KindRegistry:
		d, err = registryDocument(raw)
	case KindSuccession:
		var s Succession
		s, _, err = readBoth(raw, shelf.Read)
		d.succession = &s
	default:
		d, err = listDocument(shelf, raw)
	}
	if err == nil && d.list != nil && d.list.Issuer != h.By {
		err = badList("/issuer", "the list is by %.200s", d.list.Issuer)
	}
	if err != nil {
		return document{err: reason.New("trust_unavailable/changed", e.Source, "what %s says cannot be read: %w", cmp.Or(h.By, e.Issuer), err)}
	}
	return d
}

func registryDocument(raw []byte) (document, error) {
	r, err := ReadRegistry(raw)
	if err != nil {
		return document{}, err
	}
	d := document{registry: r, index: make(map[string]int, len(r.Entries))}
	for i, e := range r.Entries {
		d.index[e.ID] = i
	}
	return d, nil
}

func listDocument(reader interface {
	Read(raw []byte) (*credential.Credential, error)
}, raw []byte) (document, error) {
	c, err := reader.Read(raw)
	if err != nil {
		return document{}, err
	}
	l, err := ReadList(c)
	if err != nil {
		return document{}, err
	}
	return documentOf(l), nil
}

func documentOf(l *List) document {
	d := document{list: l, index: make(map[string]int, len(l.Entries))}
	for i, e := range l.Entries {
		d.index[e.ID] = i
		if e.Accredits != nil && !e.Accredits.Unknown {
			d.below = append(d.below, i)
		}
	}
	return d
}

// Taken is what came of taking in a list or a registry.
type Taken struct {
	Policy *Policy
	By     string // who issued the list, or the address of the registry
	Digest string // under which the bytes are to be kept
	Again  bool   // it was held already
	Dated  time.Time
	Issuer int // how many entries it has
}

// TakeList returns the policy with a signed list taken in, in every block that
// takes its issuer's word: a list block, an accreditor block, or one whose
// accreditors accredit it. The list is refused (trust_refused) if nobody takes
// its word, if v does not find it valid, or if it is older than the one held,
// or of the same time and another: who could have an old list taken for the
// present one could bring back whom it took off.
func (p *Policy) TakeList(ctx context.Context, raw []byte, v ListVerifier, at time.Time, source string) (*Taken, error) {
	if len(raw) > MaxListBytes {
		return nil, reason.New(reason.LimitSize, "", "a list of more than %d bytes", MaxListBytes)
	}
	claimed, err := v.Read(raw)
	if err != nil {
		return nil, badList("", "%w", err)
	}
	if _, err := ReadList(claimed); err != nil {
		return nil, err
	}
	by := claimed.IssuerID()
	blocks := p.takers(by, at)
	if len(blocks) == 0 {
		return nil, reason.New("trust_refused/issuer", by, "no list or accreditor of the policy is %.200s", by)
	}
	valid, err := v.VerifyList(ctx, raw, by, at)
	if err == nil && valid == nil {
		err = reason.New(reason.Internal, "", "no credential was verified")
	}
	if err != nil {
		code := reason.Code("trust_refused/not-valid")
		if c := reason.CodeOf(err).Class(); c == reason.Undetermined || c == reason.Fault || c == reason.Interrupted {
			code = "trust_refused/unchecked"
		}
		return nil, reason.New(code, by, "%w", err)
	}
	l, err := ReadList(valid)
	if err != nil {
		return nil, err
	}
	if l.Issuer != by {
		return nil, reason.New("trust_refused/issuer", by, "the list that was verified is by %.200s", l.Issuer)
	}
	fresh := Held{SHA256: Digest(raw), Issued: l.Issued.Truncate(time.Second), Checked: at.UTC().Truncate(time.Second), By: by}
	t := &Taken{Policy: p, By: by, Digest: fresh.SHA256, Again: true, Dated: fresh.Issued, Issuer: len(l.Entries)}
	for _, i := range blocks {
		held := slices.Clone(t.Policy.Entries[i].Held)
		k := slices.IndexFunc(held, func(h Held) bool { return h.By == by })
		switch {
		case k < 0:
			held, t.Again = append(held, fresh), false
		case fresh.Issued.Before(held[k].Issued):
			return nil, reason.New("trust_refused/rollback", by, "the list is of %s, and one of %s is held", credential.FormatTime(fresh.Issued), credential.FormatTime(held[k].Issued))
		case fresh.Issued.Equal(held[k].Issued) && fresh.SHA256 != held[k].SHA256:
			return nil, reason.New("trust_refused/rollback", by, "another list of the same time, %s, is held", credential.FormatTime(fresh.Issued))
		default:
			t.Again = t.Again && fresh.SHA256 == held[k].SHA256
			held[k] = fresh
		}
		if t.Policy, err = t.Policy.hold(i, held, source); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// takers returns the blocks in which the word of an issuer of lists is taken.
func (p *Policy) takers(by string, at time.Time) []int {
	var out []int
	for i := range p.Entries {
		e := &p.Entries[i]
		switch {
		case e.Kind != KindList && e.Kind != KindAccreditor:
		case e.Issuer == by:
			out = append(out, i)
		case e.Kind == KindAccreditor:
			w := walk{policy: p, entry: e, at: at}
			w.visit(e.Issuer, way{depth: e.Depth})
			if w.reached[by] {
				out = append(out, i)
			}
		}
	}
	return out
}

// TakeRegistry returns the policy with an issuer registry taken in. Address is
// where it is from, an https address if update is to fetch it again; name is
// what the party calls it. One that says itself that it is older than the one
// held is refused (trust_refused/rollback).
func (p *Policy) TakeRegistry(raw []byte, address, name string, at time.Time, source string) (*Taken, error) {
	r, err := ReadRegistry(raw)
	if err != nil {
		return nil, err
	}
	fresh := Held{SHA256: Digest(raw), Issued: at.UTC().Truncate(time.Second)}
	t := &Taken{By: address, Digest: fresh.SHA256, Dated: r.Updated, Issuer: len(r.Entries)}
	i := slices.IndexFunc(p.Entries, func(e Entry) bool { return e.Kind == KindRegistry && e.Issuer == address })
	if i < 0 {
		t.Policy, err = p.Add(Entry{Kind: KindRegistry, Issuer: address, Name: name, Held: []Held{fresh}}, source)
		return t, err
	}
	for _, h := range p.Entries[i].Held {
		if t.Again = h.SHA256 == fresh.SHA256; t.Again {
			t.Policy = p // the day of its import stays
			return t, nil
		}
		if old := p.lists[h.SHA256].registry; old != nil && r.Updated.Before(old.Updated) {
			return nil, reason.New("trust_refused/rollback", address, "the registry is of %s, and one of %s is held", credential.FormatTime(r.Updated), credential.FormatTime(old.Updated))
		}
	}
	t.Policy, err = p.hold(i, []Held{fresh}, source)
	return t, err
}

// ListKey returns the key that the policy pins to a verification method of an
// issuer of lists.
func (p *Policy) ListKey(issuer, method string) (key.Public, bool) {
	for _, e := range p.Entries {
		if (e.Kind == KindList || e.Kind == KindAccreditor) && e.Issuer == issuer {
			if k, ok := e.Keys[method]; ok {
				return k, true
			}
		}
	}
	return key.Public{}, false
}

// Digests returns what the entries hold, each once.
func (p *Policy) Digests() []string {
	var out []string
	for _, e := range p.Entries {
		for _, h := range e.Held {
			if !slices.Contains(out, h.SHA256) {
				out = append(out, h.SHA256)
			}
		}
	}
	return out
}
