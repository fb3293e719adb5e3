package app

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/charter"
	"github.com/kompetansebevis/bevis/catalogue/formats"
	"github.com/kompetansebevis/bevis/catalogue/lint"
	"github.com/kompetansebevis/bevis/catalogue/publication"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// PublishRequest is what a provider wants to publish.
type PublishRequest struct {
	Inputs []Input // any source that is imported; none: the catalogue's folder
	Folder string
	// Provider is by what id the source knows the one who publishes, if not by
	// its DID, its name or its web address.
	Provider string
	Country  string // ISO 3166-1 alpha-2, where the source does not tell
	Source   formats.Options
	Until    time.Time // zero: a year, or when the charter ends
	// LeaveOut publishes what can be read although something cannot. What is
	// left out is thereby withdrawn, so it is asked for.
	LeaveOut bool
}

// OffersPublished is what came of publishing.
type OffersPublished struct {
	Provider string            `json:"provider"`
	Issued   time.Time         `json:"issued"`
	Until    time.Time         `json:"until"`
	Charter  time.Time         `json:"charterUntil"`
	Offers   int               `json:"offers"`
	Lacking  int               `json:"lacking"` // offers that lack an element of Annex I
	Problems []formats.Problem `json:"problems,omitempty"`
	Raw      []byte            `json:"-"` // the signed file
}

