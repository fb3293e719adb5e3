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

// newSkimmer returns one that has room for what each of the lines says.
func newSkimmer(lines ...[]byte) skimmer {
	size := 0
	for _, line := range lines {
		size = max(size, len(line))
	}
	return skimmer{text: make([]byte, 0, size+8)} // unquote writes as many at once
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

// pass passes over the string that was begun, as unquote does.
func (s *skimmer) pass() bool {
	line, i, escaped := s.line, s.at, uint64(0) // 1 if the next byte follows a backslash that counts
	for ; i+64 <= len(line); i += 64 {
		var back, quote, control uint64
		for w := range 8 {
			eight := binary.LittleEndian.Uint64(line[i+8*w:])
			back |= zeros(eight^'\\'*ones) << (8 * w)
			quote |= zeros(eight^'"'*ones) << (8 * w)
			control |= zeros(eight&(0xe0*ones)) << (8 * w)
		}
		var follow uint64
		follow, escaped = escapes(back, escaped)
		here := ^uint64(0)
		end := quote &^ follow
		if end != 0 {
			here = end&-end - 1 // before the first
		}
		if control&here != 0 {
			return false
		}
		for odd := follow & here &^ (quote | back); odd != 0; odd &= odd - 1 {
			if unescaped(line[i+bits.TrailingZeros64(odd)]) == 0 {
				return false
			}
		}
		if end != 0 {
			s.at = i + bits.TrailingZeros64(end) + 1
			return true
		}
	}
	for ; i < len(line); i++ {
		c := line[i]
		switch {
		case escaped == 1:
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
			escaped = 1
		}
	}
	return false
}

// escapes returns which of 64 bytes follow a backslash that escapes them, and
// whether the one behind them does. An escape begins with every other backslash
// of a run, so adding up tells where runs of odd length end (simdjson's way).
func escapes(back, first uint64) (follow, next uint64) {
	const even = 0x5555555555555555
	back &^= first
	behind := back<<1 | first
	runs, next := bits.Add64(back&^(even|behind), back, 0)
	return (even ^ runs<<1) & behind, next
}

const ones, high = 0x0101010101010101, 0x8080808080808080

// zeros has a bit for each of eight bytes that is zero.
func zeros(eight uint64) uint64 {
	zero := ^((eight&^high + ^uint64(high)) | eight | ^uint64(high))
	return zero * 0x0002040810204081 >> 56
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
