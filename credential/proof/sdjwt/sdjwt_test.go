package sdjwt_test

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return b64.EncodeToString(sum[:])
}

// TestRoundTrip issues a badge of which parts can be kept back, shows all,
// some and nothing of them, and gets the same badge but for those.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, suite := range []proof.Suite{sdjwt.DC(), sdjwt.VC()} {
		for _, kind := range []key.Type{key.Ed25519, key.P256, key.P384, key.P521} {
			issuer, holder := newParty(t, kind), newParty(t, kind)
			token := issue(t, suite, issuer, badge(issuer.did, holder.did), proof.Params{Created: at(9), Disclosable: choices(), Decoys: 2})
			if got := pointers(t, suite, token); !slices.Equal(got, slices.Sorted(slices.Values(choices()))) {
				t.Errorf("choices: %v", got)
			}
			for _, c := range []struct {
				show                []string
				has, lacks          []string
				disclosed, withheld int
			}{
				{choices(), []string{"Kari Nordmann", `"A"`, "98.50", "narrative\":\"b"}, nil, 5, 6},
				{nil, []string{"maskinl"}, []string{"Kari", `"A"`, "98.50", "narrative\":\"b"}, 0, 8},
				{[]string{"/credentialSubject/result/1/value"}, []string{"98.50"}, []string{"Kari", `"A"`}, 1, 7},
				{[]string{"/credentialSubject/identifier/0/identityHash"}, []string{"Kari"}, []string{"98.50"}, 2, 9},
				{[]string{"/credentialSubject"}, []string{"Kari", "98.50"}, []string{"narrative\":\"b"}, 4, 7},
				{[]string{"/credentialSubject/achievement"}, []string{"maskinl"}, []string{"Kari", "98.50"}, 0, 8},
			} {
				shown := disclose(t, suite, token, proof.Disclosure{Pointers: c.show})
				s, proven, err := verify(t, shown)
				if err != nil {
					t.Fatalf("%s %s %v: %v", suite.ID(), kind, c.show, err)
				}
				text := string(proven.Document.AppendJSON(nil))
				for _, part := range c.has {
					if !strings.Contains(text, part) {
						t.Errorf("%v shows no %s: %s", c.show, part, text)
					}
				}
				for _, part := range c.lacks {
					if strings.Contains(text, part) {
						t.Errorf("%v shows %s: %s", c.show, part, text)
					}
				}
				if strings.Contains(text, "_sd") || strings.Contains(text, "...") {
					t.Errorf("what is hidden can be seen: %s", text)
				}
				if s.Disclosed != c.disclosed || s.Withheld != c.withheld {
					t.Errorf("%v: %d disclosed and %d withheld, want %d and %d", c.show, s.Disclosed, s.Withheld, c.disclosed, c.withheld)
				}
				if proven.Key.Controller != issuer.did || credential.ID(proven.Document.Get("issuer")) != issuer.did || s.Mapped {
					t.Errorf("%+v", proven.Key)
				}
			}
		}
	}
}

