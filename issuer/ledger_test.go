package issuer_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/issuer"
)

func TestMemoryLedger(t *testing.T) {
	t.Parallel()
	bevistest.TestLedger(t, func(*testing.T) issuer.Ledger { return issuer.NewMemoryLedger() })
}

func TestMemoryLedgerKeepsItsOwn(t *testing.T) {
	t.Parallel()
	l := issuer.NewMemoryLedger()
	r := issuer.Record{ID: "urn:x:1", Credential: []byte("abc"), Slots: []issuer.Slot{{Purpose: "revocation", List: 1, Index: 1}}}
	if err := l.Record(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	r.Credential[0], r.Slots[0].Index = 'x', 9
	got, err := l.Get(t.Context(), "urn:x:1")
	if err != nil {
		t.Fatal(err)
	}
	got.Credential[1] = 'x'
	again, err := l.Get(t.Context(), "urn:x:1")
	if err != nil || string(again.Credential) != "abc" || again.Slots[0].Index != 1 {
		t.Error("a caller changed what the ledger keeps", string(again.Credential), again.Slots, err)
	}
}
