package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/internal/cli"
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
		args[n] = strings.Trim(args[n], `"`)
	}
	var out bytes.Buffer
	s.class = cli.Run(context.Background(), cli.Env{
		Args: args[1:], Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Now: s.w.Now, Home: s.home, Source: s.w,
		Getenv: func(name string) string { return map[string]string{"BEVIS_LANG": "en"}[name] },
	})
	text := keyID.ReplaceAllString(out.String(), "did:key:z6Mk…")
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
