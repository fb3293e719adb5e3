package key

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// TestParseSecret reads a key as the learner credential wallet, the universal
// wallet and Multikey write it, and refuses what does not fit together.
func TestParseSecret(t *testing.T) {
	t.Parallel()
	seed := bytes.Repeat([]byte{7}, ed25519.SeedSize)
	private, err := FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	public, err := private.Public().Multikey()
	if err != nil {
		t.Fatal(err)
	}
	both := append(bytes.Clone(seed), private.Public().Crypto().(ed25519.PublicKey)...)
	base58 := func(raw []byte) string {
		s, err := multibase.Encode(multibase.Base58BTC, raw)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	coded := func(raw []byte) string { return base58(append(binary.AppendUvarint(nil, codecEd25519Secret), raw...)) }
	d := base64.RawURLEncoding.EncodeToString(seed)
	other := append(bytes.Clone(seed), bytes.Repeat([]byte{1}, 32)...)
	for _, c := range []struct {
		name, method string
		ok           bool
	}{
		{"learner credential wallet", fmt.Sprintf(`{"type":"Ed25519VerificationKey2020","publicKeyMultibase":%q,"privateKeyMultibase":%q}`, public, coded(both)), true},
		{"Multikey", fmt.Sprintf(`{"type":"Multikey","publicKeyMultibase":%q,"secretKeyMultibase":%q}`, public, coded(seed)), true},
		{"no public key beside it", fmt.Sprintf(`{"secretKeyMultibase":%q}`, coded(seed)), true},
		{"2018", fmt.Sprintf(`{"privateKeyBase58":%q,"publicKeyBase58":%q}`, base58(both)[1:], base58(both[32:])[1:]), true},
		{"JWK", fmt.Sprintf(`{"privateKeyJwk":{"kty":"OKP","crv":"Ed25519","d":%q},"publicKeyJwk":{"kty":"OKP","crv":"Ed25519","x":%q}}`, d, base64.RawURLEncoding.EncodeToString(both[32:])), true},
		{"another public key beside it", fmt.Sprintf(`{"publicKeyMultibase":"z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK","privateKeyMultibase":%q}`, coded(both)), false},
		{"a public key that is none", fmt.Sprintf(`{"publicKeyMultibase":"z","privateKeyMultibase":%q}`, coded(both)), false},
		{"another public key behind it", fmt.Sprintf(`{"privateKeyMultibase":%q}`, coded(other)), false},
		{"short", fmt.Sprintf(`{"secretKeyMultibase":%q}`, coded(seed[1:])), false},
		{"the code of a public key", fmt.Sprintf(`{"secretKeyMultibase":%q}`, public), false},
		{"not base58btc", `{"secretKeyMultibase":"u0O0l"}`, false},
		{"not base58", `{"privateKeyBase58":"0O"}`, false},
		{"endless", `{"privateKeyBase58":"` + strings.Repeat("1", 100_000) + `"}`, false},
		{"no text", `{"secretKeyMultibase":{}}`, false},
		{"another curve", fmt.Sprintf(`{"privateKeyJwk":{"kty":"OKP","crv":"X25519","d":%q}}`, d), false},
		{"twice", fmt.Sprintf(`{"privateKeyMultibase":%q,"secretKeyMultibase":%q}`, coded(both), coded(both)), false},
		{"none", `{"publicKeyMultibase":"` + public + `"}`, false},
	} {
		v, err := strictjson.ParseObject([]byte(c.method), strictjson.Limits{})
		if err != nil {
			t.Fatal(c.name, err)
		}
		got, err := ParseSecret(v)
		if (err == nil) != c.ok || err == nil && !got.Public().Equal(private.Public()) || err != nil && reason.CodeOf(err) != "key_invalid/secret" {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
		if HasSecret(v) != (c.name != "none") {
			t.Errorf("%s: HasSecret is %v", c.name, HasSecret(v))
		}
		if err != nil && (strings.Contains(err.Error(), d) || strings.Contains(err.Error(), coded(both))) {
			t.Errorf("%s: the error holds the key", c.name)
		}
	}
}
