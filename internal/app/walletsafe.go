package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// marksFolder is where the last state of each wallet that was seen is kept.
const marksFolder = "wallets"

func (a *App) walletRecord() wallet.Record { return wallet.NewFolderRecord(a.path(marksFolder)) }

// absolute names a file so that it is found from elsewhere too.
func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// WalletOpenCopy opens a wallet file that is not in use, such as a backup: what
// was seen of the wallet before is neither asked nor changed.
func (a *App) WalletOpenCopy(ctx context.Context, path string, way WayIn) (*wallet.Wallet, error) {
	return openBy(ctx, wallet.OpenRequest{Store: wallet.NewFileStore(path), Now: a.cfg.Now}, way)
}

// WalletCopy opens another copy of a wallet without asking for anything, whatever
// passphrase it has.
func (a *App) WalletCopy(ctx context.Context, w *wallet.Wallet, path string) (*wallet.Wallet, error) {
	other, err := w.OpenCopy(ctx, wallet.NewFileStore(path))
	if err != nil && reason.AtOf(err) == "" {
		err = reason.New(reason.CodeOf(err), path, "%w", bareReason(err))
	}
	return other, err
}

// apart returns an error if two paths are the same file.
func apart(path, other string) error {
	one, errOne := os.Stat(path)
	two, errTwo := os.Stat(other)
	if errOne == nil && errTwo == nil && os.SameFile(one, two) {
		return reason.New("usage/same-file", other, "this is the wallet itself")
	}
	return nil
}

// WalletMerged is what came of a merge.
type WalletMerged struct {
	Schema     string `json:"schema"` // bevis.wallet-merge/v1
	Wallet     string `json:"wallet"`
	From       string `json:"from"`
	Generation uint64 `json:"generation"`
	wallet.Merged
}

// WalletApart returns an error if the file of a wallet is named where another
// one is meant.
func (a *App) WalletApart(path, other string) error { return apart(path, other) }

// WalletMerge takes in what another copy has.
func (a *App) WalletMerge(ctx context.Context, w, other *wallet.Wallet, path, from string) (WalletMerged, error) {
	m, err := w.Merge(ctx, other)
	out := WalletMerged{Schema: "bevis.wallet-merge/v1", Wallet: path, From: from, Merged: m}
	for _, list := range []*[]wallet.Item{&out.Added, &out.Removed, &out.Kept} {
		*list = append([]wallet.Item{}, *list...) // in JSON an empty list, and not null
	}
	out.Generation, _ = w.State()
	return out, err
}

// WalletBackedUp is a backup that was made.
type WalletBackedUp struct {
	Schema string `json:"schema"` // bevis.wallet-backup/v1
	Wallet string `json:"wallet"`
	wallet.Backup
	Credentials int `json:"credentials"`
}

// WalletBackup copies a wallet to a file, or into a folder under its name and
// the date. Without a place it goes where the last one went.
func (a *App) WalletBackup(ctx context.Context, w *wallet.Wallet, path, to string) (WalletBackedUp, error) {
	out := WalletBackedUp{Schema: "bevis.wallet-backup/v1", Wallet: path}
	to, err := a.backupPlace(w, path, to)
	if err != nil {
		return out, err
	}
	if err := apart(path, to); err != nil {
		return out, err
	}
	// A folder is not made: a stick that is not there must not become a folder on
	// the disk that the copy is to outlive.
	if info, err := os.Stat(filepath.Dir(to)); err != nil || !info.IsDir() {
		return out, reason.New(reason.NotFound, filepath.Dir(to), "there is no such folder")
	}
	out.Backup, err = w.Backup(ctx, wallet.BackupRequest{To: wallet.NewFileStore(to), Place: absolute(to)})
	if err != nil && reason.AtOf(err) == "" {
		err = reason.New(reason.CodeOf(err), to, "%w", bareReason(err))
	}
	out.Credentials = len(w.Items())
	return out, err
}

