package wallet

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Backup is a copy that was made of the wallet.
type Backup struct {
	At         time.Time `json:"at"`
	Place      string    `json:"place,omitempty"` // as the caller named it, such as the file's path
	Generation uint64    `json:"generation"`      // of the copy
	Head       string    `json:"head"`
}

// BackupRequest says where a copy goes. Place is what the log is to call it.
type BackupRequest struct {
	To    Store
	Place string
}

// Backup writes a copy of the wallet, reads it back, opens it, and notes time
// and place in the log. The copy lacks that note. An older copy of the wallet is
// replaced. One that has something this wallet has not is conflict/newer-copy,
// and whatever else stands there conflict/exists: neither is written over.
func (w *Wallet) Backup(ctx context.Context, r BackupRequest) (Backup, error) {
	if r.To == nil {
		return Backup{}, reason.New(reason.Usage, "wallet.BackupRequest", "To is required")
	}
	blob, mark, err := w.present(ctx)
	if err != nil {
		return Backup{}, err
	}
	have, old, err := r.To.Load(ctx)
	switch {
	case reason.CodeOf(err).Coarse() == string(reason.NotFound):
	case err != nil:
		return Backup{}, err
	default:
		if err := w.replaceable(ctx, r.To); err != nil {
			return Backup{}, err
		}
	}
	if !bytes.Equal(have, blob) {
		if _, err := r.To.Swap(ctx, old, blob); err != nil {
			return Backup{}, err
		}
	}
	if err := w.readBack(ctx, r.To, blob, mark); err != nil {
		return Backup{}, err
	}
	made := Backup{At: w.now().UTC().Truncate(time.Second), Place: r.Place, Generation: mark.Generation, Head: mark.Head}
	err = w.change(ctx, func(*state) ([]event, error) {
		noted := made
		return []event{{Op: opBackup, Backup: &noted}}, nil
	})
	return made, err
}

// present returns the bytes of the wallet as the store has them now.
func (w *Wallet) present(ctx context.Context) ([]byte, Mark, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range maxRetries {
		if _, err := w.reload(ctx); err != nil {
			return nil, Mark{}, err
		}
		blob, version, err := w.store.Load(ctx)
		if err != nil {
			return nil, Mark{}, err
		}
		if version == w.version {
			return blob, w.mark(), nil
		}
	}
	return nil, Mark{}, reason.New("conflict/busy", "", "others change the wallet all the time")
}

// replaceable returns an error if what a store holds would be lost.
func (w *Wallet) replaceable(ctx context.Context, store Store) error {
	other, err := w.OpenCopy(ctx, store)
	if err != nil {
		return reason.New("conflict/exists", "", "something else stands there, and is not written over: %w", err)
	}
	mine, err := w.snapshot()
	if err != nil {
		return err
	}
	theirs, err := other.snapshot()
	if err != nil {
		return err
	}
	if !takenIn(theirs.lines, mine.lines) || theirs.meta.Generation > mine.meta.Generation {
		return reason.New("conflict/newer-copy", "", "the copy there, of generation %d, has something that this wallet, of generation %d, has not", theirs.meta.Generation, mine.meta.Generation)
	}
	return nil
}

// readBack opens what was written, and holds every credential against the
// wallet's own.
func (w *Wallet) readBack(ctx context.Context, store Store, want []byte, mark Mark) error {
	got, _, err := store.Load(ctx)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return reason.New("io/read-back", "", "the copy reads otherwise than it was written")
	}
	other, err := w.OpenCopy(ctx, store)
	if err != nil {
		return err
	}
	if there := other.Mark(); there.Generation != mark.Generation || there.Head != mark.Head {
		return reason.New("io/read-back", "", "the copy opens as another state than was written")
	}
	return nil
}

// Backups returns the copies that were made, oldest first, and how many changes
// came after the last of them. What a verifier found is no such change.
func (w *Wallet) Backups() (made []Backup, since int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.state.backups), w.state.since
}

func (s *safety) backedUp(e event) {
	if e.Backup != nil {
		s.backups, s.since = append(s.backups, *e.Backup), 0
	}
}

// Unknown returns how many events of the log are of which operation that this
// version does not know. They are kept, and not understood.
func (w *Wallet) Unknown() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state.safety.clone().unknown
}

// Restoration is a copy that is to take a wallet's place.
type Restoration struct {
	From   *Wallet // the copy, open
	To     Store   // of the wallet
	Beside Store   // where what is there now goes first; it must be empty
	// Record is what the wallet is opened with, if anything: the copy is then what
	// was seen last. Place is the name of To in it.
	Record Record
	Place  string
}

// restorer is a store that can leave the version before the present one, which
// it keeps, as it is: that may be the copy that is restored, and the only good
// one until the restoration is done. What is replaced is in Beside by then.
type restorer interface {
	restore(ctx context.Context, old string, blob []byte) (version string, err error)
}

// Restore puts a copy in the place of the wallet, to the bit as it is. What stood
// there, whatever it is, is in Beside before it is replaced; kept is false if
// nothing did. A wallet that is not damaged and is another one is
// conflict/not-a-copy.
func Restore(ctx context.Context, r Restoration) (kept bool, err error) {
	if r.From == nil || r.To == nil || r.Beside == nil {
		return false, reason.New(reason.Usage, "wallet.Restoration", "From, To and Beside are required")
	}
	blob, mark, err := r.From.present(ctx)
	if err != nil {
		return false, err
	}
	have, old, err := r.To.Load(ctx)
	switch {
	case reason.CodeOf(err).Coarse() == string(reason.NotFound):
	case err != nil:
		return false, err
	default:
		if _, err := r.From.OpenCopy(ctx, r.To); reason.CodeOf(err) == "conflict/not-a-copy" {
			return false, err
		}
		if _, err := r.Beside.Swap(ctx, "", have); err != nil {
			return false, err
		}
		kept = true
	}
	if !bytes.Equal(have, blob) {
		put := r.To.Swap
		if store, ok := r.To.(restorer); ok && kept {
			put = store.restore
		}
		if _, err := put(ctx, old, blob); err != nil {
			return kept, err
		}
	}
	if r.Record == nil {
		return kept, nil
	}
	mark.Place = r.Place
	return kept, r.Record.Note(ctx, mark)
}
