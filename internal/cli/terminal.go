package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"

	"github.com/kompetansebevis/bevis/reason"
)

// SystemTerminal returns the terminal that the process belongs to, nil if
// there is none. A question that waits for its answer is given up when stop is
// closed: Ctrl-C ends a run also there.
func SystemTerminal(stop <-chan struct{}) Terminal {
	in, out := "/dev/tty", "/dev/tty"
	if runtime.GOOS == "windows" {
		in, out = "CONIN$", "CONOUT$"
	}
	t := terminal{in, out, stop}
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

// SystemColumns tells how wide the terminal is that w writes to, 0 if it is
// none.
func SystemColumns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return proseWidth
	}
	return width
}

// terminal is opened for each question, so that nothing of it is held.
type terminal struct {
	in, out string
	stop    <-chan struct{}
}

// answer is what came of a question.
type answer struct {
	text []byte
	err  error
}

func (t terminal) ask(prompt string, read func(in *os.File) ([]byte, error)) ([]byte, error) {
	in, err := os.OpenFile(t.in, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile(t.out, os.O_WRONLY, 0)
	if err != nil {
		in.Close()
		return nil, err
	}
	defer out.Close()
	before, stateErr := term.GetState(int(in.Fd()))
	if _, err := fmt.Fprint(out, prompt); err != nil {
		in.Close()
		return nil, err
	}
	got := make(chan answer, 1)
	go func() {
		text, err := read(in)
		in.Close()
		got <- answer{text, err}
	}()
	select {
	case a := <-got:
		return a.text, a.err
	case <-t.stop:
		// Who reads is left behind, with the file: it cannot be woken. What it
		// changed on the terminal is set back, or what is typed next is not shown.
		if stateErr == nil {
			_ = term.Restore(int(in.Fd()), before)
		}
		_, _ = fmt.Fprintln(out)
		return nil, reason.New(reason.Canceled, "", "the question was not answered")
	}
}

// Secret implements Terminal.
func (t terminal) Secret(prompt string) ([]byte, error) {
	return t.ask(prompt, func(in *os.File) ([]byte, error) {
		secret, err := term.ReadPassword(int(in.Fd()))
		_, _ = fmt.Fprintln(in) // the line end that was typed is not shown
		return secret, err
	})
}

// Line implements Terminal.
func (t terminal) Line(prompt string) (string, error) {
	line, err := t.ask(prompt, func(in *os.File) ([]byte, error) {
		return bufio.NewReader(in).ReadBytes('\n')
	})
	return strings.TrimRight(string(line), "\r\n"), err
}
