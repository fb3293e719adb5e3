package verifier

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestSignedAt: a proof was made when it says, and else when what it covers
// begins; by that time its key is judged.
func TestSignedAt(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 6, n, 0, 0, 0, 0, time.UTC) }
	claimed, err := credential.Parse([]byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:x:i","validFrom":"2026-06-03T00:00:00Z","credentialSubject":{"id":"did:x:y"}}`), credential.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		s       proof.Secured
		claimed *credential.Credential
		want    time.Time
	}{
		"said":               {proof.Secured{Created: day(5), NotBefore: day(4)}, claimed, day(5)},
		"not before":         {proof.Secured{NotBefore: day(4)}, claimed, day(4)},
		"by what it covers":  {proof.Secured{}, claimed, day(3)},
		"nothing is said":    {proof.Secured{}, nil, time.Time{}},
		"not said, and said": {proof.Secured{Created: day(2)}, nil, day(2)},
	} {
		j := &judgement{report: &Report{claimed: c.claimed}}
		if got := j.signedAt(&c.s); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	j := &judgement{req: Request{At: day(10)}}
	for name, c := range map[string]struct {
		k      proof.Key
		signed time.Time
		want   reason.Code
	}{
		"for ever":                     {proof.Key{}, day(5), ""},
		"before its end":               {proof.Key{Expires: day(6)}, day(5), ""},
		"after its end":                {proof.Key{Expires: day(4)}, day(5), "key_invalid/expired"},
		"who knows when, ended":        {proof.Key{Expires: day(9)}, time.Time{}, "key_invalid/expired"},
		"who knows when, not ended":    {proof.Key{Expires: day(11)}, time.Time{}, ""},
		"revoked":                      {proof.Key{Revoked: day(6)}, day(5), "key_invalid/revoked"},
		"revoked after what was asked": {proof.Key{Revoked: day(11)}, day(5), "key_unavailable/revoked-since"},
	} {
		if got := reason.CodeOf(j.keyInForce(c.k, c.signed)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestMemoRemembers: a list that is known is not forgotten for another, or for a
// newer edition of itself, before there are too many.
func TestMemoRemembers(t *testing.T) {
	t.Parallel()
	m := NewMemo()
	at := func(i int) memoKey { return memoKey{url: strconv.Itoa(i)} }
	first := m.list(at(0), []byte("list"))
	for i := 1; i < maxMemo; i++ {
		m.list(at(i), []byte("list"))
	}
	if m.list(at(0), []byte("list")) != first {
		t.Error("a list was forgotten before there were too many")
	}
	m.list(at(1), []byte("newer"))
	if m.list(at(0), []byte("list")) != first || len(m.lists) != maxMemo {
		t.Errorf("a newer edition of one of %d took the others along", len(m.lists))
	}
	if m.list(at(maxMemo), []byte("list")); len(m.lists) != 1 {
		t.Errorf("of too many, %d are kept", len(m.lists))
	}
	half := make([]byte, maxMemoBytes/2)
	for i, want := range []int{2, 1, 2, 1} { // beside the one of a few bytes, two are too much
		if m.list(memoKey{url: "long", at: int64(i)}, half); len(m.lists) != want {
			t.Errorf("after %d lists of %d bytes, %d are kept", i+1, len(half), len(m.lists))
		}
	}
	if m.bytes > maxMemoBytes {
		t.Errorf("%d bytes are kept", m.bytes)
	}
}

// TestMemoOfWhoGaveUp: that somebody did not wait for a list to be opened says
// nothing to the next who asks.
func TestMemoOfWhoGaveUp(t *testing.T) {
	t.Parallel()
	const url = "https://kurs.example/1"
	bits, err := status.NewList(status.MinEntries)
	if err != nil {
		t.Fatal(err)
	}
	if err := bits.Set(8, true); err != nil {
		t.Fatal(err)
	}
	draft, err := status.Draft(url, status.Revocation, strictjson.String("did:x:i"), bits, time.Unix(0, 0), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := draft.Build()
	if err != nil {
		t.Fatal(err)
	}
	m := NewMemo()
	j := &judgement{Verifier: &Verifier{cfg: Config{Memo: m}}}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	entry := status.Entry{ListURL: url, Purpose: status.Revocation, Index: 8}
	if _, err := j.lookup(stopped, entry, list.Document()); reason.CodeOf(err) != reason.Canceled {
		t.Fatalf("opened by who did not wait: %v", err)
	}
	for range 2 {
		if value, err := j.lookup(t.Context(), entry, list.Document()); err != nil || value != 1 {
			t.Errorf("%d %v", value, err)
		}
	}
	if b := m.bits[bitsKey{list.Document(), url, status.Revocation, false}]; len(m.bits) != 1 || b.err != nil {
		t.Errorf("what is remembered: %+v", m.bits)
	}
}
