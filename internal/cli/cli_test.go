package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
)

// fixture runs the command with nothing from this machine.
type fixture struct {
	t    *testing.T
	home string
	env  map[string]string
	term Terminal
	ring *ring
	work int // of passphrases; zero is the real one
	now  func() time.Time
	in   string

	screen int // how wide the terminal is that is written to; zero is none
}

func newFixture(t *testing.T) *fixture {
	return &fixture{t: t, home: t.TempDir(), env: map[string]string{}, now: func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }}
}

func (f *fixture) run(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	f.t.Helper()
	var out, errs bytes.Buffer
	var keys app.Keyring
	if f.ring != nil {
		keys = f.ring
	}
	code = Run(ctx, Env{
		Keyring: keys, PassphraseWork: f.work,
		Args: args, Stdin: strings.NewReader(f.in), Stdout: &out, Stderr: &errs, Now: f.now, Home: f.home, Terminal: f.term,
		Getenv: func(name string) string { return f.env[name] }, Columns: func(io.Writer) int { return f.screen },
	})
	return code, out.String(), errs.String()
}

func (f *fixture) want(code int, args ...string) (stdout, stderr string) {
	f.t.Helper()
	got, stdout, stderr := f.run(f.t.Context(), args...)
	if got != code {
		f.t.Fatalf("bevis %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, stdout, stderr)
	}
	return stdout, stderr
}

// TestTexts looks for keys in the code that there is no text for.
func TestTexts(t *testing.T) {
	t.Parallel()
	p := i18n.New("en")
	looksLikeKey := regexp.MustCompile(`^(cmd|flag|label|note|issuer|issue|status|trust|wallet|share|ask|error|demo|verify|lint|inspect|unbake|achievement|help|topic|check|exit)\.[a-z0-9.-]+[a-z0-9]$`)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			key, _ := strconv.Unquote(literal.Value)
			if looksLikeKey.MatchString(key) {
				found++
				if !p.Has(key) && !p.Has("cmd."+key) {
					t.Errorf("%s: there is no text for %q", name, key)
				}
			}
			return true
		})
	}
	if found < 100 {
		t.Errorf("only %d keys found: does this test still look at the right thing?", found)
	}
}

// TestHelp reads the help of every command in every language.
func TestHelp(t *testing.T) {
	t.Parallel()
	key := regexp.MustCompile(`\b(cmd|flag|help|topic)\.[a-z]+`)
	for _, lang := range i18n.Languages() {
		f := newFixture(t)
		s := newSession(Env{Args: []string{"--lang", lang}, Getenv: func(string) string { return "" }})
		var walk func(c *cobra.Command)
		walk = func(c *cobra.Command) {
			path := append(strings.Fields(c.CommandPath())[1:], "--help", "--lang", lang)
			out, _ := f.want(0, path...)
			if m := key.FindString(out); m != "" || !strings.Contains(out, c.Short) {
				t.Errorf("%s: help of %q holds %q:\n%s", lang, c.CommandPath(), m, out)
			}
			for _, sub := range c.Commands() {
				walk(sub)
			}
		}
		walk(s.root())
		for _, topic := range topics() {
			out, _ := f.want(0, "help", topic, "--lang", lang)
			if len(out) < 100 || key.MatchString(out) {
				t.Errorf("%s: topic %s:\n%s", lang, topic, out)
			}
		}
	}
}

