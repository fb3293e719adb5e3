package gather

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/reason"
)

// Store is where a desk keeps its book; the stores of package wallet have this
// form. The bytes are private to the publisher.
type Store interface {
	// Load returns the bytes and their version, not_found when there are
	// none.
	Load(ctx context.Context) (blob []byte, version string, err error)
	// Swap puts blob in the place of the version old, or makes it if old is
	// empty, and returns its version. If something else stands there it
	// changes nothing and returns a conflict. It keeps at most one version
	// before the present one.
	Swap(ctx context.Context, old string, blob []byte) (version string, err error)
}

const (
	bookSchema = "bevis.statistics/v1"
	maxBook    = 256 << 20
	maxGiven   = 200_000
	maxRetries = 100 // of a change that others overtake
)

// book is the content of a store.
type book struct {
	Schema      string          `json:"schema"`
	Manifest    json.RawMessage `json:"manifest"`
	Collections []collection    `json:"collections,omitempty"`
	Reports     []report        `json:"reports,omitempty"`

	manifest *terms.Manifest
}

// collection is a call with what came of it: what people gave until it is
// released, and then the file.
type collection struct {
	Call  json.RawMessage `json:"call"`
	Given []given         `json:"given,omitempty"` // by pseudonym, so that the order tells nothing
	File  string          `json:"file,omitempty"`

	call   *stats.Call
	digest string // of call
}

// given is what one person gave last, nothing if it was withdrawn.
type given struct {
	Pseudonym    string          `json:"pseudonym"`
	Made         time.Time       `json:"made"`
	Contribution json.RawMessage `json:"contribution,omitempty"`
}

// report is a released table of the publisher's own events.
type report struct {
	Entry terms.Release `json:"entry"`
	File  string        `json:"file"`
}

func parseBook(blob []byte) (*book, error) {
	if len(blob) > maxBook {
		return nil, reason.New(reason.LimitSize, "", "statistics of %d bytes, the limit is %d", len(blob), maxBook)
	}
	b := &book{}
	d := json.NewDecoder(bytes.NewReader(blob))
	d.DisallowUnknownFields() // they would be lost with the next change
	if err := d.Decode(b); err != nil || b.Schema != bookSchema || d.More() {
		return nil, reason.New("malformed/statistics", "", "is not what %s is", bookSchema)
	}
	var err error
	if b.manifest, err = terms.ParseManifest(b.Manifest); err != nil {
		return nil, err
	}
	for i := range b.Collections {
		c := &b.Collections[i]
		if c.call, err = stats.ParseCall(c.Call); err != nil {
			return nil, err
		}
		c.digest = c.call.Digest()
	}
	return b, nil
}

func (b *book) encode() ([]byte, error) {
	b.Schema, b.Manifest = bookSchema, b.manifest.Marshal()
	n := 0
	for i := range b.Collections {
		c := &b.Collections[i]
		c.Call = c.call.Marshal()
		n += len(c.Given)
		slices.SortFunc(c.Given, func(x, y given) int { return cmp.Compare(x.Pseudonym, y.Pseudonym) })
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(b); err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	if out.Len() > maxBook || n > maxGiven {
		return nil, reason.New(reason.LimitSize, "", "more than %d contributions or %d bytes", maxGiven, maxBook)
	}
	return out.Bytes(), nil
}

// find returns the collection of a call, nil if it was never opened.
func (b *book) find(digest string) *collection {
	for i := range b.Collections {
		if b.Collections[i].digest == digest {
			return &b.Collections[i]
		}
	}
	return nil
}

// allow asks the manifest as if all that is open were released already, but
// for one: people who have contributed were promised that release.
func (b *book) allow(r terms.Release, but *collection) error {
	m := terms.Manifest{Budget: b.manifest.Budget, Releases: slices.Clone(b.manifest.Releases)}
	for i := range b.Collections {
		if c := &b.Collections[i]; c != but && c.File == "" {
			m.Releases = append(m.Releases, c.call.Entry())
		}
	}
	return m.Allow(r)
}

func (d *Desk) load(ctx context.Context) (*book, string, error) {
	blob, version, err := d.cfg.Store.Load(ctx)
	if reason.CodeOf(err).Coarse() == string(reason.NotFound) {
		return &book{manifest: &terms.Manifest{}}, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	b, err := parseBook(blob)
	return b, version, err
}

// change lets f change the book and puts it back. When others have changed it
// meanwhile, f is asked again with what there is then. Where something was to
// be forgotten, the book is put back twice: a store may keep the version
// before beside the present one.
func (d *Desk) change(ctx context.Context, f func(*book) (changed, forget bool, err error)) error {
	for range maxRetries {
		if err := ctx.Err(); err != nil {
			return reason.Wrap(reason.Canceled, "", err)
		}
		b, version, err := d.load(ctx)
		if err != nil {
			return err
		}
		changed, forget, err := f(b)
		if err != nil || !changed {
			return err
		}
		blob, err := b.encode()
		if err != nil {
			return err
		}
		version, err = d.cfg.Store.Swap(ctx, version, blob)
		if err == nil && forget {
			_, err = d.cfg.Store.Swap(ctx, version, blob)
			if reason.CodeOf(err).Coarse() == string(reason.Conflict) {
				return nil // somebody else's change has pushed the old version out
			}
		}
		if reason.CodeOf(err).Coarse() != string(reason.Conflict) {
			return err
		}
	}
	return reason.New("conflict/busy", "", "others change the statistics all the time")
}
