package wallet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	slotFolder = "slots/"
	maxSlots   = 16
	maxSlot    = 16 << 10 // bytes of one; the largest that the wallet wraps itself has 2 KiB
	maxLabel   = 100      // bytes
)

// The names of the ways in that every wallet begins with.
const (
	SlotPassphrase = "passphrase"
	SlotRecovery   = "recovery"
)

// Slot is a way into the wallet: a part of the file that holds the wallet's
// identity, encrypted for somebody who may open it.
type Slot struct {
	// Name is SlotPassphrase, SlotRecovery, or a number and the kind, such as
	// 2-yubikey. Under that name the part is found in the file.
	Name string `json:"name"`
	// Kind is the name again, or what opens it: "age" for a key in a file, else
	// the name of a plugin.
	Kind      string `json:"kind"`
	Label     string `json:"label,omitempty"`     // as the holder calls it
	Recipient string `json:"recipient,omitempty"` // whom it is encrypted for
	// ChangedAt is when it was put there. It is zero for those that are as they
	// were when the wallet was made.
	ChangedAt time.Time `json:"changedAt,omitzero"`

	digest string // of the part
}

// slotEvent is what the log tells of a way in. The digest ties it to the part:
// in a copy of the wallet another part may stand under that name.
type slotEvent struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Label     string `json:"label,omitempty"`
	Recipient string `json:"recipient,omitempty"`
	Digest    string `json:"digest,omitempty"` // SHA-256
}

func (s *state) applySlot(e event) {
	if e.Slot != nil {
		s.slots = append(s.slots, Slot{e.Slot.Name, e.Slot.Kind, e.Slot.Label, e.Slot.Recipient, e.At, e.Slot.Digest})
	}
}

// slotFile is the form of the names of parts that are ways in: the number gives
// the order, and the rest says what kind of way it is.
var slotFile = regexp.MustCompile(`^slots/([0-9]{1,4})-([a-z0-9][a-z0-9.+_-]{0,39})\.age$`)

// slotOf names a part; ok is false for those that are no way in, or none that
// this version knows.
func slotOf(f file) (slot Slot, ok bool) {
	m := slotFile.FindStringSubmatch(f.name)
	switch {
	case m == nil:
		return slot, false
	case f.name == passphraseSlot || f.name == recoverySlot:
		return Slot{Name: m[2], Kind: m[2]}, true
	}
	return Slot{Name: m[1] + "-" + m[2], Kind: m[2]}, true
}

// slotsFit refuses files with more or larger ways in than a wallet is given:
// each may have to be tried.
func slotsFit(files []file) error {
	n := 0
	for _, f := range files {
		if !strings.HasPrefix(f.name, slotFolder) {
			continue
		}
		if n++; n > maxSlots {
			return corrupt("it has more than %d ways in", maxSlots)
		}
		if len(f.data) > maxSlot {
			return corrupt("a way in has %d bytes", len(f.data))
		}
	}
	return nil
}

// way returns what finds the wallet's identity among the parts of a file.
func (r OpenRequest) way() (func(files []file) (*age.HybridIdentity, error), error) {
	bySecret := func(name, secret string, most int, wrong reason.Code) func([]file) (*age.HybridIdentity, error) {
		return func(files []file) (*age.HybridIdentity, error) {
			slot, ok := find(files, name)
			if !ok {
				return nil, reason.New("locked/no-such-way", "", "this way into the wallet was taken out")
			}
			return unwrap(slot, secret, most, wrong)
		}
	}
	switch {
	case r.Words != "":
		secret, err := checkWords(r.Words)
		if err != nil {
			return nil, err
		}
		return bySecret(recoverySlot, secret, maxWordsWork, "locked/wrong-words"), nil
	case len(r.Identities) > 0:
		return func(files []file) (*age.HybridIdentity, error) {
			slots := [][]byte{r.Sealed}
			if r.Sealed == nil {
				slots = others(files)
			}
			return unwrapBy(slots, r.Identities)
		}, nil
	case len(r.Passphrase) > 0:
		return bySecret(passphraseSlot, string(r.Passphrase), maxWork, "locked/wrong-passphrase"), nil
	}
	return nil, reason.New("locked/no-passphrase", "", "the wallet opens with its passphrase, the recovery words, or a key that was added to it")
}

