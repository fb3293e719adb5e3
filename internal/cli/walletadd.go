package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/reason"
)

// walletInCommands bring something in.
func (s *session) walletInCommands(f *walletFlags) []*cobra.Command {
	return []*cobra.Command{s.walletAdd(f)}
}

func (s *session) walletAdd(f *walletFlags) *cobra.Command {
	var r app.VerifyRequest
	var lists []string
	anyway := false
	c := s.leaf("wallet.add", "add FILE…", 1, -1, []string{"bevis wallet add bevis.json", "bevis wallet add vitnemal.png --issuer did:web:uib.no", "bevis wallet add vitnemal.elmo.xml"},
		func(ctx context.Context, args []string) error {
			var err error
			if r.StatusLists, err = statusLists(lists); err != nil {
				return err
			}
			w, err := s.open(ctx, f)
			if err != nil {
				return err
			}
			if r.Inputs = s.app.Inputs(ctx, args, s.stdin); len(r.Inputs) == 0 {
				return reason.New("no_credential/empty", strings.Join(args, " "), "there is no file in it")
			}
			added, addErr := s.app.WalletAdd(ctx, w, r, anyway)
			out := struct {
				Added []app.WalletAdded `json:"added"`
			}{append([]app.WalletAdded{}, added...)}
			if addErr != nil && s.json && len(added) == 0 {
				return addErr // which prints itself as JSON
			}
			err = s.result(out, func(b *strings.Builder) {
				for _, a := range added {
					what := "wallet.added"
					if !a.Added {
						what = "wallet.had"
					}
					if h := a.History; h != nil {
						fmt.Fprintf(b, "%s  %s  %s\n    ! %s\n", h.ID, show(h.Source), s.t(what), s.t("wallet.history-added", h.Results))
						s.problems(b, h.Problems)
						continue
					}
					fmt.Fprintf(b, "%s  %s  %s\n", a.Item.ID, show(a.Item.Title), s.t(what))
					fmt.Fprintf(b, "    %s %s", report.Sign(a.Result.Verdict), s.t("verdict."+a.Result.Verdict))
					if a.Result.Reason != "" {
						fmt.Fprintf(b, ": %s [%s]", s.p.Code("reason.", a.Result.Reason), a.Result.Reason)
					}
					b.WriteByte('\n')
					if next := report.Next(s.p, a.Result); next != "" {
						fmt.Fprintf(b, "      %s\n", show(next))
					}
					if a.Item.Subject != "" && !slices.Contains(w.Keys(), a.Item.Subject) {
						fmt.Fprintf(b, "      %s\n", s.t("wallet.not-yours"))
					}
				}
			})
			if addErr != nil {
				return addErr
			}
			return err
		})
	c.Flags().StringArrayVar(&r.Issuers, "issuer", nil, s.t("flag.verify-issuer"))
	c.Flags().StringArrayVar(&lists, "status-list", nil, s.t("flag.status-list"))
	c.Flags().BoolVar(&anyway, "anyway", false, s.t("flag.anyway"))
	return c
}
