package trust

import (
	"context"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
)

// Registry decides whether an issuer is trusted. An error means that it could
// not tell, which is never the same as a decision.
type Registry interface {
	Decide(ctx context.Context, q Query) (Decision, error)
}

// Query is what is asked of a registry.
type Query struct {
	Issuer string    // id of the issuer
	Types  []string  // types of the credential
	At     time.Time // as of when
}

// Decision is a registry's answer. The zero value is "not trusted".
type Decision struct {
	Trusted bool
	Name    string // the issuer's name as the source has verified it, may be empty
	Source  string // who says so, for people: "named in this call", "trust.txt line 4"
	Why     string // what else is to be said: why not, or a note
	Since   time.Time
	Until   time.Time
}

// NamedInCall is the source of a decision by Pins.
const NamedInCall = "named in this call"

type pins []string

// Pins trusts exactly the given issuers, for everything and at any time.
func Pins(issuers ...string) Registry { return pins(slices.Clone(issuers)) }

func (p pins) Decide(ctx context.Context, q Query) (Decision, error) {
	if err := ctx.Err(); err != nil {
		return Decision{}, err
	}
	if !slices.Contains(p, q.Issuer) || q.Issuer == "" {
		return Decision{Why: "not among the issuers named in this call"}, nil
	}
	return Decision{Trusted: true, Source: NamedInCall}, nil
}

type anyone struct{}

// AnyoneUnsafe trusts every issuer. A valid verdict then says no more than
// that somebody signed; it is for tools that show signatures, never for
// deciding anything about a person.
func AnyoneUnsafe() Registry { return anyone{} }

func (anyone) Decide(ctx context.Context, _ Query) (Decision, error) {
	if err := ctx.Err(); err != nil {
		return Decision{}, err
	}
	return Decision{Trusted: true, Source: "everybody is trusted here"}, nil
}

// Decide makes a Policy a Registry.
func (p *Policy) Decide(ctx context.Context, q Query) (Decision, error) {
	if err := ctx.Err(); err != nil {
		return Decision{}, err
	}
	d, _ := p.find(q)
	return d, nil
}

// find returns the decision and, if it is to trust, the entry that made it.
func (p *Policy) find(q Query) (Decision, *Entry) {
	answer := Decision{Why: "not in the trust policy"}
	for i := range p.Entries {
		e := &p.Entries[i]
		if e.Issuer != q.Issuer {
			continue
		}
		d := Decision{Name: e.Name, Source: e.Source, Since: e.Since, Until: e.Until, Why: e.Note}
		switch {
		case !e.Since.IsZero() && q.At.Before(e.Since):
			d.Why = "trusted only since " + e.Since.Format(time.RFC3339)
		case !e.Until.IsZero() && !q.At.Before(e.Until):
			d.Why = "trusted only until " + e.Until.Format(time.RFC3339)
		case len(e.Types) > 0 && !slices.ContainsFunc(q.Types, func(t string) bool { return slices.Contains(e.Types, t) }):
			d.Why = "not trusted for this type of credential"
		default:
			d.Trusted = true
			return d, e
		}
		answer = d
	}
	return answer, nil
}

// PinnedKey returns the key that the policy pins to a verification method of
// the issuer, in the entry by which the issuer is trusted for this query and
// in no other: a key goes with the period and types that stand beside it.
func (p *Policy) PinnedKey(q Query, method string) (key.Public, bool) {
	_, e := p.find(q)
	if e == nil {
		return key.Public{}, false
	}
	k, ok := e.Keys[method]
	return k, ok
}
