//lint:file-ignore SA1019 keys that cannot be are built from their coordinates

package key_test

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

var types = []key.Type{key.Ed25519, key.P256, key.P384, key.P521, key.RSA}

func parse(t testing.TB, text string) *strictjson.Value {
	t.Helper()
	v, err := strictjson.Parse([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func generate(t testing.TB, typ key.Type) *key.Private {
	t.Helper()
	private, err := key.Generate(typ)
	if err != nil {
		t.Fatal(err)
	}
	return private
}

// readsBack holds that every form of a public key reads as the same key.
func readsBack(t testing.TB, public key.Public) {
	t.Helper()
	if public.Type() == key.BLS12381G2 {
		if public.JWK() != nil || public.Thumbprint() != "" {
			t.Errorf("a BLS12-381 key is %s", public.JWK())
		}
		return
	}
	jwk, err := key.ParseJWK(parse(t, string(public.JWK())))
	if err != nil || !jwk.Public.Equal(public) || jwk.Public.Type() != public.Type() || !jwk.ForSignatures() {
		t.Errorf("%s: %v", public.JWK(), err)
	}
	if again := jwk.Public.JWK(); string(again) != string(public.JWK()) {
		t.Errorf("%s is written as %s", public.JWK(), again)
	}
	text, err := public.Multikey()
	if public.Type() == key.RSA {
		if reason.CodeOf(err) != "key_invalid/type" {
			t.Errorf("an RSA key has the Multikey %q, %v", text, err)
		}
		return
	}
	if err != nil {
		t.Error(err)
	}
	again, err := key.ParseMultikey(text)
	if err != nil || !again.Equal(public) {
		t.Errorf("%s: %v", text, err)
	}
	if text2, err := again.Multikey(); err != nil || text2 != text {
		t.Errorf("%s is written as %s, %v", text, text2, err)
	}
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for _, typ := range types {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			private := generate(t, typ)
			if private.Public().Type() != typ {
				t.Fatal(private.Public().Type())
			}
			readsBack(t, private.Public())
			if again, err := key.FromCrypto(private.Public().Crypto()); err != nil || !again.Equal(private.Public()) {
				t.Error(err)
			}
			text, err := private.MarshalPEM()
			if err != nil {
				t.Fatal(err)
			}
			read, err := key.ParsePEM(text)
			if err != nil || !read.Public().Equal(private.Public()) {
				t.Fatal(err)
			}
			msg := []byte("melding")
			sig, err := read.Signer("did:example:1#k").Sign(t.Context(), msg)
			if err != nil {
				t.Fatal(err)
			}
			if err := private.Public().Verify(msg, sig); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSignaturesThatDoNotMatch changes each part in turn.
func TestSignaturesThatDoNotMatch(t *testing.T) {
	t.Parallel()
	for _, typ := range types {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			private := generate(t, typ)
			signer := private.Signer("did:example:1#k")
			if signer.ID() != "did:example:1#k" || !signer.Public().Equal(private.Public()) {
				t.Error(signer.ID())
			}
			msg := []byte("melding")
			sig, err := signer.Sign(t.Context(), msg)
			if err != nil {
				t.Fatal(err)
			}
			if err := private.Public().Verify(msg, sig); err != nil {
				t.Fatal(err)
			}
			flipped := append([]byte(nil), sig...)
			flipped[len(flipped)/2] ^= 1
			for name, c := range map[string]struct {
				public   key.Public
				msg, sig []byte
			}{
				"another message":     {private.Public(), []byte("Melding"), sig},
				"a bit is flipped":    {private.Public(), msg, flipped},
				"too short":           {private.Public(), msg, sig[:len(sig)-1]},
				"too long":            {private.Public(), msg, append(append([]byte(nil), sig...), 0)},
				"empty":               {private.Public(), msg, nil},
				"a zero before s":     {private.Public(), msg, slices.Concat(sig[:len(sig)/2], []byte{0}, sig[len(sig)/2:])},
				"a zero before all":   {private.Public(), msg, slices.Concat([]byte{0}, sig)},
				"all zero":            {private.Public(), msg, make([]byte, len(sig))},
				"another key":         {generate(t, typ).Public(), msg, sig},
				"a key of other type": {generate(t, key.Ed25519).Public(), msg, append(append([]byte(nil), sig...), 0)},
				"no key":              {key.Public{}, msg, sig},
			} {
				if err := c.public.Verify(c.msg, c.sig); reason.CodeOf(err) != reason.BadSignature {
					t.Errorf("%s: %v", name, err)
				}
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if sig, err := signer.Sign(ctx, msg); reason.CodeOf(err) != reason.Canceled || sig != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("after the end: %x %v", sig, err)
			}
		})
	}
}

// TestECDSAFormIsFixed: the ASN.1 form that other systems use is not taken.
func TestECDSAFormIsFixed(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.FromCrypto(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	digest := make([]byte, 32)
	asn1, err := ecdsa.SignASN1(rand.Reader, private, digest)
	if err != nil {
		t.Fatal(err)
	}
	if public.Verify(nil, asn1) == nil {
		t.Error("ASN.1 is taken")
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	a, b, c := generate(t, key.Ed25519).Public(), generate(t, key.Ed25519).Public(), generate(t, key.P256).Public()
	var zero key.Public
	for n, pair := range [][2]key.Public{{a, b}, {a, c}, {c, a}, {a, zero}, {zero, a}, {zero, zero}} {
		if pair[0].Equal(pair[1]) {
			t.Errorf("pair %d is equal", n)
		}
	}
	if !a.Equal(a) || !c.Equal(c) {
		t.Error("a key is not equal to itself")
	}
	if zero.Type() != key.Unknown || zero.JWK() != nil || zero.Crypto() != nil {
		t.Error("the zero value is a key")
	}
	if _, err := zero.Multikey(); reason.CodeOf(err) != "key_invalid/type" {
		t.Error(err)
	}
}

// TestThumbprint is the example of RFC 7638 section 3.1 and that of RFC 8037
// appendix A.3.
func TestThumbprint(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
		`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
	} {
		jwk, err := key.ParseJWK(parse(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if got := jwk.Public.Thumbprint(); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

// TestZeroInFrontOfRSANumbers: what some libraries write in front of a number
// makes no other key of it, and gives it no other name.
func TestZeroInFrontOfRSANumbers(t *testing.T) {
	t.Parallel()
	want := generate(t, key.RSA).Public()
	public := want.Crypto().(*rsa.PublicKey)
	n, e := public.N.Bytes(), big.NewInt(int64(public.E)).Bytes()
	written := func(zeroN, zeroE []byte) string {
		b64 := base64.RawURLEncoding.EncodeToString
		return `{"e":"` + b64(append(zeroE, e...)) + `","kty":"RSA","n":"` + b64(append(zeroN, n...)) + `"}`
	}
	for name, text := range map[string]string{
		"as it should be": written(nil, nil), "n as Java writes it": written([]byte{0}, nil),
		"e in four bytes": written(nil, []byte{0}), "both": written([]byte{0}, []byte{0}),
	} {
		jwk, err := key.ParseJWK(parse(t, text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := jwk.Public
		if !got.Equal(want) || !want.Equal(got) || got.Thumbprint() != want.Thumbprint() || string(got.JWK()) != written(nil, nil) {
			t.Errorf("%s: %s is not %s", name, got.JWK(), want.JWK())
		}
	}
}

func TestFromCryptoRefuses(t *testing.T) {
	t.Parallel()
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	odd := func(bits uint, add int64) *big.Int {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		return n.Add(n, big.NewInt(add))
	}
	hexed := func(s string) ed25519.PublicKey { return decodeHex(t, s) }
	for name, c := range map[string]struct {
		public any
		code   reason.Code
	}{
		"no ECDSA key":        {(*ecdsa.PublicKey)(nil), "key_invalid/point"},
		"no RSA key":          {(*rsa.PublicKey)(nil), "key_invalid/rsa-modulus"},
		"nothing":             {nil, "key_invalid/type"},
		"bytes":               {make([]byte, 32), "key_invalid/type"},
		"P-224":               {p224.Public(), "key_invalid/curve"},
		"no curve":            {&ecdsa.PublicKey{X: big.NewInt(1), Y: big.NewInt(1)}, "key_invalid/curve"},
		"no point":            {&ecdsa.PublicKey{Curve: elliptic.P256()}, "key_invalid/point"},
		"off the curve":       {&ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)}, "key_invalid/point"},
		"infinity":            {&ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int), Y: new(big.Int)}, "key_invalid/point"},
		"Ed25519 of 31 bytes": {make(ed25519.PublicKey, 31), "key_invalid/length"},
		"Ed25519 of 33 bytes": {make(ed25519.PublicKey, 33), "key_invalid/length"},
		"Ed25519, none":       {ed25519.PublicKey(nil), "key_invalid/length"},
		// The points of small order, and forms that are not canonical.
		"order 4":                           {make(ed25519.PublicKey, 32), "key_invalid/small-order"},
		"identity":                          {hexed("0100000000000000000000000000000000000000000000000000000000000000"), "key_invalid/small-order"},
		"order 2":                           {hexed("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), "key_invalid/small-order"},
		"order 4, other":                    {hexed("0000000000000000000000000000000000000000000000000000000000000080"), "key_invalid/small-order"},
		"order 8, a":                        {hexed("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "key_invalid/small-order"},
		"order 8, b":                        {hexed("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "key_invalid/small-order"},
		"not canonical, identity with sign": {hexed("0100000000000000000000000000000000000000000000000000000000000080"), "key_invalid/small-order"},
		"not canonical, p":                  {hexed("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), "key_invalid/point"},
		"not canonical, p+1":                {hexed("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), "key_invalid/point"},
		"not on the curve":                  {hexed("0200000000000000000000000000000000000000000000000000000000000000"), "key_invalid/point"},
		"RSA without modulus":               {&rsa.PublicKey{E: 65537}, "key_invalid/rsa-modulus"},
		"RSA of 2047 bits":                  {&rsa.PublicKey{N: odd(2047, 1), E: 65537}, "key_invalid/rsa-modulus"},
		"RSA of 8193 bits":                  {&rsa.PublicKey{N: odd(8193, 1), E: 65537}, "key_invalid/rsa-modulus"},
		"RSA, even":                         {&rsa.PublicKey{N: odd(2048, 2), E: 65537}, "key_invalid/rsa-modulus"},
		"RSA, negative":                     {&rsa.PublicKey{N: new(big.Int).Neg(odd(2048, 1)), E: 65537}, "key_invalid/rsa-modulus"},
		"RSA, e 1":                          {&rsa.PublicKey{N: odd(2048, 1), E: 1}, "key_invalid/rsa-exponent"},
		"RSA, e 3":                          {&rsa.PublicKey{N: odd(2048, 1), E: 3}, "key_invalid/rsa-exponent"},
		"RSA, e even":                       {&rsa.PublicKey{N: odd(2048, 1), E: 65538}, "key_invalid/rsa-exponent"},
		"RSA, e large":                      {&rsa.PublicKey{N: odd(2048, 1), E: 1<<31 + 1}, "key_invalid/rsa-exponent"},
	} {
		if public, err := key.FromCrypto(c.public); reason.CodeOf(err) != c.code || public.Type() != key.Unknown {
			t.Errorf("%s: %v, not %s", name, err, c.code)
		}
	}
}

func TestParseJWKRefuses(t *testing.T) {
	t.Parallel()
	const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	const px, py = "04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY", "UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw"
	large := base64.RawURLEncoding.EncodeToString(append([]byte{0xff}, make([]byte, 4095)...))
	for name, c := range map[string]struct {
		text string
		code reason.Code
	}{
		"a string":            {`"x"`, "key_invalid/jwk"},
		"a list":              {`[{"kty":"OKP","crv":"Ed25519","x":"` + x + `"}]`, "key_invalid/jwk"},
		"empty":               {`{}`, "key_invalid/type"},
		"private OKP":         {`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","d":"` + x + `"}`, "key_invalid/private"},
		"private, null":       {`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","d":null}`, "key_invalid/private"},
		"private RSA":         {`{"kty":"RSA","n":"AQAB","e":"AQAB","p":"AQAB"}`, "key_invalid/private"},
		"symmetric":           {`{"kty":"oct","k":"` + x + `"}`, "key_invalid/private"},
		"symmetric, no k":     {`{"kty":"oct"}`, "key_invalid/symmetric"},
		"kty missing":         {`{"crv":"Ed25519","x":"` + x + `"}`, "key_invalid/type"},
		"kty other case":      {`{"kty":"okp","crv":"Ed25519","x":"` + x + `"}`, "key_invalid/type"},
		"X25519":              {`{"kty":"OKP","crv":"X25519","x":"` + x + `"}`, "key_invalid/type"},
		"Ed448":               {`{"kty":"OKP","crv":"Ed448","x":"` + x + `"}`, "key_invalid/type"},
		"secp256k1":           {`{"kty":"EC","crv":"secp256k1","x":"` + px + `","y":"` + py + `"}`, "key_invalid/point"},
		"P-521, short":        {`{"kty":"EC","crv":"P-521","x":"` + px + `","y":"` + py + `"}`, "key_invalid/length"},
		"P-521 off the curve": {`{"kty":"EC","crv":"P-521","x":"` + strings.Repeat("A", 88) + `","y":"` + strings.Repeat("A", 88) + `"}`, "key_invalid/point"},
		"P-521 not reduced":   {`{"kty":"EC","crv":"P-521","x":"` + strings.Repeat("_", 88) + `","y":"` + strings.Repeat("A", 88) + `"}`, "key_invalid/point"},
		"P-521K1":             {`{"kty":"EC","crv":"P-521K1","x":"` + px + `","y":"` + py + `"}`, "key_invalid/type"},
		"crv is a number":     {`{"kty":"EC","crv":256,"x":"` + px + `","y":"` + py + `"}`, "key_invalid/type"},
		"x missing":           {`{"kty":"OKP","crv":"Ed25519"}`, "key_invalid/jwk"},
		"x empty":             {`{"kty":"OKP","crv":"Ed25519","x":""}`, "key_invalid/jwk"},
		"x padded":            {`{"kty":"OKP","crv":"Ed25519","x":"` + x + `="}`, "key_invalid/jwk"},
		"x with line break":   {`{"kty":"OKP","crv":"Ed25519","x":"` + x[:20] + `\n` + x[20:] + `"}`, "key_invalid/jwk"},
		"x of other alphabet": {`{"kty":"OKP","crv":"Ed25519","x":"` + strings.ReplaceAll(x, "_", "/") + `"}`, "key_invalid/jwk"},
		"x with loose bits":   {`{"kty":"OKP","crv":"Ed25519","x":"` + x[:42] + `p"}`, "key_invalid/jwk"},
		"x short":             {`{"kty":"OKP","crv":"Ed25519","x":"` + x[:40] + `"}`, "key_invalid/length"},
		"x is a list":         {`{"kty":"OKP","crv":"Ed25519","x":["` + x + `"]}`, "key_invalid/jwk"},
		"y missing":           {`{"kty":"EC","crv":"P-256","x":"` + px + `"}`, "key_invalid/jwk"},
		"off the curve":       {`{"kty":"EC","crv":"P-256","x":"` + px + `","y":"` + px + `"}`, "key_invalid/point"},
		"x and y swapped":     {`{"kty":"EC","crv":"P-256","x":"` + py + `","y":"` + px + `"}`, "key_invalid/point"},
		"P-256 as P-384":      {`{"kty":"EC","crv":"P-384","x":"` + px + `","y":"` + py + `"}`, "key_invalid/length"},
		"leading zero":        {`{"kty":"EC","crv":"P-256","x":"AA` + px + `","y":"` + py + `"}`, "key_invalid/jwk"},
		"RSA short":           {`{"kty":"RSA","n":"AQAB","e":"AQAB"}`, "key_invalid/rsa-modulus"},
		"RSA long":            {`{"kty":"RSA","n":"` + large + `","e":"AQAB"}`, "key_invalid/rsa-modulus"},
		"RSA without e":       {`{"kty":"RSA","n":"AQAB"}`, "key_invalid/jwk"},
		"RSA, e of 5 bytes":   {`{"kty":"RSA","n":"AQAB","e":"AQABAQE"}`, "key_invalid/rsa-modulus"},
		"kid is a number":     {`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","kid":1}`, "key_invalid/jwk"},
		"use is a list":       {`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","use":["sig"]}`, "key_invalid/jwk"},
		"alg is null":         {`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","alg":null}`, "key_invalid/jwk"},
		"key_ops is a string": {`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","key_ops":"encrypt"}`, "key_invalid/jwk"},
		"key_ops of numbers":  {`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","key_ops":[1]}`, "key_invalid/jwk"},
	} {
		if _, err := key.ParseJWK(parse(t, c.text)); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v (%s), not %s", name, err, reason.CodeOf(err), c.code)
		}
	}
}

func TestForSignatures(t *testing.T) {
	t.Parallel()
	for more, want := range map[string]bool{
		``:                               true,
		`,"use":"sig"`:                   true,
		`,"use":"enc"`:                   false,
		`,"use":"SIG"`:                   false,
		`,"key_ops":["verify"]`:          true,
		`,"key_ops":["deriveBits"]`:      false,
		`,"key_ops":[]`:                  false,
		`,"alg":"EdDSA"`:                 true,
		`,"alg":"Ed25519"`:               true,
		`,"alg":"ES256"`:                 false,
		`,"alg":"HS256"`:                 false,
		`,"alg":"none"`:                  false,
		`,"use":"sig","key_ops":["enc"]`: false,
	} {
		jwk, err := key.ParseJWK(parse(t, `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`+more+`}`))
		if err != nil || jwk.ForSignatures() != want {
			t.Errorf("%s: %t, %v", more, jwk.ForSignatures(), err)
		}
	}
}

// TestWycheproofKeys holds that no key of a set that Wycheproof marks as bad
// verifies signatures here.
func TestWycheproofKeys(t *testing.T) {
	t.Parallel()
	var vectors struct {
		TestGroups []struct {
			Public, Private json.RawMessage
			Comment         string
			Tests           []struct{ Comment, Result string }
		}
	}
	if err := json.Unmarshal(testcorpus.Read(t, "wycheproof/json_web_key_test.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	bad := map[string]bool{
		"rejectsWrongUse": true, "rejectsKeyWithRocaVulnerability": true, "rejects1024bitRsaKey": true,
		"rejectsPublicExponent1": true, "mismatchedAlgAndCurve": true, "key_too_short": true, "empty_key": true,
		"long_key": true, "rejectsAesKey": true, // symmetric, so bad here too
	}
	looked := 0
	for _, group := range vectors.TestGroups {
		name := group.Tests[0].Comment
		if !bad[name] {
			continue
		}
		set := group.Public
		if set == nil {
			set = group.Private
		}
		for _, v := range parse(t, string(set)).Get("keys").Items() {
			looked++
			if jwk, err := key.ParseJWK(v); err == nil && jwk.ForSignatures() {
				t.Errorf("%s: accepted", name)
			}
		}
	}
	if looked < 12 {
		t.Errorf("%d keys", looked)
	}
}

func TestParsePEMRefuses(t *testing.T) {
	t.Parallel()
	good, err := generate(t, key.Ed25519).MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	pkcs8 := func(k any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	x25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text []byte
		code reason.Code
	}{
		"empty":        {nil, "key_invalid/pem"},
		"other text":   {[]byte("hello"), "key_invalid/pem"},
		"a public key": {pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte{1}}), "key_invalid/pem"},
		"encrypted":    {pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte{1}}), "key_invalid/pem"},
		"not a key":    {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}), "key_invalid/pem"},
		"cut":          {good[:len(good)/2], "key_invalid/pem"},
		"two keys":     {append(append([]byte(nil), good...), good...), "key_invalid/pem"},
		"text behind":  {append(append([]byte(nil), good...), "x"...), "key_invalid/pem"},
		"X25519":       {pkcs8(x25519), "key_invalid/not-a-signing-key"},
		"P-224":        {pkcs8(p224), "key_invalid/curve"},
	} {
		if _, err := key.ParsePEM(c.text); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, not %s", name, err, c.code)
		}
	}
	if _, err := key.ParsePEM(append(append([]byte(nil), good...), "\r\n \n"...)); err != nil {
		t.Error("white space behind the key:", err)
	}
}

