package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/kompetansebevis/bevis/credential/key/external"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	label = "bevis-test"
	pin   = "31415926"
)

func TestMain(m *testing.M) {
	if os.Getenv("EXAMPLE") == "run" {
		main()
		return
	}
	os.Exit(m.Run())
}

// softHSM makes a token with a key pair on each curve, and returns the library.
func softHSM(t *testing.T) (module string) {
	t.Helper()
	for _, path := range []string{os.Getenv("SOFTHSM2_MODULE"), "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(path); err == nil && module == "" {
			module = path
		}
	}
	if _, err := exec.LookPath("softhsm2-util"); err != nil || module == "" {
		t.Skip("no SoftHSM here (Debian: softhsm2)")
	}
	folder := t.TempDir()
	conf := filepath.Join(folder, "softhsm2.conf")
	if err := os.WriteFile(conf, []byte("directories.tokendir = "+folder+"\nobjectstore.backend = file\nlog.level = ERROR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	if out, err := exec.CommandContext(t.Context(), "softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", pin, "--pin", pin).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ctx := pkcs11.New(module)
	if err := ctx.Initialize(); err != nil {
		t.Fatal(err)
	}
	defer ctx.Destroy()
	defer ctx.Finalize()
	slots, err := ctx.GetSlotList(true)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ctx.OpenSession(slots[0], pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err == nil {
		err = ctx.Login(s, pkcs11.CKU_USER, pin)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]struct {
		mechanism uint
		params    []byte
	}{
		"p256":    {pkcs11.CKM_EC_KEY_PAIR_GEN, []byte{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}},
		"p384":    {pkcs11.CKM_EC_KEY_PAIR_GEN, []byte{6, 5, 0x2b, 0x81, 4, 0, 0x22}},
		"ed25519": {0x1055 /* CKM_EC_EDWARDS_KEY_PAIR_GEN */, append([]byte{19, 12}, "edwards25519"...)},
	} {
		_, _, err := ctx.GenerateKeyPair(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(k.mechanism, nil)},
			[]*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_VERIFY, true), pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, k.params), pkcs11.NewAttribute(pkcs11.CKA_LABEL, name)},
			[]*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_SIGN, true), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
				pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false), pkcs11.NewAttribute(pkcs11.CKA_LABEL, name)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return module
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSignerPKCS11 signs with keys that never leave the token: by itself, many
// at once, and as the issuer's key of the command bevis.
func TestSignerPKCS11(t *testing.T) {
	module := softHSM(t)
	t.Setenv("EXAMPLE", "run")
	command := func(key, pinFile string) []string {
		return []string{os.Args[0], "--module", module, "--token", label, "--key", key, "--pin-file", pinFile}
	}
	right, wrong := write(t, "pin", pin+"\n"), write(t, "pin", "27182818")
	for _, name := range []string{"p256", "p384", "ed25519"} {
		s, err := external.Start(t.Context(), external.Config{Command: command(name, right), ID: "did:web:kurs.example#key-1", Stderr: os.Stderr})
		if err != nil {
			t.Fatal(name, err)
		}
		var wg sync.WaitGroup
		for n := range 100 {
			wg.Go(func() {
				msg := fmt.Append(nil, "message ", n)
				sig, err := s.Sign(t.Context(), msg)
				if err == nil {
					err = s.Public().Verify(msg, sig)
				}
				if err != nil {
					t.Error(name, err)
				}
			})
		}
		wg.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for name, c := range map[string][]string{"wrong PIN": command("p256", wrong), "no such key": command("rsa", right)} {
		if _, err := external.Start(t.Context(), external.Config{Command: c, ID: "did:web:kurs.example#key-1"}); reason.CodeOf(err) != "io/signer" {
			t.Error(name, err)
		}
	}
	bevis := filepath.Join(t.TempDir(), "bevis.exe")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bevis, "./cmd/bevis")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for suite, key := range map[string]string{"ecdsa-rdfc-2019": "p256", "eddsa-rdfc-2022": "ed25519", "vc+jwt": "p384"} {
		home := t.TempDir()
		run := func(args ...string) []byte {
			t.Helper()
			c := exec.CommandContext(t.Context(), bevis, append([]string{"--home", home}, args...)...)
			c.Stderr = os.Stderr
			out, err := c.Output()
			if err != nil {
				t.Fatalf("%s: %v: %v %s", suite, args, err, out)
			}
			return out
		}
		var setup struct{ ID string }
		quoted := "'" + strings.Join(command(key, right), "' '") + "'"
		if err := json.Unmarshal(run("issuer", "init", "--name", "Kursstedet", "--suite", suite, "--signer", quoted, "--json"), &setup); err != nil {
			t.Fatal(err)
		}
		run("achievement", "new", "--name", "Sveising", "--description", "Kurs", "--criteria", "Prøve", "--id", "https://kurs.example/sveising")
		badge := filepath.Join(home, "badge")
		run("credential", "issue", "sveising", "--to", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "-o", badge)
		run("verify", "--offline", "--issuer", setup.ID, badge)
	}
}
