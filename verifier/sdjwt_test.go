package verifier_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

const (
	firm     = "https://firma.example"
	nonce    = "n-0S6_WzA2Mj"
	tokenURL = "https://kurs.example/status/revocation-1.jwt"
)

// show discloses a token to the firm.
func (p party) show(token []byte, d proof.Disclosure) []byte {
	p.t.Helper()
	d.Holder = p.signer
	if d.Audience == "" {
		d.Audience = firm
	}
	if d.Challenge == "" {
		d.Challenge = nonce
	}
	if d.Created.IsZero() {
		d.Created = noon
	}
	shown, err := sdjwt.DC().(proof.Discloser).Disclose(p.t.Context(), token, d)
	if err != nil {
		p.t.Fatal(err)
	}
	return shown
}

var narrative = []string{"/credentialSubject/achievement/description", "/name"}

// TestKeyBinding shows a badge in part, to one receiver, and has everybody
// else and every other time refused (rows KB of the attacks).
func TestKeyBinding(t *testing.T) {
	t.Parallel()
	p, kari, thief := newParty(t), newParty(t), newParty(t)
	token := p.sign(sdjwt.DCSDJWT, p.credential(kari.id, nil), proof.Params{Disclosable: narrative})
	shown := kari.show(token, proof.Disclosure{Pointers: narrative[1:]})
	asked := verifier.Request{Audience: firm, Challenge: nonce}
	ola := newParty(t)
	forOla := proof.Params{}
	forOla.Holder = ola.signer.Public()
	aboutKari := ola.show(p.sign(sdjwt.DCSDJWT, p.credential(kari.id, nil), forOla), proof.Disclosure{})
	old := kari.show(token, proof.Disclosure{Created: noon.Add(-time.Hour)})
	judge(t, p, []row{
		{name: "shown to the firm", raw: shown, req: asked, verdict: verifier.Valid},
		{name: "and held", raw: shown, req: verifier.Request{Audience: firm, Challenge: nonce, RequireHolder: true}, verdict: verifier.Valid},
		{name: "no challenge asked", raw: shown, req: verifier.Request{Audience: firm}, verdict: verifier.Valid},
		{name: "nobody asked", raw: shown, verdict: verifier.Undetermined, code: "wrong_type/presentation"},
		{name: "KB-01 none", raw: token, req: asked, verdict: verifier.Invalid, code: "holder_mismatch/no-key-binding"},
		{name: "KB-01 none, holder wanted", raw: token, req: verifier.Request{RequireHolder: true}, verdict: verifier.Invalid, code: "holder_mismatch/no-key-binding"},
		{name: "KB-02 for another", raw: shown, req: verifier.Request{Audience: "https://other.example", Challenge: nonce}, verdict: verifier.Invalid, code: reason.AudienceMismatch},
		{name: "KB-02 a longer name", raw: kari.show(token, proof.Disclosure{Audience: firm + ".evil.example"}), req: asked, verdict: verifier.Invalid, code: reason.AudienceMismatch},
		{name: "KB-02 not said", raw: shown, req: verifier.Request{RequireHolder: true}, verdict: verifier.Undetermined, code: "audience_mismatch/not-said"},
		{name: "KB-03 another time", raw: shown, req: verifier.Request{Audience: firm, Challenge: "n-2"}, verdict: verifier.Invalid, code: reason.Replay},
		{name: "KB-07 old", raw: old, req: asked, verdict: verifier.NotInForce, code: "expired/presentation"},
		{name: "KB-07 old, with an end", raw: kari.show(token, proof.Disclosure{Created: noon.Add(-time.Hour), Expires: noon.Add(time.Hour)}), req: asked, verdict: verifier.Valid},
		{name: "KB-07 ended", raw: kari.show(token, proof.Disclosure{Created: noon.Add(-time.Hour), Expires: noon.Add(-time.Minute)}), req: asked, verdict: verifier.NotInForce, code: "expired/presentation"},
		{name: "KB-07 tomorrow", raw: kari.show(token, proof.Disclosure{Created: noon.Add(24 * time.Hour)}), req: asked, verdict: verifier.NotInForce, code: reason.NotYetValid},
		{name: "another issuer's credential", raw: kari.show(thief.sign(sdjwt.DCSDJWT, thief.credential(kari.id, nil), proof.Params{}), proof.Disclosure{}), req: asked, verdict: verifier.Untrusted, code: reason.UntrustedIssuer},
		{name: "ended meanwhile", raw: kari.show(p.sign(sdjwt.DCSDJWT, p.credential(kari.id, func(d *credential.Draft) { d.ValidUntil = noon.Add(-time.Minute) }), proof.Params{}), proof.Disclosure{}), req: asked, verdict: verifier.NotInForce, code: reason.Expired},
		{name: "bound to another than it is about", raw: aboutKari, req: asked, verdict: verifier.Valid},
		{name: "the same, holder wanted", raw: aboutKari, req: verifier.Request{Audience: firm, Challenge: nonce, RequireHolder: true}, verdict: verifier.Invalid, code: reason.HolderMismatch},
		{name: "a bare token", raw: token, verdict: verifier.Valid},
	})

	report, err := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), verifier.Request{Raw: shown, Audience: firm, Challenge: nonce})
	if err != nil || report.Kind != verifier.KindPresentation || report.Holder != kari.id || report.Form != sdjwt.DCSDJWT || len(report.Parts) != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	part := report.Parts[0]
	if c := part.Credential(); c == nil || c.Name() != "Kurs" || strings.Contains(string(c.Document().AppendJSON(nil)), `"description"`) {
		t.Errorf("%+v", c)
	}
	if part.Disclosed != 1 || part.Withheld != 1 || part.Issuer.ID != p.id || part.Issuer.TrustedBy == "" {
		t.Errorf("%+v", part)
	}
	for _, id := range []verifier.CheckID{verifier.CheckReading, verifier.CheckProof, verifier.CheckPeriod, verifier.CheckHolder, verifier.CheckAudience, verifier.CheckChallenge, verifier.CheckContents} {
		if c := report.Check(id); c.Outcome != verifier.Pass {
			t.Errorf("%s: %+v", id, c)
		}
	}
}

