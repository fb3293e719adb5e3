package trust

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	header         = "bevis-trust 1"
	maxPolicyBytes = 4 << 20
	maxQuorum      = 100
)

// Policy is a trust policy that was read from a text file. It is immutable and
// safe for concurrent use.
type Policy struct {
	Entries []Entry
	Logs    []Log // transparency logs, which vouch for nobody
	// Quorum is how many sources that do not depend on each other must vouch
	// for an issuer; 0 is as 1.
	Quorum int
	// StatusAge is how old a status may be where an entry does not say
	// otherwise, 0: not said.
	StatusAge time.Duration

	lines []string            // the text, with its comments
	lists map[string]document // what the entries hold, by digest
}

// Entry is one block: an issuer, or a source whose word about issuers is taken.
type Entry struct {
	Kind Kind // empty: KindIssuer
	// Issuer is whom or what the block is about: the id of an issuer, of whose
	// list it is, or of an accreditor; a domain; the address or name of a
	// registry.
	Issuer string
	Name   string // verified by whoever keeps the policy
	// Successor is who continues the issuer, for KindSuccession. Keys are then
	// those of the issuer that is continued.
	Successor string
	Types     []string
	Since     time.Time
	Until     time.Time
	Note      string
	// StatusAge is how old a status may be that speaks of a credential by whom
	// this vouches for, 0: as the policy says.
	StatusAge time.Duration
	// Withdrawn and Suspended are from when the issuer is trusted no more, for
	// good or until further notice. Zero: it is. For KindIssuer.
	Withdrawn time.Time
	Suspended time.Time
	Keys      map[string]key.Public // by verification method; not for KindDomain and KindRegistry
	// URLs are where the newest list is had, for KindList, and for
	// KindAccreditor also those of whom it accredits.
	URLs   []string
	Depth  int    // how many accreditors may stand below a KindAccreditor
	Held   []Held // the lists or the registry that were taken in
	Source string // file and line

	first, last int // lines in the text, counted from 0, last exclusive
}

// Held is a list or a registry that was found sound and taken in. Its bytes
// are kept beside the policy, under their digest.
type Held struct {
	SHA256  string    // hexadecimal
	Issued  time.Time // the beginning of the list; when a registry was imported
	Checked time.Time // when signature and status of the list were checked last; zero for a registry
	By      string    // who issued the list; empty for a registry
}

// source says where a block stands, for people: "trust.txt line 4".
func source(file string, line int) string { return fmt.Sprintf("%s line %d", file, line) }

// SplitSource parts what Entry.Source and Voucher.Source hold into the file and
// its line, which is 0 where the text is of another kind.
func SplitSource(text string) (file string, line int) {
	at := strings.LastIndex(text, " line ")
	if at < 0 {
		return text, 0
	}
	line, err := strconv.Atoi(text[at+len(" line "):])
	if err != nil || source(text[:at], line) != text {
		return text, 0
	}
	return text[:at], line
}

// Empty returns a policy that trusts nobody.
func Empty() *Policy { return &Policy{lines: []string{header}} }

// block takes in the indented lines below the one that began it.
type block interface {
	set(word, rest string) error
	end(line int)
}

// Parse reads a policy. Name stands for it in messages, such as a file's name.
// Errors carry malformed/trust-policy and the line.
func Parse(text []byte, name string) (*Policy, error) {
	if len(text) > maxPolicyBytes {
		return nil, reason.New(reason.LimitSize, name, "trust policy of more than %d bytes", maxPolicyBytes)
	}
	p := &Policy{}
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, maxPolicyBytes)
	fail := func(format string, args ...any) (*Policy, error) {
		return nil, reason.New("malformed/trust-policy", fmt.Sprintf("%s:%d", name, len(p.lines)), format, args...)
	}
	started := false
	var open block
	for scanner.Scan() {
		raw := strings.TrimRight(scanner.Text(), " \t\r")
		p.lines = append(p.lines, raw)
		line := strings.TrimSpace(raw)
		if line == "" || line[0] == '#' {
			continue
		}
		if !started {
			if line != header {
				return fail("a trust policy begins with the line %q", header)
			}
			started = true
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		switch indented := raw[0] == ' ' || raw[0] == '\t'; {
		case indented && open == nil:
			return fail("an indented line that belongs to no block, as before the first issuer")
		case indented:
			if err := open.set(word, rest); err != nil {
				return fail("%w", err)
			}
		case word == "quorum" || word == "status-age":
			open = nil
			if err := p.set(word, rest); err != nil {
				return fail("%w", err)
			}
			continue
		default:
			var err error
			if open, err = p.begin(word, rest, source(name, len(p.lines))); err != nil {
				return fail("%w", err)
			}
		}
		open.end(len(p.lines))
	}
	if err := scanner.Err(); err != nil {
		return fail("%w", err)
	}
	if !started {
		return fail("a trust policy begins with the line %q", header)
	}
	if err := p.checkLogs(); err != nil {
		return fail("%w", err)
	}
	return p, nil
}

