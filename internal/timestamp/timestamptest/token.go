package timestamptest

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	_ "crypto/sha1" // that tests can ask for
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"testing"
	"time"
)

// Token is a token in its parts, most of them in DER: those of an honest
// authority, until a test changes one of them. It is signed when it is put
// together, so that what is changed is signed as well.
type Token struct {
	Type       asn1.ObjectIdentifier // of the whole: signed data
	Kind       []byte                // of what is signed
	Info       [][]byte              // what is signed: version, policy, imprint, serial number, time
	Content    []byte                // in place of what Info makes, if there is any
	Certs      [][]byte
	Signer     []byte // says by which certificate it is
	Signers    int    // how often the signer stands in it
	Hash       crypto.Hash
	Attributes [][]byte // kind, digest of the content (nil: filled in), certificate
	Key        crypto.Signer
	Algorithm  []byte            // of the signature; nil: RSA, whatever the key, since its name is for form alone
	Options    crypto.SignerOpts // of the signature; nil: Hash
	Unsigned   [][]byte          // attributes that nobody signed
}

// Token returns the parts of a token over a message.
func (a Authority) Token(t testing.TB, message string, at time.Time) *Token {
	t.Helper()
	kind := Marshal(t, InfoOID())
	return &Token{
		Type:    asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2},
		Kind:    kind,
		Info:    [][]byte{Marshal(t, 1), Marshal(t, asn1.ObjectIdentifier{1, 2, 3}), Imprint(t, crypto.SHA256, message), Marshal(t, 1), Generalized(t, at)},
		Certs:   [][]byte{a.Cert.Raw},
		Signer:  Marshal(t, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, Bytes: a.Cert.SubjectKeyId}),
		Signers: 1,
		Hash:    crypto.SHA256,
		Attributes: [][]byte{
			Attribute(t, KindOID(), kind),
			nil,
			Attribute(t, CertificateV2OID(), Seq(t, Seq(t, Seq(t, Digest(t, crypto.SHA256, a.Cert.Raw))))),
		},
		Key: a.Key,
	}
}

// DER signs a token and puts it together.
func (k *Token) DER(t testing.TB) []byte {
	t.Helper()
	content := k.Content
	if content == nil {
		content = Seq(t, k.Info...)
	}
	attributes := slices.Clone(k.Attributes)
	for i := range attributes {
		if attributes[i] == nil {
			attributes[i] = Attribute(t, DigestOID(), Digest(t, k.Hash, content))
		}
	}
	signed, opts := Set(t, attributes...), crypto.SignerOpts(k.Hash)
	if _, ok := k.Key.(ed25519.PrivateKey); ok {
		opts = crypto.Hash(0)
	} else {
		signed = sum(k.Hash, signed)
	}
	if k.Options != nil {
		opts = k.Options
	}
	signature, err := k.Key.Sign(rand.Reader, signed, opts)
	if err != nil {
		t.Fatal(err)
	}
	algorithm := k.Algorithm
	if algorithm == nil {
		algorithm = Seq(t, Marshal(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}))
	}
	signer := [][]byte{Marshal(t, 3), k.Signer, Algorithm(t, k.Hash), Tagged(t, 0, attributes...), algorithm, Marshal(t, signature)}
	if len(k.Unsigned) > 0 {
		signer = append(signer, Tagged(t, 1, k.Unsigned...))
	}
	data := Seq(t, Marshal(t, 3), Set(t, Algorithm(t, k.Hash)), Seq(t, k.Kind, Tagged(t, 0, Marshal(t, content))), Tagged(t, 0, k.Certs...),
		Set(t, slices.Repeat([][]byte{Seq(t, signer...)}, k.Signers)...))
	return Seq(t, Marshal(t, k.Type), Tagged(t, 0, data))
}

// Answer is what an authority sends: a status, and a token if there is one.
func Answer(t testing.TB, status int, token ...[]byte) []byte {
	t.Helper()
	return Seq(t, slices.Concat([][]byte{Seq(t, Marshal(t, status))}, token)...)
}

// Named says by which certificate a token is, by its issuer and serial number.
func Named(t testing.TB, c *x509.Certificate) []byte {
	t.Helper()
	return Seq(t, c.RawIssuer, Marshal(t, c.SerialNumber))
}

