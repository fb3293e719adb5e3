package proof_test

import (
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// TestWalkPlaces: every member and item is visited in document order, and
// nothing inside what is not to be gone into.
func TestWalkPlaces(t *testing.T) {
	t.Parallel()
	v, err := strictjson.Parse([]byte(`{"a":[{"b":1},[2]],"c":{"d/e":{}}}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		not  []string
		want []string
	}{
		"all":             {nil, []string{"/x/a", "/x/a/0", "/x/a/0/b", "/x/a/1", "/x/a/1/0", "/x/c", "/x/c/d~1e"}},
		"not in a member": {[]string{"/x/c"}, []string{"/x/a", "/x/a/0", "/x/a/0/b", "/x/a/1", "/x/a/1/0", "/x/c"}},
		"not in items":    {[]string{"/x/a/0", "/x/a/1"}, []string{"/x/a", "/x/a/0", "/x/a/1", "/x/c", "/x/c/d~1e"}},
	} {
		var got []string
		proof.WalkPlaces("/x", v, func(at string, _ *strictjson.Value) bool {
			got = append(got, at)
			return !slices.Contains(c.not, at)
		})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for i, p := range proof.EveryPlace(proof.PartPayload, "/x", v, proof.Outside, proof.AroundIt) {
		if want := []string{"/x/a", "/x/a/0", "/x/a/0/b", "/x/a/1", "/x/a/1/0", "/x/c", "/x/c/d~1e"}[i]; p != (proof.Place{Part: proof.PartPayload, At: want, State: proof.Outside, Why: proof.AroundIt}) {
			t.Errorf("%+v", p)
		}
	}
}
