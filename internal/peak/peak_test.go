package peak_test

import (
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/kompetansebevis/bevis/internal/peak"
)

// TestOf: this program, run once more for nothing, takes more than a mebibyte and less
// than a gibibyte, or it is not known.
func TestOf(t *testing.T) {
	t.Parallel()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	got, known := peak.Of(c.ProcessState), runtime.GOOS != "windows"
	if known && (got < 1<<20 || got > 1<<30) || !known && got != 0 {
		t.Errorf("%d bytes", got)
	}
}
