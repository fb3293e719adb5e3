package issuer_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// awards yields awards to n people, changed as a test likes.
func awards(n int, change func(n int, a *issuer.Award)) iter.Seq[issuer.Award] {
	course := openbadge.Achievement{ID: "https://kurs.example/s", Name: "S", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}
	return func(yield func(issuer.Award) bool) {
		for k := range n {
			a := issuer.Award{Achievement: course, Recipient: issuer.Recipient{ID: fmt.Sprint("did:example:", k)}, IdempotencyKey: fmt.Sprint("row ", k)}
			if change != nil {
				change(k, &a)
			}
			if !yield(a) {
				return
			}
		}
	}
}

// TestIssueAll: in order, each award for itself whatever is wrong with others,
// and the same when it is asked again.
func TestIssueAll(t *testing.T) {
	t.Parallel()
	const n = 57
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	ledger := issuer.NewMemoryLedger()
	cfg.Ledger = ledger
	i := newIssuer(t, cfg)
	change := func(n int, a *issuer.Award) {
		switch n {
		case 5:
			a.Recipient = issuer.Recipient{} // nobody
		case 10:
			a.Suspendable = true
		case 11:
			a.Recipient.ID, a.IdempotencyKey = "did:example:4", "row 4" // the same once more
		case 12:
			a.IdempotencyKey = "row 13" // which is another award's
		case 14:
			a.IdempotencyKey = ""
		}
	}
	var first []*issuer.Issued
	for issued, err := range i.IssueAll(t.Context(), awards(n, change), issuer.Many{Group: 8, Jobs: 3}) {
		k := len(first)
		first = append(first, issued)
		switch code := reason.CodeOf(err); {
		case k == 5 && code == "malformed/recipient", k == 12 || k == 13: // one of the two
		case err != nil || k == 5:
			t.Fatalf("award %d: %v", k, err)
		case k == 10 && len(issued.Slots) != 2, k != 10 && len(issued.Slots) != 1:
			t.Errorf("award %d: %v", k, issued.Slots)
		case k != 4 && k != 11 && issued.Again:
			t.Errorf("award %d was issued before", k)
		}
	}
	if len(first) != n || first[4].ID != first[11].ID || first[4].Again == first[11].Again || (first[12] == nil) == (first[13] == nil) {
		t.Fatalf("%d outcomes, %+v and %+v for the same award, %+v and %+v for one key", len(first), first[4], first[11], first[12], first[13])
	}
	records, err := recorded(t.Context(), ledger)
	places := map[issuer.Slot]bool{}
	for _, r := range records {
		for _, slot := range r.Slots {
			places[slot] = true
		}
	}
	if want := n - 3; err != nil || len(records) != want || len(places) != want+1 {
		t.Errorf("%d records with %d places, want %d (%v)", len(records), len(places), want, err)
	}
	k := 0
	for issued, err := range i.IssueAll(t.Context(), awards(n, change), issuer.Many{Group: 13}) {
		switch {
		case k == 14: // has no key
		case (issued == nil) != (first[k] == nil) || err == nil && (!issued.Again || !bytes.Equal(issued.Credential, first[k].Credential)):
			t.Errorf("award %d comes again as %+v, %v", k, issued, err)
		}
		k++
	}
}

// TestIssueAllIsStopped: what was issued then is not issued again.
func TestIssueAllIsStopped(t *testing.T) {
	t.Parallel()
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	ledger := issuer.NewMemoryLedger()
	cfg.Ledger = ledger
	i := newIssuer(t, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for k, err := range i.IssueAll(ctx, awards(1000, nil), issuer.Many{Group: 4, Jobs: 2}) {
		if last = err; k != nil && k.ID != "" {
			cancel()
		}
	}
	if reason.CodeOf(last) != reason.Canceled {
		t.Errorf("the last outcome is %v", last)
	}
	for _, err := range i.IssueAll(t.Context(), awards(1000, nil), issuer.Many{Group: 4, Jobs: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if records, err := recorded(t.Context(), ledger); err != nil || len(records) == 0 || len(records) > 100 {
		t.Errorf("%d records although it was stopped (%v)", len(records), err)
	}
	for _, err := range i.IssueAll(t.Context(), awards(1000, nil), issuer.Many{}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	records, err := recorded(t.Context(), ledger)
	keys := map[string]bool{}
	for _, r := range records {
		keys[r.IdempotencyKey] = true
	}
	if err != nil || len(records) != 1000 || len(keys) != 1000 {
		t.Errorf("%d records with %d keys (%v)", len(records), len(keys), err)
	}
}

// TestIssueAllWithoutLists: what cannot be is said of that award.
func TestIssueAllWithoutLists(t *testing.T) {
	t.Parallel()
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	cfg.StatusBase = ""
	i := newIssuer(t, cfg)
	var codes []reason.Code
	for _, err := range i.IssueAll(t.Context(), awards(3, func(n int, a *issuer.Award) { a.Suspendable = n == 1 }), issuer.Many{}) {
		codes = append(codes, reason.CodeOf(err))
	}
	if !slices.Equal(codes, []reason.Code{"", "usage/no-status-base", ""}) {
		t.Errorf("%q", codes)
	}
}

// faulty panics when it is asked for places.
type faulty struct{ issuer.Ledger }

func (faulty) Reserve(context.Context, issuer.Reservation) ([]issuer.Slot, error) { panic("a fault") }

// TestIssueAllFault: a fault in what issuing calls is an error, and the group
// after it goes on.
func TestIssueAllFault(t *testing.T) {
	t.Parallel()
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	cfg.Ledger = faulty{cfg.Ledger}
	i := newIssuer(t, cfg)
	n := 0
	for issued, err := range i.IssueAll(t.Context(), awards(5, nil), issuer.Many{Group: 2}) {
		if n++; issued != nil || reason.CodeOf(err) != reason.Internal {
			t.Errorf("%+v %v", issued, err)
		}
	}
	if n != 5 {
		t.Errorf("%d of 5", n)
	}
}

func TestCheckTakesNothing(t *testing.T) {
	t.Parallel()
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	i := newIssuer(t, cfg)
	a := award()
	a.License = "HMS-17"
	if err := i.Check(a); err != nil {
		t.Error(err)
	}
	if err := i.Check(issuer.Award{Achievement: a.Achievement}); reason.CodeOf(err) != "malformed/recipient" {
		t.Error(err)
	}
	if issued, err := i.Again(t.Context(), a); issued != nil || err != nil {
		t.Errorf("%+v %v", issued, err)
	}
	lists, err := cfg.Ledger.Lists(t.Context())
	if err != nil || len(lists) != 0 {
		t.Errorf("%v %v", lists, err)
	}
	issued, err := i.Issue(t.Context(), award())
	if err != nil || bytes.Contains(issued.Credential, []byte("licenseNumber")) {
		t.Errorf("%v", err)
	}
	a = award()
	a.License = "HMS-17"
	if issued, err = i.Issue(t.Context(), a); err != nil || !bytes.Contains(issued.Credential, []byte(`"licenseNumber":"HMS-17"`)) {
		t.Errorf("%v", err)
	}
}
