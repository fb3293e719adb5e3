package jose

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const maxHeaderBytes = 16 << 10

const (
	encrypted   reason.Code = "unsupported_alg/encrypted"
	keyInHeader reason.Code = "key_invalid/key-in-header"
)

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
	body, sig       string // as they came, until readBody
	signed          string // what the signature covers
	signature       []byte
	jwk             *strictjson.Value // the key in the header, nil when there is none

	alg, kid, typ, cty, iss string // of the header
}

// readHead takes a compact JWS apart (RFC 7515 section 7.1) and reads its
// header, which says whose it is to read on.
func readHead(compact string, lim strictjson.Limits) (*token, error) {
	limit := lim.MaxBytes
	if limit <= 0 {
		limit = strictjson.DefaultMaxBytes
	}
	if len(compact) > limit {
		return nil, reason.New(reason.LimitSize, "", "a token of %d bytes, the limit is %d", len(compact), limit)
	}
	switch n := strings.Count(compact, "."); {
	case n == 4:
		return nil, reason.New(encrypted, "", "an encrypted token is not a credential that can be checked")
	case n != 2:
		return nil, reason.New(reason.MalformedJWS, "", "a compact JWS has three parts, this has %d", n+1)
	}
	head, rest, _ := strings.Cut(compact, ".")
	body, sig, _ := strings.Cut(rest, ".")
	if len(head) > maxHeaderBytes {
		return nil, reason.New(reason.LimitSize, "", "the header is longer than %d bytes", maxHeaderBytes)
	}
	raw, err := decode(head, "header")
	if err != nil {
		return nil, err
	}
	t := &token{signed: compact[:len(head)+1+len(body)], body: body, sig: sig}
	if t.header, err = strictjson.ParseObject(raw, strictjson.Limits{MaxDepth: 8}); err != nil {
		return nil, inPart(err, "header")
	}
	return t, t.readHeader()
}

// readBody reads the payload and the signature.
func (t *token) readBody(lim strictjson.Limits) error {
	raw, err := decode(t.body, "payload")
	if err != nil {
		return err
	}
	if t.payload, err = strictjson.ParseObject(raw, lim); err != nil {
		return inPart(err, "payload")
	}
	t.signature, err = decode(t.sig, "signature")
	return err
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

// headerText is a member of the header that is a string.
type headerText struct {
	name string
	to   *string
}

// readHeader accepts the members that mean something here and no others.
func (t *token) readHeader() error {
	texts := []headerText{{"alg", &t.alg}, {"cty", &t.cty}, {"iss", &t.iss}, {"kid", &t.kid}, {"typ", &t.typ}}
	for _, m := range t.header.Members() {
		if i := slices.IndexFunc(texts, func(f headerText) bool { return f.name == m.Name }); i >= 0 {
			v, ok := m.Value.Text()
			if !ok {
				return reason.New("malformed/header", "/"+m.Name, "is %s, not a string", m.Value.Kind())
			}
			*texts[i].to = v
			continue
		}
		switch m.Name {
		case "iat": // a repeated claim, which nothing here reads
		case "jwk":
			t.jwk = m.Value
		case "crit", "b64":
			return reason.New("unsupported_alg/crit", "/"+m.Name, "a token that changes how it is to be read is not accepted")
		case "x5c", "x5t", "x5t#S256":
			return reason.New(keyInHeader, strictjson.Pointer("", m.Name), "a key that the token brings itself says nothing about the issuer")
		case "jku", "x5u":
			return reason.New("key_invalid/key-address", "/"+m.Name, "no key is fetched from an address in the token")
		default:
			return reason.New("unsupported_alg/header", strictjson.Pointer("", m.Name), "a header that is not known here")
		}
	}
	if t.typ == "" && t.header.Get("typ") != nil {
		return reason.New("wrong_type/typ", "/typ", "is empty")
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

// verify checks the signature with a key of the type that alg is for.
func (t *token) verify(public key.Public) error {
	if !slices.Contains(Algorithms(public.Type()), t.alg) {
		return reason.New("unsupported_alg/key-mismatch", "/alg", "the algorithm %s does not fit a key of type %s", t.alg, public.Type())
	}
	if public.Verify([]byte(t.signed), t.signature) != nil {
		return reason.New(reason.BadSignature, "", "the signature does not match the token")
	}
	return nil
}

// unknownSigner judges a badge that brings its key and names no other (Open
// Badges 3.0 section 8.2.3 allows it). The signature may be right, but anybody
// can make one that is: it never counts.
func (t *token) unknownSigner() error {
	jwk, err := key.ParseJWK(t.jwk)
	if err != nil {
		return err
	}
	if !jwk.ForSignatures() {
		return reason.New("key_invalid/not-a-signing-key", "/jwk", "the key in the header is not for signatures")
	}
	if err := t.verify(jwk.Public); err != nil {
		return err
	}
	return reason.New("key_unavailable/controller-document", "/jwk", "the signature matches the key that the token brings itself, but nothing ties that key to the issuer")
}
