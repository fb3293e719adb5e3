package text_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/text"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "kurs": "kurs", "Ål": "aal", "ÅL": "aal", "a\u030al": "aal", "A\u030Al": "aal", "lærer": "laerer", "ØKONOMI": "oekonomi",
		"Ä ö o\u0308 a\u0308": "ae oe oe ae", "naïve café cafe\u0301": "naive cafe cafe", "Áhkká čáhci ŧ": "ahkka cahci t",
		"a\u00adb\u200b": "ab", "Straße": "strasse", "Москва": "москва", "\xff": "\ufffd",
	} {
		if got := text.Fold(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"": nil, " – ": nil, "HMS-kurs, 40 timer": {"hms", "kurs", "40", "timer"}, "C++ og C# (.NET)": {"c++", "og", "c#", "net"},
		"driver's licence": {"driver", "licence"}, "driver’s": {"driver"}, "e-læring": {"e", "laering"}, "a+b #1": {"a", "b", "1"},
		"C++": {"c++"}, "s": {"s"},
	} {
		if got := text.Words(in); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestStem: within a row all words meet; no two rows do.
func TestStem(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, row := range [][]string{
		{"sykepleie", "sykepleien", "sykepleier", "sykepleiere", "sykepleieren", "sykepleierne", "sykepleiernes", "sykepleiers",
			"sjukepleie", "sjukepleia", "sjukepleiar", "sjukepleiarar", "sjukepleiarane", "sjukepleiaren"},
		{"regnskap", "regnskapet", "regnskaper", "regnskapene", "rekneskap", "rekneskapen", "rekneskapar"},
		{"regne", "regner", "regnet", "regning", "rekning", "rekne"},
		{"sveise", "sveiser", "sveising", "sveisar", "sveisere", "sveis", "sveisen", "sveisene", "sveisarane"},
		{"kurs", "kurset", "kursene", "kursa"},
		{"lærer", "lærerne", "lærar", "lærarane", "lære", "læring", "læringen", "læringa"},
		{"opplæring", "opplæringa", "opplære", "opplærer"},
		{"innføring", "innføre", "innføringen"},
		{"leder", "ledere", "leiar", "leiarane", "leiing", "ledelse", "ledelsen", "lede"},
		{"prosjektleder", "prosjektledelse", "prosjektleiing", "prosjektleiar", "prosjektledere"},
		{"sikkerhet", "sikkerheten", "sikkerheit", "sikkerheita", "sikker"},
		{"datasikkerhet", "datasikkerheten", "datasikker", "datasikkerheit"},
		{"data"}, {"energidrikk", "energidrikken"},
		{"undervisning", "undervisningen", "undervise", "underviser", "undervisninga"},
		{"utdanning", "utdanninger", "utdanningen", "utdanninga", "utdanningane", "utdanne"},
		{"bygg", "bygge", "byggje", "bygger", "bygget", "byggene", "bygging"},
		{"organisasjon", "organisere", "organisering", "organisasjonen", "organisator"},
		{"økonomi", "økonomien", "økonomisk", "økonomiske"},
		{"psykologi", "psykolog", "psykologer", "psykologisk"},
		{"skole", "skoler", "skolen", "skule", "skulen", "skular"},
		{"dokument", "dokumenter", "dokumentasjon", "dokumentere"},
		{"programmering", "programmere", "program", "programmer", "programming", "programs", "programme"},
		{"teknisk", "teknikk", "tekniker", "teknikar", "tekniske"},
		{"tegning", "tegninger", "teikning", "teikningar", "tegne"},
		{"kommunikasjon", "kommunikasjonen"},
		{"kvalitet", "kvaliteten", "kvalitets"},
		{"muntleg", "muntlig", "muntlige"},
		{"rettleiing", "rettleiar", "veileder"},
		{"løsning", "løsninger", "løysing", "løysingar", "løse"},
		{"forskning", "forsking", "forsker", "forskar", "forskere"},
		{"welding", "weld", "welder", "welds", "welders"},
		{"manage", "manager", "management", "managers", "managing"},
		{"course", "courses"},
		{"communication", "communicate", "communications", "communicating"},
		{"company", "companies"},
		{"security", "secure"},
		{"skill", "skills", "skilled"},
		{"class", "classes"},
		{"helse", "helsen", "helsa"},
		{"virus", "viruset"},
	} {
		stem := text.Stem(text.Fold(row[0]))
		for _, w := range row {
			if got := text.Stem(text.Fold(w)); got != stem {
				t.Errorf("%s stems to %s, %s to %s", row[0], stem, w, got)
			}
		}
		if other, taken := seen[stem]; taken {
			t.Errorf("%s and %s both stem to %s", row[0], other, stem)
		}
		seen[stem] = row[0]
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, w := range text.Words("regnskap føring data sikkerhet datasikkerhet kurs barn hage arbeid miljø sveis lærer utdanning informasjon ut danning opp fører kort rapport") {
		known[text.Stem(w)], known[w] = true, true
	}
	modifier := func(s string) bool { return known[s] }
	head := func(s string) bool { return known[text.Stem(s)] }
	for in, want := range map[string][]string{
		"regnskapsføring": {"regnskap", "foering"}, "datasikkerhetskurs": {"datasikkerhet", "kurs"}, "barnehager": {"barn", "hager"},
		"arbeidsmiljøkurset": {"arbeid", "miljoe", "kurset"}, "sveiserkurs": nil, "sveisekurs": {"sveis", "kurs"}, "lærerutdanninga": {"laerer", "utdanninga"},
		"informasjonssikkerhet": {"informasjon", "sikkerhet"}, "utdanning": nil, "oppføring": nil, "kurs": nil, "": nil, "førerkort": {"foerer", "kort"},
		"årsrapport": nil,
	} {
		if got := text.Split(text.Fold(in), modifier, head); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	long := strings.Repeat("kurs", 100)
	if got := text.Split(long, modifier, head); got != nil {
		t.Error(got)
	}
	if got := text.Split("kurskurskurskurskurs", modifier, head); got != nil {
		t.Error("more parts than are looked for", got)
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b        string
		limit, want int
	}{
		{"", "", 2, 0}, {"a", "", 2, 1}, {"sveising", "sveisnig", 2, 1}, {"sveising", "svesing", 1, 1}, {"sveising", "sveisinng", 2, 1},
		{"sykepleier", "sykplier", 2, 2}, {"sykepleier", "sykplier", 1, 2}, {"abc", "xyz", 2, 3}, {"ca", "abc", 3, 3}, {"abcdef", "a", 3, 4},
	} {
		if got := text.Distance(c.a, c.b, c.limit); got != c.want {
			t.Errorf("%s %s: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := text.Distance(c.b, c.a, c.limit); got != c.want {
			t.Errorf("%s %s: %d, want %d", c.b, c.a, got, c.want)
		}
	}
	for _, w := range []string{"sveising", "sveisnig", "svesing", "veising", "kurs"} {
		if d := text.Distance("sveising", w, 4); d < 4 && text.Apart(text.Letters("sveising"), text.Letters(w), d) {
			t.Errorf("%s is told apart at %d", w, d)
		}
	}
	if !text.Apart(text.Letters("sveising"), text.Letters("kurbad"), 2) {
		t.Error("nothing is told apart")
	}
	if text.Bare("maaling") != "maling" || text.Bare("laerer") != "larer" || text.Bare("kjoering") != "kjoring" || text.Bare("") != "" {
		t.Error(text.Bare("maaling"), text.Bare("laerer"), text.Bare("kjoering"))
	}
}

// FuzzText: no text makes words longer than they may be, stems and folds
// settle, and parts come from the word they are parts of.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "Ål a\u030al", "C++ c# driver's", "datasikkerhetskurs", "\xff\xfe'\u0308s", "ssssssss", "eeeeeeeeee", strings.Repeat("å", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = s[:min(len(s), 1000)]
		if folded := text.Fold(s); text.Fold(folded) != folded {
			t.Errorf("%q folds to %q and then to %q", s, folded, text.Fold(folded))
		}
		for _, w := range text.Words(s) {
			if w == "" || len(w) > 4*text.MaxWord {
				t.Errorf("%q: a word %q", s, w)
			}
			if text.Stem(w) == "" {
				t.Errorf("%q has no stem", w)
			}
			parts := text.Split(w, func(p string) bool { return len(p)%2 == 1 }, func(string) bool { return true })
			if n := len(strings.Join(parts, "")); n > len(w) {
				t.Errorf("%q: %q", w, parts)
			}
			if d := text.Distance(w, s, 2); d < 0 || d > 3 {
				t.Errorf("%q %q: %d", w, s, d)
			}
			text.Bare(w)
		}
	})
}
