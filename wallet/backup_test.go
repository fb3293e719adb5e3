package wallet

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// TestBackup: a copy is the wallet to the bit, the log says where it is, and it
// is replaced by a newer one alone.
func TestBackup(t *testing.T) {
	t.Parallel()
	l, _ := twoLaptops(t, badge("A", "did:example:kari"))
	to := &MemoryStore{}
	was := bytes.Clone(l.store.blob)
	made, err := l.Backup(t.Context(), BackupRequest{To: to, Place: "the stick"})
	if err != nil || !bytes.Equal(to.blob, was) || made.Generation != 2 || made.Place != "the stick" || !made.At.Equal(noon) {
		t.Fatalf("%+v %v", made, err)
	}
	if all, since := another(t, l.store).Backups(); len(all) != 1 || all[0] != made || since != 0 {
		t.Errorf("%+v %d", all, since)
	}
	add(t, l.Wallet, badge("B", "did:example:kari"))
	if _, since := l.Backups(); since != 1 {
		t.Errorf("%d changes since", since)
	}
	older := bytes.Clone(to.blob)
	if _, err := l.Backup(t.Context(), BackupRequest{To: to}); err != nil || bytes.Equal(to.blob, older) {
		t.Error("an older copy is not replaced: ", err)
	}
	newer := another(t, to)
	add(t, newer.Wallet, badge("C", "did:example:kari"))
	foreign := &MemoryStore{}
	create(t, foreign)
	for name, test := range map[string]struct {
		store *MemoryStore
		code  reason.Code
	}{
		"a copy that went on": {newer.store, "conflict/newer-copy"},
		"another wallet":      {foreign, "conflict/exists"},
		"no wallet":           {put([]byte("a letter")), "conflict/exists"},
		"a damaged copy":      {put(to.blob[:len(to.blob)-1]), "conflict/exists"},
	} {
		was := bytes.Clone(test.store.blob)
		if _, err := l.Backup(t.Context(), BackupRequest{To: test.store}); reason.CodeOf(err) != test.code {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(test.store.blob, was) {
			t.Errorf("%s: was written over", name)
		}
	}
	if _, err := l.Backup(t.Context(), BackupRequest{}); reason.CodeOf(err) != reason.Usage {
		t.Error(err)
	}
	if all, _ := l.Backups(); len(all) != 2 {
		t.Errorf("the log has %d copies", len(all))
	}
}

// liar is a store that does not keep what it was given.
type liar struct {
	MemoryStore
	change func([]byte) []byte
}

func (l *liar) Swap(ctx context.Context, old string, blob []byte) (string, error) {
	return l.MemoryStore.Swap(ctx, old, l.change(bytes.Clone(blob)))
}

// TestBackupReadBack: a copy that cannot be read back is none, and the log does
// not say that it is.
func TestBackupReadBack(t *testing.T) {
	t.Parallel()
	l, _ := twoLaptops(t, badge("A", "did:example:kari"))
	older := bytes.Clone(l.store.blob)
	add(t, l.Wallet, badge("B", "did:example:kari"))
	for name, change := range map[string]func([]byte) []byte{
		"half":        func(b []byte) []byte { return b[:len(b)/2] },
		"a bit":       func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"last week's": func([]byte) []byte { return older },
		"nothing":     func([]byte) []byte { return []byte{} },
	} {
		if _, err := l.Backup(t.Context(), BackupRequest{To: &liar{change: change}}); reason.CodeOf(err) != "io/read-back" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all, _ := l.Backups(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

// TestSinceBackup: what a merge brought is not in the copy that was made on the
// other laptop, though it is older.
func TestSinceBackup(t *testing.T) {
	t.Parallel()
	one, two := twoLaptops(t, badge("A", "did:example:kari"))
	add(t, two.Wallet, badge("B", "did:example:kari"))
	one.now = noon.Add(time.Hour)
	if _, err := one.Backup(t.Context(), BackupRequest{To: &MemoryStore{}}); err != nil {
		t.Fatal(err)
	}
	mergeBoth(t, one, two)
	if all, since := two.Backups(); len(all) != 1 || since == 0 {
		t.Errorf("%+v %d", all, since)
	}
}

// TestRestore: what stood there, whatever it was, is beside it.
func TestRestore(t *testing.T) {
	t.Parallel()
	l, _ := twoLaptops(t, badge("A", "did:example:kari"))
	copied := bytes.Clone(l.store.blob)
	add(t, l.Wallet, badge("B", "did:example:kari"))
	foreign := &MemoryStore{}
	create(t, foreign)
	for name, test := range map[string]struct {
		was  []byte
		kept bool
		code reason.Code
	}{
		"nothing":        {nil, false, ""},
		"a newer one":    {l.store.blob, true, ""},
		"the same":       {copied, true, ""},
		"a damaged one":  {l.store.blob[:100], true, ""},
		"no wallet":      {[]byte("a letter"), true, ""},
		"another wallet": {foreign.blob, false, "conflict/not-a-copy"},
	} {
		to, beside, record := &MemoryStore{}, &MemoryStore{}, &MemoryRecord{}
		to.blob = bytes.Clone(test.was)
		from := another(t, put(copied))
		kept, err := Restore(t.Context(), Restoration{From: from.Wallet, To: to, Beside: beside, Record: record, Place: "here"})
		if kept != test.kept || reason.CodeOf(err) != test.code && err != nil {
			t.Errorf("%s: kept %v, %v", name, kept, err)
		}
		if test.code != "" {
			if !bytes.Equal(to.blob, test.was) || beside.blob != nil {
				t.Errorf("%s: was touched", name)
			}
			continue
		}
		if !bytes.Equal(to.blob, copied) || !bytes.Equal(beside.blob, test.was) {
			t.Errorf("%s: %d bytes there and %d beside it", name, len(to.blob), len(beside.blob))
		}
		if w, got := remembered(t, to, record); len(got) != 0 || titles(w.Items()) != "A" {
			t.Errorf("%s: %v %s", name, got, titles(w.Items()))
		}
	}
	// Nothing is replaced that could not be kept.
	to := put(l.store.blob)
	if _, err := Restore(t.Context(), Restoration{From: another(t, put(copied)).Wallet, To: to, Beside: put([]byte("x"))}); reason.CodeOf(err) != "conflict/exists" || !bytes.Equal(to.blob, l.store.blob) {
		t.Error(err)
	}
	if _, err := Restore(t.Context(), Restoration{}); reason.CodeOf(err) != reason.Usage {
		t.Error(err)
	}
}
