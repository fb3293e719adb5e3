package verifier

import (
	"strings"
	"testing"
	"unicode"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/unseen"
)

// TestPlain: a text that is taken for plain must be one that nothing is said
// about, wherever it stands.
func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Grunnkurs i sveising, trinn 2 (nivå 3)": true,
		"https://kurs.example/a/1":               true,
		"ext:ESCOSkill":                          true,
		"urn:uuid:0c07c1ce":                      true,
		"Metadata: 3":                            true,
		"Kursbevis nr: 3":                        true,
		"data 1":                                 true,
		"javascript:alert(1)":                    false,
		"JavaScript:alert(1)":                    false,
		"se javascript:alert(1)":                 false,
		"data:text/html,x":                       false,
		"DATA:image/svg+xml,x":                   false,
		"<b>":                                    false,
		"![x](y)":                                false,
		"onerror=x":                              false,
		"a\u202eb":                               false,
		"a\nb":                                   false,
		"\u0430bc":                               false,
	} {
		if got := plain(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
		for _, at := range []string{"/name", "/description", "/id"} {
			if code, _ := misleading(text, at); code != "" && plain(text) {
				t.Errorf("%q at %s is %s, and is taken for plain", text, at, code)
			}
		}
	}
}

// TestUnseen: what is replaced where it is shown is also warned of, but for
// joiners in scripts that need them and lines in a text.
func TestUnseen(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		code, _ := misleading("a"+string(r)+"b", "/description")
		if allowed := r == '\n' || r == '\t' || r == '\r'; unseen.Is(r) && !allowed != (code != "") {
			t.Errorf("%U: %q", r, code)
		}
	}
	for _, text := range []string{"\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f469\u200d\U0001f393"} {
		if code, detail := misleading(text, "/name"); code != "" {
			t.Errorf("%q: %s, %s", text, code, detail)
		}
	}
}

// TestManyMislead: thousands of texts of one kind are counted, and the one of
// another kind is told.
func TestManyMislead(t *testing.T) {
	t.Parallel()
	doc, err := strictjson.ParseObject([]byte(`{"name":[`+strings.Repeat("\"a\u202eb\",", 3000)+`"a"],"description":"javascript:alert(1)"}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	j := &judgement{report: &Report{}}
	j.display(doc)
	more, places := 0, map[string]bool{}
	for _, c := range j.report.Checks {
		if places[c.At] = true; c.Note == NoteMoreMisleads {
			more++
			if c.Detail != "2980 more texts are like these" {
				t.Error(c.Detail)
			}
		}
	}
	if len(j.report.Checks) != maxMisleading+2 || more != 1 || !places["/description"] {
		t.Errorf("%d checks, %d that count", len(j.report.Checks), more)
	}
}

// TestJustNotTooManyMislead: where every text that misleads was told there are no
// more.
func TestJustNotTooManyMislead(t *testing.T) {
	t.Parallel()
	doc, err := strictjson.ParseObject([]byte(`{"name":[`+strings.Repeat("\"a\u202eb\",", maxMisleading)+`"a"]}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	j := &judgement{report: &Report{}}
	if j.display(doc); len(j.report.Checks) != maxMisleading {
		t.Errorf("%d checks: %+v", len(j.report.Checks), j.report.Checks[len(j.report.Checks)-1])
	}
}
