package faults

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Paths of a Host, each with its fault.
const (
	Good      = "/good"      // a small JSON document
	Drip      = "/drip"      // a byte now and then, without end
	Endless   = "/endless"   // as fast as it goes, without end
	Hang      = "/hang"      // no answer
	Page      = "/page"      // a page for people, with 200
	Bomb      = "/bomb"      // 256 MiB of zeros as gzip, by Content-Encoding
	Cut       = "/cut"       // less than Content-Length says
	Reset     = "/reset"     // the connection is closed in place of an answer
	Headers   = "/headers"   // a head of several megabytes
	Loop      = "/loop"      // sends to itself
	Cookie    = "/cookie"    // sets a cookie, and tells in its answer the ones that came
	elsewhere = "/elsewhere" // see Elsewhere
)

// Elsewhere returns the path that sends to an address with a status such as
// 302.
func Elsewhere(status int, to string) string {
	return fmt.Sprintf("%s/%d/%s", elsewhere, status, to)
}

// Config is what kind of host it is. The zero value is an honest one: its
// certificate is for localhost, 127.0.0.1 and ::1, by Host.Roots.
type Config struct {
	Certificate Certificate
	MaxTLS      uint16 // such as tls.VersionTLS11; zero: the newest
}

// Host is an HTTPS server on this machine.
type Host struct {
	URL   string         // https://127.0.0.1:port
	Port  string         // of the same
	Roots *x509.CertPool // who vouches for its certificate, if that is any good

	connections atomic.Int32
	requests    atomic.Int32
}

// New starts a host, which ends with the test.
func New(t testing.TB, cfg Config) *Host {
	t.Helper()
	certificate, roots, err := issue(cfg.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	h := &Host{Roots: roots}
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = true
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MaxVersion: cfg.MaxTLS}
	if cfg.MaxTLS != 0 {
		s.TLS.MinVersion = tls.VersionTLS10
		s.EnableHTTP2 = false
	}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			h.connections.Add(1)
		}
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // that clients give up is what they are to do
	ctx, stop := context.WithCancel(t.Context())
	s.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	s.StartTLS()
	t.Cleanup(func() {
		stop() // what drips and hangs, ends
		s.Close()
	})
	h.URL = s.URL
	if _, h.Port, err = net.SplitHostPort(s.Listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	return h
}

// Connections returns how many connections were made to the host.
func (h *Host) Connections() int { return int(h.connections.Load()) }

// Requests returns how many requests the host has read.
func (h *Host) Requests() int { return int(h.requests.Load()) }

// ServeHTTP implements http.Handler.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.requests.Add(1)
	if rest, ok := strings.CutPrefix(r.URL.Path, elsewhere+"/"); ok {
		status, to, _ := strings.Cut(rest, "/")
		code, err := strconv.Atoi(status)
		if err != nil {
			http.Error(w, "no such status", http.StatusBadRequest)
			return
		}
		w.Header().Set("Location", to)
		w.WriteHeader(code)
		return
	}
	answers := map[string]http.HandlerFunc{
		Good:    func(w http.ResponseWriter, _ *http.Request) { send(w, "application/json", `{"good":true}`) },
		Drip:    drip,
		Endless: endless,
		Hang:    func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		Page: func(w http.ResponseWriter, _ *http.Request) {
			send(w, "text/html; charset=utf-8", "<!doctype html><title>Log in</title>")
		},
		Bomb: bomb,
		Cut: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			send(w, "application/json", `{"good":`)
		},
		Reset:   reset,
		Headers: headers,
		Loop:    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, Loop, http.StatusFound) },
		Cookie: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Set-Cookie", "id=1; Path=/")
			send(w, "application/json", fmt.Sprintf("%q", r.Header.Values("Cookie")))
		},
	}
	if answer, ok := answers[r.URL.Path]; ok {
		answer(w, r)
		return
	}
	http.NotFound(w, r)
}

func send(w http.ResponseWriter, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	io.WriteString(w, body)
}

func drip(w http.ResponseWriter, r *http.Request) {
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for {
		if _, err := w.Write([]byte{' '}); err != nil {
			return
		}
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		select {
		case <-r.Context().Done():
			return
		case <-ticks.C:
		}
	}
}

// reset ends the connection by a time for writing that has passed.
func reset(w http.ResponseWriter, _ *http.Request) {
	if err := http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0)); err != nil {
		http.Error(w, "cannot be reset", http.StatusInternalServerError)
		return
	}
	send(w, "application/json", "{}")
}

func endless(w http.ResponseWriter, r *http.Request) {
	for block := make([]byte, 1<<16); r.Context().Err() == nil; {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// bomb sends what is a quarter of a megabyte, and 256 MiB to whoever inflates
// it: one piece of gzip, again and again.
func bomb(w http.ResponseWriter, _ *http.Request) {
	var piece bytes.Buffer
	z := gzip.NewWriter(&piece)
	if _, err := z.Write(make([]byte, 1<<20)); err != nil || z.Close() != nil {
		http.Error(w, "no bomb", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Type", "application/json")
	for range 256 {
		if _, err := w.Write(piece.Bytes()); err != nil {
			return
		}
	}
}

func headers(w http.ResponseWriter, _ *http.Request) {
	for i := range 64 {
		w.Header().Set(fmt.Sprintf("X-Fill-%d", i), strings.Repeat("x", 64<<10))
	}
	send(w, "application/json", "{}")
}
