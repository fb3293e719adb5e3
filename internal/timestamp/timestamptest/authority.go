package timestamptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"testing"
	"time"
)

// Authority is one that stamps times.
type Authority struct {
	Cert *x509.Certificate
	Key  crypto.Signer
}

// New makes an authority whose certificate, by itself, holds between two times.
func New(t testing.TB, from, until time.Time) Authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return With(t, key, func(c *x509.Certificate) { c.NotBefore, c.NotAfter = from, until })
}

// With makes an authority of a key, whose certificate, signed by itself, is as
// change leaves it. It holds in this century if change says nothing else.
func With(t testing.TB, key crypto.Signer, change func(*x509.Certificate)) Authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(9), Subject: pkix.Name{CommonName: "Test TSA"}, SubjectKeyId: []byte{9},
		NotBefore: time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2100, 12, 31, 0, 0, 0, 0, time.UTC),
		ExtraExtensions: []pkix.Extension{Usages(t, true, StampingOID())},
	}
	change(template)
	return Authority{Certificate(t, template, template, key.Public(), key), key}
}

// Certificate makes one for a key, which parent signs with its own.
func Certificate(t testing.TB, template, parent *x509.Certificate, public crypto.PublicKey, by crypto.Signer) *x509.Certificate {
	t.Helper()
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, public, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// StampingOID is the usage of a certificate for stamping times.
func StampingOID() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8} }

// Usages is the extension that says what a key may be used for (RFC 5280
// section 4.2.1.12).
func Usages(t testing.TB, critical bool, usages ...asn1.ObjectIdentifier) pkix.Extension {
	t.Helper()
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: Marshal(t, usages)}
}

// Stamp returns a token over a message, in base64.
func (a Authority) Stamp(t testing.TB, message string, at time.Time) string {
	t.Helper()
	return base64.StdEncoding.EncodeToString(a.Token(t, message, at).DER(t))
}
