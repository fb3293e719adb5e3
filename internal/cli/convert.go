package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/internal/app"
)

func (s *session) credentialConvert() *cobra.Command {
	var r app.ConvertRequest
	var to string
	var o outFlags
	c := s.leaf("credential.convert", "convert FILE", 1, 1, []string{
		"bevis credential convert europass.jsonld --to ob3 -o bevis.json",
		"bevis credential convert vitnemaal.xml --to ob3 --part 2 -o bevis.json",
	}, func(ctx context.Context, args []string) error {
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		var err error
		if r.In, err = s.app.OneInput(ctx, args[0], s.stdin); err != nil {
			return err
		}
		r.To = app.DocumentKind(to)
		done, err := s.app.Convert(ctx, r)
		if err != nil {
			return err
		}
		s.note("convert.unsigned")
		if done.SourceSecured {
			s.note("convert.not-carried")
		}
		if o.file == "" || o.file == "-" {
			if s.json {
				return s.printJSON(done)
			}
			fmt.Fprint(s.env.Stderr, s.lost(done.Lost))
			return s.print(done.Raw())
		}
		done.Document = nil
		if err := s.deliver(done.Raw(), o.file, o); err != nil {
			return err
		}
		return s.result(done, func(w *strings.Builder) { w.WriteString(s.lost(done.Lost)) })
	})
	c.Flags().StringVar(&to, "to", "", s.t("flag.convert-to"))
	c.Flags().StringVar(&r.Part, "part", "", s.t("flag.part"))
	c.Flags().StringArrayVar(&r.Languages, "language", nil, s.t("flag.convert-language"))
	s.outFlags(c, &o)
	return c
}

// lost says what did not come over as it was, one part a line.
func (s *session) lost(report loss.Report) string {
	var w strings.Builder
	if len(report) == 0 {
		fmt.Fprintf(&w, "✓ %s\n", s.t("convert.whole"))
	}
	for _, kind := range []loss.Kind{loss.Dropped, loss.Approximated, loss.Kept, loss.Assumed} {
		if n := report.Count(kind); n > 0 {
			fmt.Fprintf(&w, "%s (%d)\n", s.t("convert.kind."+kind.String()), n)
		}
		for _, item := range report {
			if item.Kind != kind {
				continue
			}
			at := item.From
			if kind == loss.Assumed {
				at = item.To
			}
			fmt.Fprintf(&w, "  %s: %s", show(at), s.p.Code("loss.", item.Why))
			if item.What != "" {
				fmt.Fprintf(&w, " – %s", show(item.What))
			}
			w.WriteByte('\n')
		}
	}
	return w.String()
}
