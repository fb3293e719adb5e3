package jades_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/timestamp/timestamptest"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file, in status_test.go and in stamp_test.go are each for a
// check that could be taken out without another test failing: see
// docs/mutation.md.

// shared is an authority and the key of who seals, for tests that need no others.
var shared = sync.OnceValue(func() (out struct {
	ca  authority
	key *rsa.PrivateKey
}) {
	out.ca, out.key = newAuthority(failing{}), newKey(failing{})
	return out
})

// failing is what makes a key before there is a test.
type failing struct{ testing.TB }

func (failing) Helper() {}

func (failing) Fatal(args ...any) { panic(args) }

// put puts a seal together by hand: the texts of the header that is signed and of
// the document, and what stands beside the signature.
func put(t testing.TB, key *rsa.PrivateKey, protected, payload string, beside any) map[string]any {
	t.Helper()
	sum := sha256.Sum256([]byte(protected + "." + payload))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"payload": payload, "protected": protected, "header": beside, "signature": b64(signature)}
}

// headed is a header that is signed, with members in it and the certificates.
func headed(t testing.TB, members map[string]any, chain ...*x509.Certificate) string {
	t.Helper()
	header := map[string]any{"alg": "RS256"}
	var x5c []string
	for _, c := range chain {
		x5c = append(x5c, base64.StdEncoding.EncodeToString(c.Raw))
	}
	header["x5c"] = x5c
	for name, v := range members {
		if header[name] = v; v == nil {
			delete(header, name)
		}
	}
	raw, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	return b64(raw)
}

