package trust

import (
	"context"
	"net/url"
	"strings"
	"time"
)

// Hosts is what a Registry may know besides: whether an issuer that it trusts
// lives at a host. Open Badges 2.0 name their issuer only in documents that are
// to be fetched, and nothing is fetched from where nobody is trusted.
type Hosts interface {
	// TrustsHost reports whether an issuer that is trusted as of then, for
	// anything, has an https or http id at the host, which is in lower case and
	// names its port unless that is the usual one.
	TrustsHost(ctx context.Context, host string, at time.Time) (bool, error)
}

// TrustsHost implements Hosts.
func (p pins) TrustsHost(ctx context.Context, host string, _ time.Time) (bool, error) {
	for _, issuer := range p {
		if host != "" && webHost(issuer) == host {
			return true, ctx.Err()
		}
	}
	return false, ctx.Err()
}

// TrustsHost implements Hosts.
func (p *Policy) TrustsHost(ctx context.Context, host string, at time.Time) (bool, error) {
	for i := range p.Entries {
		e := &p.Entries[i]
		if host == "" || webHost(e.Issuer) != host {
			continue
		}
		d, err := p.Decide(ctx, Query{Issuer: e.Issuer, Types: e.Types, At: at})
		if err != nil || d.Trusted {
			return d.Trusted, err
		}
	}
	return false, ctx.Err()
}

// webHost returns the host of a web address, empty for any other id.
func webHost(id string) string {
	u, err := url.Parse(id)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if port := u.Port(); port != "" && port != "443" && !(u.Scheme == "http" && port == "80") {
		host += ":" + port
	}
	return host
}
