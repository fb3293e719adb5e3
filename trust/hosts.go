package trust

import (
	"cmp"
	"context"
	"net/url"
	"slices"
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

// TrustsHost implements Hosts: for issuers that the policy names, for domains,
// and for those in the lists and registries that it holds.
func (p *Policy) TrustsHost(ctx context.Context, host string, at time.Time) (bool, error) {
	var undecided error
	for _, q := range p.living(host) {
		q.At = at
		d, err := p.Decide(ctx, q)
		if err == nil && d.Trusted {
			return true, nil
		}
		if undecided == nil {
			undecided = err
		}
	}
	return false, cmp.Or(undecided, ctx.Err())
}

// living asks for each issuer that sources of the policy know at a host, and
// for any of the types that these limit it to.
func (p *Policy) living(host string) []Query {
	var out []Query
	if host == "" {
		return nil
	}
	add := func(issuer string, e *Entry, types []string) {
		if webHost(issuer) == host {
			out = append(out, Query{Issuer: issuer, Types: slices.Concat(e.Types, types)})
		}
	}
	for i := range p.Entries {
		e := &p.Entries[i]
		switch e.kind() {
		case KindIssuer:
			add(e.Issuer, e, nil)
		case KindDomain:
			if root := "https://" + host + "/"; within(e.Issuer, root) {
				add(root, e, nil)
			}
		default:
			for _, h := range e.Held {
				d := p.lists[h.SHA256]
				if d.registry != nil {
					for _, r := range d.registry.Entries {
						add(r.ID, e, nil)
					}
				}
				if d.list != nil {
					for _, r := range d.list.Entries {
						if r.Issues != nil {
							add(r.ID, e, r.Issues.Types)
						}
					}
				}
			}
		}
	}
	return out
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
