package selective_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/selective"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const badge = `{
  "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
  "id": "urn:uuid:5f0c0e9e-1111-4222-8333-0a0b0c0d0e0f",
  "type": ["VerifiableCredential", "OpenBadgeCredential"],
  "name": "Kurs i maskinlæring",
  "description": [{"@value": "Et kurs", "@language": "nb"}, {"@value": "A course", "@language": "en"}],
  "issuer": {"id": "did:example:issuer", "type": ["Profile"], "name": "Prøve"},
  "validFrom": "2026-01-01T00:00:00Z",
  "validUntil": "2031-01-01T00:00:00Z",
  "credentialSubject": {"id": "did:example:kari", "type": ["AchievementSubject"], "creditsEarned": 7.5,
    "result": [{"type": ["Result"], "resultDescription": "urn:uuid:7", "value": "B"}, {"type": ["Result"], "value": "A"}],
    "achievement": {"id": "urn:uuid:6", "type": ["Achievement"], "name": "Kurs", "description": "B", "criteria": {"narrative": "Eksamen"},
      "tag": ["a", "b", "c"],
      "resultDescription": [{"id": "urn:uuid:7", "type": ["ResultDescription"], "name": "Karakter", "resultType": "LetterGrade", "allowedValue": ["C", "B", "A"]}],
      "alignment": [{"type": ["Alignment"], "targetName": "x", "targetUrl": "https://x.example/"}]}},
  "endorsement": [{"@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
    "id": "urn:uuid:8", "type": ["VerifiableCredential", "EndorsementCredential"], "name": "Anbefaling", "issuer": {"id": "did:example:other", "type": ["Profile"]},
    "validFrom": "2026-01-01T00:00:00Z", "credentialSubject": {"id": "did:example:issuer", "type": ["EndorsementSubject"], "endorsementComment": "God"}}]
}`

type world struct {
	p         *jsonld.Processor
	selection jsonld.Selection
	doc       *strictjson.Value
	*selective.Document
}

func open(t testing.TB, text string) world {
	t.Helper()
	contexts, err := jsonld.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	p, err := jsonld.New(jsonld.Config{Contexts: contexts})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := strictjson.ParseObject([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	selections, err := p.Selections(doc)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := p.Statements(t.Context(), doc, selections[0])
	if err != nil {
		t.Fatal(err)
	}
	d, err := selective.New(t.Context(), doc, statements, func(canonical []string) map[string]string {
		return selective.HMACLabels([]byte("key"), canonical)
	})
	if err != nil {
		t.Fatal(err)
	}
	return world{p, selections[0], doc, d}
}

// TestReveal: what is shown of a document means the chosen statements, no
// less and no more, and its reader comes to the labels they were given.
func TestReveal(t *testing.T) {
	t.Parallel()
	w := open(t, badge)
	choices, err := w.Choices([]string{"/issuer"})
	if err != nil {
		t.Fatal(err)
	}
	pointers := [][]string{
		{""}, {"/type"}, {"/id"}, {"/@context"}, {"/issuer"}, {"/issuer/name"}, {"/credentialSubject"}, {"/credentialSubject/id"},
		{"/credentialSubject/result/1/value"}, {"/credentialSubject/result/1", "/credentialSubject/result/0/value"},
		{"/credentialSubject/achievement/tag/1"}, {"/credentialSubject/achievement/tag"},
		{"/credentialSubject/achievement/resultDescription/0/allowedValue"}, {"/credentialSubject/achievement/resultDescription/0/name"},
		{"/endorsement/0/credentialSubject/endorsementComment"}, {"/endorsement"}, {"/validFrom", "/validUntil"}, {"/description/1"}, {"/description"},
		{"/credentialSubject/achievement", "/credentialSubject/achievement/name"}, choices,
	}
	for _, c := range choices {
		pointers = append(pointers, []string{c}, []string{"/issuer", c})
	}
	for _, chosen := range pointers {
		shown, err := w.Reveal(t.Context(), chosen)
		if err != nil {
			t.Errorf("%q: %v", chosen, err)
			continue
		}
		// The reader makes statements of the shown document alone.
		doc, err := strictjson.ParseObject(shown.Document.AppendJSON(nil), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		quads, err := w.p.Quads(t.Context(), doc, w.selection)
		if err != nil {
			t.Errorf("%q: %v: %s", chosen, err, shown.Document.AppendJSON(nil))
			continue
		}
		if result, err := rdfc.Canonicalize(t.Context(), quads, rdfc.Options{}); err != nil || string(result.NQuads) != string(shown.NQuads) {
			t.Errorf("%q: the document says\n%s(%v)\nand was to say\n%s", chosen, result.NQuads, err, shown.NQuads)
		}
		lines, err := selective.Lines(t.Context(), quads, shown.Labels)
		if err != nil {
			t.Errorf("%q: %v", chosen, err)
			continue
		}
		var want []string
		for _, i := range shown.Indexes {
			want = append(want, w.NQuads[i])
		}
		if !slices.Equal(lines, want) {
			t.Errorf("%q: the reader has\n%s\nand should have\n%s", chosen, strings.Join(lines, ""), strings.Join(want, ""))
		}
		if again, err := w.Select(chosen); err != nil || !slices.Equal(again, shown.Indexes) {
			t.Errorf("%q: %v %v", chosen, again, err)
		}
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	w := open(t, badge)
	shown, err := w.Reveal(t.Context(), []string{"/credentialSubject/achievement/tag/1", "/issuer", "/credentialSubject/result/1/value", "/endorsement/0/name"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],` +
		`"id":"urn:uuid:5f0c0e9e-1111-4222-8333-0a0b0c0d0e0f","type":["VerifiableCredential","OpenBadgeCredential"],` +
		`"issuer":{"id":"did:example:issuer","type":["Profile"],"name":"Prøve"},` +
		`"credentialSubject":{"id":"did:example:kari","type":["AchievementSubject"],"result":[{"type":["Result"],"value":"A"}],` +
		`"achievement":{"id":"urn:uuid:6","type":["Achievement"],"tag":["b"]}},` +
		`"endorsement":[{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],` +
		`"id":"urn:uuid:8","type":["VerifiableCredential","EndorsementCredential"],"name":"Anbefaling"}]}`
	if got := string(shown.Document.AppendJSON(nil)); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestChoices(t *testing.T) {
	t.Parallel()
	w := open(t, badge)
	got, err := w.Choices([]string{"/issuer", "/validFrom", "/validUntil", "/endorsement", "/credentialSubject/achievement/name"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"/name", "/description/0", "/description/1", "/credentialSubject/creditsEarned",
		"/credentialSubject/result/0/resultDescription", "/credentialSubject/result/0/value", "/credentialSubject/result/1/value",
		"/credentialSubject/achievement/description", "/credentialSubject/achievement/criteria/narrative",
		"/credentialSubject/achievement/tag/0", "/credentialSubject/achievement/tag/1", "/credentialSubject/achievement/tag/2",
		"/credentialSubject/achievement/resultDescription/0/name", "/credentialSubject/achievement/resultDescription/0/resultType",
		"/credentialSubject/achievement/resultDescription/0/allowedValue",
		"/credentialSubject/achievement/alignment/0/targetName", "/credentialSubject/achievement/alignment/0/targetUrl",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if got, err := w.Choices([]string{""}); err != nil || len(got) != 0 {
		t.Errorf("of what always shows %q can be chosen (%v)", got, err)
	}
}

func TestPointersRefused(t *testing.T) {
	t.Parallel()
	w := open(t, badge)
	for _, p := range []string{
		"issuer", "/", "/nothing", "/issuer/", "/issuer/name/x", "/credentialSubject/result/2", "/credentialSubject/result/01", "/credentialSubject/result/-",
		"/credentialSubject/result/-1", "/validFrom/0", "/~2", "/ISSUER",
		"/credentialSubject/achievement/resultDescription/0/allowedValue/1", "/description/1/@value", "/description/1/@language", "/description/2",
	} {
		_, selecting := w.Select([]string{"/issuer", p})
		_, revealing := w.Reveal(t.Context(), []string{p})
		_, choosing := w.Choices([]string{p})
		for name, err := range map[string]error{"Select": selecting, "Reveal": revealing, "Choices": choosing} {
			if reason.CodeOf(err) != "disclosure_invalid/pointer" || reason.AtOf(err) != p {
				t.Errorf("%s of %q: %v", name, p, err)
			}
		}
	}
	if _, err := w.Reveal(t.Context(), nil); reason.CodeOf(err) != "disclosure_invalid/nothing" {
		t.Error(err)
	}
	if indexes, err := w.Select(nil); err != nil || len(indexes) != 0 {
		t.Error(indexes, err)
	}
	many := make([]string, 1001)
	if _, err := w.Select(many); reason.CodeOf(err) != "resource_limit/pointers" {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Reveal(ctx, []string{"/issuer"}); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// statements are made by hand, so that this does not rest on how documents
// are read.
func statements() []jsonld.Statement {
	iri := func(s string) rdfc.Term { return rdfc.Term{Kind: rdfc.IRI, Value: s} }
	blank := func(s string) rdfc.Term { return rdfc.Term{Kind: rdfc.Blank, Value: s} }
	text := func(s string) rdfc.Term { return rdfc.Term{Kind: rdfc.Literal, Value: s} }
	say := func(s rdfc.Term, p string, o rdfc.Term, at string, node bool) jsonld.Statement {
		return jsonld.Statement{Quad: rdfc.Quad{Subject: s, Predicate: iri(p), Object: o}, At: at, Node: node}
	}
	return []jsonld.Statement{
		say(blank("b0"), "urn:type", iri("urn:T"), "", true),
		say(blank("b0"), "urn:of", blank("b1"), "/of", true),
		say(blank("b1"), "urn:name", text("x"), "/of/name", false),
		say(blank("b0"), "urn:also", blank("b2"), "/also", true),
		say(blank("b2"), "urn:name", text("x"), "/also/name", false),
		say(blank("b0"), "urn:name", text("x"), "/name", false),
		say(blank("b0"), "urn:name", text("x"), "/again", false), // said twice
	}
}

func TestSameStatementTwice(t *testing.T) {
	t.Parallel()
	doc, err := strictjson.ParseObject([]byte(`{"type":"T","of":{"name":"x"},"also":{"name":"x"},"name":"x","again":"x"}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := selective.New(t.Context(), doc, statements(), same)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.NQuads) != 6 || !slices.IsSorted(d.NQuads) {
		t.Fatalf("%q", d.NQuads)
	}
	for p, want := range map[string]int{"/name": 2, "/again": 2, "/of/name": 3, "/of": 3, "/type": 1, "": 6} {
		if got, err := d.Select([]string{p}); err != nil || len(got) != want {
			t.Errorf("%q chooses %d statements (%v), want %d", p, len(got), err, want)
		}
	}
	a, errA := d.Select([]string{"/name"})
	b, errB := d.Select([]string{"/again"})
	if errA != nil || errB != nil || !slices.Equal(a, b) {
		t.Error(a, b, errA, errB)
	}
}

func same(canonical []string) map[string]string {
	out := map[string]string{}
	for _, c := range canonical {
		out[c] = c
	}
	return out
}

// TestLabels: two nodes under one label would be one.
func TestLabels(t *testing.T) {
	t.Parallel()
	var quads []rdfc.Quad
	for _, s := range statements() {
		quads = append(quads, s.Quad)
	}
	good := map[string]string{"c14n0": "x", "c14n1": "y", "c14n2": "z"}
	lines, err := selective.Lines(t.Context(), quads, good)
	if err != nil || len(lines) != 6 || !slices.IsSorted(lines) {
		t.Fatal(lines, err)
	}
	for name, labels := range map[string]map[string]string{
		"nothing":      nil,
		"one missing":  {"c14n0": "x", "c14n1": "y"},
		"one more":     {"c14n0": "x", "c14n1": "y", "c14n2": "z", "c14n3": "w"},
		"another name": {"c14n0": "x", "c14n1": "y", "c14n3": "z"},
		"two alike":    {"c14n0": "x", "c14n1": "y", "c14n2": "x"},
		"an empty one": {"c14n0": "x", "c14n1": "y", "c14n2": ""},
	} {
		if _, err := selective.Lines(t.Context(), quads, labels); reason.CodeOf(err) != "disclosure_invalid/labels" {
			t.Errorf("%s: %v", name, err)
		}
		_, err := selective.New(t.Context(), strictjson.Object(), statements(), func([]string) map[string]string { return labels })
		if reason.CodeOf(err) != "disclosure_invalid/labels" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzReveal shows whatever two pointers choose: the reader must come to the
// same statements, or be told why not.
func FuzzReveal(f *testing.F) {
	w := open(f, badge)
	f.Add("/issuer", "/credentialSubject/result/1/value")
	f.Add("", "/type/0")
	f.Add("/credentialSubject/achievement/resultDescription/0/allowedValue/0", "/~1")
	f.Add("/endorsement/0/credentialSubject", "/@context/0")
	f.Fuzz(func(t *testing.T, a, b string) {
		shown, err := w.Reveal(t.Context(), []string{a, b})
		if err != nil {
			if reason.CodeOf(err).Coarse() != string(reason.DisclosureInvalid) {
				t.Fatal(err)
			}
			return
		}
		quads, err := w.p.Quads(t.Context(), shown.Document, w.selection)
		if err != nil {
			t.Fatalf("%q %q: %v", a, b, err)
		}
		lines, err := selective.Lines(t.Context(), quads, shown.Labels)
		if err != nil || len(lines) != len(shown.Indexes) {
			t.Fatalf("%q %q: %d statements for %d, %v", a, b, len(lines), len(shown.Indexes), err)
		}
		for n, i := range shown.Indexes {
			if lines[n] != w.NQuads[i] {
				t.Fatalf("%q %q: %s for %s", a, b, lines[n], w.NQuads[i])
			}
		}
	})
}

func BenchmarkReveal(b *testing.B) {
	w := open(b, badge)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Reveal(b.Context(), []string{"/issuer", "/credentialSubject/achievement/resultDescription"}); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleHMACLabels() {
	labels := selective.HMACLabels([]byte("key"), []string{"c14n0"})
	fmt.Println(labels["c14n0"])
	// Output: uRWngWw6IqFT6Fo2vrnMkM19U8_hgBCfAatfjfJRh6SM
}
