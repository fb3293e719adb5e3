package app

import (
	"context"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/charter"
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// CharterPath returns where the issuer's charter is kept.
func (a *App) CharterPath() string { return a.path("issuer", "charter.json") }

// CharterSign makes the issuer's charter, in force from now, and keeps it in
// the place of an earlier one.
func (a *App) CharterSign(ctx context.Context, c charter.Charter) (charter.Charter, error) {
	setup, signer, err := a.ownSigner(ctx)
	if err != nil {
		return c, err
	}
	defer signer.Close() // what it signed is opened below
	now := a.cfg.Now().UTC().Truncate(time.Second)
	c.Provider, c.Name, c.URL, c.From = setup.ID, setup.Name, setup.URL, now
	if c.Until.IsZero() {
		c.Until = now.Add(charter.DefaultValidity)
	}
	suite, err := a.publicSuite(setup, signer)
	if err != nil {
		return c, err
	}
	raw, err := c.Sign(ctx, suite, signer, now)
	if err != nil {
		return c, err
	}
	// What is kept is what others will find to count.
	c, err = charter.Open(ctx, raw, setup.ID, now, charterJudge{app: a, method: setup.Method, public: signer.Public()})
	if err != nil {
		return c, err
	}
	return c, a.keep(raw, true, "issuer", "charter.json")
}

// CharterShow returns the issuer's charter and the credential that it is. One
// that has aged is returned with the error.
func (a *App) CharterShow(ctx context.Context) (charter.Charter, []byte, error) {
	setup, signer, err := a.ownSigner(ctx)
	if err != nil {
		return charter.Charter{}, nil, err
	}
	raw, err := ReadFile(a.CharterPath())
	if reason.CodeOf(err) == reason.NotFound {
		return charter.Charter{}, nil, reason.New(reason.PublicationRefused+"/no-charter", a.CharterPath(), "no charter is signed here")
	}
	if err != nil {
		return charter.Charter{}, nil, err
	}
	c, err := charter.Open(ctx, raw, setup.ID, a.cfg.Now(), charterJudge{app: a, method: setup.Method, public: signer.Public()})
	return c, raw, err
}

// CharterRead reads a charter that a catalogue keeps, which was judged when it
// came in.
func (a *App) CharterRead(raw string) (charter.Charter, error) {
	doc, _, err := a.Document([]byte(raw))
	if err != nil {
		return charter.Charter{}, err
	}
	c, err := credential.New(doc, []byte(raw))
	if err != nil {
		return charter.Charter{}, err
	}
	return charter.Read(c)
}

// charterJudge is the charter.Verifier. A charter is the provider's word about
// itself, so that issuer is trusted for it, whoever it is, but nothing is
// fetched for it: the key is the one that is known already, or the identifier
// itself, or one of the policy, or, if web is set, in the provider's DID
// document. A status list is not asked for: a charter has none.
type charterJudge struct {
	app    *App
	method string
	public key.Public
	policy *trust.Policy // nil: none
	web    did.Resolver  // nil: nothing is fetched
}

// PinnedKey implements verifier.KeyPins.
func (j charterJudge) PinnedKey(q trust.Query, method string) (key.Public, bool) {
	if method == j.method && strings.HasPrefix(method, q.Issuer+"#") {
		return j.public, true
	}
	if j.policy == nil {
		return key.Public{}, false
	}
	return j.policy.PinnedKey(q, method)
}

// Charter implements charter.Verifier.
func (j charterJudge) Charter(ctx context.Context, raw []byte, issuer string) (*credential.Credential, error) {
	resolver := did.Mux{"key": did.Key{}, "jwk": did.JWK{}}
	if j.web != nil {
		resolver["web"] = j.web
	}
	v, err := verifier.New(verifier.Config{Suites: j.app.suites, Resolver: resolver, Trust: trust.Pins(issuer), Pins: j, Status: verifier.NoStatus{}, Now: j.app.cfg.Now})
	if err != nil {
		return nil, err
	}
	report, err := v.Verify(ctx, verifier.Request{Raw: raw})
	return report.Credential(), err
}

// publisher finds the key by which a publication is signed, and who judges the
// charter in it. Trust comes before the network: an identifier that is its own
// key needs nobody's trust, since nothing is fetched for it, and anybody may
// publish; the document of any other is fetched only for those whom the policy
// trusts or who are named in the call, unless their key is pinned.
func (a *App) publisher(ctx context.Context, method string, named []string) (key.Public, charterJudge, error) {
	j := charterJudge{app: a, method: method}
	id, _, _ := strings.Cut(method, "#")
	policy, err := a.TrustPolicy()
	if err != nil {
		return key.Public{}, j, err
	}
	j.policy = policy
	q := trust.Query{Issuer: id, Types: []string{"VerifiableCredential", openbadge.TypeEndorsementCredential}, At: a.cfg.Now()}
	if pinned, ok := policy.PinnedKey(q, method); ok {
		j.public = pinned
		return pinned, j, nil
	}
	if !strings.HasPrefix(id, "did:key:") && !strings.HasPrefix(id, "did:jwk:") {
		trusted, err := policy.Decide(ctx, q)
		if !trusted.Trusted { // also where the policy cannot tell
			if d, pinErr := trust.Pins(named...).Decide(ctx, q); d.Trusted && pinErr == nil {
				trusted, err = d, nil
			}
		}
		if err != nil {
			return key.Public{}, j, err
		}
		if !trusted.Trusted {
			return key.Public{}, j, reason.New(reason.UntrustedIssuer, method, "the key of %s is not fetched, because it is not trusted: bevis trust add, or --issuer in this call", id)
		}
		client, err := a.client()
		if err != nil {
			return key.Public{}, j, err
		}
		j.web = did.Web{Fetcher: client}
	}
	j.public, err = a.methodKey(ctx, method)
	return j.public, j, err
}
