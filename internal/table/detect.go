package table

import (
	"bytes"
	"context"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

// Encoding is how characters are written.
type Encoding string

// The encodings.
const (
	UTF8        Encoding = "UTF-8"
	UTF16LE     Encoding = "UTF-16LE"
	UTF16BE     Encoding = "UTF-16BE"
	Windows1252 Encoding = "Windows-1252"
)

// Detect reads all of a file of at most limit bytes and tells how its
// characters are written: by the mark at its beginning, by the zeros of UTF-16,
// as UTF-8 where it is that, or else as Windows-1252. Where most of what is not
// ASCII is right UTF-8, the rest of it is broken UTF-8. What is no text is
// table_invalid/format, an empty file table_invalid/empty, and one that is too
// long resource_limit/size.
func Detect(ctx context.Context, r io.Reader, limit int64) (Encoding, error) {
	var buf [1 << 16]byte
	kept, total := 0, int64(0)
	right, wrong := 0, 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		if ctx.Err() != nil {
			return "", reason.Wrap(reason.Canceled, "", ctx.Err())
		}
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return "", reason.Wrap(reason.IO, "", err)
		}
		text := buf[:kept+n]
		if total == 0 {
			if e, err := byBeginning(text); e != "" || err != nil {
				return e, err
			}
		}
		if total += int64(n); total > limit {
			return "", reason.New(reason.LimitSize, "", "more than %d bytes", limit)
		}
		if bytes.IndexByte(text[kept:], 0) >= 0 {
			return "", reason.New("table_invalid/format", "", "there are characters in it that no text has")
		}
		for len(text) > 0 && (end || utf8.FullRune(text)) {
			switch c, size := utf8.DecodeRune(text); {
			case c == utf8.RuneError && size <= 1:
				wrong++
				text = text[1:]
			default:
				if size > 1 {
					right++
				}
				text = text[size:]
			}
		}
		kept = copy(buf[:], text)
		switch {
		case end && wrong > right:
			return Windows1252, nil
		case end:
			return UTF8, nil
		}
	}
}

// byBeginning tells what the first bytes of a file already say, empty if
// nothing.
func byBeginning(text []byte) (Encoding, error) {
	for _, known := range []struct{ begin, what string }{
		{"PK\x03\x04", "a zip or a workbook"}, {"\xd0\xcf\x11\xe0", "a workbook of an old kind (.xls)"}, {"%PDF", "a PDF"},
	} {
		if bytes.HasPrefix(text, []byte(known.begin)) {
			return "", reason.New("table_invalid/format", "", "it is %s", known.what)
		}
	}
	switch {
	case len(bytes.Trim(text, "\xef\xbb\xbf\xff\xfe \t\r\n\x00")) == 0:
		return "", reason.New("table_invalid/empty", "", "there is nothing in it")
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return UTF8, nil
	case bytes.HasPrefix(text, []byte("\xff\xfe")):
		return UTF16LE, nil
	case bytes.HasPrefix(text, []byte("\xfe\xff")):
		return UTF16BE, nil
	}
	var zeros [2]int
	for n, b := range text[:min(len(text), 4096)] {
		if b == 0 {
			zeros[n%2]++
		}
	}
	half := min(len(text), 4096) / 2
	switch {
	case zeros[1] > half/2 && zeros[0] == 0:
		return UTF16LE, nil
	case zeros[0] > half/2 && zeros[1] == 0:
		return UTF16BE, nil
	}
	return "", nil
}
