package cose

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/cbor"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	malformed    reason.Code = "malformed/cose"
	headerCode   reason.Code = "unsupported_alg/header"
	maxHeader                = 16 << 10 // bytes
	maxText                  = 4 << 10  // bytes of one value in the header
	maxClaims                = 64
	maxDepth                 = 8 // of a claim that is passed over
	maxSignature             = 1 << 10
	tagSign1                 = 18           // RFC 9052 section 2
	lastSecond               = 253402300799 // of the year 9999
	minNonce                 = 8            // bytes, RFC 9711 section 4.1
	maxNonce                 = 64
)

// Labels of header parameters (RFC 9052 section 3.1, RFC 9596, RFC 9597).
const (
	labelAlg     = 1
	labelCrit    = 2
	labelContent = 3
	labelKeyID   = 4
	labelClaims  = 15
	labelType    = 16
)

// Keys of claims (RFC 8392 section 3.1, RFC 9711 section 4.1).
const (
	claimIssuer    = 1
	claimSubject   = 2
	claimAudience  = 3
	claimExpires   = 4
	claimNotBefore = 5
	claimIssuedAt  = 6
	claimNonce     = 10
)

// algorithm is a signature algorithm with the key that it is for.
type algorithm struct {
	id   int64
	name string
	key  key.Type
}

// algorithms are the ones that are accepted (RFC 9053 section 2, RFC 9864
// section 2). The first of a type of key is the one to sign with.
func algorithms() []algorithm {
	return []algorithm{
		{-8, "EdDSA", key.Ed25519}, {-19, "Ed25519", key.Ed25519},
		{-7, "ES256", key.P256}, {-9, "ESP256", key.P256},
		{-35, "ES384", key.P384}, {-51, "ESP384", key.P384},
		{-36, "ES512", key.P521}, {-52, "ESP512", key.P521},
	}
}

// algorithmFor returns how a key of that type signs, false if it does not.
func algorithmFor(t key.Type) (algorithm, bool) {
	all := algorithms()
	i := slices.IndexFunc(all, func(a algorithm) bool { return a.key == t })
	if i < 0 {
		return algorithm{}, false
	}
	return all[i], true
}

// message is a COSE_Sign1 taken apart. Nothing in it has been checked but its
// form.
type message struct {
	alg                  algorithm
	keyID, typ, content  string
	claims               claims
	protected, signature []byte // as they came
	payload              []byte
}

// claims are the CWT claims that mean something here.
type claims struct {
	issuer, subject, nonce            string
	hasIssuer, hasSubject             bool
	audience                          []string
	expires, notBefore, issued        int64
	hasExpires, hasNotBefore, hasDate bool
}

// readMessage takes a COSE_Sign1 apart.
func readMessage(raw []byte, lim strictjson.Limits) (*message, error) {
	limit := lim.MaxBytes
	if limit <= 0 {
		limit = strictjson.DefaultMaxBytes
	}
	if len(raw) > limit {
		return nil, reason.New(reason.LimitSize, "", "a message of %d bytes, the limit is %d", len(raw), limit)
	}
	r := cbor.NewReader(raw)
	if tag, err := r.Tag(1 << 32); err != nil || tag != tagSign1 {
		return nil, reason.New("wrong_type/cose", "", "this is no COSE_Sign1 with its tag, 18")
	}
	if n, err := r.Array(4); err != nil || n != 4 {
		return nil, reason.New(malformed, "", "a COSE_Sign1 has four parts")
	}
	m := &message{}
	var err error
	if m.protected, err = r.Bytes(maxHeader); err != nil {
		return nil, in(err, "protected header")
	}
	// An empty map is refused by what is behind it if it is none: one byte.
	if n, err := r.Map(maxClaims); err != nil {
		return nil, in(err, "unprotected header")
	} else if n > 0 {
		return nil, reason.New(headerCode, "", "what stands in the unprotected header is not covered by the signature")
	}
	if m.payload, err = r.Bytes(limit); err != nil {
		return nil, in(err, "payload, which is not accepted apart from the message")
	}
	if m.signature, err = r.Bytes(maxSignature); err != nil {
		return nil, in(err, "signature")
	}
	if err := r.End(); err != nil {
		return nil, in(err, "end")
	}
	return m, m.readHeader()
}

