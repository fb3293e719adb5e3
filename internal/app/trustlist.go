package app

import (
	"bytes"
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

const acceptList = "application/vc, application/vc+jwt, application/json"

func listLimits() credential.Limits {
	return credential.Limits{MaxBytes: trust.MaxListBytes}
}

// readList gets the credential out of a signed list, without judging.
func (a *App) readList(raw []byte) (*credential.Credential, error) {
	in, err := proof.Read(bytes.TrimSpace(raw), listLimits())
	if err != nil {
		return nil, err
	}
	document := in.Document
	if document == nil {
		secured, err := a.suites.Open(in)
		if err != nil {
			return nil, err
		}
		document = secured[0].Document
	}
	return credential.New(document, raw)
}

// listJudge is the trust.ListVerifier: the verifier of everything else, which
// trusts the one issuer for its list alone. The list's own status is checked
// as that of any credential.
type listJudge struct {
	app    *App
	policy *trust.Policy
}

// Read implements trust.ListVerifier.
func (j listJudge) Read(raw []byte) (*credential.Credential, error) { return j.app.readList(raw) }

// PinnedKey implements verifier.KeyPins by the keys that stand beside lists.
func (j listJudge) PinnedKey(q trust.Query, method string) (key.Public, bool) {
	return j.policy.ListKey(q.Issuer, method)
}

// VerifyList implements trust.ListVerifier.
func (j listJudge) VerifyList(ctx context.Context, raw []byte, issuer string, at time.Time) (*credential.Credential, error) {
	return j.app.verifyBy(ctx, j, raw, issuer, at)
}

// verifyBy verifies what one issuer alone may have signed, with keys that are
// pinned or fetched. It is nil where that does not hold.
func (a *App) verifyBy(ctx context.Context, pins verifier.KeyPins, raw []byte, issuer string, at time.Time) (*credential.Credential, error) {
	source, err := a.source()
	if err != nil {
		return nil, err
	}
	v, err := verifier.New(verifier.Config{
		Suites: a.suites.Whole(), Resolver: did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{Fetcher: source}},
		Trust: trust.Pins(issuer), Pins: pins, Status: lists{source}, Now: a.cfg.Now, Limits: listLimits(),
	})
	if err != nil {
		return nil, err
	}
	report, err := v.Verify(ctx, verifier.Request{Raw: raw, At: at})
	return report.Credential(), err
}

// TrustTaken is what came of taking in a list or a registry.
type TrustTaken struct {
	By      string    `json:"by"`
	Kind    string    `json:"kind"` // "list" or "registry"
	SHA256  string    `json:"sha256,omitempty"`
	Dated   time.Time `json:"dated,omitzero"` // as the list or registry says
	Issuers int       `json:"issuers"`
	Again   bool      `json:"again,omitempty"` // it was held already
	Code    string    `json:"code,omitempty"`  // why it was not taken in
	Message string    `json:"message,omitempty"`

	Err error `json:"-"`
}

// TrustImport takes a signed list or an issuer registry into the policy. Name
// is what the party calls a registry; a list has the name that stands in the
// policy. A registry from an https address is fetched from there by
// TrustUpdate.
func (a *App) TrustImport(ctx context.Context, in Input, name string) (TrustTaken, error) {
	if in.Err != nil {
		return TrustTaken{}, in.Err
	}
	var out TrustTaken
	err := a.changeTrust(ctx, func(p *trust.Policy) (*trust.Policy, [][]byte, error) {
		if !isRegistry(in.Raw) {
			if name != "" {
				return nil, nil, reason.New(reason.Usage, "--as", "a signed list is known by its issuer: leave --as out")
			}
			taken, err := p.TakeList(ctx, in.Raw, listJudge{a, p}, a.cfg.Now(), a.TrustPath())
			return takenAs(&out, "list", taken, in.Raw, err)
		}
		address := in.Name
		if !strings.HasPrefix(address, "https://") {
			address = strings.Join(strings.Fields(filepath.Base(address)), "-")
		}
		if name == "" && !slices.ContainsFunc(p.Entries, func(e trust.Entry) bool { return e.Kind == trust.KindRegistry && e.Issuer == address }) {
			return nil, nil, reason.New(reason.Usage, "--as", "give the registry the name by which you know it: --as \"…\"")
		}
		taken, err := p.TakeRegistry(in.Raw, address, name, a.cfg.Now(), a.TrustPath())
		return takenAs(&out, "registry", taken, in.Raw, err)
	})
	return out, err
}

// isRegistry tells a registry from a credential. Whatever is neither is read
// as a registry, whose reader says what is wrong.
func isRegistry(raw []byte) bool {
	in, err := proof.Read(bytes.TrimSpace(raw), listLimits())
	if err != nil {
		return true
	}
	if in.Document == nil {
		return !strings.Contains(in.Compact, ".")
	}
	return in.Document.Get("registry").Kind() == strictjson.KindObject && in.Document.Get("proof") == nil
}

func takenAs(out *TrustTaken, kind string, t *trust.Taken, raw []byte, err error) (*trust.Policy, [][]byte, error) {
	if err != nil {
		return nil, nil, err
	}
	*out = TrustTaken{By: t.By, Kind: kind, SHA256: t.Digest, Dated: t.Dated, Issuers: t.Issuer, Again: t.Again}
	return t.Policy, [][]byte{raw}, nil
}

// TrustUpdate fetches the lists and registries for which the policy has an
// address, and takes in those that are sound. What is held stays where a new
// one is not; the result then says why. The error is about the policy itself.
func (a *App) TrustUpdate(ctx context.Context) ([]TrustTaken, error) {
	client, err := fetch.New(fetch.Config{Now: a.cfg.Now, Offline: a.cfg.Offline, MaxBytes: trust.MaxListBytes})
	if err != nil {
		return nil, err
	}
	return a.TrustUpdateFrom(ctx, client)
}

