package app

import (
	"context"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats"
	"github.com/kompetansebevis/bevis/catalogue/lint"
	"github.com/kompetansebevis/bevis/reason"
)

// OffersLint is what the offers of one source do not say of the European
// standard elements.
type OffersLint struct {
	Input    string            `json:"input"`
	Format   formats.Format    `json:"format"`
	Offers   []OfferLint       `json:"offers"`
	Problems []formats.Problem `json:"problems,omitempty"`
}

// OfferLint is one offer of it. One that says everything has no findings.
type OfferLint struct {
	Ref      string          `json:"ref"`
	Title    catalogue.Texts `json:"title"`
	Findings []lint.Finding  `json:"findings"`
}

// LintOffers looks at the offers of sources, or without any at those of the
// catalogue's folder, there only of one provider if one is named.
func (a *App) LintOffers(ctx context.Context, inputs []Input, source formats.Options, folder, provider string) ([]OffersLint, error) {
	var out []OffersLint
	for _, in := range inputs {
		if in.Err != nil {
			return out, in.Err
		}
		batch, err := formats.Read(ctx, in.Raw, source)
		if err != nil {
			if reason.AtOf(err) == "" {
				err = reason.New(reason.CodeOf(err), in.Name, "%w", bareReason(err))
			}
			return out, err
		}
		providers := map[string]catalogue.Provider{}
		for _, p := range batch.Providers {
			providers[p.ID] = p
		}
		one := OffersLint{Input: in.Name, Format: batch.Format, Problems: batch.Problems, Offers: []OfferLint{}}
		for _, o := range batch.Offers {
			one.add(catalogue.Listing{Offer: o, Provider: providers[o.Provider]})
		}
		out = append(out, one)
	}
	if len(inputs) > 0 {
		return out, nil
	}
	c, err := a.CatalogueOpen(ctx, folder)
	if err != nil {
		return nil, err
	}
	one := OffersLint{Input: folder, Format: formats.JSONLines, Offers: []OfferLint{}}
	err = c.Store.Each(ctx, func(l catalogue.Listing) error {
		if provider == "" || l.Offer.Provider == provider {
			one.add(l)
		}
		return nil
	})
	if err == nil && len(one.Offers) == 0 && provider != "" {
		err = reason.New("not_found/provider", provider, "the catalogue has no offers of this provider")
	}
	return []OffersLint{one}, err
}

func (l *OffersLint) add(of catalogue.Listing) {
	findings := lint.Check(of, l.Format)
	if findings == nil {
		findings = []lint.Finding{}
	}
	l.Offers = append(l.Offers, OfferLint{Ref: of.Offer.Ref(), Title: of.Offer.Title, Findings: findings})
}
