package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) credentialEndorse() *cobra.Command {
	var r app.EndorseRequest
	var o outFlags
	until, format := "", ""
	c := s.leaf("credential.endorse", "endorse FILE", 1, 1, []string{
		`bevis credential endorse definition.json --comment "Godkjent av bransjen." -o endorsement.json`,
		`bevis credential endorse bevis.json --what issuer --comment "Godkjent kurssted." -o endorsement.json`,
	}, func(ctx context.Context, args []string) (err error) {
		if until != "" {
			if r.Until, err = app.ParseUntil(until, s.app.Now()); err != nil {
				return err
			}
		}
		if format != "" {
			if r.Suite, err = s.app.Form(format); err != nil {
				return err
			}
		}
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		in, err := s.app.OneInput(ctx, args[0], s.stdin)
		if err != nil {
			return err
		}
		if in, err = app.Opened(ctx, in); err != nil {
			return err
		}
		r.Input = in
		issued, what, id, err := s.app.Endorse(ctx, r)
		if err != nil {
			return err
		}
		s.note("endorse.done", s.t("endorsed."+what), show(id))
		o.precious, o.binary = true, proof.IsCOSE(issued.Credential)
		return s.deliver(issued.Credential, o.file, o)
	})
	f := c.Flags()
	f.StringVar(&r.What, "what", "", s.t("flag.endorse-what"))
	f.StringVar(&r.Comment, "comment", "", s.t("flag.endorse-comment"))
	f.StringVar(&r.Name, "name", "", s.t("flag.endorse-name"))
	f.StringVar(&until, "valid-until", "", s.t("flag.valid-until"))
	f.StringVar(&format, "format", "", s.t("flag.endorse-format"))
	f.StringVar(&r.Actor, "by", "", s.t("flag.by"))
	s.outFlags(c, &o)
	return c
}

func (s *session) achievementEndorsement() *cobra.Command {
	return s.leaf("achievement.endorsement", "endorsement NAME FILE", 2, 2, []string{"bevis achievement endorsement sveising endorsement.json"},
		func(ctx context.Context, args []string) error {
			in, err := s.app.OneInput(ctx, args[1], s.stdin)
			if err != nil {
				return err
			}
			done, err := s.app.AchievementEndorse(ctx, args[0], in)
			return s.attached(done, err)
		})
}

func (s *session) issuerEndorsement() *cobra.Command {
	return s.leaf("issuer.endorsement", "endorsement FILE", 1, 1, []string{"bevis issuer endorsement endorsement.json"}, func(ctx context.Context, args []string) error {
		in, err := s.app.OneInput(ctx, args[0], s.stdin)
		if err != nil {
			return err
		}
		done, err := s.app.IssuerEndorse(ctx, in)
		return s.attached(done, err)
	})
}

func (s *session) attached(done app.Attached, err error) error {
	if err != nil {
		return err
	}
	if !done.ByDigest {
		s.note("endorse.by-id")
	}
	if done.Verdict != "valid" {
		s.note("endorse.unsure", s.p.Code("reason.", string(reason.Code(done.Reason))), show(done.Reason))
	}
	return s.result(done, func(w *strings.Builder) {
		s.row(w, "label.endorsed-by", done.By)
		s.row(w, "label.name", done.Name)
	})
}