// TrustUpdateFrom is TrustUpdate with another way to fetch.
func (a *App) TrustUpdateFrom(ctx context.Context, from did.Fetcher) ([]TrustTaken, error) {
	policy, err := a.TrustPolicy()
	if err != nil {
		return nil, err
	}
	var out []TrustTaken
	for _, e := range policy.Entries {
		addresses := e.URLs
		if e.Kind == trust.KindRegistry && strings.HasPrefix(e.Issuer, "https://") {
			addresses = []string{e.Issuer}
		}
		for _, address := range addresses {
			if err := ctx.Err(); err != nil {
				return out, reason.Wrap(reason.Canceled, "", err)
			}
			out = append(out, a.updateOne(ctx, from, e, address))
		}
	}
	return out, nil
}

func (a *App) updateOne(ctx context.Context, from did.Fetcher, e trust.Entry, address string) TrustTaken {
	var out TrustTaken
	raw, _, err := from.Fetch(ctx, address, acceptList)
	if err == nil {
		err = a.changeTrust(ctx, func(p *trust.Policy) (*trust.Policy, [][]byte, error) {
			if e.Kind == trust.KindRegistry {
				taken, err := p.TakeRegistry(raw, e.Issuer, e.Name, a.cfg.Now(), a.TrustPath())
				return takenAs(&out, "registry", taken, raw, err)
			}
			taken, err := p.TakeList(ctx, raw, listJudge{a, p}, a.cfg.Now(), a.TrustPath())
			if err == nil && e.Kind == trust.KindList && taken.By != e.Issuer {
				err = reason.New("trust_refused/issuer", address, "the list there is by %.200s, and not by %s", taken.By, e.Issuer)
			}
			return takenAs(&out, "list", taken, raw, err)
		})
	}
	if err != nil {
		kind := "list"
		if e.Kind == trust.KindRegistry {
			kind = "registry"
		}
		out = TrustTaken{By: e.Issuer, Kind: kind, Code: string(reason.CodeOf(err)), Message: err.Error(), Err: err}
	}
	return out
}

// TrustSign makes a signed list of a text in the form of a policy, by the
// issuer that is set up here. It is in force from now until a time (zero:
// trust.DefaultListValidity). Address is where it will be found, may be empty.
func (a *App) TrustSign(ctx context.Context, in Input, name, address string, until time.Time) (*trust.List, []byte, error) {
	if in.Err != nil {
		return nil, nil, in.Err
	}
	setup, signer, err := a.ownSigner(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer signer.Close() // what it signed is verified below
	policy, err := trust.Parse(in.Raw, in.Name)
	if err != nil {
		return nil, nil, err
	}
	now := a.cfg.Now().UTC().Truncate(time.Second)
	if until.IsZero() {
		until = now.Add(trust.DefaultListValidity)
	}
	if !until.After(now) {
		return nil, nil, reason.New(reason.Usage, "--until", "the list would have ended before it begins")
	}
	l, err := trust.ListOf(policy, setup.ID, now, until)
	if err != nil {
		return nil, nil, err
	}
	l.ID, l.Name = address, cmp.Or(name, "Issuers recognized by "+setup.Name)
	unsigned, err := l.Credential()
	if err != nil {
		return nil, nil, err
	}
	suite, err := a.publicSuite(setup, signer)
	if err != nil {
		return nil, nil, err
	}
	raw, err := suite.Sign(ctx, unsigned.Raw(), signer, proof.Params{Purpose: proof.AssertionMethod, Created: now})
	if err != nil {
		return nil, nil, err
	}
	// What is given away is what others will find to hold.
	signed, err := ownJudge{a, setup.Method, signer.Public()}.verify(ctx, raw, setup.ID, now)
	if err != nil {
		return nil, nil, err
	}
	back, err := trust.ReadList(signed)
	return back, raw, err
}

// publicSuite is how the issuer that is set up here signs what all are to
// read: not in a form made for badges, or for being shown in part.
func (a *App) publicSuite(setup IssuerSetup, signer key.Signer) (proof.Suite, error) {
	id := proof.ID(setup.Suite)
	switch {
	case slices.Contains([]proof.ID{dataintegrity.EdDSARDFC2022, dataintegrity.EdDSAJCS2022, dataintegrity.ECDSARDFC2019, dataintegrity.ECDSAJCS2019, jose.VCJWT}, id):
	case signer.Public().Type() == key.Ed25519:
		id = dataintegrity.EdDSARDFC2022
	default:
		id = jose.VCJWT
	}
	return a.suites.Suite(id)
}

// ownJudge verifies what was signed here, with the key that is at hand.
type ownJudge struct {
	app    *App
	method string
	public key.Public
}

// PinnedKey implements verifier.KeyPins.
func (j ownJudge) PinnedKey(q trust.Query, method string) (key.Public, bool) {
	return j.public, method == j.method && strings.HasPrefix(method, q.Issuer+"#")
}

func (j ownJudge) verify(ctx context.Context, raw []byte, issuer string, at time.Time) (*credential.Credential, error) {
	v, err := verifier.New(verifier.Config{Suites: j.app.suites, Resolver: did.Mux{"key": did.Key{}, "jwk": did.JWK{}}, Trust: trust.Pins(issuer), Pins: j,
		Status: verifier.NoStatus{}, Now: j.app.cfg.Now, Limits: listLimits()})
	if err != nil {
		return nil, err
	}
	report, err := v.Verify(ctx, verifier.Request{Raw: raw, At: at})
	return report.Credential(), err
}
