package app

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/formats"
	"github.com/kompetansebevis/bevis/catalogue/formats/elmo"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// historyELMO is the kind of a wallet.History that is an EMREX ELMO file.
const historyELMO = "elmo"

// HistoryAdded is a file of results in a wallet.
type HistoryAdded struct {
	wallet.History
	Results  int               `json:"results"`
	Problems []formats.Problem `json:"problems,omitempty"`
}

// History tells what a file of results in a wallet says; problems are rows
// that could not be read.
func (a *App) History(ctx context.Context, h wallet.History) (elmo.Transcript, []formats.Problem, error) {
	if h.Kind != historyELMO {
		return elmo.Transcript{}, nil, reason.New("wrong_type/unknown-form", h.ID, "a later version kept it")
	}
	return elmo.Read(ctx, h.Raw(), formats.Limits{})
}

// records are the results of a wallet's files that were passed, or of which
// the file does not say otherwise. A file that a later version kept is passed
// over.
func (a *App) records(ctx context.Context, w *wallet.Wallet, c *Catalogue) ([]competence.Achieved, error) {
	histories := w.Histories()
	if len(histories) == 0 {
		return nil, nil
	}
	offers, err := c.byHost(ctx)
	if err != nil {
		return nil, err
	}
	var out []competence.Achieved
	for _, h := range histories {
		t, _, err := a.History(ctx, h)
		if reason.CodeOf(err) == reason.Canceled {
			return nil, err
		}
		for _, r := range t.Results {
			if r.Status == "" || r.Status == "passed" {
				out = append(out, competence.FromRecord(recordOf(h.ID, t, r, offers)))
			}
		}
	}
	return out, nil
}

func recordOf(source string, t elmo.Transcript, r elmo.Result, offers map[string]string) competence.Record {
	out := competence.Record{Source: source, Title: r.Title, Description: r.Description, Issuer: r.Issuer, Result: r.Grade}
	if i := slices.IndexFunc(t.Issuers, func(p catalogue.Provider) bool { return p.ID == r.Issuer }); i >= 0 {
		out.IssuerName = t.Issuers[i].Name.In()
		for _, host := range hosts(t.Issuers[i]) {
			if ref := offers[host+"#"+r.ID]; ref != "" && r.ID != "" {
				out.Offer = ref
			}
		}
	}
	if on, err := time.Parse(time.DateOnly, string(r.Date)); err == nil {
		out.On = on
	}
	if r.Credits != nil {
		out.Credits = r.Credits.Value
	}
	return out
}

// byHost finds the refs of offers by the web host of the provider and the
// offer's id, since a transcript names an institution by its domain.
func (c *Catalogue) byHost(ctx context.Context) (map[string]string, error) {
	offers := map[string]string{}
	if c.Store == nil {
		return offers, nil
	}
	err := c.Store.Each(ctx, func(l catalogue.Listing) error {
		for _, host := range hosts(l.Provider) {
			offers[host+"#"+l.Offer.ID] = l.Offer.Ref()
		}
		return nil
	})
	return offers, err
}

// hosts are the web hosts that a provider is known by.
func hosts(p catalogue.Provider) []string {
	var out []string
	for _, address := range []string{p.URL, p.ID} {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			out = append(out, strings.TrimPrefix(strings.ToLower(u.Host), "www."))
		}
	}
	if host, ok := strings.CutPrefix(p.ID, "did:web:"); ok && !strings.Contains(host, ":") {
		out = append(out, strings.ToLower(host))
	}
	return out
}