// TestEveryCommand keeps a word-for-word promise: what others script against
// is there.
func TestEveryCommand(t *testing.T) {
	t.Parallel()
	root := newSession(Env{Getenv: func(string) string { return "" }}).root()
	for path, flags := range map[string]string{
		"demo": "", "issuer init": "", "issuer show": "", "issuer publish": "",
		"achievement new": "", "achievement list": "", "achievement show": "",
		"credential issue": "refresh schema", "credential revoke": "", "credential suspend": "", "credential reinstate": "",
		"credential bake": "", "credential unbake": "", "credential lint": "profile context",
		"wallet init": "wallet passphrase-file", "wallet add": "wallet passphrase-file", "wallet list": "wallet passphrase-file json",
		"wallet show": "wallet passphrase-file", "wallet remove": "wallet passphrase-file", "wallet share": "wallet passphrase-file",
		"wallet passphrase": "wallet passphrase-file recovery-words recovery-words-file identity-file new-passphrase-file new-passphrase-fd",
		"wallet recovery":   "wallet passphrase-file sheet recovery-words-to yes", "wallet slot list": "identity-file", "wallet slot add": "name", "wallet slot remove": "yes",
		"wallet rekey": "sheet new-passphrase-file yes", "wallet unlock": "for wallet", "wallet lock": "all wallet",
		"wallet log": "wallet passphrase-file", "trust add": "", "trust list": "", "trust remove": "", "trust explain": "",
		"verify":          "json offline at issuer audience challenge require-holder-binding status-list no-input",
		"catalogue stats": "explain", "catalogue stats call": "from to min-people round epsilon budget issuer", "catalogue stats contribute": "wallet passphrase-file show yes",
		"catalogue stats withdraw": "wallet passphrase-file yes", "catalogue stats collect": "status-list", "catalogue stats release": "manifest-to", "catalogue stats report": "format",
		"serve vc-api": "listen keys context output",
		"inspect":      "", "completion": "", "version": "",
	} {
		c, rest, err := root.Find(strings.Fields(path))
		if err != nil || len(rest) > 0 {
			t.Errorf("there is no command %q", path)
			continue
		}
		for name := range strings.FieldsSeq(flags) {
			if c.Flag(name) == nil {
				t.Errorf("%s lacks --%s", path, name)
			}
		}
	}
}

