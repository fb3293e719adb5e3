package wallet

import (
	"context"
	"fmt"
	"syscall"
	"testing"

	"github.com/kompetansebevis/bevis/internal/testdepth"
	"github.com/kompetansebevis/bevis/reason"
)

const crashPath = "folder/kari.bevis"

// crashAdds is how many credentials are added while the disk fails.
const crashAdds = 3

// addSome opens the wallet on a disk and adds; it returns the titles that were
// said to be there.
func addSome(d *disk) (added []string, err error) {
	w, err := Open(context.Background(), OpenRequest{Store: &FileStore{crashPath, d}, Passphrase: []byte(passphrase), Now: clock})
	if err != nil {
		return nil, err
	}
	for n := range crashAdds {
		title := fmt.Sprintf("Kurs %d", n)
		if _, _, addErr := w.Add(context.Background(), AddRequest{Raw: badge(title, "did:example:kari")}); addErr != nil {
			err = addErr
			continue
		}
		added = append(added, title)
	}
	return added, err
}

// lost says what is wrong with a wallet that must hold the credential "Først"
// and all that were added, at most those that were tried, and take another.
func lost(d *disk, added []string) error {
	w, err := Open(context.Background(), OpenRequest{Store: &FileStore{crashPath, d}, Passphrase: []byte(passphrase), Now: clock})
	if err != nil {
		return fmt.Errorf("unreadable: %w", err)
	}
	have := map[string]bool{}
	for _, item := range w.Items() {
		have[item.Title] = true
	}
	for _, title := range append([]string{"Først"}, added...) {
		if !have[title] {
			return fmt.Errorf("%s is gone", title)
		}
	}
	if _, added, err := w.Add(context.Background(), AddRequest{Raw: badge("Etterpå", "did:example:kari")}); err != nil || !added {
		return fmt.Errorf("nothing more can be added: %w", err)
	}
	return nil
}

func crashDisk(t *testing.T) *disk {
	t.Helper()
	d := newDisk()
	w, _ := create(t, &FileStore{crashPath, d})
	add(t, w, badge("Først", "did:example:kari"))
	d.step = 0
	return d
}

// TestCrashAtEveryStep: a crash at every step that writes, with every state of
// the disk that it may leave: what was added is there, and the wallet opens.
func TestCrashAtEveryStep(t *testing.T) {
	t.Parallel()
	base := crashDisk(t)
	whole := base.clone()
	if added, err := addSome(whole); err != nil || len(added) != crashAdds {
		t.Fatal(added, err)
	}
	states := 0
	for stop := range whole.step + 1 {
		d := base.clone()
		d.stop = stop
		added, err := addSome(d)
		if err == nil && stop < whole.step {
			t.Fatalf("step %d: nothing was noticed", stop)
		}
		for after := range d.afterCrash {
			states++
			if err := lost(after, added); err != nil {
				t.Fatalf("crash at step %d of %d, %q added: %v", stop, whole.step, added, err)
			}
		}
	}
	t.Logf("%d steps, %d states of the disk: 0 lost, 0 unreadable", whole.step, states)
}

// TestCrashWhileMade: a crash while a wallet is made leaves none, or one that
// opens.
func TestCrashWhileMade(t *testing.T) {
	t.Parallel()
	for stop := 0; ; stop++ {
		d := newDisk()
		d.stop = stop
		_, _, err := Create(t.Context(), CreateRequest{Store: &FileStore{crashPath, d}, Passphrase: []byte(passphrase), Now: clock, PassphraseWork: lowWork})
		for after := range d.afterCrash {
			_, openErr := Open(t.Context(), OpenRequest{Store: &FileStore{crashPath, after}, Passphrase: []byte(passphrase), Now: clock})
			if openErr != nil && (err == nil || reason.CodeOf(openErr) != "not_found/wallet") {
				t.Fatalf("crash at step %d: made says %v, and then: %v", stop, err, openErr)
			}
		}
		if err == nil {
			return
		}
	}
}

