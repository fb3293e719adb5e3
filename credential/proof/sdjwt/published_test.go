package sdjwt_test

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"hash"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

// one is a proof.Keys that has one key for whatever it is asked.
type one struct{ public key.Public }

func (k one) Key(_ context.Context, method string, _ proof.Purpose) (proof.Key, error) {
	return proof.Key{Public: k.public, ID: method}, nil
}

// TestPublishedDigests has the disclosures of RFC 9901 section 4.2.3 with
// their digests, signed by an issuer of ours.
func TestPublishedDigests(t *testing.T) {
	t.Parallel()
	issuer := newParty(t, key.Ed25519)
	token := forged{payload: payload(issuer, `,"_sd":["X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"],"nationalities":["DE",{"...":"w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"}],"_sd_alg":"sha-256"`)}.build(t, issuer)
	_, proven, err := verify(t, token+"WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0~WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0~")
	if err != nil {
		t.Fatal(err)
	}
	if text := string(proven.Document.AppendJSON(nil)); !strings.Contains(text, `"family_name":"Möbius"`) || !strings.Contains(text, `"nationalities":["DE","FR"]`) {
		t.Error(text)
	}
}

// TestOtherHashes has digests of the other two hashes, and a key binding over
// them.
func TestOtherHashes(t *testing.T) {
	t.Parallel()
	issuer, holder := newParty(t, key.Ed25519), newParty(t, key.P256)
	for name, h := range map[string]func() hash.Hash{"sha-256": sha256.New, "sha-384": sha512.New384, "sha-512": sha512.New} {
		sum := func(text string) string {
			d := h()
			d.Write([]byte(text))
			return b64.EncodeToString(d.Sum(nil))
		}
		disclosure := b64.EncodeToString([]byte(given))
		token := forged{payload: payload(issuer, `,"cnf":{"jwk":`+string(holder.Public().JWK())+`},"_sd":["`+sum(disclosure)+`"],"_sd_alg":"`+name+`"`), disclosures: []string{given}}.build(t, issuer)
		shown := disclose(t, sdjwt.DC(), token, proof.Disclosure{Pointers: []string{"/credentialSubject/given_name"}, Holder: holder, Audience: "a", Created: at(9)})
		if !strings.Contains(shown, disclosure) {
			t.Errorf("%s: nothing is disclosed", name)
		}
		if s, proven, err := verify(t, shown); err != nil || s.Purpose != proof.Authentication || proven.Document.Lookup("/credentialSubject/given_name") == nil {
			t.Errorf("%s: %v", name, err)
		}
		claims, err := b64.DecodeString(strings.Split(shown[strings.LastIndexByte(shown, '~')+1:], ".")[1])
		if err != nil || !strings.Contains(string(claims), sum(shown[:strings.LastIndexByte(shown, '~')+1])) {
			t.Errorf("%s: sd_hash is another: %s", name, claims)
		}
	}
}

// TestPublishedCredential has the presentation of draft-ietf-oauth-sd-jwt-vc-08
// section 4.2, and the issuer's key that goes with the draft's examples.
func TestPublishedCredential(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/sd-jwt-vc-08-4.2.sdjwt")
	if err != nil {
		t.Fatal(err)
	}
	v, err := strictjson.ParseObject([]byte(`{"kty":"EC","crv":"P-256","x":"b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ","y":"Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8"}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := key.ParseJWK(v)
	if err != nil {
		t.Fatal(err)
	}
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	secured, err := sdjwt.DC().Open(in)
	if err != nil || len(secured) != 2 {
		t.Fatal(secured, err)
	}
	for _, s := range secured {
		if _, err := sdjwt.DC().Verify(t.Context(), s, one{jwk.Public}); err != nil {
			t.Errorf("%s: %v", s.Purpose, err)
		}
	}
	issuer, holder := secured[0], secured[1]
	if issuer.Method != "https://example.com/issuer#doc-signer-05-25-2022" || issuer.Disclosed != 2 || issuer.Withheld != 7 || !issuer.Mapped {
		t.Errorf("%+v", issuer)
	}
	if holder.Challenge != "1234567890" || holder.Domains[0] != "https://example.com/verifier" || holder.Created.Unix() != 1733230140 {
		t.Errorf("%+v", holder)
	}
	if over, _ := issuer.Document.Lookup("/credentialSubject/is_over_65").Bool(); !over {
		t.Errorf("%s", issuer.Document.AppendJSON(nil))
	}
}

// TestCorpus opens the SD-JWTs among the attacks and the valid controls and
// checks every proof. What depends on who asks is for package verifier, which
// runs them too.
func TestCorpus(t *testing.T) {
	t.Parallel()
	var index struct {
		Entries []struct {
			File, Attack, Expect, Reason, Note string
			SignatureValid                     bool
			Options                            struct{ Time time.Time }
		}
	}
	if err := json.Unmarshal(testcorpus.Read(t, "attacks/index.json"), &index); err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, e := range index.Entries {
		if !strings.HasSuffix(e.File, ".sdjwt") {
			continue
		}
		count++
		s, _, err := verify(t, string(testcorpus.Read(t, "attacks/"+e.File)))
		if err == nil && (s.Created.After(e.Options.Time) || !s.Expires.IsZero() && s.Expires.Before(e.Options.Time)) {
			err = reason.New(reason.Expired, "", "not in force")
		}
		if (e.Expect == "accept") != (err == nil) {
			t.Errorf("%s %s: %v, want %s (%s)", e.Attack, e.File, err, e.Expect, e.Note)
		}
	}
	if count < 17 {
		t.Errorf("%d SD-JWTs in the index", count)
	}
}
