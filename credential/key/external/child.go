package external

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	codeSigner  reason.Code = "io/signer"
	codeTimeout reason.Code = "io/signer-timeout"
	codeRefused reason.Code = "locked/signer"

	maxStderr = 64 << 10
	grace     = 2 * time.Second // from the end of its input to that of the program
)

// child is a process of the program.
type child struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  io.ReadCloser
	done chan struct{} // closed when it is dead

	writing sync.Mutex

	mu      sync.Mutex // of what follows
	last    int64
	waiting map[int64]chan answer
	why     error // it is dead, nil as long as it is not
}

func start(cfg Config) (*child, error) {
	failed := func(err error) (*child, error) {
		var e *exec.Error
		if errors.As(err, &e) {
			err = e.Err
		}
		return nil, reason.New(codeSigner, cfg.Command[0], "the program cannot be started: %w", err)
	}
	cmd := exec.Command(cfg.Command[0], cfg.Command[1:]...)
	cmd.Env = cfg.Env
	if cmd.Env == nil {
		cmd.Env = slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "BEVIS_") })
	}
	if cfg.Stderr != nil {
		cmd.Stderr = &limited{w: cfg.Stderr, left: maxStderr}
	}
	cmd.WaitDelay = grace // for what it has started itself
	in, err := cmd.StdinPipe()
	if err != nil {
		return failed(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return failed(err)
	}
	if err := cmd.Start(); err != nil {
		return failed(err)
	}
	c := &child{name: cfg.Command[0], cmd: cmd, in: in, out: out, done: make(chan struct{}), waiting: map[int64]chan answer{}}
	go c.read()
	return c, nil
}

// read hands out answers until the program ends or writes what is none.
func (c *child) read() {
	lines := bufio.NewScanner(c.out)
	lines.Buffer(nil, maxAnswer)
	for lines.Scan() {
		var a answer
		if err := parse(lines.Bytes(), &a); err != nil {
			c.kill(reason.New(codeSigner, c.name, "it wrote a line that is no answer"))
			break
		}
		if !c.give(a) {
			c.kill(reason.New(codeSigner, c.name, "it answered what was not asked"))
			break
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		c.kill(reason.New(codeSigner, c.name, "it wrote a line of more than %d bytes", maxAnswer))
	}
	c.kill(reason.New(codeSigner, c.name, "the program ended"))
	_ = c.cmd.Wait() // why it died is known
	close(c.done)
}

// give hands an answer to who waits for it. Nobody does if they gave up.
func (c *child) give(a answer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.ID < 1 || a.ID > c.last {
		return false
	}
	if to, ok := c.waiting[a.ID]; ok {
		delete(c.waiting, a.ID)
		to <- a
	}
	return true
}

// kill ends the process, for the first reason that is given.
func (c *child) kill(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why == nil {
		c.why = why
		_ = c.in.Close()         // it may be closed
		_ = c.out.Close()        // which somebody else whom it started may hold
		_ = c.cmd.Process.Kill() // it may have ended
	}
}

func (c *child) dead() bool { return c.reason() != nil }

func (c *child) reason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// close ends the input of the program, which is its sign to end.
func (c *child) close() {
	_ = c.in.Close()
	select {
	case <-c.done:
	case <-time.After(grace):
		c.kill(reason.New(codeSigner, c.name, "it did not end"))
		<-c.done
	}
}

// ask sends a request and waits for its answer. A program that does not answer
// in time is stuck, and ended for all who wait.
func (c *child) ask(ctx context.Context, timeout time.Duration, r request) (answer, error) {
	got := make(chan answer, 1)
	c.mu.Lock()
	c.last++
	r.ID = c.last
	c.waiting[r.ID] = got
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiting, r.ID)
		c.mu.Unlock()
	}()
	line, err := json.Marshal(r)
	if err != nil {
		return answer{}, reason.Wrap(reason.Internal, "", err)
	}
	go func() { // who does not read must not keep anybody
		c.writing.Lock()
		defer c.writing.Unlock()
		if _, err := c.in.Write(append(line, '\n')); err != nil {
			c.kill(reason.New(codeSigner, c.name, "the program does not read"))
		}
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case a := <-got:
		return a, c.refusal(a)
	case <-c.done:
		return answer{}, c.reason()
	case <-ctx.Done():
		return answer{}, reason.Wrap(reason.Canceled, "", ctx.Err())
	case <-timer.C:
		err := reason.New(codeTimeout, c.name, "no answer in %s", timeout)
		c.kill(err)
		return answer{}, err
	}
}

func (c *child) refusal(a answer) error {
	switch {
	case a.Error == nil:
		return nil
	case a.Error.Code == codeDenied:
		return reason.New(codeRefused, c.name, "%s", plain(a.Error.Message))
	default:
		return reason.New(codeSigner, c.name, "%s: %s", plain(a.Error.Code), plain(a.Error.Message))
	}
}

// greet agrees on a version and asks for the key.
func (c *child) greet(ctx context.Context, timeout time.Duration) (key.Public, error) {
	a, err := c.ask(ctx, timeout, request{Op: opHello, Protocol: protocol, Versions: []int{version}})
	if err != nil {
		return key.Public{}, err
	}
	if a.Version != version {
		return key.Public{}, reason.New(codeSigner, c.name, "it wants version %d of %s, and this knows %d", a.Version, protocol, version)
	}
	if a, err = c.ask(ctx, timeout, request{Op: opPublic}); err != nil {
		return key.Public{}, err
	}
	public, err := a.public()
	if err != nil {
		return key.Public{}, reason.New(codeSigner, c.name, "what it gave is no public key: %w", err)
	}
	return public, nil
}

// limited passes on so many bytes, and drops the rest.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	if l.left -= n; n > 0 {
		_, _ = l.w.Write(p[:n]) // the program is not to fail by it
	}
	return len(p), nil
}
