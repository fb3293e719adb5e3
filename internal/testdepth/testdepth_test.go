package testdepth_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/internal/testdepth"
)

func TestDepth(t *testing.T) {
	for _, c := range []struct {
		said       string
		part, step int
	}{{"", 5, 7}, {"0", 5, 7}, {"1", 100, 1}} {
		t.Setenv("BEVIS_THOROUGH", c.said)
		if part, step := testdepth.Part(t, 100, 5), testdepth.OneIn(t, 7); part != c.part || step != c.step || testdepth.Thorough() != (c.step == 1) {
			t.Errorf("%q: %d, one in %d", c.said, part, step)
		}
	}
}
