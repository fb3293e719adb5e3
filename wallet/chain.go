package wallet

import (
	"bytes"
	"runtime"
	"sync"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const maxLine = 4 << 20

// splitLog reads the log and checks that it is one chain from the wallet's
// id to the head.
func splitLog(log []byte, wallet, head string) ([][]byte, []event, error) {
	pieces := inPieces(log)
	stretches := make([]stretch, len(pieces))
	each(len(pieces), func(p int) { stretches[p] = readStretch(pieces[p]) })
	return chain(stretches, wallet, head)
}

// inPieces cuts a log at ends of lines into pieces that are worth reading at the
// same time.
func inPieces(log []byte) (pieces [][]byte) {
	for len(log) > frameSize {
		end := bytes.IndexByte(log[frameSize:], '\n')
		if end < 0 {
			break
		}
		pieces, log = append(pieces, log[:frameSize+end+1]), log[frameSize+end+1:]
	}
	return append(pieces, log)
}

// stretch is what stands in some part of a log. Since a line holds the digest of
// the one before and not of more, all but its beginning can be checked by itself.
type stretch struct {
	lines  [][]byte
	events []event
	head   string // digest of the last line
	// wrong is what is wrong with the line behind the last one that is here; what
	// follows is not read.
	wrong string
}

const (
	cannotBeRead  = "cannot be read"
	doesNotFollow = "does not follow from the one before"
)

// readStretch reads whole lines.
func readStretch(text []byte) stretch {
	n := min(bytes.Count(text, []byte{'\n'}), len(text)/64+1) // real lines are longer
	s := stretch{lines: make([][]byte, 0, n), events: make([]event, 0, n)}
	skim := newSkimmer()
	for len(text) > 0 {
		line, rest, ok := bytes.Cut(text, []byte{'\n'})
		e, err := skim.event(line)
		switch {
		case !ok || err != nil:
			s.wrong = cannotBeRead
		case e.Op == "" || len(s.lines) > 0 && !e.follows(s.head, s.events[len(s.events)-1].N):
			s.wrong = doesNotFollow
		}
		if s.wrong != "" {
			return s
		}
		s.lines, s.events, s.head = append(s.lines, line), append(s.events, e), sha(line)
		text = rest
	}
	return s
}

// follows reports whether an event stands behind the n-th line, of that digest.
func (e *event) follows(digest string, n uint64) bool { return e.Prev == digest && e.N == n+1 }

// chain puts stretches one behind the other and checks that they are one chain
// from the wallet's id to the head.
func chain(stretches []stretch, wallet, head string) ([][]byte, []event, error) {
	total := 0
	for _, s := range stretches {
		total += len(s.lines)
	}
	lines, events, last := make([][]byte, 0, total), make([]event, 0, total), sha([]byte(wallet))
	for _, s := range stretches {
		n := uint64(len(lines))
		if len(s.events) > 0 && !s.events[0].follows(last, n) {
			return nil, nil, corrupt("line %d of the log %s", n+1, doesNotFollow)
		}
		if s.wrong != "" {
			return nil, nil, corrupt("line %d of the log %s", n+uint64(len(s.lines))+1, s.wrong)
		}
		if len(s.lines) > 0 {
			lines, events, last = append(lines, s.lines...), append(events, s.events...), s.head
		}
	}
	if total > maxEvents {
		return nil, nil, corrupt("the log has no end")
	}
	if last != head {
		return nil, nil, corrupt("the log does not end where the manifest says")
	}
	return lines, events, nil
}

// event returns the event of a line, whatever its place.
func (s *skimmer) event(line []byte) (event, error) {
	e, ok := s.read(line)
	if ok {
		return e, nil
	}
	doc, err := strictjson.ParseObject(line, strictjson.Limits{MaxBytes: maxLine})
	if err != nil {
		return event{}, err
	}
	if e, ok = readEvent(doc); !ok {
		return event{}, reason.New(reason.Internal, "", "a member of a %.40q is of another kind", e.Op)
	}
	return e, nil
}

// inParts has work done from 0 to n, in one part for each processor.
func inParts(n int, work func(from, to int)) {
	parts := min(runtime.GOMAXPROCS(0), (n+255)/256) // fewer than 256 are not worth it
	var wait sync.WaitGroup
	for p := range parts {
		wait.Go(func() { work(n*p/parts, n*(p+1)/parts) })
	}
	wait.Wait()
}

// ownMemory gives all lines but those of credentials memory of their own, and
// clears where they were: a credential that was handed out keeps the log in
// memory in which it stands, and must not keep the holder's keys there.
func ownMemory(lines [][]byte, events []event) {
	for n, line := range lines {
		if events[n].quoted == nil {
			lines[n] = bytes.Clone(line)
			clear(line)
		}
	}
}

// replay reads lines as they will be read from the file.
func replay(lines [][]byte, wallet string) (*state, error) {
	head := sha([]byte(wallet))
	if len(lines) > 0 {
		head = sha(lines[len(lines)-1])
	}
	lines, events, err := splitLog(joined(lines), wallet, head)
	ownMemory(lines, events)
	prepare(events, described{})
	return fold(&state{}, events), err
}
