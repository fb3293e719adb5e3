package app

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/agekey"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// WalletPath returns where the wallet is when nobody names a file.
func (a *App) WalletPath() string { return a.path("wallet.bevis") }

// WalletCreate makes a wallet file and returns its recovery words.
func (a *App) WalletCreate(ctx context.Context, path string, passphrase []byte) (*wallet.Wallet, []string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, reason.New(reason.IO, path, "%w", bare(err))
	}
	return wallet.Create(ctx, wallet.CreateRequest{Store: wallet.NewFileStore(path), Passphrase: passphrase, Now: a.cfg.Now, PassphraseWork: a.cfg.PassphraseWork,
		Record: a.walletRecord(), Place: absolute(path)})
}

// WalletThere returns an error if there is no wallet file to be opened.
func (a *App) WalletThere(ctx context.Context, path string) error {
	_, _, err := wallet.NewFileStore(path).Load(ctx)
	return err
}

// WayIn is what opens a wallet: words if there are any, else keys, else the
// passphrase.
type WayIn struct {
	Passphrase []byte
	Words      string // the 24 recovery words
	Keys       []byte // identities in age's form
	Asker      agekey.Asker
}

// WalletOpen opens a wallet file. Plugins that its keys name are started, and
// ask the way's asker.
func (a *App) WalletOpen(ctx context.Context, path string, way WayIn) (*wallet.Wallet, error) {
	return openBy(ctx, a.opening(path), way)
}

// opening is what all ways to open the wallet in use have in common.
func (a *App) opening(path string) wallet.OpenRequest {
	return wallet.OpenRequest{Store: wallet.NewFileStore(path), Now: a.cfg.Now, Record: a.walletRecord(), Place: absolute(path)}
}

func openBy(ctx context.Context, r wallet.OpenRequest, way WayIn) (*wallet.Wallet, error) {
	r.Passphrase, r.Words = way.Passphrase, way.Words
	if len(way.Keys) > 0 {
		var err error
		if r.Identities, err = agekey.ParseIdentities(ctx, way.Keys, way.Asker); err != nil {
			return nil, err
		}
	}
	return wallet.Open(ctx, r)
}

// ParseUntil reads how long something is to be in force: a number of days or
// hours from now such as 30d or 12h, or a date.
func ParseUntil(s string, now time.Time) (time.Time, error) {
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour} {
		digits, ok := strings.CutSuffix(s, unit)
		if n, err := strconv.Atoi(digits); ok && err == nil {
			if n <= 0 || n > 100*366*24 {
				return now, reason.New(reason.Usage, s, "give a number of days or hours above zero")
			}
			return now.Add(time.Duration(n) * length).Truncate(time.Second), nil
		}
	}
	return ParseDay(s)
}
