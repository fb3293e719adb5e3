package trust

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
)

const (
	maxDepth = 5    // accreditors below the policy's own
	maxHeld  = 1000 // lists in one block
)

// words are those that a block of each kind may hold.
func words(k Kind) []string {
	common := []string{"name", "types", "since", "until", "status-age", "note"}
	switch k {
	case KindIssuer:
		return append(common, "key", "withdrawn", "suspended")
	case KindList:
		return append(common, "key", "url", "held")
	case KindAccreditor:
		return append(common, "key", "url", "depth", "held")
	case KindRegistry:
		return append(common, "held")
	case KindSuccession:
		return []string{"successor", "since", "until", "key", "held", "note"}
	}
	return common
}

// newEntry reads the line that begins a block.
func newEntry(word, rest string) (Entry, error) {
	e := Entry{Kind: Kind(word), Issuer: rest}
	bare := rest == "" || strings.ContainsAny(rest, " \t")
	switch e.Kind {
	case KindIssuer, KindList, KindAccreditor, KindSuccession:
		if bare || !strings.Contains(rest, ":") {
			return e, fmt.Errorf("expected %q and the id of an issuer", word)
		}
	case KindDomain:
		if err := checkDomain(rest); err != nil {
			return e, err
		}
	case KindRegistry:
		if bare {
			return e, fmt.Errorf("expected \"registry\" and the address or name of its file, without spaces")
		}
	default:
		return e, fmt.Errorf("expected \"issuer\", \"domain\", \"registry\", \"list\", \"accreditor\", \"succession\", \"log\", \"quorum\" or \"status-age\", not %.40q", word)
	}
	return e, nil
}

func (e *Entry) end(line int) { e.last = line }

func (e *Entry) kind() Kind {
	if e.Kind == "" {
		return KindIssuer
	}
	return e.Kind
}

// set takes in a line of the block. A second line must not quietly take the
// place of the first.
func (e *Entry) set(word, rest string) (err error) {
	known := words(e.kind())
	switch {
	case !slices.Contains(known, word):
		last := len(known) - 1
		return fmt.Errorf("unknown word %q: known are %s and %s", word, strings.Join(known[:last], ", "), known[last])
	case rest == "":
		return fmt.Errorf("%q says nothing", word)
	}
	twice := map[string]bool{
		"name": e.Name != "", "note": e.Note != "", "types": e.Types != nil, "since": !e.Since.IsZero(), "until": !e.Until.IsZero(),
		"status-age": e.StatusAge != 0, "withdrawn": !e.Withdrawn.IsZero(), "suspended": !e.Suspended.IsZero(), "url": len(e.URLs) > 0 && e.Kind != KindAccreditor,
		"successor": e.Successor != "", "depth": e.Depth != 0, "held": len(e.Held) > 0 && e.Kind != KindAccreditor,
	}
	if twice[word] {
		return fmt.Errorf("%q stands twice", word)
	}
	switch word {
	case "name":
		e.Name = rest
	case "note":
		e.Note = rest
	case "successor":
		if e.Successor = rest; !plainID(rest) || rest == e.Issuer {
			err = fmt.Errorf("%.120q is no id of another issuer", rest)
		}
	case "types":
		e.Types = strings.Fields(rest)
	case "since":
		e.Since, err = credential.ParseTime(rest)
	case "until":
		e.Until, err = credential.ParseTime(rest)
	case "withdrawn":
		e.Withdrawn, err = credential.ParseTime(rest)
	case "suspended":
		e.Suspended, err = credential.ParseTime(rest)
	case "status-age":
		e.StatusAge, err = ParseAge(rest)
	case "url":
		e.URLs, err = append(e.URLs, rest), checkURL(rest)
	case "depth":
		e.Depth, err = parseDepth(rest)
	case "held":
		err = e.addHeld(strings.Fields(rest))
	case "key":
		err = e.addKey(rest)
	}
	return err
}

// checkURL refuses an address that update could not fetch from.
func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(s, " \t") {
		return fmt.Errorf("%.120q is no https address", s)
	}
	return nil
}

