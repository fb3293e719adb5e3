package wallet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"sync"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const maxLine = 4 << 20

// splitLog reads the log and checks that it is one chain from the wallet's
// id to the head. Since a line holds the digest of the one before and not of
// more, the lines are read in several parts at once.
func splitLog(log []byte, wallet, head string) ([][]byte, []event, error) {
	lines := make([][]byte, 0, len(log)/2048) // about as many as there are
	for len(log) > 0 {
		line, rest, ok := bytes.Cut(log, []byte{'\n'})
		log = rest
		if !ok || len(lines) >= maxEvents {
			return nil, nil, corrupt("the log has no end")
		}
		lines = append(lines, line)
	}
	events := make([]event, len(lines))
	failed := make([]error, len(lines))
	inParts(len(lines), func(from, to int) {
		prev := sha([]byte(wallet))
		if from > 0 {
			prev = sha(lines[from-1])
		}
		s := newSkimmer(lines[from:to]...)
		for n := from; n < to; n++ {
			if events[n], failed[n] = s.readLine(lines[n], n+1, prev); failed[n] != nil {
				return
			}
			sum := sha256.Sum256(lines[n])
			prev = hex.EncodeToString(sum[:])
		}
	})
	for _, err := range failed {
		if err != nil {
			return nil, nil, err // the first, since what follows a bad line in its part is not read
		}
	}
	last := sha([]byte(wallet))
	if len(lines) > 0 {
		last = sha(lines[len(lines)-1])
	}
	if last != head {
		return nil, nil, corrupt("the log does not end where the manifest says")
	}
	return lines, events, nil
}

// readLine reads line n, counted from one, and checks that it follows prev.
func (s *skimmer) readLine(line []byte, n int, prev string) (event, error) {
	e, err := s.event(line)
	if err != nil {
		return event{}, corrupt("line %d of the log cannot be read", n)
	}
	if e.Prev != prev || e.N != uint64(n) || e.Op == "" {
		return event{}, corrupt("line %d of the log does not follow from the one before", n)
	}
	return e, nil
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
