package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"github.com/kompetansebevis/bevis/internal/testdepth"
)

// canaries are secrets that are planted, by what they are.
type canaries map[string]string

// in returns the names of those that stand in a text.
func (c canaries) in(text []byte) []string {
	var out []string
	for name, secret := range c {
		if bytes.Contains(text, []byte(secret)) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// cage is where the command runs to be watched: with a folder for its user's own
// files, and with folders that nothing secret may ever be in.
type cage struct {
	t       *testing.T
	user    string // files with secrets that the user has
	guarded string // wallet, home and temporary files
	env     []string
	secrets canaries
	runs    int
}

func newCage(t *testing.T) *cage {
	root := t.TempDir()
	c := &cage{t: t, user: filepath.Join(root, "user"), guarded: filepath.Join(root, "guarded"), secrets: canaries{}}
	for _, folder := range []string{c.user, filepath.Join(c.guarded, "tmp"), filepath.Join(c.guarded, "w")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c.env = []string{"PATH=" + os.Getenv("PATH"), "BEVIS_LANG=en", "BEVIS_HOME=" + filepath.Join(c.guarded, "home"), "BEVIS_WALLET=" + c.wallet(),
		"TMPDIR=" + filepath.Join(c.guarded, "tmp"), "TMP=" + filepath.Join(c.guarded, "tmp"), "SYSTEMROOT=" + os.Getenv("SYSTEMROOT"),
		"PETLOG=" + c.file("children.log"), "KEYRING=" + filepath.Join(root, "ring"), "AGEDEBUG=plugin"}
	if err := os.Mkdir(filepath.Join(root, "ring"), 0o700); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *cage) wallet() string          { return filepath.Join(c.guarded, "w", "kari.bevis") }
func (c *cage) file(name string) string { return filepath.Join(c.user, name) }

func (c *cage) write(name, text string) string {
	c.t.Helper()
	if err := os.WriteFile(c.file(name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return c.file(name)
}

func (c *cage) read(name string) string {
	c.t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(raw)
}

// run runs the command under watch, and holds against the canaries what it says
// on standard error, on standard output if it fails, and every file that is in
// the guarded folders while it runs.
func (c *cage) run(env []string, args ...string) (code int, stdout string) {
	c.t.Helper()
	c.runs++
	for _, arg := range args {
		if found := c.secrets.in([]byte(arg)); len(found) > 0 {
			c.t.Fatalf("the test itself gives %v in an argument", found)
		}
	}
	stop, watched := make(chan struct{}), sync.WaitGroup{}
	watched.Go(func() {
		for {
			c.look(args)
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
	cmd := exec.Command("bevis", args...)
	cmd.Env = append(slices.Clone(c.env), env...)
	cmd.Dir = c.user
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	close(stop)
	watched.Wait()
	c.look(args)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		c.t.Fatal(err)
	}
	if found := c.secrets.in(errs.Bytes()); len(found) > 0 {
		c.t.Errorf("bevis %v: %v on standard error:\n%s", args, found, &errs)
	}
	if found := c.secrets.in(out.Bytes()); code != 0 && len(found) > 0 {
		c.t.Errorf("bevis %v: %v on standard output of a command that failed:\n%s", args, found, &out)
	}
	return code, out.String()
}

// look searches every file of the guarded folders.
func (c *cage) look(args []string) {
	_ = filepath.WalkDir(c.guarded, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // it was gone again
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		if found := c.secrets.in(raw); len(found) > 0 {
			c.t.Errorf("bevis %v: %v in %s", args, found, path)
		}
		return nil
	})
}

// want runs the command and expects an exit code.
func (c *cage) want(code int, args ...string) string {
	c.t.Helper()
	got, out := c.run(nil, args...)
	if got != code {
		c.t.Fatalf("bevis %v: exit code %d, want %d", args, got, code)
	}
	return out
}

// inside opens the wallet by other people's software alone, and returns its
// identity and its log.
func (c *cage) inside(passphrase string) (identity, log string) {
	c.t.Helper()
	archive, err := zip.OpenReader(c.wallet())
	if err != nil {
		c.t.Fatal(err)
	}
	defer archive.Close()
	part := func(prefix string, with age.Identity) []byte {
		for _, f := range archive.File {
			if !strings.HasPrefix(f.Name, prefix) {
				continue
			}
			r, err := f.Open()
			if err != nil {
				c.t.Fatal(err)
			}
			plain, err := age.Decrypt(r, with)
			if err != nil {
				c.t.Fatal(err)
			}
			data, err := io.ReadAll(plain)
			if err != nil {
				c.t.Fatal(err)
			}
			return data
		}
		c.t.Fatal("no", prefix)
		return nil
	}
	way, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		c.t.Fatal(err)
	}
	identity = strings.TrimSpace(string(part("slots/0-", way)))
	key, err := age.ParseHybridIdentity(identity)
	if err != nil {
		c.t.Fatal(err)
	}
	unpacker, err := zstd.NewReader(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	defer unpacker.Close()
	text, err := unpacker.DecodeAll(part("body/", key), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return identity, string(text)
}

const (
	canaryPassphrase = "kanari vaktel 8821 lerke"
	canaryNext       = "trost stær 7730 spurv"
	canaryContent    = "Kanarifugl i Kautokeino 5519"
)

// plantWords makes canaries of recovery words: three that follow each other
// are as good as all.
func (c *cage) plantWords(name, file string) {
	words := strings.Fields(c.read(file))
	for n := range len(words) - 2 {
		c.secrets[name+" from word "+words[n]] = strings.Join(words[n:n+3], " ")
	}
}

// TestNoSecretGetsOut plants secrets and searches for them wherever a command
// leaves something: standard error, error texts in both forms over commands that
// fail, all files in the wallet's folder, the home folder and the folder for
// temporary files while it runs and after, and the arguments and the environment
// of the programs that it starts. What a command is asked to show, it shows.
func TestNoSecretGetsOut(t *testing.T) {
	t.Parallel()
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("it starts many processes, and a shell")
	}
	c := newCage(t)
	c.secrets["passphrase"], c.secrets["next passphrase"], c.secrets["content"] = canaryPassphrase, canaryNext, canaryContent
	pass, next := "--passphrase-file="+c.write("p.txt", canaryPassphrase+"\n"), c.write("next.txt", canaryNext+"\n")
	c.want(0, "wallet", "init", pass, "--recovery-words-to", c.file("words.txt"), "--sheet", c.file("sheet.html"))
	c.plantWords("words", c.file("words.txt"))
	id := strings.TrimSpace(c.want(0, "wallet", "id", pass))
	credential := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:skule","name":"Kurs","description":"` +
		canaryContent + `","credentialSubject":{"id":"` + id + `"}}`
	c.want(0, "wallet", "add", c.write("badge.json", credential), pass, "--anyway")
	item := regexp.MustCompile(`"id": "([a-z0-9]+)"`).FindStringSubmatch(c.want(0, "wallet", "list", pass, "--json"))[1]
	identity, log := c.inside(canaryPassphrase)
	c.secrets["wallet identity"] = identity
	c.secrets["holder key"] = privateKey(t, log)
	for _, kind := range []string{"pet", "hybrid"} {
		recipient, secret, err := newKey(kind)
		if err != nil {
			t.Fatal(err)
		}
		c.write(kind+".txt", secret+"\n")
		c.secrets[kind+" identity"] = secret
		c.want(0, "wallet", "slot", "add", recipient, "--name", canaryContent[:8], pass)
	}
	if len(c.secrets) < 25 {
		t.Fatalf("only %d canaries", len(c.secrets))
	}
	if shown := c.want(0, "wallet", "show", item, pass, "--raw"); !strings.Contains(shown, canaryContent) {
		t.Fatal("the canary is not where it was planted")
	}

	// Whatever can go wrong with a secret in hand.
	words := strings.Fields(c.read(c.file("words.txt")))
	wrong := slices.Clone(words)
	wrong[0], wrong[1] = wrong[1], wrong[0]
	damaged := []byte(c.read(c.wallet()))
	damaged[len(damaged)/2] ^= 1
	ways := [][]string{
		{pass}, {"--passphrase-file=" + c.write("wrong.txt", canaryPassphrase+"x")}, {"--passphrase-file=" + next}, {"--passphrase-file=" + c.user},
		{"--recovery-words-file=" + c.file("words.txt")}, {"--recovery-words-file=" + c.write("wrong-words.txt", strings.Join(wrong, " "))},
		{"--recovery-words-file=" + c.write("short.txt", strings.Join(words[:20], " "))}, {"--recovery-words-file=" + c.write("xyzzy.txt", strings.Join(words[:23], " ")+" xyzzy")},
		{"--recovery-words-file=" + c.file("p.txt")}, {"--identity-file=" + c.file("pet.txt")}, {"--identity-file=" + c.file("hybrid.txt")}, {"--identity-file=" + c.file("p.txt")},
		{"--identity-file=" + c.write("cut.txt", c.read(c.file("hybrid.txt"))[:60])}, {"--identity-file=" + c.file("words.txt")}, {"--passphrase-fd=99", "--no-input"}, {"--no-input"},
		{pass, "--wallet=" + c.write("damaged.bevis", string(damaged))}, {pass, "--wallet=" + c.file("badge.json")}, {pass, "--wallet=" + c.file("no-such.bevis")},
	}
	commands := [][]string{
		{"wallet", "list", "--json"}, {"wallet", "passphrase", "--new-passphrase-file=" + c.file("no-such.txt")}, {"wallet", "show", "zzzz"},
		{"wallet", "slot", "remove", "9-x", "--yes", "--json"}, {"wallet", "slot", "add", "age1x"}, {"wallet", "add", c.write("broken.json", credential[:len(credential)-9])},
		{"wallet", "add", c.write("twice.json", strings.Replace(credential, `"name"`, `"description":"x","name"`, 1)), "--json"},
		{"wallet", "share", item, "--audience", "https://a.example", "--suite", "no-such"}, {"wallet", "share", item, "--audience", "https://a.example", "--expires", "2020-01-01", "--json"},
	}
	oneIn := testdepth.OneIn(t, 5)
	for i, command := range commands {
		for j := i % oneIn; j < len(ways); j += oneIn { // each way with one command at least
			c.run(nil, slices.Concat(command, ways[j])...)
		}
	}
	for _, command := range [][]string{
		{"wallet", "init", pass}, {"wallet", "recovery", pass, "--yes", "--recovery-words-to", c.file("words.txt")}, {"wallet", "list", pass, "--no-such-flag"},
		{"wallet", "slot", "add", c.file("hybrid.txt"), pass}, {"verify", c.wallet()}, {"verify", c.file("badge.json"), "--offline"}, {"inspect", c.file("broken.json")},
		{"verify", c.file("p.txt")}, {"verify", c.file("words.txt")}, {"verify", c.file("hybrid.txt"), "--json"},
	} {
		if code, _ := c.run(nil, command...); code == 0 && command[0] == "wallet" {
			t.Errorf("%v did not fail", command)
		}
	}
	for _, pet := range []string{"broken", "asks"} {
		if code, _ := c.run([]string{"PET=" + pet}, "wallet", "list", "--no-input", "--identity-file="+c.file("pet.txt")); code != 8 {
			t.Errorf("a plugin that is %s: exit code %d", pet, code)
		}
	}

	// And what succeeds: a new passphrase, new words, the keyring, a program that
	// tells the passphrase.
	c.want(0, "wallet", "unlock", pass)
	c.want(0, "wallet", "list", "--no-input")
	c.want(0, "wallet", "lock")
	script := c.write("tell.sh", "tr '\\0' '\\n' </proc/self/environ >>"+c.file("children.log")+"\ntr '\\0' ' ' </proc/$$/cmdline >>"+c.file("children.log")+"\ncat "+c.file("p.txt")+"\n")
	if code, _ := c.run([]string{"BEVIS_PASSPHRASE_COMMAND=sh " + script}, "wallet", "list"); code != 0 {
		t.Errorf("a program tells the passphrase: exit code %d", code)
	}
	c.want(0, "wallet", "passphrase", pass, "--new-passphrase-file", next)
	c.want(0, "wallet", "recovery", "--identity-file", c.file("pet.txt"), "--yes", "--recovery-words-to", c.file("words2.txt"))
	c.plantWords("new words", c.file("words2.txt"))
	c.want(0, "wallet", "rekey", "--identity-file", c.file("pet.txt"), "--yes", "--new-passphrase-file", c.file("p.txt"), "--recovery-words-to", c.file("words3.txt"))
	c.plantWords("words of the new key", c.file("words3.txt"))
	c.secrets["new wallet identity"], _ = c.inside(canaryPassphrase)
	c.look([]string{"after all"})

	children := c.read(c.file("children.log"))
	if !strings.Contains(children, "age-plugin=identity-v1") || !strings.Contains(children, "age-plugin=recipient-v1") || runtime.GOOS == "linux" && !strings.Contains(children, "tell.sh") {
		t.Errorf("the programs that were started left no trace:\n%s", children)
	}
	if found := c.secrets.in([]byte(children)); len(found) > 0 {
		t.Errorf("%v in the arguments or the environment of a program that was started", found)
	}
	if strings.Contains(children, "AGEDEBUG") {
		t.Error("plugins are asked to show keys")
	}
	t.Logf("%d runs, %d canaries", c.runs, len(c.secrets))
}

// privateKey takes the secret half of the holder's key from the log.
func privateKey(t *testing.T, log string) string {
	t.Helper()
	for line := range strings.Lines(log) {
		var event struct{ Op, Private string }
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		if event.Op == "key.add" {
			return strings.Split(event.Private, "\n")[1]
		}
	}
	t.Fatal("no key in the log")
	return ""
}

// TestModes: whatever mask a user has set, what is secret is for them alone.
func TestModes(t *testing.T) {
	t.Parallel()
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("it needs a shell, and modes")
	}
	c := newCage(t)
	c.write("p.txt", canaryPassphrase)
	script := `umask 0
export BEVIS_WALLET="$BEVIS_HOME/deep/kari.bevis"
bevis wallet init --passphrase-file p.txt --sheet out/sheet.html --recovery-words-to out/words.txt
bevis wallet id --new --passphrase-file p.txt
bevis wallet unlock --passphrase-file p.txt
`
	cmd := exec.Command("sh", "-ec", script)
	cmd.Env, cmd.Dir = c.env, c.user
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seen := map[string]fs.FileMode{}
	for _, root := range []string{filepath.Join(c.guarded, "home"), filepath.Join(c.user, "out")} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err == nil {
				seen[filepath.Base(path)] = info.Mode()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"kari.bevis", "kari.bevis~", "sheet.html", "words.txt", "deep", "unlocked", "out"} {
		if _, ok := seen[name]; !ok {
			t.Errorf("there is no %s: %v", name, seen)
		}
	}
	for name, mode := range seen {
		if mode.Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", name, mode)
		}
	}
}
