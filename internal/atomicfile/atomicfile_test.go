package atomicfile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/kompetansebevis/bevis/internal/atomicfile"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "x")
	for _, text := range []string{"one", "two"} {
		if err := atomicfile.Write(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%s %v", got, err)
		}
	}
	if err := atomicfile.Write(filepath.Join(folder, "none", "x"), nil, 0o600); err == nil {
		t.Error("written into a folder that is not there")
	}
	if err := os.Mkdir(filepath.Join(folder, "dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(filepath.Join(folder, "dir"), nil, 0o600); err == nil {
		t.Error("a folder was replaced")
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 {
		t.Errorf("temporary files are left: %v %v", entries, err)
	}
}

// TestCommitNew: of many who put a file in a free place one does, and the others
// leave it as it is.
func TestCommitNew(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "x")
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := ""
	for n := range 20 {
		wg.Go(func() {
			text := fmt.Sprint("by ", n)
			f, err := atomicfile.Create(path, 0o640)
			if err == nil {
				_, err = f.Write([]byte(text))
			}
			if err != nil {
				t.Error(err)
				return
			}
			err = f.CommitNew()
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && won != "":
				t.Errorf("%s and %s were first", won, text)
			case err == nil:
				won = text
			case !errors.Is(err, fs.ErrExist):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, err := os.ReadFile(path); err != nil || won == "" || string(got) != won {
		t.Errorf("%q, not %q: %v", got, won, err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("temporary files are left: %v %v", entries, err)
	}
	f, err := atomicfile.Create(filepath.Join(folder, "none", "x"), 0o600)
	if err == nil {
		t.Error("a file in a folder that is not there", f)
	}
}