// parseDepth reads 1 and up: that nobody may stand below is said by no line.
func parseDepth(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxDepth || strconv.Itoa(n) != s {
		return 0, fmt.Errorf("depth is a number from 1 to %d", maxDepth)
	}
	return n, nil
}

func (e *Entry) addKey(rest string) error {
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
	return nil
}

// addHeld reads "SHA256 IMPORTED" of a registry, "SHA256 ISSUED CHECKED BY" of
// a list.
func (e *Entry) addHeld(fields []string) (err error) {
	want := 4
	if e.Kind == KindRegistry || e.Kind == KindSuccession {
		want = 2
	}
	if len(fields) != want || len(fields[0]) != 64 || strings.Trim(fields[0], "0123456789abcdef") != "" {
		return fmt.Errorf("\"held\" is written by import and update: a SHA-256 in small hexadecimal, and %d words more", want-1)
	}
	h := Held{SHA256: fields[0]}
	if h.Issued, err = credential.ParseTime(fields[1]); err != nil {
		return err
	}
	if want == 4 {
		if h.Checked, err = credential.ParseTime(fields[2]); err != nil {
			return err
		}
		h.By = fields[3]
	}
	switch {
	case len(e.Held) == maxHeld:
		return fmt.Errorf("more than %d lists are held", maxHeld)
	case e.Kind == KindList && h.By != e.Issuer:
		return fmt.Errorf("the list that is held is by %.200s, not by %s", h.By, e.Issuer)
	case slices.ContainsFunc(e.Held, func(o Held) bool { return o.By == h.By }):
		return fmt.Errorf("two lists by %.200s are held", h.By)
	}
	e.Held = append(e.Held, h)
	return nil
}

func (h Held) line() string {
	if h.By == "" {
		return h.SHA256 + " " + credential.FormatTime(h.Issued)
	}
	return h.SHA256 + " " + credential.FormatTime(h.Issued) + " " + credential.FormatTime(h.Checked) + " " + h.By
}

// block writes an entry, one fact a line, in a fixed order.
func (e Entry) block() ([]string, error) {
	lines := []string{string(e.kind()) + " " + e.Issuer}
	add := func(word, rest string) {
		if rest != "" {
			lines = append(lines, "  "+word+" "+rest)
		}
	}
	addTime := func(word string, t time.Time) {
		if !t.IsZero() {
			add(word, credential.FormatTime(t))
		}
	}
	add("successor", e.Successor)
	add("name", e.Name)
	add("types", strings.Join(e.Types, " "))
	addTime("since", e.Since)
	addTime("until", e.Until)
	addTime("withdrawn", e.Withdrawn)
	addTime("suspended", e.Suspended)
	if e.StatusAge != 0 {
		add("status-age", FormatAge(e.StatusAge))
	}
	if e.Depth != 0 {
		add("depth", strconv.Itoa(e.Depth))
	}
	for _, method := range slices.Sorted(maps.Keys(e.Keys)) {
		text, err := e.Keys[method].Multikey()
		if err != nil {
			return nil, err
		}
		add("key", method+" "+text)
	}
	for _, address := range e.URLs {
		add("url", address)
	}
	for _, h := range e.Held {
		add("held", h.line())
	}
	add("note", e.Note)
	return lines, nil
}

// same reports whether two entries say the same, times to the second.
func (e Entry) same(o Entry) bool {
	times := func(e Entry) [4]int64 {
		return [4]int64{e.Since.Unix(), e.Until.Unix(), e.Withdrawn.Unix(), e.Suspended.Unix()}
	}
	return e.kind() == o.kind() && e.Issuer == o.Issuer && e.Successor == o.Successor && e.Name == o.Name && e.Note == o.Note && slices.Equal(e.Types, o.Types) &&
		times(e) == times(o) && e.StatusAge == o.StatusAge && slices.Equal(e.URLs, o.URLs) && e.Depth == o.Depth &&
		maps.EqualFunc(e.Keys, o.Keys, key.Public.Equal) && slices.EqualFunc(e.Held, o.Held, func(a, b Held) bool { return a.line() == b.line() })
}
