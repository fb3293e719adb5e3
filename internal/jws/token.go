package jws

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const maxHeaderBytes = 16 << 10

// Codes that several readers of tokens refuse with.
const (
	Encrypted   reason.Code = "unsupported_alg/encrypted"
	KeyInHeader reason.Code = "key_invalid/key-in-header"
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
	case key.P521:
		return []string{"ES512"}
	case key.RSA:
		return []string{"RS256"}
	}
	return nil
}

func knownAlgorithm(alg string) bool {
	for _, t := range []key.Type{key.Ed25519, key.P256, key.P384, key.P521, key.RSA} {
		if slices.Contains(Algorithms(t), alg) {
			return true
		}
	}
	return false
}

// Token is a compact JWS taken apart. Nothing in it has been checked but its
// form.
type Token struct {
	Header, Payload *strictjson.Value // the payload is nil until ReadBody
	JWK             *strictjson.Value // the key in the header, nil when there is none

	Alg, KeyID, Type, Content, Issuer string // of the header: alg, kid, typ, cty, iss

	Lenience Lenience // to be set by who reads on

	body, sig string // as they came
	signed    string // what the signature covers
	signature []byte
}

// ReadHead takes a compact JWS apart (RFC 7515 section 7.1) and reads its
// header, which says whose it is to read on.
func ReadHead(compact string, lim strictjson.Limits) (*Token, error) {
	limit := lim.MaxBytes
	if limit <= 0 {
		limit = strictjson.DefaultMaxBytes
	}
	if len(compact) > limit {
		return nil, reason.New(reason.LimitSize, "", "a token of %d bytes, the limit is %d", len(compact), limit)
	}
	switch n := strings.Count(compact, "."); {
	case n == 4:
		return nil, reason.New(Encrypted, "", "an encrypted token is not a credential that can be checked")
	case n != 2:
		return nil, reason.New(reason.MalformedJWS, "", "a compact JWS has three parts, this has %d", n+1)
	}
	head, rest, _ := strings.Cut(compact, ".")
	body, sig, _ := strings.Cut(rest, ".")
	if len(head) > maxHeaderBytes {
		return nil, reason.New(reason.LimitSize, "", "the header is longer than %d bytes", maxHeaderBytes)
	}
	raw, err := Decode(head, "header")
	if err != nil {
		return nil, err
	}
	t := &Token{signed: compact[:len(head)+1+len(body)], body: body, sig: sig}
	if t.Header, err = strictjson.ParseObject(raw, strictjson.Limits{MaxDepth: 8}); err != nil {
		return nil, inPart(err, "header")
	}
	return t, t.readHeader()
}

// ReadBody reads the payload and the signature.
func (t *Token) ReadBody(lim strictjson.Limits) error {
	raw, err := Decode(t.body, "payload")
	if err != nil {
		return err
	}
	if t.Payload, err = strictjson.ParseObject(raw, lim); err != nil {
		return inPart(err, "payload")
	}
	return t.ReadSignature()
}

// ReadSignature reads the signature alone, for a payload that is no object.
func (t *Token) ReadSignature() (err error) {
	if t.Payload == nil {
		if _, err := Decode(t.body, "payload"); err != nil {
			return err
		}
	}
	t.signature, err = Decode(t.sig, "signature")
	return err
}

// inPart says in which part of a token the JSON is wrong. What is no object
// there is a broken token, not an unreadable file.
func inPart(err error, part string) error {
	code := reason.CodeOf(err)
	if code == reason.MalformedJSON || code == reason.MalformedNotObject {
		code = reason.MalformedJWS
	}
	return reason.New(code, reason.AtOf(err), "%s: %w", part, err)
}

