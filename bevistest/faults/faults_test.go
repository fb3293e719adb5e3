package faults_test

import (
	"compress/gzip"
	"crypto/tls"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/bevistest/faults"
)

// TestHostsDoWhatTheySay: the faults are there, seen by a client that falls for
// them.
func TestHostsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	h := faults.New(t, faults.Config{})
	naive := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: h.Roots}, DisableCompression: true}}
	get := func(path string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := naive.Do(req)
		if err != nil {
			t.Fatal(path, err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	if body, err := io.ReadAll(get(faults.Good).Body); err != nil || string(body) != `{"good":true}` {
		t.Error(string(body), err)
	}
	if body, err := io.ReadAll(get(faults.Elsewhere(302, h.URL+faults.Good)).Body); err != nil || string(body) != `{"good":true}` {
		t.Error("a redirect leads to", string(body), err)
	}
	z, err := gzip.NewReader(get(faults.Bomb).Body)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, z); err != nil || n != 256<<20 {
		t.Errorf("the bomb has %d bytes, %v", n, err)
	}
	if _, err := io.ReadAll(get(faults.Cut).Body); err == nil {
		t.Error("what is cut comes whole")
	}
	for _, path := range []string{faults.Drip, faults.Endless} {
		if n, err := io.ReadFull(get(path).Body, make([]byte, 10)); n != 10 || err != nil {
			t.Errorf("%s: %d bytes, %v", path, n, err)
		}
	}
	if h.Connections() == 0 || h.Requests() < 7 {
		t.Error(h.Connections(), h.Requests())
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	a, b, six := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("2001:db8::1")
	n := faults.NewNames(t, map[string][]netip.Addr{"flip.example": {a, b}, "six.example": {six}, "none.example": {}})
	r := n.Resolver()
	for _, want := range []netip.Addr{a, b, b} {
		if got, err := r.LookupNetIP(t.Context(), "ip4", "flip.example"); err != nil || len(got) != 1 || got[0].Unmap() != want {
			t.Errorf("%v %v, want %v", got, err, want)
		}
	}
	if got, err := r.LookupNetIP(t.Context(), "ip", "six.example"); err != nil || !slices.Equal(got, []netip.Addr{six}) {
		t.Error(got, err)
	}
	if got, err := r.LookupNetIP(t.Context(), "ip4", "unknown.example"); err != nil || got[0].Unmap() != b {
		t.Error(got, err)
	}
	if got, err := r.LookupNetIP(t.Context(), "ip", "none.example"); err == nil {
		t.Error(got)
	}
	if n.Asked("FLIP.example") != 3 {
		t.Error(n.Asked("flip.example"))
	}
}
