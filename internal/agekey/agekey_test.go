package agekey

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/kompetansebevis/bevis/reason"
)

// TestMain makes the test binary a plugin of age when it is started as one.
func TestMain(m *testing.M) {
	if name, ok := strings.CutPrefix(strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"), "age-plugin-"); ok {
		os.Exit(runPlugin(name))
	}
	folder, err := os.MkdirTemp("", "bevis-plugins-")
	if err != nil {
		panic(err)
	}
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"good", "asks", "fails", "hangs", "dies"} {
		if err := os.Symlink(self, filepath.Join(folder, "age-plugin-"+name)); err != nil {
			panic(err)
		}
	}
	if err := os.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// runPlugin is a plugin that holds keys of age in what its recipients and
// identities carry. By its name it behaves.
func runPlugin(name string) int {
	if name == "dies" {
		return 3
	}
	p, err := plugin.New(name)
	if err != nil {
		return 2
	}
	p.HandleRecipient(func(data []byte) (age.Recipient, error) {
		if name == "hangs" {
			time.Sleep(time.Minute)
		}
		return age.ParseX25519Recipient(string(data))
	})
	p.HandleIdentity(func(data []byte) (age.Identity, error) {
		identity, err := age.ParseX25519Identity(string(data))
		if err != nil {
			return nil, err
		}
		switch name {
		case "fails":
			return nil, errors.New("cannot use " + string(data) + ": " + strings.Repeat("no device, ", 100))
		case "asks":
			pin, err := p.RequestValue("PIN, please", true)
			if err != nil || pin != "1234" {
				return nil, errors.New("wrong PIN")
			}
			if yes, err := p.Confirm("touched?", "yes", "no"); err != nil || !yes {
				return nil, errors.New("not touched")
			}
			if err := p.DisplayMessage("thank you"); err != nil {
				return nil, err
			}
		}
		return identity, nil
	})
	return p.Main()
}

// pair makes a key for a plugin.
func pair(t *testing.T, name string) (recipient, identity string) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return plugin.EncodeRecipient(name, []byte(key.Recipient().String())), plugin.EncodeIdentity(name, []byte(key.String()))
}

func seal(ctx context.Context, recipient string) ([]byte, error) {
	to, err := ParseRecipient(ctx, recipient, nil)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		return nil, err
	}
	_, err = w.Write([]byte("open"))
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

func unseal(ctx context.Context, sealed []byte, file string, asker Asker) error {
	identities, err := ParseIdentities(ctx, []byte(file), asker)
	if err != nil {
		return err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), identities...)
	if err != nil {
		return err
	}
	plain, err := io.ReadAll(r)
	if err == nil && string(plain) != "open" {
		err = errors.New("something else came out")
	}
	return err
}

// person answers a plugin, and notes what it was told.
type person struct {
	pin, answer string
	told        []string
}

func (p *person) Message(name, text string) { p.told = append(p.told, name+": "+text) }
func (p *person) Secret(name, prompt string) (string, error) {
	p.told = append(p.told, name+"? "+prompt)
	return p.pin, nil
}
func (p *person) Line(name, prompt string) (string, error) {
	p.told = append(p.told, name+"? "+prompt)
	return p.answer, nil
}

