package external

import (
	"context"
	"io"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// DefaultTimeout leaves room for somebody to type a PIN.
const DefaultTimeout = time.Minute

// Config says which program holds the key.
type Config struct {
	Command []string // required: the program and its arguments. No shell reads it
	ID      string   // required: the verification method, as key.Signer's ID returns it
	// Public is the key that the program must have. Zero: whichever it has.
	Public  key.Public
	Timeout time.Duration // of an answer, zero: DefaultTimeout
	// Env is the program's environment, nil: that of this process, without what
	// is for bevis (BEVIS_…), since that may name secrets.
	Env []string
	// Stderr gets what the program says to people, at most 64 KiB of each
	// process. Nil: that is dropped.
	Stderr io.Writer
}

// Signer is a key.Signer whose key a program holds. It is safe for concurrent
// use.
type Signer struct {
	cfg    Config
	public key.Public
	places chan struct{}

	turn   chan struct{} // held by who uses what follows
	child  *child        // nil: none was started yet
	closed bool
}

// Start starts the program and asks for its key. Errors are usage, io/signer,
// io/signer-timeout, locked/signer, and conflict/signer-key for a key that is
// not the one in cfg.
func Start(ctx context.Context, cfg Config) (*Signer, error) {
	if len(cfg.Command) == 0 || cfg.Command[0] == "" || cfg.ID == "" {
		return nil, reason.New(reason.Usage, "external.Config", "Command and ID are needed")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	s := &Signer{cfg: cfg, public: cfg.Public, places: make(chan struct{}, atOnce), turn: make(chan struct{}, 1)}
	if _, err := s.running(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Public implements key.Signer.
func (s *Signer) Public() key.Public { return s.public }

// ID implements key.Signer.
func (s *Signer) ID() string { return s.cfg.ID }

// Sign implements key.Signer. When the program dies meanwhile, another is asked
// once more: to sign the same twice does no harm.
func (s *Signer) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	if len(msg) > MaxMessage {
		return nil, reason.New(reason.LimitSize, "", "%d bytes to sign, the limit is %d", len(msg), MaxMessage)
	}
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	case <-ctx.Done():
		return nil, reason.Wrap(reason.Canceled, "", ctx.Err())
	}
	var a answer
	for try := 0; ; try++ {
		c, err := s.running(ctx)
		if err != nil {
			return nil, err
		}
		a, err = c.ask(ctx, s.cfg.Timeout, request{Op: opSign, Message: encode(msg)})
		if err == nil {
			break
		}
		if try > 0 || !c.dead() || reason.CodeOf(err) != codeSigner {
			return nil, err
		}
	}
	sig, err := decode(a.Signature)
	if err == nil {
		err = s.public.Verify(msg, sig)
	}
	if err != nil {
		return nil, reason.New(codeSigner, s.cfg.Command[0], "what it returned is no signature of its key")
	}
	return sig, nil
}

// running returns the process, which is started if there is none.
func (s *Signer) running(ctx context.Context) (*child, error) {
	select { // whoever starts the program may take their time
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, reason.Wrap(reason.Canceled, "", ctx.Err())
	}
	if s.closed {
		return nil, reason.New(codeSigner, s.cfg.Command[0], "the signer was closed")
	}
	if s.child != nil && !s.child.dead() {
		return s.child, nil
	}
	c, err := start(s.cfg)
	if err != nil {
		return nil, err
	}
	public, err := c.greet(ctx, s.cfg.Timeout)
	if err == nil && s.public.Type() != key.Unknown && !s.public.Equal(public) {
		err = reason.New("conflict/signer-key", s.cfg.ID, "the program %s has another key", s.cfg.Command[0])
	}
	if err != nil {
		c.kill(err)
		return nil, err
	}
	if s.child = c; s.public.Type() == key.Unknown {
		s.public = public // before anybody else has s
	}
	return c, nil
}

// Close lets the program end, and ends it if it does not.
func (s *Signer) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.closed = true
	if s.child != nil {
		s.child.close()
	}
	return nil
}
