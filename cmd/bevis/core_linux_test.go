package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// openWallet starts the command in such a way that it holds an open wallet and
// waits: for a new passphrase that never comes. It runs as whoever cred names.
func openWallet(t *testing.T, folder, bevis string, env []string, cred *syscall.Credential) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = to.Close() })
	cmd := exec.Command("sh", "-ec", "ulimit -c unlimited; exec "+bevis+" wallet passphrase --passphrase-file p.txt --new-passphrase-fd 3")
	cmd.Env, cmd.Dir, cmd.ExtraFiles = append(env, "GOTRACEBACK=crash"), folder, []*os.File{from}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = from.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	// Reading is what it waits in (read(2) is call 0 or 63, of descriptor 3). Who
	// may not look must give it the time that it takes.
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		calls, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range calls {
			raw, err := os.ReadFile(call)
			if err == nil && (strings.HasPrefix(string(raw), "0 0x3 ") || strings.HasPrefix(string(raw), "63 0x3 ")) {
				return cmd, &errs
			}
		}
	}
	return cmd, &errs
}

// canDump reports whether a program that falls over leaves a core file here.
func canDump(t *testing.T, folder string) bool {
	t.Helper()
	cmd := exec.Command("sh", "-c", "ulimit -c unlimited && kill -ABRT $$")
	cmd.Dir = folder
	err := cmd.Run()
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.CoreDump()
}

// TestNoCore: a command that is made to fall over with a wallet open leaves no
// core file where other programs do, and its last words hold no secret.
func TestNoCore(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it waits for processes")
	}
	if !canDump(t, t.TempDir()) {
		t.Skip("no program leaves a core file on this machine")
	}
	c := newCage(t)
	c.secrets["passphrase"] = canaryPassphrase
	c.write("p.txt", canaryPassphrase)
	c.want(0, "wallet", "init", "--passphrase-file", c.file("p.txt"), "--recovery-words-to", c.file("words.txt"))
	c.plantWords("words", c.file("words.txt"))
	cmd, errs := openWallet(t, c.user, "bevis", c.env, nil)
	if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) {
		t.Fatalf("it did not fall over: %v\n%s", err, errs)
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.CoreDump() {
		t.Errorf("it ended with %v, a core %v", status, ok && status.CoreDump())
	}
	if !strings.Contains(errs.String(), "goroutine") {
		t.Errorf("nothing was dumped at all:\n%s", errs)
	}
	if found := c.secrets.in(errs.Bytes()); len(found) > 0 {
		t.Errorf("%v in what it says at the end:\n%s", found, errs)
	}
	files, err := os.ReadDir(c.user)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), "core") {
			t.Errorf("it left %s", f.Name())
		}
	}
}

// TestNobodyLooksIn: another program of the same user, who is not root, cannot
// look into the memory of an open wallet, as it can into others'.
func TestNobodyLooksIn(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it waits for processes")
	}
	folder, err := os.MkdirTemp("", "bevis-nobody-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	var cred *syscall.Credential
	if os.Getuid() == 0 {
		cred = &syscall.Credential{Uid: 65534, Gid: 65534}
		if err := os.Chown(folder, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bevis := filepath.Join(folder, "bevis")
	raw, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(bevis, raw, 0o755), os.WriteFile(filepath.Join(folder, "p.txt"), []byte(canaryPassphrase), 0o644)); err != nil {
		t.Fatal(err)
	}
	env := []string{"PATH=" + os.Getenv("PATH"), "BEVIS_HOME=" + filepath.Join(folder, "home")}
	as := func(name string, args ...string) (string, error) {
		cmd := exec.Command(name, args...)
		cmd.Env, cmd.Dir, cmd.SysProcAttr = env, folder, &syscall.SysProcAttr{Credential: cred}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	// What is named by way of the process itself must still be found.
	if out, err := as("sh", "-c", bevis+" wallet init --passphrase-file /proc/self/fd/3 3<p.txt"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sleeper := exec.Command("sleep", "60")
	sleeper.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = sleeper.Process.Kill()
		_ = sleeper.Wait() // it was killed
	})
	if out, err := as("head", "-c", "1", fmt.Sprintf("/proc/%d/maps", sleeper.Process.Pid)); err != nil {
		t.Skipf("nobody looks into others' memory here anyway: %v %s", err, out)
	}
	cmd, _ := openWallet(t, folder, bevis, env, cred)
	for _, name := range []string{"maps", "mem", "environ"} {
		out, err := as("head", "-c", "1", fmt.Sprintf("/proc/%d/%s", cmd.Process.Pid, name))
		if err == nil || !strings.Contains(out, "ermission denied") {
			t.Errorf("%s can be read: %v %s", name, err, out)
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
}
