package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// walletSafeCommands keep a wallet from being lost: its copies and its state.
func (s *session) walletSafeCommands(f *walletFlags) []*cobra.Command {
	return []*cobra.Command{s.walletCheck(f), s.walletBackup(f), s.walletRestore(f), s.walletMerge(f)}
}

// warn shows what is wrong around a wallet that was opened, with what to do.
func (s *session) warn(w *wallet.Wallet) {
	for _, x := range w.Warnings() {
		var b strings.Builder
		fmt.Fprintln(&b, s.prose(s.env.Stderr, fmt.Sprintf("! %s [%s]", s.p.Code("reason.", string(x.Code)), x.Code), "  "))
		switch {
		case x.Err != nil:
			fmt.Fprintf(&b, "  %s\n", show(x.Err.Error()))
		default:
			fmt.Fprintf(&b, "  %s\n", s.t("wallet.generations", x.Now.Generation, x.Last.Generation, s.day(x.Last.At)))
			if x.Last.Place != "" && x.Last.Place != x.Now.Place {
				fmt.Fprintf(&b, "  %s\n", s.t("wallet.seen-at", show(x.Last.Place)))
			}
		}
		fmt.Fprintln(&b, s.prose(s.env.Stderr, "  "+s.t("error.next")+" "+s.p.Code("next.", string(x.Code)), "    "))
		fmt.Fprint(s.env.Stderr, b.String()) // nobody can be told if this fails
	}
}

// openCopy opens a file that is not the wallet in use, as the wallet is opened.
func (s *session) openCopy(ctx context.Context, f *walletFlags, path string) (*wallet.Wallet, error) {
	return s.openAt(ctx, f, path, s.app.WalletOpenCopy)
}

func (s *session) walletMerge(f *walletFlags) *cobra.Command {
	return s.leaf("wallet.merge", "merge FILE", 1, 1, []string{"bevis wallet merge /media/stick/kari.bevis"}, func(ctx context.Context, args []string) error {
		path := s.walletPath(f)
		if err := s.app.WalletApart(path, args[0]); err != nil {
			return err
		}
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		other, err := s.app.WalletCopy(ctx, w, args[0])
		if reason.CodeOf(err) == "conflict/other-key" {
			other, err = s.openCopy(ctx, f, args[0])
		}
		if err != nil {
			return err
		}
		out, err := s.app.WalletMerge(ctx, w, other, path, args[0])
		if err != nil {
			return err
		}
		return s.result(out, func(b *strings.Builder) {
			if out.Taken == 0 && len(out.Removed) == 0 {
				s.say(b, "", s.t("wallet.merge-nothing", show(args[0])))
				return
			}
			s.say(b, "", s.t("wallet.merged", out.Taken, show(args[0])))
			s.itemRows(b, "wallet.merge-added", out.Added)
			s.itemRows(b, "wallet.merge-removed", out.Removed)
			s.itemRows(b, "wallet.merge-kept", out.Kept)
			s.say(b, "", s.t("wallet.merge-other", show(args[0])))
		})
	})
}

// itemRows writes a heading and the credentials below it, nothing for none.
func (s *session) itemRows(b *strings.Builder, heading string, items []wallet.Item) {
	if len(items) == 0 {
		return
	}
	s.say(b, "", s.t(heading))
	for _, i := range items {
		fmt.Fprintf(b, "  %s  %s\n", i.ID, show(i.Title))
	}
}

func (s *session) walletBackup(f *walletFlags) *cobra.Command {
	return s.leaf("wallet.backup", "backup [FILE|FOLDER]", 0, 1, []string{"bevis wallet backup /media/stick", "bevis wallet backup"}, func(ctx context.Context, args []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		out, err := s.app.WalletBackup(ctx, w, s.walletPath(f), strings.Join(args, ""))
		if err != nil {
			return err
		}
		return s.result(out, func(b *strings.Builder) {
			s.say(b, "", s.t("wallet.backed-up", out.Credentials, show(out.Place)))
			s.say(b, "", s.t("wallet.backup-secret"))
		})
	})
}

func (s *session) walletRestore(f *walletFlags) *cobra.Command {
	yes := false
	c := s.leaf("wallet.restore", "restore FILE", 1, 1, []string{"bevis wallet restore /media/stick/wallet-2026-11-28.bevis"}, func(ctx context.Context, args []string) error {
		path := s.walletPath(f)
		from, err := s.openCopy(ctx, f, args[0])
		if err != nil {
			return err
		}
		plan, err := s.app.WalletRestorePlan(ctx, from, args[0], path)
		if err != nil {
			return err
		}
		switch {
		case plan.Same:
			s.note("wallet.restore-same", plan.Have, plan.Copy)
			out := app.WalletRestored{Schema: "bevis.wallet-restore/v1", Wallet: path, From: args[0], Generation: plan.Have, Credentials: len(from.Items())}
			return s.result(out, func(*strings.Builder) {})
		case plan.Damaged:
			s.note("wallet.restore-damaged")
		case plan.OtherKey:
			s.note("wallet.restore-other-key")
			if err := s.confirm(yes, "ask.restore"); err != nil {
				return err
			}
		case plan.There:
			s.note("wallet.restore-differ", plan.Have, plan.Here, plan.Copy, plan.Difference.There)
			if plan.Here > 0 {
				s.note("wallet.restore-merge", report.Repeat([]string{args[0]}))
				if err := s.confirm(yes, "ask.restore"); err != nil {
					return err
				}
			}
		}
		out, err := s.app.WalletRestore(ctx, from, args[0], path, plan)
		if err != nil {
			return err
		}
		return s.result(out, func(b *strings.Builder) {
			s.say(b, "", s.t("wallet.restored", out.Credentials, out.Generation))
			if out.Kept != "" {
				s.say(b, "", s.t("wallet.restore-kept", show(out.Kept)))
			}
		})
	})
	c.Flags().BoolVar(&yes, "yes", false, s.t("flag.yes"))
	return c
}