// begin begins the block of the line that was read last.
func (p *Policy) begin(word, rest, source string) (block, error) {
	if word == "log" {
		l, err := newLog(rest)
		l.first, l.Source = len(p.lines)-1, source
		p.Logs = append(p.Logs, l)
		return &p.Logs[len(p.Logs)-1], err
	}
	e, err := newEntry(word, rest)
	e.first, e.Source = len(p.lines)-1, source
	p.Entries = append(p.Entries, e)
	return &p.Entries[len(p.Entries)-1], err
}

// set takes in a line that is about the whole policy.
func (p *Policy) set(word, rest string) error {
	if word == "status-age" {
		if p.StatusAge != 0 {
			return fmt.Errorf("%q stands twice for the whole policy", word)
		}
		age, err := ParseAge(rest)
		p.StatusAge = age
		return err
	}
	n, err := strconv.Atoi(rest)
	switch {
	case p.Quorum != 0:
		return fmt.Errorf("%q stands twice", word)
	case err != nil || n < 1 || n > maxQuorum || strconv.Itoa(n) != rest:
		return fmt.Errorf("quorum is a number from 1 to %d", maxQuorum)
	}
	p.Quorum = n
	return nil
}

// Text returns the policy as text, comments included.
func (p *Policy) Text() []byte { return []byte(strings.Join(p.lines, "\n") + "\n") }

// Add returns the policy with a block for e behind the others. A block about
// the same is a conflict; a value that would be read as something else, such
// as a name with a line break, is refused (usage).
func (p *Policy) Add(e Entry, source string) (*Policy, error) {
	e.Kind = e.kind()
	if n := slices.IndexFunc(p.Entries, func(o Entry) bool { return o.Kind == e.Kind && o.Issuer == e.Issuer }); n >= 0 {
		return nil, reason.New("conflict/trusted", e.Issuer, "the %s is in the trust policy already: %s", e.Kind, p.Entries[n].Source)
	}
	e.Name, e.Note = strings.TrimSpace(e.Name), strings.TrimSpace(e.Note)
	block, err := e.block()
	if err != nil {
		return nil, err
	}
	lines := append(slices.Clone(p.lines), "")
	out, err := p.read(append(lines, block...), source)
	if err != nil {
		return nil, err
	}
	if len(out.Entries) != len(p.Entries)+1 || len(out.Logs) != len(p.Logs) || out.Quorum != p.Quorum || out.StatusAge != p.StatusAge || !out.Entries[len(p.Entries)].same(e) {
		return nil, reason.New(reason.Usage, e.Issuer, "a value holds a line break or white space where none can be")
	}
	return out, nil
}

// read parses lines of an edited policy, which holds what p holds.
func (p *Policy) read(lines []string, source string) (*Policy, error) {
	out, err := Parse([]byte(strings.Join(lines, "\n")+"\n"), source)
	if err == nil {
		out.lists = p.lists
	}
	return out, err
}

// Remove returns the policy without the blocks about an issuer, a domain, a log,
// or a registry, which is also found by its name; not_found when there are none.
// Comments directly above a block go with it, unless they are indented: those
// belong to the block before.
func (p *Policy) Remove(issuer, source string) (*Policy, error) {
	gone := make([]bool, len(p.lines))
	found := false
	remove := func(first, last int) {
		found = true
		for first > 0 && !gone[first-1] && strings.HasPrefix(p.lines[first-1], "#") {
			first--
		}
		for i := first; i < last; i++ {
			gone[i] = true
		}
	}
	for _, e := range p.Entries {
		if e.Issuer == issuer || e.Kind == KindRegistry && e.Name == issuer && issuer != "" {
			remove(e.first, e.last)
		}
	}
	for _, l := range p.Logs {
		if l.Key.Name == issuer {
			remove(l.first, l.last)
		}
	}
	if !found {
		return nil, reason.New(reason.NotFound, issuer, "the issuer is not in the trust policy")
	}
	var lines []string
	for i, line := range p.lines {
		if !gone[i] {
			lines = append(lines, line)
		}
	}
	return p.read(lines, source)
}

// hold returns the policy with what entry i holds replaced. Every other line
// stays as it is.
func (p *Policy) hold(i int, held []Held, source string) (*Policy, error) {
	e := p.Entries[i]
	lines := slices.Clone(p.lines[:e.first])
	at := -1
	for _, line := range p.lines[e.first:e.last] {
		if word, _, _ := strings.Cut(strings.TrimSpace(line), " "); word == "held" {
			if at < 0 {
				at = len(lines)
			}
			continue
		}
		lines = append(lines, line)
	}
	if at < 0 {
		at = len(lines)
	}
	var block []string
	for _, h := range held {
		block = append(block, "  held "+h.line())
	}
	return p.read(append(slices.Insert(lines, at, block...), p.lines[e.last:]...), source)
}
