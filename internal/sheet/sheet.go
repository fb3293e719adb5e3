package sheet

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/qr"
	"github.com/kompetansebevis/bevis/reason"
)

//go:embed recovery.html.tmpl
var recoveryText string

//go:embed sheet.css
var style string

// Recovery is what stands on the page with a wallet's recovery words.
type Recovery struct {
	Wallet string   // its id
	File   string   // name of the file, without its folder
	Words  []string // in their order
	Made   time.Time
}

// Page returns the page as HTML, in the language of the printer: one sheet of
// A4. The QR code has the words in small letters with one space between, which
// is what the program age takes.
func (r Recovery) Page(p *i18n.Printer) ([]byte, error) {
	code, err := qr.SVG(strings.Join(r.Words, " "), qr.Config{Title: p.T("sheet.title")})
	if err != nil {
		return nil, err
	}
	page, err := template.New("recovery").Funcs(template.FuncMap{"t": func(key string) string { return p.T(key) }}).Parse(recoveryText)
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	sum := sha256.Sum256([]byte(style))
	var b bytes.Buffer
	err = page.Execute(&b, struct {
		Recovery
		Lang, Policy, Made string
		Style              template.CSS
		QR                 template.HTML
	}{
		Recovery{Wallet: r.Wallet, File: r.File, Words: r.Words}, p.Lang(),
		"default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		r.Made.UTC().Format(time.DateOnly), template.CSS(style), template.HTML(code), // qr writes them from numbers and escaped text
	})
	return b.Bytes(), reason.Wrap(reason.Internal, "", err)
}
