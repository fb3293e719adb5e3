package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	maxFiles   = 5000
	maxColumns = 500
	maxRows    = 1 << 20 // what a sheet can have
)

// Is tells whether raw begins as a workbook does.
func Is(raw []byte) bool { return bytes.HasPrefix(raw, []byte("PK\x03\x04")) }

// CSV returns the first sheet as UTF-8 CSV with semicolons. Line breaks in a
// cell are U+2028, so that line and row have the same number. limit bounds the
// bytes that are unpacked, and those that are returned; errors are
// malformed/workbook and resource_limit/inflate.
func CSV(raw []byte, limit int) ([]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, bad("no zip that can be read: %w", err)
	}
	if len(archive.File) > maxFiles {
		return nil, reason.New(reason.LimitInflate, "", "a zip of %d files", len(archive.File))
	}
	b := &book{files: map[string]*zip.File{}, left: int64(limit)}
	for _, f := range archive.File {
		if name := path.Clean("/" + f.Name); b.files[name] == nil {
			b.files[name] = f
		}
	}
	first, err := b.first()
	if err != nil {
		return nil, err
	}
	if err := b.strings(); err != nil {
		return nil, err
	}
	if err := b.styles(); err != nil {
		return nil, err
	}
	return b.rows(first, limit)
}

func bad(format string, args ...any) error {
	return reason.New("malformed/workbook", "", format, args...)
}

type book struct {
	files  map[string]*zip.File
	left   int64 // bytes that may still be unpacked
	shared []string
	days   []bool // by style: whether its numbers are days
	old    bool   // days are counted from 1904
}

// each hands the start elements of a file to f, which tells whether it read
// the whole element. A file that is not there has none.
func (b *book) each(name string, f func(*xml.Decoder, xml.StartElement) (whole bool, err error)) error {
	file := b.files[name]
	if file == nil {
		return nil
	}
	in, err := file.Open()
	if err != nil {
		return bad("%s: %w", name, err)
	}
	defer in.Close()
	limited := &io.LimitedReader{R: in, N: b.left + 1}
	d := xml.NewDecoder(limited)
	for depth := 0; ; {
		t, err := d.Token()
		if b.left = limited.N - 1; b.left < 0 {
			return tooMuch(name)
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return bad("%s: %w", name, err)
		}
		switch t := t.(type) {
		case xml.Directive:
			return bad("%s: a document type, which is not allowed", name)
		case xml.StartElement:
			if depth++; depth > 32 {
				return reason.New(reason.LimitDepth, name, "nested too deep")
			}
			whole, err := f(d, t)
			if limited.N < 1 {
				return tooMuch(name)
			}
			if err != nil {
				return err
			}
			if whole {
				depth--
			}
		case xml.EndElement:
			depth--
		}
	}
}

func tooMuch(name string) error {
	return reason.New(reason.LimitInflate, name, "more bytes than allowed are packed")
}

// first finds the file of the first sheet by way of the workbook.
func (b *book) first() (string, error) {
	id, target := "", ""
	err := b.each("/xl/workbook.xml", func(_ *xml.Decoder, e xml.StartElement) (bool, error) {
		switch e.Name.Local {
		case "workbookPr":
			v := attribute(e, "date1904")
			b.old = v == "1" || v == "true"
		case "sheet":
			for _, a := range e.Attr {
				if id == "" && a.Name.Local == "id" && a.Name.Space != "" {
					id = a.Value
				}
			}
		}
		return false, nil
	})
	if err != nil {
		return "", err
	}
	err = b.each("/xl/_rels/workbook.xml.rels", func(_ *xml.Decoder, e xml.StartElement) (bool, error) {
		if e.Name.Local == "Relationship" && attribute(e, "Id") == id && id != "" {
			target = attribute(e, "Target")
		}
		return false, nil
	})
	if err != nil {
		return "", err
	}
	switch {
	case target == "":
		target = "/xl/worksheets/sheet1.xml"
	case target[0] != '/':
		target = path.Clean("/xl/" + target)
	}
	if b.files[target] == nil {
		return "", bad("no sheet in it")
	}
	return target, nil
}

// strings reads the texts that cells refer to; how words are pronounced (rPh)
// is no part of them.
func (b *book) strings() error {
	return b.each("/xl/sharedStrings.xml", func(d *xml.Decoder, e xml.StartElement) (bool, error) {
		if e.Name.Local != "si" {
			return false, nil
		}
		var si rich
		if err := d.DecodeElement(&si, &e); err != nil {
			return true, bad("texts: %w", err)
		}
		b.shared = append(b.shared, si.text())
		return true, nil
	})
}

