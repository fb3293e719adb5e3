package certificate

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"html/template"
	"image/png"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/pdf"
	"github.com/kompetansebevis/bevis/internal/qr"
	"github.com/kompetansebevis/bevis/reason"
)

//go:embed certificate.html.tmpl
var pageText string

//go:embed certificate.css
var pageStyle string

// PDF returns the page as sheets of A4, with what is to be attached. The same
// page gives the same bytes. Errors are resource_limit/size for a code that is
// too long.
func (c Page) PDF(p *i18n.Printer) ([]byte, error) {
	l, err := c.layOut(p)
	if err != nil {
		return nil, err
	}
	if l.lost { // once more, with a notice of it
		c.lost = true
		if l, err = c.layOut(p); err != nil {
			return nil, err
		}
	}
	d := pdf.Document{Title: c.Title, Author: c.Issuer, Subject: p.T("certificate.notice"), Language: c.Language, Created: c.Made, Fonts: l.fonts, Pages: l.sheets, Files: c.Files}
	return d.Write()
}

// SVG returns the page as one drawing, its sheets below each other. Texts are in
// a font of whoever looks at it.
func (c Page) SVG(p *i18n.Printer) ([]byte, error) {
	l, err := c.layOut(p)
	if err != nil {
		return nil, err
	}
	height := pageHeight * float64(len(l.sheets))
	w := &svgWriter{}
	w.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%spt" height="%spt" xml:lang="%s" font-family="Go, 'Liberation Sans', Arial, Helvetica, sans-serif">`,
		measure(pageWidth), measure(height), measure(pageWidth), measure(height), c.Language)
	w.printf("\n<title>%s</title>\n", escaped(c.Title))
	w.printf(`<path fill="#fff" d="M0 0h%sv%sH0z"/>`+"\n", measure(pageWidth), measure(height))
	for i, sheet := range l.sheets {
		for _, b := range sheet.Blocks {
			for _, item := range b.Items {
				w.item(item, b.Alt, pageHeight*float64(i))
			}
		}
	}
	w.printf("</svg>\n")
	return w.b.Bytes(), w.err
}

type svgWriter struct {
	b   bytes.Buffer
	err error
}

func (w *svgWriter) printf(format string, args ...any) { fmt.Fprintf(&w.b, format, args...) }

func measure(f float64) string { return strconv.FormatFloat(f, 'f', -1, 32) }

func hex(c pdf.Color) string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// escaped is a text as it stands in XML; characters that XML has none of are
// replaced.
func escaped(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // into memory, which does not fail
	return b.String()
}

func (w *svgWriter) item(item pdf.Item, alt string, down float64) {
	switch item := item.(type) {
	case pdf.Text:
		weight := ""
		if item.Bold {
			weight = ` font-weight="bold"`
		}
		w.printf(`<text x="%s" y="%s" font-size="%s"%s fill="%s">%s</text>`+"\n", measure(item.X), measure(item.Y+down), measure(item.Size), weight, hex(item.Color), escaped(item.Text))
	case pdf.Boxes:
		w.printf(`<path fill="%s" shape-rendering="crispEdges" d="`, hex(item.Color))
		for _, box := range item.Boxes {
			w.printf("M%s %sh%sv%sh-%sz", measure(box.X), measure(box.Y+down), measure(box.W), measure(box.H), measure(box.W))
		}
		w.printf("\">")
		if alt != "" {
			w.printf("<title>%s</title>", escaped(alt))
		}
		w.printf("</path>\n")
	case pdf.Picture:
		var b bytes.Buffer
		if err := png.Encode(&b, item.Image); err != nil {
			w.err = reason.Wrap(reason.Internal, "", err)
		}
		w.printf(`<image x="%s" y="%s" width="%s" height="%s" href="data:image/png;base64,%s"><title>%s</title></image>`+"\n",
			measure(item.X), measure(item.Y+down), measure(item.W), measure(item.H), base64.StdEncoding.EncodeToString(b.Bytes()), escaped(alt))
	}
}

// HTML returns the page as HTML that stands alone, runs nothing and loads
// nothing, and prints well.
func (c Page) HTML(p *i18n.Printer) ([]byte, error) {
	t, err := template.New("certificate").Funcs(template.FuncMap{
		"t":        func(key string) string { return p.T(key) },
		"markdown": markdownHTML,
		"lines":    func(text string) []string { return strings.Split(text, "\n") },
		"picture": func(p *Picture) template.URL { // its bytes were decoded as what its type says
			return template.URL("data:" + p.MediaType + ";base64," + base64.StdEncoding.EncodeToString(p.Raw))
		},
	}).Parse(pageText)
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	code := template.HTML("")
	if c.CodeKind != NoCode {
		level := qr.Medium
		if c.CodeKind == WholeCode {
			level = qr.Low
		}
		drawing, err := qr.SVG(c.Code, qr.Config{Level: level, Title: p.T("certificate.code-alt")})
		if err != nil {
			return nil, err
		}
		code = template.HTML(drawing) // qr writes it from numbers and escaped text
	}
	style := pageStyle + ":root { --color: " + hex(c.Look.Color) + "; }\n"
	sum := sha256.Sum256([]byte(style))
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		Page
		Policy  string
		Style   template.CSS
		QR      template.HTML
		Whole   bool
		Notices []string
		Logo    *Picture
		Date    string
	}{c, "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		template.CSS(style), code, c.CodeKind == WholeCode, c.notices(p), c.logo(), c.Made.UTC().Format(time.DateOnly)})
	return b.Bytes(), reason.Wrap(reason.Internal, "", err)
}

// Text calls put with each label and value of what a credential says, in
// order; headings have no value. A narrative is a value of several lines.
func (c Content) Text(p *i18n.Printer, put func(label, value string)) {
	line := func(label, value string) {
		if value != "" {
			put(label, value)
		}
	}
	line(p.T("certificate.name"), c.Title)
	line(p.T("certificate.recipient"), c.Recipient)
	for _, part := range c.Parts {
		if part.Title != "" {
			put(part.Title, "")
		}
		line(p.T("certificate.description"), part.Description)
		for _, row := range part.Rows {
			line(row.Label, row.Value)
		}
		for _, s := range part.Sections {
			if s.Markdown == "" || len(s.Rows) > 0 {
				put(s.Title, "")
			}
			if s.Markdown != "" && len(s.Rows) > 0 {
				line("", plainMarkdown(s.Markdown))
			} else {
				line(s.Title, plainMarkdown(s.Markdown))
			}
			for _, row := range s.Rows {
				line(row.Label, row.Value)
			}
		}
	}
	put(p.T("certificate.about"), "")
	for _, row := range c.About {
		line(row.Label, row.Value)
	}
	if len(c.Others) > 0 {
		line("", p.T("certificate.notice-languages", strings.Join(c.Others, ", ")))
	}
}
