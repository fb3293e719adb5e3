package signed_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/signed"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	typ = "bevis-stats+json"
	kid = "did:web:statistikk.example#key-1"
)

func generate(t testing.TB, kt key.Type) *key.Private {
	t.Helper()
	k, err := key.Generate(kt)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func finds(k *key.Private) func(string) (key.Public, error) {
	return func(id string) (key.Public, error) {
		if id != kid {
			return key.Public{}, reason.New(reason.KeyUnavailable, id, "not known")
		}
		return k.Public(), nil
	}
}

func TestSignAndOpen(t *testing.T) {
	t.Parallel()
	for _, kt := range []key.Type{key.Ed25519, key.P256} {
		k := generate(t, kt)
		payload := []byte(`{"æ":1}`)
		raw, err := signed.Sign(t.Context(), typ, payload, k.Signer(kid))
		if err != nil {
			t.Fatal(err)
		}
		got, by, err := signed.Open(append(raw, '\n'), typ, 1000, finds(k))
		if err != nil || !bytes.Equal(got, payload) || by != kid {
			t.Errorf("%s: %s %s %v", kt, got, by, err)
		}
		if _, _, err := signed.Open(raw, typ, len(raw)-1, finds(k)); reason.CodeOf(err) != reason.LimitSize {
			t.Error(err)
		}
		if _, _, err := signed.Open(raw, typ, 1000, finds(generate(t, kt))); reason.CodeOf(err) != reason.BadSignature {
			t.Error(err)
		}
		// Any one character changed is refused, whatever the place.
		for i := range raw {
			bad := bytes.Clone(raw)
			bad[i] ^= 1
			if got, _, err := signed.Open(bad, typ, 1000, finds(k)); err == nil {
				t.Fatalf("%s: byte %d changed, still opens as %s", kt, i, got)
			}
		}
	}
	for _, kt := range []key.Type{key.P384, key.RSA} {
		if _, err := signed.Sign(t.Context(), typ, nil, generate(t, kt).Signer(kid)); reason.CodeOf(err) != "unsupported_alg/key" {
			t.Errorf("%s: %v", kt, err)
		}
	}
	if _, err := signed.Sign(t.Context(), typ, nil, generate(t, key.Ed25519).Signer("key-1")); reason.CodeOf(err) != "key_invalid/kid" {
		t.Error(err)
	}
}

func TestOpenRefusesHeaders(t *testing.T) {
	t.Parallel()
	k := generate(t, key.Ed25519)
	b64 := base64.RawURLEncoding.EncodeToString
	for header, want := range map[string]reason.Code{
		`{"alg":"EdDSA","kid":"KID","typ":"TYP"}`:                   "",
		`{"typ":"TYP","kid":"KID","alg":"EdDSA"}`:                   "",
		`{"alg":"none","kid":"KID","typ":"TYP"}`:                    "unsupported_alg/key-mismatch",
		`{"alg":"ES256","kid":"KID","typ":"TYP"}`:                   "unsupported_alg/key-mismatch",
		`{"kid":"KID","typ":"TYP"}`:                                 "unsupported_alg/key-mismatch",
		`{"alg":"EdDSA","kid":"KID","typ":"TYP","b64":false}`:       "unsupported_alg/header",
		`{"alg":"EdDSA","kid":"KID","typ":"TYP","crit":["b64"]}`:    "unsupported_alg/header",
		`{"alg":"EdDSA","kid":"KID","typ":"TYP","jwk":{"kty":"x"}}`: "unsupported_alg/header",
		`{"alg":"EdDSA","kid":"KID","typ":"TYP","jku":"https://x"}`: "unsupported_alg/header",
		`{"alg":"EdDSA","kid":"KID","typ":"JWT"}`:                   "wrong_type/typ",
		`{"alg":"EdDSA","kid":"KID"}`:                               "wrong_type/typ",
		`{"alg":"EdDSA","typ":"TYP"}`:                               "key_invalid/no-kid",
		`{"alg":"EdDSA","kid":"did:web:x#1","typ":"TYP"}`:           reason.KeyUnavailable,
		`{"alg":"EdDSA","alg":"EdDSA","kid":"KID","typ":"TYP"}`:     reason.MalformedJWS,
		`{"alg":["EdDSA"],"kid":"KID","typ":"TYP"}`:                 "malformed/header",
		`[]`: reason.MalformedJWS,
		`{"alg":"EdDSA","kid":"` + strings.Repeat("x", 4000) + `"}`: reason.LimitSize,
	} {
		h := strings.NewReplacer("KID", kid, "TYP", typ).Replace(header)
		message := b64([]byte(h)) + "." + b64([]byte("{}"))
		sig, err := k.Signer(kid).Sign(t.Context(), []byte(message))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := signed.Open([]byte(message+"."+b64(sig)), typ, 10_000, finds(k)); reason.CodeOf(err) != want {
			t.Errorf("%.80s: %v, want %s", header, err, want)
		}
	}
	for _, raw := range []string{"", ".", "..", "a.b", "a.b.c.d", "e30.e30.e30", "e30=.e30.e30", "e3\n0.e30.e30"} {
		if _, _, err := signed.Open([]byte(raw), typ, 1000, finds(k)); err == nil {
			t.Errorf("%q opens", raw)
		}
	}
}

// FuzzOpen holds that only what the key signed opens.
func FuzzOpen(f *testing.F) {
	k := generate(f, key.Ed25519)
	good, err := signed.Sign(f.Context(), typ, []byte(`{"a":1}`), k.Signer(kid))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("e30.e30.e30"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		payload, _, err := signed.Open(raw, typ, 1<<16, finds(k))
		if err == nil && string(payload) != `{"a":1}` {
			t.Errorf("%q opens", raw)
		}
	})
}