// TestSameDocument shows that a badge comes out as it went in, member by
// member, whatever of it was hidden and disclosed again.
func TestSameDocument(t *testing.T) {
	t.Parallel()
	issuer := newParty(t, key.Ed25519)
	doc := badge(issuer.did, "did:example:kari")
	want := sorted(t, doc)
	token := issue(t, sdjwt.DC(), issuer, doc, proof.Params{Disclosable: choices()})
	_, proven, err := verify(t, token)
	if err != nil {
		t.Fatal(err)
	}
	if got := sorted(t, proven.Document.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	plain := issue(t, sdjwt.DC(), issuer, doc, proof.Params{})
	if _, proven, err = verify(t, plain); err != nil || string(proven.Document.Raw()) != string(doc) {
		t.Errorf("without anything to hide the bytes are others: %v", err)
	}
}

// sorted writes JSON with its members in order of their names.
func sorted(t testing.TB, raw []byte) string {
	t.Helper()
	v, err := strictjson.Parse(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var order func(v *strictjson.Value) *strictjson.Value
	order = func(v *strictjson.Value) *strictjson.Value {
		switch v.Kind() {
		case strictjson.KindArray:
			var items []*strictjson.Value
			for _, item := range v.Items() {
				items = append(items, order(item))
			}
			return strictjson.Array(items...)
		case strictjson.KindObject:
			members := slices.Clone(v.Members())
			slices.SortFunc(members, func(a, b strictjson.Member) int { return strings.Compare(a.Name, b.Name) })
			for i := range members {
				members[i].Value = order(members[i].Value)
			}
			return strictjson.Object(members...)
		}
		return v
	}
	return string(order(v).AppendJSON(nil))
}

// TestKeyBinding shows a credential to one receiver.
func TestKeyBinding(t *testing.T) {
	t.Parallel()
	for _, kind := range []key.Type{key.Ed25519, key.P256, key.P384, key.P521} {
		issuer, holder := newParty(t, key.Ed25519), newParty(t, kind)
		token := issue(t, sdjwt.DC(), issuer, badge(issuer.did, holder.did), proof.Params{Disclosable: choices()})
		d := proof.Disclosure{Pointers: []string{"/evidence/0"}, Holder: holder, Audience: "https://firma.example", Challenge: "n-0S6_WzA2Mj", Created: at(9)}
		shown := disclose(t, sdjwt.DC(), token, d)
		s, proven, err := verify(t, shown)
		if err != nil {
			t.Fatal(err)
		}
		if s.Purpose != proof.Authentication || s.Holder != holder.did || proven.Key.Controller != holder.did || s.Challenge != d.Challenge || !slices.Equal(s.Domains, []string{d.Audience}) {
			t.Errorf("%+v", s)
		}
		if !s.Created.Equal(at(9)) || !s.Expires.Equal(at(9).Add(sdjwt.DefaultBindingAge)) || string(s.Shown) != shown[:strings.LastIndexByte(shown, '~')+1] {
			t.Errorf("from %v until %v", s.Created, s.Expires)
		}
		// What was shown to one receiver can be cut down further for another.
		again := disclose(t, sdjwt.DC(), shown, proof.Disclosure{})
		if s, _, err := verify(t, again); err != nil || s.Purpose != proof.AssertionMethod || s.Disclosed != 0 {
			t.Errorf("%+v, %v", s, err)
		}
		d.Expires, d.Challenge = at(12), ""
		if s, _, err := verify(t, disclose(t, sdjwt.DC(), token, d)); err != nil || !s.Expires.Equal(at(12)) || len(s.Challenge) < 22 {
			t.Errorf("%+v, %v", s, err)
		}
		// Another subject's id, and the key given apart.
		token = issue(t, sdjwt.DC(), issuer, badge(issuer.did, "urn:uuid:4711"), proof.Params{Holder: holder.Public()})
		s, proven, err = verify(t, disclose(t, sdjwt.DC(), token, d))
		if urn := "urn:ietf:params:oauth:jwk-thumbprint:sha-256:" + holder.Public().Thumbprint(); err != nil || s.Holder != urn || proven.Key.Controller != urn {
			t.Errorf("%+v, %v", s, err)
		}
	}
}

// TestPlainClaims reads an SD-JWT VC that is no document of the data model.
func TestPlainClaims(t *testing.T) {
	t.Parallel()
	issuer, holder := newParty(t, key.P256), newParty(t, key.P256)
	doc := []byte(`{"iss":"` + issuer.did + `","vct":"https://kurs.example/vct/1","nbf":1767225600,"exp":1893456000,"sub":"` + holder.did + `","given_name":"Kari","nationalities":["NO","SE"],"achievement":{"name":"n","ects":7.5}}`)
	token := issue(t, sdjwt.DC(), issuer, doc, proof.Params{Created: at(9), Holder: holder.Public(),
		Disclosable: []string{"/given_name", "/nationalities/1", "/achievement/ects", "/sub"},
		Status:      strictjson.Object(strictjson.Member{Name: "status_list", Value: strictjson.Object(strictjson.Member{Name: "idx", Value: strictjson.Int(7)})})})
	want := []string{"/credentialSubject/achievement/ects", "/credentialSubject/given_name", "/credentialSubject/id", "/credentialSubject/nationalities/1"}
	if got := pointers(t, sdjwt.DC(), token); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	shown := disclose(t, sdjwt.DC(), token, proof.Disclosure{Pointers: []string{"/credentialSubject/nationalities", "/credentialSubject/id"}})
	s, proven, err := verify(t, shown)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Mapped || s.Disclosed != 2 || s.Withheld != 2 || s.Status.Get("status_list").Get("idx") == nil {
		t.Errorf("%+v", s)
	}
	const rest = `"credentialSubject":{"id":"%","nationalities":["NO","SE"],"achievement":{"name":"n"}}}`
	got := string(proven.Document.AppendJSON(nil))
	if !strings.HasSuffix(got, strings.ReplaceAll(rest, "%", holder.did)) || !strings.HasPrefix(got, `{"type":["VerifiableCredential","https://kurs.example/vct/1"],"issuer":"`+issuer.did+`","validFrom":"2026-01-01T00:00:00Z","validUntil":"2030-01-01T00:00:00Z",`) {
		t.Error(got)
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	issuer := newParty(t, key.Ed25519)
	doc := string(badge(issuer.did, "did:example:kari"))
	good := proof.Params{Purpose: proof.AssertionMethod}
	hide := func(p ...string) proof.Params {
		return proof.Params{Purpose: proof.AssertionMethod, Disclosable: p}
	}
	for name, c := range map[string]struct {
		doc  string
		p    proof.Params
		code reason.Code
	}{
		"purpose":             {doc, proof.Params{Purpose: proof.Authentication}, reason.WrongPurpose},
		"mandatory pointers":  {doc, proof.Params{Purpose: proof.AssertionMethod, Mandatory: []string{"/id"}}, "usage/params"},
		"an end of the proof": {doc, proof.Params{Purpose: proof.AssertionMethod, Expires: time.Unix(1, 0)}, "usage/params"},
		"no such place":       {doc, hide("/credentialSubject/nothing"), "disclosure_invalid/pointer"},
		"the whole":           {doc, hide(""), "disclosure_invalid/pointer"},
		"no pointer":          {doc, hide("id"), "disclosure_invalid/pointer"},
		"twice":               {doc, hide("/evidence", "/evidence"), "usage/params"},
		"the issuer":          {doc, hide("/issuer"), "usage/params"},
		"the issuer's name":   {doc, hide("/issuer/name"), "usage/params"},
		"the context":         {doc, hide("/@context/1"), "usage/params"},
		"a type":              {doc, hide("/credentialSubject/type"), "usage/params"},
		"the subject":         {doc, hide("/credentialSubject"), "usage/params"},
		"the end":             {doc, hide("/validUntil"), "usage/params"},
		"a name for digests":  {strings.Replace(doc, `"narrative":"a"`, `"_sd":["x"]`, 1), good, "malformed/reserved-name"},
		"dots for a name":     {strings.Replace(doc, `"narrative":"a"`, `"...":"x"`, 1), good, "malformed/reserved-name"},
		"a proof inside":      {strings.Replace(doc, `"id":"urn`, `"proof":{},"id":"urn`, 1), good, reason.Conflict},
		"a presentation":      {`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"]}`, good, "wrong_type/not-a-credential"},
		"no type":             {`{"iss":"` + issuer.did + `","name":"x"}`, good, reason.MalformedClaims},
		"no issuer":           {`{"vct":"x","name":"x"}`, good, reason.MalformedClaims},
		"a claim twice":       {`{"iss":"` + issuer.did + `","vct":"x","iat":1}`, proof.Params{Purpose: proof.AssertionMethod, Created: at(1)}, reason.Conflict},
	} {
		if _, err := sdjwt.DC().Sign(t.Context(), []byte(c.doc), issuer, c.p); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %s (%v), want %s", name, reason.CodeOf(err), err, c.code)
		}
	}
}

func TestDiscloseRefuses(t *testing.T) {
	t.Parallel()
	issuer, holder, other := newParty(t, key.Ed25519), newParty(t, key.Ed25519), newParty(t, key.Ed25519)
	token := issue(t, sdjwt.DC(), issuer, badge(issuer.did, holder.did), proof.Params{Disclosable: choices()})
	unbound := issue(t, sdjwt.DC(), issuer, badge(issuer.did, "urn:uuid:1"), proof.Params{Disclosable: choices()})
	bound := proof.Disclosure{Holder: holder, Audience: "a", Created: at(9)}
	for name, c := range map[string]struct {
		suite proof.Suite
		token string
		d     proof.Disclosure
		code  reason.Code
	}{
		"no such place":       {sdjwt.DC(), token, proof.Disclosure{Pointers: []string{"/nothing"}}, "disclosure_invalid/pointer"},
		"another suite":       {sdjwt.VC(), token, proof.Disclosure{}, "unsupported_alg/suite"},
		"no receiver":         {sdjwt.DC(), token, proof.Disclosure{Holder: holder, Created: at(9)}, "usage/params"},
		"no time":             {sdjwt.DC(), token, proof.Disclosure{Holder: holder, Audience: "a"}, "usage/params"},
		"another holder":      {sdjwt.DC(), token, proof.Disclosure{Holder: other, Audience: "a", Created: at(9)}, "holder_mismatch/key"},
		"bound to nobody":     {sdjwt.DC(), unbound, bound, "holder_mismatch/no-cnf"},
		"no SD-JWT":           {sdjwt.DC(), `{"a":1}`, proof.Disclosure{}, "unsupported_alg/suite"},
		"already hidden":      {sdjwt.DC(), disclose(t, sdjwt.DC(), token, proof.Disclosure{}), proof.Disclosure{Pointers: []string{"/evidence"}}, "disclosure_invalid/pointer"},
		"a token of the dots": {sdjwt.DC(), strings.Split(token, "~")[0], proof.Disclosure{}, "unsupported_alg/suite"},
	} {
		if _, err := c.suite.(proof.Discloser).Disclose(t.Context(), []byte(c.token), c.d); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %s (%v), want %s", name, reason.CodeOf(err), err, c.code)
		}
	}
}

func benchToken(b *testing.B) (party, string) {
	issuer, holder := newParty(b, key.Ed25519), newParty(b, key.Ed25519)
	return issuer, issue(b, sdjwt.DC(), issuer, badge(issuer.did, holder.did), proof.Params{Disclosable: choices()})
}

func BenchmarkSign(b *testing.B) {
	issuer, _ := benchToken(b)
	doc := badge(issuer.did, issuer.did)
	for b.Loop() {
		if _, err := sdjwt.DC().Sign(b.Context(), doc, issuer, proof.Params{Purpose: proof.AssertionMethod, Disclosable: choices()}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	_, token := benchToken(b)
	for b.Loop() {
		if _, _, err := verify(b, token); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFloor is what no implementation does without: hashes and the
// signature itself.
func BenchmarkFloor(b *testing.B) {
	issuer, token := benchToken(b)
	text := []byte(token)
	signature, err := issuer.Sign(b.Context(), text)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sign", func(b *testing.B) {
		for b.Loop() {
			digest(token)
			if _, err := issuer.Sign(b.Context(), text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			digest(token)
			if err := issuer.Public().Verify(text, signature); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestWhatIsHidden looks at what an issuer makes: salts of 128 bits that never
// come again, digests in an order that says nothing, decoys that look alike.
func TestWhatIsHidden(t *testing.T) {
	t.Parallel()
	issuer := newParty(t, key.Ed25519)
	salts := map[string]bool{}
	for range 20 {
		token := issue(t, sdjwt.DC(), issuer, badge(issuer.did, "did:example:kari"), proof.Params{
			Disclosable: []string{"/credentialSubject/id", "/credentialSubject/result", "/credentialSubject/identifier", "/evidence", "/id"}, Decoys: 3})
		parts := strings.Split(strings.TrimSuffix(token, "~"), "~")
		for _, d := range parts[1:] {
			raw, err := b64.DecodeString(d)
			if err != nil {
				t.Fatal(err)
			}
			v, err := strictjson.Parse(raw, strictjson.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			salt, _ := v.Items()[0].Text()
			if raw, err := b64.DecodeString(salt); err != nil || len(raw) != 16 || salts[salt] {
				t.Fatalf("the salt %q, %v", salt, err)
			}
			salts[salt] = true
		}
		raw, err := b64.DecodeString(strings.Split(parts[0], ".")[1])
		if err != nil {
			t.Fatal(err)
		}
		doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for at, want := range map[string]int{"/ld/_sd": 2 + 3, "/ld/credentialSubject/_sd": 3 + 3} {
			var digests []string
			for _, item := range doc.Lookup(at).Items() {
				s, _ := item.Text()
				digests = append(digests, s)
			}
			if len(digests) != want || !slices.IsSorted(digests) || slices.ContainsFunc(digests, func(s string) bool { return len(s) != 43 }) {
				t.Errorf("%s: %v", at, digests)
			}
		}
	}
}
