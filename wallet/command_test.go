//go:build faults && linux

package wallet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKilledCommand kills the command itself while it adds, at any time, until
// 200 credentials were added.
func TestKilledCommand(t *testing.T) {
	folder := t.TempDir()
	bevis := filepath.Join(folder, "bevis")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bevis, "../cmd/bevis")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	path, secret, home := filepath.Join(folder, "kari.bevis"), filepath.Join(folder, "passphrase.txt"), filepath.Join(folder, "home")
	if err := os.WriteFile(secret, []byte(passphrase), 0o600); err != nil {
		t.Fatal(err)
	}
	create(t, NewFileStore(path))
	said := map[string]bool{}
	kills := 0
	took := 300 * time.Millisecond // of a run that nobody stops
	for n := 0; len(said) < 200; n++ {
		if n > 2000 {
			t.Fatalf("%d added in %d runs", len(said), n)
		}
		title := fmt.Sprintf("Kurs %d", n)
		file := filepath.Join(folder, "x.json")
		if err := os.WriteFile(file, badge(title, "did:example:kari"), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		c := exec.CommandContext(ctx, bevis, "wallet", "add", file, "--anyway", "--offline", "--home", home, "--wallet", path, "--passphrase-file", secret)
		var stderr bytes.Buffer
		c.Stderr = &stderr
		began := time.Now()
		timer := time.AfterFunc(time.Duration(rand.Int64N(int64(took)*5/2)), cancel) // SIGKILL
		err := c.Run()
		timer.Stop()
		switch {
		case err == nil:
			said[title] = true
			took = (3*took + time.Since(began)) / 4
		case ctx.Err() == nil:
			t.Fatalf("%v %s", err, stderr.Bytes())
		default:
			kills++
		}
		cancel()
		if strings.Contains(stderr.String(), "wallet_warning") {
			t.Fatalf("warns: %s", stderr.Bytes())
		}
		if n%10 == 0 || len(said) == 200 {
			checkAll(t, path, title, said)
		}
	}
	if kills < 30 {
		t.Errorf("%d kills", kills)
	}
	t.Logf("%d credentials added by the command, killed %d times: 0 lost, 0 unreadable", len(said), kills)
}

// TestReadOnly: in a folder that may not be written, the wallet opens, a change
// says why it cannot be made, and the file is as it was.
func TestReadOnly(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIP only root can become somebody else; TestReadOnlyFolder shows it to others")
	}
	const nobody = 65534
	folder := t.TempDir()
	if err := os.Chmod(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	path, program := filepath.Join(folder, "kari.bevis"), filepath.Join(folder, "program")
	w, _ := create(t, NewFileStore(path))
	add(t, w, badge("Først", "did:example:kari"))
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := copyFile(program, os.Args[0], 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "~", path + ".lock"} {
		if err := os.Chown(name, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), program)
	c.Env = []string{"WALLET_TEST_ADDS_TO=" + path, "WALLET_TEST_ADDS=1"}
	c.Dir = "/"
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := c.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "the wallet: permission denied") {
		t.Errorf("%v %s", err, out)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, was) {
		t.Error("the file is not as it was", err)
	}
	t.Logf("in a folder that is read-only: %s", bytes.TrimSpace(out))
}

func copyFile(to, from string, mode os.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() // it was only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}
