package store

import (
	"context"
	"path/filepath"
	"sync"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/search"
	"github.com/kompetansebevis/bevis/reason"
)

// Config says how a store searches.
type Config struct {
	Search search.Config
}

// Store is a catalogue.Store. What it returns shares memory with it and must
// not be changed.
type Store struct {
	config Config
	folder string // empty: in memory alone

	writing sync.Mutex // held by who changes the state
	mu      sync.Mutex // guards the fields below
	state   *state
	files   files // as they were when the state was read
}

// Memory returns an empty store in memory.
func Memory(config Config) *Store { return &Store{config: config, state: newState()} }

// Open returns the store in a folder, which must be there; its files need not.
// Errors are io, canceled, and for a damaged file those of its first bad line,
// malformed, resource_limit or offer_invalid, with file and line.
func Open(ctx context.Context, folder string, config Config) (*Store, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, reason.Wrap(reason.IO, folder, err)
	}
	s := &Store{config: config, folder: folder}
	if _, err := s.current(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// current returns the state, read anew if another process has written.
func (s *Store) current(ctx context.Context) (*state, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.folder == "" {
		return s.state, nil
	}
	now, err := look(s.folder)
	if err != nil {
		return nil, err
	}
	if s.state != nil && now.same(s.files) {
		return s.state, nil
	}
	st, err := load(ctx, s.folder)
	if err != nil {
		return nil, err
	}
	s.state, s.files = st, now
	return st, nil
}

// change makes a new state out of the present one and keeps it: f changes a
// copy and tells which files have to be written.
func (s *Store) change(ctx context.Context, f func(*state) ([]string, error)) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.folder != "" {
		unlock, err := lock(ctx, s.folder)
		if err != nil {
			return err
		}
		defer unlock()
	}
	now, err := s.current(ctx)
	if err != nil {
		return err
	}
	next := now.clone()
	names, err := f(next)
	if err != nil || len(names) == 0 {
		return err
	}
	if err := ctx.Err(); err != nil {
		return reason.Wrap(reason.Canceled, "", err)
	}
	next.finish()
	var at files
	if s.folder != "" {
		if err := next.save(s.folder, names); err != nil {
			return err
		}
		if at, err = look(s.folder); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.files = next, at
	return nil
}

// Put implements catalogue.Store.
func (s *Store) Put(ctx context.Context, providers []catalogue.Provider, offers []catalogue.Offer) (catalogue.Changes, error) {
	if err := catalogue.CheckAll(providers, offers); err != nil {
		return catalogue.Changes{}, err
	}
	var changes catalogue.Changes
	err := s.change(ctx, func(st *state) ([]string, error) {
		var names []string
		written := false
		for _, p := range providers {
			p.Signed = st.providers[p.ID].Signed
			changed, err := put(st.providers, p.ID, p)
			if err != nil {
				return nil, err
			}
			written = written || changed
		}
		if written {
			names = append(names, providersFile)
		}
		if err := putOffers(ctx, st, offers, &changes); err != nil {
			return nil, err
		}
		if changes.Added+changes.Changed > 0 {
			names = append(names, offersFile)
		}
		return names, nil
	})
	if err != nil {
		return catalogue.Changes{}, err
	}
	return changes, nil
}

// Replace implements catalogue.Store.
func (s *Store) Replace(ctx context.Context, p catalogue.Provider, offers []catalogue.Offer) (catalogue.Changes, error) {
	if err := catalogue.CheckOwn(p, offers); err != nil {
		return catalogue.Changes{}, err
	}
	var changes catalogue.Changes
	err := s.change(ctx, func(st *state) ([]string, error) {
		if err := p.Replaces(st.providers[p.ID]); err != nil {
			return nil, err
		}
		var names []string
		if changed, err := put(st.providers, p.ID, p); err != nil {
			return nil, err
		} else if changed {
			names = append(names, providersFile)
		}
		stays := make(map[string]bool, len(offers))
		for _, o := range offers {
			stays[o.Ref()] = true
		}
		for ref, o := range st.offers {
			if o.Provider == p.ID && !stays[ref] {
				delete(st.offers, ref)
				changes.Removed++
			}
		}
		if err := putOffers(ctx, st, offers, &changes); err != nil {
			return nil, err
		}
		if changes.Added+changes.Changed+changes.Removed > 0 {
			names = append(names, offersFile)
		}
		return names, nil
	})
	if err != nil {
		return catalogue.Changes{}, err
	}
	return changes, nil
}

// putOffers puts offers into a state and counts what that changed.
func putOffers(ctx context.Context, st *state, offers []catalogue.Offer, changes *catalogue.Changes) error {
	for n, o := range offers {
		if n%256 == 0 && ctx.Err() != nil {
			return reason.Wrap(reason.Canceled, "", ctx.Err())
		}
		if _, ok := st.providers[o.Provider]; !ok {
			return unknownProvider(n, o)
		}
		ref := o.Ref()
		_, had := st.offers[ref]
		changed, err := put(st.offers, ref, o)
		switch {
		case err != nil:
			return err
		case !changed:
			changes.Same++
		case had:
			changes.Changed++
		default:
			changes.Added++
		}
	}
	return nil
}

// Rate implements catalogue.Store. A standing may come before its offer.
func (s *Store) Rate(ctx context.Context, standings map[string]catalogue.Standing) error {
	return s.change(ctx, func(st *state) ([]string, error) {
		if !st.rate(standings) {
			return nil, nil
		}
		return []string{standingsFile}, nil
	})
}

// Provider implements catalogue.Store.
func (s *Store) Provider(ctx context.Context, id string) (catalogue.Provider, error) {
	st, err := s.current(ctx)
	if err != nil {
		return catalogue.Provider{}, err
	}
	p, ok := st.providers[id]
	if !ok {
		return catalogue.Provider{}, reason.New("not_found/provider", id, "there is no such provider")
	}
	return p, nil
}

// Get implements catalogue.Store.
func (s *Store) Get(ctx context.Context, ref string) (catalogue.Listing, error) {
	st, err := s.current(ctx)
	if err != nil {
		return catalogue.Listing{}, err
	}
	return st.get(ref)
}

// Search implements catalogue.Store.
func (s *Store) Search(ctx context.Context, q catalogue.Query) (catalogue.Results, error) {
	st, err := s.current(ctx)
	if err != nil {
		return catalogue.Results{}, err
	}
	index, err := st.searchable(ctx, s.config.Search)
	if err != nil {
		return catalogue.Results{}, err
	}
	return index.Search(ctx, q)
}

// Each implements catalogue.Store. What changes meanwhile is not seen.
func (s *Store) Each(ctx context.Context, f func(catalogue.Listing) error) error {
	st, err := s.current(ctx)
	if err != nil {
		return err
	}
	for _, ref := range st.refs {
		if err := ctx.Err(); err != nil {
			return reason.Wrap(reason.Canceled, "", err)
		}
		if err := f(st.listing(ref)); err != nil {
			return err
		}
	}
	return nil
}
