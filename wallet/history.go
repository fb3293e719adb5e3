package wallet

import (
	"bytes"
	"context"
	"slices"
	"time"
)

// History is a file that tells what the holder has done and is no credential,
// such as the results that a diploma portal hands out. The wallet keeps it and
// does not read it; nothing in it is proven.
type History struct {
	ID      string    `json:"id"`   // from the bytes
	Kind    string    `json:"kind"` // what it is, such as "elmo", as the caller named it
	AddedAt time.Time `json:"addedAt"`
	Source  string    `json:"source,omitempty"`

	raw []byte
}

// Raw returns the file as it was given. The slice is the caller's.
func (h History) Raw() []byte { return bytes.Clone(h.raw) }

// HistoryRequest is a file to be kept: UTF-8 text of a kind that the caller
// knows.
type HistoryRequest struct {
	Kind   string
	Raw    []byte
	Source string // where it came from, such as a file's name
}

// AddHistory keeps a file. One that is there already, byte for byte, is not
// added again; added is then false. Text that is not UTF-8 is
// malformed/utf8.
func (w *Wallet) AddHistory(ctx context.Context, r HistoryRequest) (h History, added bool, err error) {
	taken, err := w.TakeIn(ctx, Intake{Histories: []HistoryRequest{r}})
	if err != nil {
		return h, false, err
	}
	return taken.Histories[0].History, taken.Histories[0].Added, nil
}

// RemoveHistory takes a file out, named by its id or the beginning of it. It
// stays in earlier copies of the wallet, and in the log.
func (w *Wallet) RemoveHistory(ctx context.Context, id string) (History, error) {
	var h History
	err := w.change(ctx, func(s *state) ([]event, error) {
		var err error
		h, err = one(s.histories, id, func(h History) string { return h.ID })
		return []event{{Op: opForget, ID: h.ID}}, err
	})
	return h, err
}

// Histories returns the files in the order in which they were added.
func (w *Wallet) Histories() []History {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.state.histories)
}

// History returns the file with an id, or with an id that begins so.
func (w *Wallet) History(id string) (History, error) {
	list := w.Histories()
	if w.Locked() {
		return History{}, errLocked()
	}
	return one(list, id, func(h History) string { return h.ID })
}
