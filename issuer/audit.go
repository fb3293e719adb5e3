package issuer

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// AuditLog is a ledger that can tell who did what, when and why. Each line has
// the digest of the one before it in its own, so that whoever keeps one digest
// sees when a line up to it is changed, added or taken out.
type AuditLog interface {
	// Log adds a line about something that does not change the ledger.
	Log(ctx context.Context, e Event) error
	// Lines calls f with every line after the first n, in order, until f
	// fails.
	Lines(ctx context.Context, n int64, f func(Line) error) error
}

// Event is something that was done.
type Event struct {
	At         time.Time
	Actor      string // who, empty if nobody said
	Action     string // such as "issue", "set revocation", "erase"
	Credential string // id, empty if it is not about one
	Why        string
}

// Line is an event in the audit log.
type Line struct {
	N          int64  `json:"n"` // from 1
	At         string `json:"at"`
	Actor      string `json:"actor"`
	Action     string `json:"action"`
	Credential string `json:"credential"`
	Why        string `json:"why"`
	// Salt and the digest of both stand in the chain in place of Why, so that
	// Why can be erased, with the salt without which nobody can try out what it
	// was.
	Salt      string `json:"salt"`
	WhyDigest string `json:"whyDigest"`
	Erased    bool   `json:"erased,omitempty"`
	Hash      string `json:"hash"` // of this line and the hash before it
}

// NewLine returns the line of an event, which has no place in the chain yet.
func NewLine(e Event) (Line, error) {
	var salt [16]byte
	if _, err := rand.Read(salt[:]); err != nil {
		return Line{}, reason.Wrap(reason.Internal, "", err)
	}
	l := Line{At: e.At.UTC().Format(time.RFC3339Nano), Actor: e.Actor, Action: e.Action, Credential: e.Credential, Why: e.Why, Salt: hex.EncodeToString(salt[:])}
	l.WhyDigest = digestOf(l.Salt, l.Why)
	return l, nil
}

// Chain puts a line after another, whose number and hash are given: 0 and ""
// for the first.
func (l Line) Chain(n int64, hash string) Line {
	l.N = n + 1
	l.Hash = l.hash(hash)
	return l
}

// Erase takes out of a line why it was done.
func (l Line) Erase() Line {
	l.Why, l.Salt, l.Erased = "", "", true
	return l
}

func (l Line) hash(before string) string {
	return digestOf("bevis audit line", before, strconv.FormatInt(l.N, 10), l.At, l.Actor, l.Action, l.Credential, l.WhyDigest)
}

// digestOf returns the SHA-256 of texts, each with its length in bytes and a
// colon before it.
func digestOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = io.WriteString(h, strconv.Itoa(len(p))+":"+p) // a hash does not fail
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Follows checks that a line comes right after the one with the given number
// and hash, and that nothing in it was changed: audit_broken if not.
func (l Line) Follows(n int64, hash string) error {
	at := "line " + strconv.FormatInt(n+1, 10)
	switch {
	case l.N != n+1:
		return reason.New("audit_broken/missing", at, "line %d stands in its place", l.N)
	case l.Hash != l.hash(hash):
		return reason.New("audit_broken/chain", at, "it was changed, or a line before it was")
	case l.Erased && (l.Why != "" || l.Salt != ""):
		return reason.New("audit_broken/why", at, "it says that its reason was erased, and has one")
	case !l.Erased && l.WhyDigest != digestOf(l.Salt, l.Why):
		return reason.New("audit_broken/why", at, "its reason was changed")
	}
	return nil
}

// Head is how far an audit log goes.
type Head struct {
	Lines int64  `json:"lines"`
	Hash  string `json:"hash"` // of the last line, empty if there is none
}

// maxLine bounds a line of an exported log: three texts that people give.
const maxLine = 1 << 20

// ExportAudit writes an audit log as JSON Lines, and returns how far it goes.
// What does not follow is not written.
func ExportAudit(ctx context.Context, log AuditLog, w io.Writer) (Head, error) {
	var head Head
	out := bufio.NewWriter(w)
	err := log.Lines(ctx, 0, func(l Line) error {
		if err := l.Follows(head.Lines, head.Hash); err != nil {
			return err
		}
		raw, err := json.Marshal(l)
		if err != nil {
			return reason.Wrap(reason.Internal, "", err)
		}
		head = Head{l.N, l.Hash}
		_, err = out.Write(append(raw, '\n'))
		return reason.Wrap(reason.IO, "", err)
	})
	return head, errors.Join(err, reason.Wrap(reason.IO, "", out.Flush()))
}

// ReadAudit calls f with every line of an exported log, checked, until f fails,
// and returns how far it goes. Errors are audit_broken, malformed,
// resource_limit and those of f.
func ReadAudit(ctx context.Context, r io.Reader, f func(Line) error) (Head, error) {
	var head Head
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		if err := ctx.Err(); err != nil {
			return head, reason.Wrap(reason.Canceled, "", err)
		}
		l, err := readLine(lines.Bytes())
		if err != nil {
			return head, reason.New(reason.CodeOf(err), "line "+strconv.FormatInt(head.Lines+1, 10), "%w", err)
		}
		if err := l.Follows(head.Lines, head.Hash); err != nil {
			return head, err
		}
		head = Head{l.N, l.Hash}
		if err := f(l); err != nil {
			return head, err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return head, reason.New(reason.LimitSize, "line "+strconv.FormatInt(head.Lines+1, 10), "the limit is %d bytes", maxLine)
	}
	return head, reason.Wrap(reason.IO, "", lines.Err())
}

func readLine(raw []byte) (Line, error) {
	var l Line
	v, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return l, err
	}
	for _, m := range v.Members() { // what no hash covers is nobody's word
		if !slices.Contains([]string{"n", "at", "actor", "action", "credential", "why", "salt", "whyDigest", "erased", "hash"}, m.Name) {
			return l, reason.New("malformed/audit-log", "", "a line of an audit log has no member %.40q", m.Name)
		}
	}
	if err := json.Unmarshal(raw, &l); err != nil {
		return l, reason.New("malformed/audit-log", "", "this is no line of an audit log: %w", err)
	}
	return l, nil
}
