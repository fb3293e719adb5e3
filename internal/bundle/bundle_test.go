package bundle_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/bundle"
	"github.com/kompetansebevis/bevis/reason"
)

var made = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func sample() *bundle.Bundle {
	return &bundle.Bundle{
		Name: "kari.json", Made: made, JudgedAt: made, Verdict: "valid", Asked: bundle.Asked{Audience: "https://firma.example"},
		Files: []bundle.File{
			{Path: bundle.ReadmeName, Role: bundle.Readme, Content: []byte("read me")},
			{Path: "document/1.json", Role: bundle.Document, Content: []byte(`{"a":1}`)},
			{Path: "keys/1.json", Role: bundle.Key, URL: "https://kurs.example/.well-known/did.json", AsOf: made.Add(-time.Hour), Content: []byte(`{"id":"did:web:kurs.example"}`)},
		},
		Missing: []bundle.Missing{{URL: "https://kurs.example/list", Role: bundle.List, Code: "status_unavailable/fetch", Why: "no answer"}},
	}
}

func write(t testing.TB, b *bundle.Bundle) []byte {
	t.Helper()
	raw, err := bundle.Write(b)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

type zipped struct {
	name, content string
	header        zip.FileHeader
}

// rezip changes a bundle file by file.
func rezip(t testing.TB, raw []byte, change func([]zipped) []zipped) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var all []zipped
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, zipped{f.Name, string(text), zip.FileHeader{Method: zip.Deflate}})
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range change(all) {
		f.header.Name = f.name
		to, err := w.CreateHeader(&f.header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Write([]byte(f.content)); err != nil && !strings.HasSuffix(f.name, "/") {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	raw := write(t, sample())
	if !bytes.Equal(raw, write(t, sample())) {
		t.Error("written twice, it differs")
	}
	got, err := bundle.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !bundle.Is(raw) || got.Name != "kari.json" || !got.JudgedAt.Equal(made) || got.Asked.Audience != "https://firma.example" || len(got.Digest()) != 64 {
		t.Errorf("%+v", got)
	}
	keys := got.All(bundle.Key)
	if len(keys) != 1 || string(keys[0].Content) != `{"id":"did:web:kurs.example"}` || !keys[0].AsOf.Equal(made.Add(-time.Hour)) || len(got.Missing) != 1 {
		t.Errorf("%+v", got)
	}
	stamped := rezip(t, raw, func(all []zipped) []zipped { return append(all, zipped{name: bundle.TimestampName, content: "token"}) })
	if got, err := bundle.Read(stamped); err != nil || string(got.Timestamp) != "token" {
		t.Errorf("with a token beside it: %v", err)
	}
}

// TestRefused changes a bundle in each way that must show.
func TestRefused(t *testing.T) {
	t.Parallel()
	raw := write(t, sample())
	edit := func(name, old, to string) func([]zipped) []zipped {
		return func(all []zipped) []zipped {
			for i := range all {
				if all[i].name == name {
					all[i].content = strings.Replace(all[i].content, old, to, 1)
				}
			}
			return all
		}
	}
	add := func(name string, h zip.FileHeader) func([]zipped) []zipped {
		return func(all []zipped) []zipped { return append(all, zipped{name, "x", h}) }
	}
	link := zip.FileHeader{}
	link.SetMode(0o777 | 1<<27) // a symbolic link
	for name, row := range map[string]struct {
		change func([]zipped) []zipped
		code   reason.Code
	}{
		"another document":      {edit("document/1.json", "1", "2"), bundle.Changed},
		"another key":           {edit("keys/1.json", "kurs", "ond"), bundle.Changed},
		"longer":                {edit("README.txt", "read", "please read"), bundle.Changed},
		"without a file":        {func(all []zipped) []zipped { return all[:len(all)-1] }, bundle.Unknown},
		"without a manifest":    {func(all []zipped) []zipped { return all[1:] }, bundle.Malformed},
		"a file more":           {add("list/9.json", zip.FileHeader{}), bundle.Unknown},
		"the same name twice":   {add("document/1.json", zip.FileHeader{}), bundle.Malformed},
		"a path that leads out": {add("../etc", zip.FileHeader{}), bundle.Malformed},
		"an absolute path":      {add("/etc/x", zip.FileHeader{}), bundle.Malformed},
		"a backslash":           {add(`a\b`, zip.FileHeader{}), bundle.Malformed},
		"other capitals":        {add("readme.TXT", zip.FileHeader{}), bundle.Malformed},
		"a folder":              {add("keys/", zip.FileHeader{}), bundle.Malformed},
		"a link":                {add("keys/2.json", link), bundle.Malformed},
		"another form":          {edit("manifest.json", "bundle/v1", "bundle/v2"), bundle.Malformed},
		"a member twice":        {edit("manifest.json", `"schema"`, `"name":"x","schema"`), bundle.Malformed},
		"a role nobody knows":   {edit("manifest.json", `"role": "keys"`, `"role": "kings"`), bundle.Malformed},
		"two documents":         {edit("manifest.json", `"role": "keys"`, `"role": "document"`), bundle.Malformed},
		"no time":               {edit("manifest.json", `"made": "2026-06-01T12:00:00Z"`, `"made": "0001-01-01T00:00:00Z"`), bundle.Malformed},
		"a reason for success":  {edit("manifest.json", "status_unavailable/fetch", "display_warning/x"), bundle.Malformed},
		"a reason for refusal":  {edit("manifest.json", "status_unavailable/fetch", "revoked"), bundle.Malformed},
	} {
		changed := rezip(t, raw, row.change)
		if _, err := bundle.Read(changed); reason.CodeOf(err) != row.code {
			t.Errorf("%s: %v, want %s", name, err, row.code)
		}
	}
	bomb := rezip(t, raw, func(all []zipped) []zipped {
		return append(all, zipped{"list/9.json", strings.Repeat("0", 19<<20), zip.FileHeader{Method: zip.Deflate}})
	})
	if _, err := bundle.Read(bomb); reason.CodeOf(err) != bundle.TooLarge {
		t.Errorf("a bomb: %v", err)
	}
	for _, raw := range [][]byte{nil, []byte("PK\x03\x04"), append([]byte("x"), raw...), []byte(`{"schema":"bevis.bundle/v1"}`)} {
		if _, err := bundle.Read(raw); reason.CodeOf(err) != bundle.Malformed {
			t.Errorf("%.10q: %v", raw, err)
		}
	}
	if _, err := bundle.Write(&bundle.Bundle{Made: made, JudgedAt: made}); err == nil {
		t.Error("a bundle about nothing is written")
	}
}

// TestIs tells bundles from other zip files.
func TestIs(t *testing.T) {
	t.Parallel()
	raw := write(t, sample())
	other := rezip(t, raw, func(all []zipped) []zipped {
		return []zipped{{"manifest.json", `{"name":"an extension"}`, zip.FileHeader{}}, {"a.json", "{}", zip.FileHeader{}}}
	})
	if bundle.Is(other) || bundle.Is([]byte("PK\x03\x04")) || bundle.Is(nil) {
		t.Error("another zip is taken for a bundle")
	}
	// A broken one is told as what it is.
	if !bundle.Is(rezip(t, raw, func(all []zipped) []zipped { return all[:1] })) {
		t.Error("a bundle with files missing is not told as one")
	}
}

// FuzzRead: whatever comes, what is read is as the manifest says.
func FuzzRead(f *testing.F) {
	raw := write(f, sample())
	f.Add(raw)
	f.Add(rezip(f, raw, func(all []zipped) []zipped { return all[:2] }))
	f.Add(rezip(f, raw, func(all []zipped) []zipped { return append(all, zipped{name: "list/1.json", content: "{}"}) }))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := bundle.Read(raw)
		if err != nil {
			if b != nil || reason.CodeOf(err).Coarse() != string(reason.BundleInvalid) {
				t.Error(err)
			}
			return
		}
		again, err := bundle.Write(b)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := bundle.Read(again); err != nil || len(twice.Files) != len(b.Files) {
			t.Error(err)
		}
	})
}
