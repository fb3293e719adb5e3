package bevistest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

// TestCatalogue is the contract of catalogue.Store. Open returns an empty
// store; it is called once for each part.
func TestCatalogue(t *testing.T, open func(t *testing.T) catalogue.Store) {
	t.Run("empty", func(t *testing.T) { catalogueEmpty(t, open(t)) })
	t.Run("put", func(t *testing.T) { cataloguePut(t, open(t)) })
	t.Run("replace", func(t *testing.T) { catalogueReplace(t, filled(t, open(t))) })
	t.Run("refused whole", func(t *testing.T) { catalogueRefused(t, open(t)) })
	t.Run("get", func(t *testing.T) { catalogueGet(t, filled(t, open(t))) })
	t.Run("each", func(t *testing.T) { catalogueEach(t, filled(t, open(t))) })
	t.Run("words", func(t *testing.T) { catalogueWords(t, filled(t, open(t))) })
	t.Run("conditions", func(t *testing.T) { catalogueConditions(t, filled(t, open(t))) })
	t.Run("facets", func(t *testing.T) { catalogueFacets(t, filled(t, open(t))) })
	t.Run("pages", func(t *testing.T) { cataloguePages(t, open(t)) })
	t.Run("standings", func(t *testing.T) { catalogueStandings(t, filled(t, open(t))) })
	t.Run("queries refused", func(t *testing.T) { catalogueQueries(t, filled(t, open(t))) })
	t.Run("canceled", func(t *testing.T) { catalogueCanceled(t, filled(t, open(t))) })
	t.Run("many at once", func(t *testing.T) { catalogueParallel(t, open(t)) })
}

const (
	escoWelding = "http://data.europa.eu/esco/skill/weld"
	escoCare    = "http://data.europa.eu/esco/skill/care"
)

func catalogueProviders() []catalogue.Provider {
	return []catalogue.Provider{
		{ID: "did:web:a.example", Name: catalogue.Texts{"nb": "Fagskolen A", "en": "A College"}, Country: "NO"},
		{ID: "did:web:b.example", Name: catalogue.Texts{"nn": "Studieforbundet B"}},
	}
}

// catalogueOffers is one offer for each condition, and what does not tell.
func catalogueOffers() []catalogue.Offer {
	const a, b = "did:web:a.example", "did:web:b.example"
	return []catalogue.Offer{
		{ID: "sveis", Provider: a, Title: catalogue.Texts{"nb": "Sveising for nybegynnere", "en": "Welding for beginners"}, Type: catalogue.Course, Mode: catalogue.Onsite,
			Description: catalogue.Texts{"nb": "Du lærer å sveise i <stål> & aluminium."}, Languages: []string{"nb"}, Place: "Mo i Rana",
			Runs:    []catalogue.Run{{Start: "2027-01-10", End: "2027-02-10"}, {Start: "2027-08-20", Place: "Ålesund"}},
			Credits: &catalogue.Credits{Value: 5, Scheme: "studiepoeng"}, Level: catalogue.Level{EQF: 4}, Price: &catalogue.Price{Amount: 4500, Currency: "NOK"},
			Outcomes: []catalogue.Outcome{{Skill: escoWelding}}, Updated: time.Date(2026, 10, 12, 8, 0, 0, 0, time.UTC)},
		{ID: "pleie", Provider: a, Title: catalogue.Texts{"nb": "Sykepleie i hjemmet"}, Type: catalogue.Module, Mode: catalogue.Online, Languages: []string{"nn", "en"},
			Credits: &catalogue.Credits{Value: 30, Scheme: "ECTS"}, Level: catalogue.Level{EQF: 6}, Price: &catalogue.Price{Amount: 0, Currency: "NOK"},
			Outcomes: []catalogue.Outcome{{Skill: escoCare, Text: catalogue.Texts{"nb": "stelle pasienter"}}}, PartOf: []string{a + "#grad"}},
		{ID: "grad", Provider: a, Title: catalogue.Texts{"nb": "Grad i omsorg"}, Type: catalogue.Programme, Mode: catalogue.Blended,
			Runs: []catalogue.Run{{Start: "2027-08-20", Mode: catalogue.Onsite, Place: "Oslo"}, {Start: "2028-01-10"}}, Price: &catalogue.Price{Amount: 100, Currency: "EUR"}},
		{ID: "sveis", Provider: b, Title: catalogue.Texts{"nn": "Sveising på verkstaden"}, Languages: []string{"no"}, Place: "Oslo"},
		{ID: "stumt", Provider: b, Title: catalogue.Texts{"und": "Keramikk"}},
	}
}

