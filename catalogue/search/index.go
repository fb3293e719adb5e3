package search

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/text"
	"github.com/kompetansebevis/bevis/reason"
)

// Config says what an index knows beside the offers.
type Config struct {
	// Labels returns the labels of a skill in all languages, the preferred
	// ones first, by its URI; nil for one that is not known. Without it skills
	// are found by URI and by what outcomes say of themselves.
	Labels func(uri string) []string
	// Weight is what else there is to an offer's place among its equals: 1 for
	// nothing, less to put it further down. It is asked when the index is made;
	// without it all are equal.
	Weight func(catalogue.Offer) float32
}

// Index finds offers among those that it was made of.
type Index struct {
	config     Config
	vocabulary *vocabulary
	documents  []document
	skills     map[string][]int32 // documents by skill, ascending
	facets     []Facet            // by number
	byStanding []int32            // documents, the best reviewed first
}

type document struct {
	listing   catalogue.Listing
	languages []string
	runs      []Run
	facets    []int32
	factor    float32
}

// The fields of an offer: how much a word in it says, and how much its length
// takes from that.
const (
	fieldTitle = iota
	fieldSubjects
	fieldOutcomes
	fieldLabels
	fieldDescription
	fieldProvider
	fieldPlace
	fieldFacts
	fields
)

type field struct{ weight, length float32 }

func fieldOf(n uint8) field {
	return [fields]field{
		fieldTitle: {3, .4}, fieldSubjects: {1.8, .4}, fieldOutcomes: {1.6, .5}, fieldLabels: {.8, .4},
		fieldDescription: {1, .7}, fieldProvider: {.8, .3}, fieldPlace: {.8, .3}, fieldFacts: {.8, 0},
	}[n]
}

// version is one field of an offer in one language. Versions of a field are
// not added up: an offer says no more by saying it in two languages.
type version struct {
	field uint8
	terms []int32 // sorted
}

// New makes an index of listings, of which it keeps the slice's elements. Two
// listings must not have the same ref. Canceled is canceled.
func New(ctx context.Context, listings []catalogue.Listing, config Config) (*Index, error) {
	x := &Index{config: config, vocabulary: newVocabulary(), documents: make([]document, len(listings)), skills: map[string][]int32{}}
	sorted := slices.Clone(listings)
	slices.SortFunc(sorted, func(a, b catalogue.Listing) int { return CompareRefs(a.Offer, b.Offer) })
	facets := map[Facet]int32{}
	versions := make([][]version, len(sorted))
	var lengths, counts [fields]float64
	for n := range sorted {
		if n%256 == 0 && ctx.Err() != nil {
			return nil, reason.Wrap(reason.Canceled, "", ctx.Err())
		}
		l := &sorted[n]
		d := document{listing: *l, languages: LanguageKeys(l.Offer.Languages), runs: RunsOf(l.Offer), factor: Factor(l.Standing)}
		if config.Weight != nil {
			d.factor *= config.Weight(l.Offer)
		}
		for _, f := range FacetsOf(l.Offer) {
			id, ok := facets[f]
			if !ok {
				id = int32(len(x.facets))
				facets[f], x.facets = id, append(x.facets, f)
			}
			d.facets = append(d.facets, id)
		}
		x.documents[n] = d
		for _, o := range l.Offer.Outcomes {
			if have := x.skills[o.Skill]; o.Skill != "" && (len(have) == 0 || have[len(have)-1] != int32(n)) {
				x.skills[o.Skill] = append(have, int32(n))
			}
		}
		versions[n] = x.versions(l)
		for _, v := range versions[n] {
			lengths[v.field] += float64(len(v.terms))
			counts[v.field]++
		}
	}
	var average [fields]float32
	for f := range fields {
		average[f] = float32(lengths[f] / max(counts[f], 1))
	}
	for n := range versions {
		x.post(int32(n), versions[n], &average)
	}
	x.vocabulary.finish()
	x.byStanding = make([]int32, len(sorted))
	for n := range x.byStanding {
		x.byStanding[n] = int32(n)
	}
	slices.SortStableFunc(x.byStanding, func(a, b int32) int {
		switch fa, fb := x.documents[a].factor, x.documents[b].factor; {
		case fa > fb:
			return -1
		case fa < fb:
			return 1
		}
		return 0
	})
	return x, nil
}

