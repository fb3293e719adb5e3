package rdfc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

// TestW3C runs the test suite of the Recommendation.
func TestW3C(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t, "rdf-canon", "tests")
	raw, err := os.ReadFile(filepath.Join(root, "manifest.jsonld"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Entries []struct{ ID, Type, Name, Action, Result, HashAlgorithm string }
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, e := range manifest.Entries {
		input, err := os.ReadFile(filepath.Join(root, e.Action))
		if err != nil {
			t.Fatal(err)
		}
		quads, err := rdfc.ParseNQuads(input)
		if err != nil {
			t.Errorf("%s: %v", e.ID, err)
			continue
		}
		opt := rdfc.Options{}
		if e.HashAlgorithm == "SHA384" {
			opt.Hash = rdfc.SHA384
		}
		start := time.Now()
		result, err := rdfc.Canonicalize(t.Context(), quads, opt)
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s: took %v", e.ID, took)
		}
		if e.Type == "rdfc:RDFC10NegativeEvalTest" {
			if reason.CodeOf(err) != reason.LimitCanonicalization {
				t.Errorf("%s: %v", e.ID, err)
				continue
			}
			passed++
			continue
		}
		if err != nil {
			t.Errorf("%s (%s): %v", e.ID, e.Name, err)
			continue
		}
		want, err := os.ReadFile(filepath.Join(root, e.Result))
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == "rdfc:RDFC10MapTest" {
			var issued map[string]string
			if err := json.Unmarshal(want, &issued); err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(issued) != fmt.Sprint(result.Issued()) {
				t.Errorf("%s: issued %v, want %v", e.ID, result.Issued(), issued)
				continue
			}
		} else if string(want) != string(result.NQuads) {
			t.Errorf("%s (%s):\n%s\nwant\n%s", e.ID, e.Name, result.NQuads, want)
			continue
		}
		passed++
	}
	t.Logf("%d of %d tests of the Recommendation pass", passed, len(manifest.Entries))
	if passed < 86 {
		t.Errorf("%d passed, there are 86", passed)
	}
}

func iri(s string) rdfc.Term   { return rdfc.Term{Kind: rdfc.IRI, Value: "urn:" + s} }
func blank(s string) rdfc.Term { return rdfc.Term{Kind: rdfc.Blank, Value: s} }
func text(s string) rdfc.Term  { return rdfc.Term{Kind: rdfc.Literal, Value: s} }

func clique(n int) []rdfc.Quad {
	var quads []rdfc.Quad
	for i := range n {
		for j := range n {
			if i != j {
				quads = append(quads, rdfc.Quad{Subject: blank(fmt.Sprint("n", i)), Predicate: iri("p"), Object: blank(fmt.Sprint("n", j))})
			}
		}
	}
	return quads
}

