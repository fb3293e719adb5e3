package text_test

import (
	"slices"
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
		{"leder", "ledere", "leiar", "leiarane", "leiing", "ledelse", "ledelsen", "lede"},
		{"prosjektleder", "prosjektledelse", "prosjektleiing", "prosjektleiar", "prosjektledere"},
		{"sikkerhet", "sikkerheten", "sikkerheit", "sikkerheita", "sikker"},
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
