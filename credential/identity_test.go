package credential_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/credential"
)

// TestIdentity: ids are compared unescaped and trimmed, those of DIDs as they
// stand, and what has no id is the same as nothing.
func TestIdentity(t *testing.T) {
	t.Parallel()
	base := credential.IdentityOf("https://kurs.example", "https://kurs.example/b/1")
	for _, c := range []struct {
		issuer, id string
		same       bool
	}{
		{"https://kurs.example", "https://kurs.example/b/1", true},
		{" https://kurs.example ", "https://kurs.example/b/1\n", true},
		{"https://kurs.example", "https://kurs.example/b%2F1", true},
		{"https://kurs.example", "%20https://kurs.example/b/1", true},
		{"https://kurs.example", "https://kurs.example/b/2", false},
		{"https://other.example", "https://kurs.example/b/1", false},
		{"https://kurs.example", "HTTPS://kurs.example/b/1", false},
		{"https://kurs.example", "https://kurs.example/b/1%", false}, // no escape
		{"", "https://kurs.example/b/1", false},
		{"https://kurs.example", " ", false},
	} {
		if got := base.Same(credential.IdentityOf(c.issuer, c.id)); got != c.same {
			t.Errorf("%q %q: %v", c.issuer, c.id, got)
		}
	}
	if none := credential.IdentityOf("", ""); none.Same(none) {
		t.Error("two credentials without ids are the same")
	}
	if credential.IdentityOf("did:web:kurs.example%3A8443", "urn:x:1").Same(credential.IdentityOf("did:web:kurs.example:8443", "urn:x:1")) {
		t.Error("a port and a path are the same")
	}
	a, err := credential.Parse([]byte(`{"type":["VerifiableCredential"],"id":"urn:x:a%20b","issuer":{"id":"did:web:a"}}`), credential.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if !a.Identity().Same(credential.IdentityOf("did:web:a", "urn:x:a b")) {
		t.Error("a credential has another identity than its ids")
	}
}
