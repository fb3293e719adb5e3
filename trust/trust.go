package trust

import (
	"context"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/reason"
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
	// Signed is when the credential says that it was signed; zero where the issuer
	// is asked about and no credential of its. Who continues an issuer does not
	// answer for what that signs afterwards.
	Signed time.Time
}

// Decision is a registry's answer. The zero value is "not trusted".
type Decision struct {
	Trusted bool
	Name    string // the issuer's name as a source has verified it, may be empty
	NameBy  string // the source of Name, for people; empty when there is no name
	Source  string // who says so, for people: "named in this call", "trust.txt line 4"
	Why     string // what else is to be said: why not, or a note
	Since   time.Time
	Until   time.Time
	// Code is why an issuer is not trusted, more finely than
	// untrusted_issuer; empty: nothing finer is to be said.
	Code reason.Code
	// Vouchers are all who vouch for the issuer, the first of them named by
	// Source. A registry that keeps no record of sources leaves it empty.
	Vouchers []Voucher
	// Continued is who continues the issuer, by a statement that both signed; nil:
	// nothing is known of that.
	Continued *Continued
	// MaxStatusAge is how old what says that a credential of the issuer is not
	// revoked may be, 0 when the registry does not say.
	MaxStatusAge time.Duration
}

// Kind is by what an issuer is vouched for: the word that begins a block of a
// policy.
type Kind string

// The kinds.
const (
	KindIssuer     Kind = "issuer"     // the party's own word about an issuer
	KindDomain     Kind = "domain"     // the party's own word about whoever a domain is of
	KindRegistry   Kind = "registry"   // an issuer registry without a signature
	KindList       Kind = "list"       // a signed list
	KindAccreditor Kind = "accreditor" // a signed list, or one by whom it accredits
	KindSuccession Kind = "succession" // no word about an issuer: by whom it is continued
)

// Voucher is one who vouches for an issuer.
type Voucher struct {
	Kind   Kind
	By     string    // id of who vouches, address of a registry; empty: the party itself
	ByName string    // its name by the policy, may be empty
	Name   string    // what it calls the issuer, may be empty
	Source string    // where the policy takes its word: "trust.txt line 4"
	Entry  string    // where in the list or registry the issuer stands: JSON pointer
	Digest string    // SHA-256 of the list or registry, hexadecimal
	Chain  []string  // the accreditors from the policy's own to the one that accredits the issuer
	Types  []string  // the types of credentials that it vouches for, nil: all
	Since  time.Time // from when it vouches, zero: it does not say
	Until  time.Time // until when, zero: without an end
	AsOf   time.Time // when the list was issued or the registry imported
	Signed bool      // what By says is signed, and that was checked
	Note   string    // from the policy
	// Through are those that continue the issuer, one after the other, to the one
	// that is vouched for; nil: the issuer itself is.
	Through []string
}

// String says for people who vouches and where that stands.
func (v Voucher) String() string {
	if len(v.Through) > 0 {
		through := v.Through[len(v.Through)-1]
		v.Through = nil
		return "for its successor " + through + ": " + v.String()
	}
	switch v.Kind {
	case KindRegistry:
		return "registry " + v.Who() + ", unsigned file, imported " + v.Date() + ", " + v.Source
	case KindList:
		return "list of " + v.Who() + " of " + v.Date() + ", " + v.Source
	case KindAccreditor:
		return "accredited under " + v.Who() + ", " + v.Source
	}
	return v.Source
}

// Who is who vouches, by name and id, as far as the policy has them.
func (v Voucher) Who() string {
	if v.ByName == "" {
		return v.By
	}
	return v.ByName + " (" + v.By + ")"
}

// Date is the date of AsOf: 2026-11-28.
func (v Voucher) Date() string { return v.AsOf.UTC().Format(time.DateOnly) }

// NamedInCall is the source of a decision by Pins.
const NamedInCall = "named in this call"

// Why the two registries of this package do not trust an issuer that they have
// never heard of.
const (
	NotNamedInCall = "not among the issuers named in this call"
	NotInPolicy    = "not in the trust policy"
)

// Anyone is the source of a decision by AnyoneUnsafe.
const Anyone = "everybody is trusted here"

type pins []string

// Pins trusts exactly the given issuers, for everything and at any time.
func Pins(issuers ...string) Registry { return pins(slices.Clone(issuers)) }

func (p pins) Decide(ctx context.Context, q Query) (Decision, error) {
	if err := ctx.Err(); err != nil {
		return Decision{}, err
	}
	if !slices.Contains(p, q.Issuer) || q.Issuer == "" {
		return Decision{Why: NotNamedInCall}, nil
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
	return Decision{Trusted: true, Source: Anyone}, nil
}
