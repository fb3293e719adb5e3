package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

// Limits of a row.
const (
	MaxRow     = 256 << 10 // bytes as UTF-8
	MaxColumns = 500
	MaxLines   = 100 // of a row
)

// Row is one row of a table.
type Row struct {
	Line  int // that it begins on, counted from 1
	Cells []string
	// Err is what is wrong with the row, so that it has no cells:
	// row_invalid/quotes, row_invalid/too-long or row_invalid/cells.
	Err error
}

// Empty reports whether nothing is in a row.
func (r Row) Empty() bool {
	for _, c := range r.Cells {
		if c != "" {
			return false
		}
	}
	return r.Err == nil
}

// Reader reads rows. White space around cells is left out.
type Reader struct {
	in        *bufio.Reader
	encoding  Encoding
	separator byte
	line      int      // that is read next
	pending   [][]byte // lines that were read and belong to no row
	begun     bool
	wasCR     bool
	unit      int // a UTF-16 unit that was read too early, -1 for none
	err       error
}

// NewReader reads a table whose cells are parted by separator.
func NewReader(r io.Reader, encoding Encoding, separator byte) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 1<<16), encoding: encoding, separator: separator, line: 1, unit: -1}
}

// Next returns the next row, io.EOF behind the last.
func (r *Reader) Next() (Row, error) {
	row := Row{Line: r.line}
	text, whole, err := r.next()
	if err != nil {
		return row, err
	}
	if !whole {
		row.Err = reason.New("row_invalid/too-long", "", "the line has more than %d bytes", MaxRow)
		return row, nil
	}
	// A cell in quotation marks may go on over lines, but not without end: if
	// the mark that closes it is missing, all behind it would be one cell.
	var more [][]byte
	for closed := true; ; {
		if closed {
			cells, open, bad := split(text, r.separator)
			if !open {
				row.Cells, row.Err = cells, bad
				return row, nil
			}
		}
		next, whole, err := r.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return row, err
		}
		if err == nil {
			more = append(more, next)
		}
		if err != nil || !whole || len(text)+len(next) > MaxRow || len(more) == MaxLines {
			row.Err = reason.New("row_invalid/quotes", "", "a quotation mark begins a cell, and none ends it")
			r.pending = append(more, r.pending...)
			r.line -= len(more)
			return row, nil
		}
		if len(more) == 1 {
			text = bytes.Clone(text) // which may be a line that is read again
		}
		text = append(append(text, '\n'), next...)
		closed = bytes.IndexByte(next, '"') >= 0
	}
}

// next returns the next line, and whether it is there whole.
func (r *Reader) next() (text []byte, whole bool, err error) {
	if len(r.pending) > 0 {
		text, r.pending = r.pending[0], r.pending[1:]
		r.line++
		return text, true, nil
	}
	if r.err != nil {
		return nil, false, r.err
	}
	begun := false
	whole = true
	for {
		c, err := r.char()
		if err != nil {
			r.err = err
			if !errors.Is(err, io.EOF) || !begun {
				return nil, false, err
			}
			break
		}
		if c == '\n' && r.wasCR {
			r.wasCR = false
			continue
		}
		if r.wasCR = c == '\r'; c == '\n' || r.wasCR {
			break
		}
		begun = true
		if len(text) >= MaxRow {
			whole = false
			continue
		}
		text = append(text, c)
		if c >= utf8.RuneSelf {
			text = r.wide(text)
		}
	}
	r.line++
	return text, whole, nil
}

// char returns the next byte of what is read: of UTF-8, or, in other encodings,
// the first of a character, whose rest wide adds.
func (r *Reader) char() (byte, error) {
	if !r.begun {
		r.begun = true
		if r.encoding == UTF8 {
			if mark, _ := r.in.Peek(3); string(mark) == "\xef\xbb\xbf" {
				_, _ = r.in.Discard(3) // it is there
			}
		} else if u, err := r.peekUnit(); err == nil && u == 0xfeff {
			r.unit = -1
		}
	}
	if r.encoding != UTF16LE && r.encoding != UTF16BE {
		b, err := r.in.ReadByte()
		if err != nil && !errors.Is(err, io.EOF) {
			err = reason.Wrap(reason.IO, "", err)
		}
		return b, err
	}
	u, err := r.peekUnit()
	if err == nil && u < utf8.RuneSelf {
		r.unit = -1
	}
	return byte(min(u, utf8.RuneSelf)), err
}

// peekUnit returns the next unit of UTF-16 and keeps it.
func (r *Reader) peekUnit() (int, error) {
	if r.encoding != UTF16LE && r.encoding != UTF16BE {
		return 0, io.EOF
	}
	if r.unit >= 0 {
		return r.unit, nil
	}
	var two [2]byte
	if _, err := io.ReadFull(r.in, two[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		if !errors.Is(err, io.EOF) {
			err = reason.Wrap(reason.IO, "", err)
		}
		return 0, err
	}
	if r.encoding == UTF16LE {
		two[0], two[1] = two[1], two[0]
	}
	r.unit = int(two[0])<<8 | int(two[1])
	return r.unit, nil
}

// wide makes of the last byte of text, which is no ASCII, the character that it
// begins. Of UTF-8 each byte comes by itself.
func (r *Reader) wide(text []byte) []byte {
	last := len(text) - 1
	switch r.encoding {
	case Windows1252:
		c := rune(text[last])
		if c < 0xa0 {
			c = []rune("€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ")[c-0x80]
		}
		return utf8.AppendRune(text[:last], c)
	case UTF16LE, UTF16BE:
		c := rune(r.unit)
		r.unit = -1
		if utf16.IsSurrogate(c) {
			second, err := r.peekUnit()
			if c = utf16.DecodeRune(c, rune(second)); err == nil && c != utf8.RuneError {
				r.unit = -1
			}
		}
		return utf8.AppendRune(text[:last], c)
	}
	return text
}

// split takes a row apart. It is open if a quotation mark is not closed.
func split(text []byte, separator byte) (cells []string, open bool, err error) {
	for {
		text = trimLeft(text, separator)
		var cell string
		if len(text) > 0 && text[0] == '"' {
			var b strings.Builder
			text = text[1:]
			for {
				q := bytes.IndexByte(text, '"')
				if q < 0 {
					return nil, true, nil
				}
				b.Write(text[:q])
				text = text[q+1:]
				if len(text) == 0 || text[0] != '"' {
					break
				}
				b.WriteByte('"')
				text = text[1:]
			}
			if text = trimLeft(text, separator); len(text) > 0 && text[0] != separator {
				return nil, false, reason.New("row_invalid/quotes", "", "behind a cell in quotation marks there is more text")
			}
			cell = b.String()
		} else {
			end := bytes.IndexByte(text, separator)
			if end < 0 {
				end = len(text)
			}
			cell, text = string(text[:end]), text[end:]
		}
		if cells = append(cells, clean(cell)); len(cells) > MaxColumns {
			return nil, false, reason.New("row_invalid/cells", "", "more than %d cells", MaxColumns)
		}
		if len(text) == 0 {
			return cells, false, nil
		}
		text = text[1:] // the separator
	}
}

func trimLeft(text []byte, separator byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t' && separator != '\t') {
		text = text[1:]
	}
	return text
}

// clean takes away what stands around a cell and is not seen: white space, also
// that which does not break.
func clean(s string) string { return strings.TrimSpace(strings.Trim(s, "\u00a0\u200b\ufeff \t")) }
