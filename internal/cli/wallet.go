package cli

import (
	"context"
	"slices"
	"strings"

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
	c := s.group("wallet", slices.Concat(s.walletFileCommands(&f), s.walletInCommands(&f), s.walletOutCommands(&f), s.walletLookCommands(&f), s.walletShareCommands(&f), s.walletSafeCommands(&f), s.walletKeyCommands(&f))...)
	s.walletFlags(c, &f)
	s.walletGroups(c)
	return c
}

// walletGroups puts the commands under headings in the help: what comes first,
// what is done every day, and what is seldom needed last.
func (s *session) walletGroups(c *cobra.Command) {
	for _, g := range []struct{ name, commands string }{
		{"begin", "init id"}, {"use", "add list show tag note profile remove"}, {"share", "share log"}, {"safe", "check backup restore merge"},
		{"keys", "passphrase recovery unlock lock slot rekey"}, {"move", "import export"},
	} {
		c.AddGroup(&cobra.Group{ID: g.name, Title: s.t("help.wallet." + g.name)})
		for _, sub := range c.Commands() {
			if slices.Contains(strings.Fields(g.commands), sub.Name()) {
				sub.GroupID = g.name
			}
		}
	}
}

// walletFlags gives every command below c the flags that say which wallet, and
// how it opens.
func (s *session) walletFlags(c *cobra.Command, f *walletFlags) {
	for _, sub := range c.Commands() {
		if sub.HasSubCommands() {
			s.walletFlags(sub, f)
			continue
		}
		s.walletFlag(sub, f)
	}
}

func (s *session) walletFlag(c *cobra.Command, f *walletFlags) {
	c.Flags().StringVar(&f.file, "wallet", "", s.t("flag.wallet"))
	opening := []string{"wallet"}
	switch c.Name() {
	case "lock": // it opens nothing
	case "init":
		s.secretFlags(c, &f.secret)
		opening = append(opening, "passphrase-file", "passphrase-fd")
	default:
		s.openFlags(c, &f.secret)
		opening = append(opening, "passphrase-file", "passphrase-fd", "recovery-words-file", "recovery-words", "identity-file")
	}
	section(c, "open", opening...) // they are many, and the same everywhere
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

// open opens the wallet: as the flags say, else as it was unlocked, else by its
// passphrase. It shows what the wallet warns of.
func (s *session) open(ctx context.Context, f *walletFlags) (*wallet.Wallet, error) {
	return s.warned(s.openQuietly(ctx, f))
}

func (s *session) warned(w *wallet.Wallet, err error) (*wallet.Wallet, error) {
	if err == nil {
		s.warn(w)
	}
	return w, err
}

func (s *session) openQuietly(ctx context.Context, f *walletFlags) (*wallet.Wallet, error) {
	path := s.walletPath(f)
	if s.unnamed(f.secret) {
		if err := s.app.WalletThere(ctx, path); err != nil {
			return nil, err
		}
		if w, err := s.app.WalletUnlocked(ctx, s.keyring(), path); w != nil || err != nil {
			return w, err
		}
	}
	return s.openAt(ctx, f, path, s.app.WalletOpen)
}

// openAnew opens the wallet, also where it is unlocked, by what its holder knows
// or has.
func (s *session) openAnew(ctx context.Context, f *walletFlags) (*wallet.Wallet, error) {
	return s.warned(s.openAt(ctx, f, s.walletPath(f), s.app.WalletOpen))
}

// opener opens a wallet file.
type opener func(ctx context.Context, path string, way app.WayIn) (*wallet.Wallet, error)

// openAt opens a file as the flags say.
func (s *session) openAt(ctx context.Context, f *walletFlags, path string, open opener) (*wallet.Wallet, error) {
	// A wallet that is not there is not asked a passphrase for.
	if err := s.app.WalletThere(ctx, path); err != nil {
		return nil, err
	}
	other := path
	if path == s.walletPath(f) {
		other = ""
	}
	var w *wallet.Wallet
	once := func() error {
		way, err := s.wayIn(ctx, f.secret, other)
		if err == nil {
			w, err = open(ctx, path, way)
		}
		return err
	}
	if s.asks(f.secret) {
		return w, s.retry(once)
	}
	return w, once()
}
