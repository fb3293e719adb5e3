package did_test

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	ed     = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
	edTwo  = "z6MksA6PjXfg74xovXnN6ZW7yUBHVZmzNXFaHY5osrDXLV1B"
	p256   = "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"
	x25519 = "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc"
	edJWK  = `{"crv":"Ed25519","kty":"OKP","x":"Lm_M42cB3HkUiODQsXRcweM6TByfzEHGO9ND274JcOY"}`
)

func generate(t testing.TB, typ key.Type) key.Public {
	t.Helper()
	private, err := key.Generate(typ)
	if err != nil {
		t.Fatal(err)
	}
	return private.Public()
}

// TestKeyAndJWK: an identifier that is made of a key resolves to that key, for
// credentials and presentations, under one method.
func TestKeyAndJWK(t *testing.T) {
	t.Parallel()
	mux := did.Mux{"key": did.Key{}, "jwk": did.JWK{}}
	for _, typ := range []key.Type{key.Ed25519, key.P256, key.P384, key.P521, key.RSA} {
		public := generate(t, typ)
		ids := [][2]string{}
		if id, method, err := did.KeyID(public); err == nil {
			ids = append(ids, [2]string{id, method})
		} else if typ != key.RSA || reason.CodeOf(err) != "key_invalid/type" {
			t.Error(err)
		}
		id, method := did.JWKID(public)
		for _, c := range append(ids, [2]string{id, method}) {
			doc, err := mux.Resolve(t.Context(), c[0])
			if err != nil {
				t.Fatal(err)
			}
			m, ok := doc.Method(c[1])
			if !ok || !m.Public.Equal(public) || m.Err != nil || m.Controller != c[0] || m.ID != c[1] || !m.Expires.IsZero() || !m.Revoked.IsZero() {
				t.Errorf("%s: %+v", c[0], m)
			}
			if doc.ID != c[0] || len(doc.Methods) != 1 || !slices.Equal(doc.AssertionMethod, []string{c[1]}) || !slices.Equal(doc.Authentication, []string{c[1]}) || !doc.AsOf.IsZero() {
				t.Errorf("%+v", doc)
			}
			for _, no := range []string{c[0], c[0] + "#", c[1] + "x", "#0", ""} {
				if _, ok := doc.Method(no); ok {
					t.Errorf("%s has the method %q", c[0], no)
				}
			}
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	mux := did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{}}
	jwk := func(s string) string { return "did:jwk:" + base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for id, code := range map[string]reason.Code{
		"":                                       "key_invalid/did",
		"did":                                    "key_invalid/did",
		"did:":                                   "key_invalid/did",
		"did:key":                                "key_invalid/did",
		"did:key:":                               "key_invalid/did",
		"did::" + ed:                             "key_invalid/did",
		"DID:key:" + ed:                          "key_invalid/did",
		"did:Key:" + ed:                          "key_invalid/did",
		" did:key:" + ed:                         "key_invalid/did",
		"did:key:" + ed + "\n":                   "key_invalid/did",
		"did:key:" + ed + "\x00":                 "key_invalid/did",
		"did:key:" + ed + "é":                    "key_invalid/did",
		"did:key:" + ed + "#" + ed:               "key_invalid/did", // without a fragment
		"did:key:" + ed + "?x=1":                 "key_invalid/did",
		"did:key:" + ed + "/path":                "key_invalid/did",
		"did:key:" + ed + ";x=1":                 "key_invalid/did",
		"did:key:" + ed + "%2":                   "key_invalid/did",
		"did:key:" + ed + "%zz":                  "key_invalid/did",
		"did:key:" + ed + ":" + ed:               "key_invalid/multikey",
		"did:key:1.1:" + ed:                      "key_invalid/multikey",
		"did:key:" + ed[1:]:                      "key_invalid/multikey",
		"did:key:" + ed + "%20":                  "key_invalid/multikey",
		"did:key:" + x25519:                      "key_invalid/not-a-signing-key",
		"did:key:" + ed[:40]:                     "key_invalid/type",
		"did:key:" + "z" + ed:                    "key_invalid/type",
		"https://example.org/":                   "key_unavailable/controller-document", // no resolver for these
		"http://example.org/":                    "key_invalid/did",
		"did:ion:abc":                            "key_invalid/unknown-method",
		"did:keys:" + ed:                         "key_invalid/unknown-method",
		jwk(edJWK) + "=":                         "key_invalid/did",
		"did:jwk:!!":                             "key_invalid/did",
		"did:jwk:a":                              "key_invalid/did",
		jwk(`[]`):                                "key_invalid/jwk",
		jwk(edJWK + "x"):                         "key_invalid/jwk",
		jwk(`{"kty":1,"kty":2}`):                 "key_invalid/jwk",
		jwk(`{"kty":"oct"}`):                     "key_invalid/symmetric",
		jwk(edJWK[:len(edJWK)-1] + `,"d":"AA"}`): "key_invalid/private",
		jwk(edJWK[:len(edJWK)-1] + `,"use":"enc"}`):           "key_invalid/not-a-signing-key",
		jwk(edJWK[:len(edJWK)-1] + `,"alg":"HS256"}`):         "key_invalid/not-a-signing-key",
		jwk(edJWK[:len(edJWK)-1] + `,"key_ops":["wrapKey"]}`): "key_invalid/not-a-signing-key",
		"did:jwk:" + strings.Repeat("A", 9<<10):               "key_invalid/did",
		"did:web:kurs.example":                                "remote_fetch_blocked/offline",
	} {
		if doc, err := mux.Resolve(t.Context(), id); doc != nil || reason.CodeOf(err) != code {
			t.Errorf("%.80q: %v (%s), not %s", id, err, reason.CodeOf(err), code)
		}
	}
	// A resolver by itself takes no other method's identifiers.
	for id, r := range map[string]did.Resolver{"did:jwk:" + ed: did.Key{}, "did:key:" + ed: did.JWK{}, "did:key:" + p256: did.Web{}} {
		if doc, err := r.Resolve(t.Context(), id); doc != nil || reason.CodeOf(err) != "key_invalid/unknown-method" {
			t.Errorf("%s: %v", id, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, id := range []string{"did:key:" + ed, jwk(edJWK)} {
		if doc, err := mux.Resolve(ctx, id); doc != nil || reason.CodeOf(err) != reason.Canceled || !errors.Is(err, context.Canceled) {
			t.Errorf("%s after the end: %v", id, err)
		}
	}
	if _, err := (did.Mux)(nil).Resolve(t.Context(), "did:key:"+ed); reason.CodeOf(err) != "key_invalid/unknown-method" {
		t.Error(err)
	}
}

func TestWebURL(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		// The examples of the did:web method specification.
		"did:web:w3c-ccg.github.io":                 "https://w3c-ccg.github.io/.well-known/did.json",
		"did:web:w3c-ccg.github.io:user:alice":      "https://w3c-ccg.github.io/user/alice/did.json",
		"did:web:example.com%3A3000:user:alice":     "https://example.com:3000/user/alice/did.json",
		"did:web:example.com%3a3000":                "https://example.com:3000/.well-known/did.json",
		"did:web:Kurs.Example":                      "https://Kurs.Example/.well-known/did.json",
		"did:web:kurs.example:a%20b":                "https://kurs.example/a%20b/did.json",
		"did:web:kurs.example:%C3%A6":               "https://kurs.example/%C3%A6/did.json",
		"did:web:kurs.example:...":                  "https://kurs.example/.../did.json",
		"did:web:kurs.example:%0d%0aHost%3A%20evil": "https://kurs.example/%0D%0AHost:%20evil/did.json",
		"did:web:xn--br-mia.example":                "https://xn--br-mia.example/.well-known/did.json",
		"did:web:127.0.0.1":                         "https://127.0.0.1/.well-known/did.json", // for the Fetcher to refuse
	} {
		if got, err := did.WebURL(id); err != nil || got != want {
			t.Errorf("%s: %s %v, not %s", id, got, err, want)
		}
	}
	for _, id := range []string{
		"did:web:", "did:web", "did:web::", "did:web::user", "did:web:kurs.example:", "did:web:kurs.example::user", "did:web:kurs.example:user:",
		"did:web:kurs.example/user", "did:web:kurs.example?x", "did:web:kurs.example#key-1", "did:web:kurs.example%2Fuser", "did:web:kurs.example%2fuser",
		"did:web:kurs.example%5Cuser", "did:web:user%40kurs.example", "did:web:user@kurs.example", "did:web:kurs.example%3F", "did:web:kurs.example%23",
		"did:web:kurs.example%253A80", "did:web:kurs.example%20", "did:web:kurs.example%0d%0aHost", "did:web:kurs.example%00", "did:web:kurs.example%09",
		"did:web:kurs..example", "did:web:.kurs.example", "did:web:kurs.example.", "did:web:.", "did:web:%2E%2E",
		"did:web:kurs_1.example", "did:web:b%C3%A6r.example", "did:web:bær.example", "did:web:kurs.example%",
		"did:web:%5B%3A%3A1%5D", "did:web:[::1]", "did:web:kurs.example%3A", "did:web:kurs.example%3A0", "did:web:kurs.example%3A080",
		"did:web:kurs.example%3A65536", "did:web:kurs.example%3A-1", "did:web:kurs.example%3A8x", "did:web:kurs.example%3A80%3A80", "did:web:%3A80",
		"did:web:kurs.example:.", "did:web:kurs.example:..", "did:web:kurs.example:%2e%2e", "did:web:kurs.example:a%2F..%2Fb", "did:web:kurs.example:a%5Cb",
		"did:web:kurs.example:%252e%252e", "did:web:kurs.example:a%3Fb", "did:web:kurs.example:a%23b", "did:web:kurs.example:a/b", "did:web:kurs.example: ",
		"did:key:" + ed, "https://kurs.example", "",
	} {
		got, err := did.WebURL(id)
		if got != "" || reason.CodeOf(err).Coarse() != string(reason.KeyInvalid) {
			t.Errorf("%q: %q %v", id, got, err)
		}
	}
}

// shelf is a Fetcher that counts.
type shelf struct {
	body  string
	err   error
	asOf  time.Time
	asked []string
}

func (s *shelf) Fetch(_ context.Context, url, accept string) ([]byte, time.Time, error) {
	s.asked = append(s.asked, url+" "+accept)
	return []byte(s.body), s.asOf, s.err
}

func TestWeb(t *testing.T) {
	t.Parallel()
	const id = "did:web:kurs.example"
	asOf := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	sound := `{"id":"` + id + `","verificationMethod":[{"id":"#k","type":"Multikey","controller":"` + id + `","publicKeyMultibase":"` + ed + `"}],"assertionMethod":"#k"}`
	s := &shelf{body: sound, asOf: asOf}
	doc, err := did.Web{Fetcher: s}.Resolve(t.Context(), id)
	if err != nil || !doc.AsOf.Equal(asOf) || string(doc.Raw) != sound || !slices.Equal(doc.AssertionMethod, []string{id + "#k"}) || doc.Authentication != nil {
		t.Errorf("%+v %v", doc, err)
	}
	if len(s.asked) != 1 || !strings.HasPrefix(s.asked[0], "https://kurs.example/.well-known/did.json ") || !strings.Contains(s.asked[0], "application/did+json") {
		t.Errorf("%q", s.asked)
	}
	for name, c := range map[string]struct {
		id    string
		s     *shelf
		code  reason.Code
		asked int
	}{
		"another's document": {id, &shelf{body: strings.Replace(sound, id, "did:web:evil.example", 1)}, "key_invalid/document", 1},
		"no JSON":            {id, &shelf{body: "<html>"}, "key_invalid/document", 1},
		"empty":              {id, &shelf{}, "key_invalid/document", 1},
		"not there":          {id, &shelf{err: errors.New("404")}, "key_unavailable/fetch", 1},
		"not there, coded":   {id, &shelf{err: reason.New(reason.FetchFailed, "", "404")}, "key_unavailable/fetch", 1},
		"forbidden address":  {id, &shelf{err: reason.New("remote_fetch_blocked/address", "", "private")}, "remote_fetch_blocked/address", 1},
		"no did:web":         {"did:web:kurs.example:..", &shelf{body: sound}, "key_invalid/did", 0},
	} {
		doc, err := did.Web{Fetcher: c.s}.Resolve(t.Context(), c.id)
		if doc != nil || reason.CodeOf(err) != c.code || len(c.s.asked) != c.asked {
			t.Errorf("%s: %v, asked %d times", name, err, len(c.s.asked))
		}
		if c.s.err != nil && !errors.Is(err, c.s.err) {
			t.Errorf("%s: the cause is lost: %v", name, err)
		}
	}
}

const subject = "did:web:kurs.example"

// method writes a verification method; more are further members.
func method(id, controller, more string) string {
	return `{"id":"` + id + `","type":"Multikey","controller":"` + controller + `"` + more + `}`
}

func multibase(s string) string { return `,"publicKeyMultibase":"` + s + `"` }

func TestParseDocument(t *testing.T) {
	t.Parallel()
	const k1 = subject + "#k1"
	for name, c := range map[string]struct {
		members                   string      // beside id
		code                      reason.Code // of the method k1, "none" when it is not there
		typ                       key.Type
		assertion, authentication []string
		methods                   int
	}{
		"referenced":          {`"verificationMethod":[` + method(k1, subject, multibase(ed)) + `],"assertionMethod":["` + k1 + `"]`, "", key.Ed25519, []string{k1}, nil, 1},
		"relative":            {`"verificationMethod":` + method("#k1", subject, multibase(p256)) + `,"authentication":"#k1"`, "", key.P256, nil, []string{k1}, 1},
		"embedded":            {`"assertionMethod":[` + method(k1, subject, multibase(ed)) + `]`, "", key.Ed25519, []string{k1}, nil, 1},
		"embedded twice":      {`"assertionMethod":[` + method(k1, subject, multibase(ed)) + `],"authentication":[` + method("#k1", subject, multibase(ed)) + `]`, "", key.Ed25519, []string{k1}, []string{k1}, 1},
		"no relationship":     {`"verificationMethod":[` + method(k1, subject, multibase(ed)) + `]`, "", key.Ed25519, nil, nil, 1},
		"only key agreement":  {`"keyAgreement":[` + method(k1, subject, multibase(ed)) + `]`, "none", 0, nil, nil, 0},
		"JWK":                 {`"verificationMethod":[` + method(k1, subject, `,"publicKeyJwk":`+edJWK) + `]`, "", key.Ed25519, nil, nil, 1},
		"base58":              {`"verificationMethod":[{"id":"#k1","type":"Ed25519VerificationKey2018","controller":"` + subject + `","publicKeyBase58":"4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF"}]`, "", key.Ed25519, nil, nil, 1},
		"another controller":  {`"verificationMethod":[` + method(k1, "did:web:evil.example", multibase(ed)) + `],"assertionMethod":["` + k1 + `"]`, "key_invalid/controller", 0, []string{k1}, nil, 1},
		"no controller":       {`"verificationMethod":[{"id":"#k1","type":"Multikey"` + multibase(ed) + `}]`, "key_invalid/controller", 0, nil, nil, 1},
		"list of controllers": {`"verificationMethod":[{"id":"#k1","type":"Multikey","controller":["` + subject + `"]` + multibase(ed) + `}]`, "key_invalid/controller", 0, nil, nil, 1},
		"another's method":    {`"verificationMethod":[` + method("did:web:evil.example#k1", subject, multibase(ed)) + `]`, "none", 0, nil, nil, 0},
		"another's, embedded": {`"assertionMethod":[` + method("did:web:evil.example#k1", subject, multibase(ed)) + `]`, "none", 0, nil, nil, 0},
		"no fragment":         {`"verificationMethod":[` + method(subject, subject, multibase(ed)) + `,` + method(subject+"#", subject, multibase(ed)) + `]`, "none", 0, nil, nil, 0},
		"no id":               {`"verificationMethod":[{"type":"Multikey","controller":"` + subject + `"` + multibase(ed) + `}, 7, null, []]`, "none", 0, nil, nil, 0},
		"a longer id":         {`"verificationMethod":[` + method(subject+".evil#k1", subject, multibase(ed)) + `]`, "none", 0, nil, nil, 0},
		"two keys, one id":    {`"verificationMethod":[` + method(k1, subject, multibase(ed)) + `,` + method("#k1", subject, multibase(edTwo)) + `]`, "key_invalid/document", key.Ed25519, nil, nil, 1},
		"two keys, embedded":  {`"verificationMethod":[` + method(k1, subject, multibase(ed)) + `],"assertionMethod":[` + method(k1, subject, multibase(edTwo)) + `]`, "key_invalid/document", key.Ed25519, []string{k1}, nil, 1},
		"revoked in one place": {`"verificationMethod":[` + method(k1, subject, multibase(ed)) + `,` + method(k1, subject, multibase(ed)+`,"revoked":"2026-01-01T00:00:00Z"`) + `]`,
			"key_invalid/document", key.Ed25519, nil, nil, 1},
		"good, then bad":   {`"verificationMethod":[` + method(k1, subject, multibase(ed)) + `,` + method(k1, "did:web:evil.example", multibase(ed)) + `]`, "key_invalid/document", key.Ed25519, nil, nil, 1},
		"bad, then good":   {`"verificationMethod":[` + method(k1, subject, multibase(x25519)) + `,` + method(k1, subject, multibase(ed)) + `]`, "key_invalid/document", 0, nil, nil, 1},
		"two forms":        {`"verificationMethod":[` + method(k1, subject, multibase(ed)+`,"publicKeyJwk":`+edJWK) + `]`, "key_invalid/document", 0, nil, nil, 1},
		"no key":           {`"verificationMethod":[` + method(k1, subject, ``) + `]`, "key_invalid/document", 0, nil, nil, 1},
		"PEM":              {`"verificationMethod":[` + method(k1, subject, `,"publicKeyPem":"x"`) + `]`, "key_invalid/document", 0, nil, nil, 1},
		"key is a number":  {`"verificationMethod":[` + method(k1, subject, `,"publicKeyMultibase":7`) + `]`, "key_invalid/multikey", 0, nil, nil, 1},
		"key agreement":    {`"verificationMethod":[` + method(k1, subject, multibase(x25519)) + `]`, "key_invalid/not-a-signing-key", 0, nil, nil, 1},
		"JWK for secrets":  {`"verificationMethod":[` + method(k1, subject, `,"publicKeyJwk":{"use":"enc",`+edJWK[1:]) + `]`, "key_invalid/not-a-signing-key", key.Ed25519, nil, nil, 1},
		"private JWK":      {`"verificationMethod":[` + method(k1, subject, `,"publicKeyJwk":{"d":"AA",`+edJWK[1:]) + `]`, "key_invalid/private", 0, nil, nil, 1},
		"base58, new type": {`"verificationMethod":[` + method(k1, subject, `,"publicKeyBase58":"4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF"`) + `]`, "key_invalid/type", 0, nil, nil, 1},
		"base58, long": {`"verificationMethod":[{"id":"#k1","type":"Ed25519VerificationKey2018","controller":"` + subject + `","publicKeyBase58":"` + strings.Repeat("4", 65) + `"}]`,
			"key_invalid/type", 0, nil, nil, 1},
		"revoked, no time":   {`"verificationMethod":[` + method(k1, subject, multibase(ed)+`,"revoked":true`) + `]`, "key_invalid/time", 0, nil, nil, 1},
		"revoked, zero time": {`"verificationMethod":[` + method(k1, subject, multibase(ed)+`,"revoked":"0001-01-01T00:00:00Z"`) + `]`, "key_invalid/time", 0, nil, nil, 1},
		"expires, a date":    {`"verificationMethod":[` + method(k1, subject, multibase(ed)+`,"expires":"2026-01-01"`) + `]`, "key_invalid/time", 0, nil, nil, 1},
		"expires, null":      {`"verificationMethod":[` + method(k1, subject, multibase(ed)+`,"expires":null`) + `]`, "key_invalid/time", 0, nil, nil, 1},
		"empty":              {`"verificationMethod":[]`, "none", 0, nil, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := did.ParseDocument([]byte(`{"id":"`+subject+`",`+c.members+`}`), subject)
			if err != nil {
				t.Fatal(err)
			}
			m, ok := doc.Method(k1)
			if !ok && c.code != "none" || ok && (reason.CodeOf(m.Err) != c.code || m.Public.Type() != c.typ) {
				t.Errorf("%t %+v", ok, m)
			}
			if len(doc.Methods) != c.methods || !slices.Equal(doc.AssertionMethod, c.assertion) || !slices.Equal(doc.Authentication, c.authentication) {
				t.Errorf("%d methods, %q, %q", len(doc.Methods), doc.AssertionMethod, doc.Authentication)
			}
		})
	}
}

func TestParseDocumentRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": ``, "list": `[]`, "no id": `{}`, "another id": `{"id":"did:web:evil.example"}`, "id is a list": `{"id":["` + subject + `"]}`,
		"other case": `{"id":"did:web:Kurs.example"}`, "with fragment": `{"id":"` + subject + `#k"}`, "id twice": `{"id":"did:web:evil.example","id":"` + subject + `"}`,
		"two documents": `{"id":"` + subject + `"}{}`, "deep": `{"id":"` + subject + `","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
	} {
		if doc, err := did.ParseDocument([]byte(text), subject); doc != nil || reason.CodeOf(err) != "key_invalid/document" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// No document costs more than 200 methods.
	var all []string
	for range 1000 {
		all = append(all, method("#k"+strings.Repeat("1", len(all)%250+1), subject, multibase(ed)))
	}
	doc, err := did.ParseDocument([]byte(`{"id":"`+subject+`","assertionMethod":[`+strings.Join(all, ",")+`]}`), subject)
	if err != nil || len(doc.Methods) != 200 {
		t.Error(len(doc.Methods), err)
	}
}

// TestBuild: what is published reads back, with what has become of each key.
func TestBuild(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	methods := []did.Method{
		{ID: subject + "#1", Public: generate(t, key.Ed25519)},
		{ID: subject + "#2", Public: generate(t, key.P384), Expires: at},
		{ID: subject + "#3", Public: generate(t, key.P256), Revoked: at},
		{ID: subject + "#4", Public: generate(t, key.RSA)},
	}
	raw, err := did.Build(subject, methods)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := did.ParseDocument(raw, subject)
	if err != nil || len(doc.Methods) != len(methods) {
		t.Fatal(len(doc.Methods), err)
	}
	for _, want := range methods {
		m, ok := doc.Method(want.ID)
		if !ok || m.Err != nil || !m.Public.Equal(want.Public) || !m.Expires.Equal(want.Expires) || !m.Revoked.Equal(want.Revoked) {
			t.Errorf("%+v", m)
		}
	}
	active := []string{subject + "#1", subject + "#2", subject + "#4"}
	if !slices.Equal(doc.AssertionMethod, active) || !slices.Equal(doc.Authentication, active) {
		t.Errorf("%q %q", doc.AssertionMethod, doc.Authentication)
	}
	if _, err := did.Build(subject, []did.Method{{ID: subject + "#1"}}); reason.CodeOf(err) != "key_invalid/type" {
		t.Error(err)
	}
}

// TestDCC reads the documents of the Digital Credentials Consortium.
func TestDCC(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"legacy", "oidf"} {
		raw := testcorpus.Read(t, "dcc/dids", name, "did.json")
		id := "did:web:digitalcredentials.github.io:vc-test-fixtures:dids:" + name
		if address, err := did.WebURL(id); err != nil || address != "https://digitalcredentials.github.io/vc-test-fixtures/dids/"+name+"/did.json" {
			t.Error(address, err)
		}
		doc, err := did.ParseDocument(raw, id)
		if err != nil {
			t.Fatal(err)
		}
		const text = "z6MkjXe1vZvPRqFuc9nRBtZ3e1Y9XKDFSbjFAfzLfW2bD6cZ"
		m, ok := doc.Method(id + "#" + text)
		if !ok || m.Err != nil || len(doc.Methods) != 1 || !slices.Equal(doc.AssertionMethod, []string{id + "#" + text}) {
			t.Errorf("%+v", doc)
		}
		if got, err := m.Public.Multikey(); err != nil || got != text {
			t.Error(got, err)
		}
	}
}
