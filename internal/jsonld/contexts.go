package jsonld

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"sync"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

//go:embed contexts
var files embed.FS

// Pinned is a context with the digest of its bytes.
type Pinned struct {
	URL     string
	SHA256  string // of the bytes, hexadecimal
	Edition string // tells editions under one URL apart, else empty
	Source  string // where the terms were taken from

	raw  []byte
	read func() (contents, error) // once, when it is needed: most documents name three of thirty
}

// contents is what a context says.
type contents struct {
	document any               // as json-gold takes it, never changed
	context  *strictjson.Value // its "@context"
}

func read(url string, raw []byte) (contents, error) {
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return contents{}, reason.New("unsafe_context/malformed", url, "the context: %w", err)
	}
	c := contents{context: doc.Get("@context")}
	if err := json.Unmarshal(raw, &c.document); err != nil {
		return contents{}, reason.New("unsafe_context/malformed", url, "the context: %w", err)
	}
	return c, nil
}

// Bytes returns the context as it was published. The caller must not change
// them.
func (p *Pinned) Bytes() []byte { return p.raw }

// Extra is a context that a relying party pins on its own account.
type Extra struct {
	URL    string
	Bytes  []byte
	SHA256 string // expected, hexadecimal
}

type entry struct {
	url, file, sha256, edition, source string
	published                          bool // the digest is printed in the Recommendation
}

// Contexts is an immutable set of pinned contexts.
type Contexts struct {
	byURL map[string][]*Pinned
	all   []*Pinned
}

// Embedded returns the contexts that ship, after checking each digest.
func Embedded() (*Contexts, error) {
	c := &Contexts{byURL: map[string][]*Pinned{}}
	for _, e := range shipped() {
		raw, err := files.ReadFile("contexts/" + e.file)
		if err != nil {
			return nil, reason.Wrap(reason.Internal, e.file, err)
		}
		if _, err := c.add(e.url, raw, e.sha256, e.edition, e.source); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// With returns a set that has the extra contexts too, behind the editions
// that are there for the same URL.
func (c *Contexts) With(extra ...Extra) (*Contexts, error) {
	out := &Contexts{byURL: make(map[string][]*Pinned, len(c.byURL)), all: c.all[:len(c.all):len(c.all)]}
	for url, editions := range c.byURL {
		out.byURL[url] = editions[:len(editions):len(editions)]
	}
	for _, e := range extra {
		p, err := out.add(e.URL, e.Bytes, e.SHA256, "", "pinned by the relying party")
		if err != nil {
			return nil, err
		}
		if _, err := p.read(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Contexts) add(url string, raw []byte, want, edition, source string) (*Pinned, error) {
	sum := sha256.Sum256(raw)
	if got := hex.EncodeToString(sum[:]); got != want {
		return nil, reason.New("unsafe_context/digest", url, "the context has the digest %s, pinned is %s", got, want)
	}
	p := &Pinned{URL: url, SHA256: want, Edition: edition, Source: source, raw: raw,
		read: sync.OnceValues(func() (contents, error) { return read(url, raw) })}
	c.byURL[url] = append(c.byURL[url], p)
	c.all = append(c.all, p)
	return p, nil
}

// Lookup returns the editions under a URL, newest first, none for a URL that
// is not pinned. URLs are compared to the letter.
func (c *Contexts) Lookup(url string) []*Pinned { return c.byURL[url] }

// All returns every pinned context.
func (c *Contexts) All() []*Pinned { return c.all }

// Selection says which edition stands for each URL of a document.
type Selection struct {
	used     []*Pinned
	editions string // digests of those that are one of several
}

// Contexts returns the selected contexts in the order in which the document
// names them first.
func (s Selection) Contexts() []*Pinned { return s.used }

func (s Selection) find(url string) *Pinned {
	for _, p := range s.used {
		if p.URL == url {
			return p
		}
	}
	return nil
}

const maxSelections = 8

// selections returns every combination of editions of the URLs, the newest
// first.
func (c *Contexts) selections(urls []string) []Selection {
	out := []Selection{{}}
	for _, url := range urls {
		editions := c.byURL[url]
		if len(editions) == 1 { // each has memory of its own
			for i := range out {
				out[i].used = append(out[i].used, editions[0])
			}
			continue
		}
		var next []Selection
		for _, s := range out {
			for _, e := range editions {
				if len(next) == maxSelections {
					break
				}
				next = append(next, Selection{append(s.used[:len(s.used):len(s.used)], e), s.editions + e.SHA256})
			}
		}
		out = next
	}
	return out
}
