package rdfc_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestReadNQuads reads what N-Quads allows around and in a statement.
func TestReadNQuads(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<a> <b> <c> .\r\n<a> <b> <d> .\r<a> <b> <e> .": "<a> <b> <c> .\n<a> <b> <d> .\n<a> <b> <e> .\n",
		" \t\n# all of it\n\t# and this\n<a> <b> <c> .": "<a> <b> <c> .\n",
		"<a><b><c><d>.# no space":                       "<a> <b> <c> <d> .\n",
		`<a> <b> "c"@nb-NO .`:                           "<a> <b> \"c\"@nb-NO .\n",
		`<a> <b> "c"@de-1996 .`:                         "<a> <b> \"c\"@de-1996 .\n",
		`<a> <b> "c"@sl-ROZAJ-0z9 .`:                    "<a> <b> \"c\"@sl-ROZAJ-0z9 .\n",
		`<a> <b> "\u00E6\u00e6\U0001F600\'" .`:          "<a> <b> \"ææ😀'\" .\n",
		`<\u00e6> <b> _:c.d. .`:                         "",
		`<\u00e6> <b> _:c.d.`:                           "<æ> <b> _:c.d .\n",
		`_:a <b> _:0<g> .`:                              "_:a <b> _:0 <g> .\n",
	} {
		quads, err := rdfc.ParseNQuads([]byte(in))
		var got []byte
		for _, q := range quads {
			got = rdfc.AppendNQuad(got, q)
		}
		if string(got) != want || (err != nil) != (want == "") {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
	quads, err := rdfc.ParseNQuads([]byte(`<a> <b> "c"^^<` + rdfc.XSDString + `> .`))
	if err != nil || quads[0].Object != text("c") {
		t.Errorf("a text with its datatype: %v, %v", quads, err)
	}
}

// TestNoNQuads: each of these lacks one thing, or has one too many.
func TestNoNQuads(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		`<a`, `<a> <b`, `<a> <b> <c`, `<a> <b> _:c`, `<a> <b> "c"@nb`, `<a> <b> "c"^^<d`, `<a> <b> "c\`, `<a\> <b> <c> .`,
		`<a> <b c> <c> .`, `<a> <b> <c d> .`, `<a> <b> <c> <g h> .`, `<a> <b> "c"^^<d e> .`, "<a\x01> <b> <c> .",
		`<a{> <b> <c> .`, `<a}> <b> <c> .`, `<a|> <b> <c> .`, `<a^> <b> <c> .`, "<a`> <b> <c> .", `<a"> <b> <c> .`, `<a<> <b> <c> .`,
		`<a\u003e> <b> <c> .`, `<a\u0020> <b> <c> .`, `<a\u005C> <b> <c> .`, `<a\'> <b> <c> .`, `<a\\> <b> <c> .`,
		`_:.a <b> <c> .`, `_:-a <b> <c> .`, `_:... <b> <c> .`,
		`<a> <b> "c"@nb{ .`, `<a> <b> "c"@nb[ .`, `<a> <b> "c"@nb: .`, `<a> <b> "c"@nb_NO .`, `<a> <b> "c"@nb/NO .`, "<a> <b> \"c\"@nb` .",
		`<a> <b> "\q0041" .`, `<a> <b> "\x0041" .`, `<a> <b> "\u00g1" .`, `<a> <b> "\u000g" .`, `<a> <b> "\ug000" .`, `<a> <b> "\u+041" .`,
		`<a> <b> "\u0_41" .`, `<a> <b> "\U0011FFFF" .`, `<a> <b> "\UFFFFFFFF" .`, `<a> <b> "\U80000041" .`, `<a> <b> "\U0001F60" .`,
	} {
		if q, err := rdfc.ParseNQuads([]byte(in)); reason.CodeOf(err) != reason.MalformedNQuads {
			t.Errorf("%s: %v %v", in, q, err)
		}
	}
	if _, err := rdfc.ParseNQuads(make([]byte, 64<<20+1)); reason.CodeOf(err) != reason.LimitSize {
		t.Errorf("64 MiB and a byte: %v", err)
	}
}

