package wallet

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/reason"
)

// Mark names a state of a wallet.
type Mark struct {
	Wallet     string `json:"wallet"`     // its id
	Generation uint64 `json:"generation"` // counts the changes
	Head       string `json:"head"`       // SHA-256 of the log's last line
	// Event stands for what that line says, without its place in the log: a merge
	// may give it another one. Key stands for the wallet's identity. Both are keyed
	// with it: a line such as a tag could be found out by trying words.
	Event string    `json:"event,omitempty"`
	Key   string    `json:"key,omitempty"`
	At    time.Time `json:"at"` // when it was seen
	Place string    `json:"place,omitempty"`
}

// ID returns the wallet's id, which stands in the file in the clear.
func (w *Wallet) ID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.meta.Wallet
}

// State returns the generation, which counts the changes, and the head of the
// log. Together they tell an older copy of a wallet from a newer one.
func (w *Wallet) State() (generation uint64, head string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.meta.Generation, w.meta.Head
}

// Record remembers, outside of a wallet, the last state of it that was seen.
// That an older copy stands in the wallet's place cannot be seen in the copy
// itself. A Record is safe for concurrent use. What of two marks stays that are
// noted at the same time does not matter: either is one that was seen.
type Record interface {
	// Last returns the mark that was noted last for a wallet, the zero Mark if
	// none was.
	Last(ctx context.Context, wallet string) (Mark, error)
	// Note keeps a mark in the place of the one before.
	Note(ctx context.Context, m Mark) error
}

// Codes of warnings.
const (
	// WarnRollback: the file is of an earlier generation than one that was seen
	// here.
	WarnRollback reason.Code = "wallet_warning/rollback"
	// WarnFork: the file has changes that what was seen here does not lead to.
	WarnFork reason.Code = "wallet_warning/fork"
	// WarnKey: the file was written by another identity than one that was seen
	// here, as after a Rekey elsewhere. It may also be made up: whoever knows the
	// recipient of a way in can write a wallet that its key opens.
	WarnKey reason.Code = "wallet_warning/other-key"
	// WarnRecord: what was seen here before cannot be read or kept.
	WarnRecord reason.Code = "wallet_warning/record"
)

// Warning is something wrong around a wallet that opens all the same.
type Warning struct {
	Code reason.Code
	Last Mark  // what was seen before
	Now  Mark  // what stands there
	Err  error // of WarnRecord
}

// memory is what an open wallet knows by its Record.
type memory struct {
	record   Record
	place    string
	last     Mark // the last state that was seen, here or before
	warnings []Warning
}

// Warnings returns what is wrong around the wallet. Each is to be shown to the
// owner, who alone can know which copy is the right one: Merge, or Accept, ends
// a warning of another copy.
func (w *Wallet) Warnings() []Warning {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.memory.warnings)
}

// Accept takes the wallet as it stands for the newest, whatever was seen of it
// before.
func (w *Wallet) Accept(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.closed(); err != nil {
		return err
	}
	w.memory.last, w.memory.warnings = w.mark(), nil
	if w.memory.record == nil {
		return nil
	}
	return w.memory.record.Note(ctx, w.memory.last)
}

// Mark returns the state of the wallet as it is open.
func (w *Wallet) Mark() Mark {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mark()
}

func (w *Wallet) mark() Mark {
	m := Mark{Wallet: w.meta.Wallet, Generation: w.meta.Generation, Head: w.meta.Head, At: w.now().UTC().Truncate(time.Second), Place: w.memory.place}
	if w.identity == nil {
		return m
	}
	m.Key = keyMark(w.identity)
	if n := len(w.lines); n > 0 {
		m.Event = eventMark(w.lines[n-1], eventKey(w.identity))
	}
	return m
}

