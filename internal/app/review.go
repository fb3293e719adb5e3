package app

import (
	"context"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/review"
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
	"github.com/kompetansebevis/bevis/wallet"
)

// ReviewRequest is a review to be made from a wallet.
type ReviewRequest struct {
	Course     string // ref
	Credential string // id of the wallet's item for completing it
	Rating     int
	Text       string
	Language   string
	Operator   string // who collects the reviews
	Suite      string
}

// ReviewMake signs a review for one operator. It stands in the wallet's share
// log before the bytes are returned.
func (a *App) ReviewMake(ctx context.Context, w *wallet.Wallet, r ReviewRequest) ([]byte, wallet.Share, error) {
	item, err := w.Item(r.Credential)
	if err != nil {
		return nil, wallet.Share{}, err
	}
	suite, err := a.suites.Suite(proof.ID(r.Suite))
	if err != nil {
		return nil, wallet.Share{}, err
	}
	now := a.cfg.Now().UTC()
	c := review.Content{Course: r.Course, Rating: r.Rating, Text: r.Text, Language: r.Language, Day: catalogue.Date(now.Format("2006-01-02"))}
	if c.Proof, err = w.ProvePseudonym(ctx, item.ID, review.Alpha(r.Course)); err != nil {
		return nil, wallet.Share{}, err
	}
	if err := c.Check(); err != nil {
		return nil, wallet.Share{}, err
	}
	presentation, share, err := w.Share(ctx, wallet.ShareRequest{IDs: []string{item.ID}, Audience: r.Operator, Purpose: "review of " + r.Course,
		Challenge: c.Challenge(), Expires: now.AddDate(0, 0, 14), Suite: suite})
	if err != nil {
		return nil, wallet.Share{}, err
	}
	raw, err := review.Submission{Content: c, Presentation: presentation}.JSON()
	return raw, share, err
}

// ReviewDesk is where an operator collects reviews.
type ReviewDesk struct {
	app       *App
	collector *review.Collector
	catalogue *Catalogue
	lists     map[string][]byte
}

// ReviewDesk opens the operator's reviews: a file beside its other secrets,
// since it says which credential each review stands on. Lists are status lists
// at hand, by URL.
func (a *App) ReviewDesk(c *Catalogue, operator string, lists map[string][]byte) (*ReviewDesk, error) {
	d := &ReviewDesk{app: a, catalogue: c, lists: lists}
	var err error
	d.collector, err = review.New(review.Config{Audience: operator, Verifier: d, Catalogue: c.Store, Store: wallet.NewFileStore(a.path("reviews.json")), Now: a.cfg.Now})
	return d, err
}

// Collect takes in a submission, or a withdrawal, which gives no line.
func (d *ReviewDesk) Collect(ctx context.Context, in Input) (*review.Review, error) {
	if in.Err != nil {
		return nil, in.Err
	}
	s, err := review.ParseSubmission(in.Raw)
	if err != nil {
		x, other := review.ParseWithdrawal(in.Raw)
		if other != nil {
			return nil, err
		}
		return nil, d.collector.Withdraw(ctx, x)
	}
	line, err := d.collector.Accept(ctx, s)
	if err != nil {
		return nil, err
	}
	return &line, nil
}

// ReviewsPublished is what came of publishing.
type ReviewsPublished struct {
	Swept   review.Swept         `json:"swept"`
	Courses []review.Explanation `json:"courses"`
	Reviews []review.Review      `json:"reviews"`
}

// Publish drops what was revoked, rates the catalogue's offers anew, and
// returns the public lines.
func (d *ReviewDesk) Publish(ctx context.Context) (ReviewsPublished, error) {
	var out ReviewsPublished
	var err error
	if out.Swept, err = d.collector.Sweep(ctx, d); err != nil {
		return out, err
	}
	records, err := d.collector.Records(ctx)
	if err != nil {
		return out, err
	}
	ranking := review.Rank(records, nil, d.app.cfg.Now())
	out.Courses = ranking.Courses
	if err := d.catalogue.Store.Rate(ctx, ranking.Standings); err != nil {
		return out, err
	}
	out.Reviews, err = d.collector.Publish(ctx)
	return out, err
}

// Presented implements review.Verifier.
func (d *ReviewDesk) Presented(ctx context.Context, r review.Request) (review.Presented, error) {
	holder, credentials, err := d.app.presented(ctx, d.lists, r.Raw, r.Audience, r.Challenge, r.Issuers)
	return review.Presented{Holder: holder, Credentials: credentials}, err
}

// presented judges a presentation by its holder, of credentials of those
// issuers alone.
func (a *App) presented(ctx context.Context, lists map[string][]byte, raw []byte, audience, challenge string, issuers []string) (holder string, credentials []*credential.Credential, err error) {
	v, err := a.newVerifier(issuers)
	if err != nil {
		return "", nil, err
	}
	report, err := v.Verify(ctx, verifier.Request{Raw: raw, Audience: audience, Challenge: challenge, RequireHolder: true, StatusLists: lists})
	if err != nil {
		return "", nil, err
	}
	for _, part := range report.Parts {
		credentials = append(credentials, part.Credential())
	}
	return report.Holder, credentials, nil
}

// List implements review.StatusSource.
func (d *ReviewDesk) List(ctx context.Context, issuer string, h review.Handle) (func(uint64) (bool, error), error) {
	raw, ok := d.lists[h.List]
	if !ok {
		client, err := d.app.client()
		if err != nil {
			return nil, err
		}
		if raw, _, err = (lists{client}).StatusList(ctx, h.List); err != nil {
			return nil, err
		}
	}
	v, err := d.app.newVerifier([]string{issuer})
	if err != nil {
		return nil, err
	}
	report, err := v.Verify(ctx, verifier.Request{Raw: raw})
	if err != nil {
		return nil, err
	}
	document := report.Credential().Document()
	return func(index uint64) (bool, error) {
		return status.Check(ctx, status.Entry{ListURL: h.List, Purpose: h.Purpose, Index: index, Legacy: h.Legacy}, document)
	}, nil
}

// ReviewCourse finds the course that a wallet's credential is for, in a
// catalogue.
func (a *App) ReviewCourse(ctx context.Context, w *wallet.Wallet, c *Catalogue, credential string) (string, error) {
	p, err := a.courses(ctx, w, c)
	if err != nil {
		return "", err
	}
	item, err := w.Item(credential)
	if err != nil {
		return "", err
	}
	for _, achieved := range p.Achieved {
		if achieved.Source == item.ID && achieved.Offer != "" {
			return achieved.Offer, nil
		}
	}
	return "", reason.New("review_refused/achievement", credential, "no course of this catalogue gives that credential")
}