// TestKeys: every kind of key opens what was encrypted for it.
func TestKeys(t *testing.T) {
	t.Parallel()
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	generated, to, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	good, goodFile := pair(t, "good")
	_, other := pair(t, "good")
	for name, test := range map[string]struct {
		recipient, file, kind string
		classic               bool
	}{
		"classic":           {classic.Recipient().String(), classic.String(), "age", true},
		"hybrid":            {" " + hybrid.Recipient().String() + "\n", "# created\r\n\r\n" + hybrid.String() + "\r\n", "age", false},
		"generated":         {to.(*age.HybridRecipient).String(), generated, "age", false},
		"plugin":            {good, "# pet\n" + goodFile + "\n", "good", false},
		"plugin's other":    {good, other + "\n" + goodFile, "good", false},
		"after another key": {good, classic.String() + "\n" + goodFile, "good", false},
	} {
		r, err := ParseRecipient(t.Context(), test.recipient, nil)
		if err != nil || r.Kind != test.kind || r.Classic != test.classic || r.Text != strings.TrimSpace(test.recipient) {
			t.Errorf("%s: %+v %v", name, r, err)
			continue
		}
		sealed, err := seal(t.Context(), test.recipient)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := unseal(t.Context(), sealed, test.file, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var mismatch *age.NoIdentityMatchError
		if err := unseal(t.Context(), sealed, other, nil); !errors.As(err, &mismatch) {
			t.Errorf("%s opens by another key: %v", name, err)
		}
	}
	// A key in hardware that tags its files: encrypted for without a plugin
	// (test vector of age's package tag).
	const tagged = "age1tag1qwe0kafsjrar4txm6heqnhpfuggzr0gvznz7fvygxrlq90u5mq2pysxtw6h"
	if r, err := ParseRecipient(t.Context(), tagged, nil); err != nil || r.Kind != "tag" || !r.Classic {
		t.Errorf("%+v %v", r, err)
	}
}

// TestAsked: a plugin asks the person, and without one it fails.
func TestAsked(t *testing.T) {
	t.Parallel()
	recipient, file := pair(t, "asks")
	sealed, err := seal(t.Context(), recipient)
	if err != nil {
		t.Fatal(err)
	}
	kari := &person{pin: "1234", answer: "1"}
	if err := unseal(t.Context(), sealed, file, kari); err != nil {
		t.Error(err)
	}
	if want := []string{"asks? PIN, please", "asks? touched? (1 yes, 2 no)", "asks: thank you"}; !slices.Equal(kari.told, want) {
		t.Errorf("%q", kari.told)
	}
	for name, asker := range map[string]Asker{"nobody": nil, "wrong": &person{pin: "0000", answer: "1"}, "no": &person{pin: "1234", answer: "2"}} {
		if err := unseal(t.Context(), sealed, file, asker); reason.CodeOf(err) != "locked/plugin" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPluginFails: what went wrong is told, and nothing of a key.
func TestPluginFails(t *testing.T) {
	t.Parallel()
	recipient, file := pair(t, "fails")
	sealed, err := seal(t.Context(), recipient)
	if err != nil {
		t.Fatal(err)
	}
	err = unseal(t.Context(), sealed, file, nil)
	if reason.CodeOf(err) != "locked/plugin" || !strings.Contains(err.Error(), "no device") || strings.Contains(err.Error(), "SECRET") || len(err.Error()) > 500 {
		t.Errorf("%v", err)
	}
	missing, missingFile := pair(t, "missing")
	if _, err := seal(t.Context(), missing); reason.CodeOf(err) != "locked/plugin-missing" || reason.AtOf(err) != "age-plugin-missing" {
		t.Error(err)
	}
	if err := unseal(t.Context(), sealed, missingFile, nil); reason.CodeOf(err) != "locked/plugin-missing" {
		t.Error(err)
	}
	dies, _ := pair(t, "dies")
	if _, err := seal(t.Context(), dies); reason.CodeOf(err) != "locked/plugin" {
		t.Error(err)
	}
}

// TestNobodyTouches: a plugin that waits for ever is not waited for by who has
// given up.
func TestNobodyTouches(t *testing.T) {
	t.Parallel()
	recipient, _ := pair(t, "hangs")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := seal(ctx, recipient); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Error(took)
	}
	if _, err := seal(ctx, recipient); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// TestRefused: what is no key is refused, and nothing of it is repeated.
func TestRefused(t *testing.T) {
	t.Parallel()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	secret := key.String()
	for name, text := range map[string]string{
		"nothing": "", "text": "hello", "a secret key": secret, "cut short": key.Recipient().String()[:40], "ssh": "ssh-ed25519 AAAA",
		"a path": plugin.EncodeRecipient("good", nil)[:8] + "/../x1qqqq", "a novel": "age1" + strings.Repeat("q", maxText),
	} {
		if _, err := ParseRecipient(t.Context(), text, nil); reason.CodeOf(err) != "usage/recipient" || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("recipient, %s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "remarks": "# x\n\n", "text": "hello", "a key cut short": secret[:40], "a recipient": key.Recipient().String(), "no text": "\xff",
		"one of two": secret + "\nhello", "encrypted": "age-encryption.org/v1\n-> X", "in armor": "-----BEGIN AGE ENCRYPTED FILE-----",
		"ssh": "-----BEGIN OPENSSH PRIVATE KEY-----", "many": strings.Repeat(secret+"\n", maxIdentities+1), "a long one": "AGE-PLUGIN-X-1" + strings.Repeat("Q", maxText),
	} {
		if _, err := ParseIdentities(t.Context(), []byte(text), nil); reason.CodeOf(err) != "usage/identity-file" || strings.Contains(err.Error(), "AGE-") || strings.Contains(err.Error(), "hello") {
			t.Errorf("identities, %s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("age1pq1x", "AGE-SECRET-KEY-1X\n# x\n")
	f.Add(plugin.EncodeRecipient("good", []byte("x")), plugin.EncodeIdentity("good", []byte("x")))
	f.Fuzz(func(t *testing.T, recipient, file string) {
		if r, err := ParseRecipient(t.Context(), recipient, nil); err == nil && (r.Recipient == nil || r.Kind == "") {
			t.Error("a recipient that is none")
		}
		if got, err := ParseIdentities(t.Context(), []byte(file), nil); err == nil && len(got) == 0 {
			t.Error("no identities")
		}
	})
}