// in says in which part of a message something is wrong.
func in(err error, part string) error {
	return reason.New(reason.CodeOf(err), "", "%s: %w", part, err)
}

// readHeader accepts the parameters that mean something here and no others.
func (m *message) readHeader() error {
	r := cbor.NewReader(m.protected)
	n, err := r.Map(maxClaims)
	if err != nil {
		return in(err, "protected header")
	}
	before := int64(-1)
	for ; n > 0; n-- {
		label, err := r.Int(1 << 40)
		if err != nil || label < 0 {
			return reason.New(headerCode, "", "a header parameter that is not known here")
		}
		if label <= before {
			return reason.New(malformed, "", "the parameters of the header are not in order, or not different")
		}
		before = label
		if err := m.readParameter(r, label); err != nil {
			return err
		}
	}
	if err := r.End(); err != nil {
		return in(err, "protected header")
	}
	if m.alg.id == 0 {
		return reason.New("unsupported_alg/alg", "/alg", "the message does not say by which algorithm it is signed")
	}
	return nil
}

func (m *message) readParameter(r *cbor.Reader, label int64) (err error) {
	switch label {
	case labelAlg:
		id, err := r.Int(1 << 40)
		all := algorithms()
		i := slices.IndexFunc(all, func(a algorithm) bool { return a.id == id })
		if err != nil || i < 0 {
			return reason.New("unsupported_alg/alg", "/alg", "the algorithm is not accepted")
		}
		m.alg = all[i]
	case labelContent:
		if m.content, err = r.Text(maxText); err != nil {
			return reason.New("wrong_type/cty", "/cty", "the content type is no text")
		}
	case labelType:
		if m.typ, err = r.Text(maxText); err != nil {
			return reason.New("wrong_type/typ", "/typ", "the type is no text")
		}
	case labelKeyID:
		id, err := r.Bytes(maxText)
		if err != nil || len(id) == 0 || !utf8.Valid(id) {
			return reason.New("key_invalid/verification-method", "/kid", "is not an absolute URL with a fragment")
		}
		m.keyID = string(id)
	case labelClaims:
		return m.claims.read(r)
	case labelCrit:
		return reason.New("unsupported_alg/crit", "/crit", "a message that changes how it is to be read is not accepted")
	case 32, 33, 34: // x5bag, x5chain, x5t
		return reason.New(jws.KeyInHeader, "", "a key that the message brings itself says nothing about the issuer")
	case 35: // x5u
		return reason.New("key_invalid/key-address", "", "no key is fetched from an address in the message")
	default:
		return reason.New(headerCode, "", "header parameter %d is not known here", label)
	}
	return nil
}

// read reads CWT claims (RFC 8392) and passes over those that are not known.
func (c *claims) read(r *cbor.Reader) error {
	n, err := r.Map(maxClaims)
	if err != nil {
		return in(err, "claims")
	}
	var before []byte
	for ; n > 0; n-- {
		encoded, err := r.Next(maxDepth)
		if err != nil {
			return in(err, "claims")
		}
		if before != nil && !cbor.Ascending(before, encoded) {
			return reason.New(malformed, "", "the claims are not in order, or not different")
		}
		before = encoded
		name, err := cbor.NewReader(encoded).Uint(claimNonce)
		if err != nil {
			name = 0 // a text or a number of which nothing is known
		}
		if err := c.readClaim(r, name); err != nil {
			return err
		}
	}
	return nil
}

func (c *claims) readClaim(r *cbor.Reader, name uint64) (err error) {
	switch name {
	case claimIssuer:
		c.issuer, err = r.Text(maxText)
		c.hasIssuer = true
	case claimSubject:
		c.subject, err = r.Text(maxText)
		c.hasSubject = true
	case claimAudience:
		return c.readAudience(r)
	case claimExpires:
		c.expires, err = seconds(r)
		c.hasExpires = true
	case claimNotBefore:
		c.notBefore, err = seconds(r)
		c.hasNotBefore = true
	case claimIssuedAt:
		c.issued, err = seconds(r)
		c.hasDate = true
	case claimNonce:
		var nonce []byte
		if nonce, err = r.Bytes(maxNonce); err == nil && (len(nonce) < minNonce || !utf8.Valid(nonce)) {
			return reason.New(reason.MalformedClaims, "/nonce", "is not 8 to 64 bytes of text")
		}
		c.nonce = string(nonce)
	default:
		if err := r.Skip(maxDepth); err != nil {
			return in(err, "claims")
		}
	}
	if err != nil {
		return reason.New(reason.MalformedClaims, "", "claim %d: %w", name, err)
	}
	return nil
}

