//go:build unix

package wallet

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// TestPipe: a pipe in the place of the wallet does not keep anyone waiting.
func TestPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("no pipes here: ", err)
	}
	done := make(chan error, 1)
	go func() {
		_, _, err := NewFileStore(path).Load(t.Context())
		done <- err
	}()
	select {
	case err := <-done:
		if reason.CodeOf(err) != "io/not-a-file" {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("still waiting")
	}
}

// TestReadOnlyFolder: an error, and the wallet as it was.
func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("nothing is forbidden to root")
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "kari.bevis")
	w, _ := create(t, NewFileStore(path))
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o700) })
	if _, added, err := w.Add(t.Context(), AddRequest{Raw: badge("Kurs", "did:example:kari")}); reason.CodeOf(err) != reason.IO || added {
		t.Error(added, err)
	}
	open(t, NewFileStore(path))
}

// TestFolderWithoutSync: where a folder cannot be synced, as on some network
// drives, the wallet is written all the same. /proc is such a place.
func TestFolderWithoutSync(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("no such folder here")
	}
	if err := (osFiles{}).syncFolder("/proc/self"); err != nil {
		t.Error(err)
	}
	if err := (osFiles{}).syncFolder(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that is not there was synced")
	}
}
