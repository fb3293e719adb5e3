package jsonld

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file and in checks_test.go are each for a check that could be
// taken out without another test failing: see docs/mutation.md. They look at the
// direct way by itself, and at json-gold's by itself: where one declines, or both
// are wrong, comparing them tells nothing.

// pinned makes a processor over contexts of a test's own, which stand under urn:c:0,
// urn:c:1 and so on.
func pinned(t testing.TB, cfg Config, contexts ...string) *Processor {
	t.Helper()
	var extra []Extra
	for i, text := range contexts {
		raw := []byte(`{"@context":` + text + `}`)
		sum := sha256.Sum256(raw)
		extra = append(extra, Extra{URL: "urn:c:" + strconv.Itoa(i), Bytes: raw, SHA256: hex.EncodeToString(sum[:])})
	}
	all, err := (&Contexts{}).With(extra...)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Contexts = all
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// naming is a document of these members that names the first n contexts of pinned.
func naming(t testing.TB, n int, members string) *strictjson.Value {
	t.Helper()
	var urls []*strictjson.Value
	for i := range n {
		urls = append(urls, strictjson.String("urn:c:"+strconv.Itoa(i)))
	}
	return object(t, members).With("@context", strictjson.Array(urls...))
}

func object(t testing.TB, text string) *strictjson.Value {
	t.Helper()
	v, err := strictjson.ParseObject([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// short is what one way makes of a document: its statements in canonical form,
// with less around them, or the code of the refusal and its place.
func short(quads []rdfc.Quad, err error) string {
	if errors.Is(err, errDeclined) {
		return "declined"
	}
	if err != nil {
		return strings.TrimSpace(string(reason.CodeOf(err)) + " " + reason.AtOf(err))
	}
	text := strings.NewReplacer("<", "", ">", "", " .\n", "; ", xsdNS, "xsd:", rdfNS, "rdf:", "_:c14n", "_:").Replace(outcome(quads, nil))
	return strings.TrimSuffix(text, "; ")
}

// directly is what the direct way makes of a document, with all that json-gold would
// be asked for left out.
func directly(t testing.TB, p *Processor, doc *strictjson.Value) string {
	t.Helper()
	return short(p.statements(t.Context(), doc, Selection{}, new(scratch), nil))
}

const unreadable = "unsigned_data/not-json-ld"

// TestContexts reads documents with contexts of which one part alone is at stake.
func TestContexts(t *testing.T) {
	t.Parallel()
	const doc = `{"@id":"urn:d","a":"x"}`
	const said = `urn:d urn:a "x"`
	for _, c := range []struct{ contexts, doc, want string }{
		{`{"a":"urn:a"}`, doc, said},
		// What is no term definition.
		{`{"@version":1.1,"a":"urn:a"}`, doc, said},
		{`{"@version":1.0,"a":"urn:a"}`, doc, unreadable},
		{`{"@version":"1.1","a":"urn:a"}`, doc, unreadable},
		{`{"@import":"urn:c:0","a":"urn:a"}`, doc, "declined"},
		{`{"@vocab":"urn:"}`, doc, said},
		{`{"@vocab":null,"a":"urn:a"}`, doc, said},
		{`{"@vocab":"urn:"} {"@vocab":null}`, doc, "unsigned_data/undefined-term /a"},
		{`{"@vocab":1,"a":"urn:a"}`, doc, unreadable},
		{`{"@vocab":"v#","a":"urn:a"}`, doc, "declined"},
		{`{"@vocab":"","a":"urn:a"}`, doc, "declined"},
		{`{"@vocab":"urn:v:"} {"@vocab":"","a":"urn:a"}`, doc, "declined"},
		{`{"@vocab":"urn:v:"} {"@vocab":"w:"}`, doc, `urn:d w:a "x"`},
		{`{"@language":"NB","a":"urn:a"}`, doc, said + "@nb"},
		{`{"@language":null,"a":"urn:a"}`, doc, said},
		{`{"@language":1,"a":"urn:a"}`, doc, unreadable},
		{`5`, doc, unreadable},
		{`[[{"a":"urn:a"}]]`, doc, unreadable},

		// What a term may be called.
		{`{"@container":"urn:a"}`, `{}`, unreadable},
		{`{"@type":"urn:a"}`, `{}`, unreadable},
		{`{"@type":{"@container":"@set"}}`, `{}`, "declined"},
		{`{"@id":{"@container":"@set"}}`, `{}`, unreadable},
		{`{"@letters":"urn:a"}`, `{"@letters":"x"}`, "unsigned_data/undefined-term /@letters"},
		{`{"":"urn:a"}`, `{}`, unreadable},
		{`{"a":5}`, `{}`, unreadable},

		// What it means.
		{`{"@vocab":"urn:v:","a":null}`, doc, "unsigned_data/undefined-term /a"},
		{`{"@vocab":"urn:v:","a":{"@id":null}}`, doc, "unsigned_data/undefined-term /a"},
		{`{"@vocab":"urn:v:","a":{"@id":5}}`, `{}`, unreadable},
		{`{"@vocab":"urn:v:","a":{"@id":"@letters"}}`, doc, `urn:d urn:v:a "x"`},
		{`{"a":"b"}`, `{}`, unreadable},
		{`{"a":{"@id":"a"}}`, `{}`, unreadable},
		{`{"a":"@context"}`, `{}`, unreadable},
		{`{"a":"_:b"}`, `{}`, "declined"},
		{`{"a":"1:x"}`, doc, "unsigned_data/relative-property /a"},
		{`{"a":"b","b":"urn:a"}`, doc, said},
		{`{"a":"b:a","b":"urn:"}`, doc, said},
		{`{"b":"urn:","a":"b:a"}`, doc, said},
		{`{"a":"b","b":"a"}`, `{}`, unreadable},
		{`{"a":"b:x","b":"a:y"}`, `{}`, unreadable},
		{`{"a":"b","b":{"@reverse":"urn:r"}}`, `{}`, "declined"},
		{`{"a":"b:x","b":{"@reverse":"urn:r"}}`, `{}`, "declined"},
		{`{"a":"_:b","_":"a"}`, `{}`, "declined"}, // not by itself
		{`{"x:a":{"@type":"@id"},"x":"urn:"}`, `{"@id":"urn:d","x:a":"urn:y"}`, `urn:d urn:a urn:y`},
		{`{"x:a":{"@type":"@id"},"x":"x:a"}`, `{}`, unreadable},
		{`{"x:a":{"@type":"@id"}}`, `{"@id":"urn:d","x:a":"urn:y"}`, `urn:d x:a urn:y`},
		{`{"x:a":{"@id":"urn:b"},"x":"urn:"}`, `{}`, unreadable},
		{`{"x:a":{"@id":"x:a"},"x":"urn:"}`, `{"@id":"urn:d","x:a":"x"}`, said},
		{`{"x:a":{"@type":"@id"},"x":{"@reverse":"urn:r"}}`, `{}`, "declined"},
		{`{"a":"x://a","x":"a:y"}`, doc, `urn:d x://a "x"`},
		{`{"@vocab":"urn:","a":{"@type":"@none"}}`, doc, said},
		{`{"a":{"@type":"@none"}}`, `{}`, unreadable},
		{`{"x:a":{"@id":"urn:a"},"x":"urn:"}`, `{"@id":"urn:d","x:a":"x"}`, said},
		{`{"b/a":{"@id":"urn:a"}}`, `{}`, unreadable},
		{`{"b/a":{"@type":"@id"}}`, `{}`, "declined"},
		{`{"@vocab":"urn:v:","b/a":{"@type":"@id"}}`, `{"@id":"urn:d","b/a":"urn:y"}`, `urn:d urn:v:b/a urn:y`},

		// What else it says.
		{`{"a":{"@id":"urn:a","@protected":1}}`, `{}`, unreadable},
		{`{"a":{"@id":"urn:a","@prefix":"yes"}}`, `{}`, unreadable},
		{`{"@vocab":"urn:v:","a":{"@id":"urn:a","@type":5}}`, `{}`, unreadable},
		{`{"a":{"@id":"urn:a","@type":"b"}}`, `{}`, unreadable},
		{`{"a":{"@id":"urn:a","@type":"b"},"b":"urn:b"}`, doc, said + "^^urn:b"},
		{`{"a":{"@id":"urn:a","@type":"b"},"b":{"@reverse":"urn:r"}}`, `{}`, "declined"},
		{`{"a":{"@id":"urn:a","@type":"@none"}}`, doc, said},
		{`{"a":{"@id":"urn:a","@container":"@set"}}`, doc, said},
		{`{"a":{"@id":"urn:a","@container":[]}}`, `{}`, unreadable},
		{`{"a":{"@id":"urn:a","@container":"@sett"}}`, `{}`, unreadable},
		{`{"a":{"@id":"urn:a","@container":["@list","@set"]}}`, `{}`, unreadable},
		{`{"a":{"@id":"urn:a","@container":"@index","@index":"urn:i"}}`, doc, said},
		{`{"a":{"@id":"urn:a","@container":"@index","@index":5}}`, `{}`, unreadable},
		{`{"a":{"@id":"urn:a","@index":"urn:i"}}`, `{}`, unreadable},
		{`{"a":{"@id":"urn:a","@container":"@type"}}`, `{"@id":"urn:d","a":"urn:x"}`, `urn:d urn:a urn:x`},
		{`{"a":{"@id":"urn:a","@container":"@type","@type":"@vocab"},"b":"urn:b"}`, `{"@id":"urn:d","a":"b"}`, `urn:d urn:a urn:b`},
		{`{"a":{"@id":"urn:a","@nest":5}}`, `{}`, unreadable},
		{`{"a":{"@id":"urn:a","@nest":"@id"}}`, `{}`, unreadable},
		{`{"a":{"@id":"urn:a","@nest":"@nest"}}`, doc, said},
		{`{"a":{"@id":"urn:a","@nest":"b"}}`, doc, said},
		{`{"a":{"@id":"urn:a","@language":5}}`, `{}`, unreadable},
		{`{"a":{"@id":"urn:a","@language":"NN"},"@language":"nb"}`, doc, said + "@nn"},
		{`{"a":{"@id":"urn:a","@language":null},"@language":"nb"}`, doc, said},
		{`{"a":{"@id":"urn:a","@language":"nn","@type":"urn:b"}}`, doc, said + "^^urn:b"},
		{`{"a":{"@id":"urn:a","@letters":1}}`, `{}`, unreadable},
	} {
		contexts := strings.Split(strings.ReplaceAll(c.contexts, "} {", "}\n{"), "\n")
		p := pinned(t, Config{}, contexts...)
		if got := directly(t, p, naming(t, len(contexts), c.doc)); got != c.want {
			t.Errorf("%s\n%s\n    %s\nnot %s", c.contexts, c.doc, got, c.want)
		}
	}
}

// TestProtected: a protected term may be defined again as what it is, and as
// nothing else, whatever the difference.
func TestProtected(t *testing.T) {
	t.Parallel()
	for first, others := range map[string][]string{
		`{"@id":"urn:a:"}`: {
			`{"@id":"urn:b:"}`, `{"@id":"urn:a:","@container":"@set"}`, `{"@id":"urn:a:","@type":"@id"}`, `{"@id":"urn:a:","@language":"nb"}`,
			`{"@id":"urn:a:","@language":null}`, `{"@id":"urn:a:","@nest":"b"}`, `{"@id":"urn:a:","@prefix":true}`, `{"@id":"urn:a:","@context":{}}`, `"urn:a:"`, `null`,
		},
		`{"@id":"urn:a:","@language":"nb"}`:                       {`{"@id":"urn:a:","@language":"nn"}`},
		`{"@id":"urn:a:","@container":"@index","@index":"urn:i"}`: {`{"@id":"urn:a:","@container":"@index","@index":"urn:j"}`},
		`{"@id":"urn:a:","@context":{"b":"urn:b"}}`:               {`{"@id":"urn:a:","@context":{"b":"urn:c"}}`},
	} {
		for _, other := range append(others, first) {
			p := pinned(t, Config{}, `{"@protected":true,"a":`+first+`}`, `{"a":`+other+`}`)
			want := unreadable
			if other == first {
				want = ""
			}
			if got := directly(t, p, naming(t, 2, `{}`)); got != want {
				t.Errorf("%s, then %s: %q, not %q", first, other, got, want)
			}
		}
	}
}

// TestScopes: what a context brought along holds for.
func TestScopes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ context, doc, want string }{
		// The context of a type ends with its object, also where it began with null.
		{`{"T":{"@id":"urn:T","@context":[null,{"a":"urn:in:a","p":"urn:in:p"}]},"a":"urn:out:a"}`,
			`{"@id":"urn:d","@type":"T","a":"x","p":{"a":"y"}}`,
			`urn:d rdf:type urn:T; urn:d urn:in:a "x"; urn:d urn:in:p _:0; _:0 urn:out:a "y"`},
		{`{"T":{"@id":"urn:T","@context":{"@propagate":true,"a":"urn:in:a"}},"a":"urn:out:a","p":"urn:p"}`,
			`{"@id":"urn:d","@type":"T","p":{"a":"y"}}`, `urn:d rdf:type urn:T; urn:d urn:p _:0; _:0 urn:in:a "y"`},
		{`{"T":{"@id":"urn:T","@context":{"@propagate":5}}}`, `{"@id":"urn:d","@type":"T"}`, unreadable},
		// A reference stands in the scope of the type, and what says something does not.
		{`{"T":{"@id":"urn:T","@context":{"x":"urn:in:"}},"x":"urn:out:","p":"urn:p","a":"urn:a"}`,
			`{"@id":"urn:d","@type":"T","p":{"@id":"x:1"}}`, `urn:d rdf:type urn:T; urn:d urn:p urn:in:1`},
		{`{"T":{"@id":"urn:T","@context":{"x":"urn:in:"}},"x":"urn:out:","p":"urn:p","a":"urn:a"}`,
			`{"@id":"urn:d","@type":"T","p":{"@id":"x:1","a":"y"}}`, `urn:d rdf:type urn:T; urn:d urn:p urn:out:1; urn:out:1 urn:a "y"`},
		// Only a type brings the context of a type, and the alias of a keyword none.
		{`{"T":{"@id":"urn:T","@context":{"a":"urn:in:a"}},"a":"urn:out:a"}`, `{"@id":"urn:d","a":"T"}`, `urn:d urn:out:a "T"`},
		{`{"i":{"@id":"@included","@context":{"a":"urn:in:a"}},"a":"urn:out:a"}`, `{"@id":"urn:d","i":{"@id":"urn:e","a":"x"}}`, `urn:e urn:out:a "x"`},
		{`{"n":{"@id":"@nest","@context":{"a":"urn:in:a"}},"a":"urn:out:a"}`, `{"@id":"urn:d","n":{"a":"x"}}`, `urn:d urn:in:a "x"`},
		{`{"n":{"@id":"@nest","@context":{"a":5}}}`, `{"@id":"urn:d","n":{}}`, unreadable + " /n"},
		{`{"p":{"@id":"urn:p","@context":{"a":5}}}`, `{"@id":"urn:d","p":{}}`, unreadable + " /p"},
		{`{"p":{"@id":"urn:p","@context":{"a":5}}}`, `{"@id":"urn:d","p":"x"}`, unreadable + " /p"},
		// The context of a property holds for its text as well, and may forget the property.
		{`{"p":{"@id":"urn:p","@context":{"@language":"nn"}},"@language":"nb"}`, `{"@id":"urn:d","p":"x"}`, `urn:d urn:p "x"@nn`},
		{`{"p":{"@id":"urn:p","@type":"@id","@context":null}}`, `{"@id":"urn:d","p":"x"}`, `urn:d urn:p "x"`},
		// Types are taken in their order, whatever that of the document is.
		{`{"S":{"@id":"urn:S","@context":{"a":"urn:s:a"}},"T":{"@id":"urn:T","@context":{"a":"urn:t:a"}}}`,
			`{"@id":"urn:d","@type":["T","S"],"a":"x"}`, `urn:d rdf:type urn:S; urn:d rdf:type urn:T; urn:d urn:t:a "x"`},
		{`{"S":{"@id":"urn:S","@context":{"a":"urn:in:a"}},"T":{"@id":"urn:T","@context":{"b":"urn:b"}},"a":"urn:out:a","p":"urn:p"}`,
			`{"@id":"urn:d","@type":["S","T"],"p":{"@id":"urn:e","a":"x"}}`, `urn:d rdf:type urn:S; urn:d rdf:type urn:T; urn:d urn:p urn:e; urn:e urn:out:a "x"`},
		// null may not take away what is protected, but for a property.
		{`{"T":{"@id":"urn:T","@context":null,"@protected":true},"p":{"@id":"urn:p","@context":null}}`, `{"@id":"urn:d","@type":"T"}`, unreadable},
		{`{"T":{"@id":"urn:T","@protected":true},"p":{"@id":"urn:p","@context":null}}`, `{"@id":"urn:d","p":{"@type":"urn:x"}}`, `urn:d urn:p _:0; _:0 rdf:type urn:x`},
	} {
		if got := directly(t, pinned(t, Config{}, c.context), naming(t, 1, c.doc)); got != c.want {
			t.Errorf("%s\n%s\n    %s\nnot %s", c.context, c.doc, got, c.want)
		}
	}
}

// TestContextsOfContexts: a context may name others, eight deep, and they are laid
// over as what names them is.
func TestContextsOfContexts(t *testing.T) {
	t.Parallel()
	const doc = `{"@id":"urn:d","a":"x"}`
	chain := func(n int) []string {
		out := []string{`{"a":"urn:a"}`}
		for i := range n {
			out = append(out, fmt.Sprintf(`"urn:c:%d"`, i))
		}
		return out
	}
	for n, want := range map[int]string{1: `urn:d urn:a "x"`, 8: `urn:d urn:a "x"`, 9: unreadable} {
		p := pinned(t, Config{}, chain(n)...)
		if got := directly(t, p, object(t, doc).With("@context", strictjson.String("urn:c:"+strconv.Itoa(n)))); got != want {
			t.Errorf("%d deep: %s", n, got)
		}
	}
	for contexts, want := range map[[2]string]string{
		{`["urn:c:1",{"b":"urn:b"}]`, `{"a":"urn:a"}`}:                         `urn:d urn:a "x"`,
		{`["urn:c:1","urn:c:7"]`, `{"a":"urn:a"}`}:                             "declined",
		{`["urn:c:1"]`, `["urn:c:0"]`}:                                         unreadable,
		{`{"a":{"@id":"urn:a","@context":"urn:c:1"}}`, `{"@language":"nb"}`}:   `urn:d urn:a "x"@nb`,
		{`{"a":{"@id":"urn:a","@context":"urn:c:1"}}`, `{"@language":5}`}:      unreadable + " /a",
		{`[{"@protected":true,"a":"urn:a"},"urn:c:1"]`, `{"a":"urn:b"}`}:       unreadable,
		{`{"a":{"@id":"urn:a","@context":"urn:c:7","@protected":true}}`, `{}`}: "declined",
	} {
		p := pinned(t, Config{}, contexts[:]...)
		if got := directly(t, p, naming(t, 1, doc)); got != want {
			t.Errorf("%s: %s, not %s", contexts, got, want)
		}
	}
}

// TestContextThatCannotBeRead: one that ships is read when it is needed; what is
// wrong then is told, whoever names it.
func TestContextThatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := reason.New("unsafe_context/malformed", "urn:c:0", "for this test")
	bad := &Pinned{URL: "urn:c:0", read: func() (contents, error) { return contents{}, broken }}
	p, err := New(Config{Contexts: &Contexts{byURL: map[string][]*Pinned{"urn:c:0": {bad}}}, InlineContextsUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, named := range []string{`"urn:c:0"`, `{"a":{"@id":"urn:a","@context":"urn:c:0"}}`} {
		doc := object(t, `{"@context":`+named+`,"@id":"urn:d","a":"x"}`)
		if got := directly(t, p, doc); got != "unsafe_context/malformed urn:c:0" {
			t.Errorf("%s: %s", named, got)
		}
	}
	// That json-gold gives up, whether by an error or by a panic, is an error.
	if _, err := expandOnce(map[string]any{"@context": "urn:c:0"}, Selection{used: []*Pinned{bad}}); !errors.Is(err, broken) {
		t.Error(err)
	}
	bad.read = func() (contents, error) { panic("for this test") }
	if _, err := expandOnce(map[string]any{"@context": "urn:c:0"}, Selection{used: []*Pinned{bad}}); err == nil {
		t.Error("a panic is no error")
	}
}

// TestContextsAreCounted: those that a document makes, and those that are kept.
func TestContextsAreCounted(t *testing.T) {
	t.Parallel()
	p := pinned(t, Config{InlineContextsUnsafe: true}, `{"a":"urn:a"}`)
	for n, want := range map[int]string{1000: `urn:d urn:a "x"`, 1001: "resource_limit/contexts"} {
		list := make([]*strictjson.Value, n)
		for i := range list {
			list[i] = strictjson.Object(strictjson.Member{Name: "a", Value: strictjson.String("urn:a")})
		}
		doc := object(t, `{"@id":"urn:d","a":"x"}`).With("@context", strictjson.Array(list...))
		if got := directly(t, p, doc); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	if n := p.plan(Selection{}).kept.Load(); n != 0 {
		t.Errorf("%d contexts of documents are kept", n)
	}
	for before, after := range map[int32]int32{0: 1, maxKept - 1: maxKept, maxKept: maxKept} {
		q := newPlan(p.cfg.Contexts, Selection{})
		q.kept.Store(before)
		first, err := (&compiler{plan: q}).over(q.root, q.sources["urn:c:0"], embedded)
		if err != nil {
			t.Fatal(err)
		}
		again, err := (&compiler{plan: q}).over(q.root, q.sources["urn:c:0"], embedded)
		if err != nil || q.kept.Load() != after || (first == again) != (before < maxKept) {
			t.Errorf("behind %d: %d, %v", before, q.kept.Load(), err)
		}
	}
}

// TestNames: what a document writes, as an IRI.
func TestNames(t *testing.T) {
	t.Parallel()
	const vocab, none = `{"@vocab":"urn:v:"}`, `{"b":"urn:b"}`
	for _, c := range []struct{ context, name, want string }{
		{vocab, "b", "urn:v:b"}, {none, "b", "urn:b"}, {none, "c", ""},
		{vocab, "@a", ""}, {vocab, "@z", ""}, {vocab, "@A", ""}, {vocab, "@Z", ""}, {vocab, "@", "urn:v:@"},
		{vocab, "@~", "urn:v:@~"}, {vocab, "@1", "urn:v:@1"}, {vocab, "@a1", "urn:v:@a1"},
		{`{"x":"urn:"}`, "x:", "urn:"}, {`{"x":"urn:"}`, "x:a:b", "urn:a:b"}, {`{"x":"urn:"}`, ":x", ""}, {`{"x":"urn:a"}`, "x:b", "x:b"},
		{`{"_":{"@id":"urn:","@prefix":true}}`, "_:b", ""},
		{`{"x":{"@id":"urn:","@prefix":true}}`, "x://b", "x://b"},
		{`{"x":{"@id":null,"@prefix":true}}`, "x:b", "x:b"},
	} {
		want := "urn:d rdf:type " + c.want
		if c.want == "" {
			want = "unsigned_data/relative-type /@type"
		}
		if got := directly(t, pinned(t, Config{}, c.context), naming(t, 1, fmt.Sprintf(`{"@id":"urn:d","@type":%q}`, c.name))); got != want {
			t.Errorf("%s: %q: %s, not %s", c.context, c.name, got, want)
		}
	}
}

// TestBetterTerm: of terms with one IRI, which a value is to be said with.
func TestBetterTerm(t *testing.T) {
	t.Parallel()
	const text, node, value = `"x"`, `{"@id":"urn:x"}`, `{"@value":"x"}`
	for _, c := range []struct{ terms, used, value, want string }{
		{`{"a":"urn:p"}`, "a", text, ""},
		{`{"a":"urn:p","b":"urn:p"}`, "b", text, "a"}, {`{"a":"urn:p","b":"urn:p"}`, "a", text, ""},
		{`{"a":"urn:p","b":"urn:q"}`, "b", text, ""},
		{`{"bb":"urn:p","c":"urn:p"}`, "bb", text, "c"}, {`{"bb":"urn:p","c":"urn:p"}`, "c", text, ""},
		// One that is written as a class is worse.
		{`{"A":"urn:p","b":"urn:p"}`, "A", text, "b"}, {`{"A":"urn:p","b":"urn:p"}`, "b", text, ""},
		{`{"Z":"urn:p","bb":"urn:p"}`, "Z", text, "bb"}, {`{"Z":"urn:p","bb":"urn:p"}`, "bb", text, ""},
		{`{"[":"urn:p","b":"urn:p"}`, "[", text, ""}, {`{"1":"urn:p","b":"urn:p"}`, "1", text, ""},
		// One that is for nodes is better for nodes, and says another thing of texts.
		{`{"b":{"@id":"urn:p","@type":"@id"},"a":"urn:p"}`, "a", node, "b"}, {`{"b":{"@id":"urn:p","@type":"@id"},"a":"urn:p"}`, "b", node, ""},
		{`{"b":{"@id":"urn:p","@type":"@vocab"},"a":"urn:p"}`, "a", node, "b"},
		{`{"b":{"@id":"urn:p","@type":"@id"},"a":{"@id":"urn:p","@type":"@vocab"}}`, "a", node, "b"},
		{`{"a":{"@id":"urn:p","@type":"@id"},"b":"urn:p"}`, "b", text, ""}, {`{"a":{"@id":"urn:p","@type":"@id"},"b":"urn:p"}`, "b", value, ""},
		{`{"a":{"@id":"urn:p","@type":"@id"},"b":"urn:p"}`, "b", `[` + text + `,` + node + `]`, "a"},
		{`{"a":{"@id":"urn:p","@type":"@id"},"b":"urn:p"}`, "b", `[` + text + `,` + value + `]`, ""},
		// What makes another statement is no other way to say it.
		{`{"a":{"@id":"urn:p","@container":"@list"},"b":"urn:p"}`, "b", text, ""}, {`{"a":{"@id":"urn:p","@container":"@graph"},"b":"urn:p"}`, "b", text, ""},
		{`{"a":{"@id":"urn:p","@container":"@set"},"b":"urn:p"}`, "b", text, "a"},
		{`{"a":{"@id":"urn:p","@language":"nb"},"b":"urn:p"}`, "b", text, ""}, {`{"b":{"@id":"urn:p","@language":"nb"},"a":"urn:p"}`, "b", text, ""},
		{`{"a":{"@id":"urn:p","@language":"nb"},"b":{"@id":"urn:p","@language":"nn"}}`, "b", text, ""},
		{`{"a":{"@id":"urn:p","@language":"nb"},"b":{"@id":"urn:p","@language":"NB"}}`, "b", text, "a"},
		{`{"a":{"@id":"urn:p","@type":"urn:t"},"b":{"@id":"urn:p","@type":"urn:u"}}`, "b", text, ""},
		{`{"a":{"@id":"urn:p","@type":"urn:t"},"b":{"@id":"urn:p","@type":"urn:t"}}`, "b", text, "a"},
	} {
		p := pinned(t, Config{}, c.terms)
		a, err := (&compiler{plan: p.plan(Selection{})}).over(p.plan(Selection{}).root, p.plan(Selection{}).sources["urn:c:0"], embedded)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if other := a.better(a.terms[c.used], object(t, `{"v":`+c.value+`}`).Get("v")); other != nil {
			got = other.name
		}
		if got != c.want {
			t.Errorf("%s: %s for %s: %q, not %q", c.terms, c.used, c.value, got, c.want)
		}
	}
}

// TestEditions: each edition of each context is one way to read a document, and of
// many combinations the first are tried.
func TestEditions(t *testing.T) {
	t.Parallel()
	first := pinned(t, Config{}, `{"a":"urn:a"}`, `{"b":"urn:b"}`, `{"c":"urn:c"}`, `{"d":"urn:d"}`, `{"e":"urn:e"}`)
	second := pinned(t, Config{}, `{"a":"urn:x"}`, `{"b":"urn:x"}`, `{"c":"urn:x"}`, `{"d":"urn:x"}`)
	var extra []Extra
	for _, p := range second.cfg.Contexts.All() {
		extra = append(extra, Extra{URL: p.URL, Bytes: p.Bytes(), SHA256: p.SHA256})
	}
	all, err := first.cfg.Contexts.With(extra...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Config{Contexts: all})
	if err != nil {
		t.Fatal(err)
	}
	for named, want := range map[string]struct{ selections, editions int }{
		`["urn:c:4"]`:                               {1, 1},
		`["urn:c:4","urn:c:4"]`:                     {1, 1},
		`["urn:c:0","urn:c:4"]`:                     {2, 3},
		`["urn:c:4","urn:c:0","urn:c:1","urn:c:2"]`: {8, 7},
		`["urn:c:0","urn:c:1","urn:c:2","urn:c:3"]`: {8, 8},
	} {
		doc := object(t, `{"@context":`+named+`}`)
		selections, err := p.Selections(doc)
		if err != nil || len(selections) != want.selections {
			t.Errorf("%s: %d ways, %v", named, len(selections), err)
		}
		seen := map[string]bool{}
		for i, s := range selections {
			if names := fmt.Sprint(s.Contexts()); seen[names] {
				t.Errorf("%s: twice %s", named, names)
			} else {
				seen[names] = true
			}
			for _, used := range s.Contexts() {
				if newest := p.cfg.Contexts.Lookup(used.URL)[0]; i == 0 && used != newest {
					t.Errorf("%s: %s is not the newest", named, used.URL)
				}
			}
		}
		if editions, err := p.Editions(doc); err != nil || len(editions) != want.editions {
			t.Errorf("%s: %d editions, %v", named, len(editions), err)
		}
	}
	for named, want := range map[string]reason.Code{`["urn:c:7"]`: "unsafe_context/unknown", `{}`: "unsafe_context/inline"} {
		if editions, err := p.Editions(object(t, `{"@context":`+named+`}`)); reason.CodeOf(err) != want || editions != nil {
			t.Errorf("%s: %v", named, err)
		}
	}
}

// counted is a context that is given up after it was asked so often.
type counted struct {
	context.Context
	asked, until int
}

func (c *counted) Err() error {
	if c.asked++; c.asked > c.until {
		return context.Canceled
	}
	return nil
}
