package cli

import (
	"bytes"
	"context"
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
}

func (s *session) secretFlags(c *cobra.Command, f *secretFlags) {
	c.Flags().StringVar(&f.file, "passphrase-file", "", s.t("flag.passphrase-file"))
	c.Flags().IntVar(&f.fd, "passphrase-fd", -1, s.t("flag.passphrase-fd"))
	c.Flags().Lookup("passphrase-fd").DefValue = "0" // so that help names no default
}

const maxSecret = 64 << 10

// passphrase gets the passphrase from the first source that is named: a flag,
// the environment, the terminal. A new one is asked for twice.
func (s *session) passphrase(ctx context.Context, f secretFlags, isNew bool) ([]byte, error) {
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
		return s.askPassphrase(isNew)
	}
	if err != nil {
		return nil, err
	}
	// One line end belongs to the file, not to the passphrase.
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	if len(raw) == 0 {
		return nil, reason.New("usage/empty-passphrase", "", "the passphrase is empty")
	}
	return raw, nil
}

func (s *session) askPassphrase(isNew bool) ([]byte, error) {
	prompt := "ask.passphrase"
	if isNew {
		prompt = "ask.new-passphrase"
	}
	first, err := s.env.Terminal.Secret(s.t(prompt) + " ")
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
