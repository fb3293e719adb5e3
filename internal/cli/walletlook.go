package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/wallet"
)

// walletLookCommands are about what is in the wallet.
func (s *session) walletLookCommands(f *walletFlags) []*cobra.Command {
	return []*cobra.Command{s.walletList(f), s.walletShow(f), s.walletTag(f), s.walletNote(f), s.walletProfile(f), s.walletRemove(f)}
}

func (s *session) walletList(f *walletFlags) *cobra.Command {
	var q app.WalletQuery
	c := s.leaf("wallet.list", "list [WORD…]", 0, -1, []string{
		"bevis wallet list",
		"bevis wallet list sveising bergen",
		"bevis wallet list --level 6 --state valid --since 2020",
		"bevis wallet list --tag jobbsøknad",
	}, func(ctx context.Context, args []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		q.Words = args
		items, err := s.app.WalletFind(w, q)
		if err != nil {
			return err
		}
		out := walletList{Schema: "bevis.wallet-list/v1", Credentials: make([]walletItem, len(items))}
		for n, i := range items {
			out.Credentials[n] = walletItem{Item: i, State: i.State(s.app.Now())}
		}
		if q.Empty() {
			out.Histories = w.Histories()
		}
		return s.result(out, func(b *strings.Builder) { s.list(b, out, q.Empty()) })
	})
	fl := c.Flags()
	fl.StringVar(&q.Issuer, "issuer", "", s.t("flag.find-issuer"))
	fl.StringVar(&q.Skill, "skill", "", s.t("flag.find-skill"))
	fl.StringVar(&q.Level, "level", "", s.t("flag.find-level"))
	fl.StringArrayVar(&q.Tags, "tag", nil, s.t("flag.find-tag"))
	fl.StringVar(&q.State, "state", "", s.t("flag.find-state"))
	fl.StringVar(&q.Since, "since", "", s.t("flag.find-since"))
	fl.StringVar(&q.Until, "until", "", s.t("flag.find-until"))
	return c
}

// walletList is the answer of wallet list.
type walletList struct {
	Schema      string           `json:"schema"`
	Credentials []walletItem     `json:"credentials"`
	Histories   []wallet.History `json:"histories,omitempty"`
}

// walletItem is a credential, and where it stands now.
type walletItem struct {
	wallet.Item
	State wallet.State `json:"state"`
}

// list writes credentials, three lines for each at the most.
func (s *session) list(b *strings.Builder, out walletList, all bool) {
	for _, i := range out.Credentials {
		fmt.Fprintf(b, "%s  %s\n              %s", i.ID, show(i.Title), show(cmp.Or(i.IssuerName, i.Issuer)))
		if !i.ValidFrom.IsZero() {
			b.WriteString(", " + s.day(i.ValidFrom))
		}
		if !i.ValidUntil.IsZero() {
			b.WriteString(" – " + s.day(i.ValidUntil))
		}
		b.WriteByte('\n')
		if more := slices.Concat(i.Levels, hashed(i.Tags)); len(more) > 0 {
			fmt.Fprintf(b, "              %s\n", show(strings.Join(more, "  ")))
		}
		if v := i.Verified; v != nil && v.Verdict != "valid" {
			fmt.Fprintf(b, "              %s %s\n", report.Sign(v.Verdict), s.t("wallet.verified", s.t("verdict."+v.Verdict), s.day(v.At)))
		} else if i.State == wallet.StateExpired {
			fmt.Fprintf(b, "              %s %s\n", report.Sign("not-in-force"), s.t("wallet.ended", s.day(i.ValidUntil)))
		}
	}
	for _, h := range out.Histories {
		fmt.Fprintf(b, "%s  %s\n              %s, %s\n", h.ID, show(h.Source), s.t("wallet.history"), s.day(h.AddedAt))
	}
	if len(out.Credentials) == 0 && !all {
		b.WriteString(s.t("wallet.no-hit") + "\n")
	} else if len(out.Credentials)+len(out.Histories) == 0 {
		b.WriteString(s.t("wallet.none") + "\n")
	}
	if slices.ContainsFunc(out.Credentials, func(i walletItem) bool { return i.State == wallet.StateUntrusted }) {
		b.WriteByte('\n')
		s.say(b, "", s.t("wallet.trusted-since"))
	}
}

// hashed writes tags as people know them from elsewhere.
func hashed(tags []string) []string {
	out := make([]string, len(tags))
	for n, tag := range tags {
		out[n] = "#" + tag
	}
	return out
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
