package did_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

const address = "https://kurs.example/profile"

// page is a web of one document, with a copy of what was there before.
type page struct {
	before, now string
	err         error
}

func (p page) Fetch(context.Context, string, string) ([]byte, time.Time, error) {
	return []byte(p.before), time.Unix(1, 0), p.err
}

// renewed is a page that can be asked for past the copy.
type renewed struct{ page }

func (p renewed) FetchAnew(context.Context, string, string) ([]byte, time.Time, error) {
	return []byte(p.now), time.Unix(2, 0), p.err
}

func TestController(t *testing.T) {
	t.Parallel()
	set := func(keys string) string { return `{"id":"` + address + `","jwks":{"keys":[` + keys + `]}}` }
	withKid := func(kid string) string { return strings.Replace(edJWK, "{", `{"kid":`+kid+`,`, 1) }
	otherA := strings.Replace(string(generate(t, key.P256).JWK()), "{", `{"kid":"a",`, 1)
	for name, c := range map[string]struct {
		id, body string
		methods  string // ids of those that may be used, without the address
		code     reason.Code
	}{
		"methods":                    {address, `{"id":"` + address + `","verificationMethod":[` + method("#k1", address, multibase(ed)) + `],"assertionMethod":["#k1"]}`, "#k1", ""},
		"a key set":                  {address, set(withKid(`"a"`) + "," + withKid(`"b"`)), "#a #b", ""},
		"a key without a name":       {address, set(edJWK), "", ""},
		"a name that is no fragment": {address, set(withKid(`"a b"`) + "," + withKid(`"a#b"`) + "," + withKid(`""`) + "," + withKid(`7`)), "", ""},
		"one name for two keys":      {address, set(withKid(`"a"`) + "," + withKid(`"b"`) + "," + otherA), "#b", ""},
		"a key for secrets":          {address, set(strings.Replace(withKid(`"a"`), "{", `{"use":"enc",`, 1)), "", ""},
		"no keys":                    {address, `{"id":"` + address + `"}`, "", ""},
		"no document":                {address, `<html>`, "", "key_unavailable/controller-document"},
		"a list":                     {address, `[]`, "", "key_unavailable/controller-document"},
		"of another":                 {address, `{"id":"` + address + `/"}`, "", "key_invalid/document"},
		"without an id":              {address, `{}`, "", "key_invalid/document"},
		"http":                       {"http://kurs.example/profile", `{}`, "", "key_invalid/did"},
		"a fragment":                 {address + "#k1", `{}`, "", "key_invalid/did"},
		"a user":                     {"https://a@kurs.example/", `{}`, "", "key_invalid/did"},
		"no host":                    {"https:///profile", `{}`, "", "key_invalid/did"},
	} {
		doc, err := did.Controller{Fetcher: page{before: c.body}}.Resolve(t.Context(), c.id)
		if reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		var usable []string
		for _, id := range doc.AssertionMethod {
			if m, ok := doc.Method(id); ok && m.Err == nil {
				usable = append(usable, strings.TrimPrefix(id, address))
			}
		}
		if got := strings.Join(usable, " "); got != c.methods || !doc.AsOf.Equal(time.Unix(1, 0)) {
			t.Errorf("%s: %q as of %v", name, got, doc.AsOf)
		}
	}
	for err, code := range map[error]reason.Code{
		reason.New("fetch_failed/network", "", "down"):                   "key_unavailable/fetch",
		reason.New("remote_fetch_blocked/private-address", "", "inside"): "remote_fetch_blocked/private-address",
		reason.New(reason.Canceled, "", "enough"):                        reason.Canceled,
	} {
		if _, got := (did.Controller{Fetcher: page{err: err}}).Resolve(t.Context(), address); reason.CodeOf(got) != code {
			t.Errorf("%v becomes %v", err, got)
		}
	}
	if _, err := (did.Controller{}).Resolve(t.Context(), address); reason.CodeOf(err) != "remote_fetch_blocked/offline" {
		t.Error(err)
	}
}

