package strictjson

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

// Limits bound what a document may cost. A zero field means the default.
type Limits struct {
	MaxBytes  int // default 1 MiB
	MaxDepth  int // nested arrays and objects, default 64
	MaxValues int // values in all, default 100,000
}

// Defaults of Limits.
const (
	DefaultMaxBytes  = 1 << 20
	DefaultMaxDepth  = 64
	DefaultMaxValues = 100_000
)

// Parse reads exactly one JSON value. White space may surround it, nothing
// else. Value.Raw refers to data, which the caller must
// not change afterwards.
//
// Errors carry the codes malformed/json, malformed/utf8,
// malformed/duplicate-member, malformed/number, malformed/trailing-data or
// resource_limit/size, /depth, /values, and the JSON pointer they are at.
func Parse(data []byte, lim Limits) (*Value, error) {
	if lim.MaxBytes <= 0 {
		lim.MaxBytes = DefaultMaxBytes
	}
	if lim.MaxDepth <= 0 {
		lim.MaxDepth = DefaultMaxDepth
	}
	if lim.MaxValues <= 0 {
		lim.MaxValues = DefaultMaxValues
	}
	if len(data) > lim.MaxBytes {
		return nil, reason.New(reason.LimitSize, "", "document of %d bytes, the limit is %d", len(data), lim.MaxBytes)
	}
	if !utf8.Valid(data) {
		return nil, reason.New(reason.MalformedUTF8, "", "not valid UTF-8")
	}
	p := parser{data: data, text: string(data), lim: lim, path: NewPath(), members: make([]Member, 0, 32), items: make([]*Value, 0, 16)}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos != len(data) {
		return nil, reason.New(reason.MalformedTrailing, "", "more data behind the JSON value, at byte %d", p.pos)
	}
	return v, nil
}

// ParseObject is Parse for a document that must be an object; another value
// is malformed/not-an-object.
func ParseObject(data []byte, lim Limits) (*Value, error) {
	v, err := Parse(data, lim)
	if err != nil {
		return nil, err
	}
	if v.kind != KindObject {
		return nil, reason.New(reason.MalformedNotObject, "", "the document is %s, not an object", v.kind)
	}
	return v, nil
}

type parser struct {
	data   []byte
	text   string // the same as a string, which strings without escapes share
	pos    int
	values int
	lim    Limits
	path   Path // to the value being read
	named  int  // bytes of the member names in it
	placed int  // bytes of the places of all values so far

	// Values come out of slabs, and what an object or array holds is gathered
	// on a stack until its number is known: documents have many small ones.
	slab    []Value
	members []Member
	items   []*Value
}

// make puts a value into a slab.
func (p *parser) make(v Value) *Value {
	if len(p.slab) == 0 {
		p.slab = make([]Value, min(64, 2+(len(p.data)-p.pos)/24))
	}
	out := &p.slab[0]
	p.slab = p.slab[1:]
	*out = v
	return out
}

// maxPath bounds the member names that lead to a value: whoever names a place
// writes them all.
const maxPath = 8 << 10

// meanPlace bounds the places of all values together, in bytes for each value that
// there may be. One long name with many values below it would else take thousands
// of times its own length, wherever each is named: in a report, among leaves.
const (
	meanPlace  = 128
	leastPlace = 1 << 20
)

func (p *parser) fail(code reason.Code, format string, args ...any) error {
	return reason.New(code, p.path.String(), format, args...)
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) value(depth int) (*Value, error) {
	p.values++
	if p.values > p.lim.MaxValues {
		return nil, p.fail(reason.LimitValues, "more than %d values", p.lim.MaxValues)
	}
	if limit := max(leastPlace, meanPlace*p.lim.MaxValues); p.placed+p.named+2*depth > limit {
		return nil, reason.New(reason.LimitDepth, "", "the member names that lead to its values have more than %d bytes in all", limit)
	}
	p.placed += p.named + 2*depth
	if p.pos >= len(p.data) {
		return nil, p.fail(reason.MalformedJSON, "the document ends where a value is expected")
	}
	start := p.pos
	var v *Value
	var err error
	switch c := p.data[p.pos]; {
	case c == '{' || c == '[':
		if depth >= p.lim.MaxDepth {
			return nil, reason.New(reason.LimitDepth, "", "nested deeper than %d", p.lim.MaxDepth)
		}
		if c == '{' {
			v, err = p.object(depth)
		} else {
			v, err = p.array(depth)
		}
	case c == '"':
		var s string
		if s, err = p.string(); err == nil {
			v = p.make(Value{kind: KindString, text: s})
		}
	case c == '-' || c >= '0' && c <= '9':
		v, err = p.number()
	default:
		v, err = p.word()
	}
	if err != nil {
		return nil, err
	}
	v.raw = p.data[start:p.pos:p.pos]
	return v, nil
}

