package keyring

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zalando/go-keyring"

	"github.com/kompetansebevis/bevis/reason"
)

const service = "bevis"

// System is the keyring of whoever is logged in. The zero value reads no
// environment and so finds none where one is looked up there.
type System struct {
	Getenv func(string) string // to find the bus of a desktop
}

// Set keeps a secret under a name, over one that is there. Where no keyring
// runs, or it says no, that is locked/no-keyring.
func (s System) Set(ctx context.Context, name, secret string) error {
	_, err := s.do(ctx, func() (string, error) { return "", keyring.Set(service, name, secret) })
	return err
}

// Get returns the secret of a name; not_found if there is none.
func (s System) Get(ctx context.Context, name string) (string, error) {
	return s.do(ctx, func() (string, error) { return keyring.Get(service, name) })
}

// Delete drops the secret of a name. That there is none is no error.
func (s System) Delete(ctx context.Context, name string) error {
	_, err := s.do(ctx, func() (string, error) { return "", keyring.Delete(service, name) })
	if reason.CodeOf(err) == reason.NotFound {
		return nil
	}
	return err
}

// do asks the keyring, which may ask its user, and so take for ever.
func (s System) do(ctx context.Context, ask func() (string, error)) (string, error) {
	if !s.there() {
		return "", reason.New("locked/no-keyring", "", "no keyring runs here")
	}
	type result struct {
		secret string
		err    error
	}
	done := make(chan result, 1)
	go func() {
		secret, err := ask()
		done <- result{secret, err}
	}()
	select {
	case got := <-done:
		switch {
		case errors.Is(got.err, keyring.ErrNotFound):
			return "", reason.New(reason.NotFound, "", "the keyring has no such secret")
		case got.err != nil:
			// Not what it says: it may quote what it was given.
			return "", reason.New("locked/no-keyring", "", "the keyring cannot be used")
		}
		return got.secret, nil
	case <-ctx.Done():
		return "", reason.Wrap(reason.Canceled, "", ctx.Err())
	}
}

// there reports whether a keyring can be there. On a desktop the library would
// start a bus where there is none; that is not for this program to do.
func (s System) there() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true
	}
	if s.Getenv == nil {
		return false
	}
	if s.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	folder := s.Getenv("XDG_RUNTIME_DIR")
	if folder == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(folder, "bus"))
	return err == nil
}
