package review_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/review"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// TestReviewed takes reviews from issuer to public line in every form in which
// a wallet shows a credential.
func TestReviewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, kari := w.provider("kursstedet"), w.citizen()
	for n, form := range []proof.ID{dataintegrity.EdDSAJCS2022, dataintegrity.EdDSARDFC2022, jose.VPJWT} {
		ref := p.offer([]string{"a", "b", "c"}[n])
		item := kari.completes(p, ref, kari.key())
		file, err := kari.tryReview(item, operator, content(ref, 4, "Bra kurs.\nMen dyrt: 5 000 kr."), form)
		if err != nil {
			t.Fatal(form, err)
		}
		got := w.accepted(file)
		if got.ID == "" || got.Course != ref || got.Rating != 4 || got.Month != "2026-06" || got.Language != "nb" || got.Issuer != p.Provider.Issuer[0] {
			t.Errorf("%s: %+v", form, got)
		}
	}
	if lines := w.reviews(); len(lines) != 3 {
		t.Errorf("%d lines", len(lines))
	}
	if log := kari.Shares(); len(log) != 3 || log[0].Audience != operator || !strings.HasPrefix(log[0].Purpose, "review of ") || !log[0].Bound {
		t.Errorf("the share log: %+v", log)
	}
}

// TestOneReviewEach: whatever one person sends for a course, there is one
// review of theirs.
func TestOneReviewEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, kari := w.provider("kursstedet"), w.citizen()
	ref, other := p.offer("sveising"), p.offer("lodding")
	me := kari.key()
	item := kari.completes(p, ref, me)
	first := kari.review(item, operator, content(ref, 5, "Fint."))
	one := w.accepted(first)
	// The same file, and the same words signed anew, change nothing.
	if again := w.accepted(first); again != one {
		t.Errorf("%+v, not %+v", again, one)
	}
	same := kari.review(item, operator, content(ref, 5, "Fint."))
	if bytes.Equal(same, first) {
		t.Fatal("the file is the same")
	}
	if again := w.accepted(same); again != one || len(w.reviews()) != 1 {
		t.Errorf("%+v, not %+v", again, one)
	}
	// Another text, and another credential for the course, replace it.
	changed := w.accepted(kari.review(item, operator, content(ref, 3, "Ikkje så fint likevel.")))
	second := kari.completes(p, ref, me)
	last := w.accepted(kari.review(second, operator, content(ref, 2, "Nei.")))
	if lines := w.reviews(); len(lines) != 1 || lines[0] != last || last.Rating != 2 || changed.ID != one.ID || last.ID != one.ID {
		t.Errorf("%+v", lines)
	}
	// Who has kept an old file cannot bring the old review back.
	w.refused("an old version", first, "review_refused/replay")
	w.refused("another old version", same, "review_refused/replay")
	// Its own credential is good for one review, also where two offers lead to it.
	listing := w.offers[other]
	listing.Offer.Awards = &catalogue.Award{Achievement: p.achievement("sveising")}
	w.offers[other] = listing
	w.refused("the same credential for another offer", kari.review(second, operator, content(other, 2, "Nei.")), "review_refused/credential-used")
	// An offer has one name only: a store may find it by its id alone too.
	odd := p.offer("x#sveising")
	third := kari.completes(p, odd, me)
	w.refused("half its name", kari.review(third, operator, content("x#sveising", 1, "")), "review_refused/course")
	w.refused("no offer", kari.review(third, operator, content("x#y", 1, "")), "review_refused/course")
	w.accepted(kari.review(third, operator, content(odd, 1, "")))
}

