package carrier

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/papercode"
	"github.com/kompetansebevis/bevis/internal/qr"
	"github.com/kompetansebevis/bevis/reason"
)

// drawnOn is a code as a page of ours draws it: dark modules beside each other
// are one rectangle.
func drawnOn(t testing.TB, text string, x, y, module float64) string {
	t.Helper()
	modules, err := qr.Modules(text, qr.Low)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("0.067 0 0 rg\n")
	for row, line := range modules {
		for from := 0; from < len(line); from++ {
			to := from
			for to < len(line) && line[to] {
				to++
			}
			if to > from {
				fmt.Fprintf(&b, "%.3f %.3f %.3f %.3f re\n", x+float64(from)*module, y-float64(row+1)*module, float64(to-from)*module, module)
				from = to
			}
		}
	}
	return b.String() + "f\n"
}

// pageOf is a PDF with a badge attached, and pages that draw this.
func pageOf(contents ...string) []byte {
	objects := attached("<< /Pages 2 0 R /AF [3 0 R] >>", badge)
	kids := ""
	for _, content := range contents {
		n := len(objects) + 1
		kids += fmt.Sprintf("%d 0 R ", n)
		objects = append(objects, fmt.Sprintf("<< /Type /Page /Contents %d 0 R >>", n+1), content)
	}
	objects[1] = "<< /Type /Pages /Kids [" + kids + "] >>"
	return document(objects, "")
}

