package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

// walletFileCommands are about the file itself: to make it and to open it.
func (s *session) walletFileCommands(f *walletFlags) []*cobra.Command {
	return []*cobra.Command{s.walletInit(f), s.walletID(f)}
}

func (s *session) walletInit(f *walletFlags) *cobra.Command {
	var to wordsFlags
	c := s.leaf("wallet.init", "init", 0, 0, []string{"bevis wallet init", "bevis wallet init --sheet ark.html", "bevis wallet init --wallet kari.bevis --passphrase-file passord.txt"},
		func(ctx context.Context, _ []string) error {
			path := s.walletPath(f)
			if app.Free(path, false) != nil {
				return reason.New("conflict/wallet-exists", path, "it is not written over")
			}
			if err := to.free(); err != nil {
				return err
			}
			passphrase, err := s.passphrase(ctx, f.secret, s.t("ask.new-passphrase"), true)
			if err != nil {
				return err
			}
			s.weak(passphrase)
			w, recovery, err := s.app.WalletCreate(ctx, path, passphrase)
			if err != nil {
				return err
			}
			s.note("wallet.made", show(path))
			// First the words: whatever fails then, they are not lost.
			recovery, wordsErr := s.writeWords(to, path, w.ID(), recovery)
			if wordsErr != nil {
				s.note("deliver.fallback")
			}
			id, err := w.NewKey(ctx)
			if err != nil {
				return errors.Join(err, wordsErr, s.result(recoveryWords{path, "", recovery}, func(b *strings.Builder) { s.wordsTable(b, recovery) }))
			}
			err = s.result(recoveryWords{path, id, recovery}, func(b *strings.Builder) {
				s.wordsTable(b, recovery)
				b.WriteString(s.t("wallet.your-id") + "\n  " + id + "\n")
			})
			return errors.Join(wordsErr, err)
		})
	s.wordsFlags(c, &to)
	return c
}

// weak remarks on a passphrase that is short.
func (s *session) weak(passphrase []byte) {
	if utf8.RuneCount(passphrase) < shortPassphrase {
		s.note("wallet.weak")
	}
}

// wordsFlags say where recovery words go, in place of the screen.
type wordsFlags struct{ text, sheet string }

// free returns an error if a file that is named is there already: words that
// are made are shown once.
func (f wordsFlags) free() error {
	return cmp.Or(app.Free(f.text, false), app.Free(f.sheet, false))
}

func (s *session) wordsFlags(c *cobra.Command, f *wordsFlags) {
	c.Flags().StringVar(&f.text, "recovery-words-to", "", s.t("flag.recovery-out"))
	c.Flags().StringVar(&f.sheet, "sheet", "", s.t("flag.sheet"))
}

// recoveryWords is what is printed as JSON. The words are not in it if they are
// in a file.
type recoveryWords struct {
	Wallet        string   `json:"wallet"`
	ID            string   `json:"id,omitempty"`
	RecoveryWords []string `json:"recoveryWords,omitempty"`
}

// writeWords writes recovery words to the files that are named, and returns
// those that are still to be shown: all, if there is no file or none could be
// written.
func (s *session) writeWords(to wordsFlags, path, id string, words []string) ([]string, error) {
	if to == (wordsFlags{}) {
		s.note("wallet.sheet-hint")
		return words, nil
	}
	var failed error
	if to.text != "" {
		if err := app.WriteFile(to.text, []byte(strings.Join(words, " ")+"\n"), true, false); err != nil {
			failed = err
		} else {
			s.note("wallet.words-in-file", show(to.text))
		}
	}
	if to.sheet != "" {
		page, err := s.app.RecoverySheet(s.p, show(path), id, words)
		if err == nil {
			err = app.WriteFile(to.sheet, page, true, false)
		}
		if err != nil {
			failed = errors.Join(failed, err)
		} else {
			s.note("wallet.words-sheet", show(to.sheet))
		}
	}
	if failed != nil {
		return words, failed
	}
	return nil, nil
}

func (s *session) wordsTable(b *strings.Builder, words []string) {
	if words == nil {
		return
	}
	b.WriteString(s.t("wallet.words") + "\n\n")
	for n, word := range words {
		fmt.Fprintf(b, "%4d %-10s", n+1, word)
		if n%4 == 3 {
			b.WriteByte('\n')
		}
	}
	b.WriteByte('\n')
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
		if isNew || len(w.IDs()) == 0 {
			if _, err := w.NewKey(ctx); err != nil {
				return err
			}
		}
		ids := w.IDs()
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
