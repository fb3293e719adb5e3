package timestamptest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"slices"
	"testing"
	"time"
)

// Authority is one that stamps times.
type Authority struct {
	Cert *x509.Certificate
	key  *rsa.PrivateKey
}

// New makes an authority whose certificate, by itself, holds between two times.
func New(t testing.TB, from, until time.Time) Authority {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(9), Subject: pkix.Name{CommonName: "Test TSA"}, NotBefore: from, NotAfter: until, SubjectKeyId: []byte{9},
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: Marshal(t, []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})}}}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return Authority{cert, key}
}

// Stamp returns a token over a message, in base64.
func (a Authority) Stamp(t testing.TB, message string, at time.Time) string {
	t.Helper()
	must := func(v any) []byte { return Marshal(t, v) }
	seq := func(parts ...[]byte) []byte { return DER(t, asn1.ClassUniversal, asn1.TagSequence, parts...) }
	set := func(parts ...[]byte) []byte { return DER(t, asn1.ClassUniversal, asn1.TagSet, parts...) }
	tagged := func(parts ...[]byte) []byte { return DER(t, asn1.ClassContextSpecific, 0, parts...) }
	sum := func(raw []byte) []byte { h := sha256.Sum256(raw); return must(h[:]) }
	kind := must(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4})
	hash := seq(must(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}))
	info := seq(must(1), must(asn1.ObjectIdentifier{1, 2, 3}), seq(hash, sum([]byte(message))), must(1), Generalized(t, at))
	attributes := [][]byte{
		seq(must(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}), set(kind)),
		seq(must(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}), set(sum(info))),
		seq(must(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}), set(seq(seq(seq(sum(a.Cert.Raw)))))),
	}
	digest := sha256.Sum256(set(attributes...))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	who := must(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, Bytes: a.Cert.SubjectKeyId})
	signer := seq(must(3), who, hash, tagged(attributes...), seq(must(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11})), must(signature))
	data := seq(must(3), set(hash), seq(kind, tagged(must(info))), tagged(a.Cert.Raw), set(signer))
	return base64.StdEncoding.EncodeToString(seq(must(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}), tagged(data)))
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

// Generalized is a GeneralizedTime.
func Generalized(t testing.TB, at time.Time) []byte {
	t.Helper()
	return Marshal(t, asn1.RawValue{Tag: asn1.TagGeneralizedTime, Bytes: []byte(at.UTC().Format("20060102150405Z"))})
}
