package bevistest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// errCut is an answer that was lost.
var errCut = errors.New("the connection was cut")

// cutLedger loses one request in eight on its way, before the ledger has seen
// it or after.
type cutLedger struct{ issuer.Ledger }

func (c cutLedger) Record(ctx context.Context, records ...issuer.Record) error {
	switch rand.IntN(16) {
	case 0:
		return errCut
	case 1:
		return errors.Join(c.Ledger.Record(ctx, records...), errCut)
	}
	return c.Ledger.Record(ctx, records...)
}

// Workers returns one issuer for tests, a did:key whose credentials can be
// revoked, over each of several ledgers: as many processes that write to one
// database have it.
func Workers(t *testing.T, ledgers ...issuer.Ledger) []*issuer.Issuer {
	t.Helper()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	all, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	suite, err := all.Suite(dataintegrity.EdDSAJCS2022)
	if err != nil {
		t.Fatal(err)
	}
	var out []*issuer.Issuer
	for _, l := range ledgers {
		i, err := issuer.New(issuer.Config{
			Profile: openbadge.Profile{ID: id, Name: "Kursstedet"}, Signer: private.Signer(method), Suite: suite, Ledger: l,
			StatusBase: "https://kurs.example/status/", Now: func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) },
		})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, i)
	}
	return out
}

// Enrolment returns the award for an enrolment, with its number as idempotency
// key.
func Enrolment(n int) issuer.Award {
	return issuer.Award{
		Achievement:    openbadge.Achievement{ID: "https://kurs.example/1", Name: "Sveising", Description: "Å sveise.", Criteria: &openbadge.Criteria{Narrative: "Prøve."}},
		Recipient:      issuer.Recipient{ID: fmt.Sprintf("did:example:learner-%d", n)},
		IdempotencyKey: fmt.Sprintf("enrolment-%d", n),
	}
}

// Requests has workers ask issuers for the awards of enrolments, each asked for
// a number of times and again until it is answered, and returns what was
// answered by enrolment. Two answers for one that differ are an error, and so
// is an error that again does not tell to be asked again.
func Requests(t *testing.T, issuers []*issuer.Issuer, enrolments, times int, again func(error) bool) map[int][]byte {
	t.Helper()
	work := make(chan int, enrolments*times)
	for range times {
		for _, n := range rand.Perm(enrolments) {
			work <- n
		}
	}
	close(work)
	var mu sync.Mutex
	answers := map[int][]byte{}
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			i := issuers[w%len(issuers)]
			for n := range work {
				issued, err := i.Issue(t.Context(), Enrolment(n))
				for err != nil && again(err) && t.Context().Err() == nil {
					issued, err = i.Issue(t.Context(), Enrolment(n))
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if before, ok := answers[n]; ok && string(before) != string(issued.Credential) {
					t.Errorf("enrolment %d was answered with two credentials", n)
				}
				answers[n] = issued.Credential
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return answers
}

// Sound holds what a ledger has against what was answered: every answer is
// recorded, nothing is recorded for an enrolment twice, no place is used twice
// or beyond what the lists say, and every record has its line in the audit log
// once.
func Sound(t *testing.T, l issuer.Ledger, answers map[int][]byte) {
	t.Helper()
	for n, raw := range answers {
		if r, err := l.ByKey(t.Context(), fmt.Sprintf("enrolment-%d", n)); err != nil || string(r.Credential) != string(raw) {
			t.Fatalf("enrolment %d: what was answered is not in the ledger, %v", n, err)
		}
	}
	a, ok := l.(issuer.Archive)
	if !ok {
		return
	}
	keys, ids, places, perList := map[string]bool{}, map[string]bool{}, map[issuer.Slot]bool{}, map[int]int{}
	err := a.Each(t.Context(), func(r issuer.Record) error {
		if ids[r.ID] || keys[r.IdempotencyKey] && r.IdempotencyKey != "" {
			t.Errorf("%s (%s) is recorded twice", r.ID, r.IdempotencyKey)
		}
		keys[r.IdempotencyKey], ids[r.ID] = true, true
		for _, s := range r.Slots {
			if places[s] {
				t.Errorf("%+v is used twice", s)
			}
			places[s] = true
			perList[s.List]++
		}
		return nil
	})
	if err != nil || len(ids) != len(answers) {
		t.Errorf("%d records for %d enrolments, %v", len(ids), len(answers), err)
	}
	lists, err := l.Lists(t.Context())
	for _, s := range lists {
		if s.Used < perList[s.List] {
			t.Errorf("list %d has given %d places, and %d are used", s.List, s.Used, perList[s.List])
		}
	}
	if err != nil {
		t.Error(err)
	}
	log, ok := l.(issuer.AuditLog)
	if !ok {
		return
	}
	for _, line := range lines(t, log) {
		if line.Action != "issue" {
			continue
		}
		if !ids[line.Credential] {
			t.Errorf("the audit log has %s once more, or no record does", line.Credential)
		}
		delete(ids, line.Credential)
	}
	if len(ids) != 0 {
		t.Errorf("%d records are not in the audit log", len(ids))
	}
}

// ledgerRequests sends 10,000 requests for 2,500 enrolments, of which an eighth
// is cut on the way to the ledger or back.
func ledgerRequests(t *testing.T, l issuer.Ledger) {
	enrolments := 2500
	if testing.Short() {
		enrolments = 250
	}
	answers := Requests(t, Workers(t, cutLedger{l}), enrolments, 4, func(err error) bool { return errors.Is(err, errCut) })
	if len(answers) != enrolments {
		t.Errorf("%d enrolments were answered", len(answers))
	}
	Sound(t, l, answers)
	if n, err := l.ByKey(t.Context(), "enrolment-0"); err != nil || n.Form != string(dataintegrity.EdDSAJCS2022) {
		t.Error(n.Form, reason.CodeOf(err))
	}
}