func (p *parser) word() (*Value, error) {
	for _, w := range [...]struct {
		text  string
		value Value
	}{{"null", Value{kind: KindNull}}, {"true", Value{kind: KindBool, truth: true}}, {"false", Value{kind: KindBool}}} {
		if strings.HasPrefix(p.text[p.pos:], w.text) {
			p.pos += len(w.text)
			return p.make(w.value), nil
		}
	}
	return nil, p.fail(reason.MalformedJSON, "no JSON value at byte %d", p.pos)
}

func (p *parser) array(depth int) (*Value, error) {
	v := p.make(Value{kind: KindArray})
	from := len(p.items)
	p.pos++
	p.space()
	if p.pos < len(p.data) && p.data[p.pos] == ']' {
		p.pos++
		return v, nil
	}
	for {
		p.path.EnterItem(len(p.items) - from)
		p.space()
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		p.path.Leave()
		p.items = append(p.items, item)
		more, err := p.separator(']')
		if err != nil {
			return nil, err
		}
		if !more {
			v.items = slices.Clone(p.items[from:])
			p.items = p.items[:from]
			return v, nil
		}
	}
}

func (p *parser) object(depth int) (*Value, error) {
	v := p.make(Value{kind: KindObject})
	from := len(p.members)
	var seen map[string]struct{} // only once the object is too large to scan
	p.pos++
	p.space()
	if p.pos < len(p.data) && p.data[p.pos] == '}' {
		p.pos++
		return v, nil
	}
	for {
		p.space()
		if p.pos >= len(p.data) || p.data[p.pos] != '"' {
			return nil, p.fail(reason.MalformedJSON, "no member name at byte %d", p.pos)
		}
		name, err := p.string()
		if err != nil {
			return nil, err
		}
		p.path.Enter(name)
		if p.named += len(name); p.named > maxPath {
			p.path = p.path[:0]
			return nil, p.fail(reason.LimitDepth, "member names of more than %d bytes lead to a value", maxPath)
		}
		if seen == nil && len(p.members)-from >= 16 {
			seen = make(map[string]struct{}, 64)
			for _, m := range p.members[from:] {
				seen[m.Name] = struct{}{}
			}
		}
		_, twice := seen[name]
		if seen == nil {
			twice = slices.ContainsFunc(p.members[from:], func(m Member) bool { return m.Name == name })
		} else {
			seen[name] = struct{}{}
		}
		if twice {
			return nil, p.fail(reason.MalformedDuplicateMember, "member occurs twice in one object")
		}
		p.space()
		if p.pos >= len(p.data) || p.data[p.pos] != ':' {
			return nil, p.fail(reason.MalformedJSON, "no colon at byte %d", p.pos)
		}
		p.pos++
		p.space()
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		p.path.Leave()
		p.named -= len(name)
		p.members = append(p.members, Member{Name: name, Value: value})
		more, err := p.separator('}')
		if err != nil {
			return nil, err
		}
		if !more {
			v.members = slices.Clone(p.members[from:])
			p.members = p.members[:from]
			return v, nil
		}
	}
}

// separator reads a comma (more follows) or the closing byte.
func (p *parser) separator(closing byte) (more bool, err error) {
	p.space()
	if p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ',':
			p.pos++
			return true, nil
		case closing:
			p.pos++
			return false, nil
		}
	}
	return false, p.fail(reason.MalformedJSON, "neither comma nor closing bracket at byte %d", p.pos)
}

// string reads a string that begins at p.pos.
func (p *parser) string() (string, error) {
	p.pos++
	start := p.pos
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case c == '"':
			p.pos++
			return p.text[start : p.pos-1], nil
		case c == '\\':
			return p.escaped(start)
		case c < 0x20:
			return "", p.fail(reason.MalformedJSON, "control character in a string at byte %d", p.pos)
		default:
			p.pos++
		}
	}
	return "", p.fail(reason.MalformedJSON, "string without end")
}

