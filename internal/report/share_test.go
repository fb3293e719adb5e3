package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/carrier"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/wallet"
)

var update = flag.Bool("update", false, "write the golden files")

// alone finds what would make a page run or ask for something.
var alone = regexp.MustCompile(`(?i)<script|<img|<iframe|<object|<embed|<link|<form|<base|<svg|\bsrc=|\bsrcset=|url\(|@import|\bon[a-z]+=|javascript:|http-equiv="refresh"`)

func seen() wallet.Preview {
	return wallet.Preview{Audience: "https://firma.example", Holder: "did:key:z6MkKari", Expires: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC),
		Credentials: []wallet.PreviewCredential{{ID: "k3v", Title: "Sveising på <sjø>", Fields: []wallet.Field{
			{Pointer: "/@context/0", Name: "@context", Value: "https://www.w3.org/ns/credentials/v2"},
			{Pointer: "/credentialSubject/achievement/name", Name: "credentialSubject.achievement.name", Value: "Sveising på <sjø>"},
			{Pointer: "/credentialSubject/narrative", Name: "credentialSubject.narrative", Value: "<script>alert(1)</script> \u202egnol kot"},
			{Pointer: "/evidence/0/id", Name: "evidence.id", Value: `javascript:alert("x")`},
			{Pointer: "/x/<b>", Name: "x.<b>", Value: strings.Repeat("å", maxValue+7)},
		}}}}
}

// TestSharePage: the page has what is shown, as text, and the presentation as
// its bytes; nothing in it runs or is fetched.
func TestSharePage(t *testing.T) {
	t.Parallel()
	presentation := []byte(`{"type":["VerifiablePresentation"],"x":"</a><script>"}`)
	for _, lang := range i18n.Languages() {
		page, err := SharePage(i18n.New(lang), seen(), presentation)
		if err != nil {
			t.Fatal(err)
		}
		text := string(page)
		// What a value says stands there as text.
		for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(text, -1) {
			if found := alone.FindString(tag); found != "" {
				t.Errorf("%s: there is %q in %q", lang, found, tag)
			}
		}
		if strings.Contains(pageStyle, "url(") || strings.Contains(pageStyle, "@import") {
			t.Error("the style asks for something")
		}
		for _, part := range []string{"&lt;script&gt;alert(1)", "Sveising på &lt;sjø&gt;", "https://firma.example", "did:key:z6MkKari", "2026-07-01 12:00 UTC", `lang="` + lang + `"`, "default-src &#39;none&#39;",
			"bevis verify --audience https://firma.example share.html", i18n.New(lang).T("sharepage.not-signed"), i18n.New(lang).T("preview.cut", 7)} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %q is not in it", lang, part)
			}
		}
		if strings.Contains(text, "\u202e") || strings.Contains(text, "ns/credentials/v2") || strings.Contains(text, "sharepage.") {
			t.Errorf("%s: something is in it that should not", lang)
		}
		items, err := carrier.Open(t.Context(), page, carrier.Limits{})
		if err != nil || len(items) != 1 || items[0].Kind != carrier.HTML || !bytes.Equal(items[0].Raw, presentation) {
			t.Errorf("%s: %+v, %v", lang, items, err)
		}
		if lang == "nn" {
			file := filepath.Join("testdata", "share.html")
			if *update {
				if err := os.MkdirAll("testdata", 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, page, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(file); err != nil || !bytes.Equal(want, page) {
				t.Errorf("the page is another than in %s (%v); go test -update writes it", file, err)
			}
		}
	}
	for presentation, ending := range map[string]string{"{}": "json", "eyJ.a.b~": "jwt", "\xd2\x84\x43": "cose"} {
		page, err := SharePage(i18n.New("en"), wallet.Preview{}, []byte(presentation))
		if err != nil || !bytes.Contains(page, []byte(`download="share.`+ending+`"`)) {
			t.Errorf("%q: %v", presentation, err)
		}
	}
}

// TestLinkPage: what lies beside every share is the same for all, in all
// languages, and neither runs nor asks for anything.
func TestLinkPage(t *testing.T) {
	t.Parallel()
	page, err := LinkPage()
	if err != nil {
		t.Fatal(err)
	}
	if found := alone.Find(page); found != nil {
		t.Errorf("there is %q in it", found)
	}
	readme := LinkReadme()
	for _, lang := range i18n.Languages() {
		if p := i18n.New(lang); !bytes.Contains(page, []byte(p.T("linkpage.title"))) || !bytes.Contains(page, []byte(`<section lang="`+lang+`">`)) || !bytes.Contains(readme, []byte(p.T("linkpage.readme"))) {
			t.Errorf("%s is not in it", lang)
		}
	}
	if again, err := LinkPage(); err != nil || !bytes.Equal(page, again) || !bytes.Equal(readme, LinkReadme()) {
		t.Error("two shares have two pages")
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value string
		want  int
		left  int
	}{{"", 0, 0}, {strings.Repeat("x", maxValue), maxValue, 0}, {strings.Repeat("x", maxValue+1), maxValue, 1}, {strings.Repeat("å", maxValue), 2 * maxValue, 0}, {strings.Repeat("å", maxValue+3), 2 * maxValue, 3}} {
		if got, left := Cut(test.value); len(got) != test.want || left != test.left {
			t.Errorf("%d bytes: %d, %d", len(test.value), len(got), left)
		}
	}
}
