package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// freshness gives a command the flags for how old keys and status may be.
func (s *session) freshness(c *cobra.Command, to *app.Freshness) {
	f := c.Flags()
	f.Var(&ageFlag{to: &to.MaxAge}, "max-status-age", s.t("flag.max-status-age"))
	f.BoolVar(&to.Refresh, "refresh-cache", false, s.t("flag.refresh-cache"))
}

// ageFlag is a length of time as it was written, so that a report can repeat
// it word for word.
type ageFlag struct {
	to   *time.Duration
	text string
}

func (a *ageFlag) Set(text string) error {
	age, err := trust.ParseAge(text)
	if err != nil {
		return reason.New(reason.Usage, "--max-status-age", "%s", err)
	}
	*a.to, a.text = age, text
	return nil
}

func (a *ageFlag) String() string { return a.text }

// Type names the value in the help where the text of the flag does not.
func (a *ageFlag) Type() string { return "age" }