func TestWorkIsBounded(t *testing.T) {
	t.Parallel()
	var star []rdfc.Quad
	for i := range 4000 {
		star = append(star, rdfc.Quad{Subject: iri("hub"), Predicate: iri("p"), Object: blank(fmt.Sprint("n", i))})
	}
	var siblings []rdfc.Quad
	for i := range 400 {
		siblings = append(siblings, rdfc.Quad{Subject: blank("hub"), Predicate: iri("p"), Object: blank(fmt.Sprint("n", i))})
	}
	for name, quads := range map[string][]rdfc.Quad{"clique": clique(10), "clique of 40": clique(40)} {
		_, err := rdfc.Canonicalize(t.Context(), quads, rdfc.Options{})
		if !errors.Is(err, &reason.Error{Code: reason.LimitCanonicalization}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Nodes that hang on a named one need no search, however many.
	if _, err := rdfc.Canonicalize(t.Context(), star, rdfc.Options{MaxWork: 1 << 20}); err != nil {
		t.Errorf("star: %v", err)
	}
	if _, err := rdfc.Canonicalize(t.Context(), siblings, rdfc.Options{}); err != nil {
		t.Errorf("siblings: %v", err)
	}
	if _, err := rdfc.Canonicalize(t.Context(), clique(4), rdfc.Options{}); err != nil {
		t.Errorf("a small clique: %v", err)
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := rdfc.Canonicalize(ctx, clique(3), rdfc.Options{})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAppendNQuad(t *testing.T) {
	t.Parallel()
	for want, object := range map[string]rdfc.Term{
		`"\u0000\u0001\b\t\n\u000B\f\r\u001F \"\\\u007F` + "\u0080æ😀" + `"`: text("\x00\x01\b\t\n\v\f\r\x1f \"\\\x7f\u0080æ😀"),
		`"a"`:      {Kind: rdfc.Literal, Value: "a", Datatype: rdfc.XSDString},
		`"a"@nb`:   {Kind: rdfc.Literal, Value: "a", Language: "nb", Datatype: rdfc.RDFLangString},
		`"1"^^<x>`: {Kind: rdfc.Literal, Value: "1", Datatype: "x"},
		`<urn:a>`:  iri("a"),
		`_:b`:      blank("b"),
	} {
		got := string(rdfc.AppendNQuad(nil, rdfc.Quad{Subject: iri("s"), Predicate: iri("p"), Object: object, Graph: blank("g")}))
		if got != "<urn:s> <urn:p> "+want+" _:g .\n" {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestParseNQuadsRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		`<a> <b> <c>`, `<a> <b> .`, `"a" <b> <c> .`, `<a> _:b <c> .`, `<a> "b" <c> .`, `<a> <b> <c> "g" .`, `<a> <b> <c> . x`,
		`<a> <b> "c .`, `<a> <b> "\q" .`, `<a> <b> "\u12" .`, `<a> <b> "\ud800" .`, `<a b> <b> <c> .`, `<a> <b> "c"@ .`, `_: <b> <c> .`, `<\n> <b> <c> .`,
		"<a> <b> \"\xff\" .",
	} {
		if q, err := rdfc.ParseNQuads([]byte(in)); reason.CodeOf(err) != "malformed/nquads" {
			t.Errorf("%s: %v %v", in, q, err)
		}
	}
}

// TestLabelsDoNotMatter renames blank nodes and shuffles quads of random
// graphs: the canonical form must not change, and a changed graph must have
// another.
func TestLabelsDoNotMatter(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		nodes := 1 + rng.IntN(6)
		var quads []rdfc.Quad
		for range 1 + rng.IntN(12) {
			q := rdfc.Quad{Subject: blank(fmt.Sprint(rng.IntN(nodes))), Predicate: iri(fmt.Sprint(rng.IntN(2))), Object: blank(fmt.Sprint(rng.IntN(nodes)))}
			if rng.IntN(3) == 0 {
				q.Object = text(fmt.Sprint(rng.IntN(3)))
			}
			if rng.IntN(4) == 0 {
				q.Graph = blank(fmt.Sprint(rng.IntN(nodes)))
			}
			quads = append(quads, q)
		}
		want, err := rdfc.Canonicalize(t.Context(), quads, rdfc.Options{MaxWork: 1 << 22})
		if err != nil {
			t.Fatal(err)
		}
		names := rng.Perm(nodes)
		rename := func(term rdfc.Term) rdfc.Term {
			if term.Kind == rdfc.Blank {
				var n int
				fmt.Sscan(term.Value, &n)
				term.Value = fmt.Sprint("x", names[n])
			}
			return term
		}
		renamed := make([]rdfc.Quad, len(quads))
		for i, q := range quads {
			renamed[i] = rdfc.Quad{Subject: rename(q.Subject), Predicate: q.Predicate, Object: rename(q.Object), Graph: rename(q.Graph)}
		}
		renamed = append(renamed, renamed[0]) // a set: twice is once
		rng.Shuffle(len(renamed), func(i, j int) { renamed[i], renamed[j] = renamed[j], renamed[i] })
		got, err := rdfc.Canonicalize(t.Context(), renamed, rdfc.Options{MaxWork: 1 << 22})
		if err != nil || string(got.NQuads) != string(want.NQuads) {
			t.Fatalf("round %d: %v\n%s\nand\n%s", round, err, want.NQuads, got.NQuads)
		}
		changed := append(quads[:len(quads):len(quads)], rdfc.Quad{Subject: blank("0"), Predicate: iri("new"), Object: text("x")})
		other, err := rdfc.Canonicalize(t.Context(), changed, rdfc.Options{MaxWork: 1 << 22})
		if err != nil || string(other.NQuads) == string(want.NQuads) {
			t.Fatalf("round %d: another graph has the same form (%v)", round, err)
		}
	}
}

func FuzzParseNQuads(f *testing.F) {
	f.Add([]byte("<a> <b> \"c\\u00e6\\n\"@nb _:g . # x\n_:a <b> \"1\"^^<x> .\n"))
	f.Add([]byte("<a> <b> <c> .\n"))
	f.Add([]byte("<a\\'> <b> \"\\q0041\"@nb{ _:-c.d..\r# x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		quads, err := rdfc.ParseNQuads(data)
		if err != nil {
			return
		}
		var out []byte
		for _, q := range quads {
			out = rdfc.AppendNQuad(out, q)
		}
		again, err := rdfc.ParseNQuads(out)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(quads) {
			t.Fatalf("%q does not read back as %v: %v %v", out, quads, again, err)
		}
	})
}

func FuzzCanonicalize(f *testing.F) {
	f.Add([]byte("_:a <p> _:b .\n_:b <p> _:a .\n"))
	f.Add([]byte("_:a <p> _:a _:a .\n_:b <p> _:b _:b .\n_:a <q> _:b _:a .\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		quads, err := rdfc.ParseNQuads(data)
		if err != nil {
			return
		}
		once, err := rdfc.Canonicalize(t.Context(), quads, rdfc.Options{MaxWork: 2000})
		if err != nil {
			return
		}
		again, err := rdfc.ParseNQuads(once.NQuads)
		if err != nil {
			t.Fatalf("%q: %v", once.NQuads, err)
		}
		twice, err := rdfc.Canonicalize(t.Context(), again, rdfc.Options{MaxWork: 20000})
		if err != nil || string(twice.NQuads) != string(once.NQuads) {
			t.Fatalf("%q, then %q: %v", once.NQuads, twice.NQuads, err)
		}
	})
}

func BenchmarkCanonicalize(b *testing.B) {
	var quads []rdfc.Quad
	for i := range 22 {
		node := blank(fmt.Sprint("n", i))
		quads = append(quads, rdfc.Quad{Subject: iri("credential"), Predicate: iri(fmt.Sprint("p", i)), Object: node})
		for j := range 3 {
			quads = append(quads, rdfc.Quad{Subject: node, Predicate: iri(fmt.Sprint("property", j)), Object: text(fmt.Sprint("a text of some length, number ", i, j))})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rdfc.Canonicalize(b.Context(), quads, rdfc.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestSet: a quad that stands twice counts once, however its datatype is
// written, and what differs in the language or the datatype alone does not.
func TestSet(t *testing.T) {
	t.Parallel()
	iri := func(s string) rdfc.Term { return rdfc.Term{Kind: rdfc.IRI, Value: s} }
	var quads []rdfc.Quad
	for _, text := range []rdfc.Term{
		{Value: "x"}, {Value: "x", Datatype: rdfc.XSDString}, {Value: "x"},
		{Value: "x", Datatype: rdfc.RDFLangString, Language: "nb"}, {Value: "x", Datatype: rdfc.RDFLangString, Language: "nn"},
		{Value: "x", Datatype: "urn:t"}, {Value: "x", Datatype: "urn:t"},
	} {
		text.Kind = rdfc.Literal
		quads = append(quads, rdfc.Quad{Subject: iri("urn:s"), Predicate: iri("urn:p"), Object: text})
	}
	const want = `<urn:s> <urn:p> "x" .
<urn:s> <urn:p> "x"@nb .
<urn:s> <urn:p> "x"@nn .
<urn:s> <urn:p> "x"^^<urn:t> .
`
	result, err := rdfc.Canonicalize(t.Context(), quads, rdfc.Options{})
	if err != nil || string(result.NQuads) != want {
		t.Errorf("%s, %v", result.NQuads, err)
	}
	for _, h := range []rdfc.Hash{rdfc.SHA256, rdfc.SHA384} {
		whole := h.New()
		whole.Write([]byte(want))
		sum, err := rdfc.Digest(t.Context(), quads, rdfc.Options{Hash: h})
		if err != nil || !bytes.Equal(sum, whole.Sum(nil)) {
			t.Errorf("%x, %v", sum, err)
		}
	}
}