// Decode reads base64url in its one spelling: no padding, no other alphabet,
// no white space, no bits to spare. The part is named in the error, which is
// malformed/base64url.
func Decode(s, part string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || strings.Contains(s, "\r") || strings.Contains(s, "\n") { // which the decoder skips
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
func (t *Token) readHeader() error {
	texts := []headerText{{"alg", &t.Alg}, {"cty", &t.Content}, {"iss", &t.Issuer}, {"kid", &t.KeyID}, {"typ", &t.Type}}
	for _, m := range t.Header.Members() {
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
			t.JWK = m.Value
		case "crit", "b64":
			return reason.New("unsupported_alg/crit", "/"+m.Name, "a token that changes how it is to be read is not accepted")
		case "x5c", "x5t", "x5t#S256":
			return reason.New(KeyInHeader, strictjson.Pointer("", m.Name), "a key that the token brings itself says nothing about the issuer")
		case "jku", "x5u":
			return reason.New("key_invalid/key-address", "/"+m.Name, "no key is fetched from an address in the token")
		default:
			return reason.New("unsupported_alg/header", strictjson.Pointer("", m.Name), "a header that is not known here")
		}
	}
	if t.Type == "" && t.Header.Get("typ") != nil {
		return reason.New("wrong_type/typ", "/typ", "is empty")
	}
	if !knownAlgorithm(t.Alg) {
		return reason.New("unsupported_alg/alg", "/alg", "the algorithm %.20q is not accepted", t.Alg)
	}
	return nil
}

// IsType compares a media type without its "application/" and without case
// (RFC 7515 section 4.1.9).
func IsType(typ string, want ...string) bool {
	typ = strings.TrimPrefix(strings.ToLower(typ), "application/")
	return slices.Contains(want, typ)
}

// Verify checks the signature with a key of the type that alg is for.
func (t *Token) Verify(public key.Public) error {
	if !slices.Contains(Algorithms(public.Type()), t.Alg) {
		return reason.New("unsupported_alg/key-mismatch", "/alg", "the algorithm %s does not fit a key of type %s", t.Alg, public.Type())
	}
	if public.Verify([]byte(t.signed), t.signature) != nil {
		return reason.New(reason.BadSignature, "", "the signature does not match the token")
	}
	return nil
}

// Method returns the verification method: kid, which may leave out the
// identifier of who speaks. A token without a kid is key_invalid/no-kid.
func (t *Token) Method(speaker string) (string, error) { return t.Lenience.Method(t.KeyID, speaker) }

// Lenience is what the test suite of the W3C for VC-JOSE-COSE has in its
// tokens, though the standards that they are made by forbid it. The zero value,
// which is everybody else's, lets nothing of it pass.
type Lenience struct {
	TextTimes bool // NumericDates that are a text of RFC 3339
	BareKeyID bool // a kid that is no URL, and so says nothing of whose key it is
}

// Method returns the verification method that a kid names: an absolute URL with
// a fragment, which may leave out the identifier of who speaks.
func (l Lenience) Method(kid, speaker string) (string, error) {
	if kid == "" {
		return "", reason.New("key_invalid/no-kid", "/kid", "the token does not say which key signed it")
	}
	if l.BareKeyID && !strings.Contains(kid, "#") {
		return kid, nil
	}
	base, fragment, _ := strings.Cut(kid, "#")
	if base == "" {
		base = speaker
	}
	if !isAbsolute(base) || fragment == "" || strings.Contains(fragment, "#") || !isVisible(fragment) {
		return "", reason.New("key_invalid/verification-method", "/kid", "is not an absolute URL with a fragment")
	}
	return base + "#" + fragment, nil
}

// isAbsolute reports whether s is a URL with a scheme and without a fragment
// (RFC 3986 section 4.3).
func isAbsolute(s string) bool {
	scheme, rest, _ := strings.Cut(s, ":")
	if scheme == "" || rest == "" || strings.Contains(rest, "#") || !isVisible(rest) {
		return false
	}
	for i, c := range []byte(scheme) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", rune(c))) {
			return false
		}
	}
	return true
}

// isVisible reports whether s has no white space and no control characters.
func isVisible(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c >= 0x7f && c <= 0xa0 })
}

// Time reads a NumericDate claim (RFC 7519 section 2), zero when it is absent.
// Anything but a number of seconds between 1970 and 9999 is malformed/claims,
// never "no bound".
func (t *Token) Time(name string) (time.Time, error) {
	v := t.Payload.Get(name)
	if v == nil {
		return time.Time{}, nil
	}
	f, ok := v.Float()
	if text, is := v.Text(); is && t.Lenience.TextTimes {
		at, err := time.Parse(time.RFC3339, text)
		f, ok = float64(at.Unix()), err == nil
	}
	if !ok || f < 0 || f > 253402300799 {
		return time.Time{}, reason.New(reason.MalformedClaims, "/"+name, "is not a time in seconds")
	}
	return time.Unix(int64(f), 0).UTC(), nil
}

// Text reads a claim that is a string.
func (t *Token) Text(name string) (s string, ok bool, err error) {
	v := t.Payload.Get(name)
	if v == nil {
		return "", false, nil
	}
	if s, ok = v.Text(); !ok {
		return "", false, reason.New(reason.MalformedClaims, "/"+name, "is %s, not a string", v.Kind())
	}
	return s, true, nil
}

// Sign returns payload as a compact JWS. The header gets alg, which follows
// from the signer's key, and the members given.
func Sign(ctx context.Context, signer key.Signer, payload []byte, header ...strictjson.Member) ([]byte, error) {
	return SignUpTo(ctx, 0, signer, payload, header...)
}

// SignUpTo is Sign with a bound for the token in bytes; zero: 1 MiB, as it is
// for Sign.
func SignUpTo(ctx context.Context, limit int, signer key.Signer, payload []byte, header ...strictjson.Member) ([]byte, error) {
	if limit <= 0 {
		limit = strictjson.DefaultMaxBytes
	}
	algorithms := Algorithms(signer.Public().Type())
	if len(algorithms) == 0 {
		return nil, reason.New("key_invalid/key-type", "", "keys of type %s do not sign tokens", signer.Public().Type())
	}
	members := append([]strictjson.Member{{Name: "alg", Value: strictjson.String(algorithms[0])}}, header...)
	b64, head := base64.RawURLEncoding, strictjson.Object(members...).AppendJSON(nil)
	out := make([]byte, 0, b64.EncodedLen(len(head))+b64.EncodedLen(len(payload))+maxSignatureText)
	out = append(b64.AppendEncode(out, head), '.')
	out = b64.AppendEncode(out, payload)
	signature, err := signer.Sign(ctx, slices.Clip(out))
	if err != nil {
		return nil, err
	}
	out = b64.AppendEncode(append(out, '.'), signature)
	if len(out) > limit {
		return nil, reason.New(reason.LimitSize, "", "a token of %d bytes, the limit is %d", len(out), limit)
	}
	return out, nil
}

// maxSignatureText is room for two dots and most signatures in base64url: those
// with RSA keys of 4096 bits are the longest in use.
const maxSignatureText = 2 + 683
