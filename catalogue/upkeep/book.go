package upkeep

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// State is what a visit tells of an address.
type State string

// The states.
const (
	OK     State = "ok"
	Moved  State = "moved"  // it sends elsewhere
	Gone   State = "gone"   // the server says that there is nothing (404, 410)
	Away   State = "away"   // nobody answered, or the server has an error: it cannot be told
	Untold State = "untold" // it answers, but not us, or may not be visited
)

// Entry is what is known of one offer.
type Entry struct {
	Ref      string         `json:"ref"`
	Imported catalogue.Date `json:"imported,omitempty"` // when an import last brought it
	URL      string         `json:"url,omitempty"`      // the address that the rest is about
	State    State          `json:"state,omitempty"`
	Status   int            `json:"status,omitempty"` // HTTP; 0: nobody answered
	To       string         `json:"to,omitempty"`     // where Moved sends
	Checked  time.Time      `json:"checked,omitzero"`
	Answered time.Time      `json:"answered,omitzero"` // when it last did
	Since    time.Time      `json:"since,omitzero"`    // the first of the failures in a row
	Failures int            `json:"failures,omitempty"`
}

const (
	apart     = 20 * time.Hour // between failures that count one by one
	deadAfter = 24 * time.Hour // from the first failure to the last
	oldAfter  = 180            // days without an import
)

// Dead tells whether an address has failed at least twice over more than a day.
func (e Entry) Dead() bool {
	return e.Failures >= 2 && e.Checked.Sub(e.Since) >= deadAfter
}

// visited returns the entry after a visit to an address.
func (e Entry) visited(address string, v Visit, now time.Time) Entry {
	if e.URL != address {
		e = Entry{Ref: e.Ref, Imported: e.Imported, URL: address}
	}
	before := e.Checked
	e.State, e.Status, e.To, e.Checked = v.state(), v.Status, "", now
	switch e.State {
	case Gone, Away:
		if e.Failures == 0 {
			e.Since = now
		}
		if e.Failures == 0 || now.Sub(before) >= apart {
			e.Failures++
		}
		return e
	case Moved:
		e.To = v.To
	}
	e.Failures, e.Since = 0, time.Time{}
	if v.Status > 0 {
		e.Answered = now
	}
	return e
}

func (v Visit) state() State {
	switch s := v.Status; {
	case v.Blocked:
		return Untold
	case s == 0 || s >= 500:
		return Away
	case s < 300:
		return OK
	case s < 400:
		return Moved
	case s == 404 || s == 410:
		return Gone
	}
	return Untold
}

// Why an offer is stale.
const (
	Over = "over" // all its runs have ended or begun
	Old  = "old"  // no import has brought it for half a year
	Dead = "dead" // its address is
)

// Stale tells why an offer is stale on a day; nothing if it is not.
func (e Entry) Stale(o catalogue.Offer, on catalogue.Date) []string {
	var why []string
	past := func(r catalogue.Run) bool {
		last := max(r.Start, r.Deadline)
		if o.Mode == catalogue.Online { // which one can often still join
			last = max(last, r.End)
		}
		return last != "" && last < on
	}
	if len(o.Runs) > 0 && !slices.ContainsFunc(o.Runs, func(r catalogue.Run) bool { return !past(r) }) {
		why = append(why, Over)
	}
	today, err1 := time.Parse(time.DateOnly, string(on))
	imported, err2 := time.Parse(time.DateOnly, string(e.Imported))
	if err1 == nil && err2 == nil && today.Sub(imported) > oldAfter*24*time.Hour {
		why = append(why, Old)
	}
	if e.URL == o.URL && e.Dead() {
		why = append(why, Dead)
	}
	return why
}

// Book holds entries by the refs of offers. The zero value is empty. It is not
// safe for concurrent use.
type Book struct{ entries map[string]Entry }

// Limits of a book.
const (
	maxBook    = 256 << 20
	maxLine    = 64 << 10
	maxEntries = 1_000_000
)

// Parse reads a book: an Entry a line, as Marshal writes them. Errors are
// malformed and resource_limit, with the line.
func Parse(raw []byte) (*Book, error) { return parse(raw, maxEntries) }

func parse(raw []byte, maxEntries int) (*Book, error) {
	if len(raw) > maxBook {
		return nil, reason.New(reason.LimitSize, "", "%d bytes, the limit is %d", len(raw), maxBook)
	}
	b := &Book{entries: map[string]Entry{}}
	n := 0
	for line := range bytes.Lines(raw) {
		n++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		at := "line " + strconv.Itoa(n)
		if len(b.entries) == maxEntries {
			return nil, reason.New("resource_limit/entries", at, "more than %d entries", maxEntries)
		}
		if _, err := strictjson.ParseObject(line, strictjson.Limits{MaxBytes: maxLine}); err != nil {
			return nil, reason.New(reason.CodeOf(err), at+reason.AtOf(err), "%w", errors.Unwrap(err))
		}
		var e Entry
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			return nil, reason.New(reason.MalformedModel, at, "%w", err)
		}
		if _, twice := b.entries[e.Ref]; twice || e.Ref == "" || e.Imported != "" && !e.Imported.Valid() || e.Failures < 0 {
			return nil, reason.New(reason.MalformedModel, at, "the entry names no offer, or one that stands there already, or has no right day")
		}
		b.entries[e.Ref] = e
	}
	return b, nil
}

// Marshal writes the book, by ref. Equal books give equal bytes.
func (b *Book) Marshal() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for _, ref := range slices.Sorted(maps.Keys(b.entries)) {
		if err := enc.Encode(b.entries[ref]); err != nil {
			return nil, reason.Wrap(reason.Internal, ref, err)
		}
	}
	return out.Bytes(), nil
}

// Entry returns what is known of an offer.
func (b *Book) Entry(ref string) Entry {
	e := b.entries[ref]
	e.Ref = ref
	return e
}

// Imported notes the day on which an import brought offers, and tells whether
// that says anything new.
func (b *Book) Imported(on catalogue.Date, offers []catalogue.Offer) (changed bool) {
	for _, o := range offers {
		if e := b.Entry(o.Ref()); e.Imported < on {
			e.Imported = on
			b.set(e)
			changed = true
		}
	}
	return changed
}

func (b *Book) set(e Entry) {
	if b.entries == nil {
		b.entries = map[string]Entry{}
	}
	b.entries[e.Ref] = e
}
