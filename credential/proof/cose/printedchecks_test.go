package cose

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/cbor"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check of short forms that could be taken
// out without another test failing: see docs/mutation.md.

func parsed(t testing.TB, text string) *strictjson.Value {
	t.Helper()
	v, err := strictjson.Parse([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestDigest: what a short form is of is told from everything else.
func TestDigest(t *testing.T) {
	t.Parallel()
	of := func(in proof.Input) string {
		t.Helper()
		sum, err := Digest(&in)
		if err != nil {
			t.Fatal(err)
		}
		return string(sum)
	}
	sha := func(s string) string { sum := sha256.Sum256([]byte(s)); return string(sum[:]) }
	if of(proof.Input{Compact: "a.b.c~d~"}) != sha("a.b.c") || of(proof.Input{Compact: "a.b.c"}) != sha("a.b.c") {
		t.Error("a token is not named by what its issuer signed")
	}
	if of(proof.Input{Document: parsed(t, ` {"b": 1, "a":2}`)}) != sha(`{"a":2,"b":1}`) {
		t.Error("a document is not named by its canonical form")
	}
	if of(proof.Input{COSE: []byte("abc")}) != sha("abc") {
		t.Error("a message is not named as it stands")
	}
}

// TestShorten: what is copied is what the credential says.
func TestShorten(t *testing.T) {
	t.Parallel()
	const entry = `{"type":"BitstringStatusListEntry","statusPurpose":"%","statusListIndex":"1","statusListCredential":"https://a.example/1"}`
	early, late := time.Unix(1_700_000_000, 0).UTC(), time.Unix(1_800_000_000, 0).UTC()
	shorten := func(members string, of proof.Secured) (Printed, error) {
		doc := parsed(t, `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","OpenBadgeCredential"],"issuer":"did:example:a",`+members+`}`)
		of.Input, of.Document = &proof.Input{Document: doc}, doc
		return Shorten(&of, early)
	}
	const subject = `"credentialSubject":{"id":"a:b","name":"Kari"}`
	for name, c := range map[string]struct {
		members string
		of      proof.Secured
		is      func(p Printed) bool
	}{
		"types":               {subject, proof.Secured{}, func(p Printed) bool { return slices.Equal(p.Types, []string{"OpenBadgeCredential"}) }},
		"no end":              {subject, proof.Secured{}, func(p Printed) bool { return p.Until.IsZero() && p.Token == nil && p.Status == nil }},
		"an end of the proof": {subject, proof.Secured{Expires: early}, func(p Printed) bool { return p.Until.Equal(early) }},
		"an end of its own":   {subject + `,"validUntil":"2023-11-14T22:13:20Z"`, proof.Secured{}, func(p Printed) bool { return p.Until.Equal(early) }},
		"a later end":         {subject + `,"validUntil":"2023-11-14T22:13:20Z"`, proof.Secured{Expires: late}, func(p Printed) bool { return p.Until.Equal(early) }},
		"an earlier end":      {subject + `,"validUntil":"2027-01-15T08:00:00Z"`, proof.Secured{Expires: early}, func(p Printed) bool { return p.Until.Equal(early) }},
		"suspension":          {subject + `,"credentialStatus":` + strings.Replace(entry, "%", "suspension", 1), proof.Secured{}, func(p Printed) bool { return len(p.Status) == 1 && p.Status[0].Purpose == status.Suspension }},
		"revocation":          {subject + `,"credentialStatus":` + strings.Replace(entry, "%", "revocation", 1), proof.Secured{}, func(p Printed) bool { return len(p.Status) == 1 && p.Status[0].Purpose == status.Revocation }},
		"a refresh":           {subject + `,"credentialStatus":` + strings.Replace(entry, "%", "refresh", 1), proof.Secured{}, func(p Printed) bool { return len(p.Status) == 0 }},
		"a place in a token":  {subject, proof.Secured{Status: parsed(t, `{"status_list":{"idx":3,"uri":"https://a.example/t"}}`)}, func(p Printed) bool { return p.Token != nil && p.Token.Index == 3 }},
		"a name":              {subject, proof.Secured{}, func(p Printed) bool { return p.SubjectName == "Kari" }},
		"a name among ids":    {`"credentialSubject":{"id":"a:b","identifier":[{"identityType":"emailAddress","identityHash":"k@a.example","hashed":false},{"identityType":"name","identityHash":"Ola","hashed":false}]}`, proof.Secured{}, func(p Printed) bool { return p.SubjectName == "Ola" }},
		"a hash is no name":   {`"credentialSubject":{"id":"a:b","identifier":[{"identityType":"name","identityHash":"sha256$00","hashed":true}]}`, proof.Secured{}, func(p Printed) bool { return p.SubjectName == "" }},
		"no name at all":      {`"credentialSubject":{"id":"a:b"}`, proof.Secured{}, func(p Printed) bool { return p.SubjectName == "" }},
	} {
		if p, err := shorten(c.members, c.of); err != nil || !c.is(p) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	for name, c := range map[string]struct {
		members string
		of      proof.Secured
		code    reason.Code
	}{
		"a date that is none":   {subject + `,"validFrom":"yesterday"`, proof.Secured{}, reason.MalformedTime},
		"entries of two bits":   {subject + `,"credentialStatus":` + strings.Replace(strings.Replace(entry, "%", "revocation", 1), "}", `,"statusSize":2,"statusMessage":[{"status":"0x0","message":"a"},{"status":"0x1","message":"b"},{"status":"0x2","message":"c"},{"status":"0x3","message":"d"}]}`, 1), proof.Secured{}, notPrinted},
		"a token without place": {subject, proof.Secured{Status: parsed(t, `{"status_list":{"idx":3}}`)}, "status_invalid/entry"},
	} {
		if p, err := shorten(c.members, c.of); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	if p, err := Shorten(&proof.Secured{Input: &proof.Input{}, Document: strictjson.String("x")}, early); err == nil || reason.CodeOf(err) == malformedPrinted {
		t.Errorf("a text: %+v, %v", p, err)
	}
}

// TestPrintedDocument: nothing is shown that the short form does not say.
func TestPrintedDocument(t *testing.T) {
	t.Parallel()
	least := Printed{Issuer: "x:y", From: time.Unix(1, 0).UTC(), Created: time.Unix(1, 0).UTC(), Digest: make([]byte, 32)}
	want := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":{"id":"x:y"},"validFrom":"1970-01-01T00:00:01Z","credentialSubject":{}}`
	if got := string(least.document().AppendJSON(nil)); got != want {
		t.Error(got)
	}
	if least.tokenStatus() != nil {
		t.Error("a status is made up")
	}
	all := full()
	if n, ok := all.document().Lookup("/credentialSubject/creditsEarned").Literal(); !ok || n != "7.5" {
		t.Error(n)
	}
	if uri, _ := all.tokenStatus().Lookup("/status_list/uri").Text(); uri != "https://kurs.example/t" {
		t.Error(uri)
	}
}

// TestPrintedBounds: what is at the bound passes, and is written in the one way.
func TestPrintedBounds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Printed)
		holds  string // hexadecimal
		lacks  string
	}{
		"a long text":     {change: func(p *Printed) { p.Name = strings.Repeat("x", maxPrintedText) }},
		"many types":      {change: func(p *Printed) { p.Types = make([]string, maxPrintedTypes) }},
		"many statuses":   {change: func(p *Printed) { p.Status = slices.Repeat(full().Status, maxPrintedStatus/2) }},
		"a UUID":          {func(*Printed) {}, "0050" + "7be1f0f3cb53462ea1f7e1d5b1e76f5e", ""},
		"a UUID in caps":  {change: func(p *Printed) { p.ID = strings.ToUpper(p.ID) }},
		"half a UUID":     {change: func(p *Printed) { p.ID = "urn:uuid:7be1f0" }},
		"a longer UUID":   {change: func(p *Printed) { p.ID += "00" }},
		"no types":        {func(p *Printed) { p.Types = nil }, "", "0180"},
		"no status":       {func(p *Printed) { p.Status = nil }, "", "0780"},
		"nothing but ids": {change: func(p *Printed) { p.Name, p.Achievement = "", "" }},
	} {
		p := full()
		c.change(&p)
		raw := p.append(nil)
		got, err := readPrinted(raw)
		if err != nil || got.ID != p.ID || got.Name != p.Name {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if text := hex.EncodeToString(raw); !strings.Contains(text, c.holds) || c.lacks != "" && strings.Contains(text, c.lacks) {
			t.Errorf("%s: %s", name, text)
		}
	}
	for name, change := range map[string]func(*Printed){
		"since when":        func(p *Printed) { p.From = time.Time{} },
		"when it is signed": func(p *Printed) { p.Created = time.Time{} },
	} {
		p := full()
		change(&p)
		if err := p.check(); reason.CodeOf(err) != malformedPrinted || reason.AtOf(err) != "/validFrom" {
			t.Errorf("without %s: %v", name, err)
		}
	}
	if got, _ := (&claims{audience: []string{"a"}}).append(nil); hex.EncodeToString(got) != "036161" {
		t.Errorf("one audience: %x", got)
	}
}

// private are the claims of the least short form, with a private claim of our own
// making.
func private(pairs ...string) []byte {
	out := cbor.AppendText(cbor.AppendUint(cbor.AppendMap(nil, 4), claimIssuer), "x:y")
	out = cbor.AppendUint(cbor.AppendUint(out, claimNotBefore), 1)
	out = cbor.AppendUint(cbor.AppendUint(out, claimIssuedAt), 1)
	out = cbor.AppendMap(cbor.AppendInt(out, claimPrinted), len(pairs))
	for _, p := range pairs {
		raw, _ := hex.DecodeString(p)
		out = append(out, raw...)
	}
	return out
}

func TestPrintedPartsAreRefused(t *testing.T) {
	t.Parallel()
	digest := "065820" + strings.Repeat("00", 32)
	if _, err := readPrinted(private(digest)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		raw  []byte
		says string
	}{
		"an id of three bytes":    {private("0043010203", digest), "is no UUID"},
		"an id of 17 bytes":       {private("0051"+strings.Repeat("01", 17), digest), "more than is accepted"},
		"a purpose of no number":  {private(digest, "0781830261610"+"1"), "more than is accepted"},
		"an entry of two parts":   {private(digest, "0781820061"+"61"), "three parts"},
		"credits that are true":   {private(digest, "0864"+hex.EncodeToString([]byte("true"))), "is no number"},
		"credits that are a text": {private(digest, "0863"+hex.EncodeToString([]byte(`"7"`))), "is no number"},
		"a member not known":      {private(digest, "0900"), "is not known here"},
		"no map":                  {[]byte{0x80}, "is not a map"},
	} {
		if _, err := readPrinted(c.raw); reason.CodeOf(err) != malformedPrinted || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := Printed{Issuer: "x:y", From: time.Unix(1, 0), Created: time.Unix(1, 0), Digest: make([]byte, 32), Types: make([]string, maxPrintedTypes+1)}
	if err := long.check(); reason.CodeOf(err) != "resource_limit/printed" {
		t.Error(err)
	}
}

// oneKey has the key of a signer.
type oneKey struct{ signer key.Signer }

func (k oneKey) Key(_ context.Context, method string, _ proof.Purpose) (proof.Key, error) {
	if method != k.signer.ID() {
		return proof.Key{}, reason.New("key_invalid/unknown-key", method, "no such key")
	}
	return proof.Key{Public: k.signer.Public(), ID: method}, nil
}

// silent is a signer that does not sign.
type silent struct{ key.Signer }

var errSilent = errors.New("not signed")

func (silent) Sign(context.Context, []byte) ([]byte, error) { return nil, errSilent }

// TestPrintedSuite opens, verifies and covers.
func TestPrintedSuite(t *testing.T) {
	t.Parallel()
	made, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	signer, s := made.Signer("did:web:kurs.example#k"), PrintedSuite()
	raw, err := SignPrinted(t.Context(), full(), signer)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := s.Open(&proof.Input{COSE: raw})
	if err != nil || len(opened) != 1 || opened[0].Method != signer.ID() || !opened[0].Expires.Equal(full().Until) || opened[0].Status == nil {
		t.Fatalf("%+v, %v", opened, err)
	}
	if proven, err := s.Verify(t.Context(), opened[0], oneKey{signer}); err != nil || proven.Key.ID != signer.ID() {
		t.Error(err)
	}
	if places, err := s.(proof.Coverer).Cover(t.Context(), opened[0], nil); err != nil || len(places) < 5 {
		t.Errorf("%v, %v", places, err)
	}
	badge, err := VC().Sign(t.Context(), []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:web:kurs.example","credentialSubject":{}}`), signer, proof.Params{Purpose: proof.AssertionMethod})
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]*proof.Input{"no message": {Compact: "eyJ"}, "a credential": {COSE: badge}} {
		if got, err := s.Open(in); got != nil || err != nil {
			t.Errorf("%s is for another suite: %v, %v", name, got, err)
		}
	}
	for _, other := range []proof.Suite{VC(), VP()} {
		if got, err := other.Open(&proof.Input{COSE: raw}); got != nil || err != nil {
			t.Errorf("%s takes a short form: %v, %v", other.ID(), got, err)
		}
		if got, err := other.Open(&proof.Input{Compact: "eyJ"}); got != nil || err != nil {
			t.Errorf("%s takes a token: %v, %v", other.ID(), got, err)
		}
	}
	if got, err := VP().Open(&proof.Input{COSE: badge}); got != nil || err != nil {
		t.Errorf("a credential is no presentation, and not wrong for that: %v, %v", got, err)
	}

	last := bytes.Clone(raw)
	last[len(last)-1] ^= 1
	for name, c := range map[string]struct {
		sec  *proof.Secured
		code reason.Code
	}{
		"nothing":         {nil, reason.NoProof},
		"no message":      {&proof.Secured{}, reason.NoProof},
		"a credential":    {&proof.Secured{Input: &proof.Input{COSE: badge}}, "unsupported_alg/suite"},
		"half a message":  {&proof.Secured{Input: &proof.Input{COSE: raw[:len(raw)/2]}}, "malformed/cbor"},
		"a signature off": {&proof.Secured{Input: &proof.Input{COSE: last}}, reason.BadSignature},
	} {
		if proven, err := s.Verify(t.Context(), c.sec, oneKey{signer}); reason.CodeOf(err) != c.code || proven != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.sec == nil || c.code == reason.BadSignature {
			continue
		}
		if places, err := s.(proof.Coverer).Cover(t.Context(), c.sec, nil); reason.CodeOf(err) != c.code || places != nil {
			t.Errorf("cover, %s: %v", name, err)
		}
	}
	if proven, err := s.Verify(t.Context(), opened[0], oneKey{made.Signer("did:web:kurs.example#other")}); reason.CodeOf(err) != "key_invalid/unknown-key" || proven != nil {
		t.Error(err)
	}
}

// TestPrintedMessages are short forms that somebody wrote who does what the
// standard or docs/printed.md forbid; what is opened is not verified here.
func TestPrintedMessages(t *testing.T) {
	t.Parallel()
	p := full()
	own := full()
	own.Issuer = "did:key:z6Mk"
	broken := append(p.append(nil), 0)
	for name, c := range map[string]struct {
		content, keyID, claims string // claims in hexadecimal
		payload                []byte
		code                   reason.Code
		method                 string
	}{
		"as it should be":       {keyID: "#k", method: "did:web:kurs.example#k"},
		"of the one key":        {payload: own.append(nil), method: "did:key:z6Mk#z6Mk"},
		"of the one key, said":  {keyID: "#z6Mk", payload: own.append(nil), code: "key_invalid/verification-method"},
		"of no key":             {code: "key_invalid/verification-method"},
		"of a key with a space": {keyID: "#a b", code: "key_invalid/verification-method"},
		"a content type":        {content: "application/vc", keyID: "#k", code: headerCode},
		"an issuer":             {claims: "a101" + "63783a79", keyID: "#k", code: headerCode},
		"a subject":             {claims: "a102" + "63783a79", keyID: "#k", code: headerCode},
		"an audience":           {claims: "a103" + "63783a79", keyID: "#k", code: headerCode},
		"an end":                {claims: "a10401", keyID: "#k", code: headerCode},
		"a beginning":           {claims: "a10501", keyID: "#k", code: headerCode},
		"a date":                {claims: "a10601", keyID: "#k", code: headerCode},
		"a challenge":           {claims: "a10a48" + strings.Repeat("61", 8), keyID: "#k", code: headerCode},
		"claims not in form":    {payload: broken, keyID: "#k", code: malformedPrinted},
	} {
		header := cbor.AppendInt(cbor.AppendUint(nil, labelAlg), -8)
		n := 2
		if c.content != "" {
			header, n = cbor.AppendText(cbor.AppendUint(header, labelContent), c.content), n+1
		}
		if c.keyID != "" {
			header, n = cbor.AppendBytes(cbor.AppendUint(header, labelKeyID), []byte(c.keyID)), n+1
		}
		if c.claims != "" {
			raw, err := hex.DecodeString(c.claims)
			if err != nil {
				t.Fatal(err)
			}
			header, n = append(cbor.AppendUint(header, labelClaims), raw...), n+1
		}
		header = append(cbor.AppendMap(nil, n), cbor.AppendText(cbor.AppendUint(header, labelType), PrintedType)...)
		if c.payload == nil {
			c.payload = p.append(nil)
		}
		raw := cbor.AppendBytes(cbor.AppendArray(cbor.AppendTag(nil, tagSign1), 4), header)
		raw = cbor.AppendBytes(cbor.AppendBytes(cbor.AppendMap(raw, 0), c.payload), make([]byte, 64))
		got, err := PrintedSuite().Open(&proof.Input{COSE: raw})
		if reason.CodeOf(err) != c.code && (c.code != "" || err != nil) || err == nil && got[0].Method != c.method {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if name == "of the one key" && got[0].Proof.Get("kid") != nil {
			t.Errorf("%s: %s", name, got[0].Proof.AppendJSON(nil))
		}
	}
}

// TestSignPrinted: what a reader would refuse is not put before the key.
func TestSignPrinted(t *testing.T) {
	t.Parallel()
	made, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	signer := made.Signer("did:web:kurs.example#k")
	wrong := full()
	wrong.Digest = nil
	if _, err := SignPrinted(t.Context(), wrong, silent{signer}); reason.CodeOf(err) != malformedPrinted {
		t.Error(err)
	}
	if _, err := SignPrinted(t.Context(), full(), silent{signer}); !errors.Is(err, errSilent) {
		t.Error(err)
	}
	rsa, err := key.Generate(key.RSA)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := SignPrinted(t.Context(), full(), silent{rsa.Signer("did:web:kurs.example#k")}); reason.CodeOf(err) != "key_invalid/key-type" {
		t.Error(err)
	}
	own := full()
	own.Issuer = "did:key:z6Mk"
	raw, err := SignPrinted(t.Context(), own, made.Signer("did:key:z6Mk#z6Mk"))
	if err != nil || bytes.Contains(raw, []byte("#z6Mk")) {
		t.Errorf("%x, %v", raw, err)
	}
	for _, size := range []int{maxPrinted, maxPrinted + 1} {
		p := full()
		p.SubjectName, p.IssuerName, p.Achievement = strings.Repeat("x", 500), strings.Repeat("x", 500), strings.Repeat("x", 300)
		p.Name = strings.Repeat("x", 300)
		raw, err := SignPrinted(t.Context(), p, signer)
		if err != nil {
			t.Fatal(err)
		}
		p.Name = strings.Repeat("x", 300+size-len(raw))
		if raw, err = SignPrinted(t.Context(), p, signer); len(raw) != size || (err == nil) != (size == maxPrinted) {
			t.Errorf("%d bytes of %d: %v", len(raw), size, err)
		}
	}
	raw, err = SignPrinted(t.Context(), full(), signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Document(raw); reason.CodeOf(err) != "wrong_type/printed" {
		t.Error(err)
	}
}
