package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"filippo.io/age/plugin"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

// folderKeyring stands in for the keyring of a system, where KEYRING names a
// folder for it. Without, a script has what its machine has: none.
type folderKeyring string

func scriptKeyring() app.Keyring {
	if folder := os.Getenv("KEYRING"); folder != "" {
		return folderKeyring(folder)
	}
	return nil
}

func (f folderKeyring) file(name string) (string, error) {
	if _, err := os.Stat(string(f)); err != nil {
		return "", reason.New("locked/no-keyring", "", "it was stopped")
	}
	return filepath.Join(string(f), hex.EncodeToString([]byte(name))), nil
}

func (f folderKeyring) Set(_ context.Context, name, secret string) error {
	file, err := f.file(name)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(secret), 0o600)
}

func (f folderKeyring) Get(_ context.Context, name string) (string, error) {
	file, err := f.file(name)
	if err != nil {
		return "", err
	}
	raw, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return "", reason.New(reason.NotFound, "", "no such secret")
	}
	return string(raw), err
}

func (f folderKeyring) Delete(_ context.Context, name string) error {
	file, err := f.file(name)
	if err != nil {
		return err
	}
	if err := os.Remove(file); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// petPlugin is a plugin of age, in a process of its own: its recipients and
// identities carry a key of age. PET says how it behaves, and PETLOG names a
// file for all that it was given in its arguments and its environment.
func petPlugin() int {
	if log := os.Getenv("PETLOG"); log != "" {
		text := fmt.Sprintf("%q\n%q\n", os.Args, os.Environ())
		f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return 2
		}
		if _, err := io.WriteString(f, text); err != nil {
			return 2
		}
		if err := f.Close(); err != nil {
			return 2
		}
	}
	p, err := plugin.New("pet")
	if err != nil {
		return 2
	}
	p.HandleRecipient(func(data []byte) (age.Recipient, error) { return age.ParseX25519Recipient(string(data)) })
	p.HandleIdentity(func(data []byte) (age.Identity, error) {
		switch os.Getenv("PET") {
		case "broken":
			return nil, fmt.Errorf("no device for %s", data)
		case "asks":
			if pin, err := p.RequestValue("PIN, please", true); err != nil || pin == "" {
				return nil, errors.New("no PIN")
			}
		}
		return age.ParseX25519Identity(string(data))
	})
	return p.Main()
}

// agekey KIND FILE VARIABLE makes a key: pet, classic or hybrid. The identity
// goes into the file, the recipient into the variable.
func agekey(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: agekey pet|classic|hybrid|lost FILE VARIABLE")
	}
	recipient, identity, err := newKey(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte("# "+args[0]+"\n"+identity+"\n"), 0o600))
	ts.Setenv(args[2], recipient)
}

func newKey(kind string) (recipient, identity string, err error) {
	if kind == "hybrid" {
		key, err := age.GenerateHybridIdentity()
		if err != nil {
			return "", "", err
		}
		return key.Recipient().String(), key.String(), nil
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	recipient, identity = key.Recipient().String(), key.String()
	if kind != "classic" {
		recipient, identity = plugin.EncodeRecipient(kind, []byte(recipient)), plugin.EncodeIdentity(kind, []byte(identity))
	}
	if recipient == "" || !strings.HasPrefix(identity, "AGE-") {
		return "", "", errors.New("no such kind of key")
	}
	return recipient, identity, nil
}
