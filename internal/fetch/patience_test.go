package fetch_test

import (
	"bytes"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/reason"
)

// TestLongAnswers: what is long has the time that it takes, as long as it comes.
// One that is longer than may be is refused by its head, and one that stops is
// not waited for.
func TestLongAnswers(t *testing.T) {
	t.Parallel()
	piece := bytes.Repeat([]byte{'x'}, 1<<20)
	mux := http.NewServeMux()
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		for range 4 {
			time.Sleep(200 * time.Millisecond)
			_, _ = w.Write(piece)
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/stops", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(piece)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/says", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(5<<20))
		_, _ = w.Write([]byte("x"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	s, pool := server(t, mux.ServeHTTP)
	c := client(t, fetch.Config{AllowLoopbackUnsafe: true, RootCAs: pool, Timeout: 500 * time.Millisecond, MaxBytes: 4 << 20})
	if body, _, err := c.Fetch(t.Context(), s.URL+"/slow", ""); err != nil || len(body) != 4<<20 {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	for path, want := range map[string]reason.Code{"/stops": "fetch_failed/network", "/says": "resource_limit/fetch"} {
		start := time.Now()
		if body, _, err := c.Fetch(t.Context(), s.URL+path, ""); reason.CodeOf(err) != want {
			t.Errorf("%s: %d bytes in %v, %v", path, len(body), time.Since(start), err)
		}
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("%s: took %v", path, took)
		}
	}
}
