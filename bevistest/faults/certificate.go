package faults

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"time"
)

// Certificate is what is wrong with a host's certificate.
type Certificate uint8

// The certificates.
const (
	Sound      Certificate = iota
	Expired                // it ended in 2001
	NotYet                 // it begins in 2098
	OtherHost              // it is for other.example
	SelfSigned             // nobody vouches for it
)

// issue returns a certificate and who vouches for it. The dates are far off, so
// that no clock is asked.
func issue(kind Certificate) (tls.Certificate, *x509.CertPool, error) {
	day := func(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bevis faults"}, NotBefore: day(2000), NotAfter: day(2099),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	if authority, err = x509.ParseCertificate(raw); err != nil {
		return tls.Certificate{}, nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority)

	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: day(2000), NotAfter: day(2099),
		DNSNames: []string{"localhost", "*.faults.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signer, by := authorityKey, authority
	switch kind {
	case Expired:
		leaf.NotAfter = day(2001)
	case NotYet:
		leaf.NotBefore = day(2098)
	case OtherHost:
		leaf.DNSNames, leaf.IPAddresses = []string{"other.example"}, nil
	case SelfSigned:
		signer, by = leafKey, leaf
	}
	raw, err = x509.CreateCertificate(rand.Reader, leaf, by, leafKey.Public(), signer)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: leafKey}, roots, err
}