// recallNow is recall for what was read a moment ago. Another process may have
// changed the wallet since, and noted that: then what was read only lags behind,
// and the owner is not to be told that something is missing.
func (w *Wallet) recallNow(ctx context.Context) {
	w.recall(ctx)
	for range overtaken {
		if !slices.ContainsFunc(w.memory.warnings, func(x Warning) bool { return x.Code != WarnRecord }) {
			return
		}
		if changed, err := w.reload(ctx); err != nil || !changed {
			return // as it was read, it stands there
		}
		w.memory.warnings = nil
		w.recall(ctx)
	}
}

// recall compares a wallet that was just read with what was seen of it before.
func (w *Wallet) recall(ctx context.Context) {
	m := &w.memory
	if m.record == nil {
		return
	}
	last, err := m.record.Last(ctx, w.meta.Wallet)
	if err != nil {
		m.warnings = append(m.warnings, Warning{Code: WarnRecord, Now: w.mark(), Err: err})
	}
	m.last = last
	switch {
	case last.Head == "":
	case w.meta.Generation < last.Generation: // with the same head, the ways in are older ones
		m.warnings = append(m.warnings, Warning{Code: WarnRollback, Last: last, Now: w.mark()})
	case w.otherKey(last):
		m.warnings = append(m.warnings, Warning{Code: WarnKey, Last: last, Now: w.mark()})
	case !w.holds(last):
		m.warnings = append(m.warnings, Warning{Code: WarnFork, Last: last, Now: w.mark()})
	}
	w.remember(ctx)
}

// remember notes the present state, unless what was seen before is not in it:
// that must be seen again, until the owner has decided.
func (w *Wallet) remember(ctx context.Context) {
	m := &w.memory
	if m.record == nil || m.last.Head == w.meta.Head && m.last.Generation == w.meta.Generation {
		return
	}
	if m.last.Head != "" {
		if w.meta.Generation < m.last.Generation || w.otherKey(m.last) || !w.holds(m.last) {
			return
		}
		m.warnings = slices.DeleteFunc(m.warnings, func(x Warning) bool { return x.Code != WarnRecord })
	}
	mark := w.mark()
	if err := m.record.Note(ctx, mark); err != nil {
		// The wallet itself is written: that it is not remembered is no failure of
		// the change, and is said once.
		if !slices.ContainsFunc(m.warnings, func(x Warning) bool { return x.Code == WarnRecord }) {
			m.warnings = append(m.warnings, Warning{Code: WarnRecord, Now: mark, Err: err})
		}
		return
	}
	m.last = mark
}

// holds reports whether the wallet once stood at a mark, or has taken in a copy
// that did. A log that holds an event holds all that went before it in the copy
// that it came from. The newest lines are looked at first.
func (w *Wallet) holds(m Mark) bool {
	if m.Head == w.meta.Head || m.Head == sha([]byte(w.meta.Wallet)) || slices.Contains(w.state.merged, m.Head) {
		return true
	}
	for i := len(w.lines) - 2; i >= 0; i-- { // the last one's digest is the head
		if sha(w.lines[i]) == m.Head {
			return true
		}
	}
	if m.Event == "" {
		return false
	}
	key := eventKey(w.identity)
	return slices.ContainsFunc(w.lines, func(line []byte) bool { return eventMark(line, key) == m.Event })
}

// otherKey reports whether a mark was made with another identity. Those of
// earlier versions do not tell.
func (w *Wallet) otherKey(m Mark) bool { return m.Key != "" && m.Key != keyMark(w.identity) }

func keyMark(identity *age.HybridIdentity) string {
	return hex.EncodeToString(mac([]byte(identity.String()), []byte("bevis-wallet/1 key seen")))
}

func eventKey(identity *age.HybridIdentity) []byte {
	return mac([]byte(identity.String()), []byte("bevis-wallet/1 event seen"))
}

// eventMark returns what stands for what a line says, nothing for one that
// cannot be read.
func eventMark(line, key []byte) string {
	rest, err := withoutPlace(line)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(mac(key, rest.said))
}
