package trust

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

// DefaultLogWithin is how long after its signature a credential has to be in a
// log, where a policy does not say.
const DefaultLogWithin = 7 * 24 * time.Hour

const maxSeen = 1000 // checkpoints in one block

// Log is a transparency log that the party knows. It vouches for nobody: it
// shows that what an issuer signs is not signed in secret, or later than it says.
type Log struct {
	Key logproof.Key
	// Issuers are whose credentials stand in it; none: anybody's may.
	Issuers []string
	// Required says that a credential of these issuers counts only with a proof
	// that it stands in this log, or in another that is theirs.
	Required bool
	// Within is how long after its signature a credential may come into the log,
	// 0 for DefaultLogWithin.
	Within time.Duration
	// Witnesses are who else has to have signed a checkpoint, any one of them;
	// none: nobody.
	Witnesses []logproof.Key
	// Seen are checkpoints that the party saw, and when.
	Seen   []Seen
	Source string // file and line

	first, last int
}

// Seen is a checkpoint of a log as the party saw it. What stands behind Size in
// the log was not there then.
type Seen struct {
	At   time.Time
	Size int64
	Root logproof.Hash
}

// LogsOf returns the logs in which credentials of an issuer may stand, and
// reports whether they have to. Where a log names the issuer, those that name
// nobody do not count: what is secret in one could be in the other.
func (p *Policy) LogsOf(issuer string) (logs []Log, required bool) {
	var anybody []Log
	for _, l := range p.Logs {
		switch {
		case slices.Contains(l.Issuers, issuer):
			logs, required = append(logs, l), required || l.Required
		case len(l.Issuers) == 0:
			anybody = append(anybody, l)
		}
	}
	if len(logs) == 0 {
		logs = anybody
	}
	return logs, required
}

func newLog(rest string) (Log, error) {
	k, err := logproof.ParseKey(rest)
	if err == nil && k.Witness() {
		err = fmt.Errorf("this is the key of a witness, not that of a log")
	}
	return Log{Key: k}, err
}

// set takes in a line of the block.
func (l *Log) set(word, rest string) (err error) {
	if (rest == "") != (word == "required") {
		return fmt.Errorf("%q in the block of a log says too much or nothing", word)
	}
	switch word {
	case "issuer":
		if strings.ContainsAny(rest, " \t") || !strings.Contains(rest, ":") || slices.Contains(l.Issuers, rest) {
			return fmt.Errorf("expected \"issuer\" and the id of an issuer, each once")
		}
		l.Issuers = append(l.Issuers, rest)
	case "required":
		l.Required = true
	case "within":
		if l.Within != 0 {
			return fmt.Errorf("%q stands twice", word)
		}
		l.Within, err = ParseAge(rest)
	case "witness":
		k, err := logproof.ParseKey(rest)
		if err != nil || !k.Witness() {
			return fmt.Errorf("expected \"witness\" and the key of one, for cosignatures in Ed25519")
		}
		l.Witnesses = append(l.Witnesses, k)
	case "seen":
		return l.addSeen(strings.Fields(rest))
	default:
		return fmt.Errorf("unknown word %q: known in the block of a log are issuer, required, within, witness and seen", word)
	}
	return err
}

func (l *Log) end(line int) { l.last = line }

func (l *Log) addSeen(fields []string) (err error) {
	if len(fields) != 3 || len(l.Seen) == maxSeen {
		return fmt.Errorf("expected \"seen\", a time, a number of entries and a root hash, at most %d times", maxSeen)
	}
	var s Seen
	if s.At, err = credential.ParseTime(fields[0]); err != nil {
		return err
	}
	if s.Size, err = strconv.ParseInt(fields[1], 10, 64); err != nil || s.Size < 0 || strconv.FormatInt(s.Size, 10) != fields[1] {
		return fmt.Errorf("%.30q is no number of entries", fields[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(fields[2])
	if err != nil || len(root) != len(s.Root) {
		return fmt.Errorf("%.60q is no root hash", fields[2])
	}
	copy(s.Root[:], root)
	l.Seen = append(l.Seen, s)
	return nil
}

func (s Seen) line() string {
	return "  seen " + credential.FormatTime(s.At) + " " + strconv.FormatInt(s.Size, 10) + " " + base64.StdEncoding.EncodeToString(s.Root[:])
}

// checkLogs refuses what no single line shows to be wrong.
func (p *Policy) checkLogs() error {
	for i, l := range p.Logs {
		if l.Required && len(l.Issuers) == 0 {
			return fmt.Errorf("the log %s is required, and no line says of which issuer", l.Key.Name)
		}
		if slices.ContainsFunc(p.Logs[:i], func(o Log) bool { return o.Key.String() == l.Key.String() }) {
			return fmt.Errorf("the log %s has two blocks with one key", l.Key.Name)
		}
	}
	return nil
}

// AddLog returns the policy with a block for a log behind the others. A log
// that is there with this key is a conflict.
func (p *Policy) AddLog(l Log, source string) (*Policy, error) {
	if slices.ContainsFunc(p.Logs, func(o Log) bool { return o.Key.String() == l.Key.String() }) {
		return nil, reason.New("conflict/trusted", l.Key.Name, "the log is in the trust policy already")
	}
	lines := append(slices.Clone(p.lines), "", "log "+l.Key.String())
	for _, id := range l.Issuers {
		lines = append(lines, "  issuer "+id)
	}
	if l.Required {
		lines = append(lines, "  required")
	}
	if l.Within != 0 {
		lines = append(lines, "  within "+FormatAge(l.Within))
	}
	for _, w := range l.Witnesses {
		lines = append(lines, "  witness "+w.String())
	}
	for _, s := range l.Seen {
		lines = append(lines, s.line())
	}
	out, err := p.read(lines, source)
	if err != nil {
		return nil, err
	}
	if len(out.Logs) != len(p.Logs)+1 || len(out.Entries) != len(p.Entries) || !slices.Equal(out.Logs[len(p.Logs)].Issuers, l.Issuers) {
		return nil, reason.New(reason.Usage, l.Key.Name, "a value holds a line break or white space where none can be")
	}
	return out, nil
}

// See returns the policy with a checkpoint that was seen in the block of its
// log. The caller has checked its signature, and that it continues those before.
// A log that is not there is not_found.
func (p *Policy) See(key logproof.Key, s Seen, source string) (*Policy, error) {
	i := slices.IndexFunc(p.Logs, func(l Log) bool { return l.Key.String() == key.String() })
	if i < 0 {
		return nil, reason.New(reason.NotFound, key.Name, "the log is not in the trust policy")
	}
	for _, o := range p.Logs[i].Seen {
		if o.Size == s.Size && o.Root == s.Root { // what was known earlier says more
			return p, nil
		}
	}
	return p.read(slices.Insert(slices.Clone(p.lines), p.Logs[i].last, s.line()), source)
}
