package credential

import (
	"net/url"
	"strings"
)

// Identity is what all editions of one credential have in common: its issuer
// and its id, as they are compared (Open Badges 3.0, section "Credential
// equality and comparison algorithm"). Two that are equal are of the same
// credential, and the edition that is in force from the later time replaces the
// other. It can be the key of a map.
//
// The zero value is that of a credential without an id or an issuer, which is
// an edition of nothing but itself.
type Identity struct{ issuer, id string }

// IdentityOf returns the identity of a credential with an issuer's id and an id
// of its own.
func IdentityOf(issuer, id string) Identity {
	out := Identity{PlainID(issuer), PlainID(id)}
	if out.issuer == "" || out.id == "" {
		return Identity{}
	}
	return out
}

// Identity returns what c has in common with its other editions.
func (c *Credential) Identity() Identity { return IdentityOf(c.IssuerID(), c.ID()) }

// Same reports whether two identities are of one credential. The zero value is
// the same as nothing.
func (i Identity) Same(other Identity) bool { return i != Identity{} && i == other }

// PlainID returns an id as it is compared: unescaped and trimmed. In a DID an
// escape names somebody else (did:web has %3A before a port), so it stays. Ids
// that trust rests on are compared as they stand, never so.
func PlainID(id string) string {
	id = strings.TrimSpace(id)
	if strings.HasPrefix(id, "did:") {
		return id
	}
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	return strings.TrimSpace(id)
}
