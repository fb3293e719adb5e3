package gather_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/stats/gather"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// TestRelease goes from twelve people to the file: what nine did is not in
// it, nothing that people gave is left in the store or in the version it keeps
// beside it, and the same days are not released again.
func TestRelease(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "statistics.json")
	w := newWorld(t, wallet.NewFileStore(path))
	c := w.call(nil)
	w.open(c, 0)
	var files [][]byte
	for n := range 12 {
		courses := []string{basics, welding}
		if n < 9 {
			courses = append(courses, pipes)
		}
		files = append(files, w.submission(w.person(w.school, member), c, w.took(c, courses...), nil))
	}
	for _, taken := range w.take(files...) {
		if taken.Err != nil || taken.Same || taken.Call.Digest() != c.Digest() {
			t.Fatal(taken)
		}
	}
	if before, err := os.ReadFile(path); err != nil || bytes.Count(before, []byte(`"pseudonym"`)) != 12 || w.count(c) != 12 {
		t.Fatalf("%d people, %v: %s", w.count(c), err, before)
	}
	raw, err := w.desk.Release(t.Context(), c.Digest())
	if err != nil {
		t.Fatal(err)
	}
	p, err := stats.Open(raw, w.keyOf)
	if err != nil {
		t.Fatal(err)
	}
	if p.People != 10 || strings.Join(p.Courses(), " ") != basics+" "+welding || p.Taken(pipes) != 0 {
		t.Errorf("%d people, %v", p.People, p.Courses())
	}
	for _, name := range []string{path, path + "~"} {
		after, err := os.ReadFile(name)
		if err != nil || bytes.Contains(after, []byte("pseudonym")) || bytes.Contains(after, []byte("bevis-contribution")) {
			t.Errorf("%s: %v: %s", name, err, after)
		}
	}
	if again, err := w.desk.Release(t.Context(), c.Digest()); err != nil || !bytes.Equal(again, raw) {
		t.Errorf("another file the second time: %v", err)
	}
	w.wants("after the release", files[0], "contribution_refused/released", false)
	s, err := w.desk.State(t.Context())
	if err != nil || len(s.Manifest.Releases) != 1 || s.Manifest.Releases[0].Source != stats.Completions || !s.Calls[0].Released {
		t.Error(s, err)
	}
	later := w.call(func(c *stats.Call) { c.About.Period = terms.Period{From: "2026-12-31", To: "2027-01-31"} })
	if _, err := w.desk.Open(t.Context(), later, 0); reason.CodeOf(err) != "statistics_invalid/overlap" {
		t.Error(err)
	}
	counter, err := stats.NewCounter(stats.Spec{Name: "completions", Source: stats.Completions, PerPerson: 1, Dimensions: []stats.Dimension{{Name: "course", Values: []string{basics}}}}, period())
	if err != nil {
		t.Fatal(err)
	}
	entry := terms.Release{Name: "completions", Source: stats.Completions, Period: period(), Rule: terms.Rule{MinPeople: 10, Round: 5}}
	if _, err := w.desk.Publish(t.Context(), entry, counter, 0); reason.CodeOf(err) != "statistics_invalid/overlap" {
		t.Error(err)
	}
	manifest, err := w.desk.SignManifest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if m, by, err := stats.OpenManifest(manifest, w.keyOf); err != nil || by != w.by || len(m.Releases) != 1 {
		t.Error(m, by, err)
	}
}

// TestTooFew: nothing is released, and nothing is lost.
func TestTooFew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &wallet.MemoryStore{})
	a, b := w.call(nil), w.gaps(nil)
	w.open(a, 0)
	w.open(b, 0)
	one := w.person(w.school, member)
	w.wants("courses", w.submission(one, a, w.took(a, basics), nil), "", false)
	w.wants("gaps", w.submission(one, b, stats.Contribution{Purpose: stats.Gaps, Period: period(), Cells: [][]string{{"Troms", "lese"}}}, nil), "", false)
	for _, c := range []*stats.Call{a, b} {
		if raw, err := w.desk.Release(t.Context(), c.Digest()); reason.CodeOf(err) != "statistics_invalid/people" || raw != nil {
			t.Error(raw, err)
		}
		if w.count(c) != 1 {
			t.Error(w.count(c))
		}
	}
	if _, err := w.desk.Release(t.Context(), "another"); reason.CodeOf(err) != "not_found/call" {
		t.Error(err)
	}
}

