package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/internal/cli"
	"github.com/kompetansebevis/bevis/reason"
)

// story plays a document of docs/stories: its blocks of commands are run, in
// the order that they stand in, and must print what the document says. The
// network and the clock are those of a world. With -update the document gets
// what is printed.
//
//	```console
//	$ bevis verify badge.json
//	✓ VALID  badge.json
//	```
//
// A line that ends in a backslash goes on. "$ echo $?" prints the exit code of
// the command before it, and "| grep -E 'PATTERN'" leaves the lines that match.
type story struct {
	t     *testing.T
	w     *bevistest.World
	file  string
	text  string
	at    int // where the next block is looked for
	home  string
	class int // exit code of the last command

	lang    string   // "" for English
	answers []string // what is typed next at the terminal, nil for nobody there
	raw     string   // what the last command printed
	last    string   // what the last block says of it
	ids     []string // that were made up by a run, in the order in which they were seen
}

// newStory begins a story in a folder of its own, in which its commands run.
func newStory(t *testing.T, w *bevistest.World, name string) *story {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("..", "..", "docs", "stories", name))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	return &story{t: t, w: w, file: file, text: strings.ReplaceAll(string(text), "\r\n", "\n"), home: t.TempDir()}
}

const (
	blockBegins = "```console\n"
	blockEnds   = "```\n"
)

// block runs the commands of the next block.
func (s *story) block() {
	s.t.Helper()
	begin := strings.Index(s.text[s.at:], blockBegins)
	if begin < 0 {
		s.t.Fatalf("%s has no more blocks", s.file)
	}
	begin += s.at + len(blockBegins)
	length := strings.Index(s.text[begin:], blockEnds)
	if length < 0 {
		s.t.Fatalf("%s: a block does not end", s.file)
	}
	want, got := s.text[begin:begin+length], strings.Builder{}
	lines := strings.SplitAfter(want, "\n")
	for n := 0; n < len(lines); n++ {
		if !strings.HasPrefix(lines[n], "$ ") {
			continue
		}
		command := lines[n]
		for ; strings.HasSuffix(lines[n], "\\\n"); n++ {
			command += lines[n+1]
		}
		got.WriteString(command + s.run(strings.TrimPrefix(strings.ReplaceAll(command, "\\\n", ""), "$ ")))
	}
	s.last = got.String()
	s.at = begin + got.Len() + len(blockEnds)
	if got.String() == want {
		s.at = begin + length + len(blockEnds)
		return
	}
	if !*update {
		s.t.Errorf("%s tells\n%s\nand bevis prints\n%s", s.file, want, got.String())
		s.at = begin + length + len(blockEnds)
		return
	}
	s.text = s.text[:begin] + got.String() + s.text[begin+length:]
}

// more reports whether a block is left.
func (s *story) more() bool { return strings.Contains(s.text[s.at:], blockBegins) }

