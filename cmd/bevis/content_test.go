package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kompetansebevis/bevis/catalogue"
	reviews "github.com/kompetansebevis/bevis/catalogue/review"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
)

// signatory signs with a key that is the same in each run.
type signatory struct {
	ts     *testscript.TestScript
	id     string
	signer key.Signer
	set    proof.Set
}

func newSignatory(ts *testscript.TestScript, seed byte) signatory {
	private, err := key.FromSeed(bytes.Repeat([]byte{seed}, 32))
	ts.Check(err)
	id, method, err := did.KeyID(private.Public())
	ts.Check(err)
	set, err := suites.All()
	ts.Check(err)
	return signatory{ts, id, private.Signer(method), set}
}

// named signs under another name of its key.
type named struct {
	key.Signer
	id string
}

func (n named) ID() string { return n.id }

func (s signatory) sign(suite proof.ID, document string, params proof.Params) string {
	with, err := s.set.Suite(suite)
	s.ts.Check(err)
	if params.Purpose == "" {
		params.Purpose = proof.AssertionMethod
	}
	params.Created = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	signed, err := with.Sign(context.Background(), []byte(strings.ReplaceAll(document, "ISSUER", s.id)), s.signer, params)
	s.ts.Check(err)
	return string(signed)
}

func (s signatory) rdfc(document string) string {
	return s.sign("eddsa-rdfc-2022", document, proof.Params{})
}

// sign FILE OUT SUBJECT signs what stands in a file about somebody, with the key
// of KURS.
func sign(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: sign FILE OUT SUBJECT")
	}
	kurs := newSignatory(ts, 1)
	ts.Setenv("KURS", kurs.id)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(kurs.rdfc(strings.ReplaceAll(ts.ReadFile(args[0]), "SUBJECT", args[2]))), 0o600))
}

// withdrawal COURSE OPERATOR FILE takes back a review of today, by somebody who
// wrote none.
func withdrawal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: withdrawal COURSE OPERATOR FILE")
	}
	private, err := key.FromSeed(bytes.Repeat([]byte{4}, 32))
	ts.Check(err)
	w := reviews.Withdrawal{Course: args[0], Day: catalogue.Date(time.Now().UTC().Format(time.DateOnly))}
	w.Holder, _, err = did.KeyID(private.Public())
	ts.Check(err)
	w.Proof, err = private.ProveVRF(reviews.Alpha(w.Course))
	ts.Check(err)
	w.Wish, err = private.ProveVRF(w.WishAlpha(args[1]))
	ts.Check(err)
	raw, err := w.JSON()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), raw, 0o600))
}

const (
	badgeContexts = `"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json","https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]`
	clrContexts   = `"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]`
)

// badge is a credential for an achievement, with more members at the
// achievement, the subject and the top.
func badge(id, name, achievement, subject, top string) string {
	return `{` + badgeContexts + `,"id":"urn:x:` + id + `","type":["VerifiableCredential","OpenBadgeCredential"],"issuer":{"id":"ISSUER","type":["Profile"],"name":"Kursstaden"},` +
		`"validFrom":"2026-01-01T00:00:00Z",` + top + `"credentialSubject":{"type":["AchievementSubject"],` + subject + `"achievement":{"id":"https://kurs.example/` + name + `","type":["Achievement"],` +
		achievement + `"name":"` + name + `","description":"d","criteria":{"narrative":"c"}}}}`
}

func endorsementOf(id, more string) string {
	return `{` + badgeContexts + `,"id":"urn:x:endorsement","type":["VerifiableCredential","EndorsementCredential"],"name":"Tilråding","issuer":{"id":"ISSUER","type":["Profile"],"name":"NOKUT"},` +
		`"validFrom":"2026-01-01T00:00:00Z","credentialSubject":{"id":"` + id + `","type":["EndorsementSubject"],"endorsementComment":"god"}` + more + `}`
}

func recordOf(inner ...string) string {
	return `{` + clrContexts + `,"id":"urn:x:record","type":["VerifiableCredential","ClrCredential"],"name":"Vitnemål","issuer":{"id":"ISSUER","type":["Profile"],"name":"Samlestaden"},` +
		`"validFrom":"2026-01-01T00:00:00Z","credentialSubject":{"id":"did:example:kari","type":["ClrSubject"],"verifiableCredential":[` + strings.Join(inner, ",") +
		`],"association":[{"type":"Association","associationType":"precedes","sourceId":"https://kurs.example/sveising","targetId":"https://kurs.example/rør"}]}}`
}

