package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/wallet"
)

// walletLookCommands are about what is in the wallet.
func (s *session) walletLookCommands(f *walletFlags) []*cobra.Command {
	return []*cobra.Command{s.walletList(f), s.walletShow(f), s.walletRemove(f)}
}

func (s *session) walletList(f *walletFlags) *cobra.Command {
	return s.leaf("wallet.list", "list [WORD…]", 0, -1, []string{"bevis wallet list", "bevis wallet list sveising"}, func(ctx context.Context, args []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		items := w.Search(strings.Join(args, " "))
		out := struct {
			Schema      string           `json:"schema"`
			Credentials []wallet.Item    `json:"credentials"`
			Histories   []wallet.History `json:"histories,omitempty"`
		}{"bevis.wallet-list/v1", append([]wallet.Item{}, items...), nil}
		if len(args) == 0 {
			out.Histories = w.Histories()
		}
		return s.result(out, func(b *strings.Builder) {
			for _, i := range items {
				issuer := i.IssuerName
				if issuer == "" {
					issuer = i.Issuer
				}
				fmt.Fprintf(b, "%s  %s\n              %s", i.ID, show(i.Title), show(issuer))
				if !i.ValidFrom.IsZero() {
					b.WriteString(", " + day(i.ValidFrom))
				}
				if !i.ValidUntil.IsZero() {
					b.WriteString(" – " + day(i.ValidUntil))
				}
				b.WriteByte('\n')
				if v := i.Verified; v != nil && v.Verdict != "valid" {
					fmt.Fprintf(b, "              %s %s\n", report.Sign(v.Verdict), s.t("wallet.verified", s.t("verdict."+v.Verdict), day(v.At)))
				}
			}
			for _, h := range out.Histories {
				fmt.Fprintf(b, "%s  %s\n              %s, %s\n", h.ID, show(h.Source), s.t("wallet.history"), day(h.AddedAt))
			}
			if len(items) == 0 && len(args) > 0 {
				b.WriteString(s.t("wallet.no-hit") + "\n")
			} else if len(items)+len(out.Histories) == 0 {
				b.WriteString(s.t("wallet.none") + "\n")
			}
		})
	})
}

func (s *session) walletShow(f *walletFlags) *cobra.Command {
	raw := false
	var o outFlags
	c := s.leaf("wallet.show", "show ID", 1, 1, []string{"bevis wallet show k3v", "bevis wallet show k3v --raw -o bevis.json"}, func(ctx context.Context, args []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		i, err := w.Item(args[0])
		if h, historyErr := w.History(args[0]); err != nil && historyErr == nil {
			return s.historyShow(ctx, h, raw, o)
		}
		if err != nil {
			return err
		}
		if raw || o.file != "" {
			o.private = true
			o.binary = proof.IsCOSE(i.Raw())
			return s.deliver(i.Raw(), o.file, o)
		}
		out := struct {
			wallet.Item
			Choices []string `json:"choices,omitempty"` // what can be kept back
		}{Item: i}
		if found, err := s.app.Inspect(ctx, app.Input{Raw: i.Raw()}); err == nil {
			out.Choices = found.Choices
		}
		return s.result(out, func(b *strings.Builder) {
			s.row(b, "label.name", i.Title)
			s.row(b, "label.type", i.Type)
			s.row(b, "label.description", i.Description)
			s.row(b, "label.skills", strings.Join(i.Skills, ", "))
			s.row(b, "label.issuer", strings.TrimSpace(i.IssuerName+" "+i.Issuer))
			s.row(b, "label.subject", i.Subject)
			if !i.ValidFrom.IsZero() {
				s.row(b, "label.from", day(i.ValidFrom))
			}
			if !i.ValidUntil.IsZero() {
				s.row(b, "label.until", day(i.ValidUntil))
			}
			s.row(b, "label.added", day(i.AddedAt)+"  "+i.Source)
			if v := i.Verified; v != nil {
				s.row(b, "label.verified", s.t("wallet.verified", s.t("verdict."+v.Verdict), day(v.At)))
			}
			s.row(b, "label.choices", strings.Join(out.Choices, ", "))
			s.row(b, "label.id", i.ID)
		})
	})
	c.Flags().BoolVar(&raw, "raw", false, s.t("flag.raw"))
	s.outFlags(c, &o)
	return c
}

func (s *session) walletRemove(f *walletFlags) *cobra.Command {
	yes := false
	c := s.leaf("wallet.remove", "remove ID", 1, 1, nil, func(ctx context.Context, args []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		i, err := w.Item(args[0])
		id, title, remove := i.ID, i.Title, func() error { _, err := w.Remove(ctx, i.ID); return err }
		if h, historyErr := w.History(args[0]); err != nil && historyErr == nil {
			id, title, remove, err = h.ID, h.Source, func() error { _, err := w.RemoveHistory(ctx, h.ID); return err }, nil
		}
		if err != nil {
			return err
		}
		if err := s.confirm(yes, "ask.remove", show(title)); err != nil {
			return err
		}
		if err := remove(); err != nil {
			return err
		}
		s.note("wallet.removed", show(title))
		if s.json {
			return s.printJSON(map[string]string{"removed": id})
		}
		return nil
	})
	c.Flags().BoolVar(&yes, "yes", false, s.t("flag.yes"))
	return c
}
