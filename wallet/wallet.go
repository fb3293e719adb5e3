package wallet

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/reason"
)

// Wallet is an open wallet. It is safe for concurrent use, also beside other
// programs that have the same wallet open.
type Wallet struct {
	store    Store
	now      func() time.Time
	identity *age.HybridIdentity

	mu      guard
	idle    idleLock
	version string // of the store
	meta    manifest
	parts   []file // kept as they are, by name: the ways in, and what a later version put in
	lines   [][]byte
	state   *state
	memory  memory
	frames  []frame // of the body, that a change need not pack again
	index   index
}

// CreateRequest asks for a new wallet.
type CreateRequest struct {
	Store      Store
	Passphrase []byte
	Now        func() time.Time // required, usually time.Now

	// Record and Place are as in OpenRequest.
	Record Record
	Place  string

	// PassphraseWork is how costly it is to try a passphrase: the work factor
	// of scrypt, as a power of two. Zero is 18, which takes about a second;
	// less is for tests alone, and more than 20 is refused.
	PassphraseWork int

	// IdleLock is that of OpenRequest.
	IdleLock time.Duration
}

// Create makes a wallet and returns the recovery words with it: 24 words that
// open it when the passphrase is lost. They are not kept anywhere, so whoever
// calls shows them once, to be written down. A store that holds something
// already is a conflict.
func Create(ctx context.Context, r CreateRequest) (*Wallet, []string, error) {
	if r.Store == nil || r.Now == nil {
		return nil, nil, reason.New(reason.Usage, "wallet.CreateRequest", "Store and Now are required")
	}
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, nil, reason.Wrap(reason.Internal, "", err)
	}
	recovery, err := GenerateWords()
	if err != nil {
		return nil, nil, err
	}
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, nil, reason.Wrap(reason.Internal, "", err)
	}
	w := &Wallet{store: r.Store, now: r.Now, identity: identity, state: &state{}, memory: memory{record: r.Record, place: r.Place}}
	w.meta = manifest{Format: formatName, Wallet: hex.EncodeToString(id[:])}
	w.meta.Head = sha([]byte(w.meta.Wallet))
	byPassphrase, err := wrapPassphrase(identity, PassphraseRequest{r.Passphrase, r.PassphraseWork})
	if err != nil {
		return nil, nil, err
	}
	byWords, err := wrap(identity, strings.Join(recovery, " "), recoveryWork)
	if err != nil {
		return nil, nil, err
	}
	w.parts = []file{{passphraseSlot, byPassphrase}, {recoverySlot, byWords}}
	if err := w.save(ctx, nil, w.state); err != nil {
		return nil, nil, err
	}
	w.watch(r.IdleLock)
	return w, recovery, nil
}

// OpenRequest asks for a wallet to be opened, by one of its ways in: Words if
// there are any, else Identities, else Passphrase.
type OpenRequest struct {
	Store      Store
	Passphrase []byte
	Words      string           // 24 words with white space between
	Now        func() time.Time // required, usually time.Now

	// Record remembers what was seen of the wallet, so that an older copy in its
	// place is noticed: see Warnings. Nil: nothing is remembered. Place is what the
	// record is to call the store, such as the file's path.
	Record Record
	Place  string

	// Identities open the slots that were added for their recipients. They may
	// ask the holder for something, such as to touch a device.
	Identities []age.Identity
	// Sealed is what Seal returned. Identities open it then, and no slot.
	Sealed []byte

	// IdleLock is how long the wallet stays open while nobody uses it; then it
	// is as if Lock were called. Zero is for good.
	IdleLock time.Duration
}

