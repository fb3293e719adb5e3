package key_test

import (
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

// TestWycheproof runs the vectors for signatures of C2SP Wycheproof. A vector
// marked acceptable may go either way; none is in these sets today.
func TestWycheproof(t *testing.T) {
	t.Parallel()
	for _, set := range []struct {
		file           string
		valid, invalid int // at least so many, so that an empty file is no success
	}{
		{"ed25519_test.json", 80, 60},
		{"ecdsa_secp256r1_sha256_p1363_test.json", 150, 80},
		{"ecdsa_secp384r1_sha384_p1363_test.json", 150, 80},
	} {
		t.Run(set.file, func(t *testing.T) {
			t.Parallel()
			var vectors struct {
				NumberOfTests int
				TestGroups    []struct {
					PublicKeyJwk json.RawMessage
					PublicKeyDer string
					Tests        []struct {
						TCID                      int
						Comment, Msg, Sig, Result string
					}
				}
			}
			if err := json.Unmarshal(testcorpus.Read(t, "wycheproof/"+set.file), &vectors); err != nil {
				t.Fatal(err)
			}
			valid, invalid, other := 0, 0, 0
			for _, group := range vectors.TestGroups {
				std, err := x509.ParsePKIXPublicKey(decodeHex(t, group.PublicKeyDer))
				if err != nil {
					t.Fatal(err)
				}
				public, keyErr := key.FromCrypto(std)
				if keyErr == nil {
					readsBack(t, public)
				}
				if group.PublicKeyJwk != nil {
					jwk, err := key.ParseJWK(parse(t, string(group.PublicKeyJwk)))
					if (err == nil) != (keyErr == nil) || err == nil && !jwk.Public.Equal(public) {
						t.Errorf("as JWK %v, as DER %v", err, keyErr)
					}
				}
				for _, test := range group.Tests {
					err := keyErr
					if err == nil {
						err = public.Verify(decodeHex(t, test.Msg), decodeHex(t, test.Sig))
					}
					switch test.Result {
					case "valid":
						valid++
						if err != nil {
							t.Errorf("%d (%s): %v", test.TCID, test.Comment, err)
						}
					case "invalid":
						invalid++
						if err == nil {
							t.Errorf("%d (%s): accepted", test.TCID, test.Comment)
						}
					default:
						other++
					}
				}
			}
			if valid < set.valid || invalid < set.invalid || other > 0 || valid+invalid != vectors.NumberOfTests {
				t.Errorf("%d valid, %d invalid, %d other of %d", valid, invalid, other, vectors.NumberOfTests)
			}
		})
	}
}

func decodeHex(t *testing.T, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
