package trust

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Because is why one source does not vouch for an issuer. The names are stable.
type Because string

// The reasons.
const (
	BecauseSince       Because = "since"       // it vouches only from a time on
	BecauseUntil       Because = "until"       // it vouched only until a time
	BecauseTypes       Because = "types"       // not for this type of credential
	BecauseWithdrawn   Because = "withdrawn"   // it withdrew its word
	BecauseSuspended   Because = "suspended"   // it withdrew its word until further notice
	BecauseAction      Because = "action"      // it knows the issuer, but not as one who issues
	BecauseLimit       Because = "limit"       // it sets a limit that is not understood
	BecauseSuccessor   Because = "successor"   // it is about who continues the issuer, and that one is not trusted
	BecauseAfter       Because = "after"       // it is about who continues the issuer, which answers only for what was signed before that
	BecauseItself      Because = "itself"      // it is the issuer itself
	BecauseEnded       Because = "ended"       // its list ended
	BecauseUnavailable Because = "unavailable" // its list is not at hand
)

// Finding is what one source says of an issuer.
type Finding struct {
	Voucher
	Vouches   bool
	Because   Because       // why not
	When      time.Time     // of BecauseSince, Until, Withdrawn, Suspended, After and Ended
	StatusAge time.Duration // how old a status may be, by this source
	Err       error         // of BecauseEnded and BecauseUnavailable

	entry *Entry
}

// Explanation is everything that a policy says of an issuer.
type Explanation struct {
	Query
	Decision
	Findings []Finding // in the order of the policy
	Quorum   int       // how many independent sources must vouch
	Sources  int       // how many do
	// Err is set when the policy cannot tell: sources that would decide are
	// not at hand, or have ended.
	Err error
}

// Decide makes a Policy a Registry. An error (trust_unavailable) means that a
// source that would decide is not at hand.
func (p *Policy) Decide(ctx context.Context, q Query) (Decision, error) {
	if err := ctx.Err(); err != nil {
		return Decision{}, err
	}
	e := p.Explain(q)
	return e.Decision, e.Err
}

// Explain asks every source of the policy about an issuer, and adds up what
// they say.
func (p *Policy) Explain(q Query) Explanation { return p.explain(q, nil) }

// explain is Explain. Path are those whom the issuer continues.
func (p *Policy) explain(q Query, path []string) Explanation {
	x := Explanation{Query: q, Quorum: max(1, p.Quorum)}
	if q.Issuer != "" {
		for i := range p.Entries {
			x.Findings = append(x.Findings, p.ask(&p.Entries[i], q)...)
		}
		p.succeeded(&x, path)
	}
	vouching, possible := map[string]bool{}, map[string]bool{}
	copies := map[string]string{} // origins of registries by digest: a copy is no second source
	var missing error
	for i := range x.Findings {
		f := &x.Findings[i]
		origin := f.origin()
		if f.Kind == KindRegistry && f.Digest != "" {
			if first, known := copies[f.Digest]; known {
				origin = first
			}
			copies[f.Digest] = origin
		}
		switch {
		case f.Vouches:
			vouching[origin], possible[origin] = true, true
			x.Vouchers = append(x.Vouchers, f.Voucher)
			if f.StatusAge == 0 {
				f.StatusAge = p.StatusAge
			}
			if f.StatusAge != 0 && (x.MaxStatusAge == 0 || f.StatusAge < x.MaxStatusAge) {
				x.MaxStatusAge = f.StatusAge
			}
		case f.Err != nil:
			possible[origin] = true
			if missing == nil {
				missing = f.Err
			}
		}
	}
	x.Sources = len(vouching)
	x.Trusted = x.Sources >= x.Quorum
	x.named()
	if x.withdrawn() {
		return x
	}
	if !x.Trusted {
		x.refuse()
		if len(possible) >= x.Quorum {
			x.Err = missing
		}
	}
	return x
}

