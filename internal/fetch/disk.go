package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/reason"
)

// A copy is a file of one line of JSON, its head, and the document as it came.
// Its name is the digest of the address, so that an address cannot choose it.
// What is damaged, or is not what its head says, is as if it was not there.
const (
	copySchema  = "bevis.copy/v1"
	copyEnding  = ".copy"
	maxHeadLine = 16 << 10
	maxCopy     = 32 << 20 // the longest status list
)

// kept is a copy of a document.
type kept struct {
	url     string
	fetched time.Time
	body    []byte
	gone    bool // its host has withdrawn it since
}

type copyHead struct {
	Schema  string    `json:"schema"`
	URL     string    `json:"url"`
	Fetched time.Time `json:"fetched"`
	SHA256  string    `json:"sha256"`
	Gone    bool      `json:"gone,omitempty"`
}

func (c *Cache) file(url string) string {
	sum := sha256.Sum256([]byte(url))
	return filepath.Join(c.cfg.Folder, hex.EncodeToString(sum[:])+copyEnding)
}

// load reads the copy of what was at an address.
func (c *Cache) load(url string) (kept, bool) {
	f, err := os.Open(c.file(url))
	if err != nil {
		return kept{}, false
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxHeadLine+maxCopy))
	if err != nil {
		return kept{}, false
	}
	k, err := parseCopy(raw)
	return k, err == nil && k.url == url
}

// parseCopy reads the file of a copy.
func parseCopy(raw []byte) (kept, error) {
	bad := reason.New(reason.IO, "", "the copy is damaged")
	line, body, ok := bytes.Cut(raw, []byte{'\n'})
	if !ok || len(line) > maxHeadLine {
		return kept{}, bad
	}
	var head copyHead
	if err := json.Unmarshal(line, &head); err != nil || head.Schema != copySchema || head.Fetched.IsZero() || head.URL == "" {
		return kept{}, bad
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != head.SHA256 {
		return kept{}, bad
	}
	return kept{head.URL, head.Fetched, body, head.Gone}, nil
}

// store keeps a copy, and drops the oldest beyond the bound.
func (c *Cache) store(k kept) error {
	if len(k.body) > maxCopy || int64(len(k.body)) > c.cfg.MaxKept {
		return reason.New(reason.LimitSize, k.url, "too long to be kept")
	}
	sum := sha256.Sum256(k.body)
	head, err := json.Marshal(copyHead{copySchema, k.url, k.fetched.UTC(), hex.EncodeToString(sum[:]), k.gone})
	if err != nil || len(head) > maxHeadLine {
		return reason.New(reason.IO, k.url, "the address is too long to be kept")
	}
	if err := os.MkdirAll(c.cfg.Folder, 0o700); err != nil {
		return reason.Wrap(reason.IO, c.cfg.Folder, err)
	}
	if err := atomicfile.Write(c.file(k.url), slices.Concat(head, []byte{'\n'}, k.body), 0o600); err != nil {
		return reason.Wrap(reason.IO, c.cfg.Folder, err)
	}
	return c.prune()
}

// prune drops the copies that were made first until the rest is within the
// bound.
func (c *Cache) prune() error {
	entries, err := os.ReadDir(c.cfg.Folder)
	if err != nil {
		return reason.Wrap(reason.IO, c.cfg.Folder, err)
	}
	var all []fs.FileInfo
	var sum int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !strings.HasSuffix(e.Name(), copyEnding) {
			continue
		}
		all, sum = append(all, info), sum+info.Size()
	}
	slices.SortFunc(all, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range all {
		if sum <= c.cfg.MaxKept {
			return nil
		}
		if err := os.Remove(filepath.Join(c.cfg.Folder, info.Name())); err != nil {
			return reason.Wrap(reason.IO, c.cfg.Folder, err)
		}
		sum -= info.Size()
	}
	return nil
}