func filled(t *testing.T, s catalogue.Store) catalogue.Store {
	t.Helper()
	changes, err := s.Put(t.Context(), catalogueProviders(), catalogueOffers())
	if err != nil || changes != (catalogue.Changes{Added: 5}) {
		t.Fatal(changes, err)
	}
	return s
}

func refs(r catalogue.Results) []string {
	out := []string{}
	for _, h := range r.Hits {
		out = append(out, h.Offer.Ref())
	}
	return out
}

func catalogueEmpty(t *testing.T, s catalogue.Store) {
	if _, err := s.Get(t.Context(), "a#b"); reason.CodeOf(err).Coarse() != string(reason.NotFound) {
		t.Error(err)
	}
	for _, q := range []catalogue.Query{{}, {Text: "sveising"}, {Skills: []string{escoCare}}} {
		if r, err := s.Search(t.Context(), q); err != nil || r.Total != 0 || len(r.Hits) != 0 || len(r.Facets) != 0 {
			t.Errorf("%+v %v", r, err)
		}
	}
	if err := s.Each(t.Context(), func(catalogue.Listing) error { return errors.New("called") }); err != nil {
		t.Error(err)
	}
	if c, err := s.Put(t.Context(), nil, nil); err != nil || c != (catalogue.Changes{}) {
		t.Error(c, err)
	}
}

func cataloguePut(t *testing.T, s catalogue.Store) {
	ctx := t.Context()
	providers, offers := catalogueProviders(), catalogueOffers()
	for _, want := range []catalogue.Changes{{Added: 5}, {Same: 5}} {
		if got, err := s.Put(ctx, providers, offers); err != nil || got != want {
			t.Errorf("%+v %v, want %+v", got, err, want)
		}
	}
	offers[0].Title["nb"] = "Sveising for viderekomne" // the store has its own
	if l, err := s.Get(ctx, offers[0].Ref()); err != nil || l.Offer.Title["nb"] != "Sveising for nybegynnere" {
		t.Error(l.Offer.Title, err)
	}
	if got, err := s.Put(ctx, nil, append(offers[:2:2], catalogue.Offer{ID: "ny", Provider: providers[0].ID, Title: catalogue.Texts{"nb": "Ny"}})); err != nil || got != (catalogue.Changes{Added: 1, Changed: 1, Same: 1}) {
		t.Errorf("%+v %v", got, err)
	}
	l, err := s.Get(ctx, offers[0].Ref())
	if err != nil || !reflect.DeepEqual(l.Offer, offers[0]) || !reflect.DeepEqual(l.Provider, providers[0]) {
		t.Errorf("%+v %v", l, err)
	}
	providers[0].Name = catalogue.Texts{"nb": "Høgskolen A"}
	if got, err := s.Put(ctx, providers, nil); err != nil || got != (catalogue.Changes{}) {
		t.Errorf("%+v %v", got, err)
	}
	if l, err := s.Get(ctx, offers[0].Ref()); err != nil || l.Provider.Name["nb"] != "Høgskolen A" {
		t.Error(l.Provider, err)
	}
	for words, want := range map[string]int{"viderekomne": 1, "nybegynnere": 0, "høgskolen": 4} {
		if r, err := s.Search(ctx, catalogue.Query{Text: words}); err != nil || r.Total != want {
			t.Errorf("%s: %v %v", words, refs(r), err)
		}
	}
}

