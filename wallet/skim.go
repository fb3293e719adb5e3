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
	text []byte // scratch, where strings are written
}

// newSkimmer returns one. Lines that have longer texts than it has room for,
// beside the credential, are left to the strict reader.
func newSkimmer() skimmer { return skimmer{text: make([]byte, 0, 4<<10)} }

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
	text, ok := s.unquote(false)
	*into = string(text)
	s.text = s.text[:len(s.text)-len(text)]
	return ok
}

// credential reads the value of raw, which stays where it is: it is read when
// somebody asks for it. All else that could be wrong with it is seen now.
func (s *skimmer) credential(e *event) bool {
	from := s.at
	if !s.pass() {
		return false
	}
	e.quoted = s.line[from : s.at-1 : s.at-1]
	return true
}

// pass passes over the string that was begun, as unquote does. Where quotation
// marks are all that is escaped, as in JSON without white space, it takes eight
// bytes at once: as many as each backslash in them is followed by one, and each
// of those follows a backslash.
func (s *skimmer) pass() bool {
	line, i, escaped := s.line, s.at, uint64(0) // the highest bit of a byte, if the next one follows a backslash that counts
	for {
		if i+8 <= len(line) {
			eight := binary.LittleEndian.Uint64(line[i:])
			back := zeros(eight ^ '\\'*ones)
			if (eight-' '*ones)&^eight&high == 0 && back<<8|escaped == zeros(eight^'"'*ones) {
				i, escaped = i+8, back>>56
				continue
			}
		}
		for end := min(i+8, len(line)); i < end; i++ {
			switch c := line[i]; {
			case escaped != 0:
				if unescaped(c) == 0 {
					return false
				}
				escaped = 0
			case c == '"':
				s.at = i + 1
				return true
			case c < ' ':
				return false
			case c == '\\':
				escaped = 0x80
			}
		}
		if i == len(line) {
			return false
		}
	}
}

const ones, high = 0x0101010101010101, 0x8080808080808080

// zeros has the highest bit of each of eight bytes that is zero.
func zeros(eight uint64) uint64 {
	return ^((eight&^high + ^uint64(high)) | eight | ^uint64(high))
}

// unquoted returns what a string says whose quoted bytes, without the quotation
// marks, pass has seen.
func unquoted(quoted []byte) []byte {
	s := skimmer{line: quoted, text: make([]byte, 0, len(quoted)+8)}
	text, _ := s.unquote(true)
	return text
}

// unquote writes the text of the string that was begun, and passes over it:
// eight bytes at once as far as they stand for themselves. One that is alone
// ends with the line.
func (s *skimmer) unquote(alone bool) ([]byte, bool) {
	line, out := s.line, s.text[:cap(s.text)]
	i, to, from := s.at, len(s.text), len(s.text)
	for i < len(line) && to+8 <= len(out) {
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
			return out[from:to:to], !alone
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
	if !alone || i < len(line) {
		return nil, false
	}
	return out[from:to:to], true
}

// special marks, by the highest bit of the first of them, the bytes that do not
// stand for themselves: what is below a space, quotation marks and backslashes.
func special(eight uint64) uint64 {
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
