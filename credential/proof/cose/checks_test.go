package cose_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// open reads a message as the one suite that takes it does.
func open(t testing.TB, raw []byte) *proof.Secured {
	t.Helper()
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	secured, err := set.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	return secured[0]
}

// TestVerifyReadsItsInput: what counts is the message that is to be checked,
// whatever was remembered of another one.
func TestVerifyReadsItsInput(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	sign := func(s proof.Suite, document string, p proof.Params) []byte {
		t.Helper()
		raw, err := s.Sign(t.Context(), []byte(document), signer, p)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	raw := sign(cose.VC(), badge, proof.Params{Purpose: proof.AssertionMethod})
	changed := append([]byte(nil), raw...)
	changed[len(changed)-1] ^= 1
	keys := oneKey{signer}
	good, bad := open(t, raw), open(t, changed)

	again := *good
	again.Opened = nil
	if _, err := cose.VC().Verify(t.Context(), &again, keys); err != nil {
		t.Error("what nobody remembers is not read again:", err)
	}
	mixed := *good
	mixed.Input = bad.Input
	if _, err := cose.VC().Verify(t.Context(), &mixed, keys); reason.CodeOf(err) != reason.BadSignature {
		t.Error("another message is taken for the one that was opened:", err)
	}
	vp := open(t, sign(cose.VP(), presentation, proof.Params{Purpose: proof.Authentication}))
	crossed := *vp
	crossed.Suite = cose.VCCOSE
	if _, err := cose.VC().Verify(t.Context(), &crossed, keys); reason.CodeOf(err) != "unsupported_alg/suite" {
		t.Error("a presentation is checked as a credential:", err)
	}
	broken := *good
	broken.Input, broken.Opened = &proof.Input{COSE: raw[:len(raw)-1]}, nil
	if _, err := cose.VC().Verify(t.Context(), &broken, keys); reason.CodeOf(err) != "malformed/cbor" {
		t.Error("half a message:", err)
	}
	for name, s := range map[string]*proof.Secured{"nothing": nil, "no message": {}, "no COSE": {Input: &proof.Input{}}} {
		if _, err := cose.VC().Verify(t.Context(), s, keys); err == nil {
			t.Errorf("%s holds", name)
		}
	}
	if _, err := cose.VC().Verify(t.Context(), good, oneKey{unknownKey{signer}}); reason.CodeOf(err) != "unsupported_alg/key-mismatch" {
		t.Error("a key of no type:", err)
	}
}

// unknownKey is a signer that has no key.
type unknownKey struct{ key.Signer }

func (unknownKey) Public() key.Public { return key.Public{} }

func TestMoreMessages(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	for name, c := range map[string]struct {
		p    parts
		code reason.Code
	}{
		"a nonce that is no text":      {parts{pairs: header(signer, "0f a10a48ffffffffffffffff")}, reason.MalformedClaims},
		"a nonce":                      {parts{pairs: header(signer, "0f a10a486162636465666768")}, ""},
		"an audience of numbers":       {parts{pairs: header(signer, "0f a1038101")}, reason.MalformedClaims},
		"two audiences, one no text":   {parts{pairs: header(signer, "0f a103820161"+"61")}, reason.MalformedClaims},
		"claims that are no map":       {parts{pairs: header(signer, "0f 80")}, ""},
		"a claim that ends in between": {parts{pairs: header(signer, "0f a1")}, ""},
		"a payload that is no object":  {parts{payload: `[]`}, ""},
		"a credential by type alone":   {parts{payload: presentation}, "wrong_type/payload"},
	} {
		in, err := proof.Read(c.p.build(t, signer), strictjson.Limits{})
		if err == nil {
			_, err = set.Open(in)
		}
		if name == "a nonce" && err != nil || name != "a nonce" && err == nil || c.code != "" && reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	raw := parts{}.build(t, signer)
	for _, limit := range []int{len(raw) - 1, len(raw)} {
		if _, err := cose.VC().Open(&proof.Input{COSE: raw, Limits: strictjson.Limits{MaxBytes: limit}}); (reason.CodeOf(err) == reason.LimitSize) != (limit < len(raw)) {
			t.Errorf("of %d bytes, %d allowed: %v", len(raw), limit, err)
		}
	}
}

// TestDocument reads without checking, and reads nothing else.
func TestDocument(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	for _, c := range []struct {
		suite    proof.Suite
		document string
		purpose  proof.Purpose
	}{{cose.VC(), badge, proof.AssertionMethod}, {cose.VP(), presentation, proof.Authentication}} {
		raw, err := c.suite.Sign(t.Context(), []byte(c.document), signer, proof.Params{Purpose: c.purpose})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := cose.Document(raw)
		if err != nil || string(doc.Raw()) != strings.TrimSpace(c.document) {
			t.Error(doc, err)
		}
		if _, err := cose.Document(raw[:len(raw)/2]); reason.CodeOf(err) != "malformed/cbor" {
			t.Error("half a message:", err)
		}
	}
	for raw, code := range map[string]reason.Code{"": reason.MalformedJSON, "{}": "wrong_type/cose", "eyJ.e30.x": "wrong_type/cose", "{": reason.MalformedJSON} {
		if _, err := cose.Document([]byte(raw)); reason.CodeOf(err) != code {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

// TestWhoPresents: without a holder in it, a presentation is by whom its claims or
// its key name.
func TestWhoPresents(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	nobody := strings.Replace(presentation, `,"holder":"did:example:kari"`, "", 1)
	vp := []string{"03 " + text("application/vp"), "10 " + text("application/vp+cose")}
	kid, iss := "04 "+blob("#k"), "0f a101"+text("did:example:kari")
	for name, c := range map[string]struct {
		p      parts
		method string
		code   reason.Code
	}{
		"a holder, and a key of its":       {parts{payload: presentation, pairs: header(signer, append(vp, kid)...)}, "did:example:kari#k", ""},
		"no holder, and a claim":           {parts{payload: nobody, pairs: header(signer, append(vp, kid, iss)...)}, "did:example:kari#k", ""},
		"no holder, and nothing":           {parts{payload: nobody, pairs: header(signer, append(vp, kid)...)}, "", "key_invalid/verification-method"},
		"no holder, and a whole key":       {parts{payload: nobody, pairs: header(signer, vp...)}, signer.ID(), ""},
		"no holder, a claim of another":    {parts{payload: nobody, pairs: header(signer, append(vp, iss)...)}, "", "holder_mismatch/iss"},
		"a credential of both types":       {parts{payload: strings.Replace(badge, `["VerifiableCredential"]`, `["VerifiableCredential","VerifiablePresentation"]`, 1)}, "", "wrong_type/payload"},
		"a header parameter of number nil": {parts{pairs: header(signer, "00 00")}, "", "unsupported_alg/header"},
	} {
		in, err := proof.Read(c.p.build(t, signer), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := set.Open(in); reason.CodeOf(err) != c.code && (c.code != "" || err != nil) || err == nil && got[0].Method != c.method {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if alg, _ := open(t, parts{}.build(t, signer)).Proof.Get("alg").Text(); alg != "EdDSA" {
		t.Errorf("the header is shown with the algorithm %q", alg)
	}
	for _, n := range []int{7, 8, 64, 65} {
		p := proof.Params{Purpose: proof.Authentication, Challenge: strings.Repeat("x", n)}
		if _, err := cose.VP().Sign(t.Context(), []byte(presentation), signer, p); (err == nil) != (n == 8 || n == 64) {
			t.Errorf("a challenge of %d bytes: %v", n, err)
		}
	}
}

// TestSignsNoLess: options that a message cannot express are not passed over.
func TestSignsNoLess(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	for name, p := range map[string]proof.Params{
		"an id":           {ProofID: "urn:x"},
		"earlier proofs":  {Previous: []string{"urn:x"}},
		"a challenge":     {Challenge: "12345678"},
		"an audience":     {Domains: []string{"a"}},
		"an end":          {Expires: time.Unix(2_000_000_000, 0)},
		"a status":        {Status: strictjson.String("x")},
		"decoys":          {Decoys: 1},
		"a choice":        {Disclosable: []string{}},
		"mandatory parts": {Mandatory: []string{}},
		"a holder's key":  {Holder: signer.Public()},
	} {
		p.Purpose = proof.AssertionMethod
		if _, err := cose.VC().Sign(t.Context(), []byte(badge), signer, p); reason.CodeOf(err) != "usage/params" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