// backupPlace returns the file that a backup goes to.
func (a *App) backupPlace(w *wallet.Wallet, path, to string) (string, error) {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	dated := func(at time.Time) string { return name + "-" + at.Format(time.DateOnly) + filepath.Ext(path) }
	now := a.cfg.Now()
	if to == "" {
		made, _ := w.Backups()
		if len(made) == 0 || made[len(made)-1].Place == "" {
			return "", reason.New("usage/backup-place", "", "no backup was made before: name a file or a folder, best on another disk")
		}
		last := made[len(made)-1]
		if filepath.Base(last.Place) != dated(last.At) && filepath.Base(last.Place) != dated(last.At.Local()) {
			return last.Place, nil
		}
		return filepath.Join(filepath.Dir(last.Place), dated(now)), nil
	}
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		return filepath.Join(to, dated(now)), nil
	}
	if os.IsPathSeparator(to[len(to)-1]) {
		return "", reason.New(reason.NotFound, to, "there is no such folder")
	}
	return to, nil
}

// RestorePlan is what a restoration would replace.
type RestorePlan struct {
	There   bool // something stands in the wallet's place
	Damaged bool // and does not open
	// OtherKey says that the wallet there has another key than the copy, so that the
	// two cannot be compared.
	OtherKey bool
	Same     bool // and holds all that the copy holds, and no more
	wallet.Difference
	Have, Copy uint64 // generations
}

// WalletRestorePlan compares a copy with what stands in the wallet's place.
// Another wallet there is an error.
func (a *App) WalletRestorePlan(ctx context.Context, from *wallet.Wallet, fromPath, path string) (RestorePlan, error) {
	plan := RestorePlan{There: true}
	if err := apart(path, fromPath); err != nil {
		return plan, err
	}
	plan.Copy, _ = from.State()
	have, err := a.WalletCopy(ctx, from, path)
	switch code := reason.CodeOf(err); {
	case code == "not_found/wallet":
		plan.There = false
		return plan, nil
	case code.Coarse() == string(reason.WalletCorrupt):
		plan.Damaged = true
		return plan, nil
	case code == "conflict/other-key":
		plan.OtherKey = true
		return plan, nil
	case err != nil:
		return plan, err
	}
	plan.Have, _ = have.State()
	plan.Difference, err = have.Compare(from)
	plan.Same = plan.Difference == wallet.Difference{}
	return plan, err
}

// WalletRestored is what came of a restoration.
type WalletRestored struct {
	Schema      string `json:"schema"` // bevis.wallet-restore/v1
	Wallet      string `json:"wallet"`
	From        string `json:"from"`
	Generation  uint64 `json:"generation"`
	Before      uint64 `json:"generationBefore,omitempty"`
	Kept        string `json:"kept,omitempty"` // where what stood there is now
	Credentials int    `json:"credentials"`
}

// WalletRestore puts a copy in the wallet's place. What stood there is kept
// beside it.
func (a *App) WalletRestore(ctx context.Context, from *wallet.Wallet, fromPath, path string, plan RestorePlan) (WalletRestored, error) {
	out := WalletRestored{Schema: "bevis.wallet-restore/v1", Wallet: path, From: fromPath, Generation: plan.Copy, Before: plan.Have, Credentials: len(from.Items())}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return out, reason.New(reason.IO, path, "%w", bare(err))
	}
	beside := a.beside(path)
	kept, err := wallet.Restore(ctx, wallet.Restoration{From: from, To: wallet.NewFileStore(path), Beside: wallet.NewFileStore(beside),
		Record: a.walletRecord(), Place: absolute(path)})
	if kept {
		out.Kept = beside
		// The lock beside a file that nobody writes any more is in the way of eyes
		// alone.
		_ = os.Remove(beside + ".lock")
	}
	return out, err
}

// beside returns a free name for what is moved out of the way.
func (a *App) beside(path string) string {
	name := path + "." + a.cfg.Now().UTC().Format("2006-01-02T150405")
	free := name
	for n := 2; n < 100; n++ {
		if _, err := os.Lstat(free); errors.Is(err, fs.ErrNotExist) {
			break
		}
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free
}
