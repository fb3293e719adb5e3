package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/trust"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	badge, err := os.ReadFile("../../cmd/bevis/testdata/fixed/badge.json")
	if err != nil {
		t.Fatal(err)
	}
	const issuer = "did:key:z6MkmkxP7aLzLco7mLGVxPsi3X4e1ZhZiTNF2ZA6fpgDf6vZ"
	handler, err := newHandler(trust.Pins(issuer), func() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, body      string
		status          int
		verdict, reason string
	}{
		{"its status list is not at hand", string(badge), 200, "undetermined", "status_unavailable"},
		{"tampered", strings.Replace(string(badge), "grunnkurs", "meisterkurs", 1), 200, "invalid", "bad_signature"},
		{"no credential", "hello", 400, "unreadable", "malformed/json"},
		{"nothing", "", 400, "unreadable", "no_credential/empty"},
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/verify", strings.NewReader(test.body)))
		var answer struct{ Verdict, Reason string }
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if w.Code != test.status || answer.Verdict != test.verdict || !strings.HasPrefix(answer.Reason, test.reason) {
			t.Errorf("%s: %d %+v, want %d %s %s", test.name, w.Code, answer, test.status, test.verdict, test.reason)
		}
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/verify", strings.NewReader(strings.Repeat(" ", maxBody+1))))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d", w.Code)
	}
	w = httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/verify", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
}
