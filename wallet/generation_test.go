package wallet

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/reason"
)

// remembered opens a store with a record and returns the codes of what it warns
// of.
func remembered(t *testing.T, store Store, r Record) (*Wallet, []reason.Code) {
	t.Helper()
	w, err := Open(t.Context(), OpenRequest{Store: store, Passphrase: []byte(passphrase), Now: clock, Record: r, Place: "here"})
	if err != nil {
		t.Fatal(err)
	}
	return w, codes(w)
}

func codes(w *Wallet) []reason.Code {
	var out []reason.Code
	for _, x := range w.Warnings() {
		out = append(out, x.Code)
	}
	return out
}

func put(blob []byte) *MemoryStore { return &MemoryStore{blob: bytes.Clone(blob)} }

// TestRollback: an older copy in the wallet's place is noticed, each time, until
// the owner has decided; and so is one that has gone its own way.
func TestRollback(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]Record{"memory": &MemoryRecord{}, "folder": NewFolderRecord(filepath.Join(t.TempDir(), "a", "wallets"))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &MemoryStore{}
			w, _, err := Create(t.Context(), CreateRequest{Store: store, Passphrase: []byte(passphrase), Now: clock, PassphraseWork: lowWork, Record: r, Place: "here"})
			if err != nil {
				t.Fatal(err)
			}
			add(t, w, badge("A", "did:example:kari"))
			old := bytes.Clone(store.blob)
			add(t, w, badge("B", "did:example:kari"))
			if _, got := remembered(t, store, r); len(got) != 0 {
				t.Fatal("a wallet as it was left: ", got)
			}
			newest := bytes.Clone(store.blob)
			older, got := remembered(t, put(old), r)
			if !slices.Equal(got, []reason.Code{WarnRollback}) {
				t.Fatal("an older copy: ", got)
			}
			if x := older.Warnings()[0]; x.Last.Generation != 3 || x.Now.Generation != 2 || x.Last.Place != "here" || !x.Last.At.Equal(noon) {
				t.Errorf("%+v", x)
			}
			// It goes its own way: as far as the other, and further.
			for _, title := range []string{"C", "D"} {
				add(t, older, badge(title, "did:example:kari"))
				if _, got := remembered(t, put(older.store.(*MemoryStore).blob), r); !slices.Equal(got, []reason.Code{WarnFork}) {
					t.Error("a fork: ", got)
				}
			}
			if _, got := remembered(t, put(newest), r); len(got) != 0 {
				t.Error("the newest copy again: ", got)
			}
			forked := bytes.Clone(older.store.(*MemoryStore).blob)
			// Merged, it warns no more, nor does the copy that was taken in; the old
			// one does.
			other, err := older.OpenCopy(t.Context(), put(newest))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := older.Merge(t.Context(), other); err != nil || len(codes(older)) != 0 {
				t.Error(err, codes(older))
			}
			if _, got := remembered(t, older.store, r); len(got) != 0 {
				t.Error("merged: ", got)
			}
			if _, got := remembered(t, put(forked), r); !slices.Equal(got, []reason.Code{WarnRollback}) {
				t.Error("the fork, after the merge: ", got)
			}
			// Or the owner takes what is there.
			back, _ := remembered(t, put(old), r)
			if err := back.Accept(t.Context()); err != nil || len(codes(back)) != 0 {
				t.Error(err, codes(back))
			}
			if _, got := remembered(t, put(old), r); len(got) != 0 {
				t.Error("accepted: ", got)
			}
		})
	}
}

// TestOlderWaysIn: a copy with the same log from before a change of the ways in
// is an older one too.
func TestOlderWaysIn(t *testing.T) {
	t.Parallel()
	r, store := &MemoryRecord{}, &MemoryStore{}
	create(t, store)
	w, _ := remembered(t, store, r)
	old := bytes.Clone(store.blob)
	if err := w.save(t.Context(), w.lines, w.state); err != nil { // as a change of the passphrase is saved
		t.Fatal(err)
	}
	if _, got := remembered(t, put(old), r); !slices.Equal(got, []reason.Code{WarnRollback}) {
		t.Error(got)
	}
	if last, err := r.Last(t.Context(), w.ID()); err != nil || last.Generation != 2 {
		t.Errorf("%+v %v", last, err)
	}
}

// TestRecordWritten: opening notes nothing that was noted before.
func TestRecordWritten(t *testing.T) {
	t.Parallel()
	counted := &counting{}
	store := &MemoryStore{}
	create(t, store)
	w, _ := remembered(t, store, counted)
	remembered(t, store, counted)
	add(t, w, badge("A", "did:example:kari"))
	remembered(t, store, counted)
	if counted.notes != 2 {
		t.Errorf("noted %d times", counted.notes)
	}
}

type counting struct {
	MemoryRecord
	notes int
	err   error
}

func (c *counting) Note(ctx context.Context, m Mark) error {
	c.notes++
	if c.err != nil {
		return c.err
	}
	return c.MemoryRecord.Note(ctx, m)
}