// named takes the name from the party's own word, else from the first source
// that vouches. A source that does not vouch gives no name: what a list says
// of its own issuer is a name that somebody gives itself.
func (x *Explanation) named() {
	for _, own := range []bool{true, false} {
		for _, f := range x.Findings {
			if x.Name == "" && f.Name != "" && (f.By == "") == own && (f.Vouches || own) {
				x.Name, x.NameBy = f.Name, f.String()
			}
		}
	}
	for _, f := range x.Findings {
		if f.Vouches {
			x.Source, x.Why, x.Since, x.Until = f.String(), f.Note, f.Since, f.Until
			return
		}
	}
}

// withdrawn reports whether the party itself withdrew its word for these types
// of credentials, and says so. Then it does not matter who else vouches: whoever
// writes that somebody is trusted no more has heard something that a list may
// learn a month later.
func (x *Explanation) withdrawn() bool {
	for _, f := range x.Findings {
		if f.Kind != KindIssuer || f.Because != BecauseWithdrawn && f.Because != BecauseSuspended || !covers(f.Types, x.Query.Types) {
			continue
		}
		x.Trusted, x.Code = false, "untrusted_issuer/withdrawn"
		x.Source, x.Why, x.Since, x.Until = f.String(), f.why(), f.Since, f.Until
		return true
	}
	return false
}

// covers reports whether a limit to types, nil for none, allows one of those
// that a credential has.
func covers(limit, types []string) bool {
	return limit == nil || slices.ContainsFunc(types, func(t string) bool { return slices.Contains(limit, t) })
}

// refuse says why the issuer is not trusted.
func (x *Explanation) refuse() {
	if x.Sources > 0 {
		x.Code = "untrusted_issuer/quorum"
		x.Why = fmt.Sprintf("%d of the %d independent sources that are needed vouch for it", x.Sources, x.Quorum)
		return
	}
	x.Why = NotInPolicy
	for _, f := range x.Findings {
		x.Source, x.Why, x.Since, x.Until = f.String(), f.why(), f.Since, f.Until
		switch f.Because {
		case BecauseSuccessor:
			x.Code = "untrusted_issuer/successor"
		case BecauseAfter:
			x.Code = "untrusted_issuer/after-succession"
		case BecauseWithdrawn, BecauseSuspended:
			x.Code = "untrusted_issuer/withdrawn"
		default:
			x.Code = "untrusted_issuer/limits"
		}
	}
}

func (f Finding) why() string {
	when := f.When.UTC().Format(time.RFC3339)
	switch f.Because {
	case BecauseSince:
		return "trusted only since " + when
	case BecauseUntil:
		return "trusted only until " + when
	case BecauseTypes:
		return "not trusted for this type of credential"
	case BecauseWithdrawn:
		return "the recognition was withdrawn " + when
	case BecauseSuspended:
		return "the recognition was suspended " + when
	case BecauseSuccessor:
		return "continued by somebody who is not trusted"
	case BecauseAfter:
		return "continued by another since " + when + ", which answers only for what was signed before"
	case BecauseAction:
		return "known, but not recognized to issue"
	case BecauseLimit:
		return "recognized within a limit that is not understood here"
	case BecauseItself:
		return "vouches for itself, which does not count"
	case BecauseEnded:
		return "the list ended " + when
	}
	return "what the source says is not at hand"
}

// origin is the source that a finding counts as for a quorum: the party itself
// is one however often its file names an issuer, and so are those of one host.
func (f Finding) origin() string {
	switch {
	case f.By == "":
		return "own"
	case f.Kind == KindRegistry && f.Digest != "" && hostOf(f.By) == "":
		return "file " + f.Digest // the same file under two names is one
	}
	return originOf(f.By)
}

// ask returns what one block says of an issuer, nothing where it does not name
// it.
func (p *Policy) ask(e *Entry, q Query) []Finding {
	if e.Kind == KindSuccession {
		return nil // see succeeded
	}
	f := Finding{entry: e, StatusAge: e.StatusAge, Voucher: Voucher{Kind: e.kind(), Source: e.Source, Note: e.Note, Name: e.Name, Types: e.Types, Since: e.Since, Until: e.Until}}
	switch f.Kind {
	case KindIssuer:
		if e.Issuer != q.Issuer {
			return nil
		}
		f.judge(q, Recognized{From: e.Since, Until: e.Until, Withdrawn: e.Withdrawn, Suspended: e.Suspended, Issues: &Scope{Types: e.Types}})
		return []Finding{f}
	case KindDomain:
		if !within(e.Issuer, q.Issuer) {
			return nil
		}
		f.judge(q, Recognized{From: e.Since, Until: e.Until, Issues: &Scope{Types: e.Types}})
		return []Finding{f}
	}
	f.By, f.ByName, f.Name = e.Issuer, e.Name, ""
	if f.Kind == KindRegistry {
		return p.askRegistry(f, q)
	}
	w := walk{policy: p, entry: e, at: q.At, about: &q, base: f}
	w.visit(e.Issuer, way{depth: e.Depth})
	return w.found
}

