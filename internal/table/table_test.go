package table_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/kompetansebevis/bevis/internal/table"
	"github.com/kompetansebevis/bevis/reason"
)

// read returns a table as text: each row with its line, cells between bars.
func read(t testing.TB, raw []byte, separator byte) (string, error) {
	t.Helper()
	e, err := table.Detect(t.Context(), bytes.NewReader(raw), 1<<20)
	if err != nil {
		return "", err
	}
	out := string(e)
	for r := table.NewReader(bytes.NewReader(raw), e, separator); ; {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out += fmt.Sprintf("\n%d|%s|%s", row.Line, strings.Join(row.Cells, "|"), reason.CodeOf(row.Err))
	}
}

func utf16Of(s string, big, mark bool) []byte {
	if mark {
		s = "\ufeff" + s
	}
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

func TestTables(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  []byte
		sep  byte
		want string
	}{
		"plain":                   {[]byte("a;b\n1;2\n"), ';', "UTF-8\n1|a|b|\n2|1|2|"},
		"no end of line":          {[]byte("a;b\n1;2"), ';', "UTF-8\n1|a|b|\n2|1|2|"},
		"mark and Windows' lines": {[]byte("\xef\xbb\xbfø;b\r\n\r\n1; 2 \r\n"), ';', "UTF-8\n1|ø|b|\n2||\n3|1|2|"},
		"old Macintosh":           {[]byte("a,b\r1,2\r"), ',', "UTF-8\n1|a|b|\n2|1|2|"},
		"Windows-1252":            {[]byte("Bj\xf8rn;\x80 5\n\x81"), ';', "Windows-1252\n1|Bjørn|€ 5|\n2|�|"},
		"mostly UTF-8":            {[]byte("Bjørn;Åse\nBj\xf8rn;b"), ';', "UTF-8\n1|Bjørn|Åse|\n2|Bj\xf8rn|b|"},
		"UTF-16":                  {utf16Of("ø\t𝄞\r\n1\t2\r\n", false, true), '\t', "UTF-16LE\n1|ø|𝄞|\n2|1|2|"},
		"UTF-16 big":              {utf16Of("ø\tb\n", true, true), '\t', "UTF-16BE\n1|ø|b|"},
		"UTF-16 without mark":     {utf16Of("navn\te-post\nKåre\tk@x\n", false, false), '\t', "UTF-16LE\n1|navn|e-post|\n2|Kåre|k@x|"},
		"half a pair":             {append(utf16Of("abcd", false, true), 0x34, 0xd8, 'x', 0), ';', "UTF-16LE\n1|abcd�x|"},
		"quotes":                  {[]byte("\"a;\"\"b\"\"\" ;c\n"), ';', "UTF-8\n1|a;\"b\"|c|"},
		"a cell of two lines":     {[]byte("\"a\r\nb\";c\nd\n"), ';', "UTF-8\n1|a\nb|c|\n3|d|"},
		"a mark that stays open":  {[]byte("x\n\"a;b\nc;d\ne\n"), ';', "UTF-8\n1|x|\n2||row_invalid/quotes\n3|c|d|\n4|e|"},
		"text behind quotes":      {[]byte("\"a\" b;c\nd"), ';', "UTF-8\n1||row_invalid/quotes\n2|d|"},
		"a quote inside":          {[]byte("5\" rør;b"), ';', "UTF-8\n1|5\" rør|b|"},
		"too many cells":          {[]byte(strings.Repeat(";", 600) + "\nd"), ';', "UTF-8\n1||row_invalid/cells\n2|d|"},
		"too long":                {[]byte(strings.Repeat("x", table.MaxRow+1) + "\nd"), ';', "UTF-8\n1||row_invalid/too-long\n2|d|"},
		"too long in quotes":      {[]byte("\"" + strings.Repeat("x\n", 2*table.MaxLines) + "\nd"), ';', ""},
		"tabs with nothing":       {[]byte("a\t\tb\t\n"), '\t', "UTF-8\n1|a||b||"},
		"spaces that do not show": {[]byte("\u00a0a\u200b;b"), ';', "UTF-8\n1|a|b|"},
	} {
		got, err := read(t, c.raw, c.sep)
		if err != nil || c.want != "" && got != c.want || c.want == "" && !strings.HasPrefix(got, "UTF-8\n1||row_invalid/quotes\n2|x|") {
			t.Errorf("%s: %v\n%.200q\nwant\n%.200q", name, err, got, c.want)
		}
	}
}

func TestWhatIsNoTable(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]reason.Code{
		"": "table_invalid/empty", "\xef\xbb\xbf\r\n": "table_invalid/empty", "\xff\xfe": "table_invalid/empty",
		"PK\x03\x04…": "table_invalid/format", "%PDF-1.7": "table_invalid/format", "\xd0\xcf\x11\xe0": "table_invalid/format",
		"a;b\x00;c\nd;e": "table_invalid/format", strings.Repeat("a;b\n", 1<<18+1): reason.LimitSize,
	} {
		if _, err := read(t, []byte(raw), ';'); reason.CodeOf(err) != want {
			t.Errorf("%.20q: %v, want %s", raw, err, want)
		}
	}
}

// FuzzTable: whatever comes, each row is on a line behind the one before, and
// the same table comes out of what was read.
func FuzzTable(f *testing.F) {
	for _, seed := range []string{"a;b\n1;2\n", "\xef\xbb\xbfnavn;e-post\r\n\"Å\nB\";c\r\n", "Bj\xf8rn\tx\r", "\"a\n\"\"b\n", string(utf16Of("å;b\n\"c", false, true)), string(utf16Of("å,b\n", true, true)), "\xff\xfe4\xd8"} {
		f.Add([]byte(seed), byte(';'))
	}
	f.Fuzz(func(t *testing.T, raw []byte, separator byte) {
		if !strings.ContainsRune(";,\t|", rune(separator)) {
			separator = ';'
		}
		e, err := table.Detect(t.Context(), bytes.NewReader(raw), 1<<20)
		if err != nil {
			return
		}
		line := 0
		for r := table.NewReader(bytes.NewReader(raw), e, separator); ; {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil || row.Line <= line || row.Err != nil && row.Cells != nil || len(row.Cells) > table.MaxColumns {
				t.Fatalf("line %d after %d: %v, %d cells, %v", row.Line, line, err, len(row.Cells), row.Err)
			}
			line = row.Line
		}
	})
}
