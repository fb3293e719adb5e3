package i18n

import (
	_ "embed" // the texts
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

var (
	//go:embed messages/nb.json
	bokmål string
	//go:embed messages/nn.json
	nynorsk string
	//go:embed messages/en.json
	english string
)

// Languages returns the languages that there are texts in. The last is the one
// for everybody else.
func Languages() []string { return []string{"nb", "nn", "en"} }

// Printer has the texts of one language.
type Printer struct {
	lang string
	text map[string]string
	zone *time.Location // nil: UTC
}

// New returns the texts of a language, English if there are none in it.
func New(lang string) *Printer {
	switch lang {
	case "nb":
		return &Printer{lang: lang, text: read(bokmål)}
	case "nn":
		return &Printer{lang: lang, text: read(nynorsk)}
	}
	return &Printer{lang: "en", text: read(english)}
}

// read reads a file of texts as the files are written, one text a line. Every
// run of the command waits for this, and a reader of any JSON takes ten times
// as long; a test holds the two against each other.
func read(file string) map[string]string {
	text := make(map[string]string, strings.Count(file, "\n"))
	for line := range strings.Lines(file) {
		line = strings.TrimSuffix(strings.TrimSpace(line), ",")
		if end := strings.Index(line, `": "`); end >= 0 { // else it is a brace
			text[plain(line[:end+1])] = plain(line[end+3:])
		}
	}
	return text
}

// plain returns what stands in a JSON string.
func plain(quoted string) string {
	if !strings.Contains(quoted, `\`) {
		return strings.Trim(quoted, `"`)
	}
	var text string
	if err := json.Unmarshal([]byte(quoted), &text); err != nil {
		// The files are in the program, and a test reads them all.
		panic("i18n: " + quoted + ": " + err.Error())
	}
	return text
}

// In returns a printer that writes times by the clock of a zone. Without it they
// are in UTC, as in what is read elsewhere and later.
func (p *Printer) In(zone *time.Location) *Printer {
	here := *p
	here.zone = zone
	return &here
}

// Day writes a time as people write dates, and a time of day with its zone only
// where there is one: issuers write days in their own time or in UTC.
func (p *Printer) Day(t time.Time) string {
	here := t.UTC()
	if p.zone != nil {
		here = t.In(p.zone)
	}
	for _, t := range []time.Time{t.UTC(), here} {
		if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
			return t.Format(time.DateOnly)
		}
	}
	return here.Format("2006-01-02 15:04 MST")
}

// Lang returns the language.
func (p *Printer) Lang() string { return p.lang }

// T returns the text of a key, with values put in as by fmt.Sprintf. A key
// without a text comes back as it is, so that it is seen.
func (p *Printer) T(key string, args ...any) string {
	text, ok := p.text[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Has reports whether there is a text for a key.
func (p *Printer) Has(key string) bool {
	_, ok := p.text[key]
	return ok
}

// Named returns the text of a name from a vocabulary, and the name itself where
// there is none. Prefix is the vocabulary, such as "achievement-type.".
func (p *Printer) Named(prefix, name string) string {
	if p.Has(prefix + name) {
		return p.T(prefix + name)
	}
	return name
}

// Code returns the text of a reason code: of the fine code if it has one of
// its own, else of the coarse one. Prefix is "reason." or "next.".
func (p *Printer) Code(prefix, code string) string {
	if p.Has(prefix + code) {
		return p.T(prefix + code)
	}
	coarse, _, _ := strings.Cut(code, "/")
	if p.Has(prefix + coarse) {
		return p.T(prefix + coarse)
	}
	return ""
}

// Next returns the next step of a code for somebody whose step is another than
// that of who verifies: "api" for a program that asks a server, "own" for who
// keeps the credential. A text of the finer code goes before one of the coarse.
func (p *Printer) Next(who, code string) string {
	coarse, _, _ := strings.Cut(code, "/")
	for _, key := range []string{"next." + who + "." + code, "next." + code, "next." + who + "." + coarse} {
		if p.Has(key) {
			return p.T(key)
		}
	}
	return p.Code("next.", code)
}

// Find returns the one of Languages that a name means, such as nb, nn-NO or
// en_GB.UTF-8, and false if there is none. "no" means nb.
func Find(name string) (string, bool) {
	lang := strings.ToLower(name)
	if cut := strings.IndexAny(lang, "_-.@"); cut >= 0 {
		lang = lang[:cut]
	}
	if lang == "no" {
		lang = "nb"
	}
	return lang, slices.Contains(Languages(), lang)
}

// Choose returns the language to use: what the caller asked for, else what
// the environment says. What there are no texts in means en.
func Choose(asked string, getenv func(string) string) string {
	for _, value := range []string{asked, getenv("BEVIS_LANG"), getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG")} {
		if value == "" {
			continue
		}
		if lang, ok := Find(value); ok {
			return lang
		}
		break
	}
	return "en"
}