// TestTake changes one thing at a time in what people send.
func TestTake(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &wallet.MemoryStore{})
	c := w.call(nil)
	card := w.call(func(c *stats.Call) {
		c.About.Period = terms.Period{From: "2025-01-01", To: "2025-12-31"}
		c.Achievement = member
	})
	w.open(c, 0)
	w.open(card, 0)
	other := w.call(func(c *stats.Call) { c.Rule.Round = 10 }) // which nobody opened
	kari, ola, stranger, course := w.person(w.school, member), w.person(w.school, member), w.person(w.stranger, member), w.person(w.school, "https://kurs.example/course")
	given := w.took(c, basics, welding)
	none := w.took(card)
	for _, test := range []struct {
		name string
		file []byte
		code reason.Code
		same bool
	}{
		{"right", w.submission(kari, c, given, nil), "", false},
		{"an issuer that is not named", w.submission(stranger, c, given, nil), "contribution_refused/issuer", false},
		{"another call", w.submission(kari, other, given, nil), "contribution_refused/call", false},
		{"for another desk", w.submission(ola, c, given, func(_ *gather.Submission, r *wallet.ShareRequest) { r.Audience = "did:web:annen.example" }), "contribution_refused/audience", false},
		{"a presentation for something else", w.submission(ola, c, given, func(_ *gather.Submission, r *wallet.ShareRequest) { r.Challenge = "noe annet" }), "contribution_refused/presentation", false},
		{"later than now", w.submission(ola, c, given, func(s *gather.Submission, _ *wallet.ShareRequest) { s.Made = w.now.Add(2 * time.Hour) }), "contribution_refused/time", false},
		{"a course that is not listed", w.submission(ola, c, stats.Contribution{Purpose: stats.Transitions, Period: period(), Courses: []string{"x"}}, nil), "contribution_refused/bounds", false},
		{"a heavier pair", w.submission(ola, c, stats.Contribution{Purpose: stats.Transitions, Period: period(), Courses: []string{basics, welding}, Pairs: []stats.Pair{{From: 0, To: 1, Weight: 40}}}, nil), "contribution_refused/bounds", false},
		{"another purpose", w.submission(ola, c, stats.Contribution{Purpose: stats.Gaps, Period: period()}, nil), "contribution_refused/bounds", false},
		{"another one's pseudonym", w.submission(ola, c, given, func(s *gather.Submission, _ *wallet.ShareRequest) {
			s.Proof, _ = w.people.ProvePseudonym(t.Context(), kari, gather.Alpha(c))
		}), "contribution_refused/pseudonym", false},
		{"a pseudonym of another year", w.submission(ola, c, given, func(s *gather.Submission, _ *wallet.ShareRequest) {
			s.Proof, _ = w.people.ProvePseudonym(t.Context(), ola, gather.Alpha(card))
		}), "contribution_refused/pseudonym", false},
		{"the card that lets in", w.submission(kari, card, none, nil), "", false},
		{"another achievement", w.submission(course, card, none, nil), "contribution_refused/achievement", false},
		{"changed on the way", bytes.Replace(w.submission(ola, c, given, nil), []byte("[0,1,4]"), []byte("[1,0,4]"), 1), "contribution_refused/presentation", false},
		{"no JSON", []byte("nei"), reason.MalformedJSON, false},
		{"something else", []byte(`{"type":"noe"}`), "contribution_refused/form", false},
	} {
		w.wants(test.name, test.file, test.code, test.same)
	}
	if w.count(c) != 1 || w.count(card) != 1 {
		t.Errorf("%d and %d people", w.count(c), w.count(card))
	}
	i, err := w.people.Item(ola)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.school.Revoke(t.Context(), i.Credential, "feil", ""); err != nil {
		t.Fatal(err)
	}
	w.publish(w.school)
	w.wants("revoked", w.submission(ola, c, given, nil), "contribution_refused/revoked", false)
}

