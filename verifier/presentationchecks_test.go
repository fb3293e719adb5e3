package verifier_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// remarks returns the outcome, reason and detail of all that a check says.
func remarks(r *verifier.Report, id verifier.CheckID) string {
	var out []string
	for _, c := range r.Checks {
		if c.ID == id {
			out = append(out, c.Outcome.String()+" "+string(c.Reason)+" "+c.Detail)
		}
	}
	return strings.Join(out, "; ")
}

// anotherProof puts a proof beside those that a document has.
func anotherProof(t testing.TB, raw []byte, more string) []byte {
	t.Helper()
	text, ok := strings.CutSuffix(string(raw), "]}")
	if !ok {
		t.Fatalf("no list of proofs at the end of %s", raw)
	}
	return []byte(text + "," + more + "]}")
}

// proofOf returns the one proof of a document.
func proofOf(raw []byte) string {
	text := string(raw)
	return strings.TrimSuffix(text[strings.LastIndex(text, `"proof":[`)+len(`"proof":[`):], "]}")
}

const unknownProof = `{"type":"DataIntegrityProof","cryptosuite":"of-tomorrow-2099","proofPurpose":"PURPOSE","verificationMethod":"did:example:x#1","proofValue":"z1"}`

// TestUnreadProofs: a proof that is not known here is told of, and neither
// takes away what another one shows nor counts as one that answers.
func TestUnreadProofs(t *testing.T) {
	t.Parallel()
	p, kari, other := newParty(t), newParty(t), newParty(t)
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)})
	badge := p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari.id, nil), proof.Params{})
	shown := kari.presentation(proof.Params{Domains: []string{"me"}, Challenge: "n-1"}, kari.id, badge)
	two := anotherProof(t, shown, strings.Replace(unknownProof, "PURPOSE", "authentication", 1))
	r, err := v.Verify(t.Context(), verifier.Request{Raw: two, Audience: "me", Challenge: "n-1", RequireHolder: true})
	if err != nil || !strings.Contains(remarks(r, verifier.CheckProof), "one more proof was not checked") {
		t.Errorf("%v %s", err, remarks(r, verifier.CheckProof))
	}
	none := kari.presentation(proof.Params{}, kari.id, badge)
	r, err = v.Verify(t.Context(), verifier.Request{Raw: anotherProof(t, none, strings.Replace(unknownProof, `"type"`, `"domain":"you","type"`, 1)), RequireHolder: true})
	if strings.Contains(remarks(r, verifier.CheckAudience), "you") {
		t.Errorf("%v %s", err, remarks(r, verifier.CheckAudience))
	}
	r, err = v.Verify(t.Context(), verifier.Request{Raw: anotherProof(t, badge, strings.Replace(unknownProof, "PURPOSE", "assertionMethod", 1))})
	if err != nil || !strings.Contains(remarks(r, verifier.CheckProof), "one more proof was not checked") {
		t.Errorf("%v %s", err, remarks(r, verifier.CheckProof))
	}
	// The proof of somebody else, beside the issuer's, is told as that.
	others := other.sign(dataintegrity.EdDSARDFC2022, p.credential(kari.id, nil), proof.Params{})
	r, err = v.Verify(t.Context(), verifier.Request{Raw: anotherProof(t, badge, proofOf(others))})
	if err != nil || !strings.Contains(remarks(r, verifier.CheckBinding), "another proof is right, but not by a key of") {
		t.Errorf("%v %s", err, remarks(r, verifier.CheckBinding))
	}
}

