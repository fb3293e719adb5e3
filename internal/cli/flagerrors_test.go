package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/reason"
)

// TestEveryFlagSaysWhatItWants: what is no value for a flag is refused in words of ours,
// at that flag; but for what any text is a value for, and lists as tables have them.
func TestEveryFlagSaysWhatItWants(t *testing.T) {
	t.Parallel()
	s := newSession(Env{Getenv: func(string) string { return "" }})
	refused := map[string]bool{}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		c.Flags().AddFlagSet(c.PersistentFlags())
		c.Flags().VisitAll(func(f *pflag.Flag) {
			kind := f.Value.Type()
			if slices.Contains([]string{"string", "stringArray", "stringSlice"}, kind) {
				return
			}
			err := flagSaid(c, c.Flags().Set(f.Name, "\x00"))
			var said *profile.Refusal
			if !errors.As(err, &said) || said.Finding.Said.Text == saidFlagBad || reason.AtOf(err) != "--"+f.Name || reason.CodeOf(err) != reason.Usage {
				t.Errorf("%s --%s (%s): %v", c.CommandPath(), f.Name, kind, err)
			}
			refused[kind] = true
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(s.root())
	if len(refused) < 6 {
		t.Errorf("only %v were refused", refused)
	}
}

// TestNearFlag: only what can be meant in one way is named.
func TestNearFlag(t *testing.T) {
	t.Parallel()
	c := &cobra.Command{}
	for _, name := range []string{"output", "outcome", "issuer"} {
		c.Flags().String(name, "", "")
	}
	for written, want := range map[string]string{"iss": "issuer", "issuers": "issuer", "isuer": "issuer", "uotput": "", "out": "", "outp": "output", "is": "", "nothing": ""} {
		_, err := c.Flags().GetString(written)
		if got := nearFlag(c, written); got != want || err == nil {
			t.Errorf("%s: %q, not %q", written, got, want)
		}
		if err := flagSaid(c, err); want != "" && !strings.HasSuffix(err.Error(), "there is --"+want) {
			t.Errorf("%s: %v", written, err)
		}
	}
}
