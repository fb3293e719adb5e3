package jose

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const maxHeaderBytes = 16 << 10

// Algorithms returns the signature algorithms that are accepted, by type of
// key (RFC 7518 section 3.1, RFC 8037, RFC 9864).
func Algorithms(t key.Type) []string {
	switch t {
	case key.Ed25519:
		return []string{"EdDSA", "Ed25519"}
	case key.P256:
		return []string{"ES256"}
	case key.P384:
		return []string{"ES384"}
	case key.RSA:
		return []string{"RS256"}
	}
	return nil
}

func knownAlgorithm(alg string) bool {
	for _, t := range []key.Type{key.Ed25519, key.P256, key.P384, key.RSA} {
		if slices.Contains(Algorithms(t), alg) {
			return true
		}
	}
	return false
}

// token is a compact JWS taken apart. Nothing in it has been checked but its
// form.
type token struct {
	header, payload *strictjson.Value
	signed          string // what the signature covers
	signature       []byte
	alg, kid, typ   string
}

// split takes a compact JWS apart (RFC 7515 section 7.1).
func split(compact string, lim strictjson.Limits) (*token, error) {
	switch n := strings.Count(compact, "."); {
	case n == 4:
		return nil, reason.New("unsupported_alg/encrypted", "", "an encrypted token is not a credential that can be checked")
	case n != 2:
		return nil, reason.New(reason.MalformedJWS, "", "a compact JWS has three parts, this has %d", n+1)
	}
	head, rest, _ := strings.Cut(compact, ".")
	body, sig, _ := strings.Cut(rest, ".")
	t := &token{signed: compact[:len(head)+1+len(body)]}
	if len(head) > maxHeaderBytes {
		return nil, reason.New(reason.LimitSize, "", "the header is longer than %d bytes", maxHeaderBytes)
	}
	raw, err := decode(head, "header")
	if err != nil {
		return nil, err
	}
	if t.header, err = strictjson.ParseObject(raw, strictjson.Limits{MaxDepth: 8}); err != nil {
		return nil, inPart(err, "header")
	}
	if raw, err = decode(body, "payload"); err != nil {
		return nil, err
	}
	if t.payload, err = strictjson.ParseObject(raw, lim); err != nil {
		return nil, inPart(err, "payload")
	}
	if t.signature, err = decode(sig, "signature"); err != nil {
		return nil, err
	}
	return t, t.readHeader()
}

// inPart says in which part of a token the JSON is wrong. What is not JSON
// there is a broken token, not an unreadable file.
func inPart(err error, part string) error {
	code := reason.CodeOf(err)
	if code == reason.MalformedJSON {
		code = reason.MalformedJWS
	}
	return reason.New(code, reason.AtOf(err), "%s: %w", part, err)
}

// decode reads base64url in its one spelling: no padding, no other alphabet,
// no white space, no bits to spare.
func decode(s, part string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") {
		return nil, reason.New(reason.MalformedBase64, "", "the %s is not base64url in its canonical form", part)
	}
	return raw, nil
}

// readHeader accepts the members that mean something here and no others.
func (t *token) readHeader() error {
	for _, m := range t.header.Members() {
		switch m.Name {
		case "alg", "typ", "cty", "kid":
			s, ok := m.Value.Text()
			if !ok {
				return reason.New("malformed/header", "/"+m.Name, "is %s, not a string", m.Value.Kind())
			}
			switch m.Name {
			case "alg":
				t.alg = s
			case "typ":
				t.typ = s
			case "kid":
				t.kid = s
			}
		case "iss", "iat": // repeated claims, which nothing here reads
		case "crit", "b64":
			return reason.New("unsupported_alg/crit", "/"+m.Name, "a token that changes how it is to be read is not accepted")
		case "jwk", "x5c", "x5t", "x5t#S256":
			return reason.New("key_invalid/key-in-header", "/"+m.Name, "a key that the token brings itself says nothing about the issuer")
		case "jku", "x5u":
			return reason.New("key_invalid/key-address", "/"+m.Name, "no key is fetched from an address in the token")
		default:
			return reason.New("unsupported_alg/header", strictjson.Pointer("", m.Name), "a header that is not known here")
		}
	}
	if !knownAlgorithm(t.alg) {
		return reason.New("unsupported_alg/alg", "/alg", "the algorithm %.20q is not accepted", t.alg)
	}
	return nil
}

// isType compares a media type without its "application/" and without case
// (RFC 7515 section 4.1.9).
func isType(typ string, want ...string) bool {
	typ = strings.TrimPrefix(strings.ToLower(typ), "application/")
	return slices.Contains(want, typ)
}

// claim reads NumericDate claims (RFC 7519 section 2). Anything but a number
// of seconds between 1970 and 9999 is malformed/claims, never "no bound".
func (t *token) claim(name string) (time.Time, error) {
	v := t.payload.Get(name)
	if v == nil {
		return time.Time{}, nil
	}
	f, ok := v.Float()
	if !ok || f < 0 || f > 253402300799 {
		return time.Time{}, reason.New(reason.MalformedClaims, "/"+name, "is not a time in seconds")
	}
	return time.Unix(int64(f), 0).UTC(), nil
}

func (t *token) text(name string) (string, bool, error) {
	v := t.payload.Get(name)
	if v == nil {
		return "", false, nil
	}
	s, ok := v.Text()
	if !ok {
		return "", false, reason.New(reason.MalformedClaims, "/"+name, "is %s, not a string", v.Kind())
	}
	return s, true, nil
}
