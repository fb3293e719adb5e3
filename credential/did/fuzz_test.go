package did_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/reason"
)

// An address that comes of an identifier is https, of that host and under no
// other folder.
func FuzzWebURL(f *testing.F) {
	for _, s := range []string{
		"did:web:kurs.example", "did:web:kurs.example%3A3000:user:alice", "did:web:a%2fb", "did:web:a:%2e%2e", "did:web:u%40h", "did:web:%5b::1%5d", "did:web:a%0d%0ab:c%20d",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, id string) {
		address, err := did.WebURL(id)
		if err != nil {
			if address != "" || reason.CodeOf(err).Coarse() != string(reason.KeyInvalid) {
				t.Error(address, err)
			}
			return
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Hostname() == "" || u.String() != address {
			t.Errorf("%q gives %q", id, address)
		}
		if clean := u.JoinPath(); clean.Path != u.Path || !strings.HasSuffix(u.Path, "/did.json") || strings.Contains(u.Path, "/../") {
			t.Errorf("%q gives the path %q", id, u.Path)
		}
		host, _, _ := strings.Cut(strings.TrimPrefix(id, "did:web:"), ":")
		host, err = url.PathUnescape(host)
		if name, _, _ := strings.Cut(host, ":"); err != nil || name != u.Hostname() {
			t.Errorf("%q gives the host %q", id, u.Hostname())
		}
	})
}

// Whatever a document says, its methods are its subject's own.
func FuzzParseDocument(f *testing.F) {
	f.Add([]byte(`{"id":"did:web:kurs.example","verificationMethod":[` + method("#k1", subject, multibase(ed)) + `],"assertionMethod":["#k1",` + method("#k2", subject, `,"publicKeyJwk":`+edJWK) + `]}`))
	f.Add([]byte(`{"id":"did:web:kurs.example","verificationMethod":` + method("did:web:evil.example#k1", "did:web:evil.example", multibase(ed)) + `,"authentication":[null,{},""]}`))
	f.Add([]byte(`{"id":"did:web:kurs.example","assertionMethod":[` + method("#k1", subject, multibase(ed)+`,"revoked":"2026-01-01T00:00:00Z"`) + `,` + method("#k1", subject, multibase(p256)) + `]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := did.ParseDocument(raw, subject)
		if err != nil {
			if doc != nil || reason.CodeOf(err) != "key_invalid/document" {
				t.Error(err)
			}
			return
		}
		seen := map[string]bool{}
		for _, m := range doc.Methods {
			if !strings.HasPrefix(m.ID, subject+"#") || seen[m.ID] || m.Err == nil && (m.Controller != subject || m.Public.JWK() == nil) {
				t.Errorf("%+v", m)
			}
			seen[m.ID] = true
		}
	})
}
