package did_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// anyone resolves every identifier that reaches it.
type anyone struct{}

func (anyone) Resolve(_ context.Context, id string) (*did.Document, error) {
	return &did.Document{ID: id}, nil
}

// TestIdentifiers: what no DID can be is asked of no resolver.
func TestIdentifiers(t *testing.T) {
	t.Parallel()
	mux := did.Mux{"x": anyone{}}
	for id, ok := range map[string]bool{
		"did:x:a":   true,
		"did:x:%09": true,
		"did:x:%aF": true,
		"did:x:%Fa": true,
		"x:a":       false,
		"did-x:a":   false,
		"did:x:%":   false,
		"did:x:%1":  false,
		"did:x:/11": false, // no escape, though two digits follow
		// The characters beside those of a hexadecimal number, in each place.
		"did:x:%/1": false, "did:x:%1/": false,
		"did:x:%-1": false, "did:x:%1-": false,
		"did:x:%:1": false, "did:x:%1:": false,
		"did:x:%@1": false, "did:x:%1@": false,
		"did:x:%G1": false, "did:x:%1G": false,
		"did:x:%_1": false, "did:x:%1_": false,
		"did:x:%g1": false, "did:x:%1g": false,
	} {
		doc, err := mux.Resolve(t.Context(), id)
		if (doc != nil) != ok || !ok && reason.CodeOf(err) != "key_invalid/did" {
			t.Errorf("%s: %v", id, err)
		}
		if _, err := mux.Renew(t.Context(), id); ok && reason.CodeOf(err) != "key_unavailable/fetch" || !ok && reason.CodeOf(err) != "key_invalid/did" {
			t.Errorf("%s, once more: %v", id, err)
		}
	}
	for name, r := range map[string]did.Resolver{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{}} {
		if _, err := r.Resolve(t.Context(), name+":"+ed); reason.CodeOf(err) != "key_invalid/did" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestControllerAddresses(t *testing.T) {
	t.Parallel()
	const longest = 8 << 10
	long := func(n int) string {
		return "https://kurs.example/" + strings.Repeat("a", n-len("https://kurs.example/"))
	}
	for id, code := range map[string]reason.Code{
		long(longest):             "",
		long(longest + 1):         "key_invalid/did",
		"https://kurs.example/%z": "key_invalid/did",
		"https://kurs.example:x/": "key_invalid/did",
	} {
		c := did.Controller{Fetcher: page{before: `{"id":"` + id + `"}`}}
		if _, err := c.Resolve(t.Context(), id); reason.CodeOf(err) != code {
			t.Errorf("%.40q: %v, not %q", id, err, code)
		}
	}
}

// TestKeySets has sets of which one key alone is wrong.
func TestKeySets(t *testing.T) {
	t.Parallel()
	resolve := func(keys ...string) *did.Document {
		t.Helper()
		body := `{"id":"` + address + `","jwks":{"keys":[` + strings.Join(keys, ",") + `]}}`
		doc, err := did.Controller{Fetcher: page{before: body}}.Resolve(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	named := func(kid string) string { return strings.Replace(edJWK, "{", fmt.Sprintf(`{"kid":%q,`, kid), 1) }
	doc := resolve(named(strings.Repeat("a", 200)), named(strings.Repeat("b", 201)), named("é"), named("~"), named("a b"))
	if want := []string{address + "#" + strings.Repeat("a", 200), address + "#~"}; !slices.Equal(doc.AssertionMethod, want) {
		t.Errorf("%q", doc.AssertionMethod)
	}
	var all []string
	for n := range 205 {
		all = append(all, named(fmt.Sprint(n)))
	}
	if doc := resolve(all...); len(doc.Methods) != 200 || len(doc.AssertionMethod) != 200 {
		t.Error(len(doc.Methods), len(doc.AssertionMethod))
	}
	// What is said of a key behind the last that is kept counts as well.
	doc = resolve(append(all, strings.Replace(string(generate(t, key.Ed25519).JWK()), "{", `{"kid":"7",`, 1))...)
	for name, code := range map[string]reason.Code{"7": "key_invalid/document", "8": ""} {
		if m, _ := doc.Method(address + "#" + name); reason.CodeOf(m.Err) != code {
			t.Errorf("%s: %+v", name, m)
		}
	}
	// The first thing that is wrong with a key is told, and not what follows.
	if doc := resolve(`{"kid":"a","kty":"oct","use":"enc"}`); reason.CodeOf(doc.Methods[0].Err) != "key_invalid/symmetric" {
		t.Error(doc.Methods[0].Err)
	}
}

// TestMethodsOneByOne has methods of which one part alone is wrong.
func TestMethodsOneByOne(t *testing.T) {
	t.Parallel()
	const secp = "rwuWNdKQqe8KcoWriHTYEtvzctHMaYXGkJvjktJt5pxC"
	old := func(typ, text string) string {
		return fmt.Sprintf(`{"id":"#k","type":%q,"controller":%q,"publicKeyBase58":%q}`, typ, subject, text)
	}
	sound := method("#k", subject, multibase(ed))
	for name, c := range map[string]struct {
		methods string
		code    reason.Code
		typ     key.Type
	}{
		"secp256k1 of 2019":                {old("EcdsaSecp256k1VerificationKey2019", secp), "", key.Secp256k1},
		"the same as Ed25519":              {old("Ed25519VerificationKey2018", secp), "key_invalid/length", key.Unknown},
		"the same, of 2018":                {old("EcdsaSecp256k1VerificationKey2018", secp), "key_invalid/type", key.Unknown},
		"secp256k1 of 2019, long":          {old("EcdsaSecp256k1VerificationKey2019", strings.Repeat("4", 65)), "key_invalid/type", key.Unknown},
		"a symmetric key for secrets":      {method("#k", subject, `,"publicKeyJwk":{"kty":"oct","use":"enc"}`), "key_invalid/symmetric", key.Unknown},
		"twice the same":                   {sound + "," + sound, "", key.Ed25519},
		"once without an end":              {sound + "," + method("#k", subject, multibase(ed)+`,"expires":"2026-01-01T00:00:00Z"`), "key_invalid/document", key.Ed25519},
		"for signatures in one place only": {sound + "," + method("#k", subject, `,"publicKeyJwk":{"use":"enc",`+edJWK[1:]), "key_invalid/document", key.Ed25519},
	} {
		if name == "for signatures in one place only" {
			c.methods = strings.Replace(c.methods, multibase(ed), `,"publicKeyJwk":`+edJWK, 1)
		}
		doc, err := did.ParseDocument([]byte(`{"id":"`+subject+`","verificationMethod":[`+c.methods+`]}`), subject)
		if err != nil {
			t.Fatal(name, err)
		}
		if m := doc.Methods[0]; len(doc.Methods) != 1 || reason.CodeOf(m.Err) != c.code || m.Public.Type() != c.typ {
			t.Errorf("%s: %+v", name, doc.Methods)
		}
	}
}

// TestRevokedBehindTheLast: what a document says of a key counts wherever it
// stands, behind as many methods as are kept as well.
func TestRevokedBehindTheLast(t *testing.T) {
	t.Parallel()
	var all []string
	for n := range 201 {
		all = append(all, method(fmt.Sprint("#", n), subject, multibase(ed)))
	}
	all = append(all, method("#0", subject, multibase(ed)+`,"revoked":"2026-01-01T00:00:00Z"`))
	doc, err := did.ParseDocument([]byte(`{"id":"`+subject+`","verificationMethod":[`+strings.Join(all, ",")+`]}`), subject)
	if err != nil || len(doc.Methods) != 200 {
		t.Fatal(err)
	}
	if m, _ := doc.Method(subject + "#0"); reason.CodeOf(m.Err) != "key_invalid/document" {
		t.Errorf("%+v", m)
	}
	if m, _ := doc.Method(subject + "#1"); m.Err != nil {
		t.Errorf("%+v", m)
	}
}

// TestBuildPrefersMultikey: a key is written as a Multikey if it has that form.
func TestBuildPrefersMultikey(t *testing.T) {
	t.Parallel()
	for typ, want := range map[key.Type]string{key.Ed25519: "Multikey", key.P521: "Multikey", key.RSA: "JsonWebKey"} {
		raw, err := did.Build(subject, []did.Method{{ID: subject + "#k", Public: generate(t, typ), Expires: time.Unix(1, 0)}})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := did.ParseDocument(raw, subject)
		if err != nil || len(doc.Methods) != 1 || doc.Methods[0].Type != want || strings.Contains(string(raw), "publicKeyMultibase") != (want == "Multikey") {
			t.Errorf("%s: %s, %v", typ, raw, err)
		}
	}
}
