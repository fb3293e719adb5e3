package keyring

import (
	"bufio"
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/kompetansebevis/bevis/reason"
)

// TestNoKeyring: where no keyring runs, that is said at once, and no bus is
// started.
func TestNoKeyring(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("there is always one here")
	}
	empty := t.TempDir()
	for name, getenv := range map[string]func(string) string{
		"no environment": nil,
		"nothing in it":  func(string) string { return "" },
		"no bus": func(name string) string {
			if name == "XDG_RUNTIME_DIR" {
				return empty
			}
			return ""
		},
	} {
		ring := System{Getenv: getenv}
		_, err := ring.Get(t.Context(), "x")
		for _, err := range []error{err, ring.Set(t.Context(), "x", "secret"), ring.Delete(t.Context(), "x")} {
			if reason.CodeOf(err) != "locked/no-keyring" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

const (
	base    = "org.freedesktop.Secret."
	root    = dbus.ObjectPath("/org/freedesktop/secrets")
	logins  = root + "/aliases/default"
	session = root + "/session/s1"
	none    = dbus.ObjectPath("/")
)

// secrets is as much of the Secret Service of a desktop as a program sees
// (specifications.freedesktop.org/secret-service, version 0.2).
type secrets struct {
	conn *dbus.Conn

	mu    sync.Mutex
	items map[dbus.ObjectPath]*item
	made  int
	slow  bool // waits for a user who does not answer
}

type secret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

type item struct {
	s          *secrets
	path       dbus.ObjectPath
	attributes map[string]string
	secret     secret
}

func (s *secrets) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), session, nil
}

func (s *secrets) Unlock(objects []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	s.mu.Lock()
	slow := s.slow
	s.mu.Unlock()
	if slow {
		time.Sleep(5 * time.Second)
	}
	return objects, none, nil
}

func (s *secrets) Close() *dbus.Error { return nil }

func (s *secrets) CreateItem(properties map[string]dbus.Variant, value secret, _ bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	attributes, ok := properties[base+"Item.Attributes"].Value().(map[string]string)
	if !ok {
		return none, none, dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", nil)
	}
	for _, have := range s.items {
		if maps.Equal(have.attributes, attributes) {
			have.secret = value
			return have.path, none, nil
		}
	}
	s.made++
	i := &item{s, logins + dbus.ObjectPath("/"+strconv.Itoa(s.made)), attributes, value}
	s.items[i.path] = i
	if err := s.conn.Export(i, i.path, base+"Item"); err != nil {
		return none, none, dbus.MakeFailedError(err)
	}
	return i.path, none, nil
}

func (s *secrets) SearchItems(attributes map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []dbus.ObjectPath{}
	for path, have := range s.items {
		if maps.Equal(have.attributes, attributes) {
			found = append(found, path)
		}
	}
	return found, nil
}

func (i *item) GetSecret(dbus.ObjectPath) (secret, *dbus.Error) { return i.secret, nil }

func (i *item) Delete() (dbus.ObjectPath, *dbus.Error) {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	delete(i.s.items, i.path)
	return none, nil
}

// desktop runs a bus with a keyring on it for the time of a test.
func desktop(t *testing.T) *secrets {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("no bus can be run here")
	}
	socket := filepath.Join(t.TempDir(), "bus")
	bus := exec.Command(daemon, "--session", "--nofork", "--print-address", "--address=unix:path="+socket)
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = bus.Process.Kill()
		_ = bus.Wait() // it was killed
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	conn, err := dbus.Connect(strings.TrimSpace(address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s := &secrets{conn: conn, items: map[dbus.ObjectPath]*item{}}
	for path, name := range map[dbus.ObjectPath]string{root: "Service", logins: "Collection", session: "Session"} {
		if err := conn.Export(s, path, base+name); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestDesktop keeps a secret on a real bus, in the keyring of a desktop as far
// as its specification goes. All in one test: the library keeps its connection
// for the life of the process.
func TestDesktop(t *testing.T) {
	s := desktop(t)
	ring := System{Getenv: os.Getenv}
	if _, err := ring.Get(t.Context(), "kari"); reason.CodeOf(err) != "locked/no-keyring" {
		t.Errorf("a bus without a keyring: %v", err)
	}
	if reply, err := s.conn.RequestName("org.freedesktop.secrets", dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	if _, err := ring.Get(t.Context(), "kari"); reason.CodeOf(err) != reason.NotFound {
		t.Errorf("before: %v", err)
	}
	for _, secret := range []string{"first", "second"} {
		if err := ring.Set(t.Context(), "kari", secret); err != nil {
			t.Fatal(err)
		}
		if got, err := ring.Get(t.Context(), "kari"); err != nil || got != secret {
			t.Errorf("%q, %v", got, err)
		}
	}
	if _, err := ring.Get(t.Context(), "ola"); reason.CodeOf(err) != reason.NotFound {
		t.Errorf("another name: %v", err)
	}
	s.mu.Lock()
	n := len(s.items)
	s.mu.Unlock()
	if n != 1 {
		t.Errorf("%d secrets are kept", n)
	}
	for range 2 {
		if err := ring.Delete(t.Context(), "kari"); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if _, err := ring.Get(t.Context(), "kari"); reason.CodeOf(err) != reason.NotFound {
		t.Errorf("after: %v", err)
	}
	// A user who is asked to unlock their keyring, and has gone for lunch.
	s.mu.Lock()
	s.slow = true
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := ring.Get(ctx, "kari"); reason.CodeOf(err) != reason.Canceled {
		t.Errorf("nobody answers: %v", err)
	}
}
