package bevistest

import (
	"fmt"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
)

// BenchmarkLedger measures what books cost for credentials of 3,000 bytes: one
// at a time, as a service issues, and a thousand at a time, as a batch does; a
// revocation; and reading a list of 100 million places of which 10,000 are set.
// Times are for one credential.
func BenchmarkLedger(b *testing.B, l issuer.Ledger) {
	n := 0
	books := func(b *testing.B, size, awards int) []string {
		slots, err := l.Reserve(b.Context(), issuer.Reservation{Purposes: []string{"revocation"}, ListSize: size, Awards: awards})
		if err != nil {
			b.Fatal(err)
		}
		var ids []string
		records := make([]issuer.Record, awards)
		for k := range records {
			n++
			id := fmt.Sprintf("urn:x:%d:%d", b.N, n)
			ids = append(ids, id)
			records[k] = issuer.Record{ID: id, IdempotencyKey: "key " + id, AwardDigest: "d", Achievement: "urn:a", Form: "f", IssuedAt: time.Unix(int64(n), 0),
				Slots: slots[k : k+1], Credential: make([]byte, 3000), Persons: []string{"did:example:" + id}}
		}
		if err := l.Record(b.Context(), records...); err != nil {
			b.Fatal(err)
		}
		return ids
	}
	const large = 100_000_000
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			books(b, large, 1)
		}
	})
	b.Run("thousand", func(b *testing.B) {
		for range b.N/1000 + 1 {
			books(b, large, 1000)
		}
	})
	b.Run("revoke", func(b *testing.B) {
		ids := books(b, large, 10_000)
		k := 0
		for b.Loop() {
			if err := l.SetStatus(b.Context(), issuer.Change{ID: ids[k%len(ids)], Purpose: "revocation", Set: true, Why: "w", Actor: "a"}); err != nil {
				b.Fatal(err)
			}
			k++
		}
		for ; k < len(ids); k++ {
			if err := l.SetStatus(b.Context(), issuer.Change{ID: ids[k], Purpose: "revocation", Set: true, Why: "w", Actor: "a"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("lists", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			lists, err := l.Lists(b.Context())
			if err != nil || len(lists) != 1 || len(lists[0].Set) < 10_000 {
				b.Fatal(len(lists), err)
			}
		}
	})
}