// TestBuyingAttempts are the ways to get a review in without having completed
// the course, or more than one.
func TestBuyingAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, rival := w.provider("kursstedet"), w.provider("konkurrenten")
	kari, ola := w.citizen(), w.citizen()
	ref, other := p.offer("sveising"), p.offer("lodding")
	me, thief := kari.key(), ola.key()
	item := kari.completes(p, ref, me)
	good := kari.review(item, operator, content(ref, 5, "Fint."))
	parse := func(file []byte) review.Submission {
		t.Helper()
		s, err := review.ParseSubmission(file)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	changed := func(change func(*review.Submission)) []byte {
		t.Helper()
		s := parse(good)
		change(&s)
		file, err := s.JSON()
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	// A stolen presentation is good for what it was made for and nothing else.
	w.refused("another text", changed(func(s *review.Submission) { s.Text = "Elendig." }), "review_refused/replay")
	w.refused("another rating", changed(func(s *review.Submission) { s.Rating = 1 }), "review_refused/replay")
	w.refused("another day", changed(func(s *review.Submission) { s.Day = "2026-06-02" }), "review_refused/replay")
	w.refused("another language", changed(func(s *review.Submission) { s.Language = "nn" }), "review_refused/replay")
	w.refused("replay across courses", changed(func(s *review.Submission) { s.Course = other }), "review_refused/replay")
	w.refused("the proof of another pseudonym", changed(func(s *review.Submission) {
		s.Proof, _ = ola.ProvePseudonym(t.Context(), ola.completes(p, ref, thief), review.Alpha(ref))
	}), "review_refused/replay")
	w.refused("made for another operator", kari.review(item, "did:web:annen.example", content(ref, 5, "Fint.")), "review_refused/audience")

	// A borrowed credential is about somebody else's key.
	borrowed := ola.keep(p.issue("sveising", me, nil).Credential)
	if _, err := ola.tryReview(borrowed, operator, content(ref, 5, ""), dataintegrity.EdDSAJCS2022); reason.CodeOf(err) != "usage/not-bound" {
		t.Errorf("the wallet proves a pseudonym of somebody else: %v", err)
	}
	mine := content(ref, 5, "")
	var err error
	if mine.Proof, err = ola.ProvePseudonym(t.Context(), ola.completes(p, ref, thief), review.Alpha(ref)); err != nil {
		t.Fatal(err)
	}
	file, err := ola.present(borrowed, operator, mine, dataintegrity.EdDSAJCS2022)
	if err != nil {
		t.Fatal(err)
	}
	w.refused("borrowed", file, "review_refused/holder")
	w.refused("the bare credential", changed(func(s *review.Submission) { s.Presentation = p.issue("sveising", me, nil).Credential }), "review_refused/presentation")

	// A pseudonym is the holder's own for this course.
	forge := func(name string, make func() []byte) {
		t.Helper()
		c := content(ref, 5, "")
		c.Proof = make()
		file, err := kari.present(item, operator, c, dataintegrity.EdDSAJCS2022)
		if err != nil {
			t.Fatal(err)
		}
		w.refused(name, file, "review_refused/pseudonym")
	}
	prove := func(alpha string) []byte {
		out, err := kari.ProvePseudonym(t.Context(), item, []byte(alpha))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	forge("invented", func() []byte { return bytes.Repeat([]byte{7}, 80) })
	forge("of small order", func() []byte { return append([]byte{1}, make([]byte, 79)...) })
	forge("for another course", func() []byte { return prove(string(review.Alpha(other))) })
	forge("for another purpose", func() []byte { return prove(ref) })
	forge("of another person", func() []byte { return mine.Proof })

	// The credential is one for this course.
	lodding := kari.completes(p, other, me)
	w.refused("achievement of another course", kari.review(lodding, operator, content(ref, 5, "")), "review_refused/achievement")
	foreign := kari.keep(rival.issue("sveising", me, nil).Credential) // the same achievement id
	w.refused("another issuer", kari.review(foreign, operator, content(ref, 5, "")), "review_refused/untrusted")

	// It is in force.
	ended := kari.keep(p.issue("sveising", me, func(a *issuer.Award) {
		a.ValidFrom, a.ValidUntil = noon.AddDate(-1, 0, 0), noon.AddDate(0, 0, -1)
	}).Credential)
	w.refused("ended", kari.review(ended, operator, content(ref, 5, "")), "review_refused/expired")
	early := kari.keep(p.issue("sveising", me, func(a *issuer.Award) { a.ValidFrom = noon.AddDate(0, 0, 2) }).Credential)
	w.refused("not begun", kari.review(early, operator, content(ref, 5, "")), "review_refused/not-yet-valid")
	paused := p.issue("sveising", me, func(a *issuer.Award) { a.Suspendable = true })
	back := p.issue("sveising", me, nil)
	file, held := kari.review(kari.keep(back.Credential), operator, content(ref, 5, "")), kari.review(kari.keep(paused.Credential), operator, content(ref, 5, ""))
	if err := p.Revoke(t.Context(), back.ID, "fusk", "test"); err != nil {
		t.Fatal(err)
	}
	if err := p.Suspend(t.Context(), paused.ID, "under lupen", "test"); err != nil {
		t.Fatal(err)
	}
	p.publish()
	w.refused("revoked", file, "review_refused/revoked")
	w.refused("suspended", held, "review_refused/suspended")
	w.offline = true
	w.refused("nobody can tell", good, "review_refused/undetermined")
	w.offline = false

	// It shows one credential and comes in time.
	if lines := w.reviews(); len(lines) != 0 {
		t.Fatalf("%+v", lines)
	}
	w.now = noon.AddDate(0, 0, 15)
	w.refused("too late", good, "review_refused/day")
	w.now = noon.AddDate(0, 0, -2)
	w.refused("from the future", good, "review_refused/day")
	w.now = noon
	w.accepted(good)
}

// TestHolderHasOneKey: an identifier that can stand for several keys would
// give its holder several pseudonyms.
func TestHolderHasOneKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.provider("kursstedet")
	ref := p.offer("sveising")
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	_, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	asJWK, jwkMethod := did.JWKID(private.Public())
	for holder, signer := range map[string]key.Signer{asJWK: private.Signer(jwkMethod), strings.Split(method, "#")[0]: private.Signer(method)} {
		s := review.Submission{Content: content(ref, 5, "")}
		if s.Proof, err = private.ProveVRF(review.Alpha(ref)); err != nil {
			t.Fatal(err)
		}
		unsigned := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` + holder + `","verifiableCredential":[` + string(p.issue("sveising", holder, nil).Credential) + `]}`
		s.Presentation, err = w.suite(dataintegrity.EdDSAJCS2022).Sign(t.Context(), []byte(unsigned), signer,
			proof.Params{Purpose: proof.Authentication, Created: noon, Challenge: s.Challenge(), Domains: []string{operator}})
		if err != nil {
			t.Fatal(err)
		}
		file, err := s.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if holder == asJWK {
			w.refused("did:jwk", file, "review_refused/holder-key")
		} else {
			w.accepted(file)
		}
	}
	if lines := w.reviews(); len(lines) != 1 {
		t.Errorf("%+v", lines)
	}
}

// TestSecondKey: who has the credential issued again to another key of theirs
// gets a second review in only until the issuer revokes the first credential,
// and every one that is issued stands in the issuer's books.
func TestSecondKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, kari := w.provider("kursstedet"), w.citizen()
	ref := p.offer("sveising")
	old := p.issue("sveising", kari.key(), nil)
	w.accepted(kari.review(kari.keep(old.Credential), operator, content(ref, 5, "")))
	again := p.issue("sveising", kari.key(), nil)
	w.accepted(kari.review(kari.keep(again.Credential), operator, content(ref, 5, "")))
	if len(w.reviews()) != 2 {
		t.Fatal(w.reviews())
	}
	if err := p.Revoke(t.Context(), old.ID, "issued again", "test"); err != nil {
		t.Fatal(err)
	}
	p.publish()
	if swept := w.sweep(); len(swept.Dropped) != 1 || swept.Kept != 1 || len(w.reviews()) != 1 {
		t.Errorf("%+v", swept)
	}
}

// TestMinted: a provider can issue credentials to keys of its own. Their
// reviews come in, and count little.
func TestMinted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, puppets := w.provider("kursstedet"), w.citizen()
	ref := p.offer("sveising")
	const n = 12
	for range n {
		w.accepted(puppets.review(puppets.completes(p, ref, puppets.key()), operator, content(ref, 5, "Fantastisk kurs!")))
	}
	records, err := w.collector.Records(t.Context())
	if err != nil || len(records) != n {
		t.Fatal(len(records), err)
	}
	ranking := review.Rank(records, map[string]review.Facts{ref: {Issued: n}}, w.now)
	got := ranking.Courses[0]
	if got.Reviews != n || got.Counted > 2 || got.Standing.Lower != 0 || got.Standing.Reviews > 2 {
		t.Errorf("%+v", got)
	}
	if !slices.ContainsFunc(got.Rules, func(a review.Applied) bool { return a.Rule == "minted" && a.Reviews == n && a.Discount == n-2 }) {
		t.Errorf("%+v", got.Rules)
	}
}
