package wallet

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// skimmer reads lines that are written as link writes a credential.add, which
// are nearly all of a large wallet, in one pass and without a tree. What is
// written in any other way, be it right or wrong, it leaves to the strict
// reader; FuzzSkim holds the two equal.
type skimmer struct {
	line []byte
	at   int
	text []byte // where strings are written, one behind the other
}

// newSkimmer returns one that has room for what lines say.
func newSkimmer(lines ...[]byte) skimmer {
	size := 8 // unquote writes as many at once
	for _, line := range lines {
		size += len(line)
	}
	return skimmer{text: make([]byte, 0, size)}
}

// read returns the event of a line, and whether it could.
func (s *skimmer) read(line []byte) (e event, ok bool) {
	if len(line) > maxLine || !utf8.Valid(line) {
		return e, false
	}
	s.line, s.at = line, 0
	if !s.is(`{"n":`) || !s.number(&e.N) || !s.is(`,"prev":"`) || !s.string(&e.Prev) || !s.is(`,"at":`) || !s.time(&e) || !s.is(`,"op":"`+opAdd+`"`) {
		return event{}, false
	}
	e.Op = opAdd
	if s.is(`,"id":"`) && !s.string(&e.ID) || s.is(`,"raw":"`) && !s.credential(&e) || s.is(`,"source":"`) && !s.string(&e.Source) {
		return event{}, false
	}
	if s.is(`,"verified":{"verdict":"`) && !s.verified(&e) {
		return event{}, false
	}
	if !s.is(`}`) || s.at != len(line) {
		return event{}, false
	}
	return e, true
}

// verified reads on behind the first member's name.
func (s *skimmer) verified(e *event) bool {
	e.Verified = &Verification{}
	if !s.string(&e.Verified.Verdict) || s.is(`,"reason":"`) && !s.string(&e.Verified.Reason) || !s.is(`,"at":`) {
		return false
	}
	quoted, ok := s.quoted()
	return ok && e.Verified.At.UnmarshalJSON(quoted) == nil && s.is(`}`)
}

// is passes over text if it comes next.
func (s *skimmer) is(text string) bool {
	if len(s.line)-s.at < len(text) || string(s.line[s.at:s.at+len(text)]) != text {
		return false
	}
	s.at += len(text)
	return true
}

// number reads a whole number above zero.
func (s *skimmer) number(into *uint64) bool {
	from := s.at
	for ; s.at < len(s.line) && '0' <= s.line[s.at] && s.line[s.at] <= '9'; s.at++ {
		*into = *into*10 + uint64(s.line[s.at]-'0')
	}
	return s.at > from && s.at-from <= 15 && s.line[from] != '0'
}

func (s *skimmer) time(e *event) bool {
	quoted, ok := s.quoted()
	return ok && e.At.UnmarshalJSON(quoted) == nil
}

// quoted returns a string without escapes, with its quotation marks.
func (s *skimmer) quoted() ([]byte, bool) {
	if s.at >= len(s.line) || s.line[s.at] != '"' {
		return nil, false
	}
	end := bytes.IndexByte(s.line[s.at+1:], '"')
	if end < 0 {
		return nil, false
	}
	q := s.line[s.at : s.at+end+2]
	s.at += end + 2
	return q, bytes.IndexByte(q, '\\') < 0
}

// string reads on behind a string's first quotation mark.
func (s *skimmer) string(into *string) bool {
	text, ok := s.unquote()
	*into = string(text)
	s.text = s.text[:len(s.text)-len(text)]
	return ok
}

// credential reads the value of raw, which stays where it was written.
func (s *skimmer) credential(e *event) bool {
	text, ok := s.unquote()
	if bytes.HasPrefix(text, []byte(coseURL)) {
		e.Raw = string(text)
	} else {
		e.raw = trimmed(text)
	}
	return ok
}

// unquote writes the text of the string that was begun, and passes over it:
// eight bytes at once as far as they stand for themselves.
func (s *skimmer) unquote() ([]byte, bool) {
	line, out := s.line, s.text[:cap(s.text)]
	from := len(s.text)
	for i, to := s.at, from; i < len(line) && to+8 <= len(out); {
		if i+8 <= len(line) {
			eight := binary.LittleEndian.Uint64(line[i:])
			binary.LittleEndian.PutUint64(out[to:], eight)
			n := bits.TrailingZeros64(special(eight)) / 8
			i, to = i+n, to+n
			if n == 8 {
				continue
			}
		}
		c := line[i]
		i++
		switch {
		case c == '"':
			s.at, s.text = i, out[:to]
			return out[from:to:to], true
		case c < ' ' || c == '\\' && i == len(line):
			return nil, false
		case c == '\\':
			if c = unescaped(line[i]); c == 0 {
				return nil, false
			}
			i++
		}
		out[to] = c
		to++
	}
	return nil, false
}

// special marks, by the highest bit of the first of them, the bytes that do not
// stand for themselves: what is below a space, quotation marks and backslashes.
func special(eight uint64) uint64 {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	zero := func(v uint64) uint64 { return (v - ones) & ^v }
	return ((eight-' '*ones)&^eight | zero(eight^'"'*ones) | zero(eight^'\\'*ones)) & high
}

// unescaped returns what a backslash and a letter stand for, 0 for those that
// are seldom written.
func unescaped(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	}
	return 0
}
