package verifier

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
)

// TestMemo: a list is read once for the same bytes, issuer, types and time, and
// anew for any other; what is remembered is bounded.
func TestMemo(t *testing.T) {
	t.Parallel()
	m := NewMemo()
	reads := 0
	failure := errors.New("the list is not sound")
	ask := func(issuer, types, raw string) (time.Duration, error) {
		j := &judgement{Verifier: &Verifier{cfg: Config{Memo: m}}, report: &Report{Issuer: Issuer{ID: issuer}}, types: []string{types}}
		_, copied, err := j.verifiedList(t.Context(), []byte(raw), "https://kurs.example/1", func() (*credential.Value, published, error) {
			reads++
			if raw == "bad" {
				return nil, published{}, failure
			}
			return nil, published{life: time.Duration(len(raw))}, nil
		})
		return copied.life, err
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
		if step.raw == "bad" && err != failure || step.raw != "bad" && (err != nil || got != time.Duration(len(step.raw))) {
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