// CompareRefs orders offers by ref.
func CompareRefs(a, b catalogue.Offer) int {
	if a.Provider == b.Provider {
		return strings.Compare(a.ID, b.ID)
	}
	return strings.Compare(a.Ref(), b.Ref())
}

// Factor is what a standing makes of an offer's relevance: from 0.85 to 1.15,
// and 1 for what is new and for what reviews say is as good as any.
func Factor(s catalogue.Standing) float32 {
	if s.Lower <= 0 {
		return 1
	}
	return float32(1 + .15*(min(max(s.Lower, 1), 5)-3)/2)
}

// versions takes the words of a listing.
func (x *Index) versions(l *catalogue.Listing) []version {
	o := &l.Offer
	norwegian := false
	for language := range o.Title {
		norwegian = norwegian || isNorwegian(language)
	}
	var out []version
	add := func(field uint8, norwegian bool, texts ...string) {
		v := version{field: field}
		for _, s := range texts {
			for w := range text.Tokens(s) {
				if id, ok := x.vocabulary.id(w, norwegian); ok {
					v.terms = append(v.terms, id)
				}
			}
		}
		if len(v.terms) > 0 {
			slices.Sort(v.terms)
			out = append(out, v)
		}
	}
	for _, language := range slices.Sorted(maps.Keys(o.Title)) { // in order, since numbers of words come of it
		add(fieldTitle, isNorwegian(language), o.Title[language])
	}
	for _, language := range slices.Sorted(maps.Keys(o.Description)) {
		add(fieldDescription, isNorwegian(language), o.Description[language])
	}
	outcomes := map[string][]string{}
	var labels []string
	for _, outcome := range o.Outcomes {
		for language, s := range outcome.Text {
			outcomes[language] = append(outcomes[language], s)
		}
		if x.config.Labels != nil && outcome.Skill != "" {
			labels = append(labels, x.config.Labels(outcome.Skill)...)
		}
	}
	for _, language := range slices.Sorted(maps.Keys(outcomes)) {
		add(fieldOutcomes, isNorwegian(language), outcomes[language]...)
	}
	add(fieldLabels, false, labels...)
	if n := len(out); n > 0 && out[n-1].field == fieldLabels { // many labels say one thing
		out[n-1].terms = slices.Compact(out[n-1].terms)
	}
	add(fieldSubjects, norwegian, o.Subjects...)
	for _, language := range slices.Sorted(maps.Keys(l.Provider.Name)) {
		add(fieldProvider, false, l.Provider.Name[language])
	}
	places := []string{o.Place}
	for _, r := range o.Runs {
		if !slices.Contains(places, r.Place) {
			places = append(places, r.Place)
		}
	}
	add(fieldPlace, false, places...)
	add(fieldFacts, false, FactsOf(*o)...)
	return out
}

func isNorwegian(language string) bool {
	return language != "en" && !strings.HasPrefix(language, "en-")
}

// post adds a document to the terms that it has.
func (x *Index) post(n int32, versions []version, average *[fields]float32) {
	var best [fields]map[int32]float32
	var terms []int32
	for _, v := range versions {
		f := fieldOf(v.field)
		norm := f.weight / (1 - f.length + f.length*float32(len(v.terms))/average[v.field])
		if best[v.field] == nil {
			best[v.field] = make(map[int32]float32, len(v.terms))
		}
		for i := 0; i < len(v.terms); {
			from, id := i, v.terms[i]
			for i < len(v.terms) && v.terms[i] == id {
				i++
			}
			if w := norm * float32(i-from); w > best[v.field][id] {
				best[v.field][id] = w
				terms = append(terms, id)
			}
		}
	}
	slices.Sort(terms)
	for _, id := range slices.Compact(terms) {
		weight := float32(0)
		for f := range fields {
			weight += best[f][id] // in this order, since sums of floats depend on it
		}
		t := &x.vocabulary.terms[id]
		t.postings = append(t.postings, posting{n, weight})
	}
}