type rich struct {
	T    string `xml:"t"`
	Runs []struct {
		T string `xml:"t"`
	} `xml:"r"`
}

func (r rich) text() string {
	s := r.T
	for _, run := range r.Runs {
		s += run.T
	}
	return s
}

// styles notes which styles show numbers as days.
func (b *book) styles() error {
	own := map[string]bool{"14": true, "15": true, "16": true, "17": true, "22": true}
	in := false
	return b.each("/xl/styles.xml", func(_ *xml.Decoder, e xml.StartElement) (bool, error) {
		switch e.Name.Local {
		case "numFmt":
			code := strings.ToLower(attribute(e, "formatCode"))
			own[attribute(e, "numFmtId")] = strings.Contains(code, "yy") || strings.Contains(code, "dd") || strings.Contains(code, "d/m") || strings.Contains(code, "d.m")
		case "cellXfs", "cellStyles", "cellStyleXfs":
			in = e.Name.Local == "cellXfs"
		case "xf":
			if in {
				b.days = append(b.days, own[attribute(e, "numFmtId")])
			}
		}
		return false, nil
	})
}

// rows writes the cells of a sheet, one after the other: a row may be long.
func (b *book) rows(name string, limit int) ([]byte, error) {
	var out bytes.Buffer
	row, column := 0, 0 // where the next cell stands if it does not say
	err := b.each(name, func(d *xml.Decoder, e xml.StartElement) (bool, error) {
		if out.Len() > limit {
			return false, reason.New(reason.LimitInflate, name, "more than %d bytes of cells", limit)
		}
		switch e.Name.Local {
		case "row":
			n := row + 1
			if r, err := strconv.Atoi(attribute(e, "r")); err == nil {
				n = r
			}
			if n <= row || n > maxRows {
				return false, bad("row %d behind row %d", n, row)
			}
			out.WriteString(strings.Repeat("\n", n-max(row, 1)))
			row, column = n, 0
		case "c":
			var c cell
			if err := d.DecodeElement(&c, &e); err != nil {
				return true, bad("row %d: %w", row, err)
			}
			at := column
			if c.Ref != "" {
				at = columnOf(c.Ref)
			}
			if row == 0 || at < column || at >= maxColumns {
				return true, bad("row %d: cell %.10q has no place", row, c.Ref)
			}
			out.WriteString(strings.Repeat(";", at-column))
			quote(&out, b.value(c))
			out.WriteByte(';')
			column = at + 1
			return true, nil
		}
		return false, nil
	})
	if out.Len() > limit && err == nil {
		err = reason.New(reason.LimitInflate, name, "more than %d bytes of cells", limit)
	}
	return out.Bytes(), err
}

type cell struct {
	Ref    string `xml:"r,attr"`
	Type   string `xml:"t,attr"`
	Style  int    `xml:"s,attr"`
	Value  string `xml:"v"`
	Inline rich   `xml:"is"`
}

func (b *book) value(c cell) string {
	switch c.Type {
	case "s":
		if i, err := strconv.Atoi(c.Value); err == nil && i >= 0 && i < len(b.shared) {
			return b.shared[i]
		}
		return ""
	case "inlineStr":
		return c.Inline.text()
	case "", "n":
		f, err := strconv.ParseFloat(c.Value, 64)
		if err != nil || f-f != 0 {
			return c.Value
		}
		if c.Style >= 0 && c.Style < len(b.days) && b.days[c.Style] && f >= 1 && f < 2_958_466 { // the year 10000
			from := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
			if b.old {
				from = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			return from.AddDate(0, 0, int(f)).Format(time.DateOnly)
		}
		s := strconv.FormatFloat(f, 'f', -1, 64)
		if dot := strings.IndexByte(s, '.'); dot >= 0 && len(s)-dot > 7 { // what binary fractions leave behind
			s = strings.TrimRight(strings.TrimRight(strconv.FormatFloat(f, 'f', 6, 64), "0"), ".")
		}
		return s
	}
	return c.Value
}

// columnOf reads the letters of a cell's name, from 0; -1 for none.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref) && i < 4 && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	return n - 1
}

func quote(out *bytes.Buffer, s string) {
	s = strings.NewReplacer("\r\n", "\u2028", "\n", "\u2028", "\r", "\u2028").Replace(s)
	if strings.ContainsAny(s, `;" `) {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	out.WriteString(s)
}

func attribute(e xml.StartElement, name string) string {
	if i := slices.IndexFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == name && a.Name.Space == "" }); i >= 0 {
		return e.Attr[i].Value
	}
	return ""
}
