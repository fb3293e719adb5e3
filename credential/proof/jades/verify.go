package jades

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // the hash functions of RFC 7518
	_ "crypto/sha512"
	"crypto/x509"
	"errors"
	"math/big"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/timestamp"
	"github.com/kompetansebevis/bevis/reason"
)

const minRSABits = 2048

// Verify checks that the signature is over the header and the document, by the
// key of the first certificate in the seal. It says nothing of whose that is.
func (s *Seal) Verify() error {
	hash, family := crypto.Hash(0), ""
	if len(s.Algorithm) == 5 {
		family = s.Algorithm[:2]
		hash = map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[s.Algorithm[2:]]
	}
	if hash == 0 {
		return reason.New(Algorithm, "/protected/alg", "algorithm %.50q is not one that is accepted here", s.Algorithm)
	}
	h := hash.New()
	h.Write([]byte(s.protected))
	h.Write([]byte{'.'})
	h.Write([]byte(s.encoded))
	sum := h.Sum(nil)
	switch public := s.Chain[0].PublicKey.(type) {
	case *rsa.PublicKey:
		if public.N.BitLen() < minRSABits {
			return reason.New(Certificate, "/protected/x5c/0", "a key of %d bits, which is too short", public.N.BitLen())
		}
		var err error
		switch family {
		case "RS":
			err = rsa.VerifyPKCS1v15(public, hash, sum, s.signature)
		case "PS":
			err = rsa.VerifyPSS(public, hash, sum, s.signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		default:
			return reason.New(Algorithm, "/protected/alg", "algorithm %s with an RSA key", s.Algorithm)
		}
		if err != nil {
			return reason.New(Signature, "", "the signature does not match the document")
		}
		return nil
	case *ecdsa.PublicKey:
		size := (public.Params().BitSize + 7) / 8
		if family != "ES" || public.Params().BitSize != map[crypto.Hash]int{crypto.SHA256: 256, crypto.SHA384: 384, crypto.SHA512: 521}[hash] {
			return reason.New(Algorithm, "/protected/alg", "algorithm %s with a key on %s", s.Algorithm, public.Params().Name)
		}
		if len(s.signature) != 2*size || !ecdsa.Verify(public, sum, new(big.Int).SetBytes(s.signature[:size]), new(big.Int).SetBytes(s.signature[size:])) {
			return reason.New(Signature, "", "the signature does not match the document")
		}
		return nil
	}
	return reason.New(Algorithm, "/protected/x5c/0", "a key of a kind that is not accepted here")
}

// Sources has what is known of certificates beside what stands in a seal. A nil
// one has nothing.
type Sources interface {
	// Revocations returns a list of revoked certificates by its address, or an
	// error when it cannot be had.
	Revocations(ctx context.Context, url string) ([]byte, error)
}

// Judgement is what was found out about a certificate.
type Judgement struct {
	Anchor   string    // whose the certificate is that is believed
	Proven   time.Time // there was the signature: by a time-stamp that is believed, or now
	StampBy  string    // whose time-stamp, empty when there is none that is believed
	Existed  time.Time // there was the document, by a time-stamp in the seal; zero: not known
	StatusBy string    // "crl", "ocsp", or "" where nothing has to be asked
}

// Judge finds out whether the certificate leads to one that is believed, as of
// when there is proof of the signature, and was not revoked before. At is now, or
// as of when it is judged. Errors are of this package's codes, and
// timestamp_invalid for a time-stamp that is not about this seal.
func (s *Seal) Judge(ctx context.Context, anchors *Anchors, at time.Time, more Sources) (Judgement, error) {
	out := Judgement{Proven: at}
	if anchors == nil || len(anchors.services) == 0 {
		return out, reason.New(NoAnchors, "", "nobody has said which certificates are believed")
	}
	var err error
	if out.Existed, _, err = stamped(s.content, []byte(s.encoded), anchors, at); err != nil {
		return out, err
	}
	signed, by, err := stamped(s.stamps, []byte(s.signatureText), anchors, at)
	if err != nil {
		return out, err
	}
	if !signed.IsZero() {
		out.Proven, out.StampBy = signed, by
	}
	chain, err := s.chain(anchors, out.Proven)
	if err != nil {
		return out, err
	}
	out.Anchor = nameOf(chain[len(chain)-1])
	for i, cert := range chain[:len(chain)-1] {
		how, err := s.status(ctx, cert, chain[i+1], out.Proven, more)
		if err != nil {
			return out, err
		}
		if how != "" {
			out.StatusBy = how
		}
	}
	return out, nil
}

// nameOf returns what a certificate calls its holder, for people.
func nameOf(cert *x509.Certificate) string {
	name := cert.Subject.CommonName
	if o := strings.Join(cert.Subject.Organization, ", "); o != "" && o != name {
		name = strings.TrimSpace(name + " (" + o + ")")
	}
	return name
}

// stamped returns the earliest time by a time-stamp that is believed, zero when
// there is none. A token over something else is an error: it was put there to
// make believe.
func stamped(tokens [][]byte, message []byte, anchors *Anchors, at time.Time) (first time.Time, by string, err error) {
	for _, token := range tokens {
		stamp, err := timestamp.Verify(token, message, anchors.pool(stamps, at))
		switch code := reason.CodeOf(err); {
		case code == timestamp.Authority:
			continue
		case err != nil:
			return time.Time{}, "", err
		case stamp.Time.After(at):
			continue // of a time that is still to come
		}
		// The authority has to have been listed when it stamped.
		if _, err := timestamp.Verify(token, message, anchors.pool(stamps, stamp.Time)); err != nil {
			continue
		}
		if first.IsZero() || stamp.Time.Before(first) {
			first, by = stamp.Time, stamp.Authority
		}
	}
	return first, by, nil
}

// chain returns the certificates from who sealed to one that is believed.
func (s *Seal) chain(anchors *Anchors, at time.Time) ([]*x509.Certificate, error) {
	own := s.Chain[0]
	if err := forSeals(own); err != nil {
		return nil, err
	}
	between := x509.NewCertPool()
	for _, c := range append(s.Chain[1:len(s.Chain):len(s.Chain)], s.others...) {
		between.AddCert(c)
	}
	look := func(at time.Time) ([][]*x509.Certificate, error) {
		return own.Verify(x509.VerifyOptions{Roots: anchors.pool(seals, at), Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	}
	chains, err := look(at)
	var invalid x509.CertificateInvalidError
	switch {
	case err == nil:
		// A certificate that is itself listed needs none above it.
		return chains[0], nil
	case errors.As(err, &x509.UnknownAuthorityError{}):
		return nil, reason.New(Unknown, "/protected/x5c", "the certificate of %.200q leads to none that is believed", own.Subject.String())
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		// It may have held once. Without a time-stamp nobody knows whether the
		// signature is from then.
		if _, err := look(own.NotAfter.Add(-time.Second)); err != nil {
			return nil, reason.New(Unknown, "/protected/x5c", "the certificate of %.200q leads to none that is believed", own.Subject.String())
		}
		return nil, reason.New(NoTime, "/protected/x5c", "the certificate held from %s to %s, and no time-stamp that is believed says that the signature is from then", own.NotBefore.Format(time.DateOnly), own.NotAfter.Format(time.DateOnly))
	}
	return nil, reason.New(Certificate, "/protected/x5c", "%w", err)
}