// TestRestoreFromBefore: the wallet is damaged, and the version before, with ~
// at the end of its name, is all that there is. A crash at any step of its
// restoration leaves a file that opens.
func TestRestoreFromBefore(t *testing.T) {
	t.Parallel()
	base := crashDisk(t)
	before := crashPath + "~"
	broken := []byte("PK\x03\x04 and no more")
	base.entries[before] = base.entries[crashPath]
	base.entries[crashPath] = &inode{broken, broken}
	base.durable[before], base.durable[crashPath] = base.entries[before], base.entries[crashPath]
	restore := func(d *disk) error {
		from, err := Open(t.Context(), OpenRequest{Store: &FileStore{before, d}, Passphrase: []byte(passphrase), Now: clock})
		if err != nil {
			return err
		}
		_, err = Restore(t.Context(), Restoration{From: from, To: &FileStore{crashPath, d}, Beside: &FileStore{crashPath + ".beside", d}})
		return err
	}
	whole := base.clone()
	if err := restore(whole); err != nil {
		t.Fatal(err)
	}
	for stop := range whole.step + 1 {
		d := base.clone()
		d.stop = stop
		_ = restore(d) // that it fails is not what is looked at
		for after := range d.afterCrash {
			opened := false
			for _, path := range []string{crashPath, before} {
				w, err := Open(t.Context(), OpenRequest{Store: &FileStore{path, after}, Passphrase: []byte(passphrase), Now: clock})
				opened = opened || err == nil && len(w.Items()) == 1
			}
			if !opened {
				t.Fatalf("crash at step %d of %d: the one good version is gone", stop, whole.step)
			}
		}
	}
}

// TestCrashModelBites: without the sync of the file, or of the folder, the model
// finds a loss. Otherwise it would prove nothing.
func TestCrashModelBites(t *testing.T) {
	t.Parallel()
	for name, weaken := range map[string]func(*disk){
		"no sync of files":   func(d *disk) { d.noSync = true },
		"no sync of folders": func(d *disk) { d.noFolderSync = true },
	} {
		found := false
		base := crashDisk(t)
		for stop := 0; stop < 60 && !found; stop++ {
			d := base.clone()
			d.stop = stop
			weaken(d)
			added, _ := addSome(d) // it dies
			if len(d.pending) > 12 {
				break
			}
			for after := range d.afterCrash {
				if found = lost(after, added) != nil; found {
					break
				}
			}
		}
		if !found {
			t.Errorf("%s: the model does not notice", name)
		}
	}
}

// TestErrorAtEveryStep: a disk that is full or broken at any one step, also in
// the middle of a write: the error says so, what was there is there, and the
// next try succeeds.
func TestErrorAtEveryStep(t *testing.T) {
	t.Parallel()
	base := crashDisk(t)
	whole := base.clone()
	if _, err := addSome(whole); err != nil {
		t.Fatal(err)
	}
	refusals, oneIn := 0, testdepth.OneIn(t, 3)
	for i, failure := range []error{syscall.ENOSPC, syscall.EIO, syscall.EACCES, errShort} {
		for step := i % oneIn; step < whole.step; step += oneIn { // one failure at least at each step
			d := base.clone()
			d.fail, d.err = step, failure
			added, err := addSome(d)
			switch {
			case err != nil && reason.CodeOf(err) != reason.IO:
				t.Errorf("%v at step %d: %v", failure, step, err)
			case err == nil && len(added) != crashAdds:
				t.Errorf("%v at step %d: no error, and %d added", failure, step, len(added))
			case err != nil:
				refusals++
			}
			// And the power fails behind it.
			for after := range d.afterCrash {
				if err := lost(after, added); err != nil {
					t.Fatalf("%v at step %d: %v", failure, step, err)
				}
			}
		}
	}
	t.Logf("4 failures at each of %d steps, or one in %d of them, %d refused: 0 lost, 0 unreadable", whole.step, oneIn, refusals)
}