func (p *Policy) askRegistry(f Finding, q Query) []Finding {
	if len(f.entry.Held) == 0 {
		return []Finding{f.unavailable(reason.New("trust_unavailable/not-held", f.Source, "the registry %s was never taken in", f.By))}
	}
	h := f.entry.Held[0]
	f.Digest, f.AsOf = h.SHA256, h.Issued
	d, ok := p.lists[h.SHA256]
	if !ok || d.err != nil || d.registry == nil { // another block holds the file as a list
		return []Finding{f.unavailable(d.err)}
	}
	i, named := d.index[q.Issuer]
	if !named {
		return nil
	}
	f.Name, f.Entry = d.registry.Entries[i].Name, strictjson.Pointer("/registry", q.Issuer)
	f.judge(q, Recognized{From: f.Since, Until: f.Until, Issues: &Scope{Types: f.Types}})
	return []Finding{f}
}

func (f Finding) unavailable(err error) Finding {
	if err == nil {
		err = reason.New("trust_unavailable/not-held", f.Source, "what %s says is not at hand", f.By)
	}
	f.Because, f.Err = BecauseUnavailable, err
	return f
}

// judge holds a recognition against what is asked.
func (f *Finding) judge(q Query, r Recognized) {
	deny := func(why Because, when time.Time) { f.Because, f.When = why, when }
	switch {
	case !r.Withdrawn.IsZero() && !q.At.Before(r.Withdrawn):
		deny(BecauseWithdrawn, r.Withdrawn)
	case !r.Suspended.IsZero() && !q.At.Before(r.Suspended):
		deny(BecauseSuspended, r.Suspended)
	case !r.From.IsZero() && q.At.Before(r.From):
		deny(BecauseSince, r.From)
	case !r.Until.IsZero() && !q.At.Before(r.Until):
		deny(BecauseUntil, r.Until)
	case r.Issues == nil:
		deny(BecauseAction, time.Time{})
	case r.Issues.Unknown:
		deny(BecauseLimit, time.Time{})
	case !covers(r.Issues.Types, q.Types):
		deny(BecauseTypes, time.Time{})
	default:
		f.Vouches = true
	}
}

// PinnedKey returns the key that the policy pins to a verification method of
// an issuer that it trusts, in an entry that vouches for this query and in no
// other: a key goes with the period and types that stand beside it.
func (p *Policy) PinnedKey(q Query, method string) (key.Public, bool) {
	x := p.Explain(q)
	if !x.Trusted {
		return key.Public{}, false
	}
	for _, f := range x.Findings {
		if f.Vouches && f.Kind == KindIssuer && f.entry != nil {
			if k, ok := f.entry.Keys[method]; ok {
				return k, true
			}
		}
	}
	return p.oldKey(q, method)
}

// walk follows the accreditors of one block down, from the policy's own.
type walk struct {
	policy *Policy
	entry  *Entry
	at     time.Time
	about  *Query  // whom it asks about, nil: only who is reached
	base   Finding // what all findings of the block have in common
	found  []Finding

	reached map[string]bool // accreditors whose word would be taken
	steps   int
}

// maxSteps bounds the ways through lists that accredit each other.
const maxSteps = 10_000

// way is how the walk came to an accreditor.
type way struct {
	path  []string  // those above it
	depth int       // how many may stand below it
	types []string  // that all above it allow, nil for all
	ended time.Time // when the first list on the way ended, zero: none has
}

