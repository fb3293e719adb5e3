package jose_test

import (
	"context"
	"encoding/base64"
	"os"
	"strings"
	"testing"
	"time"

	gojose "github.com/go-jose/go-jose/v4"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testdepth"
	"github.com/kompetansebevis/bevis/reason"
)

var set = proof.Set{jose.VC(), jose.VP(), jose.OpenBadge()}

type oneKey struct{ signer key.Signer }

func (k oneKey) Key(_ context.Context, method string, _ proof.Purpose) (proof.Key, error) {
	if method != k.signer.ID() {
		return proof.Key{}, reason.New("key_invalid/unknown-key", method, "no such key")
	}
	return proof.Key{Public: k.signer.Public(), ID: method}, nil
}

// newSigner makes a key; of RSA it is a fixed one, since making those takes
// seconds.
func newSigner(t testing.TB, kind key.Type) key.Signer {
	t.Helper()
	return signerOf(t, kind, "testdata/rsa-1.pem")
}

// otherSigner makes a key that newSigner has not made.
func otherSigner(t testing.TB, kind key.Type) key.Signer {
	t.Helper()
	return signerOf(t, kind, "testdata/rsa-2.pem")
}

func signerOf(t testing.TB, kind key.Type, rsa string) key.Signer {
	t.Helper()
	private, err := privateKey(kind, rsa)
	if err != nil {
		t.Fatal(err)
	}
	_, method := did.JWKID(private.Public())
	return private.Signer(method)
}

func privateKey(kind key.Type, rsa string) (*key.Private, error) {
	if kind != key.RSA {
		return key.Generate(kind)
	}
	text, err := os.ReadFile(rsa)
	if err != nil {
		return nil, err
	}
	return key.ParsePEM(text)
}

const badge = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"id":"urn:uuid:5","type":["VerifiableCredential","OpenBadgeCredential"],"issuer":{"id":"did:example:issuer","type":["Profile"]},"validFrom":"2026-01-01T00:00:00Z","validUntil":"2030-01-01T00:00:00Z","credentialSubject":{"id":"did:example:kari","type":["AchievementSubject"]} }`

const presentation = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"did:example:kari","verifiableCredential":[]}`

