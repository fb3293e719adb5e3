package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/reason"
)

//go:embed page.html.tmpl
var pageText string

//go:embed page.css
var pageStyle string

// fewOnPage is up to how many results are told in full. More are a table.
const fewOnPage = 20

// Page writes results as one page of HTML that stands alone: no script, no
// picture, nothing that is fetched, and a policy in it that forbids all of it.
// The page is in the language of its printer and can be printed.
type Page struct {
	w     io.Writer
	p     *i18n.Printer
	t     *template.Template
	few   []app.VerifyResult
	table bool
	codes map[string]int
	err   error
}

// NewPage returns a page that goes to w. Nothing is written before it is known
// whether there are few results.
func NewPage(w io.Writer, p *i18n.Printer) *Page {
	page := &Page{w: w, p: p, codes: map[string]int{}}
	page.t, page.err = template.New("page").Funcs(template.FuncMap{
		"t":     func(key string, args ...any) string { return p.T(key, args...) },
		"plain": Plain,
		"code":  func(prefix, code string) string { return p.Code(prefix, code) },
		"sign":  Sign, "checksign": CheckSign, "insights": func(r app.VerifyResult) []Section { return Insight(p, r) }, "achievement": Achievement, "nothing": Nothing, "kind": func(name string) string { return p.Named("achievement-type.", name) },
		"pair":        func(label, value string) [2]string { return [2]string{label, value} },
		"endorsement": func(r app.VerifyResult) string { return Endorsement(p, r) },
		"association": Association,
		"check":       func(id string) string { return p.T("check." + id) },
		"detail":      func(c app.ResultCheck) Detail { return DetailOf(p, c, false) },
	}).Parse(pageText)
	return page
}

// Add takes one result.
func (p *Page) Add(r app.VerifyResult) error {
	if p.err != nil {
		return reason.Wrap(reason.Internal, "", p.err)
	}
	if !p.table && len(p.few) < fewOnPage {
		p.few = append(p.few, r)
		return nil
	}
	if !p.table {
		p.table = true
		p.write("head", p.head())
		p.write("table", nil)
		for _, waiting := range p.few {
			p.row(waiting)
		}
		p.few = nil
	}
	p.row(r)
	return p.failed()
}

func (p *Page) failed() error { return reason.Wrap(reason.IO, "", p.err) }

// End writes what is left of the page.
func (p *Page) End(sum app.VerifySummary) error {
	if p.table {
		p.write("tableend", nil)
	} else {
		p.write("head", p.head())
		for _, r := range p.few {
			p.write("full", p.view(r, r.Input, false))
		}
	}
	p.write("foot", foot{sum, p.counts(sum), slices.Sorted(maps.Keys(p.codes)), p.codes})
	return p.failed()
}

func (p *Page) write(name string, data any) {
	if p.err == nil {
		p.err = p.t.ExecuteTemplate(p.w, name, data)
	}
}

// head is what the beginning of the page is made of.
type head struct {
	Lang   string
	Title  string
	Style  template.CSS
	Policy string
	// Generator is what it says of who wrote it, by which it is known for no document.
	Generator string
}

