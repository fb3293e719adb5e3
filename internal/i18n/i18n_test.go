package i18n

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestFiles: what is read line by line is what the JSON says.
func TestFiles(t *testing.T) {
	t.Parallel()
	for lang, file := range map[string]string{"nb": bokmål, "nn": nynorsk, "en": english} {
		var want map[string]string
		if err := json.Unmarshal([]byte(file), &want); err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		if got := New(lang).text; len(want) == 0 || !maps.Equal(got, want) {
			t.Errorf("%s: %d texts are read otherwise than as JSON, where there are %d", lang, len(got), len(want))
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New("nb")
	}
}

// TestKeySets keeps the languages level: the same keys, with the same places
// for values, and no text left empty.
func TestKeySets(t *testing.T) {
	t.Parallel()
	verbs := regexp.MustCompile(`%[a-z%]`)
	english := New("en")
	for _, lang := range Languages() {
		p := New(lang)
		if p.Lang() != lang {
			t.Errorf("%s gives %s", lang, p.Lang())
		}
		for _, key := range slices.Sorted(maps.Keys(english.text)) {
			text, ok := p.text[key]
			switch {
			case !ok:
				t.Errorf("%s lacks %s", lang, key)
			case strings.TrimSpace(text) == "":
				t.Errorf("%s: %s is empty", lang, key)
			case !slices.Equal(verbs.FindAllString(text, -1), verbs.FindAllString(english.text[key], -1)):
				t.Errorf("%s: %s has other places for values than the English one: %q", lang, key, text)
			}
		}
		for key := range p.text {
			if !english.Has(key) {
				t.Errorf("%s has %s, which English lacks", lang, key)
			}
		}
	}
}

func TestEveryCodeHasATextAndANextStep(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages() {
		p := New(lang)
		for _, code := range reason.Codes() {
			for _, prefix := range []string{"reason.", "next."} {
				if p.Code(prefix, string(code)) == "" {
					t.Errorf("%s lacks %s%s", lang, prefix, code)
				}
				if got, want := p.Code(prefix, string(code)+"/some-finer-one"), p.Code(prefix, string(code)); got != want {
					t.Errorf("a fine code of %s gives %q", code, got)
				}
			}
		}
		for key := range p.text {
			code, ok := strings.CutPrefix(key, "reason.")
			if !ok {
				continue
			}
			if !slices.Contains(reason.Codes(), reason.Code(reason.Code(code).Coarse())) {
				t.Errorf("%s: %s is the text of no code", lang, key)
			}
			if !p.Has("next." + code) {
				t.Errorf("%s: %s has no next step of its own", lang, key)
			}
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		asked string
		env   map[string]string
		want  string
	}{
		{"", nil, "en"},
		{"nb", nil, "nb"},
		{"no", nil, "nb"},
		{"nn", map[string]string{"LANG": "nb_NO.UTF-8"}, "nn"},
		{"sv", map[string]string{"LANG": "nb_NO.UTF-8"}, "en"},
		{"", map[string]string{"LANG": "nb_NO.UTF-8"}, "nb"},
		{"", map[string]string{"LANG": "no_NO"}, "nb"},
		{"", map[string]string{"LANG": "nn_NO.UTF-8", "LC_ALL": "C"}, "en"},
		{"", map[string]string{"LANG": "nb_NO", "LC_MESSAGES": "nn_NO"}, "nn"},
		{"", map[string]string{"LANG": "nb_NO", "BEVIS_LANG": "en"}, "en"},
		{"", map[string]string{"LANG": "nb-Latn@x"}, "nb"},
		{"../../etc", nil, "en"},
	} {
		if got := Choose(test.asked, func(name string) string { return test.env[name] }); got != test.want {
			t.Errorf("asked %q with %v: %s, want %s", test.asked, test.env, got, test.want)
		}
	}
}

// TestFind: a name means a language that there are texts in, or none.
func TestFind(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"nb": "nb", "NO": "nb", "no_NO": "nb", "nn-NO": "nn", "en_GB.UTF-8": "en", "EN": "en",
		"": "", "sv": "", "C": "", "nbx": "", "norsk": "", "-nb": ""} {
		if got, ok := Find(name); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %t", name, got, ok)
		}
	}
}

func TestMissingText(t *testing.T) {
	t.Parallel()
	p := New("xx")
	if p.Lang() != "en" || p.T("no.such.key", 1) != "no.such.key" || p.Code("reason.", "no_such_code/at-all") != "" {
		t.Error("a missing text is not seen")
	}
	if got := p.T("exit.0"); !strings.HasPrefix(got, "valid") {
		t.Error(got)
	}
}
