package verifier

import (
	"errors"
	"fmt"
	"testing"
)

// TestMemo: a list is read once for the same bytes, issuer, types and time, and
// anew for any other; what is remembered is bounded.
func TestMemo(t *testing.T) {
	t.Parallel()
	m := NewMemo()
	reads := 0
	failure := errors.New("the list is not sound")
	ask := func(issuer, types, raw string) (int, error) {
		j := &judgement{Verifier: &Verifier{cfg: Config{Memo: m}}, report: &Report{Issuer: Issuer{ID: issuer}}, types: []string{types}}
		return verifiedList(j, []byte(raw), "https://kurs.example/1", func() (int, error) {
			reads++
			if raw == "bad" {
				return 0, failure
			}
			return len(raw), nil
		})
	}
	for _, step := range []struct {
		issuer, types, raw string
		reads              int
	}{
		{"a", "x", "list", 1}, {"a", "x", "list", 1}, {"b", "x", "list", 2}, {"a", "y", "list", 3}, {"a", "x", "longer", 4}, {"a", "x", "longer", 4},
		{"a", "x", "bad", 5}, {"a", "x", "bad", 5}, {"a", "x", "list", 6},
	} {
		got, err := ask(step.issuer, step.types, step.raw)
		if reads != step.reads {
			t.Errorf("%v: %d reads", step, reads)
		}
		if step.raw == "bad" && err != failure || step.raw != "bad" && (err != nil || got != len(step.raw)) {
			t.Errorf("%v: %d %v", step, got, err)
		}
	}
	for n := range 10 * maxMemo {
		if _, err := ask(fmt.Sprint(n), "x", "list"); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.lists) > maxMemo {
		t.Errorf("%d lists are remembered", len(m.lists))
	}
}
