package gather_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/stats/gather"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
	"github.com/kompetansebevis/bevis/wallet"
)

const (
	basics  = "did:web:kurs.example#basics"
	welding = "did:web:kurs.example#welding"
	pipes   = "did:web:kurs.example#pipes"
	member  = "https://kurs.example/member"
)

// world is a publisher with its desk, an issuer that it trusts and one that it
// doesn't, and a wallet whose keys stand for one person each.
type world struct {
	t        *testing.T
	now      time.Time
	suites   proof.Set
	signer   *key.Private
	by       string
	store    gather.Store
	desk     *gather.Desk
	school   *school
	stranger *school
	people   *wallet.Wallet
	lists    map[string][]byte
}

type school struct {
	*issuer.Issuer
	id string
}

func newWorld(t *testing.T, store gather.Store) *world {
	t.Helper()
	all, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, now: time.Date(2027, 1, 5, 12, 0, 0, 0, time.UTC), suites: all, store: store, lists: map[string][]byte{}}
	w.desk = w.newDesk(store)
	w.school, w.stranger = w.newSchool("kurs"), w.newSchool("fremmed")
	if w.people, _, err = wallet.Create(t.Context(), wallet.CreateRequest{Store: &wallet.MemoryStore{}, Passphrase: []byte("fire hester i regn"), Now: w.clock, PassphraseWork: 10}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) newDesk(store gather.Store) *gather.Desk {
	w.t.Helper()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		w.t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		w.t.Fatal(err)
	}
	w.by, w.signer = id, private
	d, err := gather.New(gather.Config{By: id, Signer: private.Signer(method), Verifier: w, Store: store, Now: w.clock})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) clock() time.Time { return w.now }

func (w *world) suite() proof.Suite {
	w.t.Helper()
	s, err := w.suites.Suite(dataintegrity.EdDSAJCS2022)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) newSchool(name string) *school {
	w.t.Helper()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		w.t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		w.t.Fatal(err)
	}
	i, err := issuer.New(issuer.Config{Profile: openbadge.Profile{ID: id, Name: name}, Signer: private.Signer(method), Suite: w.suite(),
		Ledger: issuer.NewMemoryLedger(), Now: w.clock, StatusBase: "https://" + name + ".example/status/"})
	if err != nil {
		w.t.Fatal(err)
	}
	s := &school{i, id}
	w.publish(s)
	return s
}

