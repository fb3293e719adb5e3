package sdjwt_test

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

var b64 = base64.RawURLEncoding

func at(hour int) time.Time { return time.Date(2026, 6, 1, hour, 0, 0, 0, time.UTC) }

// party is somebody with a did:key.
type party struct {
	key.Signer
	did string
}

func newParty(t testing.TB, kind key.Type) party {
	t.Helper()
	private, err := key.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return party{private.Signer(method), id}
}

func badge(issuer, subject string) []byte {
	return []byte(`{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],` +
		`"id":"urn:uuid:5b4a7a4e-0000-4000-8000-000000000001","type":["VerifiableCredential","OpenBadgeCredential"],` +
		`"issuer":{"id":"` + issuer + `","type":["Profile"],"name":"Kursstedet"},"validFrom":"2026-01-01T00:00:00Z","validUntil":"2030-01-01T00:00:00Z",` +
		`"credentialSubject":{"id":"` + subject + `","type":["AchievementSubject"],` +
		`"identifier":[{"type":"IdentityObject","identityType":"name","identityHash":"Kari Nordmann","hashed":false}],` +
		`"result":[{"type":["Result"],"value":"A"},{"type":["Result"],"value":"98.50"}],` +
		`"achievement":{"id":"https://kurs.example/1","type":["Achievement"],"name":"Kurs i maskinlæring","description":"d","criteria":{"narrative":"n"}}},` +
		`"evidence":[{"type":["Evidence"],"narrative":"a"},{"type":["Evidence"],"narrative":"b"}]}`)
}

// choices are the pointers that the tests let a holder keep back.
func choices() []string {
	return []string{"/credentialSubject/identifier", "/credentialSubject/identifier/0/identityHash", "/credentialSubject/result/0", "/credentialSubject/result/1", "/evidence"}
}

func issue(t testing.TB, s proof.Suite, issuer party, doc []byte, p proof.Params) string {
	t.Helper()
	p.Purpose = proof.AssertionMethod
	out, err := s.Sign(t.Context(), doc, issuer, p)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func disclose(t testing.TB, s proof.Suite, token string, d proof.Disclosure) string {
	t.Helper()
	out, err := s.(proof.Discloser).Disclose(t.Context(), []byte(token), d)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// keys finds keys by did:key and did:jwk.
type keys struct{}

func (keys) Key(ctx context.Context, method string, _ proof.Purpose) (proof.Key, error) {
	base, _, _ := strings.Cut(method, "#")
	document, err := did.Mux{"key": did.Key{}, "jwk": did.JWK{}}.Resolve(ctx, base)
	if err != nil {
		return proof.Key{}, err
	}
	m, ok := document.Method(method)
	if !ok {
		return proof.Key{}, reason.New("key_invalid/unknown-key", method, "no such key")
	}
	return proof.Key{Public: m.Public, ID: m.ID, Controller: m.Controller}, m.Err
}

// verify checks every proof of a token with the suites of this package, and
// returns the last one, which is the holder's if there are two.
func verify(t testing.TB, token string) (*proof.Secured, *proof.Proven, error) {
	t.Helper()
	set := proof.Set{sdjwt.DC(), sdjwt.VC()}
	in, err := proof.Read([]byte(token), strictjson.Limits{})
	if err != nil {
		return nil, nil, err
	}
	secured, err := set.Open(in)
	if err != nil {
		return nil, nil, err
	}
	var proven *proof.Proven
	for _, s := range secured {
		if proven, err = set.Verify(t.Context(), s, keys{}); err != nil {
			return s, nil, err
		}
	}
	return secured[len(secured)-1], proven, nil
}

// forged is a token put together by hand, by an issuer who does what the
// standard forbids.
type forged struct {
	header      string // of the issuer's part; empty: as it should be
	payload     string
	disclosures []string // as JSON
	binding     string   // payload of the key binding; sd_hash is put in for %HASH%
	bindingHead string
	holder      key.Signer
}

func (f forged) build(t testing.TB, issuer party) string {
	t.Helper()
	if f.header == "" {
		f.header = `{"alg":"` + alg(issuer) + `","kid":"` + issuer.ID() + `","typ":"dc+sd-jwt"}`
	}
	out := jwt(t, issuer, f.header, f.payload) + "~"
	for _, d := range f.disclosures {
		out += b64.EncodeToString([]byte(d)) + "~"
	}
	if f.binding == "" {
		return out
	}
	if f.bindingHead == "" {
		f.bindingHead = `{"alg":"` + alg(f.holder) + `","typ":"kb+jwt"}`
	}
	return out + jwt(t, f.holder, f.bindingHead, strings.ReplaceAll(f.binding, "%HASH%", digest(out)))
}

func jwt(t testing.TB, signer key.Signer, header, payload string) string {
	t.Helper()
	signed := b64.EncodeToString([]byte(header)) + "." + b64.EncodeToString([]byte(payload))
	signature, err := signer.Sign(t.Context(), []byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + b64.EncodeToString(signature)
}

func alg(s key.Signer) string {
	return map[key.Type]string{key.Ed25519: "EdDSA", key.P256: "ES256", key.P384: "ES384", key.P521: "ES512"}[s.Public().Type()]
}

func pointers(t testing.TB, s proof.Suite, token string) []string {
	t.Helper()
	all, err := s.(proof.Discloser).Choices(t.Context(), []byte(token))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range all {
		out = append(out, c.Pointer)
	}
	slices.Sort(out)
	return out
}

// ordered sorts names in place.
func ordered(names []string) []string {
	slices.Sort(names)
	return names
}