// readAudience reads one text, or an array of them.
func (c *claims) readAudience(r *cbor.Reader) error {
	n, err := 1, error(nil)
	if r.IsArray() {
		n, err = r.Array(maxClaims)
	}
	for ; n > 0 && err == nil; n-- {
		var s string
		s, err = r.Text(maxText)
		c.audience = append(c.audience, s)
	}
	if err != nil {
		return reason.New(reason.MalformedClaims, "/aud", "is not a text or an array of texts")
	}
	return nil
}

// seconds reads a NumericDate (RFC 8392 section 2), in whole seconds since 1970
// and without a tag.
func seconds(r *cbor.Reader) (int64, error) {
	n, err := r.Uint(lastSecond)
	return int64(n), err
}

// verify checks the signature with a key of the type that alg is for.
func (m *message) verify(public key.Public) error {
	if public.Type() == key.Unknown || public.Type() != m.alg.key {
		return reason.New("unsupported_alg/key-mismatch", "/alg", "the algorithm %s does not fit a key of type %s", m.alg.name, public.Type())
	}
	if public.Verify(toBeSigned(m.protected, m.payload), m.signature) != nil {
		return reason.New(reason.BadSignature, "", "the signature does not match the message")
	}
	return nil
}

// toBeSigned is the Sig_structure of RFC 9052 section 4.4.
func toBeSigned(protected, payload []byte) []byte {
	out := cbor.AppendText(cbor.AppendArray(nil, 4), "Signature1")
	return cbor.AppendBytes(cbor.AppendBytes(cbor.AppendBytes(out, protected), nil), payload)
}

// write signs a message. What goes into the header is what m has.
func (m *message) write(ctx context.Context, signer key.Signer) ([]byte, error) {
	m.protected = m.appendHeader(nil)
	var err error
	if m.signature, err = signer.Sign(ctx, toBeSigned(m.protected, m.payload)); err != nil {
		return nil, err
	}
	out := cbor.AppendBytes(cbor.AppendArray(cbor.AppendTag(nil, tagSign1), 4), m.protected)
	out = cbor.AppendBytes(cbor.AppendMap(out, 0), m.payload)
	return cbor.AppendBytes(out, m.signature), nil
}

func (m *message) appendHeader(out []byte) []byte {
	claims, n := m.claims.append(nil)
	parameters := 2
	for _, more := range []bool{n > 0, m.content != "", m.keyID != ""} {
		if more {
			parameters++
		}
	}
	out = cbor.AppendInt(cbor.AppendUint(cbor.AppendMap(out, parameters), labelAlg), m.alg.id)
	if m.content != "" {
		out = cbor.AppendText(cbor.AppendUint(out, labelContent), m.content)
	}
	if m.keyID != "" {
		out = cbor.AppendBytes(cbor.AppendUint(out, labelKeyID), []byte(m.keyID))
	}
	if n > 0 {
		out = append(cbor.AppendMap(cbor.AppendUint(out, labelClaims), n), claims...)
	}
	return cbor.AppendText(cbor.AppendUint(out, labelType), m.typ)
}

// append writes the claims that Sign sets, and counts them.
func (c *claims) append(out []byte) ([]byte, int) {
	n := 0
	add := func(is bool, name uint64, write func([]byte) []byte) {
		if is {
			out = write(cbor.AppendUint(out, name))
			n++
		}
	}
	add(len(c.audience) > 0, claimAudience, func(b []byte) []byte {
		if len(c.audience) > 1 {
			b = cbor.AppendArray(b, len(c.audience))
		}
		for _, s := range c.audience {
			b = cbor.AppendText(b, s)
		}
		return b
	})
	add(c.hasExpires, claimExpires, func(b []byte) []byte { return cbor.AppendInt(b, c.expires) })
	add(c.hasDate, claimIssuedAt, func(b []byte) []byte { return cbor.AppendInt(b, c.issued) })
	add(c.nonce != "", claimNonce, func(b []byte) []byte { return cbor.AppendBytes(b, []byte(c.nonce)) })
	return out, n
}
