package cose

import (
	"bytes"
	"crypto/sha256"
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

func full() Printed {
	sum := sha256.Sum256([]byte("x"))
	return Printed{
		Issuer: "did:web:kurs.example", Subject: "did:example:kari", From: time.Unix(1_700_000_000, 0).UTC(), Until: time.Unix(1_900_000_000, 0).UTC(), Created: time.Unix(1_700_000_001, 0).UTC(),
		ID: "urn:uuid:7be1f0f3-cb53-462e-a1f7-e1d5b1e76f5e", Types: []string{"OpenBadgeCredential"}, Name: "Sveising", Achievement: "https://kurs.example/a/1",
		IssuerName: "Kursstedet", SubjectName: "Kári Ŋuovva", Credits: "7.5", Digest: sum[:],
		Status: []status.Entry{{Purpose: status.Revocation, ListURL: "https://kurs.example/r", Index: 9}, {Purpose: status.Suspension, ListURL: "https://kurs.example/s", Index: 0}},
		Token:  &status.TokenEntry{ListURL: "https://kurs.example/t", Index: 3},
	}
}

func TestPrintedIsReadBack(t *testing.T) {
	t.Parallel()
	least := Printed{Issuer: "did:web:kurs.example", From: time.Unix(1, 0).UTC(), Created: time.Unix(1, 0).UTC(), Digest: make([]byte, 32), ID: "https://kurs.example/1"}
	for _, p := range []Printed{full(), least} {
		raw := p.append(nil)
		got, err := readPrinted(raw)
		if err != nil || !bytes.Equal(got.append(nil), raw) || got.ID != p.ID || got.Credits != p.Credits || len(got.Status) != len(p.Status) || (got.Token == nil) != (p.Token == nil) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	doc := func() *strictjson.Value { p := full(); return p.document() }()
	for pointer, want := range map[string]string{"/issuer/id": "did:web:kurs.example", "/credentialSubject/achievement/name": "Sveising", "/credentialStatus/0/statusListIndex": "9", "/credentialSubject/name": "Kári Ŋuovva", "/validUntil": "2030-03-17T17:46:40Z"} {
		if got, _ := doc.Lookup(pointer).Text(); got != want {
			t.Errorf("%s: %q", pointer, got)
		}
	}
}

// TestPrintedIsRefused changes one thing each.
func TestPrintedIsRefused(t *testing.T) {
	t.Parallel()
	good := full()
	raw := good.append(nil)
	uri := bytes.Index(raw, []byte("curi")) + 1
	for name, c := range map[string]struct {
		raw  []byte
		code reason.Code
	}{
		"nothing":            {nil, malformedPrinted},
		"the end missing":    {raw[:len(raw)-1], malformedPrinted},
		"something behind":   {append(bytes.Clone(raw), 0), malformedPrinted},
		"a claim not known":  {cbor.AppendUint(cbor.AppendUint(cbor.AppendMap(nil, 1), 99), 1), malformedPrinted},
		"no issuer":          {(&Printed{From: good.From, Created: good.Created, Digest: good.Digest}).append(nil), malformedPrinted},
		"no date":            {(&Printed{Issuer: "x:y", Created: good.Created, Digest: good.Digest}).append(nil), malformedPrinted},
		"a short digest":     {(&Printed{Issuer: "x:y", From: good.From, Created: good.Created, Digest: good.Digest[:31]}).append(nil), malformedPrinted},
		"credits in words":   {bytes.Replace(raw, []byte("7.5"), []byte("ABC"), 1), malformedPrinted},
		"another token list": {append(append(bytes.Clone(raw[:uri]), "urx"...), raw[uri+3:]...), malformedPrinted},
		"a UUID in text":     {bytes.Replace((&Printed{Issuer: "x:y", From: good.From, Created: good.Created, Digest: good.Digest, ID: "urn:uuid:7BE1f0f3-cb53-462e-a1f7-e1d5b1e76f5e"}).append(nil), []byte("7BE1"), []byte("7be1"), 1), malformedPrinted},
		"two claims swapped": {func() []byte {
			out := cbor.AppendMap(nil, 2)
			out = cbor.AppendText(cbor.AppendUint(out, claimSubject), "a:b")
			return cbor.AppendText(cbor.AppendUint(out, claimIssuer), "a:b")
		}(), malformedPrinted},
	} {
		if got, err := readPrinted(c.raw); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, change := range map[string]func(*Printed){
		"a long text":   func(p *Printed) { p.Name = strings.Repeat("x", maxPrintedText+1) },
		"many types":    func(p *Printed) { p.Types = make([]string, maxPrintedTypes+1) },
		"many statuses": func(p *Printed) { p.Status = make([]status.Entry, maxPrintedStatus+1) },
	} {
		p := full()
		change(&p)
		if err := p.check(); reason.CodeOf(err) != "resource_limit/printed" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestShortenRefuses: what would get lost and matters is refused.
func TestShortenRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		members string
		code    reason.Code
	}{
		"two subjects":              {`"credentialSubject":[{"id":"a:b"},{"id":"a:c"}]`, "conflict/printed"},
		"a status list of 2021":     {`"credentialSubject":{"id":"a:b"},"credentialStatus":{"type":"StatusList2021Entry","statusPurpose":"revocation","statusListIndex":"1","statusListCredential":"https://a.example/1"}`, "conflict/printed"},
		"a list of ids":             {`"credentialSubject":{"id":"a:b"},"credentialStatus":{"type":"1EdTechRevocationList","id":"https://a.example/1"}`, "conflict/printed"},
		"a long name":               {`"name":"` + strings.Repeat("x", 600) + `","credentialSubject":{"id":"a:b"}`, "resource_limit/printed"},
		"a refresh list is no loss": {`"credentialSubject":{"id":"a:b"},"credentialStatus":{"type":"BitstringStatusListEntry","statusPurpose":"refresh","statusListIndex":"1","statusListCredential":"https://a.example/1"}`, ""},
	} {
		raw := []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:a",` + c.members + `}`)
		in, err := proof.Read(raw, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Shorten(&proof.Secured{Input: in, Document: in.Document}, time.Unix(1, 0)); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignPrintedRefuses(t *testing.T) {
	t.Parallel()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		method string
		change func(*Printed)
		code   reason.Code
	}{
		"another's key": {"did:web:other.example#k", func(*Printed) {}, reason.IssuerMismatch},
		"no fragment":   {"did:web:kurs.example", func(*Printed) {}, reason.IssuerMismatch},
		"no digest":     {"did:web:kurs.example#k", func(p *Printed) { p.Digest = nil }, malformedPrinted},
		"too long": {"did:web:kurs.example#k", func(p *Printed) {
			p.Name, p.SubjectName, p.IssuerName, p.Achievement = strings.Repeat("x", 500), strings.Repeat("x", 500), strings.Repeat("x", 500), strings.Repeat("x", 500)
		}, "resource_limit/printed"},
		"as it should be": {"did:web:kurs.example#k", func(*Printed) {}, ""},
	} {
		p := full()
		c.change(&p)
		if _, err := SignPrinted(t.Context(), p, private.Signer(c.method)); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := PrintedSuite().Sign(t.Context(), nil, private.Signer("did:web:kurs.example#k"), proof.Params{}); reason.CodeOf(err) != "usage/params" {
		t.Error(err)
	}
}

// FuzzPrinted: claims that are read are written back as they were.
func FuzzPrinted(f *testing.F) {
	p := full()
	f.Add(p.append(nil))
	f.Add([]byte{0xa1, 0x01, 0x63, 'x', ':', 'y'})
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := readPrinted(raw)
		if err != nil {
			if code := reason.CodeOf(err); code != malformedPrinted && code.Coarse() != "resource_limit" {
				t.Error(err)
			}
			return
		}
		if !bytes.Equal(p.append(nil), raw) {
			t.Errorf("%x", raw)
		}
		if p.document().Get("issuer") == nil {
			t.Error("no issuer")
		}
	})
}
