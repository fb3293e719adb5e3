package fetch_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/reason"
)

// TestLook: the status of what is there, by HEAD and where that fails by GET,
// over https and http, and nothing that may not be reached.
func TestLook(t *testing.T) {
	t.Parallel()
	var asked []string
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.Method) })
	mux.HandleFunc("/onlyget", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		for range 1000 {
			if _, err := w.Write([]byte(strings.Repeat("x", 64<<10))); err != nil {
				return // nobody reads it
			}
		}
	})
	s, pool := server(t, mux.ServeHTTP)
	plain := httptest.NewServer(mux)
	t.Cleanup(plain.Close)
	c := client(t, fetch.Config{AllowLoopbackUnsafe: true, RootCAs: pool, Timeout: 5 * time.Second})
	for address, want := range map[string]struct {
		status int
		to     string
	}{
		s.URL + "/ok": {200, ""}, plain.URL + "/ok": {200, ""}, s.URL + "/onlyget": {200, ""}, s.URL + "/none": {404, ""},
		s.URL + "/moved": {302, "http://169.254.169.254/latest"}, s.URL + "/endless": {200, ""},
	} {
		if status, to, err := c.Look(t.Context(), address); err != nil || status != want.status || to != want.to {
			t.Errorf("%s: %d %q %v", address, status, to, err)
		}
	}
	if len(asked) != 2 || asked[0] != http.MethodHead || asked[1] != http.MethodHead {
		t.Errorf("a page that answers was asked for by %v", asked)
	}
	strict := client(t, fetch.Config{Timeout: 2 * time.Second})
	for address, want := range map[string]reason.Code{
		plain.URL + "/ok": "remote_fetch_blocked/private-address", "http://10.0.0.1/": "remote_fetch_blocked/private-address", "ftp://a.example/": "remote_fetch_blocked/scheme",
		"https://user@a.example/": "remote_fetch_blocked/url", "": "remote_fetch_blocked/url",
	} {
		if _, _, err := strict.Look(t.Context(), address); reason.CodeOf(err) != want {
			t.Errorf("%q: %v, want %s", address, err, want)
		}
	}
	offline := client(t, fetch.Config{Offline: true, AllowLoopbackUnsafe: true, RootCAs: pool})
	if _, _, err := offline.Look(t.Context(), s.URL+"/ok"); reason.CodeOf(err) != "remote_fetch_blocked/offline" {
		t.Error(err)
	}
}
