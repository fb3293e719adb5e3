package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
)

func (s *session) credentialNotarise() *cobra.Command {
	var o outFlags
	c := s.leaf("credential.notarise", "notarise FILE|ADDRESS", 1, 1, []string{
		"bevis credential notarise merke.png -o notarised.json",
		"bevis credential notarise https://badges.example/assertions/1 -o notarised.json",
	}, func(ctx context.Context, args []string) error {
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		in := app.Input{Name: args[0], Raw: []byte(args[0])}
		if !strings.HasPrefix(args[0], "https://") && !strings.HasPrefix(args[0], "http://") {
			var err error
			if in, err = s.app.OneInput(ctx, args[0], s.stdin); err != nil {
				return err
			}
		}
		done, err := s.app.Notarise(ctx, in)
		if err != nil {
			return err
		}
		s.note("notarise.done", show(done.About))
		for _, a := range done.Answers {
			if a.Problem != "" {
				s.note("notarise.missing", show(a.Address), s.p.Code("reason.", a.Problem))
			}
		}
		if o.file == "" || o.file == "-" {
			return s.deliver(done.Credential, o.file, o)
		}
		o.precious = true
		if err := s.deliver(done.Credential, o.file, o); err != nil {
			return err
		}
		return s.result(done, func(w *strings.Builder) {
			for _, a := range done.Answers {
				if a.Problem == "" {
					fmt.Fprintf(w, "%s  %s  %d\n", show(a.Role), show(a.Address), a.Bytes)
				}
			}
		})
	})
	s.outFlags(c, &o)
	return c
}
