package fetch_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/reason"
)

func client(t *testing.T, cfg fetch.Config) *fetch.Client {
	t.Helper()
	cfg.Now = time.Now
	c, err := fetch.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestNoConnectionInside spells the addresses of machines that documents must
// not reach, in the ways that parsers have been fooled by. A listener on this
// machine counts connections.
func TestNoConnectionInside(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var connections atomic.Int32
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
	_, port, _ := net.SplitHostPort(l.Addr().String())
	c := client(t, fetch.Config{Timeout: 2 * time.Second})
	for _, host := range []string{
		"127.0.0.1", "127.1", "127.255.255.254", "localhost", "LOCALHOST", "localhost.", "x.localhost", "0.0.0.0", "0", "[::1]", "[::]",
		"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1",
		"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "100.64.0.1",
		"[fe80::1%25lo]", "224.0.0.1", "255.255.255.255", "[ff02::1]", "192.0.2.1", "198.18.0.1", "240.0.0.1", "user@127.0.0.1", "127.0.0.1%2f",
	} {
		_, _, err := c.Fetch(t.Context(), "https://"+host+":"+port+"/", "application/json")
		if coarse := reason.CodeOf(err).Coarse(); coarse != string(reason.RemoteFetchBlocked) && coarse != string(reason.FetchFailed) {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, address := range []string{"http://example.com/", "file:///etc/passwd", "gopher://x/", "//x", "https:x", "https://", "data:,x", "\x00"} {
		if _, _, err := c.Fetch(t.Context(), address, ""); reason.CodeOf(err).Coarse() != string(reason.RemoteFetchBlocked) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

func server(t *testing.T, h http.HandlerFunc) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return s, pool
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/good", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" || r.Header.Get("Accept") != "application/did+json" || r.UserAgent() != "bevis" {
			t.Errorf("%v", r.Header)
		}
		w.Header().Set("Set-Cookie", "id=1")
		w.Write([]byte(`{}`))
	})
	for _, code := range []int{301, 302, 303, 307, 308} {
		mux.HandleFunc("/"+http.StatusText(code)[:3]+string(rune('0'+code%10)), func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/good", code)
		})
	}
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/drip", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			w.Write([]byte{'x'})
			w.(http.Flusher).Flush()
			time.Sleep(20 * time.Millisecond)
		}
	})
	mux.HandleFunc("/gzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write([]byte{0x1f, 0x8b})
	})
	mux.HandleFunc("/withdrawn", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	s, pool := server(t, mux.ServeHTTP)
	c := client(t, fetch.Config{AllowLoopbackUnsafe: true, RootCAs: pool, Timeout: 500 * time.Millisecond})
	for range 2 {
		if body, asOf, err := c.Fetch(t.Context(), s.URL+"/good", "application/did+json"); err != nil || string(body) != `{}` || asOf.IsZero() {
			t.Fatalf("%s %v %v", body, asOf, err)
		}
	}
	for path, want := range map[string]reason.Code{
		"/Mov1": "remote_fetch_blocked/redirect", "/Fou2": "remote_fetch_blocked/redirect", "/See3": "remote_fetch_blocked/redirect",
		"/Tem7": "remote_fetch_blocked/redirect", "/Per8": "remote_fetch_blocked/redirect",
		"/endless": "resource_limit/fetch", "/drip": "fetch_failed/network", "/gzip": "remote_fetch_blocked/encoding", "/none": "fetch_failed/status",
		"/withdrawn": "fetch_failed/gone",
	} {
		start := time.Now()
		_, _, err := c.Fetch(t.Context(), s.URL+path, "application/did+json")
		if reason.CodeOf(err) != want {
			t.Errorf("%s: %s (%v), want %s", path, reason.CodeOf(err), err, want)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s: took %v", path, took)
		}
	}
	offline := client(t, fetch.Config{Offline: true, AllowLoopbackUnsafe: true, RootCAs: pool})
	if _, _, err := offline.Fetch(t.Context(), s.URL+"/good", ""); reason.CodeOf(err) != "remote_fetch_blocked/offline" {
		t.Error(err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := c.Fetch(canceled, s.URL+"/good", ""); err == nil {
		t.Error("fetched with a cancelled context")
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	s, pool := server(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("x")) })
	unknown := client(t, fetch.Config{AllowLoopbackUnsafe: true})
	if _, _, err := unknown.Fetch(t.Context(), s.URL, ""); reason.CodeOf(err) != "remote_fetch_blocked/tls" {
		t.Errorf("unknown authority: %v", err)
	}
	known := client(t, fetch.Config{AllowLoopbackUnsafe: true, RootCAs: pool})
	if _, _, err := known.Fetch(t.Context(), strings.Replace(s.URL, "127.0.0.1", "localhost", 1), ""); reason.CodeOf(err) != "remote_fetch_blocked/tls" {
		t.Errorf("wrong host: %v", err)
	}
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.StartTLS()
	defer old.Close()
	pool.AddCert(old.Certificate())
	if _, _, err := known.Fetch(t.Context(), old.URL, ""); reason.CodeOf(err) != "remote_fetch_blocked/tls" {
		t.Errorf("TLS 1.1: %v", err)
	}
}