func verify(t testing.TB, token []byte, signer key.Signer) (*proof.Secured, error) {
	t.Helper()
	in, err := proof.Read(token, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	secured, err := set.Open(in)
	if err != nil {
		return nil, err
	}
	_, err = set.Verify(t.Context(), secured[0], oneKey{signer})
	return secured[0], err
}

func TestRoundTripAndTampering(t *testing.T) {
	t.Parallel()
	oneIn := testdepth.OneIn(t, 7) // where verifying takes long
	for _, kind := range []key.Type{key.Ed25519, key.P256, key.P384, key.P521, key.RSA} {
		signer, step := newSigner(t, kind), 1
		if kind == key.P384 || kind == key.P521 {
			step = oneIn
		}
		for _, suite := range set {
			document, p := badge, proof.Params{Purpose: proof.AssertionMethod}
			if suite.ID() == jose.VPJWT {
				document = presentation
				p = proof.Params{Purpose: proof.Authentication, Challenge: "n", Domains: []string{"https://a.example"}, Created: time.Unix(1780315195, 0), Expires: time.Unix(1780318795, 0)}
			}
			token, err := suite.Sign(t.Context(), []byte(document), signer, p)
			if err != nil {
				t.Fatalf("%s %s: %v", suite.ID(), kind, err)
			}
			s, err := verify(t, token, signer)
			if err != nil || s.Suite != suite.ID() {
				t.Fatalf("%s %s: %v", suite.ID(), kind, err)
			}
			if suite.ID() == jose.VPJWT && (s.Challenge != "n" || s.Domains[0] != "https://a.example" || s.Expires.Unix() != 1780318795) {
				t.Errorf("%+v", s)
			}
			if kind == key.RSA {
				continue // its tokens are long and no different
			}
			for i := 0; i < len(token); i += step {
				changed := append([]byte(nil), token...)
				changed[i] ^= 1
				if _, err := verify(t, changed, signer); err == nil {
					t.Errorf("%s %s: byte %d can be changed", suite.ID(), kind, i)
				}
			}
			if _, err := verify(t, token, otherSigner(t, kind)); err == nil {
				t.Errorf("%s %s: another key verifies it", suite.ID(), kind)
			}
		}
	}
}

var b64 = base64.RawURLEncoding

// token signs a header and a payload as they are.
func token(t testing.TB, signer key.Signer, header, payload string) string {
	t.Helper()
	signed := b64.EncodeToString([]byte(strings.ReplaceAll(header, "KID", signer.ID()))) + "." + b64.EncodeToString([]byte(payload))
	signature, err := signer.Sign(t.Context(), []byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + b64.EncodeToString(signature)
}

const header = `{"alg":"EdDSA","kid":"KID","typ":"vc+jwt"}`

func TestRefuses(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	p256 := newSigner(t, key.P256)
	good := token(t, signer, header, badge)
	if _, err := verify(t, []byte(good), signer); err != nil {
		t.Fatal(err)
	}
	head := func(old, new string) string { return token(t, signer, strings.Replace(header, old, new, 1), badge) }
	body := func(old, new string) string { return token(t, signer, header, strings.Replace(badge, old, new, 1)) }
	typed := func(typ, payload string) string {
		return token(t, signer, strings.Replace(header, "vc+jwt", typ, 1), payload)
	}
	spare := good[:len(good)-1] + string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", good[len(good)-1])|1])
	for name, tt := range map[string]struct {
		token string
		code  reason.Code
	}{
		"alg none":             {head("EdDSA", "none"), "unsupported_alg/alg"},
		"alg None, unsigned":   {good[:strings.LastIndexByte(head("EdDSA", "None"), '.')+1], reason.Malformed},
		"alg HS256":            {head("EdDSA", "HS256"), "unsupported_alg/alg"},
		"alg missing":          {head(`"alg":"EdDSA",`, ``), "unsupported_alg/alg"},
		"alg twice":            {head(`"alg":"EdDSA"`, `"alg":"none","alg":"EdDSA"`), reason.MalformedDuplicateMember},
		"alg of another key":   {head("EdDSA", "ES256"), "unsupported_alg/key-mismatch"},
		"crit":                 {head(`"alg"`, `"crit":["exp"],"alg"`), "unsupported_alg/crit"},
		"crit empty":           {head(`"alg"`, `"crit":[],"alg"`), "unsupported_alg/crit"},
		"b64":                  {head(`"alg"`, `"b64":false,"alg"`), "unsupported_alg/crit"},
		"jwk":                  {head(`"alg"`, `"jwk":{},"alg"`), "key_invalid/key-in-header"},
		"jku":                  {head(`"alg"`, `"jku":"https://evil.example","alg"`), "key_invalid/key-address"},
		"x5u":                  {head(`"alg"`, `"x5u":"http://169.254.169.254/","alg"`), "key_invalid/key-address"},
		"unknown header":       {head(`"alg"`, `"zip":"DEF","alg"`), "unsupported_alg/header"},
		"kid missing":          {head(`"kid":"KID",`, ``), "key_invalid/no-kid"},
		"kid number":           {head(`"KID"`, `7`), "malformed/header"},
		"kid path":             {head(`KID`, `../../etc/passwd`), "key_invalid/verification-method"},
		"typ kb+jwt":           {head("vc+jwt", "kb+jwt"), "wrong_type/typ"},
		"typ at+jwt":           {head("vc+jwt", "at+jwt"), "wrong_type/typ"},
		"typ vp+jwt":           {head("vc+jwt", "vp+jwt"), "wrong_type/payload"},
		"presentation":         {typed("vc+jwt", presentation), "wrong_type/payload"},
		"no credential":        {typed("vc+jwt", `{"sub":"x"}`), "wrong_type/payload"},
		"vc claim too":         {body(`"id":"urn:uuid:5"`, `"vc":{},"id":"urn:uuid:5"`), "malformed/vc-claim"},
		"iss differs":          {body(`"id":"urn:uuid:5"`, `"iss":"did:example:other","id":"urn:uuid:5"`), "issuer_mismatch/iss"},
		"iss differs, above":   {head(`"alg"`, `"iss":"did:example:other","alg"`), "issuer_mismatch/iss"},
		"iss array":            {body(`"id":"urn:uuid:5"`, `"iss":["did:example:issuer"],"id":"urn:uuid:5"`), reason.MalformedClaims},
		"sub differs":          {body(`"id":"urn:uuid:5"`, `"sub":"did:example:other","id":"urn:uuid:5"`), "holder_mismatch/sub"},
		"jti differs":          {body(`"id":"urn:uuid:5"`, `"jti":"urn:uuid:6","id":"urn:uuid:5"`), "malformed/jti"},
		"exp text":             {body(`"id":"urn:uuid:5"`, `"exp":"2030","id":"urn:uuid:5"`), reason.MalformedClaims},
		"exp null":             {body(`"id":"urn:uuid:5"`, `"exp":null,"id":"urn:uuid:5"`), reason.MalformedClaims},
		"exp negative":         {body(`"id":"urn:uuid:5"`, `"exp":-1,"id":"urn:uuid:5"`), reason.MalformedClaims},
		"exp huge":             {body(`"id":"urn:uuid:5"`, `"exp":1e300,"id":"urn:uuid:5"`), reason.MalformedClaims},
		"issuer twice":         {body(`"id":"urn:uuid:5"`, `"issuer":"x","id":"urn:uuid:5"`), reason.MalformedDuplicateMember},
		"padding":              {good + "=", reason.MalformedBase64},
		"line break":           {good[:40] + "\n" + good[40:], reason.MalformedBase64},
		"spare bits":           {spare, reason.MalformedBase64},
		"no signature":         {good[:strings.LastIndexByte(good, '.')+1], reason.BadSignature},
		"two parts":            {good[:strings.LastIndexByte(good, '.')], reason.MalformedJWS},
		"four parts":           {good + ".x", reason.MalformedJWS},
		"encrypted":            {good + ".x.y", "unsupported_alg/encrypted"},
		"dots":                 {"eyJ" + strings.Repeat(".", 1<<19), reason.MalformedJWS},
		"DER signature":        {token(t, derSigner{p256}, strings.Replace(header, "EdDSA", "ES256", 1), badge), reason.BadSignature},
		"JSON form":            {`{"payload":"x","signatures":[]}`, "malformed/jws-json"},
		"header not JSON":      {b64.EncodeToString([]byte(`{"a"`)) + ".e30.e30", reason.MalformedJWS},
		"selective disclosure": {good + "~", "unsupported_alg/suite"},
	} {
		s := signer
		if name == "DER signature" {
			s = derSigner{p256}
		}
		if _, err := verify(t, []byte(tt.token), s); reason.CodeOf(err) != tt.code && reason.CodeOf(err).Coarse() != string(tt.code) {
			t.Errorf("%s: %s (%v), want %s", name, reason.CodeOf(err), err, tt.code)
		}
	}
}

// derSigner signs with a signature in ASN.1's shape and length.
type derSigner struct{ key.Signer }

func (s derSigner) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	raw, err := s.Signer.Sign(ctx, msg)
	if err != nil {
		return nil, err
	}
	return append([]byte{0x30, 0x44, 0x02, 0x20}, append(raw[:32:32], append([]byte{0x02, 0x20}, raw[32:]...)...)...), nil
}

// TestDataModel11 reads the form of Open Badges with the claim vc.
func TestDataModel11(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.RSA)
	text := token(t, signer, `{"alg":"RS256","kid":"KID","typ":"JWT"}`, `{"iss":"https://i.example","sub":"did:example:kari","jti":"urn:x","nbf":1262304000,"exp":1893456000,"vc":{"@context":["https://www.w3.org/2018/credentials/v1"],"type":["VerifiableCredential"],"credentialSubject":{"type":"AchievementSubject"}}}`)
	s, err := verify(t, []byte(text), signer)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(s.Document.AppendJSON(nil)); !strings.Contains(got, `"issuer":"https://i.example"`) || !strings.Contains(got, `"id":"did:example:kari"`) || !strings.Contains(got, `"issuanceDate":"2010-01-01T00:00:00Z"`) || !strings.Contains(got, `"expirationDate":"2030-01-01T00:00:00Z"`) {
		t.Error(got)
	}
}

