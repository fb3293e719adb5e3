package review_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/review"
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

func TestSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, kari := w.provider("kursstedet"), w.citizen()
	ref := p.offer("sveising")
	good, bad := p.issue("sveising", kari.key(), nil), p.issue("sveising", kari.key(), nil)
	paused := p.issue("sveising", kari.key(), func(a *issuer.Award) { a.Suspendable = true })
	ids := map[string]string{}
	for name, issued := range map[string]*issuer.Issued{"good": good, "bad": bad, "paused": paused} {
		ids[name] = w.accepted(kari.review(kari.keep(issued.Credential), operator, content(ref, 5, name))).ID
	}
	shown := func(want ...string) {
		t.Helper()
		var got []string
		for _, r := range w.reviews() {
			got = append(got, r.Text)
			if r.ID != ids[r.Text] || r.Stale {
				t.Errorf("%+v", r)
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%v are shown, not %v", got, want)
		}
	}
	if swept := w.sweep(); swept.Kept != 3 || len(swept.Dropped)+len(swept.Unknown)+swept.Suspended+swept.Stale > 0 {
		t.Errorf("%+v", swept)
	}
	if err := p.Revoke(t.Context(), bad.ID, "fusk", "test"); err != nil {
		t.Fatal(err)
	}
	if err := p.Suspend(t.Context(), paused.ID, "under lupen", "test"); err != nil {
		t.Fatal(err)
	}
	shown("bad", "good", "paused") // nothing is published yet
	p.publish()
	swept := w.sweep()
	if swept.Kept != 1 || swept.Suspended != 1 || len(swept.Dropped) != 1 || swept.Dropped[0].ID != ids["bad"] || swept.Dropped[0].Course != ref {
		t.Errorf("%+v", swept)
	}
	shown("good")
	blob, _, err := w.store.Load(t.Context())
	if err != nil || bytes.Contains(blob, []byte(ids["bad"])) {
		t.Errorf("a dropped review is still in the store (%v)", err)
	}
	// A suspension is for now, and a list that cannot be had changes nothing.
	w.offline = true
	swept = w.sweep()
	if swept.Kept != 0 || swept.Suspended != 1 || len(swept.Unknown) != 2 || swept.Unknown[0].Reviews != 2 || swept.Unknown[1].Reviews != 1 || swept.Unknown[0].Why != "status_unavailable/fetch" {
		t.Errorf("%+v", swept)
	}
	shown("good")
	w.offline = false
	if err := p.Reinstate(t.Context(), paused.ID, "ok", "test"); err != nil {
		t.Fatal(err)
	}
	p.publish()
	w.sweep()
	shown("good", "paused")
}