// Open opens a wallet. Errors are not_found, locked with the finer codes
// no-passphrase, wrong-passphrase, wrong-words, wrong-identity and no-such-way,
// wallet_corrupt, io, and the reasons that an identity gives for failing.
func Open(ctx context.Context, r OpenRequest) (*Wallet, error) {
	if r.Store == nil || r.Now == nil {
		return nil, reason.New(reason.Usage, "wallet.OpenRequest", "Store and Now are required")
	}
	way, err := r.way()
	if err != nil {
		return nil, err
	}
	blob, version, err := loadBeside(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	files, meta, err := readFile(blob)
	if err != nil {
		return nil, err
	}
	identity, err := way(files)
	if err != nil {
		return nil, err
	}
	w := &Wallet{store: r.Store, now: r.Now, identity: identity, memory: memory{record: r.Record, place: r.Place}}
	if err := w.load(files, meta, ""); err != nil {
		return nil, err
	}
	w.version = version()
	w.recallNow(ctx)
	w.watch(r.IdleLock)
	return w, nil
}

// load takes in what the store holds. After an error nothing has changed.
func (w *Wallet) load(files []file, meta *manifest, version string) error {
	if err := w.closed(); err != nil {
		return err
	}
	if !meta.authentic(macKey(w.identity)) {
		return w.foreign()
	}
	parts := files[2 : len(files)-1] // behind manifest and readme, before the body
	sealed, _ := find(parts, indexName)
	known, identity := make(chan described, 1), w.identity
	go func() { known <- openIndex(sealed, identity) }() // beside the body
	body, _ := find(files, meta.Body)
	packed, err := openBody(body, w.identity)
	if err != nil {
		return err
	}
	lines, events, err := readLog(packed, meta.Wallet, meta.Head)
	if err != nil {
		return err
	}
	ownMemory(lines, events)
	indexed := <-known
	if !indexed.fits(lines) {
		indexed = described{}
	}
	prepare(events, indexed)
	next := fold(&state{}, events)
	// Each line has the digest of the one before: the last one stands for all. A
	// log that was merged may have the same events in other places.
	if n := len(w.lines); n > 0 && (len(lines) < n || !bytes.Equal(lines[n-1], w.lines[n-1])) && !takenIn(w.lines, lines) {
		return reason.New("conflict/older-copy", "", "another copy of the wallet, without the last changes, stands in its place now")
	}
	w.parts = nil
	for _, f := range parts {
		if f.name != indexName {
			w.parts = append(w.parts, file{f.name, bytes.Clone(f.data)}) // or it would hold all of what was read
		}
	}
	w.index = index{}
	if n := indexed.covered; n > 0 {
		w.index = index{bytes.Clone(sealed), n, lines[n-1]}
	}
	w.meta, w.version, w.lines, w.state = *meta, version, lines, next
	w.frames = fullFrames(packed, lines)
	return nil
}

// save writes lines, which add up to next, as the next generation.
func (w *Wallet) save(ctx context.Context, lines [][]byte, next *state) error {
	if err := w.closed(); err != nil {
		return err
	}
	meta := w.meta
	meta.Generation++
	meta.Body = bodyName(meta.Generation)
	meta.Head = sha([]byte(meta.Wallet))
	size := 0
	for _, line := range lines {
		size += len(line) + 1
	}
	if err := fits(len(lines), size, 0); err != nil {
		return err
	}
	if len(lines) > 0 {
		meta.Head = sha(lines[len(lines)-1])
	}
	packed, frames, err := packLines(lines, w.frames)
	if err != nil {
		return err
	}
	body, err := encrypt(packed, w.identity.Recipient())
	if err != nil {
		return err
	}
	index, err := w.index.upTo(lines, next.items, w.identity)
	if err != nil {
		return err
	}
	parts := append([]file{{readmeName, []byte(readme)}}, w.parts...)
	if index.sealed != nil {
		parts = append(parts, file{indexName, index.sealed})
		slices.SortFunc(parts[1:], func(a, b file) int { return strings.Compare(a.name, b.name) })
	}
	parts = append(parts, file{meta.Body, body})
	sealed, err := meta.seal(parts, macKey(w.identity))
	if err != nil {
		return err
	}
	blob, err := pack(append([]file{{manifestName, sealed}}, parts...))
	if err != nil {
		return err
	}
	if err := fits(len(lines), size, len(blob)); err != nil {
		return err
	}
	version, err := w.store.Swap(ctx, w.version, blob)
	if err != nil {
		return err
	}
	w.meta, w.version, w.lines, w.state, w.frames, w.index = meta, version, lines, next, frames, index
	w.remember(ctx)
	return nil
}

// change appends the events that decide returns from the present state. If
// another program has written meanwhile, it is read and decide is asked again.
func (w *Wallet) change(ctx context.Context, decide func(s *state) ([]event, error)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.closed(); err != nil {
		return err
	}
	again := false
	return w.turns(ctx, func() error {
		if again {
			if _, err := w.reload(ctx); err != nil {
				return err
			}
		}
		again = true
		added, err := decide(w.state)
		if err != nil || len(added) == 0 {
			// That nothing is to be done must be true of the store too.
			if changed, loadErr := w.reload(ctx); loadErr != nil || !changed {
				return cmp.Or(loadErr, err)
			}
			return reason.New("conflict/changed", "", "the wallet was changed by another program")
		}
		lines := slices.Clone(w.lines)
		for i, e := range added {
			line, linked, err := link(e, lines, w.meta.Wallet, w.now())
			if err != nil {
				return err
			}
			lines, added[i] = append(lines, line), linked
		}
		return w.save(ctx, lines, fold(w.state, added))
	})
}

// reload takes in what others have written meanwhile, if they have.
func (w *Wallet) reload(ctx context.Context) (changed bool, err error) {
	if err := w.closed(); err != nil {
		return false, err
	}
	blob, version, err := w.store.Load(ctx)
	if err != nil || version == w.version {
		return false, err
	}
	files, meta, err := readFile(blob)
	if err != nil {
		return false, err
	}
	if meta.Wallet != w.meta.Wallet {
		return false, reason.New("conflict/other-wallet", "", "another wallet stands in its place now")
	}
	if err := w.load(files, meta, version); err != nil {
		return false, err
	}
	w.remember(ctx)
	return true, nil
}

// AddRequest is a credential to be kept.
type AddRequest struct {
	Raw      []byte        // exactly as issued: JSON, a compact JWT or COSE
	Source   string        // where it came from, such as a file's name
	Verified *Verification // what a verifier said, if one was asked
}

// Add keeps a credential. One that is there already, be it in another form, is
// not added again; added is then false and item the one that is there. See
// TakeIn for many, and Editions for what becomes of an earlier one.
func (w *Wallet) Add(ctx context.Context, r AddRequest) (item Item, added bool, err error) {
	taken, err := w.TakeIn(ctx, Intake{Credentials: []AddRequest{r}})
	if err != nil {
		return item, false, err
	}
	return taken.Credentials[0].Item, taken.Credentials[0].Added, nil
}

// SetVerified notes what a verifier said of a credential.
func (w *Wallet) SetVerified(ctx context.Context, id string, v Verification) error {
	return w.change(ctx, func(s *state) ([]event, error) {
		item, err := pick(s.items, id)
		return []event{{Op: opVerified, ID: item.ID, Verified: &v}}, err
	})
}

// Remove takes a credential out, with its earlier editions: else one of them
// would stand in its place. They stay in earlier copies of the file, and in the
// log.
func (w *Wallet) Remove(ctx context.Context, id string) (Item, error) {
	var item Item
	err := w.change(ctx, func(s *state) ([]event, error) {
		var err error
		if item, err = pick(s.items, id); err != nil {
			return nil, err
		}
		events := []event{{Op: opRemove, ID: item.ID}}
		for _, i := range s.items {
			if s.behind[i.ID] == item.ID {
				events = append(events, event{Op: opRemove, ID: i.ID})
			}
		}
		return events, nil
	})
	return item, err
}

// Items returns the credentials in the order in which they were added, without
// those of which there is a newer edition (Editions).
func (w *Wallet) Items() []Item {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := slices.Clone(w.state.current())
	for i := range out {
		out[i] = out[i].own()
	}
	return out
}

// Item returns the credential with an id, or with an id that begins so. It may
// be an earlier edition.
func (w *Wallet) Item(id string) (Item, error) {
	w.mu.Lock()
	items, closed := w.state.items, w.closed()
	w.mu.Unlock()
	if closed != nil {
		return Item{}, closed
	}
	item, err := pick(items, id)
	return item.own(), err
}

func pick(items []Item, id string) (Item, error) {
	return one(items, id, func(i Item) string { return i.ID })
}

// one returns what has an id, or the only one whose id begins so.
func one[T any](list []T, id string, idOf func(T) string) (none T, err error) {
	var found []T
	for _, x := range list {
		if idOf(x) == id {
			return x, nil
		}
		if id != "" && strings.HasPrefix(idOf(x), id) {
			found = append(found, x)
		}
	}
	switch len(found) {
	case 0:
		return none, reason.New("not_found/item", id, "the wallet has no such credential")
	case 1:
		return found[0], nil
	}
	return none, reason.New("usage/ambiguous-id", id, "%d credentials begin with that", len(found))
}
