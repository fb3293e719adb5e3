package selective

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// RDF properties of which a list is made.
const (
	rdfFirst = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first"
	rdfRest  = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest"
)

// Document is a document whose statements can be shown one by one.
type Document struct {
	// NQuads are the statements under the suite's labels, each a line of
	// canonical N-Quads with its end, in code point order, none twice.
	NQuads []string

	source     *strictjson.Value
	statements []jsonld.Statement
	lines      []int             // index in NQuads by statement
	canonical  map[string]string // canonical label by the label in statements
	labels     map[string]string // label in NQuads by canonical label
	lists      map[string]bool   // places of ordered lists
}

// New labels the statements of doc: blank nodes get their canonical labels,
// and these are replaced by those that relabel gives for each. It must give
// every one a label of its own. Errors are those of rdfc.Canonicalize.
func New(ctx context.Context, doc *strictjson.Value, statements []jsonld.Statement, relabel func(canonical []string) map[string]string) (*Document, error) {
	d := &Document{source: doc, statements: statements, lists: map[string]bool{}}
	for i := range statements {
		if p := statements[i].Quad.Predicate.Value; p == rdfFirst || p == rdfRest {
			d.lists[statements[i].At] = true
		}
	}
	result, err := rdfc.Canonicalize(ctx, quadsOf(statements), rdfc.Options{})
	if err != nil {
		return nil, err
	}
	d.canonical = result.Issued()
	given := slices.Sorted(maps.Values(d.canonical))
	d.labels = relabel(given)
	if err := oneToOne(d.labels, given); err != nil {
		return nil, err
	}
	w := writer{canonical: d.canonical, labels: d.labels}
	lines := make([]string, len(statements))
	for i := range statements {
		lines[i] = w.line(statements[i].Quad)
	}
	d.NQuads = slices.Compact(slices.Sorted(slices.Values(lines)))
	d.lines = make([]int, len(lines))
	for i, text := range lines {
		d.lines[i], _ = slices.BinarySearch(d.NQuads, text)
	}
	return d, nil
}

func quadsOf(statements []jsonld.Statement) []rdfc.Quad {
	out := make([]rdfc.Quad, len(statements))
	for i := range statements {
		out[i] = statements[i].Quad
	}
	return out
}

// oneToOne refuses labels that do not give each canonical label another one,
// and no more than these: two nodes under one label would be one, and the
// statements about either would be about both.
func oneToOne(labels map[string]string, canonical []string) error {
	taken := make(map[string]bool, len(labels))
	for _, name := range canonical {
		label, ok := labels[name]
		if !ok || label == "" || taken[label] {
			return reason.New("disclosure_invalid/labels", "", "the labels of the document's nodes do not tell them apart")
		}
		taken[label] = true
	}
	if len(labels) != len(canonical) {
		return reason.New("disclosure_invalid/labels", "", "there are %d labels for %d nodes", len(labels), len(canonical))
	}
	return nil
}

// writer writes statements with their blank nodes under new labels.
type writer struct {
	canonical, labels map[string]string
	buf               []byte
}

func (w *writer) line(q rdfc.Quad) string {
	for _, t := range [...]*rdfc.Term{&q.Subject, &q.Object, &q.Graph} {
		if t.Kind == rdfc.Blank {
			t.Value = w.labels[w.canonical[t.Value]]
		}
	}
	w.buf = rdfc.AppendNQuad(w.buf[:0], q)
	return string(w.buf)
}

// Select returns the indexes in NQuads, ascending, of the statements that the
// pointers choose; none for no pointers. The empty pointer is the document.
func (d *Document) Select(pointers []string) ([]int, error) {
	if err := d.check(pointers); err != nil {
		return nil, err
	}
	chosen := make([]bool, len(d.NQuads))
	for i := range d.statements {
		if d.chosen(i, pointers) {
			chosen[d.lines[i]] = true
		}
	}
	var out []int
	for i, ok := range chosen {
		if ok {
			out = append(out, i)
		}
	}
	return out, nil
}

