package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/reason"
)

// Env is what a run of the command has from outside.
type Env struct {
	Args   []string // without the program's own name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	Now    func() time.Time
	Home   string // folder for what is kept, unless --home or BEVIS_HOME names one
	// Terminal asks the person at the keyboard; nil when there is nobody.
	Terminal Terminal
	// Columns tells how wide the terminal is that something is written to, 0 if
	// it is none. Nil: none is.
	Columns func(io.Writer) int
	// PassphraseWork is that of wallet.CreateRequest: zero but in tests.
	PassphraseWork int
	// Keyring keeps what opens an unlocked wallet. Nil: that of the system.
	Keyring app.Keyring
	// Source is where keys and lists come from when something is verified. Nil:
	// the network.
	Source fetch.Source
}

// Run runs the command and returns its exit code.
func Run(ctx context.Context, env Env) (code int) {
	s := newSession(env)
	defer func() {
		if r := recover(); r != nil {
			// Go's own exit code for a panic is 2, which reads as "usage".
			fmt.Fprintf(env.Stderr, "bevis: %s\n%v\n\n%s\n", s.p.T("error.panic"), r, debug.Stack())
			code = reason.Fault.ExitCode()
		}
	}()
	root := s.root()
	root.SetArgs(append([]string{}, env.Args...)) // nil would mean those of the process
	for _, c := range root.Commands() {
		s.commands = append(s.commands, c.Name())
	}
	c, err := root.ExecuteContextC(ctx)
	if err == nil {
		return s.class.ExitCode()
	}
	if !s.started && reason.CodeOf(err) == reason.Internal {
		err = reason.New(reason.Usage, "", "%w", err) // what cobra says of words and flags
	}
	if ctx.Err() != nil && reason.CodeOf(err).Class() != reason.Interrupted {
		err = reason.Wrap(reason.Canceled, "", err)
	}
	if c != nil && c.HasParent() && c.Name() != "help" {
		s.asked = strings.TrimPrefix(c.CommandPath(), root.Name()+" ")
	}
	s.fail(err)
	return reason.CodeOf(err).Class().ExitCode()
}

// session is one run.
type session struct {
	env     Env
	p       *i18n.Printer
	app     *app.App
	class   reason.Class // of the exit code when nothing failed
	started bool         // words and flags were right
	wrote   bool         // something is on Stdout
	plain   bool         // it was told that a key is in plain text
	asked   string       // the command that failed, without the word bevis

	commands []string // the names of those that follow the word bevis

	catalogue *app.Catalogue // the one that was opened last, nil for none

	home    string
	json    bool
	noInput bool
	offline bool
}

func newSession(env Env) *session {
	asked, ok := i18n.Find(askedLanguage(env.Args))
	if !ok {
		asked = "" // what is wrong with it is said in the language of the rest
	}
	return &session{env: env, p: i18n.New(i18n.Choose(asked, env.Getenv)), class: reason.Warning}
}

// askedLanguage finds --lang before the flags are read: help is written in it
// too.
func askedLanguage(args []string) string {
	for n, arg := range args {
		if arg == "--" {
			break
		}
		if value, ok := strings.CutPrefix(arg, "--lang="); ok {
			return value
		}
		if arg == "--lang" && n+1 < len(args) {
			return args[n+1]
		}
	}
	return ""
}

// start makes ready what every command needs.
func (s *session) start() error {
	home := s.home
	if home == "" {
		home = s.env.Getenv("BEVIS_HOME")
	}
	if home == "" {
		home = s.env.Home
	}
	if home == "" {
		return reason.New("usage/no-home", "", "there is no folder to keep things in: set BEVIS_HOME or use --home")
	}
	var err error
	s.app, err = app.New(app.Config{Home: home, Now: s.env.Now, Offline: s.offline, PassphraseWork: s.env.PassphraseWork, Source: s.env.Source,
		Ledger: s.env.Getenv("BEVIS_LEDGER"), Keys: app.IssuerKeys{Open: s.openKey, Plain: s.plainKey, Stderr: signerSays{s}}})
	s.started = err == nil
	return err
}

// columns tells how wide the terminal is that w writes to, 0 if it is none.
func (s *session) columns(w io.Writer) int {
	if s.env.Columns == nil {
		return 0
	}
	return s.env.Columns(w)
}

// t returns a text in the reader's language.
func (s *session) t(key string, args ...any) string { return s.p.T(key, args...) }

// print writes data.
func (s *session) print(data []byte) error {
	s.wrote = true
	if _, err := s.env.Stdout.Write(data); err != nil {
		return reason.New(reason.IO, "", "the output cannot be written: %w", err)
	}
	return nil
}

// printJSON writes v as JSON.
func (s *session) printJSON(v any) error {
	text, err := encoded(v, "", "  ")
	if err != nil {
		return err
	}
	return s.print(text)
}

// result writes v as JSON if that was asked for, and else the lines of text.
func (s *session) result(v any, text func(w *strings.Builder)) error {
	if s.json {
		return s.printJSON(v)
	}
	var b strings.Builder
	text(&b)
	return s.print([]byte(b.String()))
}

// note writes a remark for the person.
func (s *session) note(key string, args ...any) {
	fmt.Fprintln(s.env.Stderr, s.prose(s.env.Stderr, s.t(key, args...), "")) // nobody can be told if this fails
}

// deliver writes data to a file, or to Stdout when none is named.
func (s *session) deliver(data []byte, file string, o outFlags) error {
	line := data
	if len(data) > 0 && data[len(data)-1] != '\n' && !o.binary {
		line = append(bytes.Clone(data), '\n')
	}
	if file == "" || file == "-" {
		return s.print(line)
	}
	if err := app.WriteFile(file, data, o.private, o.force); err != nil {
		if o.precious {
			s.note("deliver.fallback")
			return errors.Join(err, s.print(line))
		}
		return err
	}
	s.note("note.written", show(file))
	return nil
}

// show makes a text from outside fit for a terminal.
func show(text string) string { return report.Plain(text) }

// command runs f once words and flags are known to be right.
func (s *session) command(f func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if err := s.start(); err != nil {
			return err
		}
		return f(c.Context(), args)
	}
}