func TestGenerateAndSeedRefuse(t *testing.T) {
	t.Parallel()
	if _, err := key.Generate(key.Unknown); reason.CodeOf(err) != "key_invalid/type" {
		t.Error(err)
	}
	for _, n := range []int{0, 31, 33, 64} {
		if _, err := key.FromSeed(make([]byte, n)); reason.CodeOf(err) != "key_invalid/length" {
			t.Error(n, err)
		}
	}
}

// TestFromSeed is test 1 of RFC 8032 section 7.1.
func TestFromSeed(t *testing.T) {
	t.Parallel()
	private, err := key.FromSeed(decodeHex(t, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
	if err != nil {
		t.Fatal(err)
	}
	if got := private.Public().Crypto().(ed25519.PublicKey); fmt.Sprintf("%x", []byte(got)) != "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" {
		t.Errorf("%x", got)
	}
	sig, err := private.Signer("").Sign(t.Context(), nil)
	if want := "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"; err != nil || fmt.Sprintf("%x", sig) != want {
		t.Errorf("%x %v", sig, err)
	}
}

// TestPrivateDoesNotPrintItself, with any verb and inside of other things.
func TestPrivateDoesNotPrintItself(t *testing.T) {
	t.Parallel()
	private := generate(t, key.P256)
	d := private.Signer("id")
	for _, text := range []string{
		fmt.Sprint(private), fmt.Sprintf("%+v", private), fmt.Sprintf("%#v", private), fmt.Sprintf("%x", private), fmt.Sprintf("%d", private),
		fmt.Sprintf("%+v", d), fmt.Sprintf("%#v", d), fmt.Sprintf("%+v", struct{ K *key.Private }{private}),
	} {
		if !strings.Contains(text, "private P-256 key") || len(text) > 60 {
			t.Errorf("prints as %.80q", text)
		}
	}
	//lint:ignore SA9005 that nothing comes out is what is tested
	if text, err := json.Marshal(private); err != nil || string(text) != "{}" {
		t.Errorf("%s %v", text, err)
	}
}

func TestTypeString(t *testing.T) {
	t.Parallel()
	for typ, want := range map[key.Type]string{key.Unknown: "unknown", key.Ed25519: "Ed25519", key.P256: "P-256", key.P384: "P-384", key.P521: "P-521", key.RSA: "RSA", 99: "unknown"} {
		if typ.String() != want {
			t.Errorf("%d is %s", typ, typ)
		}
	}
}