// others returns the ways in that are for keys.
func others(files []file) [][]byte {
	var out [][]byte
	for _, f := range files {
		if strings.HasPrefix(f.name, slotFolder) && f.name != passphraseSlot && f.name != recoverySlot {
			out = append(out, f.data)
		}
	}
	return out
}

// unwrapBy tries identities on slots. If none opens, the first that failed for
// a reason of its own, such as a device that is not there, says why.
func unwrapBy(slots [][]byte, identities []age.Identity) (*age.HybridIdentity, error) {
	if len(slots) == 0 {
		return nil, reason.New("locked/no-such-way", "", "no key was added to the wallet")
	}
	var failed error
	for _, slot := range slots {
		text, err := decrypt(slot, maxIdentity, identities...)
		if err == nil {
			return parseIdentity(text)
		}
		if mismatch := (*age.NoIdentityMatchError)(nil); failed == nil && !errors.As(err, &mismatch) {
			failed = err
		}
	}
	switch {
	case failed == nil:
		return nil, reason.New("locked/wrong-identity", "", "none of the keys opens the wallet")
	case reason.CodeOf(failed) != reason.Internal:
		return nil, failed
	}
	// What age or a caller's identity says may quote what it was given.
	return nil, reason.New("locked/wrong-identity", "", "a key could not be used, or what it is to open is damaged")
}

// Slots returns the ways into the wallet.
func (w *Wallet) Slots() []Slot {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slotsOf(w.parts, w.state)
}

func slotsOf(parts []file, s *state) []Slot {
	var out []Slot
	for _, f := range parts {
		slot, ok := slotOf(f)
		if !ok {
			continue
		}
		digest := sha(f.data)
		for _, told := range s.slots {
			if told.digest == digest && told.Name == slot.Name {
				slot = told
			}
		}
		out = append(out, slot)
	}
	return out
}

// PassphraseRequest is a new passphrase.
type PassphraseRequest struct {
	Passphrase []byte
	Work       int // PassphraseWork of CreateRequest
}

func wrapPassphrase(identity *age.HybridIdentity, r PassphraseRequest) ([]byte, error) {
	if len(bytes.TrimSpace(r.Passphrase)) == 0 {
		return nil, reason.New("usage/empty-passphrase", "", "an empty passphrase protects nothing")
	}
	if r.Work == 0 {
		r.Work = passphraseWork
	}
	if r.Work < 1 || r.Work > maxWork {
		return nil, reason.New(reason.Usage, "PassphraseWork", "%d is not from 1 to %d", r.Work, maxWork)
	}
	return wrap(identity, string(r.Passphrase), r.Work)
}

// SetPassphrase makes the wallet open with another passphrase, or with one
// again. The one before opens neither the wallet nor the version before it any
// more; copies elsewhere it does, for they are as they were.
func (w *Wallet) SetPassphrase(ctx context.Context, r PassphraseRequest) error {
	return w.setSlot(ctx, passphraseSlot, func(identity *age.HybridIdentity) ([]byte, error) { return wrapPassphrase(identity, r) })
}

// SetWords makes the wallet open with other recovery words, those of
// GenerateWords, or with some again. Those before are out of force as a
// passphrase is by SetPassphrase.
func (w *Wallet) SetWords(ctx context.Context, words []string) error {
	secret, err := checkWords(strings.Join(words, " "))
	if err != nil {
		return err
	}
	return w.setSlot(ctx, recoverySlot, func(identity *age.HybridIdentity) ([]byte, error) { return wrap(identity, secret, recoveryWork) })
}

// setSlot puts another part in the place of one of the two that a wallet begins
// with.
func (w *Wallet) setSlot(ctx context.Context, name string, seal func(*age.HybridIdentity) ([]byte, error)) error {
	data, err := w.sealed(seal)
	if err != nil {
		return err
	}
	slot, _ := slotOf(file{name, data})
	return w.changeSlots(ctx, nil, func(parts []file) ([]file, []event, error) {
		parts = slices.DeleteFunc(parts, func(f file) bool { return f.name == name })
		return append(parts, file{name, data}), []event{slotSet(slot, data)}, nil
	})
}

