package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/wallet"
)

// walletFlags say which wallet, and how it opens.
type walletFlags struct {
	file   string
	secret secretFlags
}

func (s *session) walletCommand() *cobra.Command {
	var f walletFlags
	c := s.group("wallet", slices.Concat(s.walletFileCommands(&f), s.walletInCommands(&f), s.walletLookCommands(&f), s.walletShareCommands(&f), s.walletSafeCommands(&f))...)
	s.walletFlags(c, &f)
	return c
}

// walletFlags gives every command below c the flags that say which wallet, and
// how it opens.
func (s *session) walletFlags(c *cobra.Command, f *walletFlags) {
	for _, sub := range c.Commands() {
		if sub.HasSubCommands() {
			s.walletFlags(sub, f)
			continue
		}
		sub.Flags().StringVar(&f.file, "wallet", "", s.t("flag.wallet"))
		s.secretFlags(sub, &f.secret)
		if sub.Name() != "init" {
			sub.Flags().StringVar(&f.secret.words, "recovery-words-file", "", s.t("flag.recovery-in"))
		}
	}
}

func (s *session) walletPath(f *walletFlags) string {
	if f.file != "" {
		return f.file
	}
	if path := s.env.Getenv("BEVIS_WALLET"); path != "" {
		return path
	}
	return s.app.WalletPath()
}

// open opens the wallet, with the recovery words if a file with them is named,
// and shows what it warns of.
func (s *session) open(ctx context.Context, f *walletFlags) (*wallet.Wallet, error) {
	w, err := s.openQuietly(ctx, f)
	if err == nil {
		s.warn(w)
	}
	return w, err
}

func (s *session) openQuietly(ctx context.Context, f *walletFlags) (*wallet.Wallet, error) {
	return s.openAt(ctx, f, s.walletPath(f), s.app.WalletOpen)
}

// opener opens a wallet file with its passphrase, or with the recovery words.
type opener func(ctx context.Context, path string, passphrase []byte, words string) (*wallet.Wallet, error)

// openAt opens a file as the flags say.
func (s *session) openAt(ctx context.Context, f *walletFlags, path string, open opener) (*wallet.Wallet, error) {
	if f.secret.words != "" {
		words, err := app.ReadFile(f.secret.words)
		if err != nil {
			return nil, err
		}
		return open(ctx, path, nil, string(words))
	}
	// A wallet that is not there is not asked a passphrase for.
	if err := s.app.WalletThere(ctx, path); err != nil {
		return nil, err
	}
	passphrase, err := s.passphrase(ctx, f.secret, false)
	if err != nil {
		return nil, err
	}
	return open(ctx, path, passphrase, "")
}
