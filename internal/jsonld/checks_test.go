package jsonld

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// terms is a context with a term of each kind.
const terms = `{"id":"@id","type":"@type","a":"urn:a","b":"urn:b","p":"urn:p","T":"urn:T",
	"ref":{"@id":"urn:ref","@type":"@id"},"name":{"@id":"urn:name","@type":"@vocab"},"none":{"@id":"urn:none","@type":"@none"},
	"typed":{"@id":"urn:typed","@type":"urn:t"},"real":{"@id":"urn:real","@type":"http://www.w3.org/2001/XMLSchema#double"},"text":{"@id":"urn:text","@type":"http://www.w3.org/2001/XMLSchema#string"},
	"json":{"@id":"urn:json","@type":"@json"},"l":{"@id":"urn:l","@container":"@list"},"s":{"@id":"urn:s","@container":"@set"},
	"g":{"@id":"urn:g","@container":"@graph"},"gref":{"@id":"urn:gref","@container":"@graph","@type":"@id"},
	"n":"@nest","i":{"@id":"urn:i","@container":"@index"},"m":{"@id":"urn:m","@container":"@language"},"ms":{"@id":"urn:ms","@container":["@language","@set"]},
	"own":{"@id":"urn:own","@language":"nn"},"no":{"@id":"urn:no","@language":null}}`

