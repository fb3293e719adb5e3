package store

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/search"
	"github.com/kompetansebevis/bevis/reason"
)

// state is the catalogue at one moment. Once finished it is not changed.
type state struct {
	providers map[string]catalogue.Provider
	offers    map[string]catalogue.Offer // by ref
	standings map[string]catalogue.Standing
	refs      []string            // sorted
	ids       map[string][]string // refs by the offer's own id

	indexing sync.Mutex
	index    *search.Index
}

func newState() *state {
	return &state{providers: map[string]catalogue.Provider{}, offers: map[string]catalogue.Offer{}, standings: map[string]catalogue.Standing{}}
}

func (st *state) clone() *state {
	return &state{providers: maps.Clone(st.providers), offers: maps.Clone(st.offers), standings: maps.Clone(st.standings)}
}

// finish makes what is looked things up by.
func (st *state) finish() {
	st.refs = slices.Sorted(maps.Keys(st.offers))
	st.ids = make(map[string][]string, len(st.refs))
	for _, ref := range st.refs {
		id := st.offers[ref].ID
		st.ids[id] = append(st.ids[id], ref)
	}
}

// put puts x in, as a copy of its own, and tells whether that changed
// anything.
func put[T any](into map[string]T, key string, x T) (changed bool, err error) {
	encoded, err := encode(x)
	if err != nil {
		return false, err
	}
	if old, ok := into[key]; ok {
		before, err := encode(old)
		if err != nil {
			return false, err
		}
		if bytes.Equal(before, encoded) {
			return false, nil
		}
	}
	var own T
	if err := json.Unmarshal(encoded, &own); err != nil {
		return false, reason.Wrap(reason.Internal, key, err)
	}
	into[key] = own
	return true, nil
}

// encode returns x as a line of its file.
func encode(x any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(x); err != nil { // a time beyond the year 9999
		return nil, reason.Wrap(reason.OfferInvalid+"/encoding", "", err)
	}
	return b.Bytes(), nil
}

// rate replaces the standings and tells whether that changed anything.
func (st *state) rate(standings map[string]catalogue.Standing) bool {
	next := make(map[string]catalogue.Standing, len(standings))
	for ref, s := range standings {
		if s != (catalogue.Standing{}) {
			next[ref] = s
		}
	}
	changed := !maps.Equal(st.standings, next)
	st.standings = next
	return changed
}

func (st *state) listing(ref string) catalogue.Listing {
	o := st.offers[ref]
	return catalogue.Listing{Offer: o, Provider: st.providers[o.Provider], Standing: st.standings[ref]}
}

func (st *state) get(ref string) (catalogue.Listing, error) {
	if _, ok := st.offers[ref]; ok {
		return st.listing(ref), nil
	}
	switch refs := st.ids[ref]; len(refs) {
	case 0:
		return catalogue.Listing{}, reason.New("not_found/offer", ref, "there is no such offer")
	case 1:
		return st.listing(refs[0]), nil
	default:
		return catalogue.Listing{}, reason.New("conflict/ambiguous", ref, "%d offers have this id, such as %s", len(refs), refs[0])
	}
}

// searchable returns the index, which the first search makes.
func (st *state) searchable(ctx context.Context, config search.Config) (*search.Index, error) {
	st.indexing.Lock()
	defer st.indexing.Unlock()
	if st.index != nil {
		return st.index, nil
	}
	listings := make([]catalogue.Listing, len(st.refs))
	for n, ref := range st.refs {
		listings[n] = st.listing(ref)
	}
	index, err := search.New(ctx, listings, config)
	if err != nil {
		return nil, err
	}
	st.index = index
	return index, nil
}

func unknownProvider(n int, o catalogue.Offer) error {
	return reason.New(reason.OfferInvalid+"/provider", "/offers/"+strconv.Itoa(n)+"/provider", "nobody told who %s is", o.Provider)
}
