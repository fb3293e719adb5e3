//lint:file-ignore SA1019 keys that cannot be are built from their coordinates

package key

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func base58(t *testing.T, raw []byte) string {
	t.Helper()
	text, err := multibase.Encode(multibase.Base58BTC, raw)
	if err != nil {
		t.Fatal(err)
	}
	return text[1:]
}

func object(t *testing.T, text string) *strictjson.Value {
	t.Helper()
	v, err := strictjson.ParseObject([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// secp is the point of the example of the did:key method.
func secp(t *testing.T) []byte {
	t.Helper()
	public, err := ParseMultikey("zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme")
	if err != nil {
		t.Fatal(err)
	}
	return public.Secp256k1()
}

// TestCoordinatesHaveTheirLength: cut at another place, the same bytes would be
// a second JWK of one key.
func TestCoordinatesHaveTheirLength(t *testing.T) {
	t.Parallel()
	points := map[string][]byte{"secp256k1": secp(t)}
	for _, typ := range []Type{P256, P384, P521} {
		private, err := Generate(typ)
		if err != nil {
			t.Fatal(err)
		}
		if points[typ.String()], err = private.Public().Crypto().(*ecdsa.PublicKey).Bytes(); err != nil {
			t.Fatal(err)
		}
	}
	for crv, point := range points {
		size := (len(point) - 1) / 2
		for _, c := range []struct {
			kty      string
			from, to int // where y begins, and where it ends
			code     reason.Code
		}{
			{"EC", 1 + size, 1 + 2*size, ""},
			{"EC", size, 1 + 2*size, "key_invalid/length"},
			{"EC", 2 + size, 1 + 2*size, "key_invalid/length"},
			{"EC", size, 2 * size, "key_invalid/length"},
			{"EC", 1 + size, 2 * size, "key_invalid/length"},
			{"OKP", 1 + size, 1 + 2*size, "key_invalid/type"},
			{"RSA", 1 + size, 1 + 2*size, "key_invalid/jwk"},
		} {
			jwk := fmt.Sprintf(`{"kty":%q,"crv":%q,"x":%q,"y":%q}`, c.kty, crv, b64(point[1:c.from]), b64(point[c.from:c.to]))
			if _, err := ParseJWK(object(t, jwk)); reason.CodeOf(err) != c.code {
				t.Errorf("%s: %v, not %s", jwk, err, c.code)
			}
		}
		for _, lacking := range []string{"x", "y"} {
			if _, err := ParseJWK(object(t, fmt.Sprintf(`{"kty":"EC","crv":%q,%q:%q}`, crv, lacking, b64(point[1:1+size])))); reason.CodeOf(err) != "key_invalid/jwk" {
				t.Errorf("%s with %s alone: %v", crv, lacking, err)
			}
		}
	}
}

// TestRSANumbersHaveTheirLength: read as far as they fit, they would be those
// of a sound key.
func TestRSANumbersHaveTheirLength(t *testing.T) {
	t.Parallel()
	n := bytes.Repeat([]byte{0xff}, 256)
	zeros := func(k int, raw ...byte) []byte { return append(make([]byte, k), raw...) }
	for name, c := range map[string]struct {
		n, e []byte
		code reason.Code
	}{
		"sound":                     {n, []byte{1, 0, 1}, ""},
		"e of four bytes":           {n, []byte{1, 0, 0, 1}, ""},
		"e of five bytes":           {n, []byte{1, 0, 0, 0, 1}, "key_invalid/rsa-modulus"},
		"e over all that is read":   {n, append([]byte{1}, zeros(5, 1, 0, 1)...), "key_invalid/rsa-modulus"},
		"e with a zero in front":    {n, zeros(1, 1, 0, 1), ""},
		"e with two":                {n, zeros(2, 1, 0, 1), "key_invalid/jwk"},
		"e of nothing but a zero":   {n, []byte{0}, "key_invalid/rsa-exponent"},
		"e of two":                  {n, []byte{0, 0}, "key_invalid/jwk"},
		"n with a zero in front":    {zeros(1, n...), []byte{1, 0, 1}, ""},
		"n with two":                {zeros(2, n...), []byte{1, 0, 1}, "key_invalid/jwk"},
		"n with zeros a long way":   {zeros(8<<10, n...), []byte{1, 0, 1}, "key_invalid/jwk"},
		"n of nothing but a zero":   {[]byte{0}, []byte{1, 0, 1}, "key_invalid/rsa-modulus"},
		"n as long as it may be":    {bytes.Repeat(n, 4), []byte{1, 0, 1}, ""},
		"the same, a zero before":   {zeros(1, bytes.Repeat(n, 4)...), []byte{1, 0, 1}, ""},
		"n longer than it may be":   {append([]byte{1}, bytes.Repeat(n, 4)...), []byte{1, 0, 1}, "key_invalid/rsa-modulus"},
		"n that only zeros make so": {zeros(1, n[1:]...), []byte{1, 0, 1}, "key_invalid/rsa-modulus"},
	} {
		_, err := ParseJWK(object(t, fmt.Sprintf(`{"kty":"RSA","n":%q,"e":%q}`, b64(c.n), b64(c.e))))
		if reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, not %s", name, err, c.code)
		}
	}
	if _, err := ParseJWK(object(t, `{"kty":"RSA","e":"AQAB"}`)); reason.CodeOf(err) != "key_invalid/jwk" {
		t.Error(err)
	}
}

// TestOpsThatSign: a set may say of a public key what its private half is for.
func TestOpsThatSign(t *testing.T) {
	t.Parallel()
	jwk := JWK{Ops: []string{"sign"}}
	if !jwk.ForSignatures() {
		t.Error("a key that signs is not for signatures")
	}
}

func TestPointsOnSecp256k1(t *testing.T) {
	t.Parallel()
	point := secp(t)
	compressed := append([]byte{2 | point[64]&1}, point[1:33]...)
	led := func(by byte, raw []byte) []byte { return append([]byte{by}, raw[1:]...) }
	// On this x stands the point whose y is 1: there is room for y + p.
	smallX, prime := unhex(t, "1fe1e5ef3fceb5c135ab7741333ce5a6e80d68167653f6b2b24bcbcfaaaff507"), secpField().Bytes()
	one := append(make([]byte, 31), 1)
	beyond := append(bytes.Clone(prime[:31]), prime[31]+1)
	for name, c := range map[string]struct {
		raw []byte
		ok  bool
	}{
		"whole":                       {point, true},
		"compressed":                  {compressed, true},
		"the other y":                 {led(compressed[0]^1, compressed), true},
		"nothing":                     {nil, false},
		"the point at infinity":       {[]byte{0}, false},
		"compressed, marked as whole": {led(4, compressed), false},
		"compressed, marked 5":        {led(5, compressed), false},
		"whole, marked as compressed": {led(compressed[0], point), false},
		"whole, marked as both":       {led(6, point), false},
		"whole, marked 5":             {led(5, point), false},
		"whole and more":              {append(bytes.Clone(point), 0), false},
		"whole and less":              {point[:64], false},
		"y is 1":                      {slices.Concat([]byte{4}, smallX, one), true},
		"y is 1 and the field's p":    {slices.Concat([]byte{4}, smallX, beyond), false},
	} {
		public, err := fromSecp256k1(c.raw)
		if (err == nil) != c.ok || err != nil && (reason.CodeOf(err) != "key_invalid/point" || public.Type() != Unknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for text, code := range map[string]reason.Code{
		base58(t, compressed):      "",
		base58(t, point):           "key_invalid/length", // the name of a key is its compressed form
		base58(t, compressed[:32]): "key_invalid/length",
		"":                         "key_invalid/multikey",
		strings.Repeat("2", 200):   "key_invalid/multikey",
	} {
		if _, err := ParseBase58Secp256k1(text); reason.CodeOf(err) != code {
			t.Errorf("%.60q: %v, not %q", text, err, code)
		}
	}
}

// TestCanonicalY: of an encoded y nothing but all its bits together makes it
// too large.
func TestCanonicalY(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff3f",
		"efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7e",
		"effffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe",
	} {
		if _, err := FromCrypto(ed25519.PublicKey(unhex(t, text))); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestHalfAPoint(t *testing.T) {
	t.Parallel()
	for _, k := range []*ecdsa.PublicKey{{Curve: elliptic.P256(), X: big.NewInt(1)}, {Curve: elliptic.P256(), Y: big.NewInt(1)}} {
		if _, err := FromCrypto(k); reason.CodeOf(err) != "key_invalid/point" {
			t.Error(err)
		}
	}
}

// elsewhere is a key that is not in memory, such as that of a card.
type elsewhere struct{ public crypto.PublicKey }

func (e elsewhere) Public() crypto.PublicKey { return e.public }

func (e elsewhere) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the card is not there")
}

func TestKeysThatAreNotInMemory(t *testing.T) {
	t.Parallel()
	made, err := Generate(P256)
	if err != nil {
		t.Fatal(err)
	}
	private, err := FromSigner(elsewhere{made.Public().Crypto()})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := private.MarshalPEM(); text != nil || reason.CodeOf(err) != "key_invalid/pem" {
		t.Errorf("%s, %v", text, err)
	}
	if sig, err := private.Signer("").Sign(t.Context(), nil); sig != nil || reason.CodeOf(err) != "key_invalid/type" {
		t.Errorf("%x, %v", sig, err)
	}
	// One in memory that cannot sign: it has lost its number.
	lost := &ecdsa.PrivateKey{PublicKey: *made.Public().Crypto().(*ecdsa.PublicKey), D: new(big.Int)}
	if private, err = FromSigner(lost); err != nil {
		t.Fatal(err)
	}
	if sig, err := private.Signer("").Sign(t.Context(), nil); sig != nil || reason.CodeOf(err) != reason.Internal {
		t.Errorf("%x, %v", sig, err)
	}
}

// TestParsePEMTakesOneKind: what a file calls its content counts, and what is
// read is not changed.
func TestParsePEMTakesOneKind(t *testing.T) {
	t.Parallel()
	private, err := Generate(Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	text, err := private.MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	block.Type = "EC PRIVATE KEY"
	if _, err := ParsePEM(pem.EncodeToMemory(block)); reason.CodeOf(err) != "key_invalid/pem" {
		t.Error(err)
	}
	text = append(text, "\n \r\n"...)
	before := bytes.Clone(text)
	for range 2 {
		if _, err := ParsePEM(text); err != nil || !bytes.Equal(text, before) {
			t.Errorf("%v, %q", err, text)
		}
	}
}

// TestSecretsOneByOne has secrets of which one part alone is wrong.
func TestSecretsOneByOne(t *testing.T) {
	t.Parallel()
	seed := bytes.Repeat([]byte{7}, ed25519.SeedSize)
	private, err := FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	public := private.Public().Crypto().(ed25519.PublicKey)
	other, err := Generate(Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	coded := append([]byte{0x80, 0x26}, seed...)
	base64url, err := multibase.Encode(multibase.Base64url, coded)
	if err != nil {
		t.Fatal(err)
	}
	jwk := func(kty, crv, d string) string { return fmt.Sprintf(`{"kty":%q,"crv":%q,"d":%q}`, kty, crv, d) }
	good := fmt.Sprintf(`"secretKeyMultibase":"z%s"`, base58(t, coded))
	goodJWK := `"privateKeyJwk":` + jwk("OKP", "Ed25519", b64(seed))
	otherText, err := other.Public().Multikey()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		members string
		ok      bool
	}{
		"multibase":                  {good, true},
		"JWK":                        {goodJWK, true},
		"JWK under its newer name":   {`"secretKeyJwk":` + jwk("OKP", "Ed25519", b64(seed)), true},
		"JWK, another kty":           {`"secretKeyJwk":` + jwk("EC", "Ed25519", b64(seed)), false},
		"JWK, another crv":           {`"secretKeyJwk":` + jwk("OKP", "Ed448", b64(seed)), false},
		"JWK, d with public key":     {`"secretKeyJwk":` + jwk("OKP", "Ed25519", b64(slices.Concat(seed, public))), false},
		"JWK, d padded":              {`"secretKeyJwk":` + jwk("OKP", "Ed25519", b64(seed)+"="), false},
		"another base":               {`"secretKeyMultibase":"` + base64url + `"`, false},
		"no code":                    {`"secretKeyMultibase":"z` + base58(t, seed) + `"`, false},
		"empty":                      {`"secretKeyMultibase":""`, false},
		"one is none, one is good":   {`"secretKeyMultibase":"z","privateKeyMultibase":"z` + base58(t, coded) + `"`, false},
		"no base58, and a good one":  {`"privateKeyBase58":"0O",` + goodJWK, false},
		"its own key beside it":      {good + `,"publicKeyBase58":"` + base58(t, public) + `"`, true},
		"base58 beside it":           {good + `,"publicKeyBase58":"` + base58(t, other.Public().Crypto().(ed25519.PublicKey)) + `"`, false},
		"no base58 beside it":        {good + `,"publicKeyBase58":"0"`, false},
		"JWK beside it":              {good + `,"publicKeyJwk":` + string(other.Public().JWK()), false},
		"no JWK beside it":           {good + `,"publicKeyJwk":{}`, false},
		"no text beside it":          {good + `,"publicKeyMultibase":7`, false},
		"its own and another beside": {good + `,"publicKeyJwk":` + string(private.Public().JWK()) + `,"publicKeyMultibase":"` + otherText + `"`, false},
		"another behind its own":     {good + `,"publicKeyJwk":` + string(other.Public().JWK()) + `,"publicKeyBase58":"` + base58(t, public) + `"`, false},
	} {
		got, err := ParseSecret(object(t, `{`+c.members+`}`))
		if (err == nil) != c.ok || err == nil && !got.Public().Equal(private.Public()) || err != nil && reason.CodeOf(err) != "key_invalid/secret" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// TestVRFStopsWithoutNonce: no proof is made with a nonce that is none.
func TestVRFStopsWithoutNonce(t *testing.T) {
	t.Parallel()
	private, err := Generate(Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	failed := errors.New("no chance today")
	for name, nonce := range map[string]func(_, _ []byte) ([]byte, error){
		"failed": func(_, _ []byte) ([]byte, error) { return make([]byte, 64), failed },
		"short":  func(_, _ []byte) ([]byte, error) { return make([]byte, 63), nil },
	} {
		proof, err := proveVRF(private.key.(ed25519.PrivateKey), nil, nonce)
		if proof != nil || err == nil || errors.Is(err, failed) != (name == "failed") {
			t.Errorf("%s: %x, %v", name, proof, err)
		}
	}
	// What is no point has no output, whatever the proof.
	proof, err := private.ProveVRF(nil)
	if err != nil {
		t.Fatal(err)
	}
	none := ed25519.PublicKey(unhex(t, "02"+strings.Repeat("00", 31)))
	if out, err := (Public{Ed25519, none}).VerifyVRF(nil, proof); out != nil || reason.CodeOf(err) != reason.BadSignature {
		t.Errorf("%x, %v", out, err)
	}
}
