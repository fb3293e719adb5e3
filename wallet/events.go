package wallet

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// event is a line of the log. A line keeps its bytes for good; members and
// operations that this version does not know stay in them.
type event struct {
	N    uint64    `json:"n"`
	Prev string    `json:"prev"` // SHA-256 of the line before, of the wallet's id for the first
	At   time.Time `json:"at"`
	Op   string    `json:"op"`

	// credential.add, credential.remove
	ID       string        `json:"id,omitempty"`
	Raw      string        `json:"raw,omitempty"` // exactly as issued; COSE as the data: URL around it
	Source   string        `json:"source,omitempty"`
	Verified *Verification `json:"verified,omitempty"`

	// history.add, with ID, Raw and Source; history.remove
	Kind string `json:"kind,omitempty"`

	// key.add
	DID     string `json:"did,omitempty"`
	Private string `json:"private,omitempty"` // PKCS #8 in PEM

	// share.consent; share.withdraw has the share's id
	Share *Share `json:"share,omitempty"`

	// log.merge: the heads of the two copies, and the ids of what stays although
	// one of them had removed it; see merge.go
	Heads []string `json:"heads,omitempty"`
	Kept  []string `json:"kept,omitempty"`

	// backup.made
	Backup *Backup `json:"backup,omitempty"`
}

// The operations. credential.verified notes what a verifier said later.
const (
	opAdd      = "credential.add"
	opRemove   = "credential.remove"
	opVerified = "credential.verified"
	opHistory  = "history.add"
	opForget   = "history.remove"
	opKey      = "key.add"
	opShare    = "share.consent"
	opWithdraw = "share.withdraw"
	opMerge    = "log.merge"
	opBackup   = "backup.made"
)

const maxLine = 4 << 20

// splitLog reads the log and checks that it is one chain from the wallet's
// id to the head.
func splitLog(log []byte, wallet, head string) ([][]byte, []event, error) {
	var lines [][]byte
	var events []event
	prev := sha([]byte(wallet))
	for len(log) > 0 {
		line, rest, ok := bytes.Cut(log, []byte{'\n'})
		log = rest
		if !ok || len(lines) >= maxEvents {
			return nil, nil, corrupt("the log has no end")
		}
		doc, err := strictjson.ParseObject(line, strictjson.Limits{MaxBytes: maxLine})
		if err != nil {
			return nil, nil, corrupt("line %d of the log cannot be read", len(lines)+1)
		}
		e, ok := readEvent(doc)
		if !ok {
			return nil, nil, corrupt("line %d of the log cannot be read", len(lines)+1)
		}
		if e.Prev != prev || e.N != uint64(len(lines)+1) || e.Op == "" {
			return nil, nil, corrupt("line %d of the log does not follow from the one before", len(lines)+1)
		}
		prev = sha(line)
		lines = append(lines, line)
		events = append(events, e)
	}
	if prev != head {
		return nil, nil, corrupt("the log does not end where the manifest says")
	}
	return lines, events, nil
}

// readEvent reads a line. Of an operation of a later version, which may use
// members otherwise, it reads the place in the chain alone.
func readEvent(doc *strictjson.Value) (e event, ok bool) {
	ok = true
	text := func(name string, into *string) {
		if v := doc.Get(name); v != nil {
			var isText bool
			*into, isText = v.Text()
			ok = ok && isText
		}
	}
	object := func(name string, into any) {
		if v := doc.Get(name); v != nil {
			ok = ok && json.Unmarshal(v.Raw(), into) == nil
		}
	}
	text("op", &e.Op)
	text("prev", &e.Prev)
	object("n", &e.N)
	if !known(e.Op) {
		return e, ok
	}
	object("at", &e.At)
	text("id", &e.ID)
	text("raw", &e.Raw)
	text("source", &e.Source)
	object("verified", &e.Verified)
	text("kind", &e.Kind)
	text("did", &e.DID)
	text("private", &e.Private)
	object("share", &e.Share)
	object("heads", &e.Heads)
	object("kept", &e.Kept)
	object("backup", &e.Backup)
	return e, ok
}

func known(op string) bool {
	switch op {
	case opAdd, opRemove, opVerified, opHistory, opForget, opKey, opShare, opWithdraw, opMerge, opBackup:
		return true
	}
	return false
}

// link gives an event its place behind the last line.
func link(e event, lines [][]byte, wallet string, at time.Time) ([]byte, event, error) {
	e.N, e.At = uint64(len(lines)+1), at.UTC().Truncate(time.Second)
	e.Prev = sha([]byte(wallet))
	if len(lines) > 0 {
		e.Prev = sha(lines[len(lines)-1])
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, e, reason.Wrap(reason.Internal, "", err)
	}
	line := bytes.TrimSuffix(b.Bytes(), []byte{'\n'})
	if len(line) > maxLine {
		return nil, e, reason.New(reason.LimitSize, "", "too large to be kept: %d bytes", len(line))
	}
	return line, e, nil
}

// state is what the events add up to.
type state struct {
	items     []Item
	histories []History
	keys      []holderKey
	shares    []Share
	safety
}

type holderKey struct {
	did     string
	private string
}

// fold returns what comes of a state by further events. The state itself
// stays as it is.
func fold(from *state, events []event) *state {
	s := &state{slices.Clone(from.items), slices.Clone(from.histories), slices.Clone(from.keys), slices.Clone(from.shares), from.safety.clone()}
	for _, e := range events {
		s.apply(e)
	}
	return s
}

func (s *state) apply(e event) {
	s.count(e)
	switch e.Op {
	case opAdd:
		item, err := describe(unkept(e.Raw))
		if err != nil {
			// A form that this version does not know yet. It is kept, and must
			// not keep the rest from being opened.
			item.Form = "unknown"
		}
		item.AddedAt, item.Source, item.Verified = e.At, e.Source, e.Verified
		s.items = append(s.items, item)
	case opRemove:
		s.items = slices.DeleteFunc(s.items, func(item Item) bool {
			return item.ID == e.ID && s.removed(item)
		})
	case opVerified:
		for i := range s.items {
			if s.items[i].ID == e.ID && newer(e.Verified, s.items[i].Verified) {
				s.items[i].Verified = e.Verified
			}
		}
	case opHistory:
		s.histories = append(s.histories, History{ID: e.ID, Kind: e.Kind, AddedAt: e.At, Source: e.Source, raw: []byte(e.Raw)})
	case opForget:
		s.histories = slices.DeleteFunc(s.histories, func(h History) bool { return h.ID == e.ID && s.forgotten(h) })
	case opKey:
		s.keys = append(s.keys, holderKey{e.DID, e.Private})
	case opShare:
		if e.Share != nil {
			s.shares = append(s.shares, *e.Share)
		}
	case opWithdraw:
		for i := range s.shares {
			if s.shares[i].ID == e.ID && s.shares[i].Withdrawn.IsZero() {
				s.shares[i].Withdrawn = e.At
			}
		}
	case opMerge:
		s.merge(e)
	case opBackup:
		s.backedUp(e)
	}
}
