package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/agekey"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/sheet"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// Keyring keeps small secrets where the system keeps those of its user.
type Keyring interface {
	Set(ctx context.Context, name, secret string) error
	Get(ctx context.Context, name string) (string, error) // not_found if there is none
	Delete(ctx context.Context, name string) error
}

// WalletPassphrase gives a wallet another passphrase.
func (a *App) WalletPassphrase(ctx context.Context, w *wallet.Wallet, passphrase []byte) error {
	return w.SetPassphrase(ctx, wallet.PassphraseRequest{Passphrase: passphrase, Work: a.cfg.PassphraseWork})
}

// WalletSlotAdd adds a way into a wallet, for a recipient in age's form. Classic
// tells that it is known not to withstand a quantum computer.
func (a *App) WalletSlotAdd(ctx context.Context, w *wallet.Wallet, recipient, label string, asker agekey.Asker) (slot wallet.Slot, classic bool, err error) {
	to, err := agekey.ParseRecipient(ctx, recipient, asker)
	if err != nil {
		return slot, false, err
	}
	slot, err = w.AddSlot(ctx, wallet.SlotRequest{Recipient: to, Kind: to.Kind, Label: label, Text: to.Text})
	return slot, to.Classic, err
}

// WalletRekeying makes ready to give a wallet another identity: the keys that are
// to open it again, and those ways in that cannot be made again, since the log
// does not tell for whom they are.
func (a *App) WalletRekeying(ctx context.Context, w *wallet.Wallet, asker agekey.Asker) (keys []wallet.SlotRequest, lost []wallet.Slot, err error) {
	for _, slot := range w.Slots() {
		switch {
		case slot.Name == wallet.SlotPassphrase || slot.Name == wallet.SlotRecovery:
		case slot.Recipient == "":
			lost = append(lost, slot)
		default:
			to, err := agekey.ParseRecipient(ctx, slot.Recipient, asker)
			if err != nil {
				return nil, nil, err
			}
			keys = append(keys, wallet.SlotRequest{Recipient: to, Kind: to.Kind, Label: slot.Label, Text: to.Text})
		}
	}
	return keys, lost, nil
}

// WalletRekey gives a wallet another identity.
func (a *App) WalletRekey(ctx context.Context, w *wallet.Wallet, passphrase []byte, words []string, keys []wallet.SlotRequest) error {
	return w.Rekey(ctx, wallet.RekeyRequest{PassphraseRequest: wallet.PassphraseRequest{Passphrase: passphrase, Work: a.cfg.PassphraseWork}, Words: words, Keys: keys})
}

// RecoverySheet is a page to be printed, with the recovery words of a wallet.
func (a *App) RecoverySheet(p *i18n.Printer, path, id string, words []string) ([]byte, error) {
	return sheet.Recovery{Wallet: id, File: filepath.Base(path), Words: words, Made: a.cfg.Now()}.Page(p)
}

// MaxUnlocked is for how long a wallet may be unlocked, at most.
const MaxUnlocked = 7 * 24 * time.Hour

// unlocked is what the keyring holds for a wallet: a key that opens one small
// file beside it and nothing else, and until when it may. The passphrase is
// never there, and what is there opens no copy of the wallet.
type unlocked struct {
	Key   string    `json:"key"`
	Until time.Time `json:"until"`
}

// cacheName names what is kept for a wallet. The id of a file that nobody has
// opened may be anything, and must name no other place.
func cacheName(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "wallet-" + hex.EncodeToString(sum[:16])
}

func (a *App) cacheFile(name string) string { return a.path("unlocked", name+".age") }

