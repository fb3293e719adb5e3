package jsonld

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	rdfNS      = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	xsdNS      = "http://www.w3.org/2001/XMLSchema#"
	rdfType    = rdfNS + "type"
	rdfFirst   = rdfNS + "first"
	rdfRest    = rdfNS + "rest"
	rdfNil     = rdfNS + "nil"
	xsdBoolean = xsdNS + "boolean"
	xsdDouble  = xsdNS + "double"
	xsdInteger = xsdNS + "integer"
)

// builder collects the quads of an expanded document (JSON-LD 1.1 Processing
// Algorithms section 8.1), and refuses where the algorithm drops.
type builder struct {
	quads  []rdfc.Quad
	blanks int
	limit  int
	bytes  int // of all terms but literals
}

// maxStatementBytes bounds what all statements of a document add up to beside its
// texts: each of these is in one statement, so that the bound of the document is
// theirs. A status list is one long text.
const maxStatementBytes = 8 << 20

func iri(s string) rdfc.Term { return rdfc.Term{Kind: rdfc.IRI, Value: s} }

func (b *builder) blank() rdfc.Term {
	b.blanks++
	return rdfc.Term{Kind: rdfc.Blank, Value: "b" + strconv.Itoa(b.blanks)}
}

func (b *builder) add(q *rdfc.Quad) error {
	if len(b.quads) >= b.limit {
		return reason.New("resource_limit/quads", "", "more than %d statements", b.limit)
	}
	// A statement is written out with all its terms, so a long one that many
	// share costs its length each time.
	b.bytes += len(q.Subject.Value) + len(q.Predicate.Value) + len(q.Graph.Value)
	if q.Object.Kind != rdfc.Literal {
		b.bytes += len(q.Object.Value)
	}
	if b.bytes > maxStatementBytes {
		return reason.New("resource_limit/quads", "", "statements of more than %d bytes", maxStatementBytes)
	}
	b.quads = append(b.quads, *q)
	return nil
}

// absolute reports whether s can stand as an IRI: with a scheme, and without
// what N-Quads cannot hold.
func absolute(s string) bool {
	colon := strings.IndexByte(s, ':')
	if colon < 1 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
		case c <= ' ', c == '<', c == '>', c == '"', c == '{', c == '}', c == '|', c == '^', c == '`', c == '\\':
			return false
		case i < colon && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.')):
			return false
		}
	}
	return true
}

func absoluteIRI(s, what string) (rdfc.Term, error) {
	if !absolute(s) {
		return rdfc.Term{}, reason.New(reason.Code("unsigned_data/relative-"+what), "", "%.120q is not an absolute %s, so it would not be signed", s, what)
	}
	return iri(s), nil
}

// node adds what a node object says and returns the term for it.
func (b *builder) node(node map[string]any, graph rdfc.Term) (rdfc.Term, error) {
	subject := rdfc.Term{}
	if id, ok := node["@id"].(string); ok {
		var err error
		if subject, err = absoluteIRI(id, "id"); err != nil {
			return subject, err
		}
	} else if _, bad := node["@id"]; bad {
		return subject, reason.New("unsigned_data/relative-id", "", "an id that is no string would not be signed")
	} else {
		subject = b.blank()
	}
	names := make([]string, 0, len(node))
	for name := range node {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if err := b.member(subject, name, node[name], graph); err != nil {
			return subject, err
		}
	}
	return subject, nil
}

