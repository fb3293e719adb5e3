package verifier_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

func fixedFile(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "cmd", "bevis", "testdata", "fixed", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func sealVerifier(t testing.TB, anchors []byte, issuers ...string) *verifier.Verifier {
	t.Helper()
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	cfg := verifier.Config{Suites: set, Resolver: did.Mux{}, Trust: trust.Pins(issuers...), Status: verifier.NoStatus{},
		Now: func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }}
	if anchors != nil {
		if cfg.SealAnchors, err = jades.ReadAnchors(anchors, "anchors"); err != nil {
			t.Fatal(err)
		}
	}
	v, err := verifier.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestSeal judges sealed documents of our own making.
func TestSeal(t *testing.T) {
	t.Parallel()
	const issuer, at = "eidas:NTRNO-123456785", "http://ca.example/seals.crl"
	v := sealVerifier(t, fixedFile(t, "seal-ca.pem"), issuer)
	lists := map[string][]byte{at: fixedFile(t, "seal.crl")}
	raw := fixedFile(t, "sealed.json")
	report, err := v.Verify(t.Context(), verifier.Request{Raw: raw, StatusLists: lists})
	if err != nil || report.Kind != verifier.KindEuropass || report.Issuer.ID != issuer || report.Issuer.VerifiedName != "Kurs AS" || report.Europass() == nil || report.Credential() == nil {
		t.Fatalf("%v %+v", err, report)
	}
	if check := report.Check(verifier.CheckEndorsement); check.Note != "" {
		t.Errorf("of endorsements that nobody gave: %+v", check)
	}
	if _, err := v.Verify(t.Context(), verifier.Request{Raw: raw, StatusLists: lists, Audience: "https://x.example"}); reason.CodeOf(err) != "wrong_type/credential" {
		t.Errorf("as a presentation: %v", err)
	}
	for name, req := range map[string]verifier.Request{
		"somebody by mail":  {Recipient: []verifier.Identifier{{Type: "email", Value: "kari@example.com"}}},
		"a schema":          {RequireSchema: true},
		"a log":             {RequireLog: true},
		"after its end":     {At: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)},
		"before it was put": {At: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)},
	} {
		req.Raw, req.StatusLists = raw, lists
		if report, err := v.Verify(t.Context(), req); err == nil || report.Credential() != nil {
			t.Errorf("%s: %s", name, report.Verdict)
		}
	}
	// What is given beside it is compared, or it is said that it is not.
	for want, full := range map[reason.Code][]byte{"": raw, "unsigned_data/other-credential": fixedFile(t, "sealed-other.json")} {
		report, err := v.Verify(t.Context(), verifier.Request{Raw: raw, StatusLists: lists, Full: full, Endorsements: [][]byte{fixedFile(t, "badge.json")}})
		if reason.CodeOf(err) != want || report.Check(verifier.CheckEndorsement).Note != verifier.NoteEndorsementNotHere {
			t.Errorf("beside %.20q: %v", want, err)
		}
	}
	// Nothing that is changed in the document goes unseen: each byte, one by one.
	from, to := bytes.Index(raw, []byte(`"payload"`))+12, bytes.Index(raw, []byte(`"signatures"`))-4
	for i := from; i < to; i += 7 {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		if report, err := v.Verify(t.Context(), verifier.Request{Raw: changed, StatusLists: lists}); err == nil {
			t.Fatalf("byte %d can be changed: %s", i, report.Verdict)
		}
	}
}

// TestSealsOfTheCommission judges what others sealed: not known whose without
// certificates that are believed.
func TestSealsOfTheCommission(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Sample-MC-Annex1-signed.jsonld", "Sample-CertOfPart-signed.jsonld"} {
		raw := testcorpus.Read(t, "other/elm/"+name)
		report, err := sealVerifier(t, nil, "eidas:VATES-A00000000").Verify(t.Context(), verifier.Request{Raw: raw})
		if reason.CodeOf(err) != jades.NoAnchors || report.Verdict != verifier.Undetermined || report.Check(verifier.CheckProof).Outcome != verifier.Pass {
			t.Errorf("%s: %v", name, err)
		}
		i := bytes.Index(raw, []byte("Andromeda"))
		changed := bytes.Clone(raw)
		changed[i] = 'a'
		if report, err := sealVerifier(t, nil, "eidas:VATES-A00000000").Verify(t.Context(), verifier.Request{Raw: changed}); reason.CodeOf(err) != jades.Signature || report.Verdict != verifier.Invalid {
			t.Errorf("%s, changed: %v", name, err)
		}
	}
}

// TestSealThatNamesNobodyToAsk: that a certificate was revoked cannot be found out
// where it says nowhere to ask, and that is told.
func TestSealThatNamesNobodyToAsk(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Kurs AS"}}, NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := json.Unmarshal(fixedFile(t, "sealed.json"), &file); err != nil {
		t.Fatal(err)
	}
	payload := base64.RawURLEncoding.EncodeToString([]byte(file["payload"].(string)))
	protected := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","x5c":["` + base64.StdEncoding.EncodeToString(cert) + `"]}`))
	sum := sha256.Sum256([]byte(protected + "." + payload))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	raw := []byte(`{"payload":"` + payload + `","protected":"` + protected + `","signature":"` + base64.RawURLEncoding.EncodeToString(signature) + `"}`)
	digest := sha256.Sum256(cert)
	v := sealVerifier(t, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), "x509:sha256:"+hex.EncodeToString(digest[:]))
	report, err := v.Verify(t.Context(), verifier.Request{Raw: raw})
	if c := report.Check(verifier.CheckBinding); c.Outcome != verifier.Pass || c.Note != verifier.NoteSealNow && c.Note != verifier.NoteSealUnasked {
		t.Fatalf("%v %+v", err, c)
	} else if c.Note != verifier.NoteSealUnasked {
		t.Errorf("it is said that %s", c.Detail)
	}
}
