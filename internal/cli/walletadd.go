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
	"github.com/kompetansebevis/bevis/wallet"
)

// walletInCommands bring something in.
func (s *session) walletInCommands(f *walletFlags) []*cobra.Command {
	return []*cobra.Command{s.walletAdd(f), s.walletImport(f)}
}

func (s *session) walletAdd(f *walletFlags) *cobra.Command {
	var r app.WalletTakeRequest
	var lists []string
	c := s.leaf("wallet.add", "add FILE…", 1, -1, []string{"bevis wallet add bevis.json", "bevis wallet add vitnemal.png --issuer did:web:uib.no", "bevis wallet add vitnemal.elmo.xml", "bevis wallet add mappe/ arkiv.zip liste.ndjson"},
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
			return s.take(ctx, w, r)
		})
	s.takeFlags(c, &r, &lists)
	return c
}

func (s *session) takeFlags(c *cobra.Command, r *app.WalletTakeRequest, lists *[]string) {
	c.Flags().StringArrayVar(&r.Issuers, "issuer", nil, s.t("flag.verify-issuer"))
	c.Flags().StringArrayVar(lists, "status-list", nil, s.t("flag.status-list"))
	c.Flags().BoolVar(&r.Anyway, "anyway", false, s.t("flag.anyway"))
}

// walletImport takes in what another wallet has written.
func (s *session) walletImport(f *walletFlags) *cobra.Command {
	r := app.WalletTakeRequest{Backups: true}
	var lists []string
	var password fileSecret
	c := s.leaf("wallet.import", "import FILE…", 1, -1, []string{`bevis wallet import "Wallet Backup.json"`, "bevis wallet import flytting.jwe --file-password-file passord.txt", "bevis wallet import bevis-mappe/"},
		func(ctx context.Context, args []string) error {
			var err error
			if r.StatusLists, err = statusLists(lists); err != nil {
				return err
			}
			w, err := s.open(ctx, f)
			if err != nil {
				return err
			}
			if r.Inputs = s.app.BackupInputs(ctx, args, s.stdin); len(r.Inputs) == 0 {
				return reason.New("no_credential/empty", strings.Join(args, " "), "there is no file in it")
			}
			r.Password = func() ([]byte, error) { return s.filePassword(password, false) }
			return s.take(ctx, w, r)
		})
	s.takeFlags(c, &r, &lists)
	c.Flags().BoolVar(&r.WithKeys, "with-keys", false, s.t("flag.with-keys"))
	s.fileSecretFlags(c, &password)
	return c
}

// take keeps what a request names, and says what came of it.
func (s *session) take(ctx context.Context, w *wallet.Wallet, r app.WalletTakeRequest) error {
	taken, takeErr := s.app.WalletTake(ctx, w, r)
	if taken.Added == nil {
		taken.Added = []app.WalletAdded{}
	}
	if takeErr != nil && (len(taken.Refused) == 0 || len(taken.Added)+len(taken.LeftOut) == 0 && len(taken.Refused) == 1 && taken.Backup == nil) {
		return takeErr // which says it all, in JSON as well
	}
	err := s.result(taken, func(b *strings.Builder) {
		told, had := map[string]bool{}, 0
		several := len(taken.Added)+len(taken.Refused) > 1
		for _, a := range taken.Added {
			s.addedText(b, w, a, several, told)
			if !a.Added {
				had++
			}
		}
		for _, refused := range taken.Refused {
			s.say(b, "✗ ", fmt.Sprintf("%s: %s [%s]", show(refused.Input), s.p.Code("reason.", refused.Code), refused.Code))
		}
		s.leftOut(b, taken.LeftOut)
		s.backupText(b, taken, r.WithKeys)
		if several {
			s.say(b, "", s.t("wallet.taken", len(taken.Added)-had, had, len(taken.Refused)))
		}
	})
	if takeErr != nil {
		return takeErr
	}
	if len(taken.Added) == 0 && taken.Backup == nil { // all was left out, which is no success
		s.class = reason.Unreadable
	}
	return err
}

// addedText says what came of one file: with its name, if it is one of several,
// and with what to do next, if that was not told of another.
func (s *session) addedText(b *strings.Builder, w *wallet.Wallet, a app.WalletAdded, several bool, told map[string]bool) {
	what := "wallet.added"
	if !a.Added {
		what = "wallet.had"
	}
	if h := a.History; h != nil {
		fmt.Fprintf(b, "%s  %s  %s\n    ! %s\n", h.ID, show(h.Source), s.t(what), s.t("wallet.history-added", h.Results))
		s.problems(b, h.Problems)
		return
	}
	fmt.Fprintf(b, "%s  %s  %s", a.Item.ID, show(a.Item.Title), s.t(what))
	if several {
		fmt.Fprintf(b, "  (%s)", show(a.Input))
	}
	b.WriteByte('\n')
	verdict := s.t("verdict." + a.Result.Verdict)
	if a.Result.Reason != "" {
		verdict += fmt.Sprintf(": %s [%s]", s.p.Code("reason.", a.Result.Reason), a.Result.Reason)
	}
	s.say(b, "    "+report.Sign(a.Result.Verdict)+" ", verdict)
	if next := report.Next(s.p, a.Result); next != "" && !told[next] {
		s.say(b, "      ", show(next))
		told[next] = true
	}
	if a.Edition != "" {
		s.say(b, "      ", s.t("edition."+a.Edition, a.Of))
	}
	if a.Item.Subject != "" && !slices.Contains(w.Keys(), a.Item.Subject) {
		s.say(b, "      ", s.t("wallet.not-yours"))
	}
}

// backupText says what a file of a whole wallet held beside credentials.
func (s *session) backupText(b *strings.Builder, taken app.WalletTaken, withKeys bool) {
	backup := taken.Backup
	if backup == nil {
		return
	}
	if len(backup.Owners) > 0 {
		s.row(b, "label.profiles", strings.Join(backup.Owners, ", "))
	}
	for _, left := range backup.Left {
		fmt.Fprintf(b, "! %s: %s\n", show(strings.TrimSpace(left.At+" "+left.Detail)), s.t("left."+string(left.What)))
	}
	if len(backup.Keys) > 0 {
		fmt.Fprintf(b, "%s\n", s.t("import.keys", strings.Join(backup.Keys, ", ")))
	}
	if backup.Shares > 0 {
		fmt.Fprintf(b, "%s\n", s.t("import.shares", backup.Shares))
	}
	if backup.OpenKeys > 0 {
		fmt.Fprintf(b, "! %s\n", s.t("import.open-keys", backup.OpenKeys))
		if !withKeys {
			fmt.Fprintf(b, "  %s\n", s.t("import.keys-left"))
		}
	}
}

// editionsText names the other editions of a credential.
func (s *session) editionsText(b *strings.Builder, all []wallet.Item, shown wallet.Item) {
	for n, e := range all {
		if e.ID == shown.ID {
			continue
		}
		label := "label.earlier"
		switch {
		case e.ValidFrom.Equal(shown.ValidFrom) && e.Form != shown.Form:
			label = "label.other-form"
		case n == 0:
			label = "label.newer-edition"
		}
		from := ""
		if !e.ValidFrom.IsZero() {
			from = s.day(e.ValidFrom) + "  "
		}
		s.row(b, label, from+e.ID)
	}
}

// editions returns all editions of a credential that has several.
func editions(w *wallet.Wallet, id string) []wallet.Item {
	if all, err := w.Editions(id); err == nil && len(all) > 1 {
		return all
	}
	return nil
}
