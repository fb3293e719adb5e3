package app

import (
	"context"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/did"
)

// asked counts how often a resolver is asked.
type asked struct{ times int }

func (a *asked) Resolve(_ context.Context, id string) (*did.Document, error) {
	a.times++
	return &did.Document{ID: id}, nil
}

// TestSharedKeys: an identifier is read once, and a long one, which anybody can
// write, is not kept.
func TestSharedKeys(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]int{"did:key:z6Mk": 1, "did:key:z" + strings.Repeat("a", maxSharedKey): 3} {
		from := &asked{}
		s := &sharedKeys{from: from}
		for range 3 {
			if d, err := s.Resolve(t.Context(), id); err != nil || d.ID != id {
				t.Fatal(d, err)
			}
		}
		if from.times != want {
			t.Errorf("asked %d times for %d bytes", from.times, len(id))
		}
	}
}