// The identifiers of what a token holds (RFC 3161 section 2.4.2) and of the
// attributes that are signed (RFC 5652 section 11, RFC 2634 section 5.4, RFC 5035
// section 3).

// InfoOID is that of what a token says.
func InfoOID() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
}

// KindOID is that of the attribute for the kind of content.
func KindOID() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3} }

// DigestOID is that of the attribute for the digest of the content.
func DigestOID() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4} }

// CertificateOID is that of the older attribute for the signer's certificate.
func CertificateOID() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
}

// CertificateV2OID is that of the attribute for the signer's certificate.
func CertificateV2OID() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
}

// Attribute is one with its values.
func Attribute(t testing.TB, kind asn1.ObjectIdentifier, values ...[]byte) []byte {
	t.Helper()
	return Seq(t, Marshal(t, kind), Set(t, values...))
}

// Imprint says which message is stamped.
func Imprint(t testing.TB, h crypto.Hash, message string) []byte {
	t.Helper()
	return Seq(t, Algorithm(t, h), Digest(t, h, []byte(message)))
}

// Algorithm names a hash function.
func Algorithm(t testing.TB, h crypto.Hash) []byte {
	t.Helper()
	id, ok := map[crypto.Hash]asn1.ObjectIdentifier{
		crypto.SHA1:   {1, 3, 14, 3, 2, 26},
		crypto.SHA224: {2, 16, 840, 1, 101, 3, 4, 2, 4},
		crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
		crypto.SHA384: {2, 16, 840, 1, 101, 3, 4, 2, 2},
		crypto.SHA512: {2, 16, 840, 1, 101, 3, 4, 2, 3},
	}[h]
	if !ok {
		t.Fatalf("no identifier of %v", h)
	}
	return Seq(t, Marshal(t, id))
}

// PSS names RSASSA-PSS with parameters (RFC 4055 section 3.1).
func PSS(t testing.TB, parameters ...[]byte) []byte {
	t.Helper()
	return Seq(t, Marshal(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}), Seq(t, parameters...))
}

// PSSParameters are those of an honest authority: a hash function, MGF1 with one,
// and the length of a salt.
func PSSParameters(t testing.TB, h, mask crypto.Hash, salt int) [][]byte {
	t.Helper()
	return [][]byte{Tagged(t, 0, Algorithm(t, h)), Tagged(t, 1, MGF1(t, Algorithm(t, mask))), Tagged(t, 2, Marshal(t, salt))}
}

// MGF1 names that mask with the hash function it is of.
func MGF1(t testing.TB, hash []byte) []byte {
	t.Helper()
	return Seq(t, Marshal(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}), hash)
}

// Digest is an octet string with the digest of what is given.
func Digest(t testing.TB, h crypto.Hash, raw []byte) []byte {
	t.Helper()
	return Marshal(t, sum(h, raw))
}

func sum(h crypto.Hash, raw []byte) []byte {
	w := h.New()
	w.Write(raw)
	return w.Sum(nil)
}

// Generalized is a GeneralizedTime in whole seconds.
func Generalized(t testing.TB, at time.Time) []byte {
	t.Helper()
	return Marshal(t, asn1.RawValue{Tag: asn1.TagGeneralizedTime, Bytes: []byte(at.UTC().Format("20060102150405Z"))})
}

// Marshal is asn1.Marshal of what can be.
func Marshal(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// DER is what is made of parts.
func DER(t testing.TB, class, tag int, parts ...[]byte) []byte {
	t.Helper()
	return Marshal(t, asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: slices.Concat(parts...)})
}

// Seq is a SEQUENCE.
func Seq(t testing.TB, parts ...[]byte) []byte {
	t.Helper()
	return DER(t, asn1.ClassUniversal, asn1.TagSequence, parts...)
}

// Set is a SET, its parts in the order that they are given in.
func Set(t testing.TB, parts ...[]byte) []byte {
	t.Helper()
	return DER(t, asn1.ClassUniversal, asn1.TagSet, parts...)
}

// Tagged is what stands under a tag of the context.
func Tagged(t testing.TB, tag int, parts ...[]byte) []byte {
	t.Helper()
	return DER(t, asn1.ClassContextSpecific, tag, parts...)
}