// TestClaimsAndMembers: of what a token says twice, both must agree; and what it
// says once is where the data model has it.
func TestClaimsAndMembers(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	const begin, issued, v1 = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"]`, `"iss":"did:x:i"`, `{"@context":["https://www.w3.org/2018/credentials/v1"],"type":["VerifiableCredential"]`
	for name, c := range map[string]struct {
		claims, vc string
		want       string // of the document
		code       reason.Code
	}{
		"nothing but the issuer":      {issued, begin + `}`, begin + `,"issuer":"did:x:i"}`, ""},
		"an id":                       {issued + `,"jti":"urn:a"`, begin + `}`, begin + `,"id":"urn:a","issuer":"did:x:i"}`, ""},
		"the same id":                 {issued + `,"jti":"urn:a"`, begin + `,"id":"urn:a"}`, begin + `,"id":"urn:a","issuer":"did:x:i"}`, ""},
		"another id":                  {issued + `,"jti":"urn:a"`, begin + `,"id":"urn:b"}`, "", "malformed/jti"},
		"an id that is a number":      {issued + `,"jti":7`, begin + `}`, "", reason.MalformedClaims},
		"the same issuer":             {issued, begin + `,"issuer":{"id":"did:x:i"}}`, begin + `,"issuer":{"id":"did:x:i"}}`, ""},
		"an issuer of no id":          {issued, begin + `,"issuer":{"name":"n"}}`, begin + `,"issuer":{"name":"n","id":"did:x:i"}}`, ""},
		"another issuer":              {issued, begin + `,"issuer":{"id":"did:x:j"}}`, "", "issuer_mismatch/iss"},
		"a subject":                   {issued + `,"sub":"did:x:s"`, begin + `,"credentialSubject":{"name":"n"}}`, begin + `,"credentialSubject":{"name":"n","id":"did:x:s"},"issuer":"did:x:i"}`, ""},
		"a subject of no claim":       {issued, begin + `,"credentialSubject":{"name":"n"}}`, begin + `,"credentialSubject":{"name":"n"},"issuer":"did:x:i"}`, ""},
		"another subject":             {issued + `,"sub":"did:x:s"`, begin + `,"credentialSubject":{"id":"did:x:t"}}`, "", "holder_mismatch/sub"},
		"one of two subjects":         {issued + `,"sub":"did:x:s"`, begin + `,"credentialSubject":[{"id":"did:x:t"},{"id":"did:x:s"}]}`, begin + `,"credentialSubject":[{"id":"did:x:t"},{"id":"did:x:s"}],"issuer":"did:x:i"}`, ""},
		"a time":                      {issued + `,"nbf":1767225600,"exp":1893456000`, begin + `}`, begin + `,"issuer":"did:x:i","validFrom":"2026-01-01T00:00:00Z","validUntil":"2030-01-01T00:00:00Z"}`, ""},
		"a time, in version 1":        {issued + `,"nbf":1767225600,"exp":1893456000`, v1 + `}`, v1 + `,"issuer":"did:x:i","issuanceDate":"2026-01-01T00:00:00Z","expirationDate":"2030-01-01T00:00:00Z"}`, ""},
		"the same time, finer":        {issued + `,"exp":1893456000`, begin + `,"validUntil":"2030-01-01T00:00:00.9Z"}`, begin + `,"validUntil":"2030-01-01T00:00:00.9Z","issuer":"did:x:i"}`, ""},
		"another end":                 {issued + `,"exp":1893456001`, begin + `,"validUntil":"2030-01-01T00:00:00Z"}`, "", reason.MalformedClaims},
		"an earlier end":              {issued + `,"exp":1893455999`, begin + `,"validUntil":"2030-01-01T00:00:00Z"}`, "", reason.MalformedClaims},
		"another beginning":           {issued + `,"nbf":1767225601`, begin + `,"validFrom":"2026-01-01T00:00:00Z"}`, "", reason.MalformedClaims},
		"an end that is none":         {issued + `,"exp":1893456000`, begin + `,"validUntil":"soon"}`, "", reason.MalformedTime},
		"a claim that is no time":     {issued + `,"exp":"soon"`, begin + `}`, "", reason.MalformedClaims},
		"an end of no claim":          {issued, begin + `,"validUntil":"2030-01-01T00:00:00Z"}`, begin + `,"validUntil":"2030-01-01T00:00:00Z","issuer":"did:x:i"}`, ""},
		"the issuer in two places":    {issued + `,"issuer":"did:x:i"`, begin + `}`, "", "malformed/vc-claim"},
		"a presentation beside":       {issued + `,"vp":{}`, begin + `}`, "", "malformed/vc-claim"},
		"what it certifies is a list": {issued, `[` + begin + `}]`, "", "malformed/vc-claim"},
	} {
		s, err := verify(t, []byte(token(t, signer, `{"alg":"EdDSA","kid":"KID","typ":"JWT"}`, `{`+c.claims+`,"vc":`+c.vc+`}`)), signer)
		if reason.CodeOf(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		} else if err == nil && string(s.Document.AppendJSON(nil)) != c.want {
			t.Errorf("%s: %s, want %s", name, s.Document.AppendJSON(nil), c.want)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	for name, tt := range map[string]struct {
		suite    proof.Suite
		document string
		params   proof.Params
		code     reason.Code
	}{
		"presentation as credential": {jose.VC(), presentation, proof.Params{Purpose: proof.AssertionMethod}, "wrong_type/payload"},
		"credential as presentation": {jose.VP(), badge, proof.Params{Purpose: proof.Authentication}, "wrong_type/payload"},
		"purpose":                    {jose.VC(), badge, proof.Params{Purpose: proof.Authentication}, reason.WrongPurpose},
		"expiry":                     {jose.VC(), badge, proof.Params{Purpose: proof.AssertionMethod, Expires: time.Unix(1, 0)}, "usage/params"},
		"no recipient":               {jose.OpenBadge(), strings.Replace(badge, `"id":"did:example:kari",`, ``, 1), proof.Params{Purpose: proof.AssertionMethod}, reason.MalformedClaims},
		"proof inside":               {jose.VC(), strings.Replace(badge, `"id":"urn`, `"proof":{},"id":"urn`, 1), proof.Params{Purpose: proof.AssertionMethod}, reason.Conflict},
	} {
		if _, err := tt.suite.Sign(t.Context(), []byte(tt.document), signer, tt.params); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestGoJose has another implementation sign what we verify, and the other
// way round.
func TestGoJose(t *testing.T) {
	t.Parallel()
	for kind, alg := range map[key.Type]gojose.SignatureAlgorithm{key.Ed25519: gojose.EdDSA, key.P256: gojose.ES256, key.P384: gojose.ES384, key.P521: gojose.ES512, key.RSA: gojose.RS256} {
		signer := newSigner(t, kind)
		ours, err := jose.VC().Sign(t.Context(), []byte(badge), signer, proof.Params{Purpose: proof.AssertionMethod})
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := gojose.ParseSignedCompact(string(ours), []gojose.SignatureAlgorithm{alg})
		if err != nil {
			t.Fatal(err)
		}
		if payload, err := parsed.Verify(signer.Public().Crypto()); err != nil || string(payload) != badge {
			t.Errorf("%s: go-jose: %v", kind, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	signer := newSigner(f, key.Ed25519)
	for _, suite := range []proof.Suite{jose.VC(), jose.OpenBadge()} {
		token, err := suite.Sign(f.Context(), []byte(badge), signer, proof.Params{Purpose: proof.AssertionMethod})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(token)
	}
	f.Add([]byte("eyJhbGciOiJub25lIn0.e30."))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := verify(t, data, signer); err != nil && reason.CodeOf(err).Class() == reason.Fault {
			t.Fatalf("no code: %v", err)
		}
	})
}