// TestEachProofIsLookedAt: whatever one proof is, those behind it are judged.
func TestEachProofIsLookedAt(t *testing.T) {
	t.Parallel()
	p, other := newParty(t), newParty(t)
	doc := p.credential("did:x:kari", nil)
	good := p.sign(dataintegrity.EdDSARDFC2022, doc, proof.Params{})
	changed := proofOf(p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:x:ola", nil), proof.Params{}))
	elsewhere := strings.ReplaceAll(string(good), p.id, "did:web:kurs.example") // whose keys nobody has
	for name, c := range map[string]struct {
		trust  trust.Registry
		proofs []string
		want   reason.Code // of the verdict
		fails  int         // proofs that are refused
	}{
		"by another, and the issuer's":              {trust.Pins(p.id), []string{proofOf(other.sign(dataintegrity.EdDSARDFC2022, doc, proof.Params{})), proofOf(good)}, "", 0},
		"of tomorrow, and the issuer's":             {trust.Pins(p.id), []string{strings.Replace(unknownProof, "PURPOSE", "assertionMethod", 1), proofOf(good)}, "", 0},
		"for another use, and changed":              {trust.Pins(p.id), []string{proofOf(p.sign(dataintegrity.EdDSARDFC2022, doc, proof.Params{Purpose: proof.Authentication})), changed}, reason.WrongPurpose, 2},
		"changed, and changed":                      {trust.Pins(p.id), []string{changed, changed}, reason.BadSignature, 2},
		"of a key not fetched, and for another use": {trust.Pins("did:x:nobody"), []string{proofOf([]byte(elsewhere)), strings.Replace(proofOf([]byte(elsewhere)), "assertionMethod", "authentication", 1)}, reason.WrongPurpose, 1},
	} {
		document := string(good)
		if strings.Contains(c.proofs[0], "did:web:") {
			document = elsewhere
		}
		raw := anotherProof(t, []byte(strings.Replace(document, proofOf([]byte(document)), c.proofs[0], 1)), c.proofs[1])
		r, _ := newVerifier(t, verifier.Config{Trust: c.trust}).Verify(t.Context(), verifier.Request{Raw: raw})
		if fails := strings.Count(remarks(r, verifier.CheckProof), "fail "); r.Reason != c.want || fails != c.fails {
			t.Errorf("%s: %s, %s", name, r.Reason, remarks(r, verifier.CheckProof))
		}
	}
}

// TestProofBehindOneOfAnOldKey: the proof behind one whose key was not in use any
// more is judged as well.
func TestProofBehindOneOfAnOldKey(t *testing.T) {
	t.Parallel()
	web, document := newParty(t).of("did:web:kurs.example", func(m *did.Method) { m.Expires = noon.AddDate(-1, 0, 0) })
	signed := func(about string, at time.Time) []byte {
		return web.sign(dataintegrity.EdDSARDFC2022, web.credential(about, nil), proof.Params{Created: at})
	}
	raw := anotherProof(t, signed("did:x:kari", noon), proofOf(signed("did:x:ola", noon.AddDate(-2, 0, 0))))
	r, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(web.id), Resolver: document}).Verify(t.Context(), verifier.Request{Raw: raw, At: noon})
	if said := remarks(r, verifier.CheckProof); !strings.Contains(said, "fail key_invalid/expired") || !strings.Contains(said, "fail bad_signature") {
		t.Error(r.Reason, said)
	}
}