func (b *builder) member(subject rdfc.Term, name string, value any, graph rdfc.Term) error {
	items, ok := value.([]any)
	switch {
	case name == "@id":
		return nil
	case name == "@type" && ok:
		for _, item := range items {
			s, _ := item.(string)
			t, err := absoluteIRI(s, "type")
			if err != nil {
				return err
			}
			if err := b.add(&rdfc.Quad{Subject: subject, Predicate: iri(rdfType), Object: t, Graph: graph}); err != nil {
				return err
			}
		}
		return nil
	case name == "@graph" && ok:
		for _, item := range items {
			inner, ok := item.(map[string]any)
			if !ok || inner["@value"] != nil {
				return reason.New("unsigned_data/free-floating", "", "a value that belongs to nothing would not be signed")
			}
			before := len(b.quads)
			if _, err := b.node(inner, subject); err != nil {
				return err
			}
			if len(b.quads) == before {
				return reason.New("unsigned_data/dropped", "", "an object that says nothing would not be signed here")
			}
		}
		return nil
	case strings.HasPrefix(name, "@") || !ok:
		return reason.New("unsigned_data/keyword", "", "%s would not be signed", name)
	}
	predicate, err := absoluteIRI(name, "property")
	if err != nil {
		return err
	}
	for _, item := range items {
		object, err := b.object(item, graph)
		if err != nil {
			return err
		}
		if err := b.add(&rdfc.Quad{Subject: subject, Predicate: predicate, Object: object, Graph: graph}); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) object(item any, graph rdfc.Term) (rdfc.Term, error) {
	m, ok := item.(map[string]any)
	if !ok {
		return rdfc.Term{}, reason.New("unsigned_data/free-floating", "", "a value that belongs to nothing would not be signed")
	}
	if list, ok := m["@list"].([]any); ok {
		return b.list(list, graph)
	}
	if _, ok := m["@value"]; ok {
		return literal(m)
	}
	return b.node(m, graph)
}

func (b *builder) list(items []any, graph rdfc.Term) (rdfc.Term, error) {
	rest := iri(rdfNil)
	cells := make([]rdfc.Term, len(items))
	for i := range items {
		cells[i] = b.blank()
	}
	for i, item := range slices.Backward(items) {
		object, err := b.object(item, graph)
		if err != nil {
			return rest, err
		}
		if err := b.add(&rdfc.Quad{Subject: cells[i], Predicate: iri(rdfFirst), Object: object, Graph: graph}); err != nil {
			return rest, err
		}
		if err := b.add(&rdfc.Quad{Subject: cells[i], Predicate: iri(rdfRest), Object: rest, Graph: graph}); err != nil {
			return rest, err
		}
		rest = cells[i]
	}
	return rest, nil
}

// literal makes a literal of a value object (section 8.6).
func literal(m map[string]any) (rdfc.Term, error) {
	t := rdfc.Term{Kind: rdfc.Literal}
	datatype, _ := m["@type"].(string)
	language, _ := m["@language"].(string)
	if datatype == "@json" {
		return jsonLiteral(m["@value"])
	}
	if m["@index"] != nil {
		return t, reason.New("unsigned_data/direction", "", "an index would not be signed")
	}
	switch v := m["@value"].(type) {
	case string:
		t.Value = v
	case bool:
		t.Value = strconv.FormatBool(v)
		if datatype == "" {
			datatype = xsdBoolean
		}
	case float64:
		t.Value, datatype = numberLiteral(v, datatype)
	default:
		return t, reason.New("unsigned_data/dropped", "", "a value that is neither text, number nor truth would not be signed")
	}
	if datatype != "" {
		if _, err := absoluteIRI(datatype, "type"); err != nil {
			return t, err
		}
		if datatype == xsdNS+"string" {
			datatype = ""
		}
	}
	t.Datatype = datatype
	if language != "" {
		t.Language, t.Datatype = language, rdfc.RDFLangString
	}
	if direction, _ := m["@direction"].(string); direction != "" {
		t.Language, t.Datatype = "", i18nDatatype(language, direction)
	}
	return t, nil
}

// i18nNS is where datatypes stand that say the language and the direction of a
// text (JSON-LD 1.1 section 4.2.4.1).
const i18nNS = "https://www.w3.org/ns/i18n#"

// i18nDatatype is the datatype of a text with a direction: the value
// "i18n-datatype" of the option rdfDirection. Data Integrity names no value for
// it (w3c/vc-data-integrity issue 366); without one the direction would not be
// signed, and this is the one that others sign with.
func i18nDatatype(language, direction string) string {
	return i18nNS + strings.ToLower(language) + "_" + direction
}

// jsonLiteral makes a literal of a value of encoding/json (section 8.6).
func jsonLiteral(v any) (rdfc.Term, error) {
	t := rdfc.Term{Kind: rdfc.Literal, Datatype: rdfNS + "JSON"}
	raw, err := json.Marshal(v)
	if err != nil {
		return t, reason.Wrap(reason.Internal, "", err)
	}
	value, err := strictjson.Parse(raw, strictjson.Limits{})
	if err != nil {
		return t, err
	}
	text, err := jcs.Append(nil, value)
	t.Value = string(text)
	return t, err
}

// numberLiteral writes a number, and says its datatype where none is given.
func numberLiteral(f float64, datatype string) (lexical, typ string) {
	if f == math.Trunc(f) && math.Abs(f) < 1e21 && datatype != xsdDouble {
		lexical = strconv.FormatFloat(f, 'f', -1, 64)
		if f == 0 {
			lexical = "0"
		}
		return lexical, cmp.Or(datatype, xsdInteger)
	}
	return canonicalDouble(f), cmp.Or(datatype, xsdDouble)
}

// canonicalDouble writes f as a canonical xsd:double: one digit, a point, up
// to 15 digits, E and the exponent.
func canonicalDouble(f float64) string {
	var room [32]byte
	text := strconv.AppendFloat(room[:0], f, 'E', 15, 64) // as in 7.500000000000000E+00
	e := bytes.IndexByte(text, 'E')
	if e < 0 { // no finite number
		return string(text)
	}
	digits := e
	for text[digits-1] == '0' && text[digits-2] != '.' {
		digits--
	}
	exponent := e + 1
	negative := text[exponent] == '-'
	for exponent++; text[exponent] == '0' && exponent < len(text)-1; exponent++ {
	}
	out := append(text[:digits], 'E')
	if negative {
		out = append(out, '-')
	}
	return string(append(out, text[exponent:]...))
}
