package fetch_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/bevistest/faults"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/reason"
)

// inside counts connections to this machine, over IPv4 and IPv6, on one port.
func inside(t *testing.T) (port string, connections *atomic.Int32) {
	t.Helper()
	connections = &atomic.Int32{}
	four, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ = net.SplitHostPort(four.Addr().String())
	listeners := []net.Listener{four}
	if six, err := net.Listen("tcp", "[::1]:"+port); err == nil { // a machine may have no IPv6
		listeners = append(listeners, six)
	}
	for _, l := range listeners {
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				connections.Add(1)
				conn.Close()
			}
		}()
	}
	return port, connections
}

// TestSpellingsOfPrivateAddresses: however an address inside is written, in a
// URL or in a did:web, no connection is made (attack NW-01). The resolver is the
// most careless there can be: it takes whatever it does not know for this
// machine.
func TestSpellingsOfPrivateAddresses(t *testing.T) {
	t.Parallel()
	port, connections := inside(t)
	names := faults.NewNames(t, nil)
	c := client(t, fetch.Config{Timeout: 5 * time.Second, Resolver: names.Resolver()})
	web := did.Web{Fetcher: c}
	spellings := faults.Spellings()
	if len(spellings) < 70 {
		t.Fatal("only", len(spellings))
	}
	for _, host := range spellings {
		for _, address := range []string{"https://" + host + ":" + port + "/did.json", "https://" + host + "/did.json"} {
			if _, _, err := c.Fetch(t.Context(), address, "application/json"); reason.CodeOf(err).Coarse() != string(reason.RemoteFetchBlocked) {
				t.Errorf("%s: %v", address, err)
			}
			if _, _, err := c.Look(t.Context(), address); reason.CodeOf(err).Coarse() != string(reason.RemoteFetchBlocked) {
				t.Errorf("looking at %s: %v", address, err)
			}
		}
		id := "did:web:" + strings.NewReplacer(":", "%3A", "[", "%5B", "]", "%5D", "@", "%40").Replace(host) + "%3A" + port
		if _, err := web.Resolve(t.Context(), id); err == nil {
			t.Errorf("%s is resolved", id)
		} else if code := reason.CodeOf(err); code.Coarse() != string(reason.RemoteFetchBlocked) && code != "key_invalid/did" {
			t.Errorf("%s: %v", id, err)
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

// TestNamesThatLeadInside: a name is as good as where it leads when it is
// dialled.
func TestNamesThatLeadInside(t *testing.T) {
	t.Parallel()
	port, connections := inside(t)
	answers := map[string][]netip.Addr{}
	for name, address := range faults.PrivateNames() {
		answers[name] = []netip.Addr{address}
	}
	names := faults.NewNames(t, answers)
	c := client(t, fetch.Config{Timeout: 5 * time.Second, Resolver: names.Resolver()})
	for name := range answers {
		if _, _, err := c.Fetch(t.Context(), "https://"+name+":"+port+"/", ""); reason.CodeOf(err) != "remote_fetch_blocked/private-address" {
			t.Errorf("%s: %v", name, err)
		}
		if names.Asked(name) == 0 {
			t.Errorf("%s was not looked up: the test tests nothing", name)
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

// TestRebinding: a name that is public to whoever looks first, and private when
// it is dialled, gains nothing (attack NW-02).
func TestRebinding(t *testing.T) {
	t.Parallel()
	port, connections := inside(t)
	public, private := netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("127.0.0.1")
	names := faults.NewNames(t, map[string][]netip.Addr{"flip.example": {public, private}})
	found, err := names.Resolver().LookupNetIP(t.Context(), "ip4", "flip.example")
	if err != nil || len(found) != 1 || found[0].Unmap() != public {
		t.Fatal("a check before dialling would see", found, err)
	}
	c := client(t, fetch.Config{Timeout: 5 * time.Second, Resolver: names.Resolver()})
	for range 3 {
		if _, _, err := c.Fetch(t.Context(), "https://flip.example:"+port+"/", ""); reason.CodeOf(err) != "remote_fetch_blocked/private-address" {
			t.Error(err)
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

// TestRedirects: nothing is followed, wherever it leads (attack NW-03).
func TestRedirects(t *testing.T) {
	t.Parallel()
	port, connections := inside(t)
	h := faults.New(t, faults.Config{})
	c := client(t, fetch.Config{AllowLoopbackUnsafe: true, RootCAs: h.Roots})
	want := 0
	for _, status := range []int{300, 301, 302, 303, 304, 305, 307, 308} {
		for _, to := range []string{faults.Good, h.URL + faults.Good, "https://127.0.0.1:" + port + "/", "http://127.0.0.1:" + port + "/", "//127.0.0.1:" + port + "/", "file:///etc/passwd", ""} {
			want++
			if body, _, err := c.Fetch(t.Context(), h.URL+faults.Elsewhere(status, to), ""); reason.CodeOf(err) != "remote_fetch_blocked/redirect" || body != nil {
				t.Errorf("%d to %q: %q %v", status, to, body, err)
			}
		}
	}
	if _, _, err := c.Fetch(t.Context(), h.URL+faults.Loop, ""); reason.CodeOf(err) != "remote_fetch_blocked/redirect" {
		t.Error(err)
	}
	if n := connections.Load(); n != 0 || h.Requests() != want+1 {
		t.Errorf("%d connections were made elsewhere, %d requests in place of %d", n, h.Requests(), want+1)
	}
}

// TestFaults: a host that drips, floods, hangs or compresses costs a bounded
// time and no more memory than an answer may have (attack NW-04).
func TestFaults(t *testing.T) {
	t.Parallel()
	h := faults.New(t, faults.Config{})
	c := client(t, fetch.Config{AllowLoopbackUnsafe: true, RootCAs: h.Roots, Timeout: time.Second})
	for path, want := range map[string]reason.Code{
		faults.Good: "", faults.Drip: "fetch_failed/network", faults.Endless: "resource_limit/fetch", faults.Hang: "fetch_failed/network",
		faults.Page: "fetch_failed/content-type", faults.Bomb: "remote_fetch_blocked/encoding", faults.Cut: "fetch_failed/network",
		faults.Reset: "fetch_failed/network", faults.Headers: "fetch_failed/network", "/nothing": "fetch_failed/status",
	} {
		start := time.Now()
		body, _, err := c.Fetch(t.Context(), h.URL+path, "application/json")
		if reason.CodeOf(err) != want || err != nil && body != nil {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("%s: took %v", path, took)
		}
	}
	for range 2 {
		if body, _, err := c.Fetch(t.Context(), h.URL+faults.Cookie, "application/json"); err != nil || string(body) != "[]" {
			t.Errorf("cookies are sent back: %s %v", body, err)
		}
	}
}

// TestFetchIsCanceled: who does not want an answer any more has none to wait
// for.
func TestFetchIsCanceled(t *testing.T) {
	t.Parallel()
	h := faults.New(t, faults.Config{})
	c := client(t, fetch.Config{AllowLoopbackUnsafe: true, RootCAs: h.Roots, Timeout: time.Minute})
	copies, err := fetch.NewCache(fetch.CacheConfig{Source: c, Folder: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]fetch.Source{"the client": c, "the cache": copies} {
		for _, path := range []string{faults.Hang, faults.Drip} {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			start := time.Now()
			if _, _, err := source.Fetch(ctx, h.URL+path, ""); err == nil {
				t.Errorf("%s has something from %s", name, path)
			}
			cancel()
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%s on %s: took %v", name, path, took)
			}
		}
	}
}

// TestCertificates: a connection that is not secure is none (attack NW-05).
func TestCertificates(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]faults.Config{
		"expired": {Certificate: faults.Expired}, "not yet": {Certificate: faults.NotYet}, "of another host": {Certificate: faults.OtherHost}, "self-signed": {Certificate: faults.SelfSigned},
		"TLS 1.0": {MaxTLS: tls.VersionTLS10}, "TLS 1.1": {MaxTLS: tls.VersionTLS11},
	} {
		h := faults.New(t, cfg)
		c := client(t, fetch.Config{AllowLoopbackUnsafe: true, RootCAs: h.Roots})
		if _, _, err := c.Fetch(t.Context(), h.URL+faults.Good, ""); reason.CodeOf(err) != "remote_fetch_blocked/tls" {
			t.Errorf("%s: %v", name, err)
		}
		if h.Requests() != 0 {
			t.Errorf("%s: a request was sent all the same", name)
		}
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		h := faults.New(t, faults.Config{MaxTLS: version})
		c := client(t, fetch.Config{AllowLoopbackUnsafe: true, RootCAs: h.Roots})
		if _, _, err := c.Fetch(t.Context(), h.URL+faults.Good, ""); err != nil {
			t.Errorf("TLS %x: %v", version, err)
		}
	}
}