func TestPageCodes(t *testing.T) {
	t.Parallel()
	short := papercode.Text([]byte("a short form"))
	code := drawnOn(t, short, 57.6, 700, 2.4)
	whole := drawnOn(t, badge, 10, 800, 2)
	words := "/P <</MCID 0>> BDC\nBT /F0 8 Tf 57.6 41.89 Td <00010002> Tj (\\)f) Tj [(a) -20 (b)] TJ ET\nEMC\nq 20 0 0 20 5 5 cm /I0 Do Q\n1 0 0 rg 0 826 595.28 16 re\nf\n"
	taller := strings.Replace(code, " 2.400 re", " 2.800 re", 3)
	half := len(code) / 2
	half += strings.IndexByte(code[half:], '\n')
	parts := attached("<< /Pages 2 0 R /AF [3 0 R] >>", badge)
	parts[1] = "<< /Kids [5 0 R] >>"
	inTwo := document(append(parts, "<< /Type /Page /Contents [6 0 R 7 0 R] >>", stream("", code[:half]), stream("", code[half:])), "")
	for name, c := range map[string]struct {
		raw  []byte
		want []string
	}{
		"a code":                             {pageOf(stream("", code)), []string{"a short form"}},
		"a code among other things":          {pageOf(stream("", words+code+words)), []string{"a short form"}},
		"packed":                             {pageOf(stream("/Filter /FlateDecode", string(pack(t, []byte(words+code))))), []string{"a short form"}},
		"all of a credential":                {pageOf(stream("", whole)), []string{badge}},
		"two on one page":                    {pageOf(stream("", code+whole)), []string{"a short form", badge}},
		"two on two pages":                   {pageOf(stream("", code), stream("", whole)), []string{"a short form", badge}},
		"the same twice":                     {pageOf(stream("", code+code), stream("", code)), []string{"a short form"}},
		"in two streams":                     {inTwo, []string{"a short form"}},
		"nothing":                            {pageOf(stream("", words)), nil},
		"no page":                            {document(attached("<< /AF [3 0 R] >>", badge), ""), nil},
		"an address":                         {pageOf(stream("", drawnOn(t, "https://evil.example/", 10, 500, 2))), nil},
		"a code that is none":                {pageOf(stream("", drawnOn(t, "BEVIS1:lowercase", 10, 500, 2))), nil},
		"a path that is not painted":         {pageOf(stream("", strings.TrimSuffix(code, "f\n")+"n\n")), nil},
		"rectangles of another height":       {pageOf(stream("", taller)), nil},
		"rectangles of no height":            {pageOf(stream("", strings.ReplaceAll(code, " 2.400 re", " 0 re"))), nil},
		"rectangles that lead the wrong way": {pageOf(stream("", strings.ReplaceAll(code, " 2.400 re", " -2.4 re"))), nil},
		"half of a code":                     {pageOf(stream("", code[:half]+"\nf\n")), nil},
		"an operator is missing":             {pageOf(stream("", strings.Replace(code, "re\n", "\n", 5))), nil},
		"a number too much":                  {pageOf(stream("", strings.ReplaceAll(code, "re\n", "1 re\n"))), nil},
		"damaged, the other page is read":    {pageOf(stream("", "<< /a"), stream("", code)), []string{"a short form"}},
		"packed in a way that is not read":   {pageOf(stream("/Filter /LZWDecode", code), stream("", code)), []string{"a short form"}},
	} {
		items, err := Open(t.Context(), c.raw, Limits{})
		if err != nil || len(items) != 1 || string(items[0].Raw) != badge {
			t.Errorf("%s: what is attached: %d, %v", name, len(items), err)
			continue
		}
		var got []string
		for _, code := range items[0].Codes {
			got = append(got, string(code))
		}
		if strings.Join(got, "|") != strings.Join(c.want, "|") || len(items[0].Attached) != 0 {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestPageCodesOfSeveral: each of several attachments is told what the others are.
func TestPageCodesOfSeveral(t *testing.T) {
	t.Parallel()
	const token = "eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.c2ln"
	objects := append(attached("<< /Pages 7 0 R /AF [3 0 R 5 0 R] >>", badge, token), "<< /Kids [8 0 R] >>", "<< /Contents 9 0 R >>", stream("", drawnOn(t, token, 10, 500, 2)))
	items, err := Open(t.Context(), document(objects, ""), Limits{})
	if err != nil || len(items) != 2 || len(items[0].Codes) != 1 || string(items[1].Codes[0]) != token || len(items[0].Attached) != 1 || string(items[0].Attached[0]) != token || string(items[1].Attached[0]) != badge {
		t.Fatalf("%+v %v", items, err)
	}
}

// TestPageCodesAlone: where nothing is attached, the codes are what there is, as
// on paper.
func TestPageCodesAlone(t *testing.T) {
	t.Parallel()
	content := drawnOn(t, badge, 10, 800, 2) + drawnOn(t, papercode.Text([]byte("a short form")), 10, 400, 2)
	raw := document([]string{"<< /Pages 2 0 R >>", "<< /Kids [3 0 R] >>", "<< /Contents 4 0 R >>", stream("", content)}, "")
	items, err := Open(t.Context(), raw, Limits{})
	if err != nil || len(items) != 2 || items[0].Kind != QR || string(items[0].Raw) != badge || items[0].Name != "QR 1" || string(items[1].Raw) != "a short form" || items[1].Codes != nil {
		t.Fatalf("%+v %v", items, err)
	}
}

// TestPageCodesLimits: what is more than is read is left, and takes nothing from
// what is attached.
func TestPageCodesLimits(t *testing.T) {
	t.Parallel()
	code := drawnOn(t, papercode.Text([]byte("a short form")), 57.6, 700, 2.4)
	empty := make([]string, maxPages)
	for i := range empty {
		empty[i] = stream("", "q Q")
	}
	many := strings.Repeat("0 0 1 1 re\n", maxCodeBoxes+10)
	for name, c := range map[string]struct {
		raw  []byte
		want int
	}{
		"the last page that is read": {pageOf(append(empty[1:], stream("", code))...), 1},
		"one page more":              {pageOf(append(empty, stream("", code))...), 0},
		"as much work as there is":   {pageOf(stream("/Filter /FlateDecode", string(pack(t, []byte(strings.Repeat("0 ", maxPageTokens))))), stream("", code)), 0},
		"as much as is unpacked":     {pageOf(stream("/Filter /FlateDecode", string(pack(t, []byte(strings.Repeat(" ", maxPageInflated+1))))), stream("", code)), 1},
		"too many rectangles":        {pageOf(stream("", many+code)), 0},
	} {
		items, err := Open(t.Context(), c.raw, Limits{})
		if err != nil || len(items) != 1 || len(items[0].Codes) != c.want {
			t.Errorf("%s: %d codes, want %d: %v", name, len(items[0].Codes), c.want, err)
		}
	}
	f, err := readPDF(t.Context(), pageOf(stream("", code)), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	f.work.ctx = canceled
	a := &pdfAttachments{pdfFile: f, seen: map[pdfRef]bool{}, sheets: []pdfDict{{"Contents": pdfStream{pdfDict{}, []byte(strings.Repeat("0 ", 5000))}}}}
	if _, err := a.pageCodes(); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// FuzzPageCodes: a drawing gives credentials and short forms and nothing else, and
// what is attached comes back whatever is drawn.
func FuzzPageCodes(f *testing.F) {
	f.Add([]byte(drawnOn(f, papercode.Text([]byte("x")), 0, 0, 1)))
	f.Add([]byte(drawnOn(f, badge, 57.6, 700, 2.4)))
	f.Add([]byte("BT (\\)) Tj ET 1 2 3 4 re f* << /a [1 2] >> BDC"))
	f.Fuzz(func(t *testing.T, content []byte) {
		items, err := Open(t.Context(), pageOf(stream("", string(content))), Limits{})
		if err != nil || len(items) != 1 || string(items[0].Raw) != badge {
			t.Fatalf("%d items, %v", len(items), err)
		}
		for _, code := range items[0].Codes {
			if len(code) == 0 || len(code) > papercode.MaxText {
				t.Errorf("%q", code)
			}
		}
	})
}