// TestHolderIsNotFetched: whose key a holder has is looked up for a sound
// credential alone.
func TestHolderIsNotFetched(t *testing.T) {
	t.Parallel()
	p, kari := newParty(t), newParty(t)
	forged := p.sign(sdjwt.DCSDJWT, []byte(`{"iss":"`+p.id+`","vct":"v","cnf":{"kid":"did:web:evil.example#k"}}`), proof.Params{})
	in := slices.Index(forged, '~') - 9 // in the signature
	forged[in] = map[bool]byte{true: 'B', false: 'A'}[forged[in] == 'A']
	d := proof.Disclosure{Holder: renamed{kari.signer, "did:web:evil.example#k"}, Audience: firm, Created: noon}
	shown, err := sdjwt.DC().(proof.Discloser).Disclose(t.Context(), forged, d)
	if err != nil {
		t.Fatal(err)
	}
	asked := &counter{}
	report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id), Resolver: asked}).Verify(t.Context(), verifier.Request{Raw: shown, Audience: firm})
	if report.Verdict == verifier.Valid || slices.Contains(asked.ids, "did:web:evil.example") {
		t.Errorf("%s, asked for %v", report.Verdict, asked.ids)
	}
}

// TestPlainSDJWT judges claims that are no document of the data model.
func TestPlainSDJWT(t *testing.T) {
	t.Parallel()
	p, kari := newParty(t), newParty(t)
	doc := func(more string) []byte {
		return []byte(`{"iss":"` + p.id + `","vct":"https://kurs.example/vct/1","given_name":"Kari"` + more + `}`)
	}
	hidden := proof.Params{Disclosable: []string{"/given_name"}}
	hidden.Holder = kari.signer.Public()
	token := p.sign(sdjwt.DCSDJWT, doc(""), hidden)
	judge(t, p, []row{
		{name: "as it is", raw: token, verdict: verifier.Valid},
		{name: "shown", raw: kari.show(token, proof.Disclosure{}), req: verifier.Request{Audience: firm, RequireHolder: true}, verdict: verifier.Valid},
		{name: "ended", raw: p.sign(sdjwt.DCSDJWT, doc(`,"exp":1767225600`), proof.Params{}), verdict: verifier.NotInForce, code: reason.Expired},
		{name: "not begun", raw: p.sign(sdjwt.DCSDJWT, doc(`,"nbf":1893456000`), proof.Params{}), verdict: verifier.NotInForce, code: reason.NotYetValid},
		{name: "another type is not trusted", raw: token, cfg: verifier.Config{Trust: onlyType("https://kurs.example/vct/2")}, verdict: verifier.Untrusted, code: reason.UntrustedIssuer},
		{name: "its type is trusted", raw: token, cfg: verifier.Config{Trust: onlyType("https://kurs.example/vct/1")}, verdict: verifier.Valid},
	})
}