// WalletUnlock has a wallet open without its passphrase until a time, for whoever
// is logged in: its identity is encrypted for a new key, which goes into the
// keyring. Where none runs, that is locked/no-keyring, and nothing is kept.
func (a *App) WalletUnlock(ctx context.Context, ring Keyring, w *wallet.Wallet, until time.Time) error {
	if now := a.cfg.Now(); !until.After(now) || until.Sub(now) > MaxUnlocked {
		return reason.New("usage/unlock", "--for", "from now until %s at the latest", now.Add(MaxUnlocked).Format(time.DateOnly))
	}
	key, to, err := agekey.Generate()
	if err != nil {
		return err
	}
	sealed, err := w.Seal(to)
	if err != nil {
		return err
	}
	entry, err := json.Marshal(unlocked{key, until.UTC().Truncate(time.Second)})
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	name := cacheName(w.ID())
	// An older file must not stand beside a newer key, nor the key of a file that
	// could not be written stay.
	if err := a.dropCacheFile(name); err != nil {
		return err
	}
	if err := ring.Set(ctx, name, string(entry)); err != nil {
		return err
	}
	if err := WriteFile(a.cacheFile(name), sealed, true, true); err != nil {
		return errors.Join(err, ring.Delete(ctx, name))
	}
	return nil
}

// WalletUnlocked opens a wallet that was unlocked. Without that, or when it is
// over, the wallet is nil: then its holder is asked as ever.
func (a *App) WalletUnlocked(ctx context.Context, ring Keyring, path string) (*wallet.Wallet, error) {
	r := a.opening(path)
	outside, err := wallet.Look(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	name := cacheName(outside.Wallet)
	sealed, err := readUpTo(a.cacheFile(name), 1<<16)
	if reason.CodeOf(err) == reason.NotFound {
		return nil, nil // the keyring is not asked: it might ask its user
	}
	if err != nil {
		return nil, err
	}
	secret, err := ring.Get(ctx, name)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, nil
	}
	var entry unlocked
	now := a.cfg.Now()
	// A clock that was set back far does not make it last for longer.
	if json.Unmarshal([]byte(secret), &entry) != nil || !now.Before(entry.Until) || entry.Until.Sub(now) > MaxUnlocked {
		return nil, a.forget(ctx, ring, name)
	}
	if r.Identities, err = agekey.ParseIdentities(ctx, []byte(entry.Key), nil); err != nil {
		return nil, a.forget(ctx, ring, name)
	}
	r.Sealed = sealed
	w, err := wallet.Open(ctx, r)
	if reason.CodeOf(err) == "locked/wrong-identity" {
		return nil, a.forget(ctx, ring, name)
	}
	return w, err
}

// WalletLock ends what WalletUnlock began. It reports whether there was
// anything, and whether the keyring could be told: if not, what is left there
// is a key to nothing.
func (a *App) WalletLock(ctx context.Context, ring Keyring, path string) (was, told bool, err error) {
	outside, err := wallet.Look(ctx, wallet.NewFileStore(path))
	if err != nil {
		return false, false, err
	}
	return a.lock(ctx, ring, cacheName(outside.Wallet))
}

// WalletLockAll does so for every wallet, also those that are gone.
func (a *App) WalletLockAll(ctx context.Context, ring Keyring) (was, told bool, err error) {
	told = true
	files, err := os.ReadDir(a.path("unlocked"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, false, reason.New(reason.IO, a.path("unlocked"), "%w", bare(err))
	}
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".age")
		if !ok {
			continue
		}
		one, toldOne, err := a.lock(ctx, ring, name)
		if err != nil {
			return was, false, err
		}
		was, told = was || one, told && toldOne
	}
	return was, told, nil
}

// WalletForget ends it after a change of the ways in, if it was begun: whoever
// changes a passphrase means that nothing else opens the wallet.
func (a *App) WalletForget(ctx context.Context, ring Keyring, w *wallet.Wallet) error {
	name := cacheName(w.ID())
	if _, err := os.Lstat(a.cacheFile(name)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return a.forget(ctx, ring, name)
}

func (a *App) lock(ctx context.Context, ring Keyring, name string) (was, told bool, err error) {
	_, err = os.Lstat(a.cacheFile(name))
	was = err == nil
	if err := a.dropCacheFile(name); err != nil {
		return was, false, err
	}
	return was, !was || ring.Delete(ctx, name) == nil, nil
}

// forget drops the file, without which the key in the keyring opens nothing,
// and then the key, if the keyring answers.
func (a *App) forget(ctx context.Context, ring Keyring, name string) error {
	_, _, err := a.lock(ctx, ring, name)
	return err
}

func (a *App) dropCacheFile(name string) error {
	if err := os.Remove(a.cacheFile(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return reason.New(reason.IO, a.cacheFile(name), "%w", bare(err))
	}
	return nil
}