// TestOnce: one key counts once, the last it said counts, and who kept an
// older file cannot bring it back.
func TestOnce(t *testing.T) {
	t.Parallel()
	store := &wallet.MemoryStore{}
	w := newWorld(t, store)
	c := w.call(nil)
	w.open(c, 0)
	kari, ola := w.person(w.school, member), w.person(w.school, member)
	first := w.submission(kari, c, w.took(c, basics, welding), nil)
	w.wants("first", first, "", false)
	w.wants("again", first, "", true)
	w.now = w.now.Add(time.Minute)
	second := w.submission(kari, c, w.took(c, pipes), nil)
	w.wants("changed", second, "", false)
	w.wants("the one before", first, "contribution_refused/replay", false)
	blob, _, err := store.Load(t.Context())
	if err != nil || w.count(c) != 1 || bytes.Contains(blob, []byte(`"courses":["`+basics+`","`+welding+`"]`)) || !bytes.Contains(blob, []byte(`"courses":["`+pipes+`"]`)) {
		t.Fatalf("%v: %s", err, blob)
	}
	item, err := w.people.Item(kari)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{item.Subject, strings.TrimPrefix(item.Subject, "did:key:"), item.Credential, item.ID, "proofValue"} {
		if bytes.Contains(blob, []byte(secret)) {
			t.Errorf("%q is kept", secret)
		}
	}
	w.now = w.now.Add(time.Minute)
	gone := w.withdrawal(kari, c)
	w.wants("withdrawn", gone, "", false)
	w.wants("withdrawn again", gone, "", true)
	w.wants("brought back", second, "contribution_refused/replay", false)
	if w.count(c) != 0 {
		t.Error("it is there still")
	}
	w.now = w.now.Add(time.Minute)
	w.wants("another mind", w.submission(kari, c, w.took(c, basics), nil), "", false)
	w.wants("the old withdrawal", gone, "contribution_refused/replay", false)
	if w.count(c) != 1 {
		t.Error("it is gone")
	}
	// A withdrawal that is taken first holds too.
	late := w.submission(ola, c, w.took(c, basics), nil)
	w.now = w.now.Add(time.Minute)
	w.wants("ahead of what it is about", w.withdrawal(ola, c), "", false)
	w.wants("what it is about", late, "contribution_refused/replay", false)
	forged := bytes.Replace(w.withdrawal(kari, c), []byte(`"made":"2027`), []byte(`"made":"2026`), 1)
	w.wants("a forged withdrawal", forged, "contribution_refused/pseudonym", false)
	if w.count(c) != 1 {
		t.Errorf("%d people", w.count(c))
	}
}

// TestSeveralKeys says how far "once" goes: who was issued to under two keys
// counts twice. docs/statistics.md says so too.
func TestSeveralKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &wallet.MemoryStore{})
	c := w.call(nil)
	w.open(c, 0)
	for range 2 {
		w.wants("one person, two keys", w.submission(w.person(w.school, member), c, w.took(c, basics), nil), "", false)
	}
	if w.count(c) != 2 {
		t.Error(w.count(c))
	}
}