// TestHolderOfNoName: a presentation that names no holder is that of who signed
// it, and of nobody else.
func TestHolderOfNoName(t *testing.T) {
	t.Parallel()
	p, kari, ola := newParty(t), newParty(t), newParty(t)
	badge := p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari.id, nil), proof.Params{})
	unnamed := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"verifiableCredential":[` + string(badge) + `]}`
	present := func(who party) []byte {
		return who.sign(dataintegrity.EdDSARDFC2022, []byte(unnamed), proof.Params{Purpose: proof.Authentication, Domains: []string{"me"}, Challenge: "n-1"})
	}
	ask := verifier.Request{Audience: "me", Challenge: "n-1", RequireHolder: true}
	judge(t, p, []row{
		{name: "by whom it is about", raw: present(kari), req: ask, verdict: verifier.Valid},
		{name: "by another", raw: present(ola), req: ask, verdict: verifier.Invalid, code: reason.HolderMismatch},
	})
	ask.Raw = kari.presentation(proof.Params{Challenge: "n-1"}, kari.id, badge)
	r, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), ask)
	if !strings.Contains(remarks(r, verifier.CheckAudience), "nobody in particular") {
		t.Error(remarks(r, verifier.CheckAudience))
	}
}

// TestSomebodyElsesSubject: that a credential is about somebody else than who
// shows it is told where it was not asked for, and in what way.
func TestSomebodyElsesSubject(t *testing.T) {
	t.Parallel()
	p, kari, ola := newParty(t), newParty(t), newParty(t)
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)})
	bound := func(subject string, holder party) []byte {
		forHolder := proof.Params{}
		forHolder.Holder = holder.signer.Public()
		return holder.show(p.sign(sdjwt.DCSDJWT, p.credential(subject, nil), forHolder), proof.Disclosure{})
	}
	asked := verifier.Request{Audience: firm, Challenge: nonce, RequireHolder: true}
	for name, c := range map[string]struct {
		raw        []byte
		req        verifier.Request
		onBehalfOf string
		valid      bool
		says, not  string
	}{
		"one's own":                      {raw: bound(kari.id, kari), req: asked, valid: true, not: "warn"},
		"an id that shows nothing":       {raw: bound("did:example:kari", ola), req: asked, valid: true, not: "warn"},
		"another's":                      {raw: bound(kari.id, ola), req: asked, says: "about somebody else"},
		"another's, as was found out":    {raw: bound(kari.id, ola), req: asked, onBehalfOf: kari.id, valid: true, says: "warn holder_mismatch/on-behalf"},
		"another's, holder not asked":    {raw: bound(kari.id, ola), req: verifier.Request{Audience: firm, Challenge: nonce}, valid: true, says: "warn " + string(reason.HolderMismatch)},
		"nobody's, holder not asked":     {raw: bound("", ola), req: verifier.Request{Audience: firm, Challenge: nonce}, valid: true, not: "warn"},
		"a forged one, of which nothing": {raw: []byte(strings.Replace(string(bound(kari.id, ola)), ".", ".e30", 1)), req: asked, not: "pass"},
	} {
		c.req.Raw = c.raw
		if c.onBehalfOf != "" {
			c.req.OnBehalfOf = []string{c.onBehalfOf}
		}
		r, err := v.Verify(t.Context(), c.req)
		said := remarks(r, verifier.CheckHolder)
		if (err == nil) != c.valid || !strings.Contains(said, c.says) || c.not != "" && strings.Contains(said, c.not) {
			t.Errorf("%s: %v %q", name, err, said)
		}
	}
	none := []byte(strings.Replace(string(p.credential("", nil)), `"credentialSubject":`, `"credentialSubject":[],"was":`, 1))
	r, err := v.Verify(t.Context(), verifier.Request{Raw: kari.presentation(proof.Params{Domains: []string{"me"}}, kari.id, envelope(p.sign(jose.VCJWT, none, proof.Params{}))), Audience: "me", RequireHolder: true})
	if said := remarks(r, verifier.CheckHolder); err == nil || !strings.Contains(said, "does not say by an id") {
		t.Errorf("about nothing: %v %q", err, said)
	}
	// Of a presentation, each credential is told of by its place.
	olas := p.sign(dataintegrity.EdDSARDFC2022, p.credential(ola.id, nil), proof.Params{})
	nobodys := p.sign(dataintegrity.EdDSARDFC2022, p.credential("", nil), proof.Params{})
	r, err = v.Verify(t.Context(), verifier.Request{Raw: kari.presentation(proof.Params{Domains: []string{"me"}}, kari.id, nobodys, olas), Audience: "me"})
	if said := remarks(r, verifier.CheckHolder); err != nil || !strings.Contains(said, "credential 1 does not say by an id") || !strings.Contains(said, "credential 2 is about somebody else") {
		t.Errorf("%v %q", err, said)
	}
}

// TestNoCredentialShown: what a holder signs beside must be a credential, and a
// presentation must be as the data model wants it.
func TestNoCredentialShown(t *testing.T) {
	t.Parallel()
	p, kari := newParty(t), newParty(t)
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	text := part(`{"alg":"EdDSA","typ":"vc+sd-jwt","kid":"`+p.signer.ID()+`"}`) + "." + part(`{"@context":["https://www.w3.org/ns/credentials/v2"],"issuer":"`+p.id+`","cnf":{"jwk":`+string(kari.signer.Public().JWK())+`}}`)
	signature, err := p.signer.Sign(t.Context(), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	badge := string(p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari.id, nil), proof.Params{}))
	shown := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` + kari.id + `","id":"ID","verifiableCredential":[` + badge + `]}`
	present := func(id string) []byte {
		return kari.sign(jose.VPJWT, []byte(strings.Replace(shown, "ID", id, 1)), proof.Params{Purpose: proof.Authentication, Domains: []string{firm}, Challenge: nonce})
	}
	token := []byte(text + "." + base64.RawURLEncoding.EncodeToString(signature) + "~")
	nothing, err := sdjwt.VC().(proof.Discloser).Disclose(t.Context(), token, proof.Disclosure{Holder: kari.signer, Audience: firm, Challenge: nonce, Created: noon})
	if err != nil {
		t.Fatal(err)
	}
	ask := verifier.Request{Audience: firm, Challenge: nonce, RequireHolder: true}
	judge(t, p, []row{
		{name: "no credential", raw: nothing, req: ask, verdict: verifier.Unreadable, code: "wrong_type/not-a-credential"},
		{name: "of a name", raw: present("urn:x:shown"), req: ask, verdict: verifier.Valid},
		{name: "of a name that is none", raw: present("shown"), req: ask, verdict: verifier.Invalid, code: reason.MalformedModel},
	})
}