// TestStatements: what the direct way makes of each sort of value.
func TestStatements(t *testing.T) {
	t.Parallel()
	plain, spoken := pinned(t, Config{InlineContextsUnsafe: true}, terms), pinned(t, Config{}, strings.Replace(terms, `{`, `{"@language":"nb",`, 1))
	const dropped, declined = "unsigned_data/dropped", "declined"
	said := func(what string) string { return "urn:d " + what }
	for _, c := range []struct{ doc, want string }{
		// Texts, numbers and truths.
		{`"a":"x"`, said(`urn:a "x"`)}, {`"a":["x","x"]`, said(`urn:a "x"`)}, {`"a":[["x"],["y"]]`, said(`urn:a "x"; `) + said(`urn:a "y"`)},
		{`"a":5`, said(`urn:a "5"^^xsd:integer`)}, {`"a":7.5`, said(`urn:a "7.5E0"^^xsd:double`)}, {`"real":5`, said(`urn:real "5.0E0"^^xsd:double`)},
		{`"a":true`, said(`urn:a "true"^^xsd:boolean`)}, {`"typed":true`, said(`urn:typed "true"^^urn:t`)}, {`"typed":5`, said(`urn:typed "5"^^urn:t`)},
		{`"typed":"x"`, said(`urn:typed "x"^^urn:t`)}, {`"text":"x"`, said(`urn:text "x"`)}, {`"a":null`, "unsigned_data/null /a"},
		{`"json":{"b":null,"a":1.0}`, said(`urn:json "{\"a\":1,\"b\":null}"^^rdf:JSON`)},
		{`"q":"x"`, "unsigned_data/undefined-term /q"}, {`"urn:q":"x"`, said(`urn:q "x"`)}, {`"p":{"a b:c":"x"}`, "unsigned_data/undefined-term /p/a b:c"},
		// Ids and types.
		{`"ref":"urn:x"`, said(`urn:ref urn:x`)}, {`"ref":"x"`, "unsigned_data/relative-id /ref"}, {`"ref":5`, said(`urn:ref "5"^^xsd:integer`)},
		{`"name":"b"`, said(`urn:name urn:b`)}, {`"name":true`, said(`urn:name "true"^^xsd:boolean`)}, {`"none":"urn:x"`, said(`urn:none "urn:x"`)},
		{`"@id":"urn:e"`, "unsigned_data/relative-id /@id"}, {`"p":{"@id":"urn:e","id":"urn:f","a":"x"}`, "unsigned_data/relative-id /p/id"},
		{`"p":{"@id":5,"a":"x"}`, "unsigned_data/relative-id /p/@id"}, {`"p":{"@id":"e"}`, "unsigned_data/relative-id /p/@id"},
		{`"@type":"T"`, said(`rdf:type urn:T`)}, {`"@type":["T","urn:x"]`, said(`rdf:type urn:T; `) + said(`rdf:type urn:x`)},
		{`"@type":5`, "unsigned_data/relative-type /@type"}, {`"@type":["T","U"]`, "unsigned_data/relative-type /@type"},
		// Objects.
		{`"p":{"a":"x"}`, said(`urn:p _:0; _:0 urn:a "x"`)}, {`"p":{"@id":"urn:e","a":"x"}`, said(`urn:p urn:e; urn:e urn:a "x"`)},
		{`"p":{}`, said(`urn:p _:0`)}, {`"p":{"@id":"urn:e"}`, said(`urn:p urn:e`)},
		{`"p":{"@reverse":{}}`, declined}, {`"p":{"@preserve":1}`, "unsigned_data/undefined-term /p/@preserve"}, {`"p":{"@index":"x"}`, "unsigned_data/keyword /p/@index"},
		{`"@included":[{"@id":"urn:e","a":"x"}]`, `urn:e urn:a "x"`}, {`"@included":{"@id":"urn:e"}`, dropped + " /@included"}, {`"@included":"x"`, "unsigned_data/free-floating /@included"},
		{`"@nest":[{"a":"x"},{"b":"y"}]`, said(`urn:a "x"; `) + said(`urn:b "y"`)}, {`"n":{"a":"x"}`, said(`urn:a "x"`)}, {`"@nest":{"q":"x"}`, "unsigned_data/undefined-term /@nest/q"}, {`"@nest":"x"`, declined},
		// Graphs.
		{`"@graph":[]`, declined}, {`"p":{"@id":"urn:e","@graph":[{"@id":"urn:f","a":"x"}]}`, said(`urn:p urn:e; urn:f urn:a "x" urn:e`)},
		{`"p":{"@graph":[{"@id":"urn:f"}]}`, dropped + " /p/@graph/0"}, {`"p":{"@graph":["x"]}`, "unsigned_data/free-floating /p/@graph/0"},
		{`"p":{"@graph":[{"@value":"x"}]}`, "unsigned_data/free-floating /p/@graph/0"}, {`"p":{"@graph":[{"@list":["x"]}]}`, declined}, {`"p":{"@graph":[{"@set":["x"]}]}`, declined},
		{`"g":{"@id":"urn:e","a":"x"}`, said(`urn:g _:0; urn:e urn:a "x" _:0`)}, {`"g":{"@id":"urn:e"}`, dropped + " /g"}, {`"g":{"@id":"urn:e","@graph":[]}`, declined},
		{`"g":"x"`, declined}, {`"g":{"@value":"x"}`, declined}, {`"g":{"@list":[]}`, declined}, {`"g":{"@set":[]}`, declined},
		{`"gref":"urn:e"`, dropped + " /gref"}, {`"gref":"e"`, "unsigned_data/relative-id /gref"},
		// Lists and sets.
		{`"l":[]`, said(`urn:l rdf:nil`)}, {`"l":"x"`, said(`urn:l _:0; _:0 rdf:first "x"; _:0 rdf:rest rdf:nil`)},
		{`"l":{"@list":["x"]}`, said(`urn:l _:0; _:0 rdf:first "x"; _:0 rdf:rest rdf:nil`)}, {`"l":{"@set":["x"]}`, said(`urn:l _:0; _:0 rdf:first "x"; _:0 rdf:rest rdf:nil`)},
		{`"l":[["x"]]`, said(`urn:l _:1; _:0 rdf:first "x"; _:0 rdf:rest rdf:nil; _:1 rdf:first _:0; _:1 rdf:rest rdf:nil`)},
		{`"a":{"@list":[["x"]]}`, said(`urn:a _:0; _:0 rdf:first "x"; _:0 rdf:rest rdf:nil`)}, // the algorithm makes one list of it
		{`"a":{"@list":[{"@list":["x"]}]}`, said(`urn:a _:1; _:0 rdf:first "x"; _:0 rdf:rest rdf:nil; _:1 rdf:first _:0; _:1 rdf:rest rdf:nil`)},
		{`"l":[{"@value":"x"}]`, said(`urn:l _:0; _:0 rdf:first "x"; _:0 rdf:rest rdf:nil`)},
		{`"l":[{"@id":"urn:e","a":"x"}]`, said(`urn:l _:0; urn:e urn:a "x"; _:0 rdf:first urn:e; _:0 rdf:rest rdf:nil`)}, {`"l":["x",null]`, "unsigned_data/null /l/1"},
		{`"a":{"@set":["x",{"@set":["y"]}]}`, said(`urn:a "x"; `) + said(`urn:a "y"`)}, {`"s":"x"`, said(`urn:s "x"`)},
		{`"a":{"@list":["x",null]}`, "unsigned_data/null /a/@list/1"}, {`"a":{"@set":["x",null]}`, "unsigned_data/null /a/@set/1"},
		{`"a":{"@list":["x"]},"q":"x"`, "unsigned_data/undefined-term /q"}, {`"a":{"@list":["x"],"@index":"y"}`, declined}, {`"a":{"@set":["x"],"b":"y"}`, declined}, {`"a":{"@list":["x"],"@set":["y"]}`, declined},
		{`"a":{"@context":{"T":"urn:U"},"@list":["x"]}`, said(`urn:a _:0; _:0 rdf:first "x"; _:0 rdf:rest rdf:nil`)},
		// Values that are objects.
		{`"a":{"@value":"x"}`, said(`urn:a "x"`)}, {`"a":{"@value":5,"@type":"urn:t"}`, said(`urn:a "5"^^urn:t`)}, {`"a":{"@value":"x","type":"T"}`, said(`urn:a "x"^^urn:T`)},
		{`"a":{"@context":{"T":"urn:U"},"@value":"x","@type":"T"}`, said(`urn:a "x"^^urn:U`)}, {`"a":{"@value":"x","@type":"t"}`, "unsigned_data/relative-type /a/@type"},
		{`"a":{"@value":"x","@type":5}`, declined}, {`"a":{"@value":"x","@type":"@json"}`, declined}, {`"a":{"@value":null}`, dropped + " /a"}, {`"a":{"@value":["x"]}`, dropped + " /a"},
		{`"a":{"@value":"x","@language":"NB"}`, said(`urn:a "x"@nb`)}, {`"a":{"@value":"x","@language":5}`, declined}, {`"a":{"@value":"x","@language":"n b"}`, declined},
		{`"a":{"@value":5,"@language":"nb"}`, declined}, {`"a":{"@value":"x","@language":"nb","@type":"T"}`, declined},
		{`"a":{"@value":"x","@direction":"rtl"}`, said(`urn:a "x"^^https://www.w3.org/ns/i18n#_rtl`)}, {`"a":{"@value":"x","@language":"NB","@direction":"rtl"}`, said(`urn:a "x"^^https://www.w3.org/ns/i18n#nb_rtl`)},
		{`"a":{"@value":5,"@direction":"rtl"}`, declined}, {`"a":{"@value":"x","@direction":"rtl","@type":"T"}`, declined},
		{`"a":{"@value":"x","@direction":5}`, "unsigned_data/direction /a/@direction"}, {`"a":{"@value":"x","@index":"y"}`, "unsigned_data/direction /a/@index"}, {`"a":{"@value":"x","b":"y"}`, declined},
		// Texts by their language.
		{`"m":{"NB":"x","en":["y","z"],"@none":"w"}`, said(`urn:m "w"; `) + said(`urn:m "x"@nb; `) + said(`urn:m "y"@en; `) + said(`urn:m "z"@en`)},
		{`"m":"x"`, said(`urn:m "x"`)}, {`"m":{"n b":"x"}`, "unsigned_data/language /m/n b"}, {`"m":{"nb":5}`, "unsigned_data/language /m/nb"}, {`"m":{"nb":null}`, "unsigned_data/language /m/nb"},
		{`"ms":{"nb":"x"}`, said(`urn:ms "x"@nb`)}, {`"p":{"@context":{"mi":{"@id":"urn:mi","@container":["@language","@index"]}},"mi":{"nb":"x"}}`, declined}, {`"i":{"k":"x"}`, declined}, {`"i":"x"`, said(`urn:i "x"`)},
		// Contexts of its own.
		{`"p":{"@context":{"a":"urn:x"},"a":"y"}`, said(`urn:p _:0; _:0 urn:x "y"`)}, {`"p":{"@context":[{"a":"urn:x"},"urn:c:0"],"a":"y"}`, said(`urn:p _:0; _:0 urn:a "y"`)},
		{`"p":{"@context":"urn:c:7","a":"y"}`, declined}, {`"p":{"@context":{"a":5},"a":"y"}`, unreadable + " /p"}, {`"p":{"@context":null,"a":"y"}`, "unsigned_data/undefined-term /p/a"},
	} {
		doc := naming(t, 1, `{"id":"urn:d",`+c.doc+`}`)
		if got := directly(t, plain, doc); got != c.want {
			t.Errorf("%s\n    %s\nnot %s", c.doc, got, c.want)
		}
	}
	for doc, want := range map[string]string{
		`"a":"x"`: said(`urn:a "x"@nb`), `"none":"x"`: said(`urn:none "x"@nb`), `"own":"x"`: said(`urn:own "x"@nn`), `"no":"x"`: said(`urn:no "x"`),
		`"a":5`: said(`urn:a "5"^^xsd:integer`), `"typed":"x"`: said(`urn:typed "x"^^urn:t`), `"ref":"urn:x"`: said(`urn:ref urn:x`), `"a":{"@value":"x"}`: said(`urn:a "x"`),
	} {
		if got := directly(t, spoken, naming(t, 1, `{"id":"urn:d",`+doc+`}`)); got != want {
			t.Errorf("with a language, %s\n    %s\nnot %s", doc, got, want)
		}
	}
	// With a vocabulary anything is a type that is a text, and nothing else is.
	all := pinned(t, Config{}, `{"@vocab":"urn:v:"}`)
	for doc, want := range map[string]string{`{"@id":"urn:d","@type":""}`: `urn:d rdf:type urn:v:`, `{"@id":"urn:d","@type":5}`: "unsigned_data/relative-type /@type"} {
		if got := directly(t, all, naming(t, 1, doc)); got != want {
			t.Errorf("%s: %s, not %s", doc, got, want)
		}
	}
}

