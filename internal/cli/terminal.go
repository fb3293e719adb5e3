package cli

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"
)

// SystemTerminal returns the terminal that the process belongs to, nil if
// there is none.
func SystemTerminal() Terminal {
	in, out := "/dev/tty", "/dev/tty"
	if runtime.GOOS == "windows" {
		in, out = "CONIN$", "CONOUT$"
	}
	t := terminal{in, out}
	file, err := os.OpenFile(in, os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	defer file.Close()
	if !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return t
}

// terminal is opened for each question, so that nothing of it is held.
type terminal struct{ in, out string }

func (t terminal) ask(prompt string, read func(in *os.File) error) error {
	in, err := os.OpenFile(t.in, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(t.out, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := fmt.Fprint(out, prompt); err != nil {
		return err
	}
	return read(in)
}

// Secret implements Terminal.
func (t terminal) Secret(prompt string) (secret []byte, err error) {
	err = t.ask(prompt, func(in *os.File) (err error) {
		secret, err = term.ReadPassword(int(in.Fd()))
		_, _ = fmt.Fprintln(in) // the line end that was typed is not shown
		return err
	})
	return secret, err
}

// Line implements Terminal.
func (t terminal) Line(prompt string) (line string, err error) {
	err = t.ask(prompt, func(in *os.File) (err error) {
		line, err = bufio.NewReader(in).ReadString('\n')
		return err
	})
	return strings.TrimRight(line, "\r\n"), err
}
