//go:build faults

package wallet

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// crowd has processes add to one wallet at the same time.
func crowd(t *testing.T, processes, each int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	create(t, NewFileStore(path))
	began := time.Now()
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			c := exec.CommandContext(t.Context(), os.Args[0])
			c.Env = append(os.Environ(), "WALLET_TEST_ADDS_TO="+path, "WALLET_TEST_ADDS="+strconv.Itoa(each))
			var stderr bytes.Buffer
			c.Stderr = &stderr
			if err := c.Run(); err != nil {
				t.Errorf("%v %s", err, stderr.Bytes())
			}
		})
	}
	wg.Wait()
	w := open(t, NewFileStore(path))
	titles := map[string]bool{}
	for _, i := range w.Items() {
		titles[i.Title] = true
	}
	if want := processes * each; len(titles) != want || len(w.Items()) != want {
		t.Errorf("%d credentials of %d", len(titles), want)
	}
	if generation, _ := w.State(); generation != uint64(1+processes*each) {
		t.Errorf("generation %d", generation)
	}
	t.Logf("%d processes added %d each: %d there, in %v", processes, each, len(titles), time.Since(began).Round(time.Millisecond))
}

// TestFiftyProcesses and TestTwoProcesses: nothing of what many add at the same
// time is lost.
func TestFiftyProcesses(t *testing.T) {
	crowd(t, 50, 20)
}

func TestTwoProcesses(t *testing.T) {
	crowd(t, 2, 500)
}