// TestForms: both ways to write a seal, and a document in base64url.
func TestForms(t *testing.T) {
	t.Parallel()
	ca, key := shared().ca, shared().key
	cert := ca.sealer(t, key.Public(), nil)
	type members = map[string]any
	both := sealed(t, document, key, []*x509.Certificate{cert}, nil)
	both["signature"] = "AA"
	objects := sealed(t, document, key, []*x509.Certificate{cert}, nil)
	objects["signatures"] = objects["signatures"].([]any)[0]
	none := sealed(t, document, key, []*x509.Certificate{cert}, nil)
	none["signatures"] = []any{}
	whole := func(m members, beside any) members {
		return put(t, key, headed(t, m, cert), b64([]byte(document)), beside)
	}
	changed := func(name string, value any) members {
		out := whole(nil, nil)
		out[name] = value
		return out
	}
	sound := "" // base64url that ends where four letters do, so that all of it is read before what is wrong
	for pad := ""; sound == "" || len(sound)%4 != 0; pad += "x" {
		sound = headed(t, members{"x": pad}, cert)
	}
	digest := sha256.Sum256(cert.Raw)
	der := base64.StdEncoding.EncodeToString(cert.Raw)
	twelve := slices.Repeat([]string{der}, 12)
	for name, c := range map[string]struct {
		file members
		code reason.Code
		at   string // "": not told
	}{
		"the short form":               {whole(nil, nil), "", ""},
		"with the digest":              {whole(members{"x5t#S256": b64(digest[:])}, nil), "", ""},
		"base64url, and said so":       {whole(members{"b64": true}, nil), "", ""},
		"b64 a text":                   {put(t, key, headed(t, members{"b64": "no", "crit": []string{"b64"}}, cert), document, nil), jades.Malformed, "/protected/b64"},
		"no base64url":                 {put(t, key, headed(t, nil, cert), "*", nil), jades.Malformed, "/payload"},
		"both forms":                   {both, jades.Malformed, "/signatures"},
		"signatures that are no list":  {objects, "not a seal", ""},
		"signatures that are none":     {none, jades.Malformed, "/signatures"},
		"no signature":                 {changed("signature", ""), jades.Malformed, "/signature"},
		"a signature with more":        {changed("signature", whole(nil, nil)["signature"].(string)+"*"), jades.Malformed, "/signature"},
		"no header":                    {put(t, key, "", b64([]byte(document)), nil), jades.Malformed, "/protected"},
		"a header with more":           {put(t, key, sound+"====", b64([]byte(document)), nil), jades.Malformed, "/protected"},
		"a member twice":               {put(t, key, b64([]byte(`{"alg":"RS256","alg":"RS256"}`)), b64([]byte(document)), nil), jades.Malformed, "/protected"},
		"no algorithm":                 {whole(members{"alg": nil}, nil), jades.Malformed, "/protected/alg"},
		"crit of nothing":              {whole(members{"crit": []string{}}, nil), jades.Malformed, "/protected/crit"},
		"crit of a number":             {whole(members{"": 1, "crit": []any{1}}, nil), jades.Malformed, "/protected/crit"},
		"a time-stamp that is none":    {whole(members{"adoTst": members{"tstTokens": []any{members{"val": "*"}}}}, nil), jades.Malformed, "/protected/adoTst"},
		"sixteen time-stamps":          {whole(members{"adoTst": members{"tstTokens": slices.Repeat([]any{members{"val": "AA=="}}, 16)}}, nil), "", ""},
		"seventeen time-stamps":        {whole(members{"adoTst": members{"tstTokens": slices.Repeat([]any{members{"val": "AA=="}}, 17)}}, nil), jades.Malformed, "/protected/adoTst"},
		"no certificates":              {whole(members{"x5c": []string{}}, nil), jades.Malformed, "/protected/x5c"},
		"a certificate with more":      {whole(members{"x5c": []string{der + "****"}}, nil), jades.Malformed, "/protected/x5c"},
		"a certificate that is none":   {whole(members{"x5c": []string{der, "AAAA"}}, nil), jades.Malformed, "/protected/x5c"},
		"twelve certificates":          {whole(members{"x5c": twelve}, nil), "", ""},
		"thirteen certificates":        {whole(members{"x5c": append(twelve, der)}, nil), jades.Malformed, "/protected/x5c"},
		"beside, what is signed":       {whole(members{"x": 1}, members{"x": 1}), jades.Malformed, "/header"},
		"beside, b64":                  {whole(nil, members{"b64": false}), jades.Malformed, "/header"},
		"beside, a digest":             {whole(nil, members{"x5t#S256": b64(digest[:])}), jades.Malformed, "/header"},
		"beside, something else":       {whole(nil, members{"kid": "x"}), "", ""},
		"added later, no base64url":    {whole(nil, members{"etsiU": []any{"*"}}), jades.Malformed, "/header/etsiU"},
		"added later, no JSON":         {whole(nil, members{"etsiU": []any{b64([]byte("x"))}}), jades.Malformed, "/header/etsiU"},
		"added later, no time-stamp":   {whole(nil, members{"etsiU": []any{members{"sigTst": members{"tstTokens": []any{members{"val": "*"}}}}}}), jades.Malformed, "/header/etsiU/sigTst"},
		"added later, of another kind": {whole(nil, members{"etsiU": []any{b64([]byte(`{"x":1}`))}}), "", ""},
	} {
		raw, err := json.Marshal(c.file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := strictjson.ParseObject(raw, jades.Limits())
		if err != nil {
			t.Fatal(err)
		}
		if is := jades.Is(doc); is != (c.code != "not a seal") {
			t.Errorf("%s: told to be a seal: %v", name, is)
		}
		if c.code == "not a seal" {
			c.code = jades.Malformed
		}
		s, err := jades.Open(doc)
		if err == nil {
			err = s.Verify()
		}
		if reason.CodeOf(err) != c.code && (c.code != "" || err != nil) || c.at != "" && reason.AtOf(err) != c.at {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
		if err == nil && string(s.Payload) != document {
			t.Errorf("%s: %s", name, s.Payload)
		}
	}
	for text, at := range map[string]string{`{"signature":"AA"}`: "/payload", `{"payload":1,"signatures":[]}`: "/payload", `{"payload":"e30"}`: "/signature"} {
		doc, err := strictjson.ParseObject([]byte(text), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if jades.Is(doc) {
			t.Errorf("%s is told to be a seal", text)
		}
		if _, err := jades.Open(doc); reason.CodeOf(err) != jades.Malformed || reason.AtOf(err) != at {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestClaimedTime is when it was sealed, as iat says.
func TestClaimedTime(t *testing.T) {
	t.Parallel()
	ca, key := shared().ca, shared().key
	cert := ca.sealer(t, key.Public(), nil)
	for iat, want := range map[any]time.Time{1_700_000_000: time.Unix(1_700_000_000, 0), 1: time.Unix(1, 0), 1<<40 - 1: time.Unix(1<<40-1, 0), 0: {}, -1: {}, 1 << 40: {}, "x": {}} {
		s, err := open(t, put(t, key, headed(t, map[string]any{"iat": iat}, cert), b64([]byte(document)), nil))
		if err != nil {
			t.Fatal(err)
		}
		if !s.Claimed.Equal(want) {
			t.Errorf("%v: %s", iat, s.Claimed)
		}
	}
}

// TestSealerID: what is no identifier in one word does not name anybody.
func TestSealerID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{"": "x509:sha256:00", "NTRNO-1": "eidas:NTRNO-1", "NTRNO-1 x": "x509:sha256:00", "NTRNO-1\n": "x509:sha256:00"} {
		if got := (jades.Sealer{Identifier: id, Digest: "00"}).ID(); got != want {
			t.Errorf("%q: %s", id, got)
		}
	}
}

// TestAlgorithms: each with the keys that it is for, and no others.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	ca, key := shared().ca, shared().key
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve := func(c elliptic.Curve) *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	p256, p384, p521 := curve(elliptic.P256()), curve(elliptic.P384()), curve(elliptic.P521())
	less := func(s []byte) []byte { return s[:len(s)-1] }
	wrong := func(s []byte) []byte { s[len(s)-1] ^= 1; return s }
	more := func(s []byte) []byte { return append(s, 0) }
	padded := func(s []byte) []byte { return append(append([]byte{0}, s[:32]...), append([]byte{0}, s[32:]...)...) }
	for name, c := range map[string]struct {
		alg    string
		key    crypto.Signer
		change func([]byte) []byte
		want   reason.Code
	}{
		"RS256": {"RS256", key, nil, ""}, "RS384": {"RS384", key, nil, ""}, "RS512": {"RS512", key, nil, ""},
		"PS256": {"PS256", key, nil, ""}, "PS512": {"PS512", key, nil, ""},
		"ES256": {"ES256", p256, nil, ""}, "ES384": {"ES384", p384, nil, ""}, "ES512": {"ES512", p521, nil, ""},
		"a short key":                   {"RS256", short, nil, jades.Certificate},
		"RSA with a key on a curve":     {"RS256", p256, nil, jades.Algorithm},
		"another curve":                 {"ES256", p384, nil, jades.Algorithm},
		"another hash function":         {"ES384", p256, nil, jades.Algorithm},
		"a curve with an RSA key":       {"ES256", key, nil, jades.Algorithm},
		"a name with more":              {"ES2567", p256, nil, jades.Algorithm},
		"a signature with less":         {"ES256", p256, less, jades.Signature},
		"a signature with more":         {"ES256", p256, more, jades.Signature},
		"a signature off":               {"ES256", p256, wrong, jades.Signature},
		"a signature in longer numbers": {"ES256", p256, padded, jades.Signature},
		"a signature off, with PSS":     {"PS256", key, wrong, jades.Signature},
	} {
		protected := headed(t, map[string]any{"alg": c.alg}, ca.sealer(t, c.key.Public(), nil))
		file := put(t, key, protected, b64([]byte(document)), nil)
		signature := signed(t, c.alg, c.key, []byte(protected+"."+b64([]byte(document))))
		if c.change != nil {
			signature = c.change(signature)
		}
		file["signature"] = b64(signature)
		s, err := open(t, file)
		if err == nil {
			err = s.Verify()
		}
		if reason.CodeOf(err) != c.want && (c.want != "" || err != nil) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// signed is a signature as RFC 7518 has it, by any key.
func signed(t testing.TB, alg string, key crypto.Signer, message []byte) []byte {
	t.Helper()
	hash := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[alg[2:5]]
	var sum []byte
	switch hash {
	case crypto.SHA384:
		s := sha512.Sum384(message)
		sum = s[:]
	case crypto.SHA512:
		s := sha512.Sum512(message)
		sum = s[:]
	default:
		s := sha256.Sum256(message)
		sum = s[:]
	}
	if k, ok := key.(*ecdsa.PrivateKey); ok {
		r, s, err := ecdsa.Sign(rand.Reader, k, sum)
		if err != nil {
			t.Fatal(err)
		}
		size := (k.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	}
	var opts crypto.SignerOpts = hash
	if strings.HasPrefix(alg, "PS") {
		opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
	}
	out, err := key.Sign(rand.Reader, sum, opts)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestQualifiedTypes: a certificate that says what it is for, and says it in no
// way that can be read, is for nothing.
func TestQualifiedTypes(t *testing.T) {
	t.Parallel()
	ca, key := shared().ca, shared().key
	of := asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 6}
	none := timestamptest.Marshal(t, []struct {
		ID   asn1.ObjectIdentifier
		Info []asn1.ObjectIdentifier
	}{{of, nil}})
	text := timestamptest.Marshal(t, []struct {
		ID   asn1.ObjectIdentifier
		Info string
	}{{of, "x"}})
	nothing := timestamptest.Marshal(t, []struct{ ID asn1.ObjectIdentifier }{{of}})
	another := timestamptest.Marshal(t, []struct{ ID asn1.ObjectIdentifier }{{asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 1}}})
	for name, c := range map[string]struct {
		value []byte
		want  reason.Code
	}{
		"for seals":                 {qualified(2)[0].Value, ""},
		"something behind":          {append(slices.Clone(qualified(2)[0].Value), 5, 0), jades.Certificate},
		"for nothing":               {none, jades.Certificate},
		"a text":                    {text, jades.Certificate},
		"nothing said":              {nothing, jades.Certificate},
		"something else that it is": {another, ""},
	} {
		cert := ca.sealer(t, key.Public(), func(to *x509.Certificate) {
			to.CRLDistributionPoints, to.ExtraExtensions = nil, []pkix.Extension{{Id: qualified(2)[0].Id, Value: c.value}}
		})
		s, err := open(t, sealed(t, document, key, []*x509.Certificate{cert}, nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Judge(t.Context(), ca.anchors(t), now, nil); reason.CodeOf(err) != c.want && (c.want != "" || err != nil) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
