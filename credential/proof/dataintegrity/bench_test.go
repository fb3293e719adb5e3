package dataintegrity_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// usual is a badge as issuers make them: 87 statements in 3.1 KB.
func usual() string {
	return strings.NewReplacer(`"validUntil": "2031-01-01T00:00:00Z",`, `"validUntil": "2031-01-01T00:00:00Z",
  "credentialStatus": {"id": "https://kurs.example/status/revocation-1.json#42", "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
    "statusListIndex": "42", "statusListCredential": "https://kurs.example/status/revocation-1.json"},
  "evidence": [{"id": "https://kurs.example/e/1", "type": ["Evidence"], "name": "Oppgave", "narrative": "Ei god oppgåve.", "description": "`+strings.Repeat("Sveising av rør. ", 44)+`"}],`,
		`"tag": ["a", "b"],`, `"tag": ["a", "b"], "achievementType": "Course", "creditsAvailable": 7.5, "humanCode": "SV-1", "inLanguage": "nb",
      "alignment": [{"type": ["Alignment"], "targetName": "sveise", "targetUrl": "http://data.europa.eu/esco/skill/1", "targetFramework": "ESCO", "targetType": "ext:ESCO"},
        {"type": ["Alignment"], "targetName": "måle", "targetUrl": "http://data.europa.eu/esco/skill/2", "targetFramework": "ESCO", "targetType": "ext:ESCO"}],`,
		`"creditsEarned": 7.5,`, `"creditsEarned": 7.5, "identifier": [{"type": "IdentityObject", "identityHash": "Kari Nordmann", "identityType": "name", "hashed": false, "salt": "not-used"}],
      "narrative": "Tok kurset på nett.", "activityStartDate": "2025-01-01T00:00:00Z", "activityEndDate": "2025-06-01T00:00:00Z", "licenseNumber": "12", "term": "V25",`,
	).Replace(partial)
}

// BenchmarkSign signs from bytes to bytes.
func BenchmarkSign(b *testing.B) {
	p := newProcessor(b)
	for _, c := range []struct {
		name  string
		suite proof.Suite
		kind  key.Type
		p     proof.Params
	}{
		{"ecdsa-rdfc-2019 P-256", dataintegrity.ECDSARDFC(p), key.P256, proof.Params{}}, {"ecdsa-rdfc-2019 P-384", dataintegrity.ECDSARDFC(p), key.P384, proof.Params{}},
		{"ecdsa-jcs-2019 P-256", dataintegrity.ECDSAJCS(p), key.P256, proof.Params{}}, {"ecdsa-sd-2023 base", dataintegrity.ECDSASD(p), key.P256, proof.Params{Mandatory: always()}},
	} {
		c.p.Purpose, c.p.Created = proof.AssertionMethod, created
		b.Run(c.name, func(b *testing.B) {
			document, signer := []byte(usual()), signerOf(b, c.kind)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.suite.Sign(b.Context(), document, signer, c.p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFloor is one signature on P-256 and its verification: the others
// are to be read as multiples of these.
func BenchmarkFloor(b *testing.B) {
	signer, msg := signerOf(b, key.P256), []byte(usual()[:200])
	signature, err := signer.Sign(b.Context(), msg)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sign", func(b *testing.B) {
		for b.Loop() {
			if _, err := signer.Sign(b.Context(), msg); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if err := signer.Public().Verify(msg, signature); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDerive has a holder show a grade, from bytes to bytes.
func BenchmarkDerive(b *testing.B) {
	suite, discloser, _ := disclosing(b)
	base := signBase(b, suite, usual(), always())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := discloser.Disclose(b.Context(), base, proof.Disclosure{Pointers: []string{"/credentialSubject/result/0", "/credentialSubject/achievement/resultDescription"}}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerify verifies from bytes, with the key at hand.
func BenchmarkVerify(b *testing.B) {
	p := newProcessor(b)
	sd := dataintegrity.ECDSASD(p)
	base := signBase(b, sd, usual(), always())
	shown := map[string][]byte{}
	for name, c := range map[string]struct {
		suite proof.Suite
		kind  key.Type
	}{
		"ecdsa-rdfc-2019 P-256": {dataintegrity.ECDSARDFC(p), key.P256}, "ecdsa-rdfc-2019 P-384": {dataintegrity.ECDSARDFC(p), key.P384},
		"ecdsa-jcs-2019 P-256": {dataintegrity.ECDSAJCS(p), key.P256},
	} {
		raw, err := c.suite.Sign(b.Context(), []byte(usual()), signerOf(b, c.kind), proof.Params{Purpose: proof.AssertionMethod, Created: created})
		if err != nil {
			b.Fatal(err)
		}
		shown[name] = raw
	}
	for name, pointers := range map[string][]string{"ecdsa-sd-2023 least": nil, "ecdsa-sd-2023 grade": {"/credentialSubject/result/0"}, "ecdsa-sd-2023 all": {""}} {
		raw, err := sd.(proof.Discloser).Disclose(b.Context(), base, proof.Disclosure{Pointers: pointers})
		if err != nil {
			b.Fatal(err)
		}
		shown[name] = raw
	}
	set := proof.Set{sd, dataintegrity.ECDSARDFC(p), dataintegrity.ECDSAJCS(p)}
	for name, raw := range shown {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := verifyAll(b, set, raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestUsual holds the badge of the benchmarks to what is said of it.
func TestUsual(t *testing.T) {
	t.Parallel()
	p := newProcessor(t)
	doc, err := strictjson.ParseObject([]byte(usual()), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	selections, err := p.Selections(doc)
	if err != nil {
		t.Fatal(err)
	}
	text, _, err := p.Canonicalize(t.Context(), doc, selections[0], 0)
	if n := bytes.Count(text, []byte("\n")); err != nil || n < 80 || n > 100 || len(doc.AppendJSON(nil)) < 3000 {
		t.Errorf("%d statements in %d bytes, %v", n, len(doc.AppendJSON(nil)), err)
	}
}