func (p *parser) escaped(start int) (string, error) {
	out := append(make([]byte, 0, p.pos-start+32), p.data[start:p.pos]...)
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		switch {
		case c == '"':
			p.pos++
			return string(out), nil
		case c < 0x20:
			return "", p.fail(reason.MalformedJSON, "control character in a string at byte %d", p.pos)
		case c != '\\':
			out = append(out, c)
			p.pos++
			continue
		}
		if p.pos+1 >= len(p.data) {
			break
		}
		e := p.data[p.pos+1]
		if e == 'u' {
			r, err := p.unicodeEscape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
			continue
		}
		i := strings.IndexByte(`"\/bfnrt`, e)
		if i < 0 {
			return "", p.fail(reason.MalformedJSON, "unknown escape at byte %d", p.pos)
		}
		out = append(out, "\"\\/\b\f\n\r\t"[i])
		p.pos += 2
	}
	return "", p.fail(reason.MalformedJSON, "string without end")
}

// unicodeEscape reads \uXXXX, or two of them that form a surrogate pair.
func (p *parser) unicodeEscape() (rune, error) {
	hi, ok := hex4(p.data, p.pos)
	if !ok {
		return 0, p.fail(reason.MalformedJSON, "bad \\u escape at byte %d", p.pos)
	}
	switch {
	case hi < 0xD800 || hi > 0xDFFF:
		p.pos += 6
		return hi, nil
	case hi < 0xDC00:
		if lo, ok := hex4(p.data, p.pos+6); ok && lo >= 0xDC00 && lo <= 0xDFFF {
			p.pos += 12
			return (hi-0xD800)<<10 | (lo - 0xDC00) + 0x10000, nil
		}
	}
	return 0, p.fail(reason.MalformedUTF8, "surrogate without its pair at byte %d", p.pos)
}

func hex4(data []byte, pos int) (rune, bool) {
	if pos+6 > len(data) || data[pos] != '\\' || data[pos+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range data[pos+2 : pos+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func (p *parser) number() (*Value, error) {
	start := p.pos
	if p.data[p.pos] == '-' {
		p.pos++
	}
	digits := func() bool {
		from := p.pos
		for p.pos < len(p.data) && p.data[p.pos] >= '0' && p.data[p.pos] <= '9' {
			p.pos++
		}
		return p.pos > from
	}
	leading := p.pos
	ok := digits() && (p.data[leading] != '0' || p.pos == leading+1)
	if ok && p.pos < len(p.data) && p.data[p.pos] == '.' {
		p.pos++
		ok = digits()
	}
	if ok && p.pos < len(p.data) && p.data[p.pos]|0x20 == 'e' {
		p.pos++
		if p.pos < len(p.data) && (p.data[p.pos] == '+' || p.data[p.pos] == '-') {
			p.pos++
		}
		ok = digits()
	}
	if !ok {
		return nil, p.fail(reason.MalformedJSON, "bad number at byte %d", start)
	}
	text := p.text[start:p.pos]
	if !lossless(text) {
		return nil, p.fail(reason.MalformedNumber, "number does not survive as an IEEE 754 double")
	}
	return p.make(Value{kind: KindNumber, text: text}), nil
}

// lossless reports whether the literal means the same to every reader: its
// digits are those of the double nearest to it, in the shortest form or in
// the 17 digits that many programs print.
func lossless(text string) bool {
	if len(text) > 64 {
		return false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil { // too large
		return false
	}
	// Numbers of the same digits are equal or a factor of ten apart, and no number
	// is so far from the double nearest to it: exponents need not be compared.
	want := digits(text)
	for _, precision := range [...]int{-1, 16} {
		if digits(strconv.FormatFloat(f, 'e', precision, 64)) == want {
			return true
		}
		if !strings.ContainsAny(text, ".eE") {
			break // an integer is exact or it is not
		}
	}
	return false
}

// digits returns the significant digits of a literal. Zero has none.
func digits(text string) string {
	text = strings.TrimPrefix(text, "-")
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		text = text[:i]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	return strings.Trim(whole+fraction, "0")
}

// Names returns the names of v's members in order, for messages.
func (v *Value) Names() []string {
	names := make([]string, 0, len(v.Members()))
	for _, m := range v.Members() {
		names = append(names, m.Name)
	}
	return slices.Clip(names)
}
