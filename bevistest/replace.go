package bevistest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

// catalogueReplace: a newer publication is all that its provider offers, an
// older one changes nothing.
func catalogueReplace(t *testing.T, s catalogue.Store) {
	ctx := t.Context()
	p, offers := catalogueProviders()[0], catalogueOffers()
	at := func(day int) *catalogue.Signed {
		issued := time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC)
		return &catalogue.Signed{Issued: issued, Until: issued.AddDate(1, 0, 0), Key: p.ID + "#key-1", Digest: fmt.Sprint(day)}
	}
	offers[0].Workload = "PT7H"
	fresh := catalogue.Offer{ID: "ny", Provider: p.ID, Title: catalogue.Texts{"nb": "Ny"}}
	for _, c := range []struct {
		day    int
		offers []catalogue.Offer
		want   catalogue.Changes
		code   reason.Code
	}{
		{10, []catalogue.Offer{offers[0], offers[1], fresh}, catalogue.Changes{Added: 1, Changed: 1, Same: 1, Removed: 1}, ""},
		{10, []catalogue.Offer{offers[0], offers[1], fresh}, catalogue.Changes{Same: 3}, ""},
		{9, offers[:1], catalogue.Changes{}, "publication_refused/older"},
		{12, offers[3:4], catalogue.Changes{}, "offer_invalid/provider"},
		{11, offers[:1], catalogue.Changes{Same: 1, Removed: 2}, ""},
		{10, []catalogue.Offer{fresh}, catalogue.Changes{}, "publication_refused/older"},
		{12, nil, catalogue.Changes{Removed: 1}, ""},
	} {
		p.Signed = at(c.day)
		if got, err := s.Replace(ctx, p, c.offers); got != c.want || reason.CodeOf(err) != c.code {
			t.Errorf("day %d: %+v %v, want %+v", c.day, got, err, c.want)
		}
	}
	if p.Signed = nil; reason.CodeOf(func() error { _, err := s.Replace(ctx, p, nil); return err }()) != "publication_refused/unsigned" {
		t.Error("offers without a publication take the place of those with one")
	}
	if r, err := s.Search(ctx, catalogue.Query{}); err != nil || !slices.Equal(refs(r), []string{"did:web:b.example#stumt", "did:web:b.example#sveis"}) {
		t.Errorf("another's offers: %v %v", refs(r), err)
	}
	// What is kept of the publication comes back with the offers, and is not
	// for others to set.
	p.Signed = at(13)
	if _, err := s.Replace(ctx, p, []catalogue.Offer{fresh}); err != nil {
		t.Fatal(err)
	}
	if l, err := s.Get(ctx, fresh.Ref()); err != nil || !reflect.DeepEqual(l.Provider, p) {
		t.Errorf("%+v %v", l.Provider, err)
	}
	plain, other := p, catalogueProviders()[1]
	plain.Signed, other.Signed = nil, at(20)
	if _, err := s.Put(ctx, []catalogue.Provider{plain, other}, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Provider(ctx, p.ID); err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := s.Provider(ctx, other.ID); err != nil || got.Signed != nil {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := s.Provider(ctx, "did:web:nobody.example"); reason.CodeOf(err) != "not_found/provider" {
		t.Error(err)
	}
}