func (s *session) walletCheck(f *walletFlags) *cobra.Command {
	r, accept := app.WalletCheckRequest{}, false
	c := s.leaf("wallet.check", "check", 0, 0, []string{"bevis wallet check", "bevis wallet check --online --within 90"}, func(ctx context.Context, _ []string) error {
		w, err := s.openQuietly(ctx, f) // what it would warn of is among what is found
		if err != nil {
			return err
		}
		if accept {
			if err := w.Accept(ctx); err != nil {
				return err
			}
			s.note("wallet.accepted", w.Mark().Generation)
		}
		r.Path = s.walletPath(f)
		out, err := s.app.WalletCheck(ctx, w, r)
		if err != nil {
			return err
		}
		s.class = out.Class()
		return s.result(out, func(b *strings.Builder) { s.checkedWallet(b, out) })
	})
	fl := c.Flags()
	fl.IntVar(&r.Within, "within", 60, s.t("flag.check-within"))
	fl.BoolVar(&r.Online, "online", false, s.t("flag.check-online"))
	fl.BoolVar(&accept, "accept", false, s.t("flag.check-accept"))
	s.freshness(c, &r.Fresh)
	return c
}

// checkedWallet writes what a check found: what is to be done first, then the rest.
func (s *session) checkedWallet(b *strings.Builder, c app.WalletChecked) {
	fmt.Fprintf(b, "%s\n", show(c.Wallet))
	fmt.Fprintf(b, "  %s\n", s.t("wallet.check-state", c.Generation, c.Credentials))
	for _, verdict := range slices.Sorted(maps.Keys(c.Verdicts)) {
		fmt.Fprintf(b, "  %s %d  %s\n", report.Sign(verdict), c.Verdicts[verdict], s.t("verdict."+verdict))
	}
	if c.Backup != nil {
		fmt.Fprintf(b, "  %s\n", s.t("wallet.check-backup", s.day(c.Backup.At), show(c.Backup.Place), c.Since))
	}
	for _, todo := range []bool{true, false} {
		s.findings(b, c.Findings, todo)
	}
	b.WriteByte('\n')
	if c.Todo == 0 {
		s.say(b, "", s.t("wallet.check-nothing"))
	} else {
		s.say(b, "", s.t("wallet.check-todo", c.Todo))
	}
	if !c.Online {
		s.say(b, "", s.t("wallet.check-offline"))
	}
}

// findings writes those that need doing, or the others. What is the same for
// several is said once, with what to do about all of them at the end.
func (s *session) findings(b *strings.Builder, all []app.WalletFinding, todo bool) {
	sign, told := "·", map[string]bool{}
	if todo {
		sign = "!"
	}
	for _, first := range all {
		if first.Todo != todo || told[first.Code] {
			continue
		}
		told[first.Code] = true
		b.WriteByte('\n')
		s.say(b, sign+" ", fmt.Sprintf("%s [%s]", s.p.Code("reason.", first.Code), first.Code))
		for _, f := range all {
			if f.Todo == todo && f.Code == first.Code {
				s.findingRows(b, f)
			}
		}
		if next := s.p.Next("own", first.Code); next != "" {
			s.say(b, "  ", s.t("error.next")+" "+next)
		}
	}
}

// findingRows writes what is of one finding alone.
func (s *session) findingRows(b *strings.Builder, f app.WalletFinding) {
	if f.ID != "" {
		fmt.Fprintf(b, "  %s  %s\n", f.ID, show(f.Title))
	}
	if f.Until != nil {
		s.row(b, "label.until", s.day(*f.Until))
	}
	switch {
	case f.AsOf != nil && f.Verdict == "":
		fmt.Fprintf(b, "  %s\n", s.day(*f.AsOf))
	case f.AsOf != nil:
		s.row(b, "label.verified", s.t("wallet.verified", s.t("verdict."+f.Verdict), s.day(*f.AsOf)))
	}
	if f.At != "" {
		fmt.Fprintf(b, "  %s\n", show(f.At))
	}
	if f.Message != "" {
		fmt.Fprintf(b, "  %s\n", show(f.Message))
	}
}
