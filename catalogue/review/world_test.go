package review_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/review"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
	"github.com/kompetansebevis/bevis/wallet"
)

const operator = "did:web:katalogen.example"

var noon = time.Date(2026, 6, 3, 12, 0, 0, 0, time.UTC)

// world is providers with their issuers, a catalogue with its collector, and
// what they have put on the web.
type world struct {
	t         *testing.T
	now       time.Time
	suites    proof.Set
	offers    map[string]catalogue.Listing
	published map[string][]byte // status lists, by URL
	offline   bool
	store     *wallet.MemoryStore
	collector *review.Collector
}

func newWorld(t *testing.T) *world {
	t.Helper()
	all, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, now: noon, suites: all, offers: map[string]catalogue.Listing{}, published: map[string][]byte{}}
	w.collector, w.store = w.open(operator)
	return w
}

// open returns the collector of an operator with a new store.
func (w *world) open(operator string) (*review.Collector, *wallet.MemoryStore) {
	w.t.Helper()
	store := &wallet.MemoryStore{}
	c, err := review.New(review.Config{Audience: operator, Verifier: w, Catalogue: w, Store: store, Now: w.clock})
	if err != nil {
		w.t.Fatal(err)
	}
	return c, store
}

func (w *world) clock() time.Time { return w.now }