// TestPageAround: of a presentation in a page, the page is said not to be signed.
func TestPageAround(t *testing.T) {
	t.Parallel()
	p, kari := newParty(t), newParty(t)
	raw := kari.presentation(proof.Params{Domains: []string{firm}}, kari.id, p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari.id, nil), proof.Params{}))
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)})
	for carrier, want := range map[string]bool{"html": true, "": false} {
		r, err := v.Verify(t.Context(), verifier.Request{Raw: raw, Carrier: carrier, Audience: firm})
		if said := remarks(r, verifier.CheckDisplay); err != nil || strings.Contains(said, "display_warning/web-page-not-signed") != want {
			t.Errorf("in %q: %v, %s", carrier, err, said)
		}
	}
}

// TestUnreadParts: what stands in a presentation and is no credential is told to
// be none, and not to be about somebody else, as what stands behind it may be.
func TestUnreadParts(t *testing.T) {
	t.Parallel()
	p, kari := newParty(t), newParty(t)
	raw := kari.sign(jose.VPJWT, []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"`+kari.id+`","verifiableCredential":[7,`+p.rdfc(stated(p, "urn:x:badge", "sveising", "did:x:ola"))+`]}`), proof.Params{Purpose: proof.Authentication, Domains: []string{firm}})
	r, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), verifier.Request{Raw: raw, Audience: firm, RequireHolder: true})
	if said := remarks(r, verifier.CheckHolder); len(r.Parts) != 2 || r.Parts[0].Reason != reason.MalformedModel || strings.Contains(said, "credential 1") || !strings.Contains(said, "credential 2") {
		t.Errorf("%s (%v): %s", r.Verdict, r.Err(), said)
	}
}

// TestTooManyParts: of more credentials than are looked at, none is.
func TestTooManyParts(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)})
	for _, n := range []int{1000, 1001} {
		many := strings.TrimSuffix(strings.Repeat(`"x",`, n), ",")
		r, _ := v.Verify(t.Context(), verifier.Request{Audience: "me", Raw: []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"verifiableCredential":[` + many + `]}`)})
		limited := r.Check(verifier.CheckContents).Reason == "resource_limit/credentials"
		if limited != (n > 1000) || limited != (len(r.Parts) == 0) {
			t.Errorf("%d: %d were looked at, %+v", n, len(r.Parts), r.Check(verifier.CheckContents))
		}
	}
}

// TestKeyOfItsPurpose: a holder signs with a key for authentication, an issuer
// with one for assertions, and neither with the other's.
func TestKeyOfItsPurpose(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	kari, document := newParty(t).of("did:web:kari.example")
	without := func(member string) keyDocument {
		out := document
		out.raw = []byte(strings.Replace(string(document.raw), `"`+member+`"`, `"keyAgreement"`, 1))
		return out
	}
	badge := p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari.id, nil), proof.Params{})
	shown := kari.presentation(proof.Params{Domains: []string{"me"}}, kari.id, badge)
	own := kari.sign(dataintegrity.EdDSARDFC2022, kari.credential("did:example:ola", nil), proof.Params{})
	both, ask := trust.Pins(p.id, kari.id), verifier.Request{Audience: "me", RequireHolder: true}
	judge(t, p, []row{
		{name: "shown, for authentication", raw: shown, req: ask, cfg: verifier.Config{Trust: both, Resolver: without("assertionMethod")}, verdict: verifier.Valid},
		{name: "shown, for assertions", raw: shown, req: ask, cfg: verifier.Config{Trust: both, Resolver: without("authentication")}, verdict: verifier.Invalid, code: reason.WrongPurpose},
		{name: "issued, for authentication", raw: own, cfg: verifier.Config{Trust: both, Resolver: without("assertionMethod")}, verdict: verifier.Invalid, code: reason.WrongPurpose},
		{name: "issued, for assertions", raw: own, cfg: verifier.Config{Trust: both, Resolver: without("authentication")}, verdict: verifier.Valid},
	})
}