func TestPanicIsExitCode70(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.now = func() time.Time { panic("the clock fell down") }
	f.want(0, "version")
	f.in = "{}"
	if _, stderr := f.want(70, "verify", "-"); !strings.Contains(stderr, "the clock fell down") {
		t.Error(stderr)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.in = "{}"
	if code, _, stderr := f.run(ctx, "verify", "-"); code != 130 || !strings.Contains(stderr, "[canceled]") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// brokenPipe is a standard output that nobody reads.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestOutputThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	code := Run(t.Context(), Env{Args: []string{"version"}, Stdout: brokenPipe{}, Stderr: &errs, Now: time.Now, Home: t.TempDir(), Getenv: func(string) string { return "" }})
	if code != 1 {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
}

func TestNoFolder(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.home = ""
	if _, stderr := f.want(2, "trust", "list"); !strings.Contains(stderr, "usage/no-home") {
		t.Error(stderr)
	}
}

// person answers at a terminal.
type person struct {
	answers []string
	asked   []string
}

func (p *person) next(prompt string) (string, error) {
	p.asked = append(p.asked, prompt)
	if len(p.answers) == 0 {
		return "", fs.ErrClosed
	}
	answer := p.answers[0]
	p.answers = p.answers[1:]
	return answer, nil
}

func (p *person) Secret(prompt string) ([]byte, error) {
	answer, err := p.next(prompt)
	return []byte(answer), err
}

func (p *person) Line(prompt string) (string, error) { return p.next(prompt) }

// TestAtTheTerminal is a citizen's first minutes, with the questions that are
// asked.
func TestAtTheTerminal(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.work = 4
	const secret = "fire hester i regn"
	answer := func(answers ...string) *person {
		p := &person{answers: answers}
		f.term = p
		return p
	}
	answer("", " ", "")
	f.want(2, "wallet", "init") // an empty passphrase
	answer(secret, "fire hester i sol", secret, "fire hester i snø", secret, "fire hester i vind")
	if _, stderr := f.want(2, "wallet", "init"); !strings.Contains(stderr, "[usage/passphrases-differ]") {
		t.Error(stderr)
	}
	answer(secret, secret)
	out, stderr := f.want(0, "wallet", "init", "--lang", "nb")
	if !strings.Contains(out, "24 ordene") || strings.Contains(out+stderr, secret) || len(regexp.MustCompile(`\b\d+ [a-z]+`).FindAllString(out, -1)) < 24 {
		t.Errorf("%s%s", out, stderr)
	}
	answer(secret)
	f.want(10, "wallet", "init", "--no-input", "--passphrase-file", writeFile(t, "p.txt", secret)) // it is there already
	// A typing error costs another try, and three of them the command.
	p := answer("feil", "", secret)
	if _, stderr := f.want(0, "wallet", "list"); strings.Contains(stderr, "feil\n") || len(p.asked) != 3 {
		t.Errorf("asked %q: %s", p.asked, stderr)
	}
	p = answer("feil", "feil", "feil", secret)
	if _, stderr := f.want(8, "wallet", "list"); strings.Contains(stderr, "feil\n") || len(p.asked) != 3 {
		t.Errorf("asked %q: %s", p.asked, stderr)
	}

	answer(secret)
	id, _ := f.want(0, "wallet", "id")
	f.want(0, "issuer", "init", "--name", "Kurs")
	f.want(0, "achievement", "new", "--name", "Kurs", "--description", "d", "--criteria", "c", "--id", "https://k.example/1")
	credential := filepath.Join(t.TempDir(), "bevis.json")
	f.want(0, "credential", "issue", "kurs", "--to", strings.TrimSpace(id), "-o", credential)
	answer(secret)
	added, _ := f.want(0, "wallet", "add", credential, "--json")
	var parsed struct {
		Added []struct{ Item struct{ ID string } }
	}
	if err := json.Unmarshal([]byte(added), &parsed); err != nil || len(parsed.Added) != 1 {
		t.Fatal(err, added)
	}
	p = answer(secret, "nei")
	if _, stderr := f.want(8, "wallet", "remove", parsed.Added[0].Item.ID); !strings.Contains(stderr, "[locked/refused]") {
		t.Error(stderr)
	}
	if len(p.asked) != 2 || !strings.Contains(p.asked[1], "Kurs") {
		t.Error(p.asked)
	}
	answer(secret, "ja")
	f.want(0, "wallet", "remove", parsed.Added[0].Item.ID)
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestShow(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Blåbær og søl":            "Blåbær og søl",
		"a\x1b[2Jb":                "a\uFFFD[2Jb",
		"line\nbreak":              "line\uFFFDbreak",
		"rtl\u202eexe.png":         "rtl\uFFFDexe.png",
		"zero\u200bwidth\ufeff":    "zero\uFFFDwidth\uFFFD",
		"c1\u009b31m":              "c1\uFFFD31m",
		"par\u2029agraph\u2028sep": "par\uFFFDagraph\uFFFDsep",
	} {
		if got := show(in); got != want {
			t.Errorf("show(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestVerifyFlagsHaveHeadings: each flag of verify stands under one heading in its
// help, and none is left over.
func TestVerifyFlagsHaveHeadings(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	root := newSession(Env{Getenv: func(string) string { return "" }}).root()
	c, _, err := root.Find([]string{"verify"})
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"nb", "nn", "en"} {
		out, _ := f.want(0, "help", "verify", "--lang", lang)
		p := i18n.New(lang)
		if strings.Contains(out, "\n"+p.T("help.flags")+"\n") {
			t.Errorf("%s: a flag stands under no heading:\n%s", lang, out)
		}
		for _, heading := range []string{"judge", "trust", "network", "results"} {
			if strings.Count(out, "\n"+p.T("help.flags."+heading)+"\n") != 1 {
				t.Errorf("%s: %s is not there once", lang, heading)
			}
		}
		c.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
			if flag.Name != "help" && strings.Count(out, "      --"+flag.Name+" ")+strings.Count(out, ", --"+flag.Name+" ") != 1 {
				t.Errorf("%s: --%s is not there once", lang, flag.Name)
			}
		})
	}
}