// TestSame: two statements are one if nothing in them differs. Whether two meet
// in the set is by chance, so each pair is tried often.
func TestSame(t *testing.T) {
	t.Parallel()
	base := rdfc.Quad{Subject: iri("s"), Predicate: iri("p"), Object: text("x"), Graph: iri("g")}
	with := func(object rdfc.Term) rdfc.Quad {
		q := base
		q.Object, q.Object.Kind = object, rdfc.Literal
		return q
	}
	graph := base
	graph.Graph = rdfc.Term{}
	for _, other := range []rdfc.Quad{
		with(rdfc.Term{Value: "x", Datatype: "urn:t"}), with(rdfc.Term{Value: "x", Datatype: "urn:u"}),
		with(rdfc.Term{Value: "x", Datatype: rdfc.RDFLangString, Language: "nb"}), with(rdfc.Term{Value: "x", Datatype: rdfc.RDFLangString, Language: "nn"}),
		with(rdfc.Term{Value: "y"}), graph,
	} {
		for _, first := range []rdfc.Quad{base, with(rdfc.Term{Value: "x", Datatype: "urn:v"}), with(rdfc.Term{Value: "x", Datatype: rdfc.RDFLangString, Language: "en"})} {
			want := [][]byte{rdfc.AppendNQuad(nil, first), rdfc.AppendNQuad(nil, other)}
			slices.SortFunc(want, bytes.Compare)
			for range 300 {
				for _, quads := range [][]rdfc.Quad{{first, other, first}, {other, first, other}} {
					got, err := rdfc.Canonicalize(t.Context(), quads, rdfc.Options{})
					if err != nil || !bytes.Equal(got.NQuads, bytes.Join(want, nil)) {
						t.Fatalf("%s, %v", got.NQuads, err)
					}
				}
			}
		}
	}
}

// TestMentionedTwice: a statement that mentions a node twice is one line of what
// tells the node apart (RDFC-1.0 section 4.6.3). Labels are in the order of the
// hashes, which this test takes itself.
func TestMentionedTwice(t *testing.T) {
	t.Parallel()
	for name, loop := range map[string]rdfc.Quad{
		"subject and object": {Subject: blank("n"), Object: blank("n"), Graph: iri("g")},
		"subject and graph":  {Subject: blank("n"), Object: iri("o"), Graph: blank("n")},
		"object and graph":   {Subject: iri("s"), Object: blank("n"), Graph: blank("n")},
		"all three":          {Subject: blank("n"), Object: blank("n"), Graph: blank("n")},
	} {
		for _, h := range []rdfc.Hash{rdfc.SHA256, rdfc.SHA384} {
			for i := range 16 { // in some of them the order would be another if the line were there twice
				loop.Predicate = iri(fmt.Sprint("p", i))
				other := rdfc.Quad{Subject: blank("m"), Predicate: iri("q"), Object: text("x")}
				a := strings.ReplaceAll(string(rdfc.AppendNQuad(nil, loop)), "_:n", "_:a")
				b := strings.ReplaceAll(string(rdfc.AppendNQuad(nil, other)), "_:m", "_:a")
				want := map[string]string{"n": "c14n0", "m": "c14n1"}
				if sum(h, b) < sum(h, a) {
					want = map[string]string{"n": "c14n1", "m": "c14n0"}
				}
				got, err := rdfc.Canonicalize(t.Context(), []rdfc.Quad{loop, other}, rdfc.Options{Hash: h})
				if err != nil || fmt.Sprint(got.Issued()) != fmt.Sprint(want) {
					t.Errorf("%s, %d: %v, %v, want %v", name, i, got.Issued(), err, want)
				}
			}
		}
	}
}