func slotSet(s Slot, data []byte) event {
	return event{Op: opSlotSet, Slot: &slotEvent{s.Name, s.Kind, s.Label, s.Recipient, sha(data)}}
}

func slotGone(s Slot) event {
	return event{Op: opSlotGone, Slot: &slotEvent{Name: s.Name, Kind: s.Kind}}
}

// sealed encrypts the identity, which takes its time, while others may use the
// wallet.
func (w *Wallet) sealed(seal func(*age.HybridIdentity) ([]byte, error)) ([]byte, error) {
	w.mu.Lock()
	identity, err := w.identity, w.closed()
	w.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return seal(identity)
}

// Seal returns the wallet's identity encrypted to a recipient, for
// OpenRequest.Sealed. It is no way in of the file's own and not in its log: for
// a cache that its keeper throws away again.
func (w *Wallet) Seal(to age.Recipient) ([]byte, error) {
	return w.sealed(func(identity *age.HybridIdentity) ([]byte, error) { return sealTo(identity, to) })
}

// sealTo encrypts the identity to a recipient. A reason that the recipient
// gives for failing is passed on.
func sealTo(identity *age.HybridIdentity, to age.Recipient) ([]byte, error) {
	if to == nil {
		return nil, reason.New(reason.Usage, "wallet", "a recipient is required")
	}
	var b bytes.Buffer
	out, err := age.Encrypt(&b, to)
	if err == nil {
		if _, err = out.Write([]byte(identity.String() + "\n")); err == nil {
			err = out.Close()
		}
	}
	switch {
	case err == nil && b.Len() > maxSlot:
		return nil, reason.New(reason.LimitSize, "", "what the recipient makes of it has %d bytes, the limit is %d", b.Len(), maxSlot)
	case err != nil && reason.CodeOf(err) != reason.Internal:
		return nil, err
	case err != nil:
		return nil, reason.New("usage/recipient", "", "nothing can be encrypted to this recipient")
	}
	return b.Bytes(), nil
}

// SlotRequest is a way in to be added.
type SlotRequest struct {
	Recipient age.Recipient // required
	// Kind is "age", or the name of the plugin that the recipient comes from, in
	// small letters. It stands in the file in the clear, so that somebody
	// without bevis knows what to look for.
	Kind  string
	Label string // what the holder calls it, at most 100 bytes; only in the log
	Text  string // the recipient in age's form; only in the log
}

func (r SlotRequest) check() error {
	kind := file{name: fmt.Sprintf("%s2-%s.age", slotFolder, r.Kind)}
	if _, ok := slotOf(kind); !ok || r.Kind == SlotPassphrase || r.Kind == SlotRecovery {
		return reason.New(reason.Usage, "wallet.SlotRequest", "Kind is a name in small letters")
	}
	if len(r.Label) > maxLabel || !utf8.ValidString(r.Label) {
		return reason.New(reason.Usage, "wallet.SlotRequest", "Label has more than %d bytes, or is no text", maxLabel)
	}
	return nil
}

// AddSlot adds a way in for a recipient. That its identity opens the wallet is
// for whoever calls to try: a recipient cannot. More than 16 ways in are
// usage/slots.
func (w *Wallet) AddSlot(ctx context.Context, r SlotRequest) (Slot, error) {
	if err := r.check(); err != nil {
		return Slot{}, err
	}
	data, err := w.sealed(func(identity *age.HybridIdentity) ([]byte, error) { return sealTo(identity, r.Recipient) })
	if err != nil {
		return Slot{}, err
	}
	var slot Slot
	err = w.changeSlots(ctx, nil, func(parts []file) ([]file, []event, error) {
		f, err := r.place(parts, data)
		if err != nil {
			return nil, nil, err
		}
		slot = r.slot(f)
		return append(parts, f), []event{slotSet(slot, data)}, nil
	})
	if err != nil {
		return Slot{}, err
	}
	for _, have := range w.Slots() {
		if have.Name == slot.Name {
			slot = have
		}
	}
	return slot, nil
}

