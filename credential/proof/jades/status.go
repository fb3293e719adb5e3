package jades

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // OCSP names the issuer by SHA-1; nothing rests on it
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/timestamp"
	"github.com/kompetansebevis/bevis/reason"
)

// told is what one source says of a certificate, and when it said so. Revoked is
// zero where it says that it was not.
type told struct {
	how           string
	revoked, said time.Time
}

const (
	maxAnswer = 256 << 10 // bytes of an OCSP response: those about one certificate have two thousand
	maxUnread = 1 << 20   // bytes of a list that is read before it is known whose it is
)

// status finds out whether a certificate had been revoked at a time: by what the
// seal brings along, and by what is at hand. Who signed it has to be the
// certificate's issuer, or whom that lets speak. What was said last counts: a list
// of before the revocation may still be in force, and whoever has a stolen key can
// put it into a seal. So nobody else is asked only where the seal has what was said
// after the time in question. Empty, without an error, says that the certificate
// names nobody to ask.
func (s *Seal) status(ctx context.Context, cert, issuer *x509.Certificate, at time.Time, more Sources) (string, error) {
	var last told
	take := func(t told, ok bool) {
		if ok && (last.how == "" || t.said.After(last.said)) {
			last = t
		}
	}
	for _, raw := range s.ocsps {
		take(ocspStatus(raw, cert, issuer, at))
	}
	for _, raw := range s.crls {
		take(crlStatus(raw, cert, issuer, at))
	}
	if last.said.Before(at) && more != nil {
		for _, url := range cert.CRLDistributionPoints {
			if raw, err := more.Revocations(ctx, url); err == nil {
				take(crlStatus(raw, cert, issuer, at))
			}
		}
	}
	switch {
	case last.how != "":
		return last.how, wasRevoked(cert, last.revoked, at)
	case len(cert.CRLDistributionPoints) == 0 && len(cert.OCSPServer) == 0:
		return "", nil
	}
	return "", reason.New(NoStatus, strings.Join(cert.CRLDistributionPoints, " "), "whether the certificate of %.200q was revoked is not told by the seal, nor by a list that is at hand", cert.Subject.String())
}

func wasRevoked(cert *x509.Certificate, revoked, at time.Time) error {
	if revoked.IsZero() || revoked.After(at) {
		return nil
	}
	return reason.New(Revoked, "/protected/x5c", "the certificate of %.200q was revoked at %s, before there is proof of the signature", cert.Subject.String(), revoked.UTC().Format(time.RFC3339))
}

// covers reports whether something that was said between two times tells of a
// third: it was said after it, or held then.
func covers(said, next, at time.Time) bool {
	return !said.Before(at) || !next.IsZero() && !next.Before(at)
}

// crlStatus reads a list of revoked certificates; false when it does not tell.
func crlStatus(raw []byte, cert, issuer *x509.Certificate, at time.Time) (out told, ok bool) {
	if len(raw) > maxUnread && !signedList(raw, issuer) {
		return out, false // each entry of it would take ten times its bytes
	}
	list, err := x509.ParseRevocationList(raw)
	if err != nil || !bytes.Equal(list.RawIssuer, cert.RawIssuer) || list.CheckSignatureFrom(issuer) != nil || !covers(list.ThisUpdate, list.NextUpdate, at) {
		return out, false
	}
	for _, e := range list.Extensions {
		if e.Critical && !e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 20}) {
			return out, false // of some certificates only, or only of what is new
		}
	}
	out = told{how: "crl", said: list.ThisUpdate}
	for _, entry := range list.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(cert.SerialNumber) == 0 && entry.ReasonCode != 8 {
			out.revoked = entry.RevocationTime
			break
		}
	}
	return out, true
}