// Publish signs the offers of the issuer that is set up here. On an error in
// the source the problems are returned with it.
func (a *App) Publish(ctx context.Context, r PublishRequest) (OffersPublished, error) {
	var out OffersPublished
	setup, signer, err := a.ownSigner(ctx)
	if err != nil {
		return out, err
	}
	defer signer.Close() // Sign has told what went wrong
	if r.Country != "" && (len(r.Country) != 2 || strings.Trim(strings.ToUpper(r.Country), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		return out, reason.New(reason.Usage, "--country", "give two letters, such as NO")
	}
	c, raw, err := a.CharterShow(ctx)
	if err != nil {
		return out, err
	}
	r.Source.Provider = catalogue.Provider{ID: setup.ID, Name: catalogue.Texts{"und": setup.Name}, URL: setup.URL}
	p := publication.Publication{Provider: r.Source.Provider, Until: r.Until}
	var formatOf []formats.Format
	for batch, err := range a.ownBatches(ctx, r) {
		if err != nil {
			return out, err
		}
		out.Problems = append(out.Problems, batch.Problems...)
		if err := adopt(&p, batch, setup.ID, cmp.Or(r.Provider, setup.ID)); err != nil {
			return out, err
		}
		for range batch.Offers {
			formatOf = append(formatOf, batch.Format)
		}
	}
	if n := broken(out.Problems); n > 0 && !r.LeaveOut {
		return out, reason.New(reason.PublicationRefused+"/broken", "", "%d entries cannot be read, and leaving them out would withdraw their offers", n)
	}
	if err := c.CoversAll(p.Offers); err != nil {
		return out, err
	}
	p.Provider.ID, p.Provider.Issuer, p.Provider.Charter, p.Provider.Signed = setup.ID, []string{setup.ID}, string(raw), nil
	p.Provider.Country = cmp.Or(strings.ToUpper(r.Country), p.Provider.Country)
	for i, o := range p.Offers {
		if lint.Lacks(lint.Check(catalogue.Listing{Provider: p.Provider, Offer: o}, formatOf[i])) {
			out.Lacking++
		}
	}
	slices.SortStableFunc(p.Offers, func(x, y catalogue.Offer) int { return strings.Compare(x.ID, y.ID) })
	if p.Issued, err = a.nextIssue(); err != nil {
		return out, err
	}
	if p.Until.IsZero() {
		if p.Until = p.Issued.Add(publication.DefaultValidity); p.Until.After(c.Until) {
			p.Until = c.Until // offers without a charter behind them are for the provider to ask for
		}
	}
	out.Provider, out.Issued, out.Until, out.Charter, out.Offers = setup.ID, p.Issued, p.Until, c.Until, len(p.Offers)
	if out.Raw, err = p.Sign(ctx, signer); err != nil {
		return out, err
	}
	return out, a.issuedAt(p.Issued)
}

// ownBatches reads the sources of a publication, one after the other.
func (a *App) ownBatches(ctx context.Context, r PublishRequest) func(func(formats.Batch, error) bool) {
	return func(yield func(formats.Batch, error) bool) {
		if len(r.Inputs) == 0 {
			batch, err := a.ownOffers(ctx, r)
			yield(batch, err)
			return
		}
		for _, in := range r.Inputs {
			err := in.Err
			var batch formats.Batch
			if err == nil {
				batch, err = formats.Read(ctx, in.Raw, r.Source)
			}
			if err != nil && reason.AtOf(err) == "" {
				err = reason.New(reason.CodeOf(err), in.Name, "%w", bareReason(err))
			}
			if !yield(batch, err) || err != nil {
				return
			}
		}
	}
}

// ownOffers are the provider's offers in the catalogue's folder.
func (a *App) ownOffers(ctx context.Context, r PublishRequest) (formats.Batch, error) {
	batch := formats.Batch{Format: formats.JSONLines}
	c, err := a.CatalogueOpen(ctx, r.Folder)
	if err != nil {
		return batch, err
	}
	own := []string{r.Provider, r.Source.Provider.ID}
	err = c.Store.Each(ctx, func(l catalogue.Listing) error {
		if slices.Contains(own, l.Offer.Provider) {
			batch.Offers = append(batch.Offers, l.Offer)
			if !slices.ContainsFunc(batch.Providers, func(p catalogue.Provider) bool { return p.ID == l.Provider.ID }) {
				batch.Providers = append(batch.Providers, l.Provider)
			}
		}
		return nil
	})
	if err == nil && len(batch.Offers) == 0 {
		err = reason.New("not_found/offer", r.Folder, "the catalogue has no offers of %s: name files, or say with --provider by which id it knows you", cmp.Or(r.Provider, r.Source.Provider.ID))
	}
	return batch, err
}

// adopt takes a batch's offers into a publication, under the provider's DID.
// An offer of anybody else is refused: nobody publishes for another.
func adopt(p *publication.Publication, batch formats.Batch, id, known string) error {
	own := func(provider string) bool { return provider == id || provider == known }
	for _, q := range batch.Providers {
		if own(q.ID) {
			p.Provider.Name, p.Provider.URL, p.Provider.Country = q.Name, cmp.Or(q.URL, p.Provider.URL), cmp.Or(q.Country, p.Provider.Country)
		}
	}
	ref := func(s string) string {
		if provider, offer, ok := catalogue.SplitRef(s); ok && own(provider) {
			return catalogue.Ref(id, offer)
		}
		return s
	}
	for _, o := range batch.Offers {
		if !own(o.Provider) {
			return reason.New(reason.PublicationRefused+"/provider", o.ID, "the offer is of %.200s, and %s signs", o.Provider, id)
		}
		o.Provider, o.Link = id, nil
		o.PartOf, o.Requires = slices.Clone(o.PartOf), slices.Clone(o.Requires)
		for i, s := range o.PartOf {
			o.PartOf[i] = ref(s)
		}
		for i := range o.Requires {
			o.Requires[i].Offer = ref(o.Requires[i].Offer)
		}
		p.Offers = append(p.Offers, o)
	}
	return nil
}

func broken(problems []formats.Problem) (n int) {
	for _, p := range problems {
		if p.Severity == formats.Broken {
			n++
		}
	}
	return n
}

// lastIssue is the file that says when the latest publication was issued.
type lastIssue struct {
	Issued time.Time `json:"issued"`
}

// nextIssue returns when the publication that is being made is issued: now,
// and after the one before, whatever the clock says.
func (a *App) nextIssue() (time.Time, error) {
	now := a.cfg.Now().UTC().Truncate(time.Second)
	path := a.path("issuer", "publication.json")
	raw, err := ReadFile(path)
	if reason.CodeOf(err) == reason.NotFound {
		return now, nil
	}
	if err != nil {
		return now, err
	}
	var last lastIssue
	if _, err := strictjson.ParseObject(raw, strictjson.Limits{}); err != nil {
		return now, err
	}
	if err := json.Unmarshal(raw, &last); err != nil {
		return now, reason.New(reason.MalformedJSON, path, "cannot be read")
	}
	if next := last.Issued.Add(time.Second); next.After(now) {
		return next, nil
	}
	return now, nil
}

func (a *App) issuedAt(t time.Time) error {
	raw, err := json.Marshal(lastIssue{t})
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	return a.keep(append(raw, '\n'), true, "issuer", "publication.json")
}

// importPublication takes in what a provider signed: everything is checked
// before anything is changed, and then it is all that the provider offers.
func (a *App) importPublication(ctx context.Context, in Input, o ImportOptions) (Imported, error) {
	done := Imported{Format: "publication"}
	var judge charterJudge
	p, err := publication.Open(ctx, in.Raw, func(method string) (public key.Public, err error) {
		public, judge, err = a.publisher(ctx, method, o.Issuers)
		return public, err
	})
	if err != nil {
		return done, err
	}
	now := a.cfg.Now()
	if err := p.InForce(now); err != nil {
		return done, err
	}
	declared, err := charter.Open(ctx, []byte(p.Provider.Charter), p.Provider.ID, now, judge)
	if err != nil {
		return done, err
	}
	if err := declared.CoversAll(p.Offers); err != nil {
		return done, err
	}
	c, err := a.CatalogueOpen(ctx, o.Folder)
	if err != nil {
		return done, err
	}
	changes, err := c.Store.Replace(ctx, p.Kept(declared.Until), p.Offers)
	if err == nil {
		err = a.seen(c, p.Offers)
	}
	if err != nil {
		return done, err
	}
	done.Changes, done.Provider, done.Issued, done.Until = &changes, p.Provider.ID, &p.Issued, &p.Until
	return done, nil
}

// withoutSigned leaves out of a batch what an unsigned source says of
// providers whose publication is in force, and tells so. Were it taken in,
// whoever can hand a file to a catalogue could change what a provider signed,
// and it would stand there as signed. When the publication has ended nobody
// stands for the offers any more, and any source is as good as another.
func (a *App) withoutSigned(ctx context.Context, store catalogue.Store, batch *formats.Batch) error {
	signs := map[string]bool{}
	tell := func(id string) (bool, error) {
		if _, known := signs[id]; !known {
			p, err := store.Provider(ctx, id)
			if err != nil && reason.CodeOf(err).Coarse() != string(reason.NotFound) {
				return false, err
			}
			signs[id] = p.Signed.InForce(a.cfg.Now())
		}
		return signs[id], nil
	}
	left := map[string]int{}
	var offers []catalogue.Offer
	var providers []catalogue.Provider
	for _, o := range batch.Offers {
		signed, err := tell(o.Provider)
		if err != nil {
			return err
		}
		if signed {
			left[o.Provider]++
		} else {
			offers = append(offers, o)
		}
	}
	for _, p := range batch.Providers {
		signed, err := tell(p.ID)
		if err != nil {
			return err
		}
		if signed {
			left[p.ID] += 0
		} else {
			providers = append(providers, p)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(left)) {
		batch.Problems = append(batch.Problems, formats.Problem{Offer: p, Code: reason.PublicationRefused + "/unsigned", Severity: formats.Broken,
			Message: "the provider signs its offers, and these are not signed: they are left out", Value: strconv.Itoa(left[p])})
	}
	batch.Offers, batch.Providers = offers, providers
	return nil
}
