package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"strings"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/carrier"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

//go:embed share.html.tmpl
var shareText string

// maxValue is how many characters of one value are shown to people.
const maxValue = 2000

// Cut returns the beginning of a long value, such as a picture in it, and how
// many characters were left out.
func Cut(value string) (beginning string, left int) {
	if len(value) <= maxValue {
		return value, 0
	}
	runes := 0
	for at := range value {
		if runes == maxValue {
			return value[:at], utf8.RuneCountInString(value[at:])
		}
		runes++
	}
	return value, 0
}

// SharePage writes a presentation as a page that a person reads and that
// "bevis verify" verifies: it carries the presentation as a file that can be
// saved from it. It has no script and asks for nothing. Seen is what the
// presentation shows, as wallet.Preview tells it.
func SharePage(p *i18n.Printer, seen wallet.Preview, presentation []byte) ([]byte, error) {
	type row struct {
		Label, Name, Value string
		Left               int
	}
	type part struct {
		Title string
		Rows  []row
	}
	data := struct {
		Head                             head
		Command, Audience, Until, Holder string
		File                             template.HTML
		Credentials                      []part
	}{Head: shareHead(p, p.T("sharepage.title")), Audience: seen.Audience, Holder: seen.Holder,
		Command: "bevis verify " + Repeat([]string{"--audience", seen.Audience, "share.html"}),
		// The data is base64, and all else of the element is escaped there.
		File: template.HTML(carrier.PageLink(presentation, "share."+ending(presentation), p.T("sharepage.save")))}
	if !seen.Expires.IsZero() {
		data.Until = seen.Expires.UTC().Format("2006-01-02 15:04 UTC")
	}
	for _, c := range seen.Credentials {
		one := part{Title: c.Title}
		for _, f := range c.Fields {
			if !f.Says() {
				continue
			}
			value, left := Cut(f.Value)
			one.Rows = append(one.Rows, row{Field(p, f.Name), f.Name, value, left})
		}
		data.Credentials = append(data.Credentials, one)
	}
	return shareTemplate(p, "share", data)
}

// ending is that of a file with a presentation.
func ending(presentation []byte) string {
	switch {
	case proof.IsCOSE(presentation):
		return "cose"
	case bytes.HasPrefix(presentation, []byte("{")):
		return "json"
	}
	return "jwt"
}

// LinkPage is what somebody sees who opens the link to a share in a browser, and
// LinkReadme what tells how it is opened without bevis. Both are the same for
// every share, in all languages, so that they tell a host nothing.
func LinkPage() ([]byte, error) {
	type text struct{ Lang, Title, Text, Command, Secret string }
	english := i18n.New("en")
	data := struct {
		Head  head
		Texts []text
	}{Head: shareHead(english, english.T("linkpage.title"))}
	for _, lang := range i18n.Languages() {
		p := i18n.New(lang)
		data.Texts = append(data.Texts, text{lang, p.T("linkpage.title"), p.T("linkpage.text"), p.T("linkpage.command"), p.T("linkpage.secret")})
	}
	return shareTemplate(english, "link", data)
}

// LinkReadme is the text beside LinkPage.
func LinkReadme() []byte {
	var b strings.Builder
	for n, lang := range i18n.Languages() {
		if n > 0 {
			b.WriteString("\n--\n\n")
		}
		b.WriteString(i18n.New(lang).T("linkpage.readme"))
	}
	return []byte(b.String())
}

func shareHead(p *i18n.Printer, title string) head {
	sum := sha256.Sum256([]byte(pageStyle))
	return head{Lang: p.Lang(), Title: title, Style: template.CSS(pageStyle),
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"}
}

func shareTemplate(p *i18n.Printer, name string, data any) ([]byte, error) {
	t, err := template.New("share").Funcs(template.FuncMap{
		"t":     func(key string, args ...any) string { return p.T(key, args...) },
		"plain": Plain,
	}).Parse(shareText)
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	return b.Bytes(), nil
}