// TestEpsilon: a release with noise spends of the budget, and a call that
// would spend more than is left is refused before anybody contributes.
func TestEpsilon(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &wallet.MemoryStore{})
	private := func(epsilon int, from string) *stats.Call {
		return w.gaps(func(c *stats.Call) {
			c.Rule = terms.Rule{Epsilon: epsilon, Threshold: 1}
			c.About.Period.From, c.About.Period.To = period().From[:8]+"01", period().To
			if from == "2027" {
				c.About.Period = terms.Period{From: "2027-01-01", To: "2027-12-31"}
			}
		})
	}
	first := private(2000, "2026")
	if _, err := w.desk.Open(t.Context(), first, 0); reason.CodeOf(err) != "statistics_invalid/budget" {
		t.Error(err)
	}
	w.open(first, 3000)
	if _, err := w.desk.Open(t.Context(), private(1001, "2027"), 0); reason.CodeOf(err) != "statistics_invalid/budget" {
		t.Error(err)
	}
	if _, err := w.desk.Open(t.Context(), private(1000, "2027"), 9000); reason.CodeOf(err) != "conflict/budget" {
		t.Error(err)
	}
	w.open(private(1000, "2027"), 0)
	one := stats.Contribution{Purpose: stats.Gaps, Period: period(), Cells: [][]string{{"Troms", "lese"}, {"Troms", "lodde"}}}
	w.wants("gaps", w.submission(w.person(w.school, member), first, one, nil), "", false)
	raw, err := w.desk.Release(t.Context(), first.Digest())
	if err != nil {
		t.Fatal(err)
	}
	table, err := stats.OpenTable(raw, w.keyOf)
	if err != nil || table.Rule.Epsilon != 2000 || table.Withheld+len(table.Cells) != 6 {
		t.Error(table, err)
	}
	if s, err := w.desk.State(t.Context()); err != nil || s.Manifest.Spent() != 2000 {
		t.Error(s, err)
	}
}

// TestPublish: the publisher's own events obey the same rules, and the same
// report is the same file.
func TestPublish(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &wallet.MemoryStore{})
	spec := stats.Spec{Name: "ratings", Source: "ratings", PerPerson: 1, Dimensions: []stats.Dimension{{Name: "rating", Values: []string{"1", "2", "3"}}}}
	counter, err := stats.NewCounter(spec, period())
	if err != nil {
		t.Fatal(err)
	}
	entry := terms.Release{Name: spec.Name, Source: spec.Source, Period: period(), Rule: terms.Rule{MinPeople: 10, Round: 5}}
	if raw, err := w.desk.Publish(t.Context(), entry, counter, 0); reason.CodeOf(err) != "statistics_invalid/people" || len(raw) > 0 {
		t.Error(raw, err)
	}
	for n := range 21 {
		rating := "2"
		if n < 9 {
			rating = "1"
		}
		if err := counter.Add([]string{rating}); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := w.desk.Publish(t.Context(), entry, counter, 0)
	if err != nil {
		t.Fatal(err)
	}
	table, err := stats.OpenTable(raw, w.keyOf)
	if err != nil || len(table.Cells) != 1 || table.Cells[0].Values[0] != "2" || table.Cells[0].Count != 10 || table.Withheld != 2 {
		t.Error(table, err)
	}
	if again, err := w.desk.Publish(t.Context(), entry, counter, 0); err != nil || !bytes.Equal(again, raw) {
		t.Error(err)
	}
	entry.Rule.Round = 10
	if _, err := w.desk.Publish(t.Context(), entry, counter, 0); reason.CodeOf(err) != "statistics_invalid/overlap" {
		t.Error(err)
	}
}

// TestUses: what is missing or stopped is said.
func TestUses(t *testing.T) {
	t.Parallel()
	if _, err := gather.New(gather.Config{}); reason.CodeOf(err) != reason.Usage {
		t.Error(err)
	}
	w := newWorld(t, &wallet.MemoryStore{})
	c := w.call(func(c *stats.Call) { c.About.By = "did:web:annen.example" })
	if _, err := w.desk.Open(t.Context(), c, 0); reason.CodeOf(err) != reason.Usage {
		t.Error(err)
	}
	if _, err := w.desk.Open(t.Context(), w.call(func(c *stats.Call) { c.Issuers = nil }), 0); reason.CodeOf(err) != "statistics_invalid/call" {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.desk.Take(ctx); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// TestBesideOthers: what two programs take in at the same time is all there.
func TestBesideOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &wallet.MemoryStore{})
	c := w.call(nil)
	w.open(c, 0)
	var files [][]byte
	for range 8 {
		files = append(files, w.submission(w.person(w.school, member), c, w.took(c, basics), nil))
	}
	var group sync.WaitGroup
	for _, file := range files {
		group.Go(func() {
			if taken, err := w.desk.Take(t.Context(), file); err != nil || taken[0].Err != nil {
				t.Error(taken, err)
			}
		})
	}
	group.Wait()
	if w.count(c) != len(files) {
		t.Errorf("%d of %d people", w.count(c), len(files))
	}
}