func sum(h rdfc.Hash, text string) string {
	if h == rdfc.SHA384 {
		s := sha512.Sum384([]byte(text))
		return hex.EncodeToString(s[:])
	}
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

func TestDigestByItsName(t *testing.T) {
	t.Parallel()
	quads := []rdfc.Quad{{Subject: iri("s"), Predicate: iri("p"), Object: text("x")}}
	for _, h := range []rdfc.Hash{rdfc.SHA256, rdfc.SHA384} {
		got, err := rdfc.Digest(t.Context(), quads, rdfc.Options{Hash: h})
		if err != nil || hex.EncodeToString(got) != sum(h, "<urn:s> <urn:p> \"x\" .\n") {
			t.Errorf("%x, %v", got, err)
		}
	}
	if got, err := rdfc.Digest(t.Context(), clique(10), rdfc.Options{}); reason.CodeOf(err) != reason.LimitCanonicalization || got != nil {
		t.Errorf("a digest of what takes too long: %x, %v", got, err)
	}
}

// impatient is a context that is canceled after some looks at it.
type impatient struct {
	context.Context
	looks int
}

func (i *impatient) Err() error {
	if i.looks--; i.looks < 0 {
		return context.Canceled
	}
	return nil
}

// TestCanceledMeanwhile: whoever gives up is heard in each part of the work.
func TestCanceledMeanwhile(t *testing.T) {
	t.Parallel()
	one := []rdfc.Quad{{Subject: iri("s"), Predicate: iri("p"), Object: blank("n")}}
	none := []rdfc.Quad{{Subject: iri("s"), Predicate: iri("p"), Object: text("x")}}
	for _, c := range []struct {
		name  string
		quads []rdfc.Quad
		looks int
	}{{"statements", none, 1}, {"nodes", one, 2}, {"nodes alike", clique(2), 4}} {
		for looks := range c.looks {
			_, err := rdfc.Canonicalize(&impatient{t.Context(), looks}, c.quads, rdfc.Options{})
			if reason.CodeOf(err) != reason.Canceled {
				t.Errorf("%s, after %d: %v", c.name, looks, err)
			}
		}
	}
}

// TestEachAmountOfWork: with less work than is needed there is an error, however
// little is missing, and never another form.
func TestEachAmountOfWork(t *testing.T) {
	t.Parallel()
	var star []rdfc.Quad
	for i := range 5 {
		star = append(star, rdfc.Quad{Subject: iri("hub"), Predicate: iri("p"), Object: blank(fmt.Sprint(i))})
	}
	for name, quads := range map[string][]rdfc.Quad{"star": star, "clique": clique(3)} {
		want, err := rdfc.Canonicalize(t.Context(), quads, rdfc.Options{MaxWork: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		for work := 1; ; work++ {
			got, err := rdfc.Canonicalize(t.Context(), quads, rdfc.Options{MaxWork: work})
			if err == nil && string(got.NQuads) == string(want.NQuads) && work >= len(quads) {
				break
			}
			if reason.CodeOf(err) != reason.LimitCanonicalization || work == 10_000 {
				t.Fatalf("%s, %d: %v, %v", name, work, got, err)
			}
		}
	}
}

// TestShorterIsNotLess: of two paths the lesser is taken, not the shorter. They
// differ in length only if a node stands twice in one, and its label has a digit
// more in the other: _:b9 and _:b10.
func TestShorterIsNotLess(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	for variant := range 10 { // in some of them x and y come after nine others
		before := 4 + variant
		var quads []rdfc.Quad
		add := func(twin int, s, p, o, g string) {
			q := rdfc.Quad{Subject: blank(fmt.Sprint(s, "-", twin)), Predicate: iri(p), Object: blank(fmt.Sprint(o, "-", twin)), Graph: iri(g)}
			quads = append(quads, q)
		}
		for twin := range 2 { // two of it, so that each node looks like another
			last := "n"
			for i := range before {
				next := fmt.Sprint("c", i)
				add(twin, last, fmt.Sprint("next", variant), next, "g")
				last = next
			}
			add(twin, last, "hub", "m", "g")
			// x is said of m twice, y once, and once of another.
			add(twin, "m", "p", "x", "g1")
			add(twin, "m", "p", "x", "g2")
			add(twin, "m", "p", "y", "g1")
			add(twin, "k", "p", "y", "g2")
		}
		var want string
		for round := range 20 {
			names := map[string]string{}
			rename := func(term rdfc.Term) rdfc.Term {
				if term.Kind != rdfc.Blank {
					return term
				}
				if names[term.Value] == "" {
					names[term.Value] = fmt.Sprint("r", len(names))
				}
				return blank(names[term.Value])
			}
			rng.Shuffle(len(quads), func(i, j int) { quads[i], quads[j] = quads[j], quads[i] })
			renamed := make([]rdfc.Quad, 0, len(quads))
			for _, q := range quads {
				q.Subject, q.Object = rename(q.Subject), rename(q.Object)
				renamed = append(renamed, q)
			}
			got, err := rdfc.Canonicalize(t.Context(), renamed, rdfc.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if round == 0 {
				want = string(got.NQuads)
			}
			if string(got.NQuads) != want {
				t.Fatalf("%d: in another order of the statements\n%s\nand not\n%s", variant, got.NQuads, want)
			}
		}
	}
}
