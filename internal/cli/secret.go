package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

// Terminal asks the person at the keyboard, past whatever standard input and
// output are connected to.
type Terminal interface {
	// Secret asks for a line that is not shown while it is typed.
	Secret(prompt string) ([]byte, error)
	// Line asks for a line.
	Line(prompt string) (string, error)
}

// secretFlags say where a passphrase comes from. It is never the value of a
// flag: those are seen by other users of the machine and kept in histories.
type secretFlags struct {
	file  string
	fd    int
	words string // file with the recovery words
	typed bool   // the recovery words, at the terminal
	key   string // file with identities
}

func (s *session) secretFlags(c *cobra.Command, f *secretFlags) {
	c.Flags().StringVar(&f.file, "passphrase-file", "", s.t("flag.passphrase-file"))
	c.Flags().IntVar(&f.fd, "passphrase-fd", -1, s.t("flag.passphrase-fd"))
	c.Flags().Lookup("passphrase-fd").DefValue = "0" // so that help names no default
}

// openFlags are for commands that open a wallet that is there.
func (s *session) openFlags(c *cobra.Command, f *secretFlags) {
	s.secretFlags(c, f)
	c.Flags().StringVar(&f.words, "recovery-words-file", "", s.t("flag.recovery-in"))
	c.Flags().BoolVar(&f.typed, "recovery-words", false, s.t("flag.recovery-ask"))
	c.Flags().StringVar(&f.key, "identity-file", "", s.t("flag.identity-file"))
	oneOf(c, "recovery-words-file", "recovery-words", "identity-file")
}

// unnamed reports whether neither flags nor the environment say what opens a
// wallet.
func (s *session) unnamed(f secretFlags) bool {
	for _, name := range []string{"BEVIS_PASSPHRASE_FILE", "BEVIS_PASSPHRASE_COMMAND", "BEVIS_IDENTITY_FILE"} {
		if s.env.Getenv(name) != "" {
			return false
		}
	}
	return f.file == "" && f.fd < 0 && f.words == "" && !f.typed && f.key == ""
}

// wayIn gets what opens a wallet. Flags go before the environment, and in it a
// file with a key before the passphrase.
// The file is named in the question, if it is another than the wallet in use.
func (s *session) wayIn(ctx context.Context, f secretFlags, file string) (app.WayIn, error) {
	if f.key == "" && f.words == "" && !f.typed && f.file == "" && f.fd < 0 {
		f.key = s.env.Getenv("BEVIS_IDENTITY_FILE")
	}
	switch {
	case f.words != "":
		words, err := app.ReadFile(f.words)
		return app.WayIn{Words: string(words)}, err
	case f.typed:
		if s.noInput || s.env.Terminal == nil {
			return app.WayIn{}, reason.New("locked/no-passphrase", "", "there is no terminal to ask at: give --recovery-words-file FILE")
		}
		words, err := s.env.Terminal.Line(s.t("ask.words") + " ")
		return app.WayIn{Words: words + " "}, reason.Wrap(reason.IO, "", err) // the space: nothing typed is no words, and not no way
	case f.key != "":
		keys, err := app.ReadFile(f.key)
		if err == nil && len(keys) == 0 {
			err = reason.New("usage/identity-file", f.key, "the file is empty")
		}
		return app.WayIn{Keys: keys, Asker: pluginAsker{s}}, err
	}
	prompt := s.t("ask.passphrase")
	if file != "" {
		prompt = s.t("ask.passphrase-of", show(file))
	}
	passphrase, err := s.passphrase(ctx, f, prompt, false)
	return app.WayIn{Passphrase: passphrase}, err
}

// asks reports whether a person is asked for what opens a wallet.
func (s *session) asks(f secretFlags) bool {
	return !s.noInput && s.env.Terminal != nil && (f.typed || s.unnamed(f))
}

// tries is how often a person is asked for the same. A typing error in what is
// not shown while it is typed should not cost the command line.
const tries = 3

// mistyped reports whether an error may come of a typing error.
func mistyped(err error) bool {
	switch reason.CodeOf(err) {
	case "usage/passphrases-differ", "locked/wrong-passphrase", "locked/wrong-words", "usage/recovery-words", "usage/recovery-word", "usage/recovery-words-order", "usage/empty-passphrase":
		return true
	}
	return false
}

