package issuer

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// TestPublic: what was published is given out to everybody as what it is, with
// how long a copy will do, and nothing else that lies beside it.
func TestPublic(t *testing.T) {
	t.Parallel()
	token := "eyJhbGciOiJFZERTQSIsInR5cCI6InN0YXR1c2xpc3Qrand0In0." + strings.Repeat("A", 2000) + ".AA"
	made := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), ModTime: made} }
	files := fstest.MapFS{
		".well-known/did.json": file("{}"), "profile.json": file("{}"), "status/revocation-1.json": file(`{"type":"x"}`), "status/revocation-1.jwt": file(token),
		"status/.hidden.json": file("{}"), "secret.txt": file("x"), "status/notes.txt": file("x"), "status/sub/a.json": file("{}"), "_headers": file("x"), "status/folder.json/a": file("x"),
	}
	h := newHouse(t, func(c *Config) { c.Public = files })
	ask := func(method, path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		for n := 0; n < len(header); n += 2 {
			r.Header.Set(header[n], header[n+1])
		}
		w := httptest.NewRecorder()
		h.server.ServeHTTP(w, r)
		return w
	}
	for path, media := range map[string]string{
		"/.well-known/did.json": "application/did+ld+json", "/profile.json": "application/json",
		"/status/revocation-1.json": "application/vc", "/status/revocation-1.jwt": "application/statuslist+jwt",
	} {
		w := ask("GET", path)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != media || w.Header().Get("Cache-Control") != "public, max-age=300" ||
			w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Body.String() != string(files[path[1:]].Data) {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		if w = ask("GET", path, "If-None-Match", w.Header().Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
			t.Errorf("%s again: %d", path, w.Code)
		}
		if w = ask("HEAD", path); w.Code != http.StatusOK || w.Body.Len() > 0 || w.Header().Get("Content-Length") == "" {
			t.Errorf("%s, its head: %d", path, w.Code)
		}
		if w = ask("POST", path); w.Code != http.StatusNotFound {
			t.Errorf("%s is written to: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/", "/secret.txt", "/_headers", "/status/", "/status/notes.txt", "/status/.hidden.json", "/status/sub/a.json", "/status/folder.json", "/status/none.json",
		"/status/../secret.json", "/status/%2e%2e/profile.json", "//profile.json"} {
		if w := ask("GET", path); w.Code == http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := newHouse(t, nil).ask("GET", "/profile.json", ""); w.Code != http.StatusNotFound {
		t.Error("without a folder, a file is given out:", w.Code)
	}
}