// TestPlaces: which place of a document says a statement.
func TestPlaces(t *testing.T) {
	t.Parallel()
	p := pinned(t, Config{}, terms)
	doc := naming(t, 1, `{"id":"urn:d","type":["T","urn:U"],"a":"x","s":["y",5],"p":{"type":"T","a":"z"},"l":["u",{"b":"v"}],"m":{"nb":"w","en":["e","f"]}}`)
	selections, err := p.Selections(doc)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := p.Statements(t.Context(), doc, selections[0])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range statements {
		value := strings.TrimPrefix(strings.TrimPrefix(s.Quad.Object.Value, rdfNS), "urn:")
		if s.Quad.Object.Kind == rdfc.Blank {
			value = "_"
		}
		line := strings.TrimPrefix(strings.TrimPrefix(s.Quad.Predicate.Value, rdfNS), "urn:") + " " + value + " at " + s.At + " from " + s.From
		if s.Node {
			line += ", node"
		}
		got = append(got, line)
	}
	want := []string{
		"type T at  from /type/0, node", "type U at  from /type/1, node", "a x at /a from /a", "s y at /s/0 from /s/0", "s 5 at /s/1 from /s/1",
		"p _ at /p from /p, node", "type T at /p from /p/type, node", "a z at /p/a from /p/a",
		"b v at /l/1/b from /l/1/b", "first _ at /l from /l", "rest nil at /l from /l", "first u at /l from /l", "rest _ at /l from /l", "l _ at /l from /l",
		"m w at /m/nb from /m/nb", "m e at /m/en from /m/en/0", "m f at /m/en from /m/en/1",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\n\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	refused := func(doc *strictjson.Value, sel Selection, want string) {
		t.Helper()
		if statements, err := p.Statements(t.Context(), doc, sel); short(nil, err) != want || statements != nil {
			t.Errorf("%s: %v, not %s", doc.AppendJSON(nil), err, want)
		}
	}
	refused(doc, Selection{}, "unsafe_context/missing /@context")
	refused(doc.With("q", strictjson.String("x")), selections[0], "unsigned_data/undefined-term /q")
	refused(doc.With("a", strictjson.Null()), selections[0], "unsigned_data/null /a")
	refused(naming(t, 1, `{"id":"urn:d"}`), selections[0], "unsigned_data/nothing")
	// What the direct way does not know has no places, though it is a document.
	other := naming(t, 1, `{"id":"urn:d","a":{"@value":"x","type":"@json"}}`)
	refused(other, selections[0], "unsafe_context/no-places")
	quads, err := p.Quads(t.Context(), other, selections[0])
	if got := short(quads, err); got != `urn:d urn:a "\"x\""^^rdf:JSON` {
		t.Error(got)
	}
}

// TestLimits: with a limit of one statement less than a document makes it is
// refused, whichever statement is the last, and whichever way it is read.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, members := range []string{
		`"type":"T"`, `"a":"x"`, `"a":["x","y"]`, `"a":{"@value":"x"}`, `"ref":"urn:x"`, `"json":[]`, `"p":{"@id":"urn:e"}`, `"p":{"@id":"urn:e","a":"x"}`, `"l":["x","y"]`, `"l":[]`,
		`"l":[{"@id":"urn:e","a":"x"}]`, `"m":{"nb":["x","y"]}`, `"g":{"@id":"urn:e","a":"x"}`, `"p":{"@id":"urn:e","@graph":[{"@id":"urn:f","a":"x"}]}`, `"@nest":{"a":"x"}`,
		`"@included":[{"@id":"urn:e","a":"x"}]`,
	} {
		doc := naming(t, 1, `{"id":"urn:d","b":"w",`+members+`}`)
		free := pinned(t, Config{}, terms)
		selections, err := free.Selections(doc)
		if err != nil {
			t.Fatal(err)
		}
		ways := map[string]func(p *Processor) ([]rdfc.Quad, error){
			"direct": func(p *Processor) ([]rdfc.Quad, error) {
				return p.statements(t.Context(), doc, selections[0], new(scratch), nil)
			},
			"json-gold": func(p *Processor) ([]rdfc.Quad, error) { return p.general(doc, selections[0]) },
		}
		for way, read := range ways {
			if way == "json-gold" && strings.Contains(members, "@included") {
				continue // which it does not read
			}
			all, err := read(free)
			if err != nil || len(all) < 2 {
				t.Errorf("%s, %s: %v", way, members, err)
				continue
			}
			for n := 1; n <= len(all); n++ {
				p, err := New(Config{Contexts: free.cfg.Contexts, MaxQuads: n})
				if err != nil {
					t.Fatal(err)
				}
				want := reason.Code("resource_limit/quads")
				if n == len(all) {
					want = ""
				}
				if got, err := read(p); reason.CodeOf(err) != want || (err == nil) != (want == "") || err == nil && len(got) != n {
					t.Errorf("%s, %s: of %d statements %d: %v", way, members, len(all), n, err)
				}
			}
		}
	}
	// What statements add up to: all their terms but texts.
	for _, at := range []int{1, 2, 3, 4} {
		for more, want := range map[int]reason.Code{0: "", 1: "resource_limit/quads"} {
			b, long := &builder{limit: 10}, strings.Repeat("x", maxStatementBytes-4+more)
			q := rdfc.Quad{Subject: iri("a"), Predicate: iri("b"), Object: iri("c"), Graph: iri("d")}
			if err := b.add(&q); err != nil {
				t.Fatal(err)
			}
			q = rdfc.Quad{}
			switch at {
			case 1:
				q.Subject = iri(long)
			case 2:
				q.Predicate = iri(long)
			case 3:
				q.Object = iri(long)
			case 4:
				q.Graph = iri(long)
			}
			if err := b.add(&q); reason.CodeOf(err) != want {
				t.Errorf("%d more in place %d: %v", more, at, err)
			}
			text := rdfc.Quad{Object: rdfc.Term{Kind: rdfc.Literal, Value: long}}
			if err := b.add(&text); want == "" && err != nil {
				t.Errorf("a text counts: %v", err)
			}
		}
	}
}

