package wallet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Two copies of a wallet that were changed apart become one by the union of
// their events. The order is the same whichever copy is merged into which: what
// both have in common at the beginning, then the events of both by their time,
// each copy's own in the order in which it had them, then one log.merge that
// names both heads. An event is the same in both copies if all its members but
// its place in the chain (n, prev) are; that holds for operations of later
// versions too.
//
// A removal takes out what its copy had when it was made. What the other copy
// had added meanwhile, or added again, stays: it can be removed again, and what
// is lost may not be had again. log.merge names what stays by that rule.

// Merged is what came of a merge.
type Merged struct {
	Taken   int    `json:"taken"` // changes of the other copy that were not here
	Added   []Item `json:"added"`
	Removed []Item `json:"removed"`
	// Kept is what one copy had removed, and the other had added meanwhile.
	Kept []Item `json:"kept"`
}

// Difference counts the changes that two copies of a wallet do not have in
// common. Both zero: they hold the same.
type Difference struct {
	Here  int `json:"here"`  // only in this one
	There int `json:"there"` // only in the other
}

// copyOf is a copy of a wallet at one moment.
type copyOf struct {
	meta  manifest
	lines [][]byte
	state *state
}

func (w *Wallet) snapshot() (copyOf, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return copyOf{w.meta, w.lines, w.state}, w.closed()
}

// OpenCopy opens another copy of the wallet, without a passphrase: by the
// identity that this one was opened to. A file of another wallet is
// conflict/not-a-copy; one of a time when the wallet had another identity, which
// Open opens by what opened it then, conflict/other-key.
func (w *Wallet) OpenCopy(ctx context.Context, store Store) (*Wallet, error) {
	blob, version, err := store.Load(ctx)
	if err != nil {
		return nil, err
	}
	files, meta, err := readFile(blob)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	other := &Wallet{store: store, now: w.now, identity: w.identity}
	wallet := w.meta.Wallet
	w.mu.Unlock()
	switch {
	case meta.Wallet != wallet:
		return nil, notACopy()
	case other.identity == nil:
		return nil, errLocked()
	case !meta.authentic(macKey(other.identity)):
		return nil, reason.New("conflict/other-key", "", "the copy has another key than the wallet: only what opened it then opens it")
	}
	return other, other.load(files, meta, version)
}

func notACopy() error {
	return reason.New("conflict/not-a-copy", "", "this is another wallet, and no copy of the one that is open")
}