// TestStale: an issuer cannot keep reviews counting by taking its lists away,
// and nobody can by putting others in their place.
func TestStale(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, rival, kari := w.provider("kursstedet"), w.provider("konkurrenten"), w.citizen()
	ref := p.offer("sveising")
	w.accepted(kari.review(kari.completes(p, ref, kari.key()), operator, content(ref, 5, "")))
	own, foreign := "https://kursstedet.example/status/revocation-1.json", "https://konkurrenten.example/status/revocation-1.json"
	if w.published[own] == nil || w.published[foreign] == nil {
		t.Fatalf("%v", slices.Sorted(func(yield func(string) bool) {
			for u := range w.published {
				yield(u)
			}
		}))
	}
	w.published[own] = w.published[foreign]
	if swept := w.sweep(); len(swept.Unknown) != 1 || swept.Unknown[0].Why.Coarse() != "untrusted_issuer" || len(swept.Dropped) != 0 {
		t.Errorf("%+v", swept)
	}
	delete(w.published, own)
	w.now = noon.AddDate(0, 0, 42)
	if swept := w.sweep(); swept.Stale != 0 || w.reviews()[0].Stale {
		t.Errorf("%+v", swept)
	}
	w.now = noon.AddDate(0, 0, 50)
	if swept := w.sweep(); swept.Stale != 1 || !w.reviews()[0].Stale {
		t.Errorf("%+v %+v", swept, w.reviews())
	}
	p.publish()
	rival.publish()
	if swept := w.sweep(); swept.Kept != 1 || w.reviews()[0].Stale {
		t.Errorf("%+v", swept)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.collector.Sweep(canceled, w); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// withdrawal is what the command writes.
func (c citizen) withdrawal(item, holder, operator, ref string, day catalogue.Date) review.Withdrawal {
	c.t.Helper()
	w := review.Withdrawal{Course: ref, Day: day, Holder: holder}
	var err error
	if w.Proof, err = c.ProvePseudonym(c.t.Context(), item, review.Alpha(ref)); err != nil {
		c.t.Fatal(err)
	}
	if w.Wish, err = c.ProvePseudonym(c.t.Context(), item, w.WishAlpha(operator)); err != nil {
		c.t.Fatal(err)
	}
	return w
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, kari, ola := w.provider("kursstedet"), w.citizen(), w.citizen()
	ref, me, him := p.offer("sveising"), kari.key(), ola.key()
	issued := p.issue("sveising", me, func(a *issuer.Award) { a.ValidUntil = noon.AddDate(0, 0, 1) })
	item, his := kari.keep(issued.Credential), ola.completes(p, ref, him)
	file := kari.review(item, operator, content(ref, 1, "Noko eg angrar på."))
	w.accepted(file)
	today := catalogue.Date("2026-06-05")
	w.now = noon.AddDate(0, 0, 2) // the credential has ended
	delete(w.offers, ref)         // and so has the course

	good := kari.withdrawal(item, me, operator, ref, today)
	for name, test := range map[string]struct {
		change func(*review.Withdrawal)
		code   reason.Code
	}{
		"somebody else's review":      {func(x *review.Withdrawal) { *x = ola.withdrawal(his, him, operator, ref, today) }, "not_found/review"},
		"by somebody else":            {func(x *review.Withdrawal) { x.Wish = ola.withdrawal(his, him, operator, ref, today).Wish }, "review_refused/pseudonym"},
		"in another name":             {func(x *review.Withdrawal) { x.Holder = him }, "review_refused/pseudonym"},
		"in no name":                  {func(x *review.Withdrawal) { x.Holder = "did:web:kari.example" }, "review_refused/holder-key"},
		"by the key alone":            {func(x *review.Withdrawal) { x.Holder = strings.TrimPrefix(me, "did:key:") }, "review_refused/holder-key"},
		"for another operator":        {func(x *review.Withdrawal) { *x = kari.withdrawal(item, me, "did:web:annen.example", ref, today) }, "review_refused/pseudonym"},
		"of another day":              {func(x *review.Withdrawal) { x.Day = "2026-06-04" }, "review_refused/pseudonym"},
		"only the review's own proof": {func(x *review.Withdrawal) { x.Wish = x.Proof }, "review_refused/pseudonym"},
		"too old":                     {func(x *review.Withdrawal) { *x = kari.withdrawal(item, me, operator, ref, "2026-05-01") }, "review_refused/day"},
		"for another course":          {func(x *review.Withdrawal) { x.Course = ref + "2" }, "review_refused/pseudonym"},
		"for no course":               {func(x *review.Withdrawal) { x.Course = "sveising" }, "review_refused/course"},
	} {
		x := good
		test.change(&x)
		if err := w.collector.Withdraw(t.Context(), x); reason.CodeOf(err) != test.code {
			t.Errorf("%s: %v, not %s", name, err, test.code)
		}
	}
	if len(w.reviews()) != 1 {
		t.Fatal(w.reviews())
	}
	raw, err := good.JSON()
	if err != nil {
		t.Fatal(err)
	}
	read, err := review.ParseWithdrawal(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.collector.Withdraw(t.Context(), read); err != nil {
		t.Fatal(err)
	}
	blob, _, err := w.store.Load(t.Context())
	if err != nil || len(w.reviews()) != 0 || bytes.Contains(blob, []byte("angrar")) || bytes.Contains(blob, []byte("status/")) {
		t.Errorf("%s (%v)", blob, err)
	}
	if err := w.collector.Withdraw(t.Context(), read); reason.CodeOf(err) != "not_found/review" {
		t.Error(err)
	}
	// It does not come back by an old file; a new one its author may write,
	// which the old wish does not reach.
	p.offer("sveising")
	w.now = noon
	w.refused("withdrawn", file, "review_refused/replay")
	w.accepted(kari.review(item, operator, content(ref, 2, "Litt betre.")))
	w.now = noon.AddDate(0, 0, 2)
	if err := w.collector.Withdraw(t.Context(), read); reason.CodeOf(err) != "review_refused/replay" || len(w.reviews()) != 1 {
		t.Error(err)
	}
	if err := w.collector.Withdraw(t.Context(), kari.withdrawal(item, me, operator, ref, "2026-06-05")); err != nil {
		t.Error(err)
	}
	w.now = noon.AddDate(0, 1, 0)
	w.sweep()
	if _, all := rows(t, w.store); len(all) != 0 {
		t.Errorf("of a withdrawn review is left: %v", all)
	}
}

// TestAtOnce: two programs that take in reviews at the same time lose none,
// and of two versions of one review at the same time there is one.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, kari := w.provider("kursstedet"), w.citizen()
	ref := p.offer("sveising")
	other, err := review.New(review.Config{Audience: operator, Verifier: w, Catalogue: w, Store: w.store, Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	var files [][]byte
	const n = 6
	for range n {
		item := kari.completes(p, ref, kari.key())
		files = append(files, kari.review(item, operator, content(ref, 5, "")), kari.review(item, operator, content(ref, 4, "")))
	}
	var wait sync.WaitGroup
	for i, file := range files {
		wait.Go(func() {
			if _, err := accept(t, []*review.Collector{w.collector, other}[i%2], file); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if got := w.reviews(); len(got) != n {
		t.Errorf("%d reviews of %d persons", len(got), n)
	}
}

func TestTooOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, kari := w.provider("kursstedet"), w.citizen()
	ref := p.offer("sveising")
	item := kari.completes(p, ref, kari.key())
	for i := range 20 {
		w.accepted(kari.review(item, operator, content(ref, 1+i%5, "")))
	}
	w.refused("once more", kari.review(item, operator, content(ref, 1, "")), "review_refused/too-often")
}

// TestStoreRefused: a store that is not as it was written is not added to.
func TestStoreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	header := `{"schema":"bevis.reviews/v1","salt":"` + strings.Repeat("00", 32) + `"}` + "\n"
	record := `{"id":"1","course":"p#a","rating":5,"month":"2026-06","issuer":"did:key:z","pseudonym":"x"}` + "\n"
	for name, test := range map[string]struct {
		blob string
		code reason.Code
	}{
		"empty":            {" ", "malformed/reviews"},
		"another form":     {"{}\n", "malformed/reviews"},
		"no salt":          {`{"schema":"bevis.reviews/v1","salt":"00"}`, "malformed/reviews"},
		"not JSON":         {header + "x", "malformed/reviews"},
		"two on a line":    {header + strings.TrimSpace(record) + record, "malformed/reviews"},
		"a later version":  {header + strings.Replace(record, "{", `{"colour":1,`, 1), "malformed/reviews"},
		"no pseudonym":     {header + strings.Replace(record, "x", "", 1), "malformed/reviews"},
		"no rating":        {header + strings.Replace(record, ":5", ":0", 1), "malformed/reviews"},
		"as it should be":  {header + record, ""},
		"many":             {header + strings.Repeat(record, 3), ""},
		"more than it may": {header + strings.Repeat(record, 100_001), "resource_limit/values"},
		"no reviews":       {header, ""},
	} {
		store := &wallet.MemoryStore{}
		if _, err := store.Swap(t.Context(), "", []byte(test.blob)); err != nil {
			t.Fatal(err)
		}
		c, err := review.New(review.Config{Audience: operator, Verifier: w, Catalogue: w, Store: store, Now: w.clock})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Publish(t.Context()); reason.CodeOf(err) != test.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whole := review.Config{Audience: operator, Verifier: w, Catalogue: w, Store: w.store, Now: w.clock}
	for i, gap := range []func(*review.Config){
		func(c *review.Config) { c.Audience = " " }, func(c *review.Config) { c.Audience = "a\nb" }, func(c *review.Config) { c.Verifier = nil },
		func(c *review.Config) { c.Catalogue = nil }, func(c *review.Config) { c.Store = nil }, func(c *review.Config) { c.Now = nil },
	} {
		c := whole
		gap(&c)
		if _, err := review.New(c); reason.CodeOf(err) != reason.Usage {
			t.Errorf("%d: %v", i, err)
		}
	}
	none, err := w.collector.Publish(t.Context())
	if err != nil || none == nil || len(none) != 0 {
		t.Error(none, err)
	}
	if swept := w.sweep(); swept.Kept != 0 {
		t.Error(swept)
	}
	if _, _, err := w.store.Load(t.Context()); reason.CodeOf(err).Coarse() != "not_found" {
		t.Errorf("looking made a store: %v", fmt.Sprint(err))
	}
}

// lax is a verifier that has found everything in order.
type lax struct{ shown review.Presented }

func (l lax) Presented(context.Context, review.Request) (review.Presented, error) {
	return l.shown, nil
}

// TestAsksAgain: what a verifier should have seen to is not taken on trust.
func TestAsksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, rival := w.provider("kursstedet"), w.provider("konkurrenten")
	ref := p.offer("sveising")
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	me, _, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	s := review.Submission{Content: content(ref, 5, "")}
	if s.Proof, err = private.ProveVRF(review.Alpha(ref)); err != nil {
		t.Fatal(err)
	}
	parsed := func(raw []byte) *credential.Credential {
		t.Helper()
		c, err := credential.Parse(raw, credential.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	good := parsed(p.issue("sveising", me, nil).Credential)
	edited := func(old, new string) *credential.Credential {
		t.Helper()
		if !bytes.Contains(good.Raw(), []byte(old)) {
			t.Fatalf("%s is not there", old)
		}
		return parsed(bytes.Replace(good.Raw(), []byte(old), []byte(new), 1))
	}
	for name, test := range map[string]struct {
		shown review.Presented
		code  reason.Code
	}{
		"nothing":             {review.Presented{Holder: me}, "review_refused/presentation"},
		"not even one":        {review.Presented{Holder: me, Credentials: []*credential.Credential{nil}}, "review_refused/presentation"},
		"two":                 {review.Presented{Holder: me, Credentials: []*credential.Credential{good, good}}, "review_refused/presentation"},
		"another issuer's":    {review.Presented{Holder: me, Credentials: []*credential.Credential{parsed(rival.issue("sveising", me, nil).Credential)}}, "review_refused/issuer"},
		"another course's":    {review.Presented{Holder: me, Credentials: []*credential.Credential{parsed(p.issue("lodding", me, nil).Credential)}}, "review_refused/achievement"},
		"somebody else's":     {review.Presented{Holder: me, Credentials: []*credential.Credential{parsed(p.issue("sveising", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", nil).Credential)}}, "review_refused/holder"},
		"nobody's":            {review.Presented{Credentials: []*credential.Credential{good}}, "review_refused/holder"},
		"no badge":            {review.Presented{Holder: me, Credentials: []*credential.Credential{edited("OpenBadgeCredential", "DriversLicence")}}, "review_refused/credential"},
		"a status not read":   {review.Presented{Holder: me, Credentials: []*credential.Credential{edited(`"statusListIndex":"`, `"statusListIndex":"-`)}}, "review_refused/status"},
		"a time that is none": {review.Presented{Holder: me, Credentials: []*credential.Credential{edited(`"validFrom":"2026`, `"validFrom":"x`)}}, "review_refused/credential"},
		"after the review":    {review.Presented{Holder: me, Credentials: []*credential.Credential{edited(`"validFrom":"2026-06-03`, `"validFrom":"2026-06-05`)}}, "review_refused/day"},
		"as it should be":     {review.Presented{Holder: me, Credentials: []*credential.Credential{good}}, ""},
		"without an id":       {review.Presented{Holder: me, Credentials: []*credential.Credential{edited(good.ID(), "")}}, ""},
	} {
		c, err := review.New(review.Config{Audience: operator, Verifier: lax{test.shown}, Catalogue: w, Store: &wallet.MemoryStore{}, Now: w.clock})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Accept(t.Context(), s); reason.CodeOf(err) != test.code {
			t.Errorf("%s: %v, not %s", name, err, test.code)
		}
	}
	// What the catalogue has to say before anybody is believed.
	listing := w.offers[ref]
	for name, f := range map[string]func(*catalogue.Listing){
		"no award":       func(l *catalogue.Listing) { l.Offer.Awards = nil },
		"no achievement": func(l *catalogue.Listing) { l.Offer.Awards = &catalogue.Award{} },
		"no issuer":      func(l *catalogue.Listing) { l.Provider.Issuer = []string{""} },
	} {
		changed := listing
		f(&changed)
		w.offers[ref] = changed
		if _, err := w.collector.Accept(t.Context(), s); reason.CodeOf(err) != "review_refused/no-award" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Who issues for the provider is named by the offer.
	listing.Offer.Awards = &catalogue.Award{Achievement: p.achievement("sveising"), Issuer: rival.Provider.Issuer[0]}
	w.offers[ref] = listing
	for issuer, code := range map[*provider]reason.Code{p: "review_refused/issuer", rival: ""} {
		shown := review.Presented{Holder: me, Credentials: []*credential.Credential{parsed(issuer.issue("sveising", me, nil).Credential)}}
		c, err := review.New(review.Config{Audience: operator, Verifier: lax{shown}, Catalogue: w, Store: &wallet.MemoryStore{}, Now: w.clock})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Accept(t.Context(), s); reason.CodeOf(err) != code {
			t.Errorf("%v, not %s", err, code)
		}
	}
}

// TestSameCredentialTwice: the fence behind the pseudonym. A credential that
// another pseudonym has used is refused by its place in a status list, and
// one without a place by its id.
func TestSameCredentialTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.provider("kursstedet")
	ref := p.offer("sveising")
	for _, cut := range []string{"", "credentialStatus", "id"} {
		store := &wallet.MemoryStore{}
		var template []byte
		for n, want := range []reason.Code{"", "review_refused/credential-used"} {
			private, err := key.Generate(key.Ed25519)
			if err != nil {
				t.Fatal(err)
			}
			me, _, err := did.KeyID(private.Public())
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				template = p.issue("sveising", "did:key:HOLDER", nil).Credential
			}
			raw := bytes.ReplaceAll(template, []byte("did:key:HOLDER"), []byte(me))
			doc, err := credential.Parse(raw, credential.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			switch cut {
			case "credentialStatus": // then the id alone tells
				doc, err = credential.New(doc.Document().Without("credentialStatus"), raw)
			case "id": // then the place alone tells
				doc, err = credential.New(doc.Document().Without("id"), raw)
			}
			if err != nil {
				t.Fatal(err)
			}
			c, err := review.New(review.Config{Audience: operator, Verifier: lax{review.Presented{Holder: me, Credentials: []*credential.Credential{doc}}}, Catalogue: w, Store: store, Now: w.clock})
			if err != nil {
				t.Fatal(err)
			}
			s := review.Submission{Content: content(ref, 5, "")}
			if s.Proof, err = private.ProveVRF(review.Alpha(ref)); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Accept(t.Context(), s); reason.CodeOf(err) != want {
				t.Errorf("without %q, %d: %v", cut, n, err)
			}
		}
	}
}

// FuzzStore: whatever stands in a store is refused or kept whole.
func FuzzStore(f *testing.F) {
	header := `{"schema":"bevis.reviews/v1","salt":"` + strings.Repeat("00", 32) + `"}` + "\n"
	f.Add([]byte(header))
	f.Add([]byte(header + `{"id":"1","course":"p#a","rating":5,"month":"2026-06","issuer":"did:key:z","pseudonym":"x","handles":[{"list":"https://a.example","index":7,"purpose":"revocation"}],"seen":[{"digest":"d","until":"2026-06-17"}]}` + "\n"))
	f.Add([]byte(header + `{"id":"1","course":"p#a","rating":0,"month":"","issuer":"","pseudonym":"x","withdrawn":true}`))
	f.Fuzz(func(t *testing.T, blob []byte) {
		store := &wallet.MemoryStore{}
		if _, err := store.Swap(t.Context(), "", blob); err != nil {
			return
		}
		c, err := review.New(review.Config{Audience: operator, Verifier: lax{}, Catalogue: &world{}, Store: store, Now: (&world{now: noon}).clock})
		if err != nil {
			t.Fatal(err)
		}
		before, err := c.Records(t.Context())
		if err != nil {
			if got := reason.CodeOf(err).Coarse(); got != string(reason.Malformed) && got != string(reason.ResourceLimit) && got != string(reason.NotFound) {
				t.Fatal(err)
			}
			return
		}
		review.Rank(before, nil, noon)
		if _, err := c.Sweep(t.Context(), &world{offline: true}); err != nil {
			t.Fatal(err)
		}
		if after, err := c.Records(t.Context()); err != nil || len(after) != len(before) {
			t.Fatalf("%d records, then %d: %v", len(before), len(after), err)
		}
	})
}
