package jws_test

import (
	"os"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

func header(name, value string) strictjson.Member {
	return strictjson.Member{Name: name, Value: strictjson.String(value)}
}

// privateKey makes a key; of RSA it is a fixed one, since making those takes
// seconds.
func privateKey(kind key.Type) (*key.Private, error) {
	if kind != key.RSA {
		return key.Generate(kind)
	}
	text, err := os.ReadFile("testdata/rsa.pem")
	if err != nil {
		return nil, err
	}
	return key.ParsePEM(text)
}

// TestSign signs with each type of key and reads it back; no other key, and no
// other bytes, hold.
func TestSign(t *testing.T) {
	t.Parallel()
	for _, kind := range []key.Type{key.Ed25519, key.P256, key.P384, key.P521, key.RSA} {
		private, err := privateKey(kind)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := jws.Sign(t.Context(), private.Signer("did:example:a#k"), []byte(`{"iat":1767225600,"iss":"x"}`), header("kid", "did:example:a#k"), header("typ", "x+jwt"))
		if err != nil {
			t.Fatal(err)
		}
		text := string(signed)
		read := func(text string) (*jws.Token, error) {
			token, err := jws.ReadHead(text, strictjson.Limits{})
			if err == nil {
				err = token.ReadBody(strictjson.Limits{})
			}
			return token, err
		}
		token, err := read(text)
		if err != nil || token.Verify(private.Public()) != nil {
			t.Fatal(kind, err)
		}
		if token.Alg != jws.Algorithms(kind)[0] || token.KeyID != "did:example:a#k" || !jws.IsType(token.Type, "x+jwt") || jws.IsType(token.Type, "jwt") {
			t.Errorf("%+v", token)
		}
		if at, err := token.Time("iat"); err != nil || at.Unix() != 1767225600 {
			t.Error(at, err)
		}
		if at, err := token.Time("exp"); err != nil || !at.IsZero() {
			t.Error(at, err)
		}
		if _, err := token.Time("iss"); reason.CodeOf(err) != reason.MalformedClaims {
			t.Error(err)
		}
		if s, ok, err := token.Text("iss"); s != "x" || !ok || err != nil {
			t.Error(s, ok, err)
		}
		if _, _, err := token.Text("iat"); reason.CodeOf(err) != reason.MalformedClaims {
			t.Error(err)
		}
		other, err := key.Generate(key.Ed25519)
		if err != nil {
			t.Fatal(err)
		}
		if err := token.Verify(other.Public()); err == nil {
			t.Errorf("%s: another key holds", kind)
		}
		if err := token.Verify(key.Public{}); reason.CodeOf(err) != "unsupported_alg/key-mismatch" {
			t.Error(err)
		}
		for i := range text {
			changed := []byte(text)
			changed[i] ^= 1
			if token, err := read(string(changed)); err == nil && token.Verify(private.Public()) == nil {
				t.Fatalf("%s: byte %d can be changed", kind, i)
			}
		}
	}
}

func TestMethod(t *testing.T) {
	t.Parallel()
	for kid, want := range map[string]string{
		"did:example:a#k": "did:example:a#k", "#k": "did:example:i#k",
		"": "key_invalid/no-kid", "k": "key_invalid/verification-method", "did:example:a": "key_invalid/verification-method", "did:example:a#": "key_invalid/verification-method",
		"did:example:a#k#k": "key_invalid/verification-method", "../a#k": "key_invalid/verification-method", "did:example:a #k": "key_invalid/verification-method", "1:a#k": "key_invalid/verification-method",
	} {
		got, err := (&jws.Token{KeyID: kid}).Method("did:example:i")
		if err != nil {
			got = string(reason.CodeOf(err))
		}
		if got != want {
			t.Errorf("%q is %q, want %q", kid, got, want)
		}
	}
}

func FuzzReadHead(f *testing.F) {
	f.Add("eyJhbGciOiJFZERTQSJ9.e30.AAAA")
	f.Add(strings.Repeat(".", 1000))
	f.Fuzz(func(t *testing.T, text string) {
		token, err := jws.ReadHead(text, strictjson.Limits{})
		if err == nil {
			err = token.ReadBody(strictjson.Limits{})
		}
		if err != nil {
			if reason.CodeOf(err).Class() == reason.Fault {
				t.Fatal(err)
			}
			return
		}
		if token.Payload == nil || token.Alg == "" || strings.ContainsAny(text, "\r\n=~ ") {
			t.Errorf("%q is read as %+v", text, token)
		}
	})
}
