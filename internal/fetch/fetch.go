package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Defaults of Config.
const (
	DefaultMaxBytes = 1 << 20
	DefaultTimeout  = 5 * time.Second
)

// Config is what a Client may do.
type Config struct {
	Now      func() time.Time // required, usually time.Now
	Offline  bool             // make no connection at all
	MaxBytes int64            // of an answer, zero: DefaultMaxBytes
	// Timeout is for everything, zero: DefaultTimeout. What is longer than a
	// MiB may take as much longer as it is, at a MiB a second.
	Timeout  time.Duration
	RootCAs  *x509.CertPool // nil: the system's
	Resolver *net.Resolver  // of names, nil: the system's

	// AllowLoopbackUnsafe lets the client connect to this machine, for
	// trying things out. Documents of others could then reach what listens
	// here.
	AllowLoopbackUnsafe bool
}

// ErrNotFound is in the error when a server answers that there is nothing
// there (404): an answer, as opposed to none.
var ErrNotFound = errors.New("there is nothing there")

// Client fetches documents. It is safe for concurrent use.
type Client struct {
	cfg  Config
	http *http.Client
}

// New returns a client.
func New(cfg Config) (*Client, error) {
	if cfg.Now == nil {
		return nil, reason.New(reason.Usage, "fetch.Config", "Now is nil: use time.Now")
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = DefaultMaxBytes
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	c := &Client{cfg: cfg}
	dialer := &net.Dialer{Timeout: cfg.Timeout, Resolver: cfg.Resolver, Control: func(_, address string, _ syscall.RawConn) error { return c.allow(address) }}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil,
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: cfg.RootCAs},
			TLSHandshakeTimeout:    cfg.Timeout,
			ResponseHeaderTimeout:  cfg.Timeout,
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true,
			DisableKeepAlives:      true,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// allow is asked with the very address that is about to be dialled.
func (c *Client) allow(address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return reason.New("remote_fetch_blocked/address", "", "the address cannot be told")
	}
	ip := to.Addr().WithZone("").Unmap()
	if ip.IsLoopback() && c.cfg.AllowLoopbackUnsafe {
		return nil
	}
	if !public(ip) {
		return reason.New("remote_fetch_blocked/private-address", "", "%s is not a public address", ip)
	}
	return nil
}

// notPublic are the blocks of the special-purpose registries (RFC 6890) that
// netip does not name.
func notPublic() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", // with the broadcast address
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// public reports whether an address is one of a machine in the open. In IPv6
// that is 2000::/3 alone: outside of it lie the ways of writing an IPv4 address
// in IPv6, of which there are many.
func public(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Is6() && ip.As16()[0]>>5 != 0b001 {
		return false
	}
	for _, block := range notPublic() {
		if block.Contains(ip) {
			return false
		}
	}
	return true
}

// Answer is a document with what can be told of how it came.
type Answer struct {
	Body        []byte
	AsOf        time.Time
	Status      int    // of HTTP
	ContentType string // as the server said
	TLS         string // the version of the protocol, such as "TLS 1.3"
}

// Fetch gets a document. AsOf is when it came.
func (c *Client) Fetch(ctx context.Context, address, accept string) (body []byte, asOf time.Time, err error) {
	a, err := c.Answer(ctx, address, accept)
	return a.Body, a.AsOf, err
}

// Answer is Fetch for who wants to tell others how the document came.
func (c *Client) Answer(ctx context.Context, address, accept string) (out Answer, err error) {
	if err := checkURL(address, "https"); err != nil {
		return out, err
	}
	if c.cfg.Offline {
		return out, reason.New("remote_fetch_blocked/offline", address, "no connection is made offline")
	}
	ctx, late := withPatience(ctx, c.cfg.Timeout)
	defer late.end()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return out, reason.New("remote_fetch_blocked/url", address, "not a URL that can be fetched")
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", "bevis")
	resp, err := c.http.Do(req)
	if err != nil {
		return out, failed(address, late.said(err))
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return out, reason.New("remote_fetch_blocked/redirect", address, "the server sends elsewhere, which is not followed")
	case resp.StatusCode == http.StatusGone:
		return out, withdrawn(address)
	case resp.StatusCode == http.StatusNotFound:
		return out, reason.New("fetch_failed/status", address, "the server answers 404: %w", ErrNotFound)
	case resp.StatusCode != http.StatusOK:
		return out, reason.New("fetch_failed/status", address, "the server answers %d", resp.StatusCode)
	case resp.Header.Get("Content-Encoding") != "" && resp.Header.Get("Content-Encoding") != "identity":
		return out, reason.New("remote_fetch_blocked/encoding", address, "the answer is compressed, which was not asked for")
	case isPage(resp.Header.Get("Content-Type"), accept):
		return out, reason.New("fetch_failed/content-type", address, "the answer is a page for people")
	}
	if resp.ContentLength > c.cfg.MaxBytes { // by its own word, which saves both sides the rest
		return out, tooLong(address, c.cfg.MaxBytes)
	}
	out.Body, err = readAll(io.LimitReader(late.reads(resp.Body), c.cfg.MaxBytes+1), resp.ContentLength)
	if err = late.said(err); err != nil {
		return Answer{}, failed(address, err)
	}
	if int64(len(out.Body)) > c.cfg.MaxBytes {
		return Answer{}, tooLong(address, c.cfg.MaxBytes)
	}
	out.AsOf, out.Status, out.ContentType = c.cfg.Now(), resp.StatusCode, resp.Header.Get("Content-Type")
	if resp.TLS != nil {
		out.TLS = tls.VersionName(resp.TLS.Version)
	}
	return out, nil
}

