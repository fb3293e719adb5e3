package carrier

import (
	"bytes"
	"context"
	"strconv"

	"github.com/kompetansebevis/bevis/reason"
)

// The objects of a PDF (ISO 32000-2 section 7.3). Numbers are float64 or int,
// null is nil.
type (
	pdfName   string
	pdfString []byte
	pdfArray  []any
	pdfDict   map[string]any
	pdfRef    int // number of an object; the generation is not looked at
	pdfStream struct {
		dict pdfDict
		raw  []byte
	}
	pdfWord string // a keyword, such as "obj" or "stream"
)

const maxPDFDepth = 64

// pdfWork is what reading one document may still cost.
type pdfWork struct {
	ctx      context.Context
	tokens   int
	inflated int
}

func (w *pdfWork) token() error {
	w.tokens--
	if w.tokens < 0 {
		return reason.New("resource_limit/pdf", "", "the document takes more work to read than is allowed")
	}
	if w.tokens%4096 == 0 && w.ctx.Err() != nil {
		return reason.Wrap(reason.Canceled, "", w.ctx.Err())
	}
	return nil
}

// pdfLexer reads objects from a place in the document.
type pdfLexer struct {
	data []byte
	pos  int
	work *pdfWork
}

func badPDF(format string, args ...any) error {
	return reason.New("malformed/pdf", "", "the PDF is damaged: "+format, args...)
}

func pdfSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func pdfDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (l *pdfLexer) space() {
	for l.pos < len(l.data) {
		switch c := l.data[l.pos]; {
		case pdfSpace(c):
			l.pos++
		case c == '%':
			for l.pos < len(l.data) && l.data[l.pos] != '\n' && l.data[l.pos] != '\r' {
				l.pos++
			}
		default:
			return
		}
	}
}

// object reads one object, or a keyword.
func (l *pdfLexer) object(depth int) (any, error) {
	if depth > maxPDFDepth {
		return nil, reason.New(reason.LimitDepth, "", "objects of the PDF are nested deeper than %d", maxPDFDepth)
	}
	if err := l.work.token(); err != nil {
		return nil, err
	}
	l.space()
	if l.pos >= len(l.data) {
		return nil, badPDF("it ends in the middle of an object")
	}
	switch c := l.data[l.pos]; {
	case c == '/':
		return l.name()
	case c == '(':
		return l.literal()
	case c == '[':
		return l.array(depth)
	case bytes.HasPrefix(l.data[l.pos:], []byte("<<")):
		return l.dict(depth)
	case c == '<':
		return l.hex()
	case c == '+' || c == '-' || c == '.' || c >= '0' && c <= '9':
		return l.number()
	case pdfDelimiter(c):
		return nil, badPDF("a %q stands where an object is expected", c)
	}
	switch word := l.run(); word {
	case "true", "false":
		return word == "true", nil
	case "null":
		return nil, nil
	default:
		return pdfWord(word), nil
	}
}

// run reads regular characters.
func (l *pdfLexer) run() string {
	start := l.pos
	for l.pos < len(l.data) && !pdfSpace(l.data[l.pos]) && !pdfDelimiter(l.data[l.pos]) {
		l.pos++
	}
	return string(l.data[start:l.pos])
}

func (l *pdfLexer) name() (any, error) {
	l.pos++
	text := l.run()
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '#' && i+2 < len(text) {
			if n, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, text[i])
	}
	return pdfName(out), nil
}

// number reads a number, or a reference "12 0 R" to an object.
func (l *pdfLexer) number() (any, error) {
	text := l.run()
	n, err := strconv.Atoi(text)
	if err != nil {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, badPDF("%.20q is no number", text)
		}
		return f, nil
	}
	if n < 0 {
		return n, nil
	}
	ahead := *l
	ahead.space()
	generation := ahead.run()
	ahead.space()
	if _, err := strconv.ParseUint(generation, 10, 16); err == nil && ahead.run() == "R" {
		l.pos = ahead.pos
		return pdfRef(n), nil
	}
	return n, nil
}

func (l *pdfLexer) array(depth int) (any, error) {
	l.pos++
	out := pdfArray{}
	for {
		if l.space(); l.pos < len(l.data) && l.data[l.pos] == ']' {
			l.pos++
			return out, nil
		}
		item, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if word, ok := item.(pdfWord); ok {
			return nil, badPDF("the word %.20q stands in an array", string(word))
		}
		out = append(out, item)
	}
}

func (l *pdfLexer) dict(depth int) (any, error) {
	l.pos += 2
	out := pdfDict{}
	for {
		if l.space(); bytes.HasPrefix(l.data[l.pos:], []byte(">>")) {
			l.pos += 2
			return out, nil
		}
		key, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		name, ok := key.(pdfName)
		if !ok {
			return nil, badPDF("a dictionary has a key that is no name")
		}
		value, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, ok := value.(pdfWord); ok {
			return nil, badPDF("a dictionary has a key without a value")
		}
		if _, twice := out[string(name)]; twice {
			return nil, badPDF("a dictionary says /%.40s twice", string(name))
		}
		out[string(name)] = value
	}
}

// literal reads a string in parentheses (section 7.3.4.2).
func (l *pdfLexer) literal() (any, error) {
	out := pdfString{}
	level := 0
	for ; l.pos < len(l.data); l.pos++ {
		switch c := l.data[l.pos]; c {
		case '(':
			if level++; level > 1 {
				out = append(out, c)
			}
		case ')':
			if level--; level == 0 {
				l.pos++
				return out, nil
			}
			out = append(out, c)
		case '\\':
			l.pos++
			out = l.escaped(out)
		default:
			out = append(out, c)
		}
	}
	return nil, badPDF("a string does not end")
}

// escaped reads what follows a backslash; pos stays on its last byte.
func (l *pdfLexer) escaped(out []byte) []byte {
	if l.pos >= len(l.data) {
		return out
	}
	c := l.data[l.pos]
	if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
		return append(out, "\n\r\t\b\f"[i])
	}
	switch {
	case c >= '0' && c <= '7':
		n := 0
		for i := 0; i < 3 && l.pos < len(l.data) && l.data[l.pos] >= '0' && l.data[l.pos] <= '7'; i++ {
			n = n*8 + int(l.data[l.pos]-'0')
			l.pos++
		}
		l.pos--
		return append(out, byte(n))
	case c == '\r':
		if l.pos+1 < len(l.data) && l.data[l.pos+1] == '\n' {
			l.pos++
		}
		return out
	case c == '\n':
		return out
	}
	return append(out, c)
}

func (l *pdfLexer) hex() (any, error) {
	l.pos++
	end := bytes.IndexByte(l.data[l.pos:], '>')
	if end < 0 {
		return nil, badPDF("a string does not end")
	}
	out, err := unhex(l.data[l.pos : l.pos+end])
	l.pos += end + 1
	return pdfString(out), err
}

// unhex reads hexadecimal digits with white space among them; a last odd one
// stands for its digit and a zero.
func unhex(text []byte) ([]byte, error) {
	digits := make([]byte, 0, len(text)+1)
	for _, c := range text {
		switch {
		case pdfSpace(c):
		case c >= '0' && c <= '9':
			digits = append(digits, c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			digits = append(digits, c|0x20-'a'+10)
		default:
			return nil, badPDF("a hexadecimal string holds something else")
		}
	}
	if len(digits)%2 == 1 {
		digits = append(digits, 0)
	}
	for i := range len(digits) / 2 {
		digits[i] = digits[2*i]<<4 | digits[2*i+1]
	}
	return digits[:len(digits)/2], nil
}
