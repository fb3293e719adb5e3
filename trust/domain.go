package trust

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/kompetansebevis/bevis/credential/did"
)

const (
	domainChars = "abcdefghijklmnopqrstuvwxyz0123456789-"
	maxDomain   = 253 // RFC 1035 section 2.3.4, without the dots of the wire form
)

// checkDomain refuses what is no domain that somebody can hold: a name in
// small ASCII letters with at least two labels. Letters beyond ASCII are to be
// written in their A-label (xn--…), so that what a person reviews is what is
// compared.
func checkDomain(name string) error {
	if err := checkHost(name); err != nil {
		return err
	}
	if !strings.Contains(name, ".") {
		return fmt.Errorf("%q is a whole top-level domain, whose names belong to many", name)
	}
	return nil
}

func checkHost(name string) error {
	if name == "" || len(name) > maxDomain {
		return fmt.Errorf("%.80q is no domain", name)
	}
	last := ""
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return fmt.Errorf("%.80q is no domain: a label is empty, too long, or begins or ends with a hyphen", name)
		}
		if strings.Trim(label, domainChars) != "" {
			return fmt.Errorf("%.80q is no domain: write it in small letters a to z, digits and hyphens, other letters as xn--…", name)
		}
		last = label
	}
	if _, err := netip.ParseAddr(name); err == nil || strings.Trim(last, "0123456789") == "" {
		return fmt.Errorf("%q is an address, not a domain", name)
	}
	return nil
}

// hostOf returns the host of an issuer that is a did:web or an https URL, if
// it stands there plainly: in small letters, without a port, a user or an
// escape. Everything else has none: a port of its own may be somebody else's
// program on that machine, and an escape may read as something else elsewhere.
func hostOf(issuer string) string {
	host := ""
	switch {
	case strings.HasPrefix(issuer, "did:web:"):
		if _, err := did.WebURL(issuer); err != nil {
			return ""
		}
		host, _, _ = strings.Cut(strings.TrimPrefix(issuer, "did:web:"), ":")
	case strings.HasPrefix(issuer, "https://"):
		if strings.ContainsFunc(issuer, func(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7F }) {
			return ""
		}
		host = strings.TrimPrefix(issuer, "https://")
		if end := strings.IndexAny(host, "/?#"); end >= 0 {
			host = host[:end]
		}
	}
	if checkHost(host) != nil {
		return ""
	}
	return host
}

// within reports whether an issuer is of a domain or of one below it.
func within(domain, issuer string) bool {
	host := hostOf(issuer)
	return domain != "" && host != "" && (host == domain || strings.HasSuffix(host, "."+domain))
}

// originOf tells sources apart for a quorum: those of one host are one.
func originOf(id string) string {
	if host := hostOf(id); host != "" {
		return "host " + host
	}
	return "id " + id
}
