package wallet

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("WALLET_TEST_ADDS_TO"); path != "" {
		if n, err := strconv.Atoi(os.Getenv("WALLET_TEST_ADDS")); err == nil {
			addCount(path, n)
			os.Exit(0)
		}
		addForEver(path)
	}
	if path := os.Getenv("WALLET_TEST_SHARES_FROM"); path != "" {
		shareForEver(path)
	}
	os.Exit(m.Run())
}

// addCount is a program that adds so many credentials and ends. It says what it
// has added, and does all of it on one thread, whose system calls can be counted.
func addCount(path string, n int) {
	runtime.LockOSThread()
	w, err := Open(context.Background(), OpenRequest{Store: NewFileStore(path), Passphrase: []byte(passphrase), Now: time.Now, Record: recordBeside(path)})
	for i := 0; err == nil && i < n; i++ {
		name := fmt.Sprintf("Kurs %d.%d", os.Getpid(), i)
		if _, _, err = w.Add(context.Background(), AddRequest{Raw: badge(name, "did:example:kari")}); err == nil {
			fmt.Println(name)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// recordBeside is where such programs remember what they saw of a wallet.
func recordBeside(path string) Record {
	return NewFolderRecord(filepath.Join(filepath.Dir(path), "state"))
}

// addForEver is the program that gets killed. It says what it has added after
// it was added.
func addForEver(path string) {
	w, err := Open(context.Background(), OpenRequest{Store: NewFileStore(path), Passphrase: []byte(passphrase), Now: time.Now})
	for n := 0; err == nil; n++ {
		name := fmt.Sprintf("Kurs %d.%d", os.Getpid(), n)
		if _, _, err = w.Add(context.Background(), AddRequest{Raw: badge(name, "did:example:kari")}); err == nil {
			fmt.Println(name)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestKilled kills a program that adds, at whatever it is doing: the wallet
// opens, and all that it had said was added is there.
func TestKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	create(t, NewFileStore(path))
	rounds := 12
	if testing.Short() {
		rounds = 4
	}
	said := map[string]bool{}
	for range rounds {
		c := exec.CommandContext(t.Context(), os.Args[0])
		c.Env = append(os.Environ(), "WALLET_TEST_ADDS_TO="+path)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := rand.IntN(8) + 1; n > 0 && lines.Scan(); n-- {
			said[lines.Text()] = true
		}
		time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			said[lines.Text()] = true
		}
		_ = c.Wait() // it was killed
		have := map[string]bool{}
		for _, item := range open(t, NewFileStore(path)).Items() {
			have[item.Title] = true
		}
		for name := range said {
			if !have[name] {
				t.Fatalf("%s was added and is gone", name)
			}
		}
	}
	add(t, open(t, NewFileStore(path)), badge("Til slutt", "did:example:kari"))
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("what the killed left behind is still there: %v", left)
	}
	if len(said) < rounds {
		t.Errorf("only %d adds in %d rounds", len(said), rounds)
	}
}