func catalogueRefused(t *testing.T, s catalogue.Store) {
	ctx := t.Context()
	providers, offers := catalogueProviders(), catalogueOffers()
	for at, code := range map[string]reason.Code{"/offers/4/provider": "offer_invalid/provider", "/offers/4/title": "offer_invalid/title", "/providers/1/name": "offer_invalid/provider"} {
		p, o := slices.Clone(providers), slices.Clone(offers)
		switch at {
		case "/offers/4/provider":
			o[4].Provider = "did:web:nobody.example"
		case "/offers/4/title":
			o[4].Title = nil
		default:
			p[1].Name = nil
		}
		if c, err := s.Put(ctx, p, o); reason.CodeOf(err) != code || reason.AtOf(err) != at || c != (catalogue.Changes{}) {
			t.Errorf("%s: %+v %v", at, c, err)
		}
		if r, err := s.Search(ctx, catalogue.Query{}); err != nil || r.Total != 0 {
			t.Errorf("%s: something was kept: %v %v", at, refs(r), err)
		}
		if _, err := s.Put(ctx, nil, offers[:1]); reason.CodeOf(err) != "offer_invalid/provider" {
			t.Errorf("%s: the provider was kept: %v", at, err)
		}
	}
}

func catalogueGet(t *testing.T, s catalogue.Store) {
	want := catalogueOffers()
	for ref, n := range map[string]int{want[0].Ref(): 0, want[3].Ref(): 3, "grad": 2, "stumt": 4} {
		if l, err := s.Get(t.Context(), ref); err != nil || !reflect.DeepEqual(l.Offer, want[n]) || l.Provider.ID != want[n].Provider {
			t.Errorf("%s: %+v %v", ref, l, err)
		}
	}
	for ref, code := range map[string]reason.Code{"sveis": "conflict/ambiguous", "nothing": "not_found/offer", "did:web:a.example": "not_found/offer", "": "not_found/offer"} {
		if _, err := s.Get(t.Context(), ref); reason.CodeOf(err) != code {
			t.Errorf("%q: %v", ref, err)
		}
	}
}

func catalogueEach(t *testing.T, s catalogue.Store) {
	want := catalogueOffers()
	slices.SortFunc(want, func(a, b catalogue.Offer) int {
		if a.Ref() < b.Ref() {
			return -1
		}
		return 1
	})
	var got []catalogue.Offer
	if err := s.Each(t.Context(), func(l catalogue.Listing) error {
		if l.Provider.ID != l.Offer.Provider {
			t.Error(l.Offer.Ref(), "has the provider", l.Provider.ID)
		}
		got = append(got, l.Offer)
		return nil
	}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	enough, n := errors.New("enough"), 0
	if err := s.Each(t.Context(), func(catalogue.Listing) error { n++; return enough }); !errors.Is(err, enough) || n != 1 {
		t.Error(n, err)
	}
}

func catalogueWords(t *testing.T, s catalogue.Store) {
	const a, b = "did:web:a.example", "did:web:b.example"
	for text, want := range map[string][]string{
		"sveising": {a + "#sveis", b + "#sveis"}, "SVEISING": {a + "#sveis", b + "#sveis"}, "aluminium": {a + "#sveis"}, "sveise": {a + "#sveis", b + "#sveis"},
		"welding": {a + "#sveis"}, "keramikk": {b + "#stumt"}, "pasienter": {a + "#pleie"}, "xyzzyqwv": {}, "…": {}, "' OR 1=1 --": {}, "!&|():*": {},
	} {
		r, err := s.Search(t.Context(), catalogue.Query{Text: text})
		got := refs(r)
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) || r.Total != len(want) {
			t.Errorf("%s: %v of %d, %v", text, got, r.Total, err)
		}
	}
	// All words before some.
	if r, err := s.Search(t.Context(), catalogue.Query{Text: "sveising verkstaden"}); err != nil || len(r.Hits) == 0 || r.Hits[0].Offer.Ref() != b+"#sveis" {
		t.Error(refs(r), err)
	}
	// What leads to a skill is found beside what the words find, and first.
	if r, err := s.Search(t.Context(), catalogue.Query{Text: "sveising", Skills: []string{escoCare}}); err != nil || r.Total != 3 || r.Hits[0].Offer.ID != "pleie" {
		t.Error(refs(r), err)
	}
	if r, err := s.Search(t.Context(), catalogue.Query{Skills: []string{escoWelding, escoCare, escoCare}}); err != nil || r.Total != 2 {
		t.Error(refs(r), err)
	}
	if r, err := s.Search(t.Context(), catalogue.Query{Text: "keramik", Limit: 1}); err != nil || r.Total != 1 {
		t.Error(refs(r), r.Read, err)
	}
}

