package value

import (
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
)

func TestPrice(t *testing.T) {
	t.Parallel()
	type price struct {
		amount   float64
		currency string
		asIs     bool
	}
	for s, want := range map[string]price{
		"kr 4 900,-": {4900, "NOK", true}, "4.900,00": {4900, "", true}, "4900 NOK": {4900, "NOK", true}, "0": {0, "", true}, "Gratis": {0, "", true}, "Free": {0, "", true},
		"4 900": {4900, "", true}, "4 900 kr": {4900, "NOK", true}, "1.234.567": {1234567, "", true}, "12,5": {12.5, "", true}, "1,234.50 EUR": {1234.5, "EUR", true},
		"€ 99.90": {99.9, "EUR", true}, "$1,200": {1200, "USD", true}, "fra 900 kr": {900, "NOK", false}, "4900,-": {4900, "NOK", true}, "990.00": {990, "", true}, "0.125": {0.125, "", true},
		"3 200,00 kroner": {3200, "NOK", true}, "4'900": {4900, "", true},
	} {
		if a, c, asIs, ok := Price(s); !ok || (price{a, c, asIs}) != want {
			t.Errorf("%q: %v %v %v %v", s, a, c, asIs, ok)
		}
	}
	for _, s := range []string{"", "-5", "4900-5900", "etter avtale", "1.2.3", "1,23,456", "1.234,567,8", "NaN", "1e5", ",", "kr", "2000000000", "1.2345,6", "12.34,567.8"} {
		if a, c, _, ok := Price(s); ok {
			t.Errorf("%q: %v %v", s, a, c)
		}
	}
}