// TestGivenUp: who gives up is asked now and then, and at the beginning.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	p := pinned(t, Config{}, terms)
	items := strings.TrimSuffix(strings.Repeat(`"x",`, 600), ",")
	doc := naming(t, 1, `{"id":"urn:d","a":[`+items+`]}`)
	selections, err := p.Selections(doc)
	if err != nil {
		t.Fatal(err)
	}
	for until, want := range map[int]reason.Code{0: reason.Canceled, 1: reason.Canceled, 2: reason.Canceled, 3: ""} {
		ctx := &counted{Context: t.Context(), until: until}
		if quads, err := p.Quads(ctx, doc, selections[0]); reason.CodeOf(err) != want || err == nil && len(quads) != 600 {
			t.Errorf("after %d: %v", until, err)
		}
		if ctx.asked > 4 { // once more to say why
			t.Errorf("asked %d times", ctx.asked)
		}
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Quads(canceled, naming(t, 1, `{"id":"urn:d","a":"x"}`), selections[0]); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// TestNamedContexts: where a document may name contexts, and how many.
func TestNamedContexts(t *testing.T) {
	t.Parallel()
	strict, open := pinned(t, Config{}, terms), pinned(t, Config{InlineContextsUnsafe: true}, terms)
	many := func(n int) string {
		return `{"@context":[` + strings.TrimSuffix(strings.Repeat(`"urn:c:0",`, n), ",") + `]}`
	}
	for _, c := range []struct{ doc, strict, open string }{
		{`{"@context":"urn:c:0"}`, "", ""},
		{`{"@context":["urn:c:0"]}`, "", ""},
		{`{"a":{"@context":"urn:c:0"}}`, "unsafe_context/missing /@context", "unsafe_context/missing /@context"},
		{`{"@context":[]}`, "unsafe_context/empty /@context", "unsafe_context/empty /@context"},
		{`{"@context":"urn:c:0","a":{"@context":[]}}`, "unsafe_context/empty /a/@context", "unsafe_context/empty /a/@context"},
		{`{"@context":{}}`, "unsafe_context/inline /@context", ""},
		{`{"@context":["urn:c:0",{}]}`, "unsafe_context/inline /@context/1", ""},
		{`{"@context":["urn:c:0",5]}`, "unsafe_context/inline /@context/1", "unsafe_context/inline /@context/1"},
		{`{"@context":"urn:c:0","a":["x",{"@context":{}}]}`, "unsafe_context/inline /a/1/@context", ""},
		{`{"@context":"urn:c:0","a":["x",{"@context":null}]}`, "unsafe_context/inline /a/1/@context", "unsafe_context/inline /a/1/@context"},
		{`{"@context":"urn:c:0","a":[{"@context":"urn:c:7"},"x"]}`, "unsafe_context/unknown /a/0/@context", "unsafe_context/unknown /a/0/@context"},
		{many(200), "", ""},
		{many(201), "resource_limit/contexts /@context", "resource_limit/contexts /@context"},
	} {
		for p, want := range map[*Processor]string{strict: c.strict, open: c.open} {
			selections, err := p.Selections(object(t, c.doc))
			if got := short(nil, err); got != want || (len(selections) == 0) != (want != "") {
				t.Errorf("%.80s: %q, not %q", c.doc, got, want)
			}
		}
	}
	if _, err := New(Config{}); reason.CodeOf(err) != reason.Usage {
		t.Error(err)
	}
}

// TestTurnedInsideOut: a credential within that has the same issuer and points to
// the one around it could stand on top.
func TestTurnedInsideOut(t *testing.T) {
	t.Parallel()
	p := pinned(t, Config{}, `{"id":"@id","issuer":{"@id":"https://www.w3.org/2018/credentials#issuer","@type":"@id"},"p":{"@id":"urn:p","@type":"@id"},"a":"urn:a"}`)
	const ambiguous = "unsigned_data/ambiguous-root /id"
	for doc, want := range map[string]string{
		`{"id":"urn:d","issuer":"urn:i","p":{"id":"urn:e","p":"urn:d","issuer":"urn:i"}}`:      ambiguous,
		`{"id":"urn:d","p":["urn:i",{"id":"urn:e","issuer":"urn:i","p":"urn:d"}]}`:             "",
		`{"id":"urn:d","issuer":"urn:i","p":{"id":"urn:e","issuer":"urn:i","p":"urn:d"}}`:      ambiguous,
		`{"id":"urn:d","issuer":["urn:h","urn:i"],"p":{"issuer":"urn:i","p":{"p":"urn:d"}}}`:   ambiguous,
		`{"id":"urn:d","issuer":"urn:i","p":{"id":"urn:e","issuer":"urn:j","p":"urn:d"}}`:      "",
		`{"id":"urn:d","issuer":"urn:i","p":{"id":"urn:e","issuer":"urn:i","p":"urn:f"}}`:      "",
		`{"id":"urn:d","issuer":"urn:i","p":{"id":"urn:e","p":["urn:i","urn:d"]}}`:             "",
		`{"id":"urn:d","p":[{"issuer":"urn:i","p":"urn:d"},{"id":"urn:e","issuer":"urn:i"}]}`:  "",
		`{"id":"urn:d","a":"urn:i","p":{"id":"urn:e","issuer":"urn:i","p":["urn:d","urn:i"]}}`: "",
		`{"id":"urn:d","issuer":"urn:i","p":"urn:d"}`:                                          "",
		`{"issuer":"urn:i","p":{"id":"urn:e","issuer":"urn:i","p":"urn:d"}}`:                   "",
	} {
		doc := naming(t, 1, doc)
		selections, err := p.Selections(doc)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Quads(t.Context(), doc, selections[0])
		if got := short(nil, err); got != want {
			t.Errorf("%s: %q, not %q", doc.AppendJSON(nil), got, want)
		}
	}
}

// TestExpanded: what json-gold makes of a document is not believed either.
func TestExpanded(t *testing.T) {
	t.Parallel()
	value := func(members ...any) []any {
		m := map[string]any{}
		for i := 0; i < len(members); i += 2 {
			m[members[i].(string)] = members[i+1]
		}
		return []any{m}
	}
	for _, c := range []struct {
		node map[string]any
		want string
	}{
		{map[string]any{"@id": "urn:d", "urn:a": value("@value", "x")}, `urn:d urn:a "x"`},
		{map[string]any{"@id": 5}, "unsigned_data/relative-id"},
		{map[string]any{"@id": "d"}, "unsigned_data/relative-id"},
		{map[string]any{"@id": "urn:d", "@type": []any{"urn:T"}}, `urn:d rdf:type urn:T`},
		{map[string]any{"@id": "urn:d", "@type": []any{"T"}}, "unsigned_data/relative-type"},
		{map[string]any{"@id": "urn:d", "@type": []any{5}}, "unsigned_data/relative-type"},
		{map[string]any{"@id": "urn:d", "@type": "urn:T"}, "unsigned_data/keyword"},
		{map[string]any{"@id": "urn:d", "@graph": "x"}, "unsigned_data/keyword"},
		{map[string]any{"@id": "urn:d", "@index": "x"}, "unsigned_data/keyword"},
		{map[string]any{"@id": "urn:d", "@index": []any{}}, "unsigned_data/keyword"},
		{map[string]any{"@id": "urn:d", "urn:a": "x"}, "unsigned_data/keyword"},
		{map[string]any{"@id": "urn:d", "a": []any{}}, "unsigned_data/relative-property"},
		{map[string]any{"@id": "urn:d", "urn:a": []any{"x"}}, "unsigned_data/free-floating"},
		{map[string]any{"@id": "urn:d", "urn:a": value("@id", "e")}, "unsigned_data/relative-id"},
		{map[string]any{"@id": "urn:d", "@graph": value("@id", "urn:e", "urn:a", value("@value", "x"))}, `urn:e urn:a "x" urn:d`},
		{map[string]any{"@id": "urn:d", "@graph": value("@id", "urn:e")}, "unsigned_data/dropped"},
		{map[string]any{"@id": "urn:d", "@graph": value("@id", "e", "urn:a", value("@value", "x"))}, "unsigned_data/relative-id"},
		{map[string]any{"@id": "urn:d", "@graph": value("@value", "x")}, "unsigned_data/free-floating"},
		{map[string]any{"@id": "urn:d", "@graph": []any{"x"}}, "unsigned_data/free-floating"},
		{map[string]any{"@id": "urn:d", "urn:a": value("@list", value("@value", "x"))}, `urn:d urn:a _:0; _:0 rdf:first "x"; _:0 rdf:rest rdf:nil`},
		{map[string]any{"@id": "urn:d", "urn:a": value("@list", []any{"x"})}, "unsigned_data/free-floating"},
		{map[string]any{"@id": "urn:d", "urn:a": value("@value", "x", "@type", xsdNS+"string")}, `urn:d urn:a "x"`},
		{map[string]any{"@id": "urn:d", "urn:a": append(value("@value", "x"), value("@value", "x", "@type", xsdNS+"string")...)}, `urn:d urn:a "x"`},
		{map[string]any{"@id": "urn:d", "urn:a": value("@value", "x", "@type", "t")}, "unsigned_data/relative-type"},
		{map[string]any{"@id": "urn:d", "urn:a": value("@value", true, "@type", "urn:t")}, `urn:d urn:a "true"^^urn:t`},
		{map[string]any{"@id": "urn:d", "urn:a": value("@value", true)}, `urn:d urn:a "true"^^xsd:boolean`},
		{map[string]any{"@id": "urn:d", "urn:a": value("@value", 5.0)}, `urn:d urn:a "5"^^xsd:integer`},
		{map[string]any{"@id": "urn:d", "urn:a": value("@value", nil)}, "unsigned_data/dropped"},
		{map[string]any{"@id": "urn:d", "urn:a": value("@value", "x", "@index", "y")}, "unsigned_data/direction"},
		{map[string]any{"@id": "urn:d", "urn:a": value("@value", "x", "@language", "nb")}, `urn:d urn:a "x"@nb`},
		{map[string]any{"@id": "urn:d", "urn:a": value("@value", "x", "@language", "nb", "@direction", "rtl")}, `urn:d urn:a "x"^^https://www.w3.org/ns/i18n#nb_rtl`},
		{map[string]any{"@id": "urn:d", "urn:a": value("@value", []any{nil}, "@type", "@json")}, `urn:d urn:a "[null]"^^rdf:JSON`},
	} {
		b := &builder{limit: 10}
		_, err := b.node(c.node, rdfc.Term{})
		if got := short(b.quads, err); got != c.want {
			t.Errorf("%v: %s, not %s", c.node, got, c.want)
		}
	}
}

// TestByJSONGold: a document, and what stands in a presentation, by the other way.
func TestByJSONGold(t *testing.T) {
	t.Parallel()
	p := newProcessor(t)
	const v2 = `"@context":"https://www.w3.org/ns/credentials/v2"`
	presentation := func(held string) string {
		return `{` + v2 + `,"id":"urn:d","type":"VerifiablePresentation","holder":"urn:h","verifiableCredential":[{` + v2 + `,"id":"urn:e","type":"VerifiableCredential"` + held + `}]}`
	}
	for doc, want := range map[string]string{
		presentation(``):                        "",
		presentation(`,"grade":"A"`):            "unsigned_data/undefined-term /verifiableCredential/0",
		presentation(`,"validFrom":{"id":"x"}`): "unsigned_data/relative-id /verifiableCredential/0",
		`{` + v2 + `,"id":"urn:d","type":"VerifiableCredential","grade":"A"}`:             "unsigned_data/undefined-term",
		`{` + v2 + `,"id":"urn:d","type":"VerifiableCredential","name":{"@value":["x"]}}`: unreadable,
		`{` + v2 + `,"id":"urn:d","type":"VerifiableCredential","name":{"@value":null}}`:  "unsigned_data/dropped",
		`{` + v2 + `,"@graph":[{"id":"urn:d","name":"x"},{"id":"urn:e","name":"x"}]}`:     "unsigned_data/dropped",
	} {
		doc := object(t, doc)
		selections, err := p.Selections(doc)
		if err != nil {
			t.Fatal(err)
		}
		quads, err := p.general(doc, selections[0])
		if got := short(nil, err); got != want {
			t.Errorf("%s\n    %s\nnot %s", doc.AppendJSON(nil), got, want)
		}
		if err == nil {
			if direct := directly(t, p, doc); short(quads, nil) != direct {
				t.Errorf("%s, not %s", short(quads, nil), direct)
			}
			for n := range quads {
				limited, err := New(Config{Contexts: p.cfg.Contexts, MaxQuads: n + 1})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := limited.general(doc, selections[0]); (err != nil) != (n+1 < len(quads)) {
					t.Errorf("%d of %d statements: %v", n+1, len(quads), err)
				}
			}
		}
	}
	// A context that is not among those chosen is not read.
	if _, err := p.general(object(t, `{`+v2+`,"id":"urn:d","type":"VerifiableCredential"}`), Selection{}); reason.CodeOf(err) != unreadable {
		t.Error(err)
	}
	// A JSON literal is counted as it is written.
	own := pinned(t, Config{}, terms)
	for _, text := range []string{`[]`, `{}`, `"x"`, `[["x",null],5,{}]`, `{"a":{"b":"c","d":["e","f"]}}`, `{"@value":"x","b":["c","d"]}`, `[{"@value":{"c":"d","e":"f"}}]`} {
		doc := naming(t, 1, `{"id":"urn:d","json":`+text+`}`)
		selections, err := own.Selections(doc)
		if err != nil {
			t.Fatal(err)
		}
		quads, err := own.general(doc, selections[0])
		if got := short(quads, err); got != directly(t, own, doc) {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got := strconv.Itoa(expandedLeaves([]any{map[string]any{}, nil, "x", map[string]any{"@value": map[string]any{"a": "b", "c": "d"}, "@type": "@json"}})); got != "4" {
		t.Error(got)
	}
}