// retry asks again after a typing error, and says what was wrong.
func (s *session) retry(ask func() error) error {
	for try := 1; ; try++ {
		err := ask()
		if try == tries || !mistyped(err) {
			return err
		}
		code, which := string(reason.CodeOf(err)), ""
		if code == "usage/recovery-word" {
			which = reason.AtOf(err) + ": "
		}
		fmt.Fprintf(s.env.Stderr, "%s%s %s\n", which, s.p.Code("reason.", code), s.p.Code("next.", code)) // nobody can be told if this fails
	}
}

const maxSecret = 64 << 10

// passphrase gets the passphrase from the first source that is named: a flag,
// the environment, the terminal. A new one is asked for twice.
func (s *session) passphrase(ctx context.Context, f secretFlags, prompt string, isNew bool) ([]byte, error) {
	var raw []byte
	var err error
	file, command := s.env.Getenv("BEVIS_PASSPHRASE_FILE"), s.env.Getenv("BEVIS_PASSPHRASE_COMMAND")
	switch {
	case f.file != "":
		raw, err = app.ReadFile(f.file)
	case f.fd >= 0:
		raw, err = readFD(f.fd)
	case file != "":
		raw, err = app.ReadFile(file)
	case command != "":
		raw, err = run(ctx, command)
	case s.noInput || s.env.Terminal == nil:
		return nil, reason.New("locked/no-passphrase", "", "there is no terminal to ask at: give --passphrase-file FILE, --passphrase-fd N or BEVIS_PASSPHRASE_FILE")
	default:
		if isNew {
			return s.chosenPassphrase(prompt)
		}
		return s.askPassphrase(prompt, false)
	}
	if err != nil {
		return nil, err
	}
	return oneLine(raw)
}

// newPassphrase gets the passphrase that is to come. The environment names the
// one that there is, so it is not looked at.
func (s *session) newPassphrase(f secretFlags) ([]byte, error) {
	var raw []byte
	var err error
	switch {
	case f.file != "":
		raw, err = app.ReadFile(f.file)
	case f.fd >= 0:
		raw, err = readFD(f.fd)
	case s.noInput || s.env.Terminal == nil:
		return nil, reason.New("locked/no-passphrase", "", "there is no terminal to ask at: give --new-passphrase-file FILE or --new-passphrase-fd N")
	default:
		return s.chosenPassphrase(s.t("ask.new-passphrase"))
	}
	if err != nil {
		return nil, err
	}
	return oneLine(raw)
}

func oneLine(raw []byte) ([]byte, error) {
	// One line end belongs to the file, not to the passphrase.
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	if len(raw) == 0 {
		return nil, reason.New("usage/empty-passphrase", "", "the passphrase is empty")
	}
	return raw, nil
}

// chosenPassphrase asks for a passphrase that is to come.
func (s *session) chosenPassphrase(prompt string) (passphrase []byte, err error) {
	err = s.retry(func() (err error) {
		passphrase, err = s.askPassphrase(prompt, true)
		return err
	})
	return passphrase, err
}

func (s *session) askPassphrase(prompt string, isNew bool) ([]byte, error) {
	first, err := s.env.Terminal.Secret(prompt + " ")
	if err != nil {
		return nil, reason.Wrap(reason.IO, "", err)
	}
	if len(bytes.TrimSpace(first)) == 0 {
		return nil, reason.New("usage/empty-passphrase", "", "the passphrase is empty")
	}
	if !isNew {
		return first, nil
	}
	second, err := s.env.Terminal.Secret(s.t("ask.again") + " ")
	if err != nil {
		return nil, reason.Wrap(reason.IO, "", err)
	}
	if !bytes.Equal(first, second) {
		return nil, reason.New("usage/passphrases-differ", "", "the two are not the same")
	}
	return first, nil
}

func readFD(fd int) ([]byte, error) {
	file := os.NewFile(uintptr(fd), "passphrase")
	if file == nil {
		return nil, reason.New(reason.Usage, "--passphrase-fd", "there is no such descriptor")
	}
	raw, err := io.ReadAll(io.LimitReader(file, maxSecret))
	if err != nil {
		return nil, reason.New(reason.IO, "--passphrase-fd", "the descriptor cannot be read")
	}
	return raw, nil
}

// run runs the user's own command, such as one that asks a password manager.
func run(ctx context.Context, command string) ([]byte, error) {
	shell, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/C"
	}
	out, err := exec.CommandContext(ctx, shell, flag, command).Output()
	if err != nil {
		// Not what it printed: that may hold the passphrase.
		return nil, reason.New("locked/passphrase-command", "BEVIS_PASSPHRASE_COMMAND", "the command failed")
	}
	return out, nil
}
