package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

const (
	trustFile   = "trust.txt"
	trustFolder = "trust" // what the policy holds, each under its digest
	trustLock   = "trust.lock"
)

// TrustPath returns where the trust policy is kept.
func (a *App) TrustPath() string { return a.path(trustFile) }

// TrustPolicy reads the trust policy with what it holds; without one nobody is
// trusted.
func (a *App) TrustPolicy() (*trust.Policy, error) {
	raw, err := ReadFile(a.TrustPath())
	if reason.CodeOf(err) == reason.NotFound {
		return trust.Empty(), nil
	}
	if err != nil {
		return nil, err
	}
	policy, err := trust.Parse(raw, a.TrustPath())
	if err != nil {
		return nil, err
	}
	return policy.Holding(shelf{a}), nil
}

// shelf is the trust.Shelf in the home folder.
type shelf struct{ app *App }

func (s shelf) path(digest string) string { return s.app.path(trustFolder, "sha256-"+digest) }

// Raw implements trust.Shelf.
func (s shelf) Raw(digest string) ([]byte, error) {
	return readUpTo(s.path(digest), trust.MaxListBytes)
}

// Read implements trust.Shelf.
func (s shelf) Read(raw []byte) (*credential.Credential, error) { return s.app.readList(raw) }

// changeTrust changes the policy while nobody else does: what two commands
// change at once is all there afterwards. Change returns the new policy and
// what it holds anew.
func (a *App) changeTrust(ctx context.Context, change func(p *trust.Policy) (*trust.Policy, [][]byte, error)) error {
	return a.alone(ctx, trustLock, func() error { return a.changeHeld(change) })
}

// changeHeld does so while the policy is held.
func (a *App) changeHeld(change func(p *trust.Policy) (*trust.Policy, [][]byte, error)) error {
	before, err := a.TrustPolicy()
	if err != nil {
		return err
	}
	after, held, err := change(before)
	if err != nil {
		return err
	}
	// The bytes first: a policy never names what is not there. They are
	// written also where the policy names them already, which mends them.
	for _, raw := range held {
		if err := a.keep(raw, true, trustFolder, "sha256-"+trust.Digest(raw)); err != nil {
			return err
		}
	}
	if after == before {
		return nil
	}
	if err := a.keep(after.Text(), true, trustFile); err != nil {
		return err
	}
	a.sweepTrust(after.Digests())
	return nil
}

// sweepTrust removes what the policy holds no more. What cannot be removed
// does no harm: it is in nobody's way.
func (a *App) sweepTrust(held []string) {
	entries, err := os.ReadDir(a.path(trustFolder))
	if err != nil {
		return
	}
	for _, e := range entries {
		if digest, ours := strings.CutPrefix(e.Name(), "sha256-"); ours && !slices.Contains(held, digest) {
			_ = os.Remove(filepath.Join(a.path(trustFolder), e.Name()))
		}
	}
}

// TrustAdd adds a block to the policy.
func (a *App) TrustAdd(ctx context.Context, e trust.Entry) error {
	if err := checkDID(ctx, "", e.Issuer); err != nil {
		return err
	}
	return a.changeTrust(ctx, func(p *trust.Policy) (*trust.Policy, [][]byte, error) {
		p, err := p.Add(e, a.TrustPath())
		if reason.CodeOf(err) == "malformed/trust-policy" { // what was asked for, not the user's file
			err = reason.New(reason.Usage, e.Issuer, "%w", errors.Unwrap(err))
		}
		return p, nil, err
	})
}

// TrustRemove takes an issuer, a domain or a registry out of the policy.
func (a *App) TrustRemove(ctx context.Context, issuer string) error {
	return a.changeTrust(ctx, func(p *trust.Policy) (*trust.Policy, [][]byte, error) {
		p, err := p.Remove(issuer, a.TrustPath())
		return p, nil, err
	})
}

// TrustExplain asks the policy about an issuer, as of a time (zero: now) and
// for types of credentials (none: those of Open Badges).
func (a *App) TrustExplain(ctx context.Context, issuer string, at time.Time, types []string) (trust.Explanation, error) {
	if err := ctx.Err(); err != nil {
		return trust.Explanation{}, reason.Wrap(reason.Canceled, "", err)
	}
	policy, err := a.TrustPolicy()
	if err != nil {
		return trust.Explanation{}, err
	}
	if at.IsZero() {
		at = a.cfg.Now()
	}
	if len(types) == 0 {
		types = []string{openbadge.TypeOpenBadgeCredential, "AchievementCredential"}
	}
	return policy.Explain(trust.Query{Issuer: issuer, Types: append([]string{"VerifiableCredential"}, types...), At: at}), nil
}

// ResultVoucher is one who vouches for an issuer.
type ResultVoucher struct {
	Kind   string    `json:"kind"`             // issuer, domain, registry, list, accreditor
	By     string    `json:"by,omitempty"`     // id, or address of a registry; absent: the policy itself
	ByName string    `json:"byName,omitempty"` // by the policy
	Name   string    `json:"name,omitempty"`   // what it calls the issuer
	Source string    `json:"source"`           // file and line
	Entry  string    `json:"entry,omitempty"`  // JSON pointer into the list
	SHA256 string    `json:"sha256,omitempty"` // of the list
	Chain  []string  `json:"chain,omitempty"`  // of accreditors
	Types  []string  `json:"types,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	Until  time.Time `json:"until,omitzero"`
	AsOf   time.Time `json:"asOf,omitzero"` // when the list was issued or the registry imported
	Signed bool      `json:"signed,omitempty"`
	// Through are those that continue the issuer, to the one that is vouched for.
	Through []string `json:"through,omitempty"`
}

// ResultContinued is who continues an issuer.
type ResultContinued struct {
	ID    string    `json:"id"`
	Name  string    `json:"name,omitempty"`
	Since time.Time `json:"since"`
}

// VoucherOf puts a voucher in the form of results.
func VoucherOf(v trust.Voucher) ResultVoucher {
	return ResultVoucher{string(v.Kind), v.By, v.ByName, v.Name, v.Source, v.Entry, v.Digest, v.Chain, v.Types, v.Since, v.Until, v.AsOf, v.Signed, v.Through}
}

func issuerOf(i verifier.Issuer) *ResultIssuer {
	out := &ResultIssuer{ID: i.ID, VerifiedName: i.VerifiedName, NameBy: i.NameBy, ClaimedName: i.ClaimedName, TrustedBy: i.TrustedBy}
	if c := i.Continued; c != nil {
		out.ContinuedBy = &ResultContinued{c.ID, c.Name, c.Since}
	}
	for _, v := range i.Vouchers {
		out.Vouchers = append(out.Vouchers, VoucherOf(v))
	}
	return out
}