func (p *Page) head() head {
	sum := sha256.Sum256([]byte(pageStyle))
	title := p.p.T("page.title")
	if len(p.few) == 1 && !p.table {
		title = Verdict(p.p, p.few[0]) + " – " + Plain(p.few[0].Input)
	}
	return head{Lang: p.p.Lang(), Title: title, Style: template.CSS(pageStyle), Generator: app.ReportGenerator, Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"}
}

type foot struct {
	Sum    app.VerifySummary
	Counts []count
	Codes  []string
	Number map[string]int
}

type count struct {
	Verdict string
	Number  int
}

func (p *Page) counts(sum app.VerifySummary) []count {
	var out []count
	for _, verdict := range []string{"valid", "invalid", "undetermined", "untrusted", "not-in-force", "unreadable"} {
		if n := sum.Verdicts[verdict]; n > 0 {
			out = append(out, count{verdict, n})
		}
	}
	return out
}

// row writes a result as a row of a table.
func (p *Page) row(r app.VerifyResult) {
	for _, code := range Codes(r) {
		p.codes[code]++
	}
	p.write("row", p.view(r, r.Input, false))
}

// view is one result as the page shows it.
type view struct {
	app.VerifyResult
	Name     string
	Word     string // the verdict
	Sentence string
	Verified string // name of the issuer
	Claimed  string // what it calls itself, where that is another name
	Trusted  string // by whom
	Firm     bool   // what it says may be relied on
	Bound    string // how it is bound to whom it is about
	Next     string
	Codes    []string // why, in a table
	Shown    bool     // by its holder
	Warnings []app.ResultCheck
	Aged     bool // the age of something that was asked is known
	From     string
	Until    string
	Raw      string
	RawNote  string
	Parts    []view
}

func (p *Page) view(r app.VerifyResult, name string, part bool) view {
	v := view{VerifyResult: r, Name: name, Word: Verdict(p.p, r), Sentence: p.p.T(Sentence(r)), Next: Next(p.p, r),
		Firm: r.Verdict == "valid" || r.Verdict == "not-in-force", Bound: p.bound(r, part)}
	v.Verified, v.Claimed = Names(r)
	v.Codes, v.Shown = Codes(r), ShownByHolder(r)
	if r.Issuer != nil && Passed(r, "issuer-binding") {
		v.Trusted = TrustedBy(p.p, r)
	}
	for _, c := range r.Checks {
		if c.ID == "display" && c.Code != "" {
			v.Warnings = append(v.Warnings, c)
		}
		v.Aged = v.Aged || c.AsOf != nil
	}
	if r.Claims != nil {
		v.From, v.Until = Day(p.p, r.Claims.ValidFrom), Day(p.p, r.Claims.ValidUntil)
	}
	v.Raw, v.RawNote = p.raw(r.Document())
	for n, inner := range r.Credentials {
		v.Parts = append(v.Parts, p.view(inner, p.p.T("verify.part", n+1, len(r.Credentials)), true))
	}
	for n, inner := range r.Nested {
		v.Parts = append(v.Parts, p.view(inner, p.p.T("verify.nested", n+1, len(r.Nested)), true))
	}
	return v
}

// bound says how a document is tied to whom it is about.
func (p *Page) bound(r app.VerifyResult, part bool) string {
	switch {
	case part:
		return p.p.T("page.bound-part")
	case r.Kind == "presentation" && Passed(r, "holder-binding"):
		return p.p.T("page.bound-presented", Plain(r.Holder))
	case r.Kind == "presentation":
		return p.p.T("page.bound-not")
	case len(r.Recipient) > 0:
		return p.p.T("page.bound-recipient", Match(p.p, r.Recipient))
	case r.Kind == "credential":
		return p.p.T("page.bound-bare")
	}
	return ""
}

// raw is what there is of a document, with what would mislead made visible.
func (p *Page) raw(shown []byte, size int) (text, note string) {
	if len(shown) < size { // a character may have been cut through
		for n := range min(len(shown), utf8.UTFMax) {
			if r, width := utf8.DecodeLastRune(shown[:len(shown)-n]); r != utf8.RuneError || width > 1 {
				shown = shown[:len(shown)-n]
				break
			}
		}
	}
	switch {
	case size == 0:
		return "", ""
	case !utf8.Valid(shown):
		return "", p.p.T("page.raw-binary", size)
	case len(shown) < size:
		note = p.p.T("page.raw-cut", len(shown), size)
	}
	var b strings.Builder
	for line := range strings.Lines(string(shown)) {
		body, ended := strings.CutSuffix(line, "\n")
		b.WriteString(Plain(strings.ReplaceAll(body, "\t", "    ")))
		if ended {
			b.WriteByte('\n')
		}
	}
	return b.String(), note
}

// Day writes a time of RFC 3339 as people write dates, with a time of day only
// if there is one. What is no time comes back as it is.
func Day(p *i18n.Printer, text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return p.Day(t)
}