func (d *Document) chosen(i int, pointers []string) bool {
	s := &d.statements[i]
	for _, p := range pointers {
		if within(s.At, p) || s.Node && within(p, s.At) {
			return true
		}
	}
	return false
}

// Revealed is what a holder shows of a document.
type Revealed struct {
	Document *strictjson.Value // the members that show, in their old order
	Indexes  []int             // of its statements in Document.NQuads, ascending
	// Labels are the labels in Document.NQuads, by the canonical labels that
	// the reader of this document will come to.
	Labels map[string]string
	// NQuads is the canonical form of this document, under canonical labels.
	NQuads []byte
}

// Reveal cuts the document down to what the pointers choose, at least one.
func (d *Document) Reveal(ctx context.Context, pointers []string) (*Revealed, error) {
	indexes, err := d.Select(pointers)
	if err != nil {
		return nil, err
	}
	if len(indexes) == 0 {
		return nil, reason.New("disclosure_invalid/nothing", "", "nothing of the document is to be shown")
	}
	quads := make([]rdfc.Quad, 0, len(indexes))
	for i := range d.statements {
		if _, shown := slices.BinarySearch(indexes, d.lines[i]); shown {
			quads = append(quads, d.statements[i].Quad)
		}
	}
	result, err := rdfc.Canonicalize(ctx, quads, rdfc.Options{})
	if err != nil {
		return nil, err
	}
	issued := result.Issued()
	out := &Revealed{Document: cut(d.source, pointers), Indexes: indexes, Labels: make(map[string]string, len(issued)), NQuads: result.NQuads}
	for input, label := range issued {
		out.Labels[label] = d.labels[d.canonical[input]]
	}
	return out, nil
}

// Choices returns the pointers to what can be shown alone beside what the
// pointers in always show: the innermost values, in document order.
func (d *Document) Choices(always []string) ([]string, error) {
	shown, err := d.Select(always)
	if err != nil {
		return nil, err
	}
	var places []string
	for i := range d.statements {
		if _, ok := slices.BinarySearch(shown, d.lines[i]); !ok && d.statements[i].At != "" {
			places = append(places, d.statements[i].At)
		}
	}
	// Sorted by tokens, what lies below a place follows it at once.
	slices.SortFunc(places, func(a, b string) int {
		return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/"))
	})
	places = slices.Compact(places)
	innermost := map[string]bool{}
	for i, at := range places {
		if i+1 == len(places) || !within(places[i+1], at) || d.lists[at] {
			innermost[at] = true
		}
	}
	var out []string
	walk(d.source, "", func(at string) bool {
		if innermost[at] {
			out = append(out, at)
		}
		return !d.lists[at]
	})
	return out, nil
}

// HMACLabels gives each canonical label the multibase form of its HMAC (ECDSA
// Cryptosuites section 3.4.4).
func HMACLabels(key []byte, canonical []string) map[string]string {
	out := make(map[string]string, len(canonical))
	mac := hmac.New(sha256.New, key)
	for _, label := range canonical {
		mac.Reset()
		mac.Write([]byte(label))
		out[label] = "u" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	return out
}

// Lines is the reader's side: it canonicalizes the statements of a document
// that shows in part and writes them as they were signed, with the labels that
// stand in its proof for the canonical ones. Labels that are not exactly those
// of the document's nodes, or give two nodes one label, are
// disclosure_invalid/labels.
func Lines(ctx context.Context, quads []rdfc.Quad, labels map[string]string) ([]string, error) {
	result, err := rdfc.Canonicalize(ctx, quads, rdfc.Options{})
	if err != nil {
		return nil, err
	}
	w := writer{canonical: result.Issued(), labels: labels}
	if err := oneToOne(labels, slices.Collect(maps.Values(w.canonical))); err != nil {
		return nil, err
	}
	out := make([]string, len(quads))
	for i, q := range quads {
		out[i] = w.line(q)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