// TestRecordFails: a wallet opens and takes changes without its record, and
// says so.
func TestRecordFails(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	create(t, store)
	w, got := remembered(t, store, &counting{err: reason.New(reason.IO, "", "the disk is full")})
	if !slices.Equal(got, []reason.Code{WarnRecord}) {
		t.Error(got)
	}
	add(t, w, badge("A", "did:example:kari"))
	if got := codes(w); !slices.Equal(got, []reason.Code{WarnRecord}) {
		t.Error("said more than once, or not: ", got)
	}
	if err := w.Accept(t.Context()); err == nil {
		t.Error("accepted, and not noted")
	}

	folder := t.TempDir()
	path := filepath.Join(folder, w.ID()+".json")
	for name, text := range map[string]string{
		"nothing": "", "no JSON": "{", "another wallet's": `{"wallet":"` + strings.Repeat("0", 32) + `","generation":1,"head":"x"}`,
		"no head": `{"wallet":"` + w.ID() + `"}`, "too long": `{"wallet":"` + w.ID() + `","head":"` + strings.Repeat("x", maxRecord) + `"}`,
		"twice a member": `{"wallet":"` + w.ID() + `","head":"a","head":"b"}`, "a text for a number": `{"wallet":"` + w.ID() + `","head":"a","generation":"b"}`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, got := remembered(t, store, NewFolderRecord(folder)); !slices.Equal(got, []reason.Code{WarnRecord}) {
			t.Errorf("%s: %v", name, got)
		}
		if _, got := remembered(t, store, NewFolderRecord(folder)); len(got) != 0 {
			t.Errorf("%s, the next time: %v", name, got)
		}
	}
}

