package jsonld_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

func processor(t testing.TB, extra ...jsonld.Extra) *jsonld.Processor {
	t.Helper()
	contexts, err := jsonld.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if contexts, err = contexts.With(extra...); err != nil {
		t.Fatal(err)
	}
	p, err := jsonld.New(jsonld.Config{Contexts: contexts})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func parse(t testing.TB, text string) *strictjson.Value {
	t.Helper()
	v, err := strictjson.ParseObject([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func canonical(t testing.TB, p *jsonld.Processor, doc *strictjson.Value) (string, error) {
	t.Helper()
	selections, err := p.Selections(doc)
	if err != nil {
		return "", err
	}
	text, _, err := p.Canonicalize(t.Context(), doc, selections[0], rdfc.SHA256)
	return string(text), err
}

// TestEmbeddedContexts holds the list against the published index.
func TestEmbeddedContexts(t *testing.T) {
	t.Parallel()
	contexts, err := jsonld.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2"} {
		if len(contexts.Lookup(url)) != 1 {
			t.Errorf("%s is missing", url)
		}
	}
	if editions := contexts.Lookup("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"); len(editions) != 2 || editions[0].Edition != "2026-06" || editions[1].Edition != "2024-03" {
		t.Errorf("editions of Open Badges 3.0.3: %v", editions)
	}
	for _, p := range contexts.All() { // those that ship are read when they are needed, those of others at once
		if _, err := contexts.With(jsonld.Extra{URL: p.URL, Bytes: p.Bytes(), SHA256: p.SHA256}); err != nil {
			t.Error(err)
		}
	}
	for _, never := range []string{"https://www.w3.org/ns/credentials/undefined-terms/v2", "https://www.w3.org/ns/credentials/examples/v2", "HTTPS://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/v2#", "http://www.w3.org/ns/credentials/v2"} {
		if contexts.Lookup(never) != nil {
			t.Errorf("%s is accepted", never)
		}
	}
	raw, err := os.ReadFile(testcorpus.Path(t, "contexts", "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index []struct{ URL, SHA256, Source string }
	if err := json.Unmarshal(raw, &index); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, p := range contexts.All() {
		known[p.URL+" "+p.SHA256] = true
	}
	matched := 0
	for _, e := range index {
		if strings.Contains(e.URL, "/examples/") || strings.Contains(e.URL, "/undefined-terms/") {
			continue
		}
		if !known[e.URL+" "+e.SHA256] {
			t.Errorf("%s with digest %s is not embedded", e.URL, e.SHA256)
			continue
		}
		matched++
	}
	t.Logf("%d contexts have the digest of the index", matched)
}

func TestWrongDigestIsRefused(t *testing.T) {
	t.Parallel()
	contexts, err := jsonld.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	_, err = contexts.With(jsonld.Extra{URL: "https://x.example", Bytes: []byte(`{"@context":{}}`), SHA256: strings.Repeat("0", 64)})
	if reason.CodeOf(err) != "unsafe_context/digest" {
		t.Error(err)
	}
	for _, raw := range []string{`{"@context":`, `[]`, `{"@context":{},"@context":{}}`} {
		sum := sha256.Sum256([]byte(raw))
		if _, err := contexts.With(jsonld.Extra{URL: "https://x.example", Bytes: []byte(raw), SHA256: hex.EncodeToString(sum[:])}); reason.CodeOf(err) != "unsafe_context/malformed" {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

// TestNothing: a document that says nothing has no statement to sign.
func TestNothing(t *testing.T) {
	t.Parallel()
	p := processor(t)
	doc := parse(t, `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:x:1"}`)
	if _, err := canonical(t, p, doc); reason.CodeOf(err) != "unsigned_data/nothing" {
		t.Error(err)
	}
}

const badge = `{
  "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
  "id": "urn:uuid:5f0c0e9e-1111-4222-8333-0a0b0c0d0e0f",
  "type": ["VerifiableCredential", "OpenBadgeCredential"],
  "name": "Kurs",
  "issuer": {"id": "did:example:issuer", "type": ["Profile"], "name": "Prøve"},
  "validFrom": "2026-01-01T00:00:00Z",
  "credentialSubject": {
    "id": "did:example:kari", "type": ["AchievementSubject"], "creditsEarned": 7.5,
    "achievement": {
      "id": "urn:uuid:6a0c0e9e-1111-4222-8333-0a0b0c0d0e0f", "type": ["Achievement"], "name": "Kurs", "description": "Bestått.",
      "criteria": {"narrative": "Eksamen"}, "tag": ["a", "b"],
      "alignment": [{"type": ["Alignment"], "targetName": "Skill", "targetUrl": "https://skill.example/1"}],
      "resultDescription": [{"id": "urn:r:1", "type": ["ResultDescription"], "name": "Karakter", "resultType": "LetterGrade", "allowedValue": ["A", "B", "C"]}]
    },
    "result": [{"type": ["Result"], "resultDescription": "urn:r:1", "value": "B"}]
  },
  "credentialStatus": {"id": "https://s.example/1#7", "type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "7", "statusListCredential": "https://s.example/1"}
}`

func TestRefuses(t *testing.T) {
	t.Parallel()
	p := processor(t)
	doc := parse(t, badge)
	if _, err := canonical(t, p, doc); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, old, new string
		code           reason.Code
		at             string
	}{
		{"undefined term", `"name": "Kurs",`, `"name": "Kurs", "grade": "A",`, "unsigned_data/undefined-term", "/grade"},
		{"undefined term, nested", `"narrative": "Eksamen"`, `"narrative": "Eksamen", "level": 1`, "unsigned_data/undefined-term", "/credentialSubject/achievement/criteria/level"},
		{"undefined type", `["Profile"]`, `["Profile", "Ministry"]`, "unsigned_data/relative-type", ""},
		{"keyword-like", `"name": "Kurs",`, `"name": "Kurs", "@accredited": true,`, "unsigned_data/keyword", "/@accredited"},
		{"@id for id", `"id": "did:example:kari"`, `"@id": "did:example:kari"`, "unsigned_data/keyword", "/credentialSubject/@id"},
		{"@graph", `"name": "Kurs",`, `"name": "Kurs", "@graph": ["free"],`, "unsigned_data/keyword", "/@graph"},
		{"full IRI", `"validFrom":`, `"https://www.w3.org/2018/credentials#validFrom":`, "unsigned_data/expanded-name", "/https:~1~1www.w3.org~12018~1credentials#validFrom"},
		{"a class for a property", `"criteria":`, `"Criteria":`, "unsigned_data/another-term", "/credentialSubject/achievement/Criteria"},
		{"relative subject", `"did:example:kari"`, `"kari"`, "unsigned_data/relative-id", ""},
		{"relative link", `"targetUrl": "https://skill.example/1"`, `"targetUrl": "1"`, "", ""}, // a typed literal, signed as it stands
		{"null", `"name": "Kurs",`, `"name": "Kurs", "validUntil": null,`, "unsigned_data/null", "/validUntil"},
		{"digits lost", `7.5`, `0.30000000000000004`, "unsigned_data/number", "/credentialSubject/creditsEarned"},
		{"same node elsewhere", `"credentialStatus": {"id": "https://s.example/1#7"`, `"credentialStatus": {"id": "urn:uuid:5f0c0e9e-1111-4222-8333-0a0b0c0d0e0f"`, "unsigned_data/ambiguous-node", "/credentialStatus"},
		{"blank id", `"did:example:kari"`, `"_:kari"`, "unsigned_data/blank-id", "/credentialSubject/id"},
		{"inline context", `"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]`, `"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", {"@vocab": "urn:x:"}]`, "unsafe_context/inline", "/@context/2"},
		{"unknown context", `context-3.0.3.json"]`, `context-3.0.3.json", "https://evil.example/c"]`, "unsafe_context/unknown", "/@context/2"},
		{"context for a part", `"narrative": "Eksamen"`, `"@context": null, "narrative": "Eksamen"`, "unsafe_context/inline", "/credentialSubject/achievement/criteria/@context"},
		{"language", `"name": "Kurs",`, `"name": {"@value": "Kurs", "@language": "not a tag"},`, "unsigned_data/language", "/name/@language"},
		{"direction", `"name": "Kurs",`, `"name": {"@value": "Kurs", "@direction": "up"},`, "unsigned_data/direction", "/name/@direction"},
		{"direction as a type", `"name": "Kurs",`, `"name": {"@value": "Kurs", "type": "https://www.w3.org/ns/i18n#_rtl"},`, "unsigned_data/direction", "/name/type"},
		{"protected term", `"name": "Kurs",`, `"name": "Kurs", "proof": "x",`, "", ""},
	} {
		text := strings.Replace(badge, tt.old, tt.new, 1)
		if text == badge {
			t.Fatalf("%s: nothing replaced", tt.name)
		}
		_, err := canonical(t, p, parse(t, text))
		if tt.code == "" {
			continue
		}
		if reason.CodeOf(err) != tt.code || tt.at != "" && reason.AtOf(err) != tt.at {
			t.Errorf("%s: %s at %s (%v), want %s at %s", tt.name, reason.CodeOf(err), reason.AtOf(err), err, tt.code, tt.at)
		}
	}
}

// TestEveryLeafCounts changes each leaf of a badge, and adds a member to each
// object: the canonical form must change, or the document be refused.
func TestEveryLeafCounts(t *testing.T) {
	t.Parallel()
	p := processor(t)
	doc := parse(t, badge)
	want, err := canonical(t, p, doc)
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for _, m := range mutations(doc, "") {
		if strings.HasPrefix(m.at, "/@context") {
			continue
		}
		got, err := canonical(t, p, parse(t, string(m.doc.AppendJSON(nil))))
		if err == nil && got == want {
			t.Errorf("%s: the change at %s is not covered", m.what, m.at)
		}
		changed++
	}
	t.Logf("%d changes, each covered or refused", changed)
}

type mutation struct {
	at, what string
	doc      *strictjson.Value
}

func mutations(v *strictjson.Value, at string) []mutation {
	var out []mutation
	switch v.Kind() {
	case strictjson.KindObject:
		for _, added := range []strictjson.Member{
			{Name: "unknownTerm", Value: strictjson.String("x")}, {Name: "name", Value: strictjson.String("Forged")},
			{Name: "validUntil", Value: strictjson.Null()}, {Name: "@type", Value: strictjson.String("Achievement")},
			{Name: "evidence", Value: strictjson.Object(strictjson.Member{Name: "type", Value: strictjson.String("Evidence")})},
		} {
			out = append(out, mutation{at, "added " + added.Name, v.With(added.Name, added.Value)})
		}
		for _, m := range v.Members() {
			out = append(out, mutation{at + "/" + m.Name, "removed", v.Without(m.Name)})
			for _, inner := range mutations(m.Value, at+"/"+m.Name) {
				out = append(out, mutation{inner.at, inner.what, v.With(m.Name, inner.doc)})
			}
		}
	case strictjson.KindArray:
		for i, item := range v.Items() {
			for _, inner := range mutations(item, fmt.Sprintf("%s/%d", at, i)) {
				items := append([]*strictjson.Value(nil), v.Items()...)
				items[i] = inner.doc
				out = append(out, mutation{inner.at, inner.what, strictjson.Array(items...)})
			}
		}
	case strictjson.KindString:
		s, _ := v.Text()
		out = append(out, mutation{at, "changed", strictjson.String(s + "x")}, mutation{at, "number", strictjson.Int(4)}, mutation{at, "object", strictjson.Object()})
	default:
		out = append(out, mutation{at, "changed", strictjson.Int(3)})
	}
	return out
}

// TestW3CVectors compares with the canonical forms of the EdDSA
// cryptosuites' test vectors.
func TestW3CVectors(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t, "vc-di-eddsa", "TestVectors")
	example, err := os.ReadFile(testcorpus.Path(t, "contexts", "credentials-examples-v2.jsonld"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(example)
	p := processor(t, jsonld.Extra{URL: "https://www.w3.org/ns/credentials/examples/v2", Bytes: example, SHA256: hex.EncodeToString(sum[:])})
	for _, tt := range []struct{ doc, form string }{
		{"unsigned.json", "eddsa-rdfc-2022/canonDocDataInt.txt"},
		{"eddsa-rdfc-2022/proofConfigDataInt.json", "eddsa-rdfc-2022/proofCanonDataInt.txt"},
		{"unsigned.json", "Ed25519Signature2020/canonDocEdSig.txt"},
		{"Ed25519Signature2020/proofConfigEdSig.json", "Ed25519Signature2020/proofCanonEdSig.txt"},
	} {
		raw, err := os.ReadFile(filepath.Join(root, tt.doc))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(root, tt.form))
		if err != nil {
			t.Fatal(err)
		}
		got, err := canonical(t, p, parse(t, string(raw)))
		if err != nil || got != string(want) {
			t.Errorf("%s: %v\n%s\nwant\n%s", tt.form, err, got, want)
		}
	}
}

// TestConcurrentUse is for the race detector: contexts are shared.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	p := processor(t)
	want, err := canonical(t, p, parse(t, badge))
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 5 {
				if got, err := canonical(t, p, parse(t, badge)); err != nil || got != want {
					t.Error(err)
				}
			}
		})
	}
}

func FuzzQuads(f *testing.F) {
	f.Add([]byte(badge))
	f.Add([]byte(`{"@context":"https://www.w3.org/ns/credentials/v2","type":"VerifiablePresentation","verifiableCredential":[{"@context":"https://www.w3.org/ns/credentials/v2","type":"VerifiableCredential"}]}`))
	p := processor(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := strictjson.ParseObject(data, strictjson.Limits{})
		if err != nil {
			return
		}
		first, err := canonical(t, p, doc)
		if err != nil {
			if c := reason.CodeOf(err).Class(); c == reason.Fault {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		if again, err := canonical(t, p, doc); err != nil || again != first {
			t.Fatalf("not stable: %v", err)
		}
		if _, err := rdfc.ParseNQuads([]byte(first)); err != nil {
			t.Fatalf("%q: %v", first, err)
		}
	})
}

func BenchmarkCanonicalize(b *testing.B) {
	p := processor(b)
	doc := parse(b, badge)
	for b.Loop() {
		if _, err := canonical(b, p, doc); err != nil {
			b.Fatal(err)
		}
	}
}

// TestDirectionIsSigned: the direction of a text is part of what is signed, so
// two that differ in nothing else are two documents.
func TestDirectionIsSigned(t *testing.T) {
	t.Parallel()
	p := processor(t)
	seen := map[string]string{}
	for _, name := range []string{
		`"Kurs"`, `{"@value": "Kurs"}`,
		`{"@value": "Kurs", "@language": "nb"}`, `{"@value": "Kurs", "@direction": "ltr"}`, `{"@value": "Kurs", "@direction": "rtl"}`,
		`{"@value": "Kurs", "@language": "NB", "@direction": "ltr"}`, `{"@value": "Kurs", "@language": "nb", "@direction": "rtl"}`,
	} {
		got, err := canonical(t, p, parse(t, strings.Replace(badge, `"name": "Kurs",`, `"name": `+name+`,`, 1)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if other := seen[got]; other != "" && name != `{"@value": "Kurs"}` {
			t.Errorf("%s and %s are the same statements", name, other)
		}
		seen[got] = name
	}
	got, _ := canonical(t, p, parse(t, strings.Replace(badge, `"name": "Kurs",`, `"name": {"@value": "Kurs", "@language": "NB", "@direction": "rtl"},`, 1)))
	if want := `"Kurs"^^<https://www.w3.org/ns/i18n#nb_rtl>`; !strings.Contains(got, want) {
		t.Errorf("%s is not in\n%s", want, got)
	}
}

// TestTogether: documents are read at once by a processor that has not seen
// their contexts yet. The race detector watches.
func TestTogether(t *testing.T) {
	t.Parallel()
	doc, err := strictjson.Parse([]byte(`{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
		"type":["VerifiableCredential","OpenBadgeCredential"],"issuer":{"id":"did:x:y","type":["Profile"],"name":"n"},
		"credentialSubject":{"id":"did:x:z","type":["AchievementSubject"],"achievement":{"id":"urn:x:1","type":["Achievement"],"name":"a","description":"d","criteria":{"narrative":"c"}}}}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	contexts, err := jsonld.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		p, err := jsonld.New(jsonld.Config{Contexts: contexts})
		if err != nil {
			t.Fatal(err)
		}
		selections, err := p.Selections(doc)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		begin := make(chan struct{})
		for range 8 {
			all.Go(func() {
				<-begin
				if _, err := p.Quads(t.Context(), doc, selections[0]); err != nil {
					t.Error(err)
				}
			})
		}
		close(begin)
		all.Wait()
	}
}