// place gives a way in the first number that is free.
func (r SlotRequest) place(parts []file, data []byte) (file, error) {
	if err := slotsFit(append(slices.Clone(parts), file{name: slotFolder})); err != nil {
		return file{}, reason.New("usage/slots", "", "the wallet has %d ways in, which is the limit", maxSlots)
	}
	taken := map[string]bool{}
	for _, f := range parts {
		if m := slotFile.FindStringSubmatch(f.name); m != nil {
			taken[m[1]] = true
		}
	}
	n := 2
	for taken[fmt.Sprint(n)] {
		n++
	}
	return file{fmt.Sprintf("%s%d-%s.age", slotFolder, n, r.Kind), data}, nil
}

func (r SlotRequest) slot(f file) Slot {
	slot, _ := slotOf(f)
	slot.Label, slot.Recipient = r.Label, r.Text
	return slot
}

// RemoveSlot takes a way in out, by its name. A wallet keeps its passphrase or
// its words, since a key in a device can be lost with it: usage/last-way-in.
// A name that there is not is not_found/slot.
func (w *Wallet) RemoveSlot(ctx context.Context, name string) error {
	return w.changeSlots(ctx, nil, func(parts []file) ([]file, []event, error) {
		var gone *Slot
		kept := false
		rest := slices.DeleteFunc(parts, func(f file) bool {
			slot, ok := slotOf(f)
			if ok && slot.Name == name {
				gone = &slot
				return true
			}
			kept = kept || f.name == passphraseSlot || f.name == recoverySlot
			return false
		})
		switch {
		case gone == nil:
			return nil, nil, reason.New("not_found/slot", name, "the wallet has no such way in")
		case !kept:
			return nil, nil, reason.New("usage/last-way-in", name, "a wallet keeps its passphrase or its recovery words")
		}
		return rest, []event{slotGone(*gone)}, nil
	})
}

// changeSlots writes what edit makes of the ways in, with events, and encrypted to
// another identity if there is one. It writes twice, so that the version before,
// which stores keep, does not open by a way that is no more.
func (w *Wallet) changeSlots(ctx context.Context, identity *age.HybridIdentity, edit func(parts []file) ([]file, []event, error)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.closed(); err != nil {
		return err
	}
	if identity == nil {
		identity = w.identity
	}
	return w.turns(ctx, func() error {
		if _, err := w.reload(ctx); err != nil {
			return err
		}
		parts, events, err := edit(slices.Clone(w.parts))
		if err != nil {
			return err
		}
		slices.SortFunc(parts, func(a, b file) int { return strings.Compare(a.name, b.name) })
		lines := slices.Clone(w.lines)
		for i, e := range events {
			line, linked, err := link(e, lines, w.meta.Wallet, w.now())
			if err != nil {
				return err
			}
			lines, events[i] = append(lines, line), linked
		}
		was, before, indexed, seen := w.identity, w.parts, w.index, w.memory.last
		if w.identity, w.parts = identity, parts; was != identity {
			w.index = index{} // which opens by the identity before
			if seen.Key == keyMark(was) {
				w.memory.last.Key = keyMark(identity)
			}
		}
		err = w.save(ctx, lines, fold(w.state, events))
		if err == nil {
			err = w.save(ctx, w.lines, w.state)
			if reason.CodeOf(err) == "conflict/changed" {
				return nil // others have written since: this version is theirs before
			}
			return err
		}
		w.identity, w.parts, w.index, w.memory.last = was, before, indexed, seen
		return err
	})
}

// Outside is what a wallet file shows to those who cannot open it. Nobody has
// vouched for it: only opening the wallet does.
type Outside struct {
	Wallet     string // its id
	Generation uint64
	Slots      []string // names of the ways in
}

// Look reads what stands outside of the encryption. Errors are those of Open
// that need no secret.
func Look(ctx context.Context, store Store) (Outside, error) {
	blob, _, err := store.Load(ctx)
	if err != nil {
		return Outside{}, err
	}
	files, meta, err := readFile(blob)
	if err != nil {
		return Outside{}, err
	}
	out := Outside{Wallet: meta.Wallet, Generation: meta.Generation}
	for _, slot := range slotsOf(files, &state{}) {
		out.Slots = append(out.Slots, slot.Name)
	}
	return out, nil
}
