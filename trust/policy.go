package trust

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	header         = "bevis-trust 1"
	maxPolicyBytes = 4 << 20
)

// Policy is a trust policy that was read from a text file.
type Policy struct {
	Entries []Entry
	lines   []string // the text, with its comments
}

// Entry is the block of one issuer.
type Entry struct {
	Issuer string
	Name   string // verified by whoever keeps the policy
	Types  []string
	Since  time.Time
	Until  time.Time
	Keys   map[string]key.Public // by verification method
	Note   string
	Source string // file and line

	first, last int // lines in the text, counted from 0, last exclusive
}

// Empty returns a policy that trusts nobody.
func Empty() *Policy { return &Policy{lines: []string{header}} }

// Parse reads a policy. Source names it in messages, such as a file's name.
// Errors carry malformed/trust-policy and the line.
func Parse(text []byte, source string) (*Policy, error) {
	if len(text) > maxPolicyBytes {
		return nil, reason.New(reason.LimitSize, source, "trust policy of more than %d bytes", maxPolicyBytes)
	}
	p := &Policy{}
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, maxPolicyBytes)
	fail := func(format string, args ...any) (*Policy, error) {
		return nil, reason.New("malformed/trust-policy", fmt.Sprintf("%s:%d", source, len(p.lines)), format, args...)
	}
	started := false
	var open *Entry
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
		indented := raw[0] == ' ' || raw[0] == '\t'
		if !indented {
			if word != "issuer" || rest == "" || strings.ContainsAny(rest, " \t") || !strings.Contains(rest, ":") {
				return fail("expected \"issuer\" and the id of an issuer")
			}
			p.Entries = append(p.Entries, Entry{Issuer: rest, first: len(p.lines) - 1, Source: fmt.Sprintf("%s line %d", source, len(p.lines))})
			open = &p.Entries[len(p.Entries)-1]
		} else {
			if open == nil {
				return fail("an indented line before the first issuer")
			}
			if err := open.set(word, rest); err != nil {
				return fail("%w", err)
			}
		}
		open.last = len(p.lines)
	}
	if err := scanner.Err(); err != nil {
		return fail("%w", err)
	}
	if !started {
		return fail("a trust policy begins with the line %q", header)
	}
	return p, nil
}

func (e *Entry) set(word, rest string) (err error) {
	if rest == "" {
		return fmt.Errorf("%q says nothing", word)
	}
	// A second line must not quietly take the place of the first.
	if twice := map[string]bool{
		"name": e.Name != "", "note": e.Note != "", "types": e.Types != nil, "since": !e.Since.IsZero(), "until": !e.Until.IsZero(),
	}; twice[word] {
		return fmt.Errorf("%q stands twice", word)
	}
	switch word {
	case "name":
		e.Name = rest
	case "note":
		e.Note = rest
	case "types":
		e.Types = strings.Fields(rest)
	case "since":
		e.Since, err = credential.ParseTime(rest)
	case "until":
		e.Until, err = credential.ParseTime(rest)
	case "key":
		method, text, _ := strings.Cut(rest, " ")
		public, err := key.ParseMultikey(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("the pinned key: %w", err)
		}
		if _, twice := e.Keys[method]; twice {
			return fmt.Errorf("two keys for %s", method)
		}
		if e.Keys == nil {
			e.Keys = map[string]key.Public{}
		}
		e.Keys[method] = public
	default:
		return fmt.Errorf("unknown word %q: known are name, types, since, until, key and note", word)
	}
	return err
}

// Text returns the policy as text, comments included.
func (p *Policy) Text() []byte { return []byte(strings.Join(p.lines, "\n") + "\n") }

// Add returns the policy with a block for e behind the others. An issuer that
// has a block already is a conflict; a value that would be read as something
// else, such as a name with a line break, is refused (usage).
func (p *Policy) Add(e Entry, source string) (*Policy, error) {
	if slices.ContainsFunc(p.Entries, func(o Entry) bool { return o.Issuer == e.Issuer }) {
		return nil, reason.New(reason.Conflict, e.Issuer, "the issuer is in the trust policy already")
	}
	e.Name, e.Note = strings.TrimSpace(e.Name), strings.TrimSpace(e.Note)
	lines := append(slices.Clone(p.lines), "", "issuer "+e.Issuer)
	add := func(word, rest string) {
		if rest != "" {
			lines = append(lines, "  "+word+" "+rest)
		}
	}
	add("name", e.Name)
	add("types", strings.Join(e.Types, " "))
	if !e.Since.IsZero() {
		add("since", credential.FormatTime(e.Since))
	}
	if !e.Until.IsZero() {
		add("until", credential.FormatTime(e.Until))
	}
	for _, method := range slices.Sorted(maps.Keys(e.Keys)) {
		text, err := e.Keys[method].Multikey()
		if err != nil {
			return nil, err
		}
		add("key", method+" "+text)
	}
	add("note", e.Note)
	out, err := Parse([]byte(strings.Join(lines, "\n")+"\n"), source)
	if err != nil {
		return nil, err
	}
	if len(out.Entries) != len(p.Entries)+1 || !out.Entries[len(p.Entries)].same(e) {
		return nil, reason.New(reason.Usage, e.Issuer, "a value holds a line break or white space where none can be")
	}
	return out, nil
}

// same reports whether two entries say the same, times to the second.
func (e Entry) same(o Entry) bool {
	return e.Issuer == o.Issuer && e.Name == o.Name && e.Note == o.Note && slices.Equal(e.Types, o.Types) &&
		e.Since.Unix() == o.Since.Unix() && e.Until.Unix() == o.Until.Unix() && maps.EqualFunc(e.Keys, o.Keys, key.Public.Equal)
}

// Remove returns the policy without the issuer's blocks; not_found when there
// are none. Comments directly above a block go with it, unless they are
// indented: those belong to the block before.
func (p *Policy) Remove(issuer, source string) (*Policy, error) {
	var lines []string
	next := 0
	found := false
	for _, e := range p.Entries {
		if e.Issuer != issuer {
			continue
		}
		found = true
		first := e.first
		for first > next && strings.HasPrefix(p.lines[first-1], "#") {
			first--
		}
		lines = append(lines, p.lines[next:first]...)
		next = e.last
	}
	if !found {
		return nil, reason.New(reason.NotFound, issuer, "the issuer is not in the trust policy")
	}
	lines = append(lines, p.lines[next:]...)
	return Parse([]byte(strings.Join(lines, "\n")+"\n"), source)
}
