package cli

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
)

// walletFileCommands are about the file itself: to make it and to open it.
func (s *session) walletFileCommands(f *walletFlags) []*cobra.Command {
	return []*cobra.Command{s.walletInit(f), s.walletID(f)}
}

func (s *session) walletInit(f *walletFlags) *cobra.Command {
	var words string
	c := s.leaf("wallet.init", "init", 0, 0, []string{"bevis wallet init", "bevis wallet init --wallet kari.bevis --passphrase-file passord.txt"},
		func(ctx context.Context, _ []string) error {
			path := s.walletPath(f)
			for _, file := range []string{path, words} {
				if err := app.Free(file, false); err != nil {
					return err
				}
			}
			passphrase, err := s.passphrase(ctx, f.secret, true)
			if err != nil {
				return err
			}
			if utf8.RuneCount(passphrase) < shortPassphrase {
				s.note("wallet.weak")
			}
			w, recovery, err := s.app.WalletCreate(ctx, path, passphrase)
			if err != nil {
				return err
			}
			id, err := w.NewKey(ctx)
			if err != nil {
				return err
			}
			s.note("wallet.made", show(path))
			if words != "" {
				if err := app.WriteFile(words, []byte(strings.Join(recovery, " ")+"\n"), true, false); err != nil {
					return err
				}
				s.note("wallet.words-in-file", show(words))
				recovery = nil
			}
			out := struct {
				Wallet        string   `json:"wallet"`
				ID            string   `json:"id"`
				RecoveryWords []string `json:"recoveryWords,omitempty"`
			}{path, id, recovery}
			return s.result(out, func(b *strings.Builder) {
				if recovery != nil {
					b.WriteString(s.t("wallet.words") + "\n\n")
					for n, word := range recovery {
						fmt.Fprintf(b, "%4d %-10s", n+1, word)
						if n%4 == 3 {
							b.WriteByte('\n')
						}
					}
					b.WriteByte('\n')
				}
				b.WriteString(s.t("wallet.your-id") + "\n  " + id + "\n")
			})
		})
	c.Flags().StringVar(&words, "recovery-words-to", "", s.t("flag.recovery-out"))
	return c
}

// shortPassphrase is how many characters make people think twice.
const shortPassphrase = 12

func (s *session) walletID(f *walletFlags) *cobra.Command {
	isNew := false
	c := s.leaf("wallet.id", "id", 0, 0, nil, func(ctx context.Context, _ []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		if isNew || len(w.Keys()) == 0 {
			if _, err := w.NewKey(ctx); err != nil {
				return err
			}
		}
		ids := w.Keys()
		return s.result(map[string][]string{"ids": ids}, func(b *strings.Builder) {
			if isNew {
				ids = ids[len(ids)-1:]
			}
			b.WriteString(strings.Join(ids, "\n") + "\n")
		})
	})
	c.Flags().BoolVar(&isNew, "new", false, s.t("flag.new-id"))
	return c
}
