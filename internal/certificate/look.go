package certificate

import (
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/pdf"
	"github.com/kompetansebevis/bevis/internal/qr"
	"github.com/kompetansebevis/bevis/reason"
)

// Look is how pages of an issuer look.
type Look struct {
	Color pdf.Color
	Logo  *Picture // nil: the one in the credential
}

// DefaultColor is that of pages of an issuer who chose none.
func DefaultColor() pdf.Color { return pdf.Color{0x1F, 0x3A, 0x5F} }

// ParseColor reads #RRGGBB.
func ParseColor(text string) (pdf.Color, error) {
	digits, ok := strings.CutPrefix(text, "#")
	n, err := strconv.ParseUint(digits, 16, 24)
	if !ok || err != nil || len(digits) != 6 {
		return pdf.Color{}, reason.New(reason.Usage, "--color", "%.20q is not a colour such as #1f3a5f", text)
	}
	return pdf.Color{byte(n >> 16), byte(n >> 8), byte(n)}, nil
}

// CodeKind is what the code on a page holds.
type CodeKind uint8

// The kinds.
const (
	NoCode    CodeKind = iota
	ShortCode          // a short form, signed by the issuer
	WholeCode          // the credential
)

// Page is a page to be made.
type Page struct {
	Content
	Look Look
	// Code is the text of the QR code, and CodeKind what it is.
	Code     string
	CodeKind CodeKind
	Files    []pdf.File // attached to a PDF
	Carried  bool       // the credential is in the file beside what is drawn
	Made     time.Time

	lost bool // characters have no glyph
}

// notices are the sentences that every page carries.
func (c *Page) notices(p *i18n.Printer) []string {
	out := []string{p.T("certificate.notice")}
	if c.Carried {
		out = append(out, p.T("certificate.notice-carried"))
	}
	switch c.CodeKind {
	case ShortCode:
		out = append(out, p.T("certificate.notice-short"))
	case WholeCode:
		out = append(out, p.T("certificate.notice-whole"))
	}
	if c.Signed {
		out = append(out, p.T("certificate.notice-unchecked"))
	} else {
		out = append(out, p.T("certificate.notice-unsigned"))
	}
	if c.lost {
		out = append(out, p.T("certificate.notice-lost"))
	}
	if len(c.Others) > 0 {
		out = append(out, p.T("certificate.notice-languages", strings.Join(c.Others, ", ")))
	}
	return out
}

// logo is the picture at the head of the page.
func (c *Page) logo() *Picture {
	if c.Look.Logo != nil {
		return c.Look.Logo
	}
	return c.IssuerLogo
}

// modules returns the code, nil for none.
func (c *Page) modules() ([][]bool, error) {
	if c.CodeKind == NoCode {
		return nil, nil
	}
	level := qr.Medium
	if c.CodeKind == WholeCode {
		level = qr.Low
	}
	return qr.Modules(c.Code, level)
}