// TestTokenStatus has a credential point at a Token Status List.
func TestTokenStatus(t *testing.T) {
	t.Parallel()
	p, other := newParty(t), newParty(t)
	claim := func(index uint64) proof.Params {
		return proof.Params{Status: status.TokenEntry{ListURL: tokenURL, Index: index}.Value()}
	}
	doc := p.credential("did:example:kari", nil)
	list := func(by party, change func(*status.ListTokenRequest)) map[string][]byte {
		l, err := status.NewTokenList(2, 100)
		if err != nil {
			t.Fatal(err)
		}
		for index, value := range map[uint64]uint8{1: status.TokenInvalid, 2: status.TokenSuspended, 3: 3} {
			if err := l.Set(index, value); err != nil {
				t.Fatal(err)
			}
		}
		r := status.ListTokenRequest{URL: tokenURL, List: l, Created: noon.Add(-time.Hour), Expires: noon.Add(time.Hour)}
		if change != nil {
			change(&r)
		}
		raw, err := r.Sign(t.Context(), by.signer)
		if err != nil {
			t.Fatal(err)
		}
		return map[string][]byte{tokenURL: raw}
	}
	at := func(index uint64) []byte { return p.sign(sdjwt.DCSDJWT, doc, claim(index)) }
	good := verifier.Request{StatusLists: list(p, nil)}
	changed := func(f func(*status.ListTokenRequest)) verifier.Request {
		return verifier.Request{StatusLists: list(p, f)}
	}
	tampered := list(p, nil)
	in := len(tampered[tokenURL]) - 9 // in the signature
	tampered[tokenURL][in] = map[bool]byte{true: 'B', false: 'A'}[tampered[tokenURL][in] == 'A']
	unknown := proof.Params{Status: strictjson.Object(strictjson.Member{Name: "other", Value: strictjson.Int(1)})}
	judge(t, p, []row{
		{name: "valid", raw: at(0), req: good, verdict: verifier.Valid},
		{name: "revoked", raw: at(1), req: good, verdict: verifier.Invalid, code: reason.Revoked},
		{name: "suspended", raw: at(2), req: good, verdict: verifier.NotInForce, code: reason.Suspended},
		{name: "up to the issuer", raw: at(3), req: good, verdict: verifier.Undetermined, code: "status_unavailable/unknown-value"},
		{name: "outside", raw: at(100), req: good, verdict: verifier.Invalid, code: "status_invalid/index"},
		{name: "not to be had", raw: at(0), verdict: verifier.Undetermined, code: "status_unavailable/offline"},
		{name: "by another", raw: at(0), req: verifier.Request{StatusLists: list(other, nil)}, verdict: verifier.Undetermined, code: "status_invalid/list"},
		{name: "tampered", raw: at(0), req: verifier.Request{StatusLists: tampered}, verdict: verifier.Undetermined, code: "status_invalid/list"},
		{name: "of another URL", raw: at(0), req: changed(func(r *status.ListTokenRequest) { r.URL += "2" }), verdict: verifier.Undetermined, code: "status_invalid/id-mismatch"},
		{name: "ended", raw: at(0), req: changed(func(r *status.ListTokenRequest) { r.Expires = noon.Add(-time.Minute) }), verdict: verifier.Undetermined, code: "status_unavailable/stale"},
		{name: "of tomorrow", raw: at(0), req: changed(func(r *status.ListTokenRequest) { r.Created = noon.Add(24 * time.Hour) }), verdict: verifier.Undetermined, code: "status_unavailable/too-new"},
		{name: "a credential in its place", raw: at(0), req: verifier.Request{StatusLists: map[string][]byte{tokenURL: p.list(tokenURL, status.Revocation, noon, noon.Add(time.Hour), 1)}}, verdict: verifier.Undetermined, code: "status_invalid/list"},
		{name: "another kind of status", raw: p.sign(sdjwt.DCSDJWT, doc, unknown), req: good, verdict: verifier.Undetermined, code: "status_unavailable/unknown-type"},
		{name: "an old copy", raw: at(0), cfg: verifier.Config{Status: copyOf{list(p, func(r *status.ListTokenRequest) { r.MaxAge = time.Minute })[tokenURL], noon.Add(-time.Hour)}}, verdict: verifier.Undetermined, code: "status_unavailable/stale"},
		{name: "a fresh copy", raw: at(0), cfg: verifier.Config{Status: copyOf{list(p, func(r *status.ListTokenRequest) { r.MaxAge = time.Minute })[tokenURL], noon}}, verdict: verifier.Valid},
	})
	// Both ways of saying it are asked.
	both := p.sign(sdjwt.DCSDJWT, p.credential("did:example:kari", entry(7)), claim(0))
	lists := list(p, nil)
	lists[listURL] = p.list(listURL, status.Revocation, noon.Add(-time.Hour), noon.Add(time.Hour), 7)
	judge(t, p, []row{
		{name: "revoked by the other", raw: both, req: verifier.Request{StatusLists: lists}, verdict: verifier.Invalid, code: reason.Revoked},
		{name: "the other is not at hand", raw: both, req: good, verdict: verifier.Undetermined, code: "status_unavailable/offline"},
	})
}

// renamed is a signer under another name.
type renamed struct {
	key.Signer
	id string
}

func (r renamed) ID() string { return r.id }

// counter is a resolver that notes what it was asked.
type counter struct{ ids []string }

func (c *counter) Resolve(ctx context.Context, id string) (*did.Document, error) {
	c.ids = append(c.ids, id)
	return did.Mux{"key": did.Key{}, "jwk": did.JWK{}}.Resolve(ctx, id)
}

// onlyType is a registry that trusts anybody for one type.
type onlyType string

func (o onlyType) Decide(_ context.Context, q trust.Query) (trust.Decision, error) {
	return trust.Decision{Trusted: slices.Contains(q.Types, string(o)), Source: "test"}, nil
}

// copyOf has one list, as it was at a time.
type copyOf struct {
	list []byte
	asOf time.Time
}

func (c copyOf) StatusList(context.Context, string) ([]byte, time.Time, error) {
	return c.list, c.asOf, nil
}