func catalogueConditions(t *testing.T, s catalogue.Store) {
	const as, ap, ag, bs, bk = "did:web:a.example#sveis", "did:web:a.example#pleie", "did:web:a.example#grad", "did:web:b.example#sveis", "did:web:b.example#stumt"
	for _, c := range []struct {
		q    catalogue.Query
		want []string
	}{
		{catalogue.Query{}, []string{ag, ap, as, bk, bs}},
		{catalogue.Query{Languages: []string{"nb"}}, []string{as, bs}},
		{catalogue.Query{Languages: []string{"EN", "de"}}, []string{ap}},
		{catalogue.Query{Languages: []string{"no"}}, []string{ap, as, bs}},
		{catalogue.Query{Modes: []catalogue.Mode{catalogue.Online}}, []string{ap}},
		{catalogue.Query{Modes: []catalogue.Mode{catalogue.Onsite}}, []string{ag, as}},
		{catalogue.Query{Modes: []catalogue.Mode{catalogue.Blended, catalogue.Online}}, []string{ag, ap}},
		{catalogue.Query{Types: []catalogue.Type{catalogue.Module, catalogue.Programme}}, []string{ag, ap}},
		{catalogue.Query{Providers: []string{"did:web:b.example"}}, []string{bk, bs}},
		{catalogue.Query{Place: "oslo"}, []string{ag, bs}},
		{catalogue.Query{Place: "AALES"}, []string{as}},
		{catalogue.Query{Place: "rana"}, []string{as}},
		{catalogue.Query{Place: "100%_"}, []string{}},
		{catalogue.Query{MaxPrice: &catalogue.Price{Amount: 0, Currency: "NOK"}}, []string{ap}},
		{catalogue.Query{MaxPrice: &catalogue.Price{Amount: 4500, Currency: "NOK"}}, []string{ap, as}},
		{catalogue.Query{MaxPrice: &catalogue.Price{Amount: 100, Currency: "EUR"}}, []string{ag}},
		{catalogue.Query{MinCredits: 5}, []string{ap, as}},
		{catalogue.Query{MinCredits: 5.5}, []string{ap}},
		{catalogue.Query{MaxCredits: 5}, []string{as}},
		{catalogue.Query{MinEQF: 5}, []string{ap}},
		{catalogue.Query{MaxEQF: 5}, []string{as}},
		{catalogue.Query{MinEQF: 4, MaxEQF: 6}, []string{ap, as}},
		{catalogue.Query{StartFrom: "2027-08-20"}, []string{ag, as}},
		{catalogue.Query{StartFrom: "2027-08-21"}, []string{ag}},
		{catalogue.Query{StartTo: "2027-01-10"}, []string{as}},
		{catalogue.Query{StartFrom: "2027-01-11", StartTo: "2027-08-19"}, []string{}},
		// One run has to meet all that is asked of runs.
		{catalogue.Query{StartTo: "2027-02-01", Place: "ålesund"}, []string{}},
		{catalogue.Query{StartFrom: "2027-09-01", Modes: []catalogue.Mode{catalogue.Onsite}}, []string{}},
		{catalogue.Query{Text: "sveising", Place: "oslo"}, []string{bs}},
		{catalogue.Query{Skills: []string{escoCare, escoWelding}, Modes: []catalogue.Mode{catalogue.Online}}, []string{ap}},
		{catalogue.Query{Text: "sveising", MinEQF: 6}, []string{}},
	} {
		r, err := s.Search(t.Context(), c.q)
		got := refs(r)
		slices.Sort(got)
		if err != nil || !slices.Equal(got, c.want) || r.Total != len(c.want) {
			t.Errorf("%+v: %v of %d, %v; want %v", c.q, got, r.Total, err, c.want)
		}
	}
}

func catalogueFacets(t *testing.T, s catalogue.Store) {
	want := map[string]map[string]int{
		"mode": {"onsite": 2, "online": 1, "blended": 1}, "language": {"nb": 1, "nn": 1, "en": 1, "no": 1}, "type": {"course": 1, "module": 1, "programme": 1},
		"provider": {"did:web:a.example": 3, "did:web:b.example": 2}, "eqf": {"4": 1, "6": 1},
	}
	if r, err := s.Search(t.Context(), catalogue.Query{Limit: 1}); err != nil || r.Total != 5 || !reflect.DeepEqual(r.Facets, want) {
		t.Errorf("%v %v", r.Facets, err)
	}
	r, err := s.Search(t.Context(), catalogue.Query{Text: "sveising", Place: "Oslo", Offset: 7})
	if want := map[string]map[string]int{"language": {"no": 1}, "provider": {"did:web:b.example": 1}}; err != nil || r.Total != 1 || len(r.Hits) != 0 || !reflect.DeepEqual(r.Facets, want) {
		t.Errorf("%v %v", r, err)
	}
}

