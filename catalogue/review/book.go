package review

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

// Review is the public line of a review.
type Review struct {
	ID       string `json:"id"` // random
	Course   string `json:"course"`
	Rating   int    `json:"rating"`
	Text     string `json:"text,omitempty"`
	Language string `json:"language,omitempty"`
	Month    string `json:"month"`  // 2026-06
	Issuer   string `json:"issuer"` // of the credential for completing the course
	// Stale tells that nobody could say for 45 days whether the credential
	// was revoked. Only Publish sets it.
	Stale bool `json:"stale,omitempty"`
}

// Record is what a catalogue keeps of a review: the public line, and what it
// keeps to itself. It holds nothing of the presentation, of the holder's key
// or of the credential but its places in status lists.
type Record struct {
	Review
	Pseudonym  string         `json:"pseudonym"`            // for this course
	Handles    []Handle       `json:"handles,omitempty"`    // to learn of a revocation
	Credential string         `json:"credential,omitempty"` // keyed digest of its id, to know it again
	Week       catalogue.Date `json:"week,omitempty"`       // the Monday before it was taken in
	IssuedWeek catalogue.Date `json:"issuedWeek,omitempty"` // the Monday before the credential began
	Checked    catalogue.Date `json:"checked,omitempty"`    // the Monday before the status was last known
	Suspended  bool           `json:"suspended,omitempty"`  // for now neither shown nor counted
	Withdrawn  bool           `json:"withdrawn,omitempty"`  // by its author: only what keeps it from coming back is left
	Seen       []seen         `json:"seen,omitempty"`       // submissions that are not to be taken in again, the present one last
}

// Handle is a credential's place in a status list.
type Handle struct {
	List    string `json:"list"` // URL
	Index   uint64 `json:"index"`
	Purpose string `json:"purpose"` // revocation or suspension
	Legacy  bool   `json:"legacy,omitempty"`
}

// seen is a submission that was taken in, by a keyed digest, until it is too
// old to be taken in anyway.
type seen struct {
	Digest string         `json:"digest"`
	Until  catalogue.Date `json:"until"`
}

// Store is where a catalogue's reviews live; the stores of package wallet
// have this form. The bytes are private to the operator.
type Store interface {
	// Load returns the bytes and their version, not_found when there are
	// none.
	Load(ctx context.Context) (blob []byte, version string, err error)
	// Swap puts blob in the place of the version old, or makes it if old is
	// empty, and returns its version. If something else stands there it
	// changes nothing and returns a conflict.
	Swap(ctx context.Context, old string, blob []byte) (version string, err error)
}

const (
	bookSchema = "bevis.reviews/v1"
	maxBook    = 64 << 20
	maxRecords = 100_000
	maxRetries = 100 // of a change that others overtake
)

// book is the content of a store: a line with the salt, and a line for each
// record, by its random id, so that the order tells nothing.
type book struct {
	salt    []byte
	records []Record
}

type bookHeader struct {
	Schema string `json:"schema"`
	Salt   string `json:"salt"`
}

func newBook() (*book, error) {
	salt := make([]byte, 32)
	_, err := rand.Read(salt)
	return &book{salt: salt}, reason.Wrap(reason.Internal, "", err)
}

func parseBook(blob []byte) (*book, error) {
	if len(blob) > maxBook {
		return nil, reason.New(reason.LimitSize, "", "reviews of %d bytes, the limit is %d", len(blob), maxBook)
	}
	b := &book{}
	n := 0
	for line := range bytes.Lines(blob) {
		n++
		at := "line " + strconv.Itoa(n)
		if n == 1 {
			var header bookHeader
			if err := strictLine(line, &header); err != nil || header.Schema != bookSchema {
				return nil, reason.New("malformed/reviews", at, "does not begin as %s", bookSchema)
			}
			salt, err := hex.DecodeString(header.Salt)
			if err != nil || len(salt) != 32 {
				return nil, reason.New("malformed/reviews", at, "the salt has not 32 bytes")
			}
			b.salt = salt
			continue
		}
		var r Record
		if err := strictLine(line, &r); err != nil {
			return nil, reason.New("malformed/reviews", at, "is no record: %w", err)
		}
		if r.ID == "" || r.Pseudonym == "" || r.Course == "" || !r.Withdrawn && (r.Rating < 1 || r.Rating > 5) {
			return nil, reason.New("malformed/reviews", at, "the record lacks an id, a course, a pseudonym or a rating")
		}
		b.records = append(b.records, r)
	}
	switch {
	case n == 0:
		return nil, reason.New("malformed/reviews", "", "is empty")
	case len(b.records) > maxRecords:
		return nil, reason.New(reason.LimitValues, "", "more than %d reviews", maxRecords)
	}
	return b, nil
}

