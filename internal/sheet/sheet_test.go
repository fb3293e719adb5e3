package sheet

import (
	"bytes"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/qr"
	"github.com/kompetansebevis/bevis/reason"
)

var words = strings.Fields("abandon ability able about above absent absorb abstract absurd abuse access accident account accuse achieve acid acoustic acquire across act action actor actress actual")

// TestRecovery reads the page in each language: the words in their order, as a
// code as well, and nothing that is fetched or run.
func TestRecovery(t *testing.T) {
	t.Parallel()
	code, err := qr.SVG(strings.Join(words, " "), qr.Config{Title: "x"})
	if err != nil {
		t.Fatal(err)
	}
	drawing := regexp.MustCompile(`<path d="[^"]*"`).Find(code)
	item := regexp.MustCompile(`<li class="word">([a-z]+)</li>`)
	key := regexp.MustCompile(`sheet\.[a-z]`)
	titles := map[string]bool{}
	for _, lang := range i18n.Languages() {
		r := Recovery{Wallet: "0123", File: `<script>"kari".bevis`, Words: words, Made: time.Date(2026, 11, 28, 23, 30, 0, 0, time.FixedZone("", -7200))}
		page, err := r.Page(i18n.New(lang))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range item.FindAllStringSubmatch(string(page), -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, words) {
			t.Errorf("%s: %v", lang, got)
		}
		if !bytes.Contains(page, drawing) {
			t.Errorf("%s: the code is not that of the words", lang)
		}
		text := html.UnescapeString(string(page))
		for _, want := range []string{`lang="` + lang + `"`, "2026-11-29", "default-src 'none'", `<script>"kari".bevis`, "0123", "slots/1-recovery.age"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: there is no %q", lang, want)
			}
		}
		for _, never := range []string{"<script", "http:", "src=", "href=", "@import", "url(", "ZgotmplZ"} {
			if bytes.Contains(bytes.ReplaceAll(page, []byte("http://www.w3.org/2000/svg"), nil), []byte(never)) {
				t.Errorf("%s: there is %q", lang, never)
			}
		}
		if m := key.Find(page); m != nil {
			t.Errorf("%s: a text is missing: %s", lang, m)
		}
		if err := wellFormed(page); err != nil {
			t.Errorf("%s: %v", lang, err)
		}
		titles[string(regexp.MustCompile(`<h1>.*</h1>`).Find(page))] = true
	}
	if len(titles) != 2 { // the same word in both forms of Norwegian
		t.Errorf("titles: %v", titles)
	}
	if _, err := (Recovery{}).Page(i18n.New("en")); reason.CodeOf(err) != reason.Usage {
		t.Errorf("no words: %v", err)
	}
}

// wellFormed holds the page against the rules for what opens and closes.
func wellFormed(page []byte) error {
	d := xml.NewDecoder(bytes.NewReader(page))
	d.AutoClose, d.Entity = xml.HTMLAutoClose, xml.HTMLEntity
	d.Strict = false // or AutoClose is not looked at
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