func cataloguePages(t *testing.T, s catalogue.Store) {
	var offers []catalogue.Offer
	for n := range 130 {
		offers = append(offers, catalogue.Offer{ID: fmt.Sprintf("k%03d", n), Provider: "did:web:a.example", Title: catalogue.Texts{"nb": []string{"Kokk", "Kokk på nett"}[n%2]}})
	}
	if _, err := s.Put(t.Context(), catalogueProviders(), offers); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "kokk"} {
		whole, err := s.Search(t.Context(), catalogue.Query{Text: text, Limit: 1000})
		if err != nil || len(whole.Hits) != 130 {
			t.Fatal(len(whole.Hits), err)
		}
		for n := 1; n < len(whole.Hits); n++ {
			a, b := whole.Hits[n-1], whole.Hits[n]
			if a.Score < b.Score || a.Score == b.Score && a.Offer.Ref() >= b.Offer.Ref() {
				t.Errorf("%q: %s (%v) before %s (%v)", text, a.Offer.ID, a.Score, b.Offer.ID, b.Score)
			}
		}
		var all []string
		for offset := 0; offset < 140; offset += 20 {
			r, err := s.Search(t.Context(), catalogue.Query{Text: text, Offset: offset})
			if err != nil || r.Total != 130 || len(r.Hits) != min(20, max(0, 130-offset)) {
				t.Error(offset, r.Total, len(r.Hits), err)
			}
			all = append(all, refs(r)...)
		}
		if !slices.Equal(all, refs(whole)) {
			t.Errorf("%q: the pages are not the whole", text)
		}
	}
}