// Merge takes in what another copy of the wallet has and this one has not. The
// ways in stay those of this one. Both then have the same state, and the same
// head, as soon as the other copy is merged with this one too.
func (w *Wallet) Merge(ctx context.Context, other *Wallet) (Merged, error) {
	theirs, err := other.snapshot()
	if err != nil {
		return Merged{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if theirs.meta.Wallet != w.meta.Wallet {
		return Merged{}, notACopy()
	}
	var out Merged
	err = w.turns(ctx, func() error {
		if _, err := w.reload(ctx); err != nil {
			return err
		}
		before, meta := w.state, w.meta
		u, err := unite(copyOf{w.meta, w.lines, w.state}, theirs)
		if err != nil || u.lines == nil {
			return err
		}
		w.meta.Generation = max(meta.Generation, theirs.meta.Generation)
		if u.theirs && theirs.meta.Generation > meta.Generation {
			w.meta.Generation-- // it becomes the other copy's
		}
		if err := w.save(ctx, u.lines, u.state); err != nil {
			w.meta.Generation = meta.Generation
			return err
		}
		out = u.told(before)
		return nil
	})
	return out, err
}

// Compare counts what this copy of a wallet and another do not have in common.
// Of the log, what is no change of the owner's is not counted: that a backup was
// made, that copies were merged.
func (w *Wallet) Compare(other *Wallet) (d Difference, err error) {
	mine, err := w.snapshot()
	if err != nil {
		return d, err
	}
	theirs, err := other.snapshot()
	if err != nil {
		return d, err
	}
	if mine.meta.Wallet != theirs.meta.Wallet {
		return d, notACopy()
	}
	a, b, err := tails(mine.lines, theirs.lines)
	if err != nil {
		return d, err
	}
	return Difference{count(a, b), count(b, a)}, nil
}

// count returns how many changes of a are not in b.
func count(a, b []entry) (n int) {
	have := places(b)
	for _, e := range a {
		if _, ok := have[e.id]; !ok && e.op != opBackup && e.op != opMerge {
			n++
		}
	}
	return n
}

// united is the log of both copies; lines are nil if nothing is new.
type united struct {
	lines  [][]byte
	state  *state
	theirs bool // all that is here is in the other copy
	taken  int
	kept   []string
}

// unite returns the same for two copies whichever of them is which, but for
// taken.
func unite(mine, theirs copyOf) (u united, err error) {
	a, b, err := tails(mine.lines, theirs.lines)
	if err != nil {
		return u, err
	}
	u.taken = count(b, a)
	switch {
	case among(b, a):
		return united{}, nil
	case among(a, b):
		u.lines, u.state, u.theirs = theirs.lines, theirs.state, true
		return u, nil
	}
	lines := slices.Clone(mine.lines[:len(mine.lines)-len(a)])
	var last time.Time
	for _, e := range interleave(a, b) {
		line := e.link(lines, mine.meta.Wallet)
		if len(line) > maxLine {
			return u, reason.New(reason.LimitSize, "", "too large to be kept: %d bytes", len(line))
		}
		lines = append(lines, line)
		if e.at.After(last) {
			last = e.at
		}
	}
	apart, err := replay(lines, mine.meta.Wallet)
	if err != nil {
		return u, err
	}
	for id := range alive(a, b) {
		if !apart.has(id) {
			u.kept = append(u.kept, id)
		}
	}
	slices.Sort(u.kept)
	heads := []string{mine.meta.Head, theirs.meta.Head}
	slices.Sort(heads)
	line, _, err := link(event{Op: opMerge, Heads: heads, Kept: u.kept}, lines, mine.meta.Wallet, last)
	if err != nil {
		return u, err
	}
	u.lines = append(lines, line)
	u.state, err = replay(u.lines, mine.meta.Wallet)
	return u, err
}

// told says what a merge changed.
func (u united) told(before *state) Merged {
	m := Merged{Taken: u.taken}
	in := func(items []Item, id string) bool {
		return slices.ContainsFunc(items, func(i Item) bool { return i.ID == id })
	}
	for _, i := range u.state.items {
		if !in(before.items, i.ID) {
			m.Added = append(m.Added, i.own())
		}
		if slices.Contains(u.kept, i.ID) {
			m.Kept = append(m.Kept, i.own())
		}
	}
	for _, i := range before.items {
		if !in(u.state.items, i.ID) {
			m.Removed = append(m.Removed, i.own())
		}
	}
	return m
}

// entry is a line of the log without its place in it.
type entry struct {
	id   [32]byte // of what it says
	said []byte   // its members but n and prev, each with a comma before it
	at   time.Time
	op   string
	item string   // the credential or history that it is about
	kept []string // of log.merge
}

// tails returns what two logs have behind the lines with which both begin.
func tails(mine, theirs [][]byte) (a, b []entry, err error) {
	n := 0
	for n < len(mine) && n < len(theirs) && bytes.Equal(mine[n], theirs[n]) {
		n++
	}
	if a, err = entries(mine[n:]); err != nil {
		return nil, nil, err
	}
	b, err = entries(theirs[n:])
	return a, b, err
}

// entries reads lines. An event that happened twice in one second is two: the
// second has another id.
func entries(lines [][]byte) ([]entry, error) {
	out := make([]entry, 0, len(lines))
	times := map[[32]byte]uint64{}
	var at time.Time
	for _, line := range lines {
		e, err := withoutPlace(line)
		if err != nil {
			return nil, err
		}
		if e.at.IsZero() {
			// An operation of a later version may tell no time: it then is of that of
			// the line before.
			e.at = at
		}
		at = e.at
		sum := sha256.Sum256(e.said)
		e.id = sha256.Sum256(binary.BigEndian.AppendUint64(sum[:], times[sum]))
		times[sum]++
		out = append(out, e)
	}
	return out, nil
}

// withoutPlace reads what a line says, without its id.
func withoutPlace(line []byte) (e entry, err error) {
	doc, err := strictjson.ParseObject(line, strictjson.Limits{MaxBytes: maxLine})
	if err != nil {
		return e, corrupt("a line of the log cannot be read")
	}
	for _, m := range doc.Members() {
		if m.Name != "n" && m.Name != "prev" {
			e.said = append(strictjson.AppendString(append(e.said, ','), m.Name), ':')
			e.said = append(e.said, m.Value.Raw()...)
		}
	}
	e.op, _ = doc.Get("op").Text()
	e.item, _ = doc.Get("id").Text()
	if e.op == opMerge {
		if read, ok := readEvent(doc); ok {
			e.kept = read.Kept
		}
	}
	text, _ := doc.Get("at").Text()
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		e.at = at
	}
	return e, nil
}

// takenIn reports whether a log has all events of an earlier one.
func takenIn(earlier, lines [][]byte) bool {
	a, b, err := tails(earlier, lines)
	return err == nil && among(a, b)
}

// among reports whether all events of a are in b, in the same order.
func among(a, b []entry) bool {
	for _, e := range b {
		if len(a) > 0 && a[0].id == e.id {
			a = a[1:]
		}
	}
	return len(a) == 0
}

// link gives an entry its place behind the last line.
func (e entry) link(lines [][]byte, wallet string) []byte {
	prev := sha([]byte(wallet))
	if len(lines) > 0 {
		prev = sha(lines[len(lines)-1])
	}
	line := append([]byte(`{"n":`), strictjson.Int(int64(len(lines)+1)).AppendJSON(nil)...)
	line = strictjson.AppendString(append(line, `,"prev":`...), prev)
	return append(append(line, e.said...), '}')
}

func places(list []entry) map[[32]byte]int {
	out := make(map[[32]byte]int, len(list))
	for i, e := range list {
		out[e.id] = i
	}
	return out
}

// interleave returns the events of both lists, each once: by their time, and
// never before one that stands before it in its own list.
func interleave(a, b []entry) []entry {
	inA, inB := places(a), places(b)
	out := make([]entry, 0, len(a)+len(b))
	taken := map[[32]byte]bool{}
	take := func(e entry) {
		taken[e.id] = true
		out = append(out, e)
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && taken[a[i].id]:
			i++
			continue
		case j < len(b) && taken[b[j].id]:
			j++
			continue
		case j == len(b):
			take(a[i])
			continue
		case i == len(a):
			take(b[j])
			continue
		}
		x, y := a[i], b[j]
		// What both have waits until both have come to it.
		_, xLater := inB[x.id]
		_, yLater := inA[y.id]
		xLater, yLater = xLater && x.id != y.id, yLater && x.id != y.id
		switch {
		case xLater && !yLater:
			take(y)
		case yLater && !xLater:
			take(x)
		case before(y, x):
			take(y)
		default:
			take(x)
		}
	}
	return out
}

func before(x, y entry) bool {
	if !x.at.Equal(y.at) {
		return x.at.Before(y.at)
	}
	return bytes.Compare(x.id[:], y.id[:]) < 0
}

// adds and removes are the operations that put something in and take it out.
func adds(op string) bool    { return op == opAdd || op == opHistory }
func removes(op string) bool { return op == opRemove || op == opForget }

// alive returns the ids of what one of the copies added after they parted, and
// that no copy that knew of it has removed since.
func alive(a, b []entry) map[string]bool {
	type addition struct {
		event [32]byte
		item  string
	}
	all, dead := map[addition]bool{}, map[addition]bool{}
	for _, list := range [][]entry{a, b} {
		removed := map[string]bool{}
		for _, e := range slices.Backward(list) {
			added := e.kept
			if adds(e.op) {
				added = []string{e.item}
			} else if removes(e.op) {
				removed[e.item] = true
			}
			for _, item := range added {
				all[addition{e.id, item}] = true
				if removed[item] {
					dead[addition{e.id, item}] = true
				}
			}
		}
	}
	out := map[string]bool{}
	for x := range all {
		if !dead[x] {
			out[x.item] = true
		}
	}
	return out
}