// TestRecordFolder: the files are the owner's alone, and a wallet's id never
// names another file.
func TestRecordFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "state", "wallets")
	r := NewFolderRecord(folder)
	m := Mark{Wallet: strings.Repeat("a", 32), Generation: 7, Head: "h", At: noon, Place: "kari.bevis"}
	if err := r.Note(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got, err := r.Last(t.Context(), m.Wallet); err != nil || got != m {
		t.Errorf("%+v %v", got, err)
	}
	for path, mode := range map[string]os.FileMode{folder: 0o700, filepath.Join(folder, m.Wallet+".json"): 0o600} {
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", filepath.Base(path), info.Mode(), err)
		}
	}
	for _, id := range []string{"", "../../etc/passwd", strings.Repeat("A", 32), strings.Repeat("a", 31) + "/", strings.Repeat(".", 32)} {
		m.Wallet = id
		if err := r.Note(t.Context(), m); reason.CodeOf(err) != reason.IO {
			t.Errorf("%q: %v", id, err)
		}
		if _, err := r.Last(t.Context(), id); reason.CodeOf(err) != reason.IO {
			t.Errorf("%q: %v", id, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m.Wallet = strings.Repeat("a", 32)
	if err := r.Note(ctx, m); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
	if _, err := r.Last(ctx, m.Wallet); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// TestRememberedBeforeMerge: who last saw a copy as it was before others changed
// and merged it is not warned of the merged one, though no line of the log is
// the one that they saw.
func TestRememberedBeforeMerge(t *testing.T) {
	t.Parallel()
	one, two := twoLaptops(t, badge("X", "did:example:kari"))
	two.now = noon.Add(time.Minute)
	add(t, two.Wallet, badge("Y", "did:example:kari"))
	third := &MemoryRecord{}
	remembered(t, put(two.store.blob), third)
	beside := open(t, two.store)
	stale := bytes.Clone(two.store.blob)
	add(t, two.Wallet, badge("Z", "did:example:kari"))
	add(t, one.Wallet, badge("A", "did:example:kari"))
	if _, err := one.Merge(t.Context(), two.Wallet); err != nil {
		t.Fatal(err)
	}
	if _, got := remembered(t, one.store, third); len(got) != 0 {
		t.Error(got)
	}
	if _, got := remembered(t, put(stale), third); !slices.Equal(got, []reason.Code{WarnRollback}) {
		t.Error(got)
	}
	// Who has it open goes on, and its copy is replaced by a backup.
	if _, err := one.Backup(t.Context(), BackupRequest{To: put(stale)}); err != nil {
		t.Error(err)
	}
	if _, err := two.Merge(t.Context(), one.Wallet); err != nil {
		t.Fatal(err)
	}
	add(t, beside, badge("B", "did:example:kari"))
	if got := titles(beside.Items()); got != "A B X Y Z" {
		t.Error(got)
	}
}

// TestMadeUp: whoever knows the recipient of a way in can write a wallet that its
// key opens, with the id and the head that stand in the clear in the real one.
func TestMadeUp(t *testing.T) {
	t.Parallel()
	store, record, own := &MemoryStore{}, &MemoryRecord{}, keyPair(t)
	w, _ := create(t, store)
	if _, err := w.AddSlot(t.Context(), SlotRequest{Recipient: own.Recipient(), Kind: "age"}); err != nil {
		t.Fatal(err)
	}
	add(t, w, badge("A", ""))
	byKey := func(store Store) (*Wallet, []reason.Code) {
		t.Helper()
		w, err := Open(t.Context(), OpenRequest{Store: store, Identities: []age.Identity{own}, Now: clock, Record: record})
		if err != nil {
			t.Fatal(err)
		}
		return w, codes(w)
	}
	if _, got := byKey(store); len(got) != 0 {
		t.Fatal(got)
	}
	forged := &MemoryStore{}
	other, _ := create(t, forged)
	other.meta.Wallet, other.meta.Generation = w.meta.Wallet, w.meta.Generation
	if err := other.change(t.Context(), func(*state) ([]event, error) { return []event{{Op: opMerge, Heads: []string{w.meta.Head}}}, nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := other.AddSlot(t.Context(), SlotRequest{Recipient: own.Recipient(), Kind: "age"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		victim, got := byKey(forged)
		if !slices.Equal(got, []reason.Code{WarnKey}) {
			t.Fatal(got)
		}
		add(t, victim, badge(fmt.Sprint(victim.Mark().Generation), "")) // which ends no warning
	}
	if _, got := byKey(store); len(got) != 0 {
		t.Fatal("the real one: ", got)
	}
}

// TestRekeySeen: a wallet that was given another identity here is the one that
// was seen; of one that was elsewhere it is said, until its owner accepts it.
func TestRekeySeen(t *testing.T) {
	t.Parallel()
	here, there, store := &MemoryRecord{}, &MemoryRecord{}, &MemoryStore{}
	w, _, err := Create(t.Context(), CreateRequest{Store: store, Passphrase: []byte(passphrase), Now: clock, PassphraseWork: lowWork, Record: here})
	if err != nil {
		t.Fatal(err)
	}
	add(t, w, badge("A", ""))
	remembered(t, store, there)
	rekey(t, w)
	add(t, w, badge("B", ""))
	if got := codes(w); len(got) != 0 {
		t.Fatal(got)
	}
	anew := func(r Record) (*Wallet, []reason.Code) {
		t.Helper()
		w, err := Open(t.Context(), OpenRequest{Store: store, Passphrase: []byte("ny frase"), Now: clock, Record: r})
		if err != nil {
			t.Fatal(err)
		}
		return w, codes(w)
	}
	if _, got := anew(here); len(got) != 0 {
		t.Fatal(got)
	}
	w, got := anew(there)
	if !slices.Equal(got, []reason.Code{WarnKey}) {
		t.Fatal(got)
	}
	if err := w.Accept(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, got := anew(there); len(got) != 0 {
		t.Fatal(got)
	}
	w.Lock()
	if err := w.Accept(t.Context()); reason.CodeOf(err) != "locked/closed" {
		t.Fatal(err)
	}
}

// TestMarkTellsNothing: who reads what was noted cannot try which tag was put on
// last, though the time stands beside it.
func TestMarkTellsNothing(t *testing.T) {
	t.Parallel()
	w, _ := create(t, &MemoryStore{})
	id := add(t, w, badge("A", "")).ID
	if _, err := w.Tag(t.Context(), id, "sykmelding"); err != nil {
		t.Fatal(err)
	}
	guess, err := withoutPlace(w.lines[len(w.lines)-1])
	if err != nil || !bytes.Contains(guess.said, []byte("sykmelding")) {
		t.Fatal(err)
	}
	if m := w.Mark(); m.Event == "" || m.Event == sha(guess.said) || m.Key == "" {
		t.Errorf("%+v", m)
	}
}

// lateStore is a store that another process writes to right after the first
// look.
type lateStore struct {
	Store
	first []byte
}

func (s *lateStore) Load(ctx context.Context) ([]byte, string, error) {
	if first := s.first; first != nil {
		s.first = nil
		return first, "before", nil
	}
	return s.Store.Load(ctx)
}

// TestOvertakenIsNoRollback: two terminals at once are no reason to frighten
// anybody.
func TestOvertakenIsNoRollback(t *testing.T) {
	t.Parallel()
	store, r := &MemoryStore{}, &MemoryRecord{}
	w, _, err := Create(t.Context(), CreateRequest{Store: store, Passphrase: []byte(passphrase), Now: clock, PassphraseWork: lowWork, Record: r, Place: "here"})
	if err != nil {
		t.Fatal(err)
	}
	old := bytes.Clone(store.blob)
	add(t, w, badge("A", "did:example:kari"))
	got, warned := remembered(t, &lateStore{store, old}, r)
	if len(warned) != 0 || len(got.Items()) != 1 {
		t.Errorf("%v, %d credentials", warned, len(got.Items()))
	}
	if _, warned = remembered(t, put(old), r); !slices.Equal(warned, []reason.Code{WarnRollback}) {
		t.Errorf("an older copy: %v", warned)
	}
}
