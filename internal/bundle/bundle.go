package bundle

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Schema names the form of manifest.json.
const Schema = "bevis.bundle/v1"

// The names that are fixed.
const (
	ManifestName  = "manifest.json"
	TimestampName = "timestamp.tsr"
	ReadmeName    = "README.txt"
)

// Role is what a file of a bundle is.
type Role string

// The roles.
const (
	Document Role = "document" // what was judged, as it came
	Context  Role = "context"  // a JSON-LD context that a signature was verified with
	Key      Role = "keys"     // a document with keys, as it was looked up
	Page     Role = "pages"    // a document that an Open Badge 2.0 refers to, as it was looked up
	List     Role = "list"     // a status list, as it was looked up
	Given    Role = "given"    // a status list that was handed over with the document
	Log      Role = "log"      // a proof from a transparency log, as it was handed over
	Trust    Role = "trust"    // what decided that the issuer is trusted
	Report   Role = "report"   // what was found, as JSON
	Readme   Role = "readme"
)

// File is one file of a bundle.
type File struct {
	Path    string    // in the zip: lower case, with slashes
	Role    Role      //
	URL     string    // where it was looked up, or which context it is
	Edition string    // of a context, else empty
	AsOf    time.Time // how old the copy was, zero when not known
	Content []byte
}

// Missing is what was looked up and could not be had.
type Missing struct {
	URL  string `json:"url"`
	Role Role   `json:"role"`
	Code string `json:"code"` // of package reason
	Why  string `json:"why,omitempty"`
}

// Asked is what was expected of the document.
type Asked struct {
	Audience      string `json:"audience,omitempty"`
	Challenge     string `json:"challenge,omitempty"`
	RequireHolder bool   `json:"requireHolder,omitempty"`
}

// Bundle is a bundle that is to be written, or that was read.
type Bundle struct {
	Name     string    // of the document, as the person named it
	Made     time.Time // by the maker's clock
	JudgedAt time.Time // as of when
	Verdict  string    // what the maker found, as package verifier says it
	Reason   string
	Asked    Asked
	Files    []File
	Missing  []Missing

	// Manifest is manifest.json as it stands in the file, and Timestamp the
	// token beside it, nil for none. Write ignores both.
	Manifest, Timestamp []byte
}

// Digest is the SHA-256 of the manifest in hexadecimal.
func (b *Bundle) Digest() string { return digest(b.Manifest) }

// All returns the files of a role, in order.
func (b *Bundle) All(role Role) []File {
	var out []File
	for _, f := range b.Files {
		if f.Role == role {
			out = append(out, f)
		}
	}
	return out
}

type manifest struct {
	Schema   string    `json:"schema"`
	Name     string    `json:"name,omitempty"`
	Made     time.Time `json:"made"`
	JudgedAt time.Time `json:"judgedAt"`
	Verdict  string    `json:"verdict"`
	Reason   string    `json:"reason,omitempty"`
	Asked    Asked     `json:"asked"`
	Files    []entry   `json:"files"`
	Missing  []Missing `json:"missing,omitempty"`
}

type entry struct {
	Path    string     `json:"path"`
	Role    Role       `json:"role"`
	URL     string     `json:"url,omitempty"`
	Edition string     `json:"edition,omitempty"`
	AsOf    *time.Time `json:"asOf,omitempty"`
	Size    int        `json:"size"`
	SHA256  string     `json:"sha256"`
}

// Write packs a bundle. Equal bundles give equal bytes. An error means that
// the bundle is not one that Read would take.
func Write(b *Bundle) ([]byte, error) {
	m := manifest{Schema: Schema, Name: b.Name, Made: b.Made.UTC(), JudgedAt: b.JudgedAt.UTC(), Verdict: b.Verdict, Reason: b.Reason, Asked: b.Asked, Missing: b.Missing}
	for _, f := range b.Files {
		e := entry{Path: f.Path, Role: f.Role, URL: f.URL, Edition: f.Edition, Size: len(f.Content), SHA256: digest(f.Content)}
		if !f.AsOf.IsZero() {
			asOf := f.AsOf.UTC()
			e.AsOf = &asOf
		}
		m.Files = append(m.Files, e)
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(m); err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	add := func(name string, content []byte) error {
		to, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: b.Made.UTC().Truncate(2 * time.Second)})
		if err == nil {
			_, err = to.Write(content)
		}
		return err
	}
	err := add(ManifestName, text.Bytes())
	for i := 0; i < len(b.Files) && err == nil; i++ {
		err = add(b.Files[i].Path, b.Files[i].Content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	if _, err := Read(out.Bytes()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// Name returns a path for the nth file of a role, with the ending that suits
// its content.
func Name(role Role, n int, content []byte) string {
	ending := ".bin"
	text := bytes.TrimSpace(content)
	switch {
	case bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")):
		ending = ".json"
	case role == Log:
		ending = ".tlog-proof"
	case bytes.HasPrefix(text, []byte("eyJ")):
		ending = ".jwt"
	case bytes.HasPrefix(content, []byte("\x89PNG")):
		ending = ".png"
	case bytes.HasPrefix(text, []byte("<")):
		ending = ".svg"
	case bytes.HasPrefix(text, []byte("%PDF")):
		ending = ".pdf"
	}
	return fmt.Sprintf("%s/%d%s", role, n, ending)
}

// plainPath reports whether a path is one that Write makes: it leads nowhere
// else, and no two systems take it for different files.
func plainPath(path string) bool {
	if path == ReadmeName {
		return true
	}
	if len(path) > 100 {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part[0] == '.' || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
			return false
		}
	}
	return path != ManifestName && path != TimestampName
}

func knownRole(r Role) bool {
	return slices.Contains([]Role{Document, Context, Key, Page, List, Given, Log, Trust, Report, Readme}, r)
}