func (w *world) publish(s *school) {
	w.t.Helper()
	files, err := s.Publish(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range files {
		w.lists[f.URL] = f.Bytes
	}
}

// StatusList implements verifier.StatusSource.
func (w *world) StatusList(_ context.Context, url string) ([]byte, time.Time, error) {
	list, ok := w.lists[url]
	if !ok {
		return nil, time.Time{}, reason.New("status_unavailable/fetch", url, "cannot be had")
	}
	return list, w.now, nil
}

// Presented implements gather.Verifier with package verifier.
func (w *world) Presented(ctx context.Context, r gather.Request) (gather.Presented, error) {
	v, err := verifier.New(verifier.Config{Suites: w.suites, Resolver: did.Mux{"key": did.Key{}}, Trust: trust.Pins(r.Issuers...), Status: w, Now: w.clock})
	if err != nil {
		return gather.Presented{}, err
	}
	report, err := v.Verify(ctx, verifier.Request{Raw: r.Raw, Audience: r.Audience, Challenge: r.Challenge, RequireHolder: true})
	if err != nil {
		return gather.Presented{}, err
	}
	out := gather.Presented{Holder: report.Holder}
	for _, part := range report.Parts {
		out.Credentials = append(out.Credentials, part.Credential())
	}
	return out, nil
}

// person makes a key and a credential about it, and returns the item.
func (w *world) person(s *school, achievement string) string {
	w.t.Helper()
	id, err := w.people.NewKey(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	issued, err := s.Issue(w.t.Context(), issuer.Award{Recipient: issuer.Recipient{ID: id}, Achievement: openbadge.Achievement{
		ID: achievement, Name: "Medlem", Description: "Går her.", Criteria: &openbadge.Criteria{Narrative: "Møtt."}}})
	if err != nil {
		w.t.Fatal(err)
	}
	item, _, err := w.people.Add(w.t.Context(), wallet.AddRequest{Raw: issued.Credential})
	if err != nil {
		w.t.Fatal(err)
	}
	return item.ID
}

func period() terms.Period { return terms.Period{From: "2026-01-01", To: "2026-12-31"} }

func (w *world) call(change func(*stats.Call)) *stats.Call {
	c := &stats.Call{About: terms.About{By: w.by, Period: period(), Made: w.now}, Purpose: stats.Transitions, Rule: terms.Rule{MinPeople: 10, Round: 5},
		Issuers: []string{w.school.id}, Shape: stats.Shape{Courses: 5, Pairs: 10, Weights: []int{4, 2, 1}}, Use: stats.Use{Recency: []int{1000, 500}},
		Courses: []string{basics, pipes, welding}}
	if change != nil {
		change(c)
	}
	return c
}

func (w *world) gaps(change func(*stats.Call)) *stats.Call {
	return w.call(func(c *stats.Call) {
		*c = stats.Call{About: c.About, Purpose: stats.Gaps, Rule: c.Rule, Issuers: c.Issuers, Table: stats.Spec{Name: "missing skills", Source: "gaps", PerPerson: 2,
			Dimensions: []stats.Dimension{{Name: "region", Values: []string{"Vestland", "Troms"}}, {Name: "skill", Values: []string{"sveise", "lodde", "lese"}}}}}
		if change != nil {
			change(c)
		}
	})
}

func (w *world) open(c *stats.Call, budget int) {
	w.t.Helper()
	if _, err := w.desk.Open(w.t.Context(), c, budget); err != nil {
		w.t.Fatal(err)
	}
}

// took makes a contribution of courses that were completed in this order.
func (w *world) took(c *stats.Call, courses ...string) stats.Contribution {
	w.t.Helper()
	var history []stats.Visit
	for i, ref := range courses {
		history = append(history, stats.Visit{Course: ref, Day: catalogue.Date(fmt.Sprintf("2026-%02d-01", 2+i))})
	}
	out, err := stats.Contribute(history, c.Lists, stats.Transitions, c.About.Period, c.Shape)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// submission is one with everything right, for a test to change.
func (w *world) submission(item string, c *stats.Call, given stats.Contribution, change func(*gather.Submission, *wallet.ShareRequest)) []byte {
	w.t.Helper()
	raw, err := given.MarshalJSON()
	if err != nil {
		w.t.Fatal(err)
	}
	s := gather.Submission{Call: c.Digest(), Made: w.now, Contribution: raw}
	if s.Proof, err = w.people.ProvePseudonym(w.t.Context(), item, gather.Alpha(c)); err != nil {
		w.t.Fatal(err)
	}
	share := wallet.ShareRequest{IDs: []string{item}, Audience: c.About.By, Expires: w.now.AddDate(0, 0, 14), Suite: w.suite()}
	if change != nil {
		change(&s, &share)
	}
	if share.Challenge == "" {
		share.Challenge = s.Challenge()
	}
	if s.Presentation, _, err = w.people.Share(w.t.Context(), share); err != nil {
		w.t.Fatal(err)
	}
	file, err := s.JSON()
	if err != nil {
		w.t.Fatal(err)
	}
	return file
}

func (w *world) withdrawal(item string, c *stats.Call) []byte {
	w.t.Helper()
	out := gather.Withdrawal{Call: c.Digest(), Made: w.now}
	i, err := w.people.Item(item)
	if err != nil {
		w.t.Fatal(err)
	}
	out.Holder = i.Subject
	if out.Proof, err = w.people.ProvePseudonym(w.t.Context(), item, gather.Alpha(c)); err != nil {
		w.t.Fatal(err)
	}
	if out.Wish, err = w.people.ProvePseudonym(w.t.Context(), item, out.WishAlpha()); err != nil {
		w.t.Fatal(err)
	}
	file, err := out.JSON()
	if err != nil {
		w.t.Fatal(err)
	}
	return file
}

func (w *world) take(files ...[]byte) []gather.Taken {
	w.t.Helper()
	out, err := w.desk.Take(w.t.Context(), files...)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// wants takes one file and compares what came of it.
func (w *world) wants(name string, file []byte, code reason.Code, same bool) {
	w.t.Helper()
	got := w.take(file)[0]
	if code == "" && got.Err == nil && got.Same == same {
		return
	}
	if code == "" || reason.CodeOf(got.Err) != code {
		w.t.Errorf("%s: %v (same %v), want %q (same %v)", name, got.Err, got.Same, code, same)
	}
}

// people counts those who have given for a call.
func (w *world) count(c *stats.Call) int {
	w.t.Helper()
	s, err := w.desk.State(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, one := range s.Calls {
		if one.Call.Digest() == c.Digest() {
			return one.People
		}
	}
	w.t.Fatal("no such call")
	return 0
}

func (w *world) keyOf(string) (key.Public, error) { return w.signer.Public(), nil }
