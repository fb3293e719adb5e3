//go:build faults && linux

package wallet

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// writeSide are the system calls by which files come to be, change and go.
var writeSide = []string{"openat", "write", "pwrite64", "fsync", "fdatasync", "close", "rename", "renameat", "renameat2", "unlink", "unlinkat", "flock", "fchmod", "fchmodat", "ftruncate", "mkdirat"}

// tracedAdds is how many credentials a traced program adds.
const tracedAdds = 5

// traced runs a program that adds to the wallet under strace, and returns the
// titles that it said were added.
func traced(t *testing.T, path string, args ...string) (said []string, stderr string, err error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "strace", append(args, "--", os.Args[0])...)
	c.Env = append(os.Environ(), "WALLET_TEST_ADDS_TO="+path, "WALLET_TEST_ADDS="+strconv.Itoa(tracedAdds))
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err = c.Run()
	if text := out.String(); text != "" {
		for line := range strings.Lines(text) {
			if title, whole := strings.CutSuffix(line, "\n"); whole {
				said = append(said, title)
			}
		}
	}
	return said, errs.String(), err
}

// callsOf counts, by system call, those of the thread that writes the wallet.
func callsOf(t *testing.T, path string) map[string]int {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	if _, stderr, err := traced(t, path, "-f", "-o", log, "-e", "trace="+ifKnown(writeSide)); err != nil {
		t.Skipf("SKIP strace does not work here: %v %s", err, stderr)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	byThread := map[string]map[string]int{}
	call := regexp.MustCompile(`^(\d+)\s+(\w+)\(`)
	for line := range strings.Lines(string(text)) {
		if m := call.FindStringSubmatch(line); m != nil {
			if byThread[m[1]] == nil {
				byThread[m[1]] = map[string]int{}
			}
			byThread[m[1]][m[2]]++
		}
	}
	for _, calls := range byThread {
		if calls["renameat"]+calls["rename"]+calls["renameat2"] >= 2*tracedAdds {
			return calls
		}
	}
	t.Fatalf("no thread has written the wallet: %v", byThread)
	return nil
}

// ifKnown joins the calls that this strace and machine know.
func ifKnown(calls []string) string {
	var out []string
	for _, call := range calls {
		out = append(out, "?"+call) // an unknown name is passed over
	}
	return strings.Join(out, ",")
}

// straced makes a wallet to be killed over.
func straced(t *testing.T) (path string, calls map[string]int) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("SKIP there is no strace")
	}
	path = filepath.Join(t.TempDir(), "kari.bevis")
	create(t, NewFileStore(path))
	calls = callsOf(t, path)
	if calls["fsync"] < 4*tracedAdds || calls["write"] < 2*tracedAdds {
		t.Fatalf("calls are missing: %v", calls)
	}
	return path, calls
}

// checkAll has every credential that was said to be added be there.
func checkAll(t *testing.T, path, when string, said map[string]bool) {
	t.Helper()
	w, warned := remembered(t, NewFileStore(path), recordBeside(path))
	if len(warned) > 0 {
		t.Fatalf("%s: warns of %v", when, warned)
	}
	have := map[string]bool{}
	for _, item := range w.Items() {
		have[item.Title] = true
	}
	for title := range said {
		if !have[title] {
			t.Fatalf("%s: %s was added and is gone", when, title)
		}
	}
}

// TestStraceKilledAtEveryCall kills a program that adds at each of its system
// calls that write, one run for each.
func TestStraceKilledAtEveryCall(t *testing.T) {
	path, calls := straced(t)
	said := map[string]bool{}
	runs, kills := 0, 0
	for _, call := range writeSide {
		for n := 1; n <= calls[call]; n++ {
			when := fmt.Sprintf("%s, call %d of %d", call, n, calls[call])
			added, _, err := traced(t, path, "-f", "-o", os.DevNull, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", call, n))
			runs++
			if err != nil {
				kills++
			}
			for _, title := range added {
				said[title] = true
			}
			checkAll(t, path, when, said)
		}
	}
	if kills < runs*9/10 || len(said) < 200 {
		t.Errorf("%d of %d runs were killed, %d credentials added", kills, runs, len(said))
	}
	add(t, open(t, NewFileStore(path)), badge("Til slutt", "did:example:kari"))
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("what the killed left behind is still there: %v", left)
	}
	t.Logf("killed at %d system calls (%v) while %d credentials were added: 0 lost, 0 unreadable", kills, calls, len(said))
}

// TestStraceErrorAtEveryCall has the system refuse each of the calls: the disk
// is full, or broken, or the right to write is lost half-way.
func TestStraceErrorAtEveryCall(t *testing.T) {
	path, calls := straced(t)
	said := map[string]bool{}
	runs, refused := 0, 0
	for _, call := range []string{"write", "fsync", "rename", "renameat", "renameat2"} {
		for _, failure := range []string{"ENOSPC", "EIO", "EACCES"} {
			for n := 1; n <= calls[call]; n++ {
				when := fmt.Sprintf("%s at %s, call %d of %d", failure, call, n, calls[call])
				added, stderr, err := traced(t, path, "-f", "-o", os.DevNull, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:error=%s:when=%d", call, failure, n))
				runs++
				for _, title := range added {
					said[title] = true
				}
				if err != nil {
					refused++
					if call != "write" && !slices.ContainsFunc([]string{"no space left", "input/output error", "permission denied"}, func(s string) bool { return strings.Contains(stderr, s) }) {
						t.Errorf("%s: not said: %s", when, stderr)
					}
				}
				checkAll(t, path, when, said)
			}
		}
	}
	if refused < runs/2 {
		t.Errorf("%d of %d runs were refused", refused, runs)
	}
	t.Logf("%d runs with an error at one system call, %d refused, %d credentials added: 0 lost, 0 unreadable", runs, refused, len(said))
}
