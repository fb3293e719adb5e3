package bundle

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The bounds of a bundle.
const (
	MaxBytes    = 64 << 20 // of all files, unpacked
	maxFile     = 18 << 20 // a picture of the largest size that is read
	maxFiles    = 2000
	maxManifest = 1 << 20
)

// The codes of what can be wrong with a bundle.
const (
	Malformed reason.Code = "bundle_invalid/form"     // it is not as a bundle is written
	Changed   reason.Code = "bundle_invalid/digest"   // a file is not the one that the manifest names
	Unknown   reason.Code = "bundle_invalid/unlisted" // there is a file that the manifest does not name, or one is missing
	TooLarge  reason.Code = "bundle_invalid/size"     // it is larger than is read
)

func malformed(at, format string, args ...any) error {
	return reason.New(Malformed, at, format, args...)
}

// Is reports whether raw is a zip file with the manifest of a bundle, be it a
// good one or not. Any other zip file is none.
func Is(raw []byte) bool { return IsAt(bytes.NewReader(raw), int64(len(raw))) }

// IsAt is Is for a file of that size that is not in memory.
func IsAt(r io.ReaderAt, size int64) bool {
	var mark [4]byte
	if _, err := r.ReadAt(mark[:], 0); err != nil || string(mark[:]) != "PK\x03\x04" {
		return false
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return false
	}
	for _, f := range z.File {
		if f.Name != ManifestName || f.UncompressedSize64 > maxManifest {
			continue
		}
		text, err := content(f, maxManifest)
		if err != nil {
			return false
		}
		var m struct {
			Schema string `json:"schema"`
		}
		return json.Unmarshal(text, &m) == nil && len(m.Schema) >= len("bevis.bundle/") && m.Schema[:len("bevis.bundle/")] == "bevis.bundle/"
	}
	return false
}

// Read unpacks a bundle and holds every file against the manifest. Errors are
// of the codes above.
func Read(raw []byte) (*Bundle, error) {
	if !bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		return nil, malformed("", "it is no zip file")
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, malformed("", "it is no zip file that can be read: %w", err)
	}
	if len(z.File) > maxFiles+2 {
		return nil, reason.New(TooLarge, "", "more than %d files", maxFiles)
	}
	found := make(map[string][]byte, len(z.File))
	left := int64(MaxBytes)
	for _, f := range z.File {
		if _, twice := found[f.Name]; twice {
			return nil, malformed(f.Name, "the name stands twice")
		}
		if !plainPath(f.Name) && f.Name != ManifestName && f.Name != TimestampName || !f.Mode().IsRegular() || f.Flags&1 != 0 {
			return nil, malformed("", "a name or a kind of file that no bundle has: %.100q", f.Name)
		}
		if f.Method != zip.Store && f.Method != zip.Deflate {
			return nil, malformed(f.Name, "packed in a way that is not read")
		}
		text, err := content(f, min(left, maxFile))
		if err != nil {
			return nil, err
		}
		left -= int64(len(text))
		found[f.Name] = text
	}
	return unpacked(found)
}

// content unpacks one file within a bound, whatever its header says of its
// size.
func content(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, malformed(f.Name, "it cannot be unpacked: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil {
		err = r.Close()
	}
	if int64(len(text)) > limit {
		return nil, reason.New(TooLarge, f.Name, "larger than %d bytes unpacked", limit)
	}
	if err != nil {
		return nil, malformed(f.Name, "it cannot be unpacked: %w", err)
	}
	return text, nil
}

// unpacked holds files against their manifest.
func unpacked(found map[string][]byte) (*Bundle, error) {
	m, err := readManifest(found[ManifestName])
	if err != nil {
		return nil, err
	}
	out := &Bundle{Name: m.Name, Made: m.Made, JudgedAt: m.JudgedAt, Verdict: m.Verdict, Reason: m.Reason, Asked: m.Asked, Missing: m.Missing,
		Manifest: found[ManifestName], Timestamp: found[TimestampName]}
	listed := map[string]bool{ManifestName: true, TimestampName: true}
	for _, e := range m.Files {
		text, ok := found[e.Path]
		switch {
		case !plainPath(e.Path) || !knownRole(e.Role) || listed[e.Path]:
			return nil, malformed(ManifestName, "a file that no bundle has, or that is named twice: %.100q", e.Path)
		case !ok:
			return nil, reason.New(Unknown, e.Path, "the file is missing")
		case len(text) != e.Size || digest(text) != e.SHA256:
			return nil, reason.New(Changed, e.Path, "the file is not the one that the manifest names")
		}
		listed[e.Path] = true
		f := File{Path: e.Path, Role: e.Role, URL: e.URL, Edition: e.Edition, Content: text}
		if e.AsOf != nil {
			f.AsOf = *e.AsOf
		}
		out.Files = append(out.Files, f)
	}
	for name := range found {
		if !listed[name] {
			return nil, reason.New(Unknown, name, "the manifest does not name this file")
		}
	}
	for _, miss := range m.Missing {
		if miss.URL == "" || !Recordable(miss.Role, miss.Code) {
			return nil, malformed(ManifestName, "something is missing for a reason that is not known")
		}
	}
	if len(out.All(Document)) != 1 {
		return nil, malformed(ManifestName, "it is about %d documents, not one", len(out.All(Document)))
	}
	return out, nil
}

// Recordable reports whether a code can say why something could not be had: it
// was not there, or, of a document with keys, it was none that can be used.
// What a bundle records must not turn into another kind of verdict.
func Recordable(role Role, code string) bool {
	c := reason.Code(code)
	return c.Class() == reason.Undetermined || role == Key && c.Coarse() == string(reason.KeyInvalid)
}

func readManifest(raw []byte) (*manifest, error) {
	if len(raw) > maxManifest {
		return nil, reason.New(TooLarge, ManifestName, "a manifest of more than %d bytes", maxManifest)
	}
	// Members that stand twice would be read one way here and another there.
	if _, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxManifest}); err != nil {
		return nil, malformed(ManifestName, "the manifest cannot be read: %w", err)
	}
	m := &manifest{}
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, malformed(ManifestName, "the manifest cannot be read: %w", err)
	}
	if m.Schema != Schema {
		return nil, malformed(ManifestName, "a bundle of form %.40q, which is not known here", m.Schema)
	}
	if m.Made.IsZero() || m.JudgedAt.IsZero() || m.Made.After(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)) {
		return nil, malformed(ManifestName, "the manifest does not say when it was made")
	}
	return m, nil
}
