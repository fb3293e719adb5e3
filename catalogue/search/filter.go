package search

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/text"
	"github.com/kompetansebevis/bevis/reason"
)

// Limits of a query.
const (
	DefaultLimit = 20
	MaxLimit     = 1000
	MaxText      = 2000 // bytes of the text, and of a place
	MaxValues    = 100  // values of one condition
)

// Normal returns q with its default limit, languages in small letters and the
// place folded. Errors are usage/query with the JSON pointer of the member, or
// resource_limit/size.
func Normal(q catalogue.Query) (catalogue.Query, error) {
	switch {
	case q.Limit < 0 || q.Limit > MaxLimit:
		return q, reason.New("usage/query", "/limit", "a limit is 1 to %d", MaxLimit)
	case q.Offset < 0:
		return q, reason.New("usage/query", "/offset", "an offset is not negative")
	case q.StartFrom != "" && !q.StartFrom.Valid():
		return q, reason.New("usage/query", "/startFrom", "is no day such as 2026-08-17")
	case q.StartTo != "" && !q.StartTo.Valid():
		return q, reason.New("usage/query", "/startTo", "is no day such as 2026-08-17")
	case q.MaxPrice != nil && q.MaxPrice.Currency == "":
		return q, reason.New("usage/query", "/maxPrice/currency", "a price has a currency")
	}
	for _, m := range [...]struct {
		at   string
		size int
		max  int
	}{{"/text", len(q.Text), MaxText}, {"/place", len(q.Place), MaxText}, {"/skills", len(q.Skills), MaxValues}, {"/languages", len(q.Languages), MaxValues},
		{"/modes", len(q.Modes), MaxValues}, {"/types", len(q.Types), MaxValues}, {"/providers", len(q.Providers), MaxValues}} {
		if m.size > m.max {
			return q, reason.New(reason.LimitSize, m.at, "%d, the limit is %d", m.size, m.max)
		}
	}
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	q.Place = text.Fold(strings.TrimSpace(q.Place))
	q.Languages = slices.Clone(q.Languages)
	for i, l := range q.Languages {
		q.Languages[i] = strings.ToLower(l)
	}
	return q, nil
}

// Run is one time and place at which an offer can be taken, with what its runs
// leave to the offer filled in.
type Run struct {
	Place string // folded
	Mode  catalogue.Mode
	Start catalogue.Date
}

// RunsOf returns the runs of an offer; an offer without runs has one, of which
// the start is not told.
func RunsOf(o catalogue.Offer) []Run {
	if len(o.Runs) == 0 {
		return []Run{{Place: text.Fold(o.Place), Mode: o.Mode}}
	}
	runs := make([]Run, len(o.Runs))
	for i, r := range o.Runs {
		runs[i] = Run{text.Fold(r.Place), r.Mode, r.Start}
		if r.Place == "" {
			runs[i].Place = text.Fold(o.Place)
		}
		if r.Mode == "" {
			runs[i].Mode = o.Mode
		}
	}
	return runs
}

// LanguageKeys returns the languages by which an offer taught in these is
// found: "nb-NO" by itself, by "nb" and by "no", and what is only said to be
// Norwegian by both written languages.
func LanguageKeys(languages []string) []string {
	var keys []string
	for _, l := range languages {
		l = strings.ToLower(l)
		for {
			keys = append(keys, l)
			at := strings.LastIndexByte(l, '-')
			if at < 0 {
				break
			}
			l = l[:at]
		}
		switch l {
		case "nb", "nn":
			keys = append(keys, "no")
		case "no":
			keys = append(keys, "nb", "nn")
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// FactsOf returns what an offer tells in other ways than by text, in the words
// with which people ask for it.
func FactsOf(o catalogue.Offer) (words []string) {
	for _, r := range RunsOf(o) {
		if r.Mode == catalogue.Online {
			words = append(words, "online", "nettkurs", "nettstudium", "fjernundervisning")
			break
		}
	}
	if o.Price != nil && o.Price.Amount == 0 {
		words = append(words, "gratis", "free")
	}
	return words
}

// Facet is one value under one of the names that Results.Facets has.
type Facet struct{ Name, Value string }

// FacetsOf returns what an offer counts for.
func FacetsOf(o catalogue.Offer) []Facet {
	facets := []Facet{{"provider", o.Provider}}
	if o.Type != "" {
		facets = append(facets, Facet{"type", string(o.Type)})
	}
	if o.Level.EQF > 0 {
		facets = append(facets, Facet{"eqf", string(rune('0' + o.Level.EQF))})
	}
	for _, l := range o.Languages {
		facets = append(facets, Facet{"language", l})
	}
	for _, r := range RunsOf(o) {
		if r.Mode != "" {
			facets = append(facets, Facet{"mode", string(r.Mode)})
		}
	}
	slices.SortFunc(facets, func(a, b Facet) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Value, b.Value)
	})
	return slices.Compact(facets)
}

// meets tells whether an offer meets the conditions of a normal query other
// than its text and skills.
func (d *document) meets(q *catalogue.Query) bool {
	o := &d.listing.Offer
	switch {
	case len(q.Types) > 0 && !slices.Contains(q.Types, o.Type),
		len(q.Providers) > 0 && !slices.Contains(q.Providers, o.Provider),
		q.MaxPrice != nil && (o.Price == nil || o.Price.Currency != q.MaxPrice.Currency || o.Price.Amount > q.MaxPrice.Amount),
		q.MinCredits > 0 && (o.Credits == nil || o.Credits.Value < q.MinCredits),
		q.MaxCredits > 0 && (o.Credits == nil || o.Credits.Value > q.MaxCredits),
		q.MinEQF > 0 && o.Level.EQF < q.MinEQF,
		q.MaxEQF > 0 && (o.Level.EQF == 0 || o.Level.EQF > q.MaxEQF),
		len(q.Languages) > 0 && !slices.ContainsFunc(d.languages, func(l string) bool { return slices.Contains(q.Languages, l) }):
		return false
	}
	if len(q.Modes) == 0 && q.Place == "" && q.StartFrom == "" && q.StartTo == "" {
		return true
	}
	return slices.ContainsFunc(d.runs, func(r Run) bool {
		return (len(q.Modes) == 0 || slices.Contains(q.Modes, r.Mode)) && strings.Contains(r.Place, q.Place) &&
			(q.StartFrom == "" || r.Start >= q.StartFrom) && (q.StartTo == "" || r.Start != "" && r.Start <= q.StartTo)
	})
}