func (w *world) suite(id proof.ID) proof.Suite {
	w.t.Helper()
	s, err := w.suites.Suite(id)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// Get implements review.Catalogue; as a catalogue.Store it finds an offer by
// its id alone too.
func (w *world) Get(_ context.Context, ref string) (catalogue.Listing, error) {
	if l, ok := w.offers[ref]; ok {
		return l, nil
	}
	for _, l := range w.offers {
		if l.Offer.ID == ref {
			return l, nil
		}
	}
	return catalogue.Listing{}, reason.New("not_found/offer", ref, "there is no such offer")
}

// StatusList implements verifier.StatusSource.
func (w *world) StatusList(_ context.Context, url string) ([]byte, time.Time, error) {
	list, ok := w.published[url]
	if !ok || w.offline {
		return nil, time.Time{}, reason.New("status_unavailable/fetch", url, "cannot be had")
	}
	return list, w.now, nil
}

func (w *world) verifier(issuers ...string) (*verifier.Verifier, error) {
	return verifier.New(verifier.Config{Suites: w.suites, Resolver: did.Mux{"key": did.Key{}, "jwk": did.JWK{}}, Trust: trust.Pins(issuers...), Status: w, Now: w.clock})
}

// Presented implements review.Verifier with package verifier.
func (w *world) Presented(ctx context.Context, r review.Request) (review.Presented, error) {
	v, err := w.verifier(r.Issuers...)
	if err != nil {
		return review.Presented{}, err
	}
	report, err := v.Verify(ctx, verifier.Request{Raw: r.Raw, Audience: r.Audience, Challenge: r.Challenge, RequireHolder: true})
	if err != nil {
		return review.Presented{}, err
	}
	out := review.Presented{Holder: report.Holder}
	for _, part := range report.Parts {
		out.Credentials = append(out.Credentials, part.Credential())
	}
	return out, nil
}

// List implements review.StatusSource with packages verifier and status.
func (w *world) List(ctx context.Context, issuer string, h review.Handle) (func(uint64) (bool, error), error) {
	raw, _, err := w.StatusList(ctx, h.List)
	if err != nil {
		return nil, err
	}
	v, err := w.verifier(issuer)
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

// provider makes courses and issues the credentials for them.
type provider struct {
	*world
	catalogue.Provider
	*issuer.Issuer
}

func (w *world) provider(name string) *provider {
	w.t.Helper()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		w.t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		w.t.Fatal(err)
	}
	i, err := issuer.New(issuer.Config{Profile: openbadge.Profile{ID: id, Name: name}, Signer: private.Signer(method), Suite: w.suite(dataintegrity.EdDSAJCS2022),
		Ledger: issuer.NewMemoryLedger(), Now: w.clock, StatusBase: "https://" + name + ".example/status/"})
	if err != nil {
		w.t.Fatal(err)
	}
	p := &provider{w, catalogue.Provider{ID: "did:web:" + name + ".example", Name: catalogue.Texts{"nb": name}, Issuer: []string{id}}, i}
	p.publish()
	return p
}

func (p *provider) publish() {
	p.t.Helper()
	files, err := p.Issuer.Publish(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, f := range files {
		p.published[f.URL] = f.Bytes
	}
}

// offer puts a course into the catalogue and returns its ref.
func (p *provider) offer(id string) string {
	o := catalogue.Offer{ID: id, Provider: p.ID, Title: catalogue.Texts{"nb": id}, Awards: &catalogue.Award{Achievement: p.achievement(id)}}
	p.offers[o.Ref()] = catalogue.Listing{Offer: o, Provider: p.Provider}
	return o.Ref()
}

func (p *provider) achievement(id string) string {
	return "https://kurs.example/achievements/" + id
}

// issue gives somebody the credential for a course.
func (p *provider) issue(course, holder string, change func(*issuer.Award)) *issuer.Issued {
	p.t.Helper()
	award := issuer.Award{Recipient: issuer.Recipient{ID: holder}, Achievement: openbadge.Achievement{
		ID: p.achievement(course), Name: course, Description: "Kurs.", Criteria: &openbadge.Criteria{Narrative: "Bestått."}}}
	if change != nil {
		change(&award)
	}
	issued, err := p.Issue(p.t.Context(), award)
	if err != nil {
		p.t.Fatal(err)
	}
	return issued
}

// citizen has a wallet.
type citizen struct {
	*world
	*wallet.Wallet
}

func (w *world) citizen() citizen {
	w.t.Helper()
	c, _, err := wallet.Create(w.t.Context(), wallet.CreateRequest{Store: &wallet.MemoryStore{}, Passphrase: []byte("fire hester i regn"), Now: w.clock, PassphraseWork: 10})
	if err != nil {
		w.t.Fatal(err)
	}
	return citizen{w, c}
}

// key returns a new key of the citizen's.
func (c citizen) key() string {
	c.t.Helper()
	id, err := c.NewKey(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

// keep puts a credential into the wallet and returns its item.
func (c citizen) keep(raw []byte) string {
	c.t.Helper()
	item, _, err := c.Add(c.t.Context(), wallet.AddRequest{Raw: raw})
	if err != nil {
		c.t.Fatal(err)
	}
	return item.ID
}

// completes gets the citizen's key the credential for a course.
func (c citizen) completes(p *provider, ref, holder string) string {
	c.t.Helper()
	_, course, _ := strings.Cut(ref, "#")
	return c.keep(p.issue(course, holder, nil).Credential)
}

func content(ref string, rating int, text string) review.Content {
	out := review.Content{Course: ref, Rating: rating, Text: text, Day: catalogue.Date(noon.Format(time.DateOnly))}
	if text != "" {
		out.Language = "nb"
	}
	return out
}

// review writes a submission as the command does.
func (c citizen) review(item, operator string, content review.Content) []byte {
	c.t.Helper()
	file, err := c.tryReview(item, operator, content, dataintegrity.EdDSAJCS2022)
	if err != nil {
		c.t.Fatal(err)
	}
	return file
}

func (c citizen) tryReview(item, operator string, content review.Content, form proof.ID) ([]byte, error) {
	var err error
	if content.Proof, err = c.ProvePseudonym(c.t.Context(), item, review.Alpha(content.Course)); err != nil {
		return nil, err
	}
	return c.present(item, operator, content, form)
}

func (c citizen) present(item, operator string, content review.Content, form proof.ID) ([]byte, error) {
	presentation, _, err := c.Share(c.t.Context(), wallet.ShareRequest{IDs: []string{item}, Audience: operator, Purpose: "review of " + content.Course,
		Challenge: content.Challenge(), Expires: c.now.AddDate(0, 0, 14), Suite: c.suite(form)})
	if err != nil {
		return nil, err
	}
	return review.Submission{Content: content, Presentation: presentation}.JSON()
}

// accept is what the operator does with a file.
func accept(t *testing.T, c *review.Collector, file []byte) (review.Review, error) {
	t.Helper()
	s, err := review.ParseSubmission(file)
	if err != nil {
		return review.Review{}, err
	}
	return c.Accept(t.Context(), s)
}

func (w *world) accepted(file []byte) review.Review {
	w.t.Helper()
	r, err := accept(w.t, w.collector, file)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) refused(name string, file []byte, code reason.Code) {
	w.t.Helper()
	if r, err := accept(w.t, w.collector, file); reason.CodeOf(err) != code || r != (review.Review{}) {
		w.t.Errorf("%s: %v (%v), not %s", name, reason.CodeOf(err), err, code)
	}
}

// reviews are the public lines of the catalogue.
func (w *world) reviews() []review.Review {
	w.t.Helper()
	out, err := w.collector.Publish(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) sweep() review.Swept {
	w.t.Helper()
	out, err := w.collector.Sweep(w.t.Context(), w)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}
