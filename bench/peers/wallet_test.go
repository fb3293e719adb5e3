//go:build peers

package peers_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/wallet"
)

const (
	walletPassphrase = "fire hester i regn på fjellet"
	ageVersion       = "v1.3.2"
)

// program returns a program's path, installed where apt can. Without it the
// test is skipped.
func program(t *testing.T, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Geteuid() == 0 {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		_ = exec.CommandContext(ctx, "apt-get", "install", "-y", "--no-install-recommends", pkg).Run() // it is looked for again
		path, err = exec.LookPath(name)
	}
	if err != nil {
		t.Skipf("SKIP there is no %s", name)
	}
	return path
}

// outside makes a wallet in a folder with credentials of every form, a history
// and a removal, and returns the credentials that a reader must find, by their
// ids.
func outside(t *testing.T) (folder, words string, own *age.HybridIdentity, want map[string][]byte) {
	t.Helper()
	folder = t.TempDir()
	store := wallet.NewFileStore(filepath.Join(folder, "wallet.bevis"))
	w, list, err := wallet.Create(t.Context(), wallet.CreateRequest{Store: store, Passphrase: []byte(walletPassphrase), Now: time.Now, PassphraseWork: 12})
	if err != nil {
		t.Fatal(err)
	}
	want = map[string][]byte{}
	enc := base64.RawURLEncoding.EncodeToString
	document := func(n int) string {
		return fmt.Sprintf("{\"@context\":[\"https://www.w3.org/ns/credentials/v2\"],\r\n\t\"type\":[\"VerifiableCredential\"],\"issuer\":\"did:web:skule.example\",\"name\":\"Sveising på sjø \\u2028 %d <&> \U0001f600\",\"credentialSubject\":{\"a\":0.10,\"n\":1.0e0}}", n)
	}
	var raws [][]byte
	for n := range 8 {
		raws = append(raws, []byte(document(n)))
	}
	for n := range 3 {
		raws = append(raws, []byte(enc([]byte(`{"alg":"EdDSA"}`))+"."+enc([]byte(document(100+n)))+"."+enc([]byte("signature"))))
	}
	raws = append(raws, signedCOSE(t))
	for n, raw := range raws {
		item, added, err := w.Add(t.Context(), wallet.AddRequest{Raw: raw, Source: "test"})
		if err != nil || !added {
			t.Fatal(n, added, err)
		}
		want[item.ID] = raw
	}
	gone, _, err := w.Add(t.Context(), wallet.AddRequest{Raw: []byte(document(99))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Remove(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.AddHistory(t.Context(), wallet.HistoryRequest{Kind: "elmo", Raw: []byte("<elmo>ærleg</elmo>")}); err != nil {
		t.Fatal(err)
	}
	if own, err = age.GenerateHybridIdentity(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddSlot(t.Context(), wallet.SlotRequest{Recipient: own.Recipient(), Kind: "age"}); err != nil {
		t.Fatal(err)
	}
	return folder, strings.Join(list, " "), own, want
}

// signedCOSE is a credential that is no text.
func signedCOSE(t *testing.T) []byte {
	t.Helper()
	private, err := key.Generate(key.P256)
	if err != nil {
		t.Fatal(err)
	}
	id, method := did.JWKID(private.Public())
	document := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"` + id + `","name":"Sveising på Ål","credentialSubject":{"id":"did:example:kari"}}`
	raw, err := cose.VC().Sign(t.Context(), []byte(document), private.Signer(method), proof.Params{Purpose: proof.AssertionMethod})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// found reads the log as its README says, and holds it against what was put in.
func found(t *testing.T, by string, log []byte, want map[string][]byte) {
	t.Helper()
	have := map[string][]byte{}
	histories := 0
	for line := range bytes.Lines(log) {
		var e struct{ Op, ID, Raw string }
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		switch e.Op {
		case "credential.add":
			have[e.ID] = []byte(e.Raw)
			if data, ok := strings.CutPrefix(e.Raw, "data:application/vc+cose;base64,"); ok {
				raw, err := base64.StdEncoding.DecodeString(data)
				if err != nil {
					t.Fatal(err)
				}
				have[e.ID] = raw
			}
		case "credential.remove":
			delete(have, e.ID)
		case "history.add":
			histories++
		}
	}
	if !maps.EqualFunc(have, want, bytes.Equal) || histories != 1 {
		t.Errorf("%s: %d credentials of %d, or not the same bytes; %d histories", by, len(have), len(want), histories)
		return
	}
	t.Logf("%s: %d credentials, every byte the same", by, len(have))
}

// steps are the commands of a README.txt, in its three ways: remarks in brackets
// are for people.
func steps(t *testing.T, readme string) (passphrase, words, key []string) {
	t.Helper()
	remark := regexp.MustCompile(`\s{2,}\(.*$`)
	for line := range strings.Lines(readme) {
		line, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "    ")
		if line = remark.ReplaceAllString(line, ""); !ok || line == "" || line[0] == ' ' {
			continue
		}
		switch {
		case strings.Contains(line, "1-recovery"):
			words = append(words, line)
		case strings.Contains(line, "KEYFILE"):
			key = append(key, strings.NewReplacer("KEYFILE", "../key.txt", "2-...", "2-age.age").Replace(line))
		default:
			passphrase = append(passphrase, line)
		}
	}
	if len(passphrase) != 3 || len(words) != 1 || len(key) != 1 {
		t.Fatalf("the README has other steps: %q %q %q", passphrase, words, key)
	}
	// The words and the key do what the passphrase does.
	return passphrase, []string{passphrase[0], words[0], passphrase[2]}, []string{passphrase[0], key[0], passphrase[2]}
}

// TestWalletWithoutBevis opens a wallet as its own README.txt says, with the
// programs unzip, age and zstd, at a terminal that is typed at.
func TestWalletWithoutBevis(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIP the program script is another one here")
	}
	for _, name := range []string{"unzip", "zstd"} {
		program(t, name, name)
	}
	script := program(t, "script", "bsdutils")
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "install", "filippo.io/age/cmd/age@"+ageVersion)
	build.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("SKIP age cannot be built: %v\n%s", err, out)
	}
	folder, words, key, want := outside(t)
	readme, err := exec.CommandContext(t.Context(), "unzip", "-p", filepath.Join(folder, "wallet.bevis"), "README.txt").Output()
	if err != nil {
		t.Fatal(err)
	}
	byPassphrase, byWords, byKey := steps(t, string(readme))
	for _, way := range []struct {
		name, typed string
		steps       []string
	}{{"passphrase", walletPassphrase, byPassphrase}, {"recovery words", words, byWords}, {"a key in a file", "", byKey}} {
		here := t.TempDir()
		blob, err := os.ReadFile(filepath.Join(folder, "wallet.bevis"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(here, "wallet.bevis"), blob, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(here, "key.txt"), []byte(key.String()+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(here, "steps.sh"), []byte("set -e\n"+strings.Join(way.steps, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		c := exec.CommandContext(ctx, script, "-qec", "sh steps.sh", os.DevNull)
		c.Dir, c.Env = here, append(os.Environ(), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
		c.Stdin = strings.NewReader(way.typed + "\n")
		out, err := c.CombinedOutput()
		cancel()
		if err != nil {
			t.Fatalf("%s: %v\n%s", way.name, err, out)
		}
		log, err := os.ReadFile(filepath.Join(here, "w", "wallet.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		found(t, "unzip, age "+ageVersion+" and zstd, by "+way.name, log, want)
	}
}

// TestWalletByNPM opens a wallet with npm's age-encryption in place of age.
func TestWalletByNPM(t *testing.T) {
	ready(t)
	for _, name := range []string{"unzip", "zstd"} {
		program(t, name, name)
	}
	folder, words, _, want := outside(t)
	parts := filepath.Join(folder, "w")
	if out, err := exec.CommandContext(t.Context(), "unzip", "-q", filepath.Join(folder, "wallet.bevis"), "-d", parts).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	bodies, err := filepath.Glob(filepath.Join(parts, "body", "*.jsonl.zst.age"))
	if err != nil || len(bodies) != 1 {
		t.Fatal(bodies, err)
	}
	for slot, secret := range map[string]string{"0-passphrase.age": walletPassphrase, "1-recovery.age": words} {
		c := exec.CommandContext(t.Context(), "node", "age.mjs", filepath.Join(parts, "slots", slot), bodies[0])
		c.Stdin = strings.NewReader(secret)
		var stderr bytes.Buffer
		c.Stderr = &stderr
		packed, err := c.Output()
		if err != nil {
			t.Fatalf("%v %s", err, stderr.Bytes())
		}
		unpack := exec.CommandContext(t.Context(), "zstd", "-d")
		unpack.Stdin = bytes.NewReader(packed)
		log, err := unpack.Output()
		if err != nil {
			t.Fatal(err)
		}
		found(t, "npm's age-encryption, "+slot, log, want)
	}
	// And with a wrong passphrase nothing comes out.
	c := exec.CommandContext(t.Context(), "node", "age.mjs", filepath.Join(parts, "slots", "0-passphrase.age"), bodies[0])
	c.Stdin = strings.NewReader("feil")
	if out, err := c.Output(); err == nil || len(out) > 0 {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}
