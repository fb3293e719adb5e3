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
	For     string `json:"for,omitempty"`     // the receiver that it was made for, none for one to be given to issuers

	// share.consent; share.withdraw and deletion.request have the share's id
	Share *Share `json:"share,omitempty"`

	// log.merge: the heads of the two copies, and the ids of what stays although
	// one of them had removed it; see merge.go
	Heads []string `json:"heads,omitempty"`
	Kept  []string `json:"kept,omitempty"`

	// backup.made
	Backup *Backup `json:"backup,omitempty"`

	// credential.tag, credential.untag, credential.note, with ID
	Tag  string `json:"tag,omitempty"`
	Note string `json:"note,omitempty"`

	// credential.log-proof, with ID
	Proof string `json:"proof,omitempty"`

	// slot.set, slot.remove
	Slot *slotEvent `json:"slot,omitempty"`

	quoted []byte // Raw as it stands in the line, if skimmer read it; Raw is empty then
	item   *Item  // what Raw says of itself, if it has been read
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
	opDeletion = "deletion.request"

	opTag      = "credential.tag"
	opUntag    = "credential.untag"
	opNote     = "credential.note"
	opLogProof = "credential.log-proof"
	opSlotSet  = "slot.set"
	opSlotGone = "slot.remove"
)

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
	text("for", &e.For)
	object("share", &e.Share)
	object("heads", &e.Heads)
	object("kept", &e.Kept)
	object("backup", &e.Backup)
	text("tag", &e.Tag)
	text("note", &e.Note)
	text("proof", &e.Proof)
	object("slot", &e.Slot)
	return e, ok
}

// credential returns what a credential.add adds.
func (e *event) credential() []byte {
	if e.quoted != nil {
		return credentialIn(e.quoted)
	}
	return trimmed(unkept(e.Raw))
}

// credentialIn returns the credential that stands in a line.
func credentialIn(quoted []byte) []byte {
	text := unquoted(quoted)
	if bytes.HasPrefix(text, []byte(coseURL)) {
		text = unkept(string(text))
	}
	return trimmed(text)
}

func known(op string) bool {
	switch op {
	case opAdd, opRemove, opVerified, opHistory, opForget, opKey, opShare, opWithdraw, opMerge, opBackup:
		return true
	case opTag, opUntag, opNote, opSlotSet, opSlotGone, opDeletion, opLogProof:
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
	// One line that the reader refuses, such as a share with too many fields,
	// would keep the whole wallet from being opened.
	s := newSkimmer()
	if _, err := s.event(line); err != nil {
		return nil, e, reason.New(reason.CodeOf(err), "", "it could not be read again: %w", err)
	}
	return line, e, nil
}

// state is what the events add up to.
type state struct {
	items     []Item
	behind    map[string]string // ids of earlier editions → of the newest
	histories []History
	keys      []holderKey
	shares    []Share
	safety
	slots []Slot // what the log tells of ways in; which there are, the parts tell

	at map[string]int // while folding many events: where the items stand, by id
}

type holderKey struct {
	did      string
	private  string
	receiver string // for whom it was made, none for one to be given to issuers
}

// fold returns what comes of a state by further events. The state itself
// stays as it is.
func fold(from *state, events []event) *state {
	s := &state{items: slices.Grow(slices.Clone(from.items), len(events)), histories: slices.Clone(from.histories), keys: slices.Clone(from.keys), shares: slices.Clone(from.shares),
		safety: from.safety.clone(), slots: slices.Clone(from.slots), behind: from.behind}
	if len(events) > fewEvents {
		s.at = make(map[string]int, len(events))
	}
	for n := range events {
		s.apply(&events[n])
	}
	s.at = nil
	s.order(events)
	return s
}

// fewEvents is how many look for their item one by one. The events of a whole
// log, of which thousands may each be about one of thousands, do it by a map.
const fewEvents = 8

// place returns where the first item with an id stands, -1 if there is none.
func (s *state) place(id string) int {
	if n, ok := s.at[id]; ok && n < len(s.items) && s.items[n].ID == id {
		return n
	}
	found := -1
	for n := range s.items {
		if s.items[n].ID == id {
			found = n
			break
		}
	}
	if s.at != nil && found >= 0 { // something has been removed since the map was made
		clear(s.at)
		for n := len(s.items) - 1; n >= 0; n-- {
			s.at[s.items[n].ID] = n
		}
	}
	return found
}

// add puts an item behind the others, by the id that the log gives it. Two
// copies of a wallet may each have added one of two that begin alike.
func (s *state) add(item *Item, e *event) {
	s.items = append(s.items, *item)
	last := len(s.items) - 1
	i := &s.items[last]
	i.AddedAt, i.Source, i.Verified, i.line = e.At, e.Source, e.Verified, e.N
	if e.quoted != nil {
		i.body, i.quoted = nil, e.quoted // it takes no place beside the log
	}
	if len(e.ID) > idLength && e.ID == wholeID([]byte(kept(i.bytes()))) {
		i.ID = e.ID
	}
	_, twice := s.at[i.ID]
	if twice || s.at == nil {
		if n := s.place(i.ID); n >= 0 && n < last {
			i.ID = apart(i.ID, i.bytes(), s.items[n].bytes())
			_, twice = s.at[i.ID]
		}
	}
	if s.at != nil && !twice {
		s.at[i.ID] = last
	}
}

func (s *state) apply(e *event) {
	s.count(e.Op, e.At)
	switch e.Op {
	case opAdd:
		item := e.item
		if item == nil {
			read := describeAny(e.credential())
			item = &read
		}
		s.add(item, e)
	case opRemove:
		s.remove(e.ID)
	case opVerified:
		if n := s.place(e.ID); n >= 0 && e.Verified != nil {
			// What was said at a time that is yet to come was said by a clock that has
			// been put right since: it must not stand until then.
			if have := s.items[n].Verified; newer(e.Verified, have) || have.At.After(e.At) {
				s.items[n].Verified = e.Verified
			}
		}
	case opTag, opUntag, opNote, opLogProof:
		if n := s.place(e.ID); n >= 0 {
			s.items[n].applyMark(*e)
		}
	case opHistory:
		h := History{ID: e.ID, Kind: e.Kind, AddedAt: e.At, Source: e.Source, raw: []byte(e.Raw)}
		if n := slices.IndexFunc(s.histories, func(have History) bool { return have.ID == h.ID }); n >= 0 {
			h.ID = apart(h.ID, h.raw, s.histories[n].raw)
		}
		s.histories = append(s.histories, h)
	case opForget:
		s.histories = slices.DeleteFunc(s.histories, func(h History) bool { return h.ID == e.ID && s.forgotten(h) })
	case opSlotSet:
		s.applySlot(*e)
	case opKey:
		s.keys = append(s.keys, holderKey{e.DID, e.Private, e.For})
	case opShare:
		if e.Share != nil {
			s.shares = append(s.shares, *e.Share)
		}
	case opMerge:
		s.merge(*e)
	case opBackup:
		s.backedUp(*e)
	case opWithdraw, opDeletion:
		s.settle(*e)
	}
}
