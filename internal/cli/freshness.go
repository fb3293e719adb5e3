package cli

import (
	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// freshness gives a command the flags for how old keys and status may be.
func (s *session) freshness(c *cobra.Command, to *app.Freshness) {
	f := c.Flags()
	f.Func("max-status-age", s.t("flag.max-status-age"), func(text string) error {
		age, err := trust.ParseAge(text)
		if err != nil {
			return reason.New(reason.Usage, "--max-status-age", "%s", err)
		}
		to.MaxAge = age
		return nil
	})
	f.BoolVar(&to.Refresh, "refresh-cache", false, s.t("flag.refresh-cache"))
}
