package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
)

func (s *session) trustSuccession() *cobra.Command {
	c := s.group("trust.succession", s.successionSign(), s.successionImport())
	c.Use = "succession"
	return c
}

func (s *session) successionSign() *cobra.Command {
	var r app.SuccessionRequest
	var from, until, with string
	var o outFlags
	c := s.leaf("trust.succession.sign", "sign", 0, 0, []string{
		`bevis trust succession sign --successor did:web:ny.example --from 2027-01-01 -o half.json`,
		`bevis trust succession sign --with half.json -o succession.json`,
	}, func(ctx context.Context, _ []string) error {
		for _, bound := range []struct {
			text string
			to   *time.Time
		}{{from, &r.Effective}, {until, &r.Until}} {
			if bound.text == "" {
				continue
			}
			var err error
			if *bound.to, err = app.ParseDay(bound.text); err != nil {
				return err
			}
		}
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		if with != "" {
			in, err := s.app.OneInput(ctx, with, s.stdin)
			if err != nil {
				return err
			}
			r.With = &in
		}
		said, raw, err := s.app.SuccessionSign(ctx, r)
		if err != nil {
			return err
		}
		if with == "" {
			s.note("succession.half")
		} else {
			s.note("succession.whole", show(said.Predecessor), show(said.Successor), s.day(said.Effective))
		}
		return s.deliver(raw, o.file, o)
	})
	f := c.Flags()
	f.StringVar(&r.Successor, "successor", "", s.t("flag.successor"))
	f.StringVar(&r.Predecessor, "predecessor", "", s.t("flag.predecessor"))
	f.StringVar(&with, "with", "", s.t("flag.succession-with"))
	f.StringVar(&from, "from", "", s.t("flag.succession-from"))
	f.StringVar(&until, "until", "", s.t("flag.succession-until"))
	s.outFlags(c, &o)
	return c
}

func (s *session) successionImport() *cobra.Command {
	return s.leaf("trust.succession.import", "import FILE", 1, 1, []string{"bevis trust succession import succession.json"},
		func(ctx context.Context, args []string) error {
			in, err := s.app.OneInput(ctx, args[0], s.stdin)
			if err != nil {
				return err
			}
			taken, err := s.app.SuccessionImport(ctx, in)
			if err != nil {
				return err
			}
			return s.result(taken, func(w *strings.Builder) {
				fmt.Fprintf(w, "✓ %s\n", s.t("succession.taken", show(taken.Predecessor), show(taken.Successor), s.day(taken.Effective)))
				if len(taken.Keys) > 0 {
					fmt.Fprintf(w, "  %s\n", s.t("succession.keys", len(taken.Keys)))
				}
			})
		})
}
