package cli

import (
	"bytes"
	"testing"

	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/reason"
)

// TestDemoIsTrue: a command that ends otherwise than the story tells ends it.
func TestDemoIsTrue(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	d := &demo{s: &session{env: Env{Stdout: &out}, p: i18n.New("en")}, folder: t.TempDir()}
	if d.bevis(t.Context(), "kari", 0, head, "version"); d.err != nil {
		t.Fatal(d.err)
	}
	if d.bevis(t.Context(), "kari", 3, head, "version"); reason.CodeOf(d.err) != "internal/demo" {
		t.Error(d.err)
	}
}