// contents writes credentials by KURS about Kari, with what may stand in them:
// identifiers, endorsements by NOKUT and by a STRANGER, other credentials,
// schemas and where a newer edition is. The ids stand in the environment.
func contents(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: contents")
	}
	kurs, nokut, stranger := newSignatory(ts, 1), newSignatory(ts, 2), newSignatory(ts, 3)
	ts.Setenv("KURS", kurs.id)
	ts.Setenv("NOKUT", nokut.id)
	ts.Setenv("STRANGER", stranger.id)
	away := stranger
	away.id, away.signer = "did:web:other.example", named{stranger.signer, "did:web:other.example#key-1"}
	identity := func(kind, hashed, hash, more string) string {
		return `"identifier":[{"type":"IdentityObject","identityType":"` + kind + `","hashed":` + hashed + `,"identityHash":"` + hash + `"` + more + `}],`
	}
	strong := sha256.Sum256([]byte("kari@example.orgx"))
	weak := md5.Sum([]byte("kari@example.orgx"))
	const kari = `"id":"did:example:kari",`
	const achievement = "https://kurs.example/sveising"
	endorsed := func(texts ...string) string { return `"endorsement":[` + strings.Join(texts, ",") + `],` }
	plain := badge("badge", "sveising", "", kari, "")
	signed := kurs.rdfc(plain)
	schema := `"credentialSchema":{"id":"https://kurs.example/schema.json","type":"1EdTechJsonSchemaValidator2019"},`
	refresh := `"refreshService":{"id":"https://kurs.example/newest","type":"1EdTechCredentialRefresh"},`
	many := func(text string, n int) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }
	manyIDs := `"identifier":[` + many(`{"type":"IdentityObject","identityType":"name","hashed":false,"identityHash":"x"}`, 65) + `],`
	presentation := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` + nokut.id + `","verifiableCredential":[` + kurs.rdfc(badge("child", "sveising", "", `"id":"`+stranger.id+`",`, "")) + `]}`
	for name, text := range map[string]string{
		"id.json":        signed,
		"hashed.json":    kurs.rdfc(badge("badge", "sveising", "", identity("emailAddress", "true", "sha256$"+hex.EncodeToString(strong[:])+"", `,"salt":"x"`), "")),
		"weak.json":      kurs.rdfc(badge("badge", "sveising", "", identity("emailAddress", "true", "md5$"+hex.EncodeToString(weak[:]), `,"salt":"x"`), "")),
		"sha1.json":      kurs.rdfc(badge("badge", "sveising", "", identity("emailAddress", "true", "sha1$00", ""), "")),
		"endorsed.json":  kurs.rdfc(badge("badge", "sveising", endorsed(nokut.rdfc(endorsementOf(achievement, "")), stranger.rdfc(strings.Replace(endorsementOf(achievement, ""), "urn:x:endorsement", "urn:x:another", 1))), kari, "")),
		"elsewhere.json": kurs.rdfc(badge("badge", "sveising", endorsed(nokut.rdfc(endorsementOf(kurs.id, ""))), kari, "")),
		"target.json":    kurs.rdfc(badge("badge", "sveising", endorsed(nokut.rdfc(endorsementOf("https://other.example/1", ""))), kari, "")),
		"digest.json":    kurs.rdfc(badge("badge", "sveising", endorsed(nokut.rdfc(endorsementOf(achievement, `,"relatedResource":{"id":"`+achievement+`","digestSRI":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}`))), kari, "")),
		"self.json":      kurs.rdfc(badge("badge", "sveising", endorsed(kurs.rdfc(endorsementOf(achievement, ""))), kari, "")),
		"none.json":      kurs.rdfc(badge("badge", "sveising", endorsed(nokut.rdfc(badge("x", "x", "", `"id":"`+achievement+`",`, ""))), kari, "")),
		"byurl.jwt":      kurs.sign("vc+jwt", badge("badge", "sveising", `"endorsementJwt":["https://other.example/e.jwt"],`, kari, ""), proof.Params{}),
		"record.json":    nokut.rdfc(recordOf(signed, kurs.rdfc(badge("b", "rør", "", kari, "")))),
		"unsigned.json":  nokut.sign("eddsa-jcs-2022", recordOf(strings.ReplaceAll(plain, "ISSUER", kurs.id)), proof.Params{}),
		"mixed.json":     nokut.rdfc(recordOf(signed, strings.ReplaceAll(badge("b", "rør", "", kari, ""), "ISSUER", kurs.id))),
		"away.json":      nokut.rdfc(recordOf(away.rdfc(plain))),
		"forged.json":    nokut.rdfc(recordOf(strings.Replace(signed, `"name":"sveising"`, `"name":"medisin"`, 1))),
		"schema.jwt":     kurs.sign("vc+jwt", badge("badge", "sveising", "", kari, schema), proof.Params{}),
		"in-vc.jwt":      kurs.sign("vc+jwt", badge("badge", "sveising", "", kari, strings.Replace(schema, "1EdTechJsonSchemaValidator2019", "JsonSchemaCredential", 1)), proof.Params{}),
		"shacl.jwt":      kurs.sign("vc+jwt", badge("badge", "sveising", "", kari, strings.Replace(schema, "1EdTechJsonSchemaValidator2019", "ShaclValidator2017", 1)), proof.Params{}),
		"digest.jwt":     kurs.sign("vc+jwt", badge("badge", "sveising", "", kari, strings.Replace(schema, `"type"`, `"digestSRI":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","type"`, 1)), proof.Params{}),
		"many.jwt":       kurs.sign("vc+jwt", badge("badge", "sveising", endorsed(many("{}", 33)), kari, ""), proof.Params{}),
		"refresh.json":   kurs.rdfc(badge("badge", "sveising", "", kari, refresh)),
		"refresh21.jwt":  kurs.sign("vc+jwt", badge("badge", "sveising", "", kari, strings.Replace(refresh, "1EdTechCredentialRefresh", "VerifiableCredentialRefreshService2021", 1)), proof.Params{}),
		"people.json":    kurs.rdfc(badge("badge", "sveising", "", manyIDs, "")),
		"schemas.jwt":    kurs.sign("vc+jwt", badge("badge", "sveising", "", kari, `"credentialSchema":[`+many(`{"id":"https://kurs.example/schema.json","type":"JsonSchema"}`, 17)+`],`), proof.Params{}),
		"shown.json":     nokut.sign("eddsa-rdfc-2022", presentation, proof.Params{Purpose: proof.Authentication, Domains: []string{"skule"}}),
	} {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}