// TestOneKidTwice: what stands under one kid is one key, or none, whatever the
// order, and whether both stand in the key set or one of them as a method.
func TestOneKidTwice(t *testing.T) {
	t.Parallel()
	ed25519, other := generate(t, key.Ed25519), generate(t, key.Ed25519)
	ecdsa := generate(t, key.P256)
	jwk := func(public key.Public, more string) string {
		return strings.Replace(string(public.JWK()), "{", `{"kid":"a",`+more, 1)
	}
	asMethod := func(public key.Public, more string) string {
		return method("#a", address, `,"publicKeyJwk":`+string(public.JWK())+more)
	}
	const times = `,"expires":"2026-01-01T00:00:00Z","revoked":"2026-02-01T00:00:00Z"`
	for name, c := range map[string]struct {
		methods, keys []string
		code          reason.Code
	}{
		"two keys":                      {nil, []string{jwk(ed25519, ""), jwk(other, "")}, "key_invalid/document"},
		"of two types":                  {nil, []string{jwk(ed25519, ""), jwk(ecdsa, "")}, "key_invalid/document"},
		"one key":                       {nil, []string{jwk(ed25519, ""), jwk(ed25519, "")}, ""},
		"one key, described otherwise":  {nil, []string{jwk(ed25519, ""), jwk(ed25519, `"use":"sig","alg":"EdDSA",`)}, ""},
		"one key, another and it again": {nil, []string{jwk(ed25519, ""), jwk(other, ""), jwk(ed25519, "")}, "key_invalid/document"},
		"one key, once for secrets":     {nil, []string{jwk(ed25519, ""), jwk(ed25519, `"use":"enc",`)}, "key_invalid/document"},
		"two keys, one for secrets":     {nil, []string{jwk(ed25519, ""), jwk(ecdsa, `"use":"enc",`)}, "key_invalid/document"},
		"one that cannot be read":       {nil, []string{jwk(ed25519, ""), `{"kid":"a","kty":"OKP","crv":"X25519","x":"AAAA"}`}, "key_invalid/document"},
		"a method and its key":          {[]string{asMethod(ed25519, "")}, []string{jwk(ed25519, "")}, ""},
		"a method with times":           {[]string{asMethod(ed25519, times)}, []string{jwk(ed25519, "")}, ""},
		"a method and another key":      {[]string{asMethod(ed25519, "")}, []string{jwk(other, "")}, "key_invalid/document"},
		"a method and one for secrets":  {[]string{asMethod(ed25519, "")}, []string{jwk(ed25519, `"use":"enc",`)}, "key_invalid/document"},
	} {
		for range 2 {
			body := `{"id":"` + address + `","verificationMethod":[` + strings.Join(c.methods, ",") + `],"assertionMethod":["#a"],"jwks":{"keys":[` + strings.Join(c.keys, ",") + `]}}`
			doc, err := did.Controller{Fetcher: page{before: body}}.Resolve(t.Context(), address)
			if err != nil {
				t.Fatal(name, err)
			}
			m, ok := doc.Method(address + "#a")
			if !ok || len(doc.Methods) != 1 || reason.CodeOf(m.Err) != c.code || c.code == "" && !m.Public.Equal(ed25519) {
				t.Errorf("%s: %+v", name, doc.Methods)
			}
			if strings.Contains(body, times) != (!m.Expires.IsZero() && !m.Revoked.IsZero()) {
				t.Errorf("%s: until %v, revoked %v", name, m.Expires, m.Revoked)
			}
			slices.Reverse(c.keys)
		}
	}
}

// TestRenew asks past the copies, where there are copies.
func TestRenew(t *testing.T) {
	t.Parallel()
	doc := func(id, key string) string {
		return `{"id":"` + id + `","assertionMethod":[` + method("#"+key, id, multibase(ed)) + `]}`
	}
	const web = "did:web:kurs.example"
	for _, id := range []string{web, address} {
		kept := renewed{page{before: doc(id, "old"), now: doc(id, "new")}}
		mux := did.Mux{"key": did.Key{}, "web": did.Web{Fetcher: kept}, "https": did.Controller{Fetcher: kept}}
		before, err := mux.Resolve(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		now, err := mux.Renew(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if _, old := before.Method(id + "#old"); !old {
			t.Errorf("%+v", before)
		}
		if _, ok := now.Method(id + "#new"); !ok || !now.AsOf.Equal(time.Unix(2, 0)) {
			t.Errorf("%+v", now)
		}
		bare := did.Mux{"web": did.Web{Fetcher: kept.page}, "https": did.Controller{Fetcher: kept.page}}
		if _, err := bare.Renew(t.Context(), id); reason.CodeOf(err) != "key_unavailable/fetch" {
			t.Error("what is not kept is renewed:", err)
		}
	}
	mux := did.Mux{"key": did.Key{}}
	for _, id := range []string{"did:key:" + ed, web, address, "x"} {
		if _, err := mux.Renew(t.Context(), id); err == nil {
			t.Error(id)
		}
	}
}

// FuzzController: whatever stands at an address, its methods are its own.
func FuzzController(f *testing.F) {
	f.Add([]byte(`{"id":"` + address + `","jwks":{"keys":[` + strings.Replace(edJWK, "{", `{"kid":"a",`, 1) + `,{},7]}}`))
	f.Add([]byte(`{"id":"` + address + `","verificationMethod":[` + method("#k1", address, multibase(ed)) + `],"assertionMethod":["#k1"],"jwks":{"keys":{"kid":"k1"}}}`))
	f.Add([]byte(`{"id":"` + address + `","jwks":{"keys":[` + strings.Replace(edJWK, "{", `{"kid":"a",`, 1) + `,{"kid":"a","kty":"oct"}]}}`))
	f.Add([]byte(`<!doctype html>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := did.Controller{Fetcher: page{before: string(raw)}}.Resolve(t.Context(), address)
		if err != nil {
			if code := reason.CodeOf(err); doc != nil || code != "key_invalid/document" && code != "key_unavailable/controller-document" {
				t.Error(err)
			}
			return
		}
		seen := map[string]bool{}
		for _, m := range doc.Methods {
			if !strings.HasPrefix(m.ID, address+"#") || seen[m.ID] || m.Err == nil && (m.Controller != address || m.Public.JWK() == nil) {
				t.Errorf("%+v", m)
			}
			seen[m.ID] = true
		}
	})
}
