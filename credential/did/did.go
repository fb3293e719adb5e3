package did

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// Resolver finds the document of a DID, which has no fragment. Errors are
// key_invalid (there can be no such document), key_unavailable (it could not
// be had now) or remote_fetch_blocked.
type Resolver interface {
	Resolve(ctx context.Context, id string) (*Document, error)
}

// Document is a controller document: the keys of one identifier.
type Document struct {
	ID              string
	Methods         []Method
	AssertionMethod []string  // ids of methods that may sign credentials
	Authentication  []string  // ids of methods that may sign presentations
	AsOf            time.Time // when it was fetched, zero when it follows from the id
	Raw             []byte    // as it was read, nil when it follows from the id
}

// Method is a verification method.
type Method struct {
	ID         string // absolute, with a fragment
	Type       string
	Controller string
	Public     key.Public
	Err        error     // why Public cannot be used, nil when it can
	Expires    time.Time // not for signing after, zero for no end
	Revoked    time.Time // not to be believed since, zero for never
}

// Method returns the verification method with that absolute id.
func (d *Document) Method(id string) (Method, bool) {
	if at := d.index(id); at >= 0 {
		return d.Methods[at], true
	}
	return Method{}, false
}

// index returns where the method with an id stands, -1 if nowhere.
func (d *Document) index(id string) int {
	return slices.IndexFunc(d.Methods, func(m Method) bool { return m.ID == id })
}

// Mux resolves by the name of the DID method: "key", "jwk", "web". What stands
// under "https" resolves identifiers that are https addresses.
type Mux map[string]Resolver

// Resolve implements Resolver. A method that is not in the map is
// key_invalid/unknown-method; where there is no resolver for https addresses,
// that is key_unavailable/controller-document.
func (m Mux) Resolve(ctx context.Context, id string) (*Document, error) {
	r, err := m.resolver(id)
	if err != nil {
		return nil, err
	}
	return r.Resolve(ctx, id)
}

func (m Mux) resolver(id string) (Resolver, error) {
	if strings.HasPrefix(id, "https://") {
		if r, ok := m["https"]; ok {
			return r, nil
		}
		return nil, reason.New("key_unavailable/controller-document", id, "documents of keys at https addresses are not looked for here")
	}
	name, _, err := split(id)
	if err != nil {
		return nil, err
	}
	r, ok := m[name]
	if !ok {
		return nil, reason.New("key_invalid/unknown-method", id, "the DID method %q is not one that is resolved here", name)
	}
	return r, nil
}

const maxIDBytes = 8 << 10 // a did:jwk of a large RSA key has 3 KB

// split returns the method name and what follows it.
func split(id string) (name, rest string, err error) {
	after, ok := strings.CutPrefix(id, "did:")
	name, rest, ok2 := strings.Cut(after, ":")
	if !ok || !ok2 || name == "" || rest == "" || len(id) > maxIDBytes || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || !plain(rest) {
		return "", "", reason.New("key_invalid/did", "", "%.120q is not a DID", id)
	}
	return name, rest, nil
}

// plain reports whether s has only the characters that may follow the name of
// the method (DID Core section 3.1).
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(".-_:", c) >= 0:
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
		default:
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func methodSpecific(id, want string) (string, error) {
	name, rest, err := split(id)
	if err == nil && name != want {
		err = reason.New("key_invalid/unknown-method", id, "not a did:%s", want)
	}
	return rest, err
}

// single returns the document of an identifier that is one key.
func single(id, method string, public key.Public) *Document {
	return &Document{
		ID:              id,
		Methods:         []Method{{ID: method, Type: "Multikey", Controller: id, Public: public}},
		AssertionMethod: []string{method},
		Authentication:  []string{method},
	}
}