// isPage reports whether an answer is a page for people that was not asked for,
// such as a log-in or the notice of a host. Other types are not looked at: many
// hosts of files do not know them.
func isPage(contentType, accept string) bool {
	kind, _, _ := mime.ParseMediaType(contentType) // a type that cannot be read says nothing
	return (kind == "text/html" || kind == "application/xhtml+xml") && !strings.Contains(accept, "html") && !strings.Contains(accept, "*/*")
}

// Look asks for the head of what is at an http or https address, and tells the
// status and, where the server sends elsewhere, where. Nothing of a body is
// read, and no redirect followed.
func (c *Client) Look(ctx context.Context, address string) (status int, to string, err error) {
	if err := checkURL(address, "https", "http"); err != nil {
		return 0, "", err
	}
	if c.cfg.Offline {
		return 0, "", reason.New("remote_fetch_blocked/offline", address, "no connection is made offline")
	}
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		if status, to, err = c.look(ctx, method, address); err != nil || status < http.StatusBadRequest {
			return status, to, err
		}
	}
	return status, to, nil // many servers answer HEAD wrongly: what GET says counts
}

func (c *Client) look(ctx context.Context, method, address string) (status int, to string, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return 0, "", reason.New("remote_fetch_blocked/url", address, "not a URL that can be fetched")
	}
	req.Header.Set("Accept", "*/*")
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", "bevis (checks the links of a course catalogue)")
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, "", failed(address, err)
	}
	defer resp.Body.Close()
	if next, err := resp.Location(); err == nil && resp.StatusCode >= 300 && resp.StatusCode < 400 {
		to = next.String()
	}
	return resp.StatusCode, to, nil
}

// checkURL refuses what must not even be resolved.
func checkURL(address string, schemes ...string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return reason.New("remote_fetch_blocked/url", address, "not a URL that can be fetched")
	}
	switch {
	case !slices.Contains(schemes, u.Scheme):
		return reason.New("remote_fetch_blocked/scheme", address, "only https is fetched")
	case u.User != nil:
		return reason.New("remote_fetch_blocked/url", address, "a URL with a user name is not fetched")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if endsInNumber(host) {
		if _, err := netip.ParseAddr(host); err != nil || strings.HasSuffix(u.Hostname(), ".") {
			return reason.New("remote_fetch_blocked/url", address, "the host is a number, and not an address as it is written")
		}
	}
	if ip, err := netip.ParseAddr(host); err == nil && !ip.IsLoopback() && !public(ip.WithZone("").Unmap()) {
		return reason.New("remote_fetch_blocked/private-address", address, "not a public address")
	}
	return nil
}

// endsInNumber reports whether the last part of a host is a number, as some
// resolvers read it: decimal, octal or hexadecimal. No name in the public tree
// is like that.
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	digits, hex := strings.CutPrefix(last, "0x")
	return last != "" && (strings.Trim(last, "0123456789") == "" || hex && strings.Trim(digits, "0123456789abcdef") == "")
}

// failed tells what our guard refused from what the network did not do.
func failed(address string, err error) error {
	var known *reason.Error
	if errors.As(err, &known) {
		return reason.New(known.Code, address, "%w", known.Err)
	}
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	if errors.As(err, &cert) || errors.As(err, &record) || errors.As(err, &alert) || strings.Contains(err.Error(), "tls:") {
		return reason.New("remote_fetch_blocked/tls", address, "the connection is not secure: %w", bare(err))
	}
	return reason.New("fetch_failed/network", address, "%w", bare(err))
}

// bare drops the method and the URL that net/http puts in front.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