// strictLine refuses members that this version does not know: they would be
// lost with the next change.
func strictLine(line []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return reason.New(reason.MalformedTrailing, "", "more than one value")
	}
	return nil
}

func (b *book) encode() ([]byte, error) {
	slices.SortFunc(b.records, func(x, y Record) int { return cmp.Compare(x.ID, y.ID) })
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(bookHeader{bookSchema, hex.EncodeToString(b.salt)})
	for _, r := range b.records {
		if err == nil {
			err = e.Encode(r)
		}
	}
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	if out.Len() > maxBook || len(b.records) > maxRecords {
		return nil, reason.New(reason.LimitSize, "", "more than %d reviews or %d bytes", maxRecords, maxBook)
	}
	return out.Bytes(), nil
}

// digest is keyed, so that it says nothing to who lacks the salt.
func (b *book) digest(domain, value string) string {
	mac := hmac.New(sha256.New, b.salt)
	mac.Write([]byte(domain + "\n" + value))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// find returns the record under a pseudonym, nil if there is none.
func (b *book) find(course, pseudonym string) *Record {
	for i := range b.records {
		if b.records[i].Pseudonym == pseudonym && b.records[i].Course == course {
			return &b.records[i]
		}
	}
	return nil
}

// forget drops what is remembered of submissions that are too old to come
// again, and of withdrawn reviews then all.
func (b *book) forget(today catalogue.Date) {
	for i := range b.records {
		r := &b.records[i]
		r.Seen = slices.DeleteFunc(r.Seen, func(s seen) bool { return s.Until < today })
	}
	b.records = slices.DeleteFunc(b.records, func(r Record) bool { return r.Withdrawn && len(r.Seen) == 0 })
}

func newID() (string, error) {
	var id [10]byte
	_, err := rand.Read(id[:])
	return hex.EncodeToString(id[:]), reason.Wrap(reason.Internal, "", err)
}

func (c *Collector) load(ctx context.Context) (*book, string, error) {
	blob, version, err := c.cfg.Store.Load(ctx)
	if reason.CodeOf(err).Coarse() == string(reason.NotFound) {
		b, err := newBook()
		return b, "", err
	}
	if err != nil {
		return nil, "", err
	}
	b, err := parseBook(blob)
	return b, version, err
}

// change lets f change the book and puts it back. When others have changed it
// meanwhile, f is asked again with what there is then.
func (c *Collector) change(ctx context.Context, f func(*book) (changed bool, err error)) error {
	for range maxRetries {
		if err := ctx.Err(); err != nil {
			return reason.Wrap(reason.Canceled, "", err)
		}
		b, version, err := c.load(ctx)
		if err != nil {
			return err
		}
		changed, err := f(b)
		if err != nil || !changed {
			return err
		}
		blob, err := b.encode()
		if err != nil {
			return err
		}
		_, err = c.cfg.Store.Swap(ctx, version, blob)
		if reason.CodeOf(err).Coarse() != string(reason.Conflict) {
			return err
		}
	}
	return reason.New("conflict/busy", "", "others change the reviews all the time")
}

func dayOf(t time.Time) catalogue.Date { return catalogue.Date(t.UTC().Format(time.DateOnly)) }

// weekOf returns the Monday of the week of t.
func weekOf(t time.Time) catalogue.Date {
	t = t.UTC()
	return dayOf(t.AddDate(0, 0, -(int(t.Weekday())+6)%7))
}

// daysBetween counts from one day to a later one; a day that is none counts
// as long ago.
func daysBetween(from, to catalogue.Date) int {
	a, errA := time.Parse(time.DateOnly, string(from))
	b, errB := time.Parse(time.DateOnly, string(to))
	if errA != nil || errB != nil {
		return 1 << 20
	}
	return int(b.Sub(a) / (24 * time.Hour))
}
