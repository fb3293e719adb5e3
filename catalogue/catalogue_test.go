package catalogue

import (
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]float64{"PT40H": 40, "P1W": 37.5, "P2DT3H30M": 18.5, "P1Y": 1950, "PT0.5H": 0.5, "P1M": 162.5, "PT90M": 1.5} {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("%s: %v %v", s, got, err)
		}
	}
	for _, s := range []string{"", "P", "PT", "40", "P40H", "PT40", "PT1D", "P1D2W", "PT1H1H", "P1DT", "PTT1H", "P1H", "P-1D", "P1.2.3D", "pt40h", "P1t"} {
		if got, err := ParseDuration(s); err == nil {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := Offer{ID: "s1", Provider: "did:web:kurs.example", Title: Texts{"nb": "Sveising"}, Mode: Online, Type: Module,
		Runs: []Run{{Start: "2026-08-17", End: "2026-08-17"}}, Workload: "PT40H", Credits: &Credits{7.5, "ECTS"},
		Price: &Price{0, "NOK"}, PartOf: []string{"did:web:kurs.example#hele"}, URL: "https://kurs.example/s1"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for at, change := range map[string]func(*Offer){
		"/id": func(o *Offer) { o.ID = "" }, "/provider": func(o *Offer) { o.Provider = "a#b" },
		"/title": func(o *Offer) { o.Title = Texts{"nb": ""} }, "/mode": func(o *Offer) { o.Mode = "P40H" },
		"/type": func(o *Offer) { o.Type = "x" }, "/runs/0/end": func(o *Offer) { o.Runs = []Run{{Start: "2026-08-17", End: "2026-08-16"}} },
		"/runs/0/start": func(o *Offer) { o.Runs = []Run{{Start: "2026-02-30"}} }, "/workload": func(o *Offer) { o.Workload = "40 timer" },
		"/credits": func(o *Offer) { o.Credits = &Credits{} }, "/price": func(o *Offer) { o.Price = &Price{-1, "NOK"} },
		"/url": func(o *Offer) { o.URL = "javascript:alert(1)" }, "/level/eqf": func(o *Offer) { o.Level.EQF = 9 },
		"/partOf/0": func(o *Offer) { o.PartOf = []string{o.Ref()} }, "/description/nb": func(o *Offer) { o.Description = Texts{"nb": strings.Repeat("x", MaxText+1)} },
		"/subjects": func(o *Offer) { o.Subjects = make([]string, MaxItems+1) },
	} {
		o := good
		change(&o)
		if err := o.Check(); reason.CodeOf(err).Coarse() != "offer_invalid" || reason.AtOf(err) != at {
			t.Errorf("%s: %v", at, err)
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	x := Texts{"en": "a", "nn": "b", "de": "c"}
	if x.In("en") != "a" || x.In() != "b" || x.In("fr", "de") != "c" || (Texts{"sv": "d", "fi": ""}).In("nb") != "d" || Texts(nil).In() != "" {
		t.Error(x.In("en"), x.In(), x.In("fr", "de"))
	}
}