// signedList reports whether a list is signed by an issuer, before it is read.
func signedList(raw []byte, issuer *x509.Certificate) bool {
	var list struct {
		Said      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	rest, err := asn1.Unmarshal(raw, &list)
	return err == nil && len(rest) == 0 && issuer.CheckSignature(algorithmOf(list.Algorithm.Algorithm), list.Said.FullBytes, list.Signature.RightAlign()) == nil
}

// The structures of RFC 6960 section 4.2.1.

type ocspResponse struct {
	Status asn1.Enumerated
	Bytes  struct {
		Type asn1.ObjectIdentifier
		Data []byte
	} `asn1:"explicit,tag:0,optional"`
}

type basicResponse struct {
	Data      responseData
	Algorithm pkix.AlgorithmIdentifier
	Signature asn1.BitString
	Certs     []asn1.RawValue `asn1:"explicit,tag:0,optional"`
}

type responseData struct {
	Raw       asn1.RawContent
	Version   int `asn1:"optional,default:0,explicit,tag:0"`
	Responder asn1.RawValue
	Produced  time.Time `asn1:"generalized"`
	Responses []singleResponse
	Extra     []pkix.Extension `asn1:"explicit,tag:1,optional"`
}

type singleResponse struct {
	ID struct {
		Hash       pkix.AlgorithmIdentifier
		NameHash   []byte
		IssuerHash []byte
		Serial     *big.Int
	}
	Good    asn1.Flag `asn1:"tag:0,optional"`
	Revoked struct {
		Time   time.Time       `asn1:"generalized"`
		Reason asn1.Enumerated `asn1:"explicit,tag:0,optional"`
	} `asn1:"tag:1,optional"`
	Unknown asn1.Flag        `asn1:"tag:2,optional"`
	This    time.Time        `asn1:"generalized"`
	Next    time.Time        `asn1:"generalized,explicit,tag:0,optional"`
	Extra   []pkix.Extension `asn1:"explicit,tag:1,optional"`
}

// basic returns the part of an OCSP response that is signed; a seal may hold it
// with or without what is around it.
func basic(raw []byte) (out basicResponse, ok bool) {
	var outer ocspResponse
	if rest, err := asn1.Unmarshal(raw, &outer); err == nil && len(rest) == 0 {
		raw = outer.Bytes.Data
	}
	rest, err := asn1.Unmarshal(raw, &out)
	return out, err == nil && len(rest) == 0
}

// ocspStatus reads an answer about one certificate; false when it does not tell.
func ocspStatus(raw []byte, cert, issuer *x509.Certificate, at time.Time) (out told, ok bool) {
	if len(raw) > maxAnswer {
		return out, false
	}
	answer, ok := basic(raw)
	if !ok || !signedFor(answer, issuer) {
		return out, false
	}
	var key struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(issuer.RawSubjectPublicKeyInfo, &key); err != nil {
		return out, false
	}
	keyHash, nameHash := sha1.Sum(key.Key.RightAlign()), sha1.Sum(cert.RawIssuer)
	for _, one := range answer.Data.Responses {
		if one.ID.Serial == nil || one.ID.Serial.Cmp(cert.SerialNumber) != 0 || !bytes.Equal(one.ID.IssuerHash, keyHash[:]) || !bytes.Equal(one.ID.NameHash, nameHash[:]) {
			continue
		}
		if bool(one.Unknown) || !covers(one.This, one.Next, at) {
			return out, false
		}
		out = told{"ocsp", one.Revoked.Time, one.This}
		return out, bool(one.Good) != !one.Revoked.Time.IsZero() // one of the two
	}
	return out, false
}

// signedFor reports whether an answer is by the issuer of a certificate, or by
// whom that issuer lets answer (RFC 6960 section 4.2.2.2).
func signedFor(answer basicResponse, issuer *x509.Certificate) bool {
	algorithm := algorithmOf(answer.Algorithm.Algorithm)
	signature := answer.Signature.RightAlign()
	if issuer.CheckSignature(algorithm, answer.Data.Raw, signature) == nil {
		return true
	}
	for i, raw := range answer.Certs {
		by, err := timestamp.Certificate(raw.FullBytes)
		if err != nil || i >= maxChain || by.CheckSignatureFrom(issuer) != nil {
			continue
		}
		for _, use := range by.ExtKeyUsage {
			if use == x509.ExtKeyUsageOCSPSigning && !answer.Data.Produced.Before(by.NotBefore) && !answer.Data.Produced.After(by.NotAfter) {
				return by.CheckSignature(algorithm, answer.Data.Raw, signature) == nil
			}
		}
	}
	return false
}

func algorithmOf(id asn1.ObjectIdentifier) x509.SignatureAlgorithm {
	for _, known := range []struct {
		id string
		as x509.SignatureAlgorithm
	}{
		{"1.2.840.113549.1.1.11", x509.SHA256WithRSA}, {"1.2.840.113549.1.1.12", x509.SHA384WithRSA}, {"1.2.840.113549.1.1.13", x509.SHA512WithRSA},
		{"1.2.840.10045.4.3.2", x509.ECDSAWithSHA256}, {"1.2.840.10045.4.3.3", x509.ECDSAWithSHA384}, {"1.2.840.10045.4.3.4", x509.ECDSAWithSHA512},
	} {
		if id.String() == known.id {
			return known.as
		}
	}
	return x509.UnknownSignatureAlgorithm
}
