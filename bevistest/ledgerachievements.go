package bevistest

import (
	"fmt"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
)

// achievementUse: what something was issued for is known by exactly its id, also
// when it was recorded among many others, and after all of that was erased.
func achievementUse(t *testing.T, l issuer.Ledger, u issuer.AchievementUse) {
	ctx := t.Context()
	told := func(id string, want bool) {
		t.Helper()
		if got, err := u.Awarded(ctx, id); err != nil || got != want {
			t.Errorf("%q: %v, not %v, %v", id, got, want, err)
		}
	}
	told("urn:a", false)
	told("", false)
	records := many(0, 1200)
	for n := range records {
		records[n].Achievement = fmt.Sprintf("https://kurs.example/%d", n%3)
	}
	if err := l.Record(ctx, records[:600]...); err != nil {
		t.Fatal(err)
	}
	one := record(1200, nil)
	one.Achievement = "https://kurs.example/Sveising"
	if err := l.Record(ctx, append(records[600:], one)...); err != nil {
		t.Fatal(err)
	}
	refused := []issuer.Record{record(1201, nil), record(0, nil)}
	refused[0].Achievement = "https://kurs.example/refused"
	if err := l.Record(ctx, refused...); err == nil {
		t.Error("an id was recorded twice")
	}
	for n := range 3 {
		told(fmt.Sprintf("https://kurs.example/%d", n), true)
	}
	told(one.Achievement, true)
	for _, other := range []string{"", "https://kurs.example/", "https://kurs.example/sveising", "https://kurs.example/Sveising#nn", "https://kurs.example/%", "https://kurs.example/3", "https://kurs.example/refused"} {
		told(other, false)
	}
	if a, ok := l.(issuer.Archive); ok {
		if _, err := a.Erase(ctx, issuer.Erasure{IDs: []string{one.ID}, At: time.Unix(1, 0)}); err != nil {
			t.Fatal(err)
		}
		told(one.Achievement, true)
	}
}