// end must be called when the story is over: what a document tells must have
// been run, all of it.
func (s *story) end() {
	s.t.Helper()
	if s.more() {
		s.t.Errorf("%s: blocks are left that were not run", s.file)
	}
	if *update {
		if err := os.WriteFile(s.file, []byte(s.text), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
}

var (
	piped = regexp.MustCompile(`^(.*) \| grep -E '([^']*)'$`)
	words = regexp.MustCompile(`"[^"]*"|\S+`)
	uuid  = regexp.MustCompile(`urn:uuid:[0-9a-f-]{36}`)
	keyID = regexp.MustCompile(`did:key:z\w{6}\w+`)
)

// run runs a command and returns what a person sees of it. Keys are other ones
// in each run, so only how they begin is told.
func (s *story) run(command string) string {
	s.t.Helper()
	command = strings.TrimSpace(command)
	if pipe := piped.FindStringSubmatch(command); pipe != nil {
		var out strings.Builder
		for line := range strings.Lines(s.run(pipe[1])) {
			if regexp.MustCompile(pipe[2]).MatchString(strings.TrimRight(line, "\n")) {
				out.WriteString(line)
			}
		}
		return out.String()
	}
	args := words.FindAllString(command, -1)
	if strings.Join(args, " ") == "echo $?" {
		return fmt.Sprintln(s.class)
	}
	if args[0] != "bevis" {
		s.t.Fatalf("%s: %q is no command of bevis", s.file, command)
	}
	for n := range args {
		args[n] = s.realIDs(strings.Trim(args[n], `"`))
	}
	var out bytes.Buffer
	s.class = cli.Run(context.Background(), cli.Env{
		Args: args[1:], Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Now: s.w.Now, Home: s.home, Source: s.w,
		Getenv:   func(name string) string { return map[string]string{"BEVIS_LANG": cmp.Or(s.lang, "en")}[name] },
		Terminal: s.keyboard(&out), PassphraseWork: 10, Keyring: noKeyring{},
	})
	s.raw = out.String()
	text := s.sameIDs(s.raw)
	text = keyID.ReplaceAllString(text, "did:key:z6Mk…")
	text = uuid.ReplaceAllString(text, "urn:uuid:…")
	if here, err := os.Getwd(); err == nil {
		text = strings.ReplaceAll(text, here+string(filepath.Separator), "")
	}
	text = strings.NewReplacer(s.home, "~/.config/bevis", filepath.ToSlash(s.home), "~/.config/bevis").Replace(text)
	if out.Len() > 0 && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// write puts a file into the folder in which the commands run.
func (s *story) write(name string, data []byte) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// read reads a file that a command has written.
func (s *story) read(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

// keyboard is the terminal of a story in which somebody types.
func (s *story) keyboard(out io.Writer) cli.Terminal {
	if s.answers == nil {
		return nil
	}
	return typist{s, out}
}

// typist types the answers of a story. The questions are shown, as on a
// terminal, and the answers are not.
type typist struct {
	s   *story
	out io.Writer
}

func (t typist) Line(prompt string) (string, error) {
	if len(t.s.answers) == 0 {
		return "", errors.New("asked more than the story tells")
	}
	answer := t.s.answers[0]
	t.s.answers = t.s.answers[1:]
	_, err := fmt.Fprintln(t.out, strings.TrimSpace(prompt))
	return answer, err
}

func (t typist) Secret(prompt string) ([]byte, error) {
	answer, err := t.Line(prompt)
	return []byte(answer), err
}

// noKeyring is that of a machine without one.
type noKeyring struct{}

func (noKeyring) Get(context.Context, string) (string, error) { return "", noKeyringHere() }
func (noKeyring) Set(context.Context, string, string) error   { return noKeyringHere() }
func (noKeyring) Delete(context.Context, string) error        { return noKeyringHere() }

func noKeyringHere() error { return reason.New("locked/no-keyring", "", "there is none") }

// madeUp are ids of a wallet: they stand at the beginning of a line, or in a
// command that is proposed.
var madeUp = regexp.MustCompile(`(?m)^(?:  )?([0-9a-z]{12})  |log (?:revoke|deletion-request) ([0-9a-z]{12})\b`)

// sameIDs puts in place of the ids that a run made up those of the document,
// which are the same in each run.
func (s *story) sameIDs(text string) string {
	for _, found := range madeUp.FindAllStringSubmatch(text, -1) {
		if id := found[1] + found[2]; !slices.Contains(s.ids, id) {
			s.ids = append(s.ids, id)
		}
	}
	for n, id := range s.ids {
		text = strings.ReplaceAll(text, id, idInDocument(n))
	}
	return text
}

// realIDs turns ids of the document, also shortened ones, into those of this
// run.
func (s *story) realIDs(word string) string {
	for n, id := range s.ids {
		if len(word) >= 4 && strings.HasPrefix(idInDocument(n), word) {
			return id
		}
	}
	return word
}

func idInDocument(n int) string {
	sum := sha256.Sum256([]byte{byte(n)})
	return hex.EncodeToString(sum[:6])
}
