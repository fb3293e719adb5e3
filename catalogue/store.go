package catalogue

import "context"

// Store keeps a catalogue. Implementations are safe for concurrent use;
// bevistest.TestCatalogue is their contract.
type Store interface {
	// Put adds or replaces providers by id and offers by ref. What is there
	// already, equal, is not written. An offer whose provider is in neither
	// the call nor the store is offer_invalid/provider, and then nothing is
	// changed. Provider.Signed is no business of Put: what is kept stays, and
	// what is given is not taken.
	Put(ctx context.Context, providers []Provider, offers []Offer) (Changes, error)
	// Replace puts a provider with what is kept of its publication, and makes
	// offers, which are its own, all that it has: those of before that are not
	// among them go. A publication that may not take the place of the one that
	// is kept (Provider.Replaces) is publication_refused, and then nothing is
	// changed.
	Replace(ctx context.Context, p Provider, offers []Offer) (Changes, error)
	// Provider returns what is kept of a provider, not_found/provider if none.
	Provider(ctx context.Context, id string) (Provider, error)
	// Get returns the offer with a ref, or else the only one with that id.
	// None is not_found, several are conflict/ambiguous.
	Get(ctx context.Context, ref string) (Listing, error)
	Search(ctx context.Context, q Query) (Results, error)
	// Each calls f for all offers, by ref, until it returns an error.
	Each(ctx context.Context, f func(Listing) error) error
	// Rate sets the standing of offers; those not named lose theirs.
	Rate(ctx context.Context, standings map[string]Standing) error
}

// Changes counts what a Put or a Replace did to offers.
type Changes struct {
	Added   int `json:"added"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
	Removed int `json:"removed,omitempty"` // by a Replace
}

// Query is a search. Zero fields ask for nothing; what an offer does not tell
// does not meet a condition on it.
type Query struct {
	Text string `json:"text,omitempty"`
	// Skills are ESCO URIs; offers that lead to one are found as well, and
	// first.
	Skills    []string `json:"skills,omitempty"`
	Languages []string `json:"languages,omitempty"` // of teaching, one of
	Modes     []Mode   `json:"modes,omitempty"`     // one of
	Types     []Type   `json:"types,omitempty"`     // one of
	Providers []string `json:"providers,omitempty"` // ids, one of
	Place     string   `json:"place,omitempty"`     // part of a place's name
	MaxPrice  *Price   `json:"maxPrice,omitempty"`  // in its currency only
	// MinCredits and MaxCredits are in any scheme.
	MinCredits float64 `json:"minCredits,omitempty"`
	MaxCredits float64 `json:"maxCredits,omitempty"`
	MinEQF     int     `json:"minEQF,omitempty"`
	MaxEQF     int     `json:"maxEQF,omitempty"`
	StartFrom  Date    `json:"startFrom,omitempty"` // a run begins on this day or later
	StartTo    Date    `json:"startTo,omitempty"`   // … and not after this one
	Limit      int     `json:"limit,omitempty"`     // default 20, at most 1000
	Offset     int     `json:"offset,omitempty"`
}

// Results is a page of what a search found, best first; equal scores by ref.
type Results struct {
	Total int   `json:"total"` // how many there are in all
	Hits  []Hit `json:"hits"`
	// Facets count, over all that was found, by name ("mode", "language",
	// "type", "provider", "eqf") and value.
	Facets map[string]map[string]int `json:"facets,omitempty"`
	// Read tells how words of the text were read where they were not found as
	// written: a word and what was looked for in its place.
	Read map[string][]string `json:"read,omitempty"`
}

// Hit is one offer that was found.
type Hit struct {
	Listing
	Score float64 `json:"score"`
}
