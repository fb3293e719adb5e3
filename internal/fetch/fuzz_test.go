package fetch

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzCopy: a file of the cache is the copy that its head tells of, byte for
// byte, or it is nothing.
func FuzzCopy(f *testing.F) {
	folder := f.TempDir()
	c, err := NewCache(CacheConfig{Source: &Client{}, Folder: folder, Now: func() time.Time { return time.Time{} }})
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range []string{"", "{}", "a\nb"} {
		if err := c.Put("https://kurs.example/"+body, []byte(body), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			f.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"+copyEnding))
	if err != nil || len(files) != 3 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"schema":"bevis.copy/v1","url":"https://a","fetched":"2026-01-01T00:00:00Z","sha256":""}` + "\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		k, err := parseCopy(raw)
		if err != nil {
			return
		}
		if k.url == "" || k.fetched.IsZero() || !bytes.HasSuffix(raw, k.body) {
			t.Errorf("%+v", k)
		}
		if err := c.store(k); err != nil {
			return // an address or a body that is too long
		}
		if again, ok := c.load(k.url); !ok || !bytes.Equal(again.body, k.body) || !again.fetched.Equal(k.fetched) {
			t.Errorf("%+v is read back as %+v", k, again)
		}
	})
}
