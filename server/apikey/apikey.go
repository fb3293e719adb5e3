package apikey

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Scope is something that a key may do. None includes another.
type Scope string

// The scopes.
const (
	Issue   Scope = "issue"
	Revoke  Scope = "revoke" // and suspend, and reinstate
	Read    Scope = "read"
	Publish Scope = "publish"
	Admin   Scope = "admin" // metrics, and how much work waits
)

// Scopes returns all scopes.
func Scopes() []Scope { return []Scope{Issue, Revoke, Read, Publish, Admin} }

// Key is what is kept of a key.
type Key struct {
	ID      string    `json:"id"` // names it in logs: the beginning of its digest
	Name    string    `json:"name"`
	Scopes  []Scope   `json:"scopes"`
	Digest  string    `json:"digest"` // SHA-256 of the secret, in hex
	Created time.Time `json:"created"`
	Revoked time.Time `json:"revoked,omitzero"` // zero: it is good
}

// May reports whether the key is good for something.
func (k Key) May(s Scope) bool { return k.Revoked.IsZero() && slices.Contains(k.Scopes, s) }

// prefix lets people and programs that look for leaked secrets know a key.
const prefix = "bevis_key_"

// secretSize is the length of the random part, in bytes.
const secretSize = 32

// maxName bounds a name, in bytes. It stands in the audit log.
const maxName = 60

// New makes a key. The secret is returned here and never again. A name has
// letters, digits, hyphens, dots and underscores; anything else, and a scope
// that there is not, is usage/api-key.
func New(name string, scopes []Scope, now time.Time) (secret string, k Key, err error) {
	if name == "" || len(name) > maxName || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" {
		return "", k, reason.New("usage/api-key", "", "a name has 1 to %d letters, digits, hyphens, dots and underscores", maxName)
	}
	for n, s := range scopes {
		if !slices.Contains(Scopes(), s) || slices.Contains(scopes[:n], s) {
			return "", k, reason.New("usage/api-key", "", "%.40q is no scope, or stands there twice; there are %v", s, Scopes())
		}
	}
	if len(scopes) == 0 {
		return "", k, reason.New("usage/api-key", "", "a key without a scope can do nothing; there are %v", Scopes())
	}
	var b [secretSize]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", k, reason.Wrap(reason.Internal, "", err)
	}
	secret = prefix + base64.RawURLEncoding.EncodeToString(b[:])
	digest := Digest(secret)
	return secret, Key{ID: digest[:12], Name: name, Scopes: slices.Clone(scopes), Digest: digest, Created: now.UTC().Truncate(time.Second)}, nil
}

// Digest returns what is kept of a secret.
func Digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
