package key_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// A text that is read as a key is the only text of that key.
func FuzzParseMultikey(f *testing.F) {
	for _, s := range []string{
		"z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
		"zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
		"z82LkvCwHNreneWpsgPEbV3gu1C6NFJEBg4srfJ5gdxEsMGRJUz2sG9FE42shbn2xkZJh54",
		"z2J9gaYxrKVpdoG9A4gRnmpnRCcxU6agDtFVVBVdn1JedouoZN7SzcyREXXzWgt3gGiwpoHq7K68X4m32D8HgzG8wv3sY5j7",
		"z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc", "z", "z1", "m7QE", "zz", "",
		"z" + "111111111111111111111111111111111111", "z6Mkh\u200baXgBZ", blsKey, blsKey + "1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		public, err := key.ParseMultikey(s)
		if err != nil {
			if reason.CodeOf(err).Coarse() != string(reason.KeyInvalid) || public.Type() != key.Unknown {
				t.Errorf("%v with a key of type %s", err, public.Type())
			}
			return
		}
		if again, err := public.Multikey(); err != nil || again != s {
			t.Errorf("%q is written as %q, %v", s, again, err)
		}
		readsBack(t, public)
	})
}

func FuzzParseJWK(f *testing.F) {
	for _, s := range []string{
		`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
		`{"kty":"EC","crv":"P-256","x":"04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY","y":"UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw","use":"sig","kid":"1"}`,
		`{"kty":"RSA","n":"AQAB","e":"AQAB"}`, `{"kty":"RSA","n":"AAEAAQ","e":"AAABAAE"}`, `{"kty":"oct","k":"AA"}`, `{"kty":"EC","crv":"P-384"}`,
		`{"kty":"OKP","crv":"Ed25519","x":"AAAA","key_ops":["verify",1]}`, `[]`, `null`, `{"d":1}`,
		// One key twice: as it is, and cut at another place.
		`{"crv":"secp256k1","kty":"EC","x":"h0wVx_2iDlOcblulc8E5iEw1EYh5n1RYtLQfeSTyNc0","y":"O2EATIGbu6DezKFptj5scAIRntgfecanVNXxat1rnwE"}`,
		`{"crv":"secp256k1","kty":"EC","x":"h0wVx_2iDlOcblulc8E5iEw1EYh5n1RYtLQfeSTyNQ","y":"zTthAEyBm7ug3syhabY-bHACEZ7YH3nGp1TV8Wrda58B"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := strictjson.Parse(raw, strictjson.Limits{})
		if err != nil {
			return
		}
		jwk, err := key.ParseJWK(v)
		if err != nil {
			if reason.CodeOf(err).Coarse() != string(reason.KeyInvalid) {
				t.Error(err)
			}
			return
		}
		for _, name := range []string{"d", "p", "q", "k"} {
			if v.Get(name) != nil {
				t.Errorf("a key with the private member %s is accepted", name)
			}
		}
		readsBack(t, jwk.Public)
	})
}
