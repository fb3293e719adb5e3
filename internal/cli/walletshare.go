package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// walletShareCommands are about what others get, and got.
func (s *session) walletShareCommands(f *walletFlags) []*cobra.Command {
	return []*cobra.Command{s.walletShare(f), s.walletLog(f)}
}

func (s *session) walletShare(f *walletFlags) *cobra.Command {
	var r wallet.ShareRequest
	var expires, suite string
	var shown []string
	var o outFlags
	c := s.leaf("wallet.share", "share ID…", 1, -1, []string{
		`bevis wallet share k3v --audience https://arbeidsgiver.example --purpose "søknad" --expires 30d -o deling.json`,
		`bevis wallet share m2q --audience https://arbeidsgiver.example --show results --show evidence -o deling.sdjwt`,
	}, func(ctx context.Context, args []string) error {
		if r.Audience == "" {
			return reason.New(reason.Usage, "--audience", "say who is to have it, by the name that they use when they verify")
		}
		var err error
		if r.Expires, err = app.ParseUntil(expires, s.app.Now()); err != nil {
			return err
		}
		if r.Show, r.ShowAll, err = app.Shown(shown); err != nil {
			return err
		}
		// Before the log says that something was shared, the file must be free.
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		r.IDs = args
		o.private, o.precious = true, true
		signed, share, err := s.app.WalletShare(ctx, w, suite, r)
		if err != nil {
			return err
		}
		s.note("share.done", show(strings.Join(share.Titles, ", ")), show(share.Audience), day(share.Expires))
		s.note("share.fields", s.fields(share.Fields))
		if len(share.Withheld) > 0 {
			s.note("share.withheld", s.fields(share.Withheld))
		}
		for _, id := range share.Credentials {
			if i, err := w.Item(id); err == nil && i.Verified != nil && i.Verified.Verdict != "valid" {
				s.note("share.not-valid", show(i.Title), s.t("verdict."+i.Verified.Verdict))
			}
		}
		if !share.Bound {
			s.note("share.unbound")
		}
		o.binary = proof.IsCOSE(signed)
		return s.deliver(signed, o.file, o)
	})
	fl := c.Flags()
	fl.StringVar(&r.Audience, "audience", "", s.t("flag.share-audience"))
	fl.StringVar(&r.Purpose, "purpose", "", s.t("flag.share-purpose"))
	fl.StringVar(&r.Challenge, "challenge", "", s.t("flag.share-challenge"))
	fl.StringVar(&expires, "expires", "30d", s.t("flag.share-expires"))
	fl.StringVar(&suite, "suite", "eddsa-rdfc-2022", s.t("flag.share-suite"))
	fl.StringArrayVar(&shown, "show", nil, s.t("flag.share-show"))
	s.outFlags(c, &o)
	return c
}

func (s *session) walletLog(f *walletFlags) *cobra.Command {
	return s.leaf("wallet.log", "log", 0, 0, nil, func(ctx context.Context, _ []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		shares := w.Shares()
		out := struct {
			Schema string         `json:"schema"`
			Shares []wallet.Share `json:"shares"`
		}{"bevis.wallet-log/v1", append([]wallet.Share{}, shares...)}
		return s.result(out, func(b *strings.Builder) {
			for _, share := range shares {
				fmt.Fprintf(b, "%s  %s\n", day(share.At), show(share.Audience))
				s.row(b, "label.shared", strings.Join(share.Titles, ", "))
				s.row(b, "label.share-purpose", share.Purpose)
				s.row(b, "label.fields", s.fields(share.Fields))
				if !share.Withdrawn.IsZero() {
					s.row(b, "label.withdrawn", day(share.Withdrawn))
				}
				if !share.Expires.IsZero() {
					until := day(share.Expires)
					if !share.Expires.After(s.app.Now()) {
						until += " " + s.t("wallet.share-over")
					}
					s.row(b, "label.until", until)
				}
			}
			if len(shares) == 0 {
				b.WriteString(s.t("wallet.no-shares") + "\n")
			}
		})
	})
}
