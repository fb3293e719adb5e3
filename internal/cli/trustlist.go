package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) trustImport() *cobra.Command {
	var name string
	c := s.leaf("trust.import", "import FILE", 1, 1, []string{
		`bevis trust import registry.json --as "DCC Community Registry"`,
		`bevis trust import https://hkdir.example/tillit.json`,
	}, func(ctx context.Context, args []string) error {
		in, err := s.app.OneInput(ctx, args[0], s.stdin)
		if err != nil {
			return err
		}
		taken, err := s.app.TrustImport(ctx, in, name)
		if err != nil {
			return err
		}
		return s.result(taken, func(w *strings.Builder) { s.taken(w, taken) })
	})
	c.Flags().StringVar(&name, "as", "", s.t("flag.trust-as"))
	return c
}

// taken says what came of a list or a registry.
func (s *session) taken(w *strings.Builder, t app.TrustTaken) {
	switch {
	case t.Err != nil:
		fmt.Fprintf(w, "✗ %s  %s\n", show(t.By), s.t("trust.not-taken", s.p.Code("reason.", t.Code), t.Code))
		s.row(w, "label.why", s.technical(t.Message))
		s.row(w, "label.next", s.p.Code("next.", t.Code))
	case t.Again:
		fmt.Fprintf(w, "✓ %s  %s\n", show(t.By), s.t("trust.taken-again", t.Issuers))
	case t.Kind == "registry":
		fmt.Fprintf(w, "✓ %s  %s\n", show(t.By), s.t("trust.taken-registry", t.Issuers))
	default:
		fmt.Fprintf(w, "✓ %s  %s\n", show(t.By), s.t("trust.taken-list", t.Issuers, s.day(t.Dated)))
	}
}

func (s *session) trustUpdate() *cobra.Command {
	return s.leaf("trust.update", "update", 0, 0, []string{"bevis trust update"}, func(ctx context.Context, _ []string) error {
		all, err := s.app.TrustUpdate(ctx)
		if err != nil {
			return err
		}
		for _, t := range all {
			if t.Err != nil {
				s.class = reason.Failure
			}
		}
		if all == nil {
			all = []app.TrustTaken{}
		}
		return s.result(map[string]any{"policy": s.app.TrustPath(), "updated": all}, func(w *strings.Builder) {
			for _, t := range all {
				s.taken(w, t)
			}
			if len(all) == 0 {
				w.WriteString(s.t("trust.nothing-to-update") + "\n")
			}
		})
	})
}

func (s *session) trustSign() *cobra.Command {
	var name, address, until string
	var o outFlags
	c := s.leaf("trust.sign", "sign FILE", 1, 1, []string{
		`bevis trust sign recognized.txt --url https://hkdir.example/tillit.json --until 2027-01-01 -o tillit.json`,
	}, func(ctx context.Context, args []string) error {
		var end time.Time
		if until != "" {
			var err error
			if end, err = app.ParseDay(until); err != nil {
				return err
			}
		}
		in, err := s.app.OneInput(ctx, args[0], s.stdin)
		if err != nil {
			return err
		}
		list, raw, err := s.app.TrustSign(ctx, in, name, address, end)
		if err != nil {
			return err
		}
		if err := s.deliver(raw, o.file, o); err != nil {
			return err
		}
		s.note("trust.signed", len(list.Entries), s.day(list.Until))
		return nil
	})
	f := c.Flags()
	f.StringVar(&name, "name", "", s.t("flag.trust-list-name"))
	f.StringVar(&address, "url", "", s.t("flag.trust-list-url"))
	f.StringVar(&until, "until", "", s.t("flag.trust-list-until"))
	s.outFlags(c, &o)
	return c
}