func catalogueStandings(t *testing.T, s catalogue.Store) {
	const good, bad, fresh = "did:web:b.example#sveis", "did:web:a.example#sveis", "did:web:b.example#stumt"
	standings := map[string]catalogue.Standing{good: {Reviews: 20, Lower: 4.4, Mean: 4.7}, bad: {Reviews: 9, Lower: 1.2, Mean: 1.4}, fresh: {Reviews: 2}}
	order := func() []string {
		t.Helper()
		r, err := s.Search(t.Context(), catalogue.Query{})
		if err != nil {
			t.Fatal(err)
		}
		return refs(r)
	}
	before := order()
	if !slices.IsSorted(before) {
		t.Errorf("without standings the order is that of refs: %v", before)
	}
	if err := s.Rate(t.Context(), standings); err != nil {
		t.Fatal(err)
	}
	if got := order(); got[0] != good || got[4] != bad || !slices.IsSorted(got[1:4]) {
		t.Error(got)
	}
	for ref, want := range standings {
		if l, err := s.Get(t.Context(), ref); err != nil || l.Standing != want {
			t.Errorf("%s: %+v %v", ref, l.Standing, err)
		}
	}
	// Equal words: reviews decide.
	if r, err := s.Search(t.Context(), catalogue.Query{Skills: []string{escoWelding, escoCare}}); err != nil || len(r.Hits) != 2 || r.Hits[0].Offer.ID != "pleie" || r.Hits[1].Standing.Reviews != 9 {
		t.Error(refs(r), err)
	}
	delete(standings, bad)
	if err := s.Rate(t.Context(), standings); err != nil {
		t.Fatal(err)
	}
	if l, err := s.Get(t.Context(), bad); err != nil || l.Standing != (catalogue.Standing{}) {
		t.Errorf("%+v %v", l.Standing, err)
	}
	if _, err := s.Put(t.Context(), nil, catalogueOffers()); err != nil {
		t.Fatal(err)
	}
	if l, err := s.Get(t.Context(), good); err != nil || l.Standing != standings[good] {
		t.Errorf("an import took the standing: %+v %v", l.Standing, err)
	}
	if err := s.Rate(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := order(); !slices.Equal(got, before) {
		t.Error(got)
	}
}

func catalogueQueries(t *testing.T, s catalogue.Store) {
	for at, q := range map[string]catalogue.Query{
		"/limit": {Limit: 1001}, "/offset": {Offset: -1}, "/startFrom": {StartFrom: "2027-02-30"}, "/startTo": {StartTo: "soon"},
		"/maxPrice/currency": {MaxPrice: &catalogue.Price{Amount: 1}}, "/text": {Text: string(make([]byte, 3000))}, "/skills": {Skills: make([]string, 101)},
	} {
		if _, err := s.Search(t.Context(), q); reason.AtOf(err) != at || !slices.Contains([]reason.Code{"usage/query", reason.LimitSize}, reason.CodeOf(err)) {
			t.Errorf("%s: %v", at, err)
		}
	}
	for _, text := range []string{"\x00", "\xff\xfe", "a\x00b", string(make([]byte, 2000))} {
		if _, err := s.Search(t.Context(), catalogue.Query{Text: text, Place: text, Skills: []string{text}, Providers: []string{text}}); err != nil {
			t.Errorf("%q: %v", text[:min(len(text), 10)], err)
		}
		if _, err := s.Get(t.Context(), text); reason.CodeOf(err).Coarse() != string(reason.NotFound) {
			t.Errorf("%q: %v", text[:min(len(text), 10)], err)
		}
	}
}

func catalogueCanceled(t *testing.T, s catalogue.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, put := s.Put(ctx, nil, []catalogue.Offer{{ID: "x", Provider: "did:web:a.example", Title: catalogue.Texts{"nb": "x"}}})
	_, get := s.Get(ctx, "grad")
	_, search := s.Search(ctx, catalogue.Query{})
	for name, err := range map[string]error{"Put": put, "Get": get, "Search": search,
		"Rate": s.Rate(ctx, map[string]catalogue.Standing{"did:web:a.example#grad": {Reviews: 1}}), "Each": s.Each(ctx, func(catalogue.Listing) error { return nil })} {
		if reason.CodeOf(err).Coarse() != string(reason.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r, err := s.Search(t.Context(), catalogue.Query{}); err != nil || r.Total != 5 || r.Hits[0].Standing.Reviews != 0 {
		t.Error("something canceled was done", r.Total, err)
	}
}

// catalogueParallel has writers of different offers, of the same ones and
// readers at the same time: nothing is lost, and nobody sees an offer without
// its provider.
func catalogueParallel(t *testing.T, s catalogue.Store) {
	ctx := t.Context()
	const writers, each = 4, 8
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			p := catalogue.Provider{ID: fmt.Sprintf("did:web:p%d.example", w), Name: catalogue.Texts{"nb": "P"}}
			for n := range each {
				offers := []catalogue.Offer{{ID: fmt.Sprint(n), Provider: p.ID, Title: catalogue.Texts{"nb": "Kurs i keramikk"}}}
				if _, err := s.Put(ctx, []catalogue.Provider{p, {ID: "did:web:all.example", Name: catalogue.Texts{"nb": fmt.Sprint(w)}}}, offers); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range each {
				r, err := s.Search(ctx, catalogue.Query{Text: "keramikk", Limit: 1000})
				if err != nil || r.Total != len(r.Hits) || slices.ContainsFunc(r.Hits, func(h catalogue.Hit) bool { return h.Provider.ID != h.Offer.Provider }) {
					t.Error(r.Total, len(r.Hits), err)
				}
				if err := s.Each(ctx, func(l catalogue.Listing) error {
					if l.Provider.ID == "" {
						t.Error("no provider")
					}
					return nil
				}); err != nil {
					t.Error(err)
				}
				if err := s.Rate(ctx, map[string]catalogue.Standing{"did:web:p0.example#0": {Reviews: 5, Lower: 4, Mean: 4}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	r, err := s.Search(ctx, catalogue.Query{Text: "keramikk", Limit: 1000})
	if err != nil || r.Total != writers*each || len(slices.Collect(maps.Keys(r.Facets["provider"]))) != writers {
		t.Error(r.Total, r.Facets, err)
	}
	if l, err := s.Get(ctx, "did:web:p0.example#0"); err != nil || l.Standing.Reviews != 5 {
		t.Error(l.Standing, err)
	}
}
