package rdfc

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

// Kind is the kind of an RDF term. The zero Kind in Quad.Graph is the default
// graph.
type Kind uint8

// The kinds.
const (
	None Kind = iota
	IRI
	Blank
	Literal
)

// Datatypes that the text form leaves out.
const (
	XSDString     = "http://www.w3.org/2001/XMLSchema#string"
	RDFLangString = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
)

// Term is an RDF term.
type Term struct {
	Kind     Kind
	Value    string // the IRI, the label without "_:", or the lexical form
	Datatype string // of a literal; empty means xsd:string
	Language string // of a literal, then the datatype is rdf:langString
}

// Quad is a statement in a graph.
type Quad struct{ Subject, Predicate, Object, Graph Term }

// AppendNQuad appends q as a line of canonical N-Quads (RDFC-1.0 section
// 5.2), with the line's end.
func AppendNQuad(dst []byte, q Quad) []byte {
	dst = append(appendTerm(dst, &q.Subject), ' ')
	dst = append(appendTerm(dst, &q.Predicate), ' ')
	dst = append(appendTerm(dst, &q.Object), ' ')
	if q.Graph.Kind != None {
		dst = append(appendTerm(dst, &q.Graph), ' ')
	}
	return append(dst, '.', '\n')
}

func appendTerm(dst []byte, t *Term) []byte {
	switch t.Kind {
	case IRI:
		return append(append(append(dst, '<'), t.Value...), '>')
	case Blank:
		return append(append(dst, '_', ':'), t.Value...)
	}
	dst = appendEscaped(append(dst, '"'), t.Value)
	dst = append(dst, '"')
	switch {
	case t.Language != "":
		dst = append(append(dst, '@'), t.Language...)
	case t.Datatype != "" && t.Datatype != XSDString:
		dst = append(append(append(dst, '^', '^', '<'), t.Datatype...), '>')
	}
	return dst
}

const hexDigits = "0123456789ABCDEF"

func appendEscaped(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x20 && c != '"' && c != '\\' && c != 0x7F {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(dst, s[start:]...)
}

const maxNQuadsBytes = 64 << 20

// ParseNQuads reads RDF 1.1 N-Quads. Errors are malformed/nquads.
func ParseNQuads(data []byte) ([]Quad, error) {
	if len(data) > maxNQuadsBytes {
		return nil, reason.New(reason.LimitSize, "", "N-Quads of more than %d bytes", maxNQuadsBytes)
	}
	if !utf8.Valid(data) {
		return nil, reason.New(reason.MalformedNQuads, "", "not valid UTF-8")
	}
	var out []Quad
	for line := range strings.FieldsFuncSeq(string(data), func(r rune) bool { return r == '\n' || r == '\r' }) {
		p := lineParser{rest: line}
		p.space()
		if p.rest == "" || p.rest[0] == '#' {
			continue
		}
		q, ok := p.quad()
		if !ok {
			return nil, reason.New(reason.MalformedNQuads, "", "line %.60q is no N-Quads statement", line)
		}
		out = append(out, q)
	}
	return out, nil
}

type lineParser struct{ rest string }

func (p *lineParser) space() { p.rest = strings.TrimLeft(p.rest, " \t") }

func (p *lineParser) quad() (q Quad, ok bool) {
	if q.Subject, ok = p.term(); !ok || q.Subject.Kind == Literal {
		return q, false
	}
	if q.Predicate, ok = p.term(); !ok || q.Predicate.Kind != IRI {
		return q, false
	}
	if q.Object, ok = p.term(); !ok {
		return q, false
	}
	if p.rest != "" && p.rest[0] != '.' {
		if q.Graph, ok = p.term(); !ok || q.Graph.Kind == Literal {
			return q, false
		}
	}
	if !strings.HasPrefix(p.rest, ".") {
		return q, false
	}
	p.rest = p.rest[1:]
	p.space()
	return q, p.rest == "" || p.rest[0] == '#'
}

func (p *lineParser) term() (t Term, ok bool) {
	defer p.space()
	switch {
	case strings.HasPrefix(p.rest, "<"):
		s, ok := p.iri()
		return Term{Kind: IRI, Value: s}, ok
	case strings.HasPrefix(p.rest, "_:"):
		n := 2
		for n < len(p.rest) && !strings.ContainsRune(" \t<>\"", rune(p.rest[n])) {
			n++
		}
		label := strings.TrimRight(p.rest[2:n], ".")
		if label == "" || strings.ContainsAny(label[:1], ".-") {
			return Term{}, false
		}
		p.rest = p.rest[2+len(label):]
		return Term{Kind: Blank, Value: label}, true
	case strings.HasPrefix(p.rest, `"`):
		return p.literal()
	}
	return Term{}, false
}

func (p *lineParser) iri() (string, bool) {
	end := strings.IndexByte(p.rest, '>')
	if end < 0 {
		return "", false
	}
	s, ok := unescape(p.rest[1:end], false)
	p.rest = p.rest[end+1:]
	return s, ok && !strings.ContainsAny(s, "<>\"{}|^`\\") && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' }) < 0
}

func (p *lineParser) literal() (Term, bool) {
	end := 1
	for end < len(p.rest) && p.rest[end] != '"' {
		if p.rest[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(p.rest) {
		return Term{}, false
	}
	s, ok := unescape(p.rest[1:end], true)
	if !ok {
		return Term{}, false
	}
	p.rest = p.rest[end+1:]
	t := Term{Kind: Literal, Value: s}
	switch {
	case strings.HasPrefix(p.rest, "@"):
		n := 1
		for n < len(p.rest) && (p.rest[n] == '-' || p.rest[n] >= '0' && p.rest[n] <= '9' || p.rest[n]|0x20 >= 'a' && p.rest[n]|0x20 <= 'z') {
			n++
		}
		t.Language, t.Datatype = p.rest[1:n], RDFLangString
		p.rest = p.rest[n:]
		return t, n > 1
	case strings.HasPrefix(p.rest, "^^<"):
		p.rest = p.rest[2:]
		t.Datatype, ok = p.iri()
		if t.Datatype == XSDString {
			t.Datatype = ""
		}
		return t, ok
	}
	return t, true
}

func unescape(s string, all bool) (string, bool) {
	if !strings.Contains(s, `\`) {
		return s, true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i >= len(s) {
			return "", false
		}
		if n := strings.IndexByte(`tbnrf"'\`, s[i]); n >= 0 && all {
			b.WriteByte("\t\b\n\r\f\"'\\"[n])
			continue
		}
		digits := 4
		if s[i] == 'U' {
			digits = 8
		} else if s[i] != 'u' {
			return "", false
		}
		if i+digits > len(s)-1 {
			return "", false
		}
		n, err := strconv.ParseUint(s[i+1:i+1+digits], 16, 32)
		if err != nil || !utf8.ValidRune(rune(n)) {
			return "", false
		}
		b.WriteRune(rune(n))
		i += digits
	}
	return b.String(), true
}
