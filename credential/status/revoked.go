package status

import (
	"net/url"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const namedListType = "1EdTechRevocationList"

// maxNamed bounds the credentials that one list of revocations names.
const maxNamed = 1_000_000

// NamedEntry is the entry of a credential whose issuer publishes the ids of
// those that it has revoked: 1EdTechRevocationList (1EdTech VC Revocation List
// 1.0). The list is plain JSON that nobody signs.
type NamedEntry struct {
	ListURL string
}

// IsNamed reports whether an entry of credentialStatus is a NamedEntry.
func IsNamed(v *strictjson.Value) bool { return credential.HasType(v, namedListType) }

// ParseNamedEntry reads such an entry; at is its place, for errors, which are
// status_invalid/entry.
func ParseNamedEntry(v *strictjson.Value, at string) (NamedEntry, error) {
	address := credential.ID(v)
	if u, err := url.Parse(address); err != nil || u.Scheme == "" || u.Host == "" {
		return NamedEntry{}, reason.New("status_invalid/entry", at, "the entry names no list by its id")
	}
	return NamedEntry{address}, nil
}

// NamedRevocation is what a list says of a credential that it names as revoked.
type NamedRevocation struct {
	ID     string
	Reason string // as the issuer gives it, may be empty
}

// NamedList is a list of revoked credentials by their ids.
type NamedList struct {
	revoked map[string]NamedRevocation
}

// Len returns how many credentials the list names as revoked.
func (l *NamedList) Len() int { return len(l.revoked) }

// Find returns what the list says of a credential, false when it does not name
// it as revoked.
func (l *NamedList) Find(id string) (NamedRevocation, bool) {
	r, ok := l.revoked[strings.TrimSpace(id)]
	return r, ok
}

// ParseNamedList reads the list that was found at a URL. A list that cannot be
// understood as a whole is status_invalid: the entry that matters could be the
// one that was not understood.
func ParseNamedList(raw []byte, address string, lim strictjson.Limits) (*NamedList, error) {
	doc, err := strictjson.ParseObject(raw, lim)
	if err != nil {
		return nil, reason.New("status_invalid/list", address, "the list cannot be read: %w", err)
	}
	if id := doc.Get("id"); id != nil && credential.ID(doc) != address {
		return nil, reason.New("status_invalid/id-mismatch", address, "the list there calls itself %.200q", credential.ID(doc))
	}
	entries := doc.Get("revokedCredential")
	if entries == nil {
		return nil, reason.New("status_invalid/wrong-type", address, "what is published there is no list of revoked credentials")
	}
	if len(entries.List()) > maxNamed {
		return nil, reason.New("resource_limit/status", address, "the list names more than %d credentials", maxNamed)
	}
	out := &NamedList{make(map[string]NamedRevocation, len(entries.List()))}
	for _, e := range entries.List() {
		r := NamedRevocation{ID: strings.TrimSpace(credential.ID(e))}
		revoked := true
		if v := e.Get("revoked"); v != nil {
			if b, ok := v.Bool(); ok {
				revoked = b
			} else {
				r.ID = ""
			}
		}
		if r.ID == "" {
			return nil, reason.New("status_invalid/list", address, "an entry of the list cannot be understood")
		}
		if !revoked {
			continue // an id may stand twice; that it is revoked counts
		}
		for _, name := range []string{"revocationReason", "reason"} {
			if text, ok := e.Get(name).Text(); ok && r.Reason == "" {
				r.Reason = text
			}
		}
		if known, twice := out.revoked[r.ID]; !twice || known.Reason == "" {
			out.revoked[r.ID] = r
		}
	}
	return out, nil
}