// visit reads the list of one accreditor. Who stands in the way already is not
// visited again, so that a circle ends.
func (w *walk) visit(by string, to way) {
	if w.steps++; w.steps > maxSteps || slices.Contains(to.path, by) {
		return
	}
	to.path = append(slices.Clone(to.path), by)
	i := slices.IndexFunc(w.entry.Held, func(h Held) bool { return h.By == by })
	if i < 0 {
		if len(to.path) == 1 && w.about != nil {
			w.found = append(w.found, w.base.unavailable(reason.New("trust_unavailable/not-held", w.base.Source, "the list of %s was never taken in", by)))
		}
		return // below the policy's own: it never said anything
	}
	h := w.entry.Held[i]
	f := w.base
	f.Digest, f.AsOf, f.Signed = h.SHA256, h.Issued, true
	if len(to.path) > 1 {
		f.Chain = to.path
	}
	d, ok := w.policy.lists[h.SHA256]
	if !ok || d.err != nil || d.list == nil { // another block holds the file as a registry
		if w.about != nil {
			w.found = append(w.found, f.unavailable(d.err))
		}
		return
	}
	if end := endOf(d.list, h); to.ended.IsZero() && !w.at.Before(end) {
		to.ended = end
	}
	if w.about != nil {
		w.ask(f, d, to, endOf(d.list, h))
	}
	if w.entry.Kind != KindAccreditor || to.depth < 1 || !to.ended.IsZero() && w.about == nil {
		return
	}
	for _, i := range d.below {
		r := d.list.Entries[i]
		if !recognized(r, d.list, w.at) {
			continue
		}
		if w.reached == nil {
			w.reached = map[string]bool{}
		}
		w.reached[r.ID] = true
		next := to
		next.depth, next.types = min(to.depth-1, r.Accredits.Depth), meet(to.types, r.Accredits.Types)
		w.visit(r.ID, next)
	}
}

// ask looks for the issuer in question in a list.
func (w *walk) ask(f Finding, d document, to way, end time.Time) {
	q := *w.about
	i, named := d.index[q.Issuer]
	if !named {
		return
	}
	r := d.list.Entries[i]
	f.Name, f.Entry = r.Name, strictjson.Pointer("/credentialSubject", strconv.Itoa(i))
	if r.From.IsZero() {
		r.From = d.list.Issued
	}
	r.From, r.Until = later(r.From, w.entry.Since), earlier(r.Until, w.entry.Until)
	f.Since, f.Until = r.From, earlier(r.Until, end)
	if r.Issues != nil {
		scope := *r.Issues
		scope.Types = meet(meet(scope.Types, to.types), w.entry.Types)
		r.Issues, f.Types = &scope, scope.Types
	}
	f.judge(q, r)
	switch {
	case f.Vouches && slices.Contains(to.path, q.Issuer):
		f.Vouches, f.Because = false, BecauseItself
	case f.Vouches && !to.ended.IsZero():
		f.Vouches, f.Because, f.When = false, BecauseEnded, to.ended
		f.Err = reason.New("trust_unavailable/ended", f.Source, "the list that vouches ended %s", to.ended.Format(time.RFC3339))
	}
	w.found = append(w.found, f)
}

// endOf returns when a list says nothing more. One that sets itself no end
// counts for as long as ours do after it was checked last: else it could never
// be learned that somebody was taken off it. When it began is for each of its
// entries to say, which may have been recognized before.
func endOf(l *List, h Held) time.Time {
	if l.Until.IsZero() {
		return h.Checked.Add(DefaultListValidity)
	}
	return l.Until
}

// recognized reports whether an accreditor is one at a time.
func recognized(r Recognized, l *List, at time.Time) bool {
	from := r.From
	if from.IsZero() {
		from = l.Issued
	}
	return !at.Before(from) && (r.Until.IsZero() || at.Before(r.Until)) &&
		(r.Withdrawn.IsZero() || at.Before(r.Withdrawn)) && (r.Suspended.IsZero() || at.Before(r.Suspended))
}

// meet returns what two limits to types both allow; nil limits to nothing.
func meet(a, b []string) []string {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	out := []string{}
	for _, t := range a {
		if slices.Contains(b, t) {
			out = append(out, t)
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// earlier returns the earlier of two ends, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
