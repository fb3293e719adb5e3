package loss_test

import (
	"encoding/json"
	"testing"

	"github.com/kompetansebevis/bevis/credential/loss"
)

func TestReport(t *testing.T) {
	var r loss.Report
	r.Add(loss.Item{From: "/a", Why: "no-place"})
	r.Add(loss.Item{From: "/a", Why: "no-place"})
	r.Add(loss.Item{Kind: loss.Assumed, To: "/b", Why: "required"})
	if len(r) != 2 || r.Count(loss.Dropped) != 1 || r.Count(loss.Assumed) != 1 {
		t.Fatalf("%+v", r)
	}
	got, err := json.Marshal(r)
	want := `[{"kind":"dropped","from":"/a","why":"no-place"},{"kind":"assumed","to":"/b","why":"required"}]`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
}

func TestKinds(t *testing.T) {
	for kind, want := range map[loss.Kind]string{
		loss.Dropped: "dropped", loss.Approximated: "approximated", loss.Assumed: "assumed", loss.Kept: "kept",
	} {
		if got := kind.String(); got != want {
			t.Errorf("%d: %q, want %q", kind, got, want)
		}
	}
}