func TestWorkload(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"PT40H": "PT40H", "P40H": "PT40H", "pt40h": "PT40H", "40 timer": "PT40H", "40t": "PT40H", "2,5 timer": "PT2.5H", "3 dager": "P3D", "6 veker": "P6W",
		"90 min": "PT90M", "1 år": "P1Y", "2 måneder": "P2M", "1 hour": "PT1H", "P1W": "P1W", "40 Hours": "PT40H", "40 timer.": "PT40H"} {
		got, asWritten, ok := Workload(s)
		if !ok || got != want || asWritten != (s == want) {
			t.Errorf("%q: %q %v %v", s, got, asWritten, ok)
		}
	}
	for _, s := range []string{"", "40", "timer", "3-5 timer", "03:30", "40 timer per uke", "P", "P40X", "-3 timer", "0 timer"} {
		if got, _, ok := Workload(s); ok {
			t.Errorf("%q: %q", s, got)
		}
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]catalogue.Date{"2026-08-17": "2026-08-17", "2026-8-17": "2026-08-17", "17.08.2026": "2026-08-17", "17.8.2026": "2026-08-17", "17/08/2026": "2026-08-17",
		"2026-08-17T09:00:00+02:00": "2026-08-17", "2026-08-17T22:00:00Z": "2026-08-17", "2026-08-17 09:00": "2026-08-17", "20260817": "2026-08-17", "17. august 2026": "2026-08-17",
		"Aug 17, 2026": "2026-08-17", "17 okt 2026": "2026-10-17", "2026-08-17T09:00": "2026-08-17"} {
		if got, _, ok := Date(s); !ok || got != want {
			t.Errorf("%q: %q %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "2027-04", "31.02.2027", "snart", "17.08.26", "08/17/2026", "2026-08-17Tx", "0000-00-00", "2026"} {
		if got, _, ok := Date(s); ok {
			t.Errorf("%q: %q", s, got)
		}
	}
}

func TestMode(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]catalogue.Mode{"online": catalogue.Online, "Online": catalogue.Online, "ONLINE": catalogue.Online, "https://schema.org/OnlineEventAttendanceMode": catalogue.Online,
		"Nett med samlinger": catalogue.Blended, "hybrid": catalogue.Blended, "Stadleg": catalogue.Onsite, "On-site": catalogue.Onsite, "http://data.europa.eu/snb/learning-assessment/9191af2ed9": catalogue.Onsite} {
		if got, ok := Mode(s); !ok || got != want {
			t.Errorf("%q: %q", s, got)
		}
	}
	if m, ok := Mode("full-time"); ok {
		t.Error(m)
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"Norsk": "no", "no": "no", "nb-NO": "nb", "English": "en", "nynorsk": "nn", "http://publications.europa.eu/resource/authority/language/NOB": "nb", "EN": "en", "sr-Latn": "sr-Latn", "nn_NO": "nn"} {
		if got, ok := Language(s); !ok || got != want {
			t.Errorf("%q: %q %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "volapük", "und", "en eller to", "x"} {
		if got, ok := Language(s); ok {
			t.Errorf("%q: %q", s, got)
		}
	}
}

func TestOthers(t *testing.T) {
	t.Parallel()
	if n, scheme, ok := Credits("7,5 studiepoeng"); n != 7.5 || scheme != "studiepoeng" || !ok {
		t.Error(n, scheme, ok)
	}
	if n, scheme, ok := Credits("10 ECTS"); n != 10 || scheme != "ECTS" || !ok {
		t.Error(n, scheme, ok)
	}
	for s, want := range map[string]int{"5": 5, "EQF 5": 5, "EQF level 7": 7, "http://data.europa.eu/snb/eqf/6": 6, "eqf4": 4} {
		if n, ok := EQF(s); !ok || n != want {
			t.Error(s, n)
		}
	}
	for _, s := range []string{"", "9", "0", "NKR 5.1", "Master"} {
		if n, ok := EQF(s); ok {
			t.Error(s, n)
		}
	}
	if s := Skill("https://data.europa.eu/esco/skill/x"); s != "http://data.europa.eu/esco/skill/x" || Skill("http://data.europa.eu/esco/occupation/x") != "" || Skill("data.europa.eu/esco/skill/x") != "" {
		t.Error(s)
	}
	for s, want := range map[string]string{"a <b>b</b>&amp;c": "a b&c", "<p>x</p>\n\n<p>y</p>": "x\ny", "1 < 2 & 3": "1 < 2 & 3", "<script>alert(1)</script>hei": "hei", "  a\t b \n c ": "a b\nc", "R&D": "R&D"} {
		if got := Plain(s); got != want {
			t.Errorf("%q: %q", s, got)
		}
	}
	if Country("NOR") != "NO" || Country("NO") != "NOR" || Country("XX") != "" || Slug("Å lære, 2!") != "å-lære-2" || Slug("…") == Slug("???") || len(Slug(string(make([]byte, 900)))) > 80 {
		t.Error(Slug("Å lære, 2!"), Slug("…"))
	}
}

// FuzzValues: whatever is read is a value that an offer can have.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"kr 4 900,-", "P40H", "17.08.2026", "7,5 studiepoeng", "<p>a</p>", "nb-NO", "40 timer", "1.234,50"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o := catalogue.Offer{ID: "x", Provider: "p", Title: catalogue.Texts{"nb": "x"}}
		if a, _, _, ok := Price(s); ok {
			o.Price = &catalogue.Price{Amount: a, Currency: "NOK"}
		}
		if w, _, ok := Workload(s); ok {
			o.Workload = w
		}
		if d, _, ok := Date(s); ok {
			o.Runs = []catalogue.Run{{Start: d}}
		}
		if n, scheme, ok := Credits(s); ok && scheme != "" {
			o.Credits = &catalogue.Credits{Value: n, Scheme: scheme}
		}
		o.Level.EQF, _ = EQF(s)
		o.Mode, _ = Mode(s)
		o.Type, _ = Type(s)
		if err := o.Check(); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		Language(s)
		ProviderID(s)
		Plain(s)
		Slug(s)
		Time(s)
	})
}
