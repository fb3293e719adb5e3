package atomicfile_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/atomicfile"
)

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.lock")
	unlock, err := atomicfile.Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := atomicfile.Lock(short, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("held twice: %v", err)
	}
	time.AfterFunc(50*time.Millisecond, unlock)
	again, err := atomicfile.Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	again()
	if _, err := atomicfile.Lock(t.Context(), filepath.Join(t.TempDir(), "none", "x")); err == nil {
		t.Error("a lock in a folder that is not there")
	}
}
