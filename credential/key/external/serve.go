package external

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// Key is what a program signs with. Every key.Signer is one. Sign may be called
// many times at once; an error of code locked is told as a refusal, one of code
// io as something that may pass.
type Key interface {
	Public() key.Public
	Sign(ctx context.Context, msg []byte) ([]byte, error)
}

// atOnce is how many requests a Signer sends before it has an answer, and how
// many Serve works on.
const atOnce = 16

// Serve answers requests from in until it ends, which is when the program is to
// end, or ctx does. Name is for people. Errors are those of in and out; what is
// asked wrongly is answered with an error, and a line that cannot be read ends
// it.
func Serve(ctx context.Context, name string, k Key, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := server{name: name, key: k, out: out}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxRequest)
	var working sync.WaitGroup
	places := make(chan struct{}, atOnce)
	var err error
	for err == nil && lines.Scan() {
		var r request
		if err = parse(lines.Bytes(), &r); err != nil {
			break
		}
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			err = ctx.Err()
			continue
		}
		working.Go(func() {
			defer func() { <-places }()
			s.write(s.answer(ctx, r))
		})
	}
	if err != nil {
		stop()
	}
	working.Wait()
	return reason.Wrap(reason.IO, "", errors.Join(err, lines.Err(), s.failed))
}

type server struct {
	name string
	key  Key

	mu     sync.Mutex // of what follows
	out    io.Writer
	failed error
}

func (s *server) write(a answer) {
	line, err := json.Marshal(a)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		_, err = s.out.Write(append(line, '\n'))
	}
	s.failed = errors.Join(s.failed, err)
}

func (s *server) answer(ctx context.Context, r request) answer {
	a := answer{ID: r.ID}
	switch r.Op {
	case opHello:
		for _, v := range r.Versions {
			if v == version && r.Protocol == protocol {
				a.Version, a.Name = version, s.name
				return a
			}
		}
		a.Error = &problem{codeUnsupported, "this program knows version 1 of " + protocol}
	case opPublic:
		if a.JWK = s.key.Public().JWK(); a.JWK == nil {
			a.Error = &problem{codeFailed, "a key of this type has no JWK"}
		}
	case opSign:
		msg, err := decode(r.Message)
		if err == nil {
			msg, err = s.key.Sign(ctx, msg)
		}
		if err != nil {
			a.Error = &problem{codeOf(err), plain(err.Error())}
			return a
		}
		a.Signature = encode(msg)
	default:
		a.Error = &problem{codeUnsupported, "there is no operation " + plain(r.Op)}
	}
	return a
}

func codeOf(err error) string {
	switch reason.Code(reason.CodeOf(err).Coarse()) {
	case reason.Locked:
		return codeDenied
	case reason.IO:
		return codeUnavailable
	default:
		return codeFailed
	}
}
