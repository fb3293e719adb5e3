package timestamp

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha1" // for the certificate digest of older authorities alone
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	maxToken = 256 << 10
	maxCerts = 32
)

// The codes of what can be wrong with a token.
const (
	Malformed reason.Code = "timestamp_invalid/token"       // it cannot be read
	Mismatch  reason.Code = "timestamp_invalid/digest"      // it is for something else
	Signature reason.Code = "timestamp_invalid/signature"   // it is not by the certificate that it names
	Authority reason.Code = "timestamp_invalid/certificate" // its certificate is not believed
)

// Stamp is what a token says that holds.
type Stamp struct {
	Time      time.Time // when the authority saw the digest
	Authority string    // name in the authority's certificate
	Policy    string    // object identifier of its policy
}

// Roots reads certificates that are believed, in PEM or one in DER. More than
// 32 are an error (reason.LimitSize): none is left out without a word.
func Roots(raw []byte, at string) (*x509.CertPool, error) {
	pool, found := x509.NewCertPool(), 0
	rest := raw
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		if found == maxCerts {
			return nil, reason.New(reason.LimitSize, at, "more than %d certificates", maxCerts)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, reason.New(Authority, at, "a certificate cannot be read: %w", err)
		}
		pool.AddCert(cert)
		found++
	}
	if found > 0 {
		return pool, nil
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, reason.New(Authority, at, "no certificate is in it")
	}
	pool.AddCert(cert)
	return pool, nil
}

// Verify checks that a token is over message, by an authority whose
// certificate leads to one of roots, and was made for stamping times. Errors
// are of the codes above.
func Verify(token, message []byte, roots *x509.CertPool) (*Stamp, error) {
	if len(token) > maxToken {
		return nil, reason.New(Malformed, "", "a token of more than %d bytes", maxToken)
	}
	if roots == nil { // for which x509 would take the system's
		return nil, reason.New(Authority, "", "no authority is believed")
	}
	data, err := readSigned(token)
	if err != nil {
		return nil, err
	}
	if !data.Encapsulated.Type.Equal(infoOID()) || len(data.Signers) != 1 {
		return nil, reason.New(Malformed, "", "it is no time-stamp token by one signer")
	}
	said, at, err := readInfo(data.Encapsulated.Content)
	if err != nil {
		return nil, err
	}
	h, ok := hashOf(said.Imprint.Algorithm.Algorithm)
	if !ok || h == crypto.SHA1 {
		return nil, reason.New(Malformed, "", "the message is stamped with a hash function that is not accepted")
	}
	if !bytes.Equal(sum(h, message), said.Imprint.Digest) {
		return nil, reason.New(Mismatch, "", "the token is for another message")
	}
	certs, err := certificates(data)
	if err != nil {
		return nil, err
	}
	signer, err := verifySigner(data, certs)
	if err != nil {
		return nil, err
	}
	between := x509.NewCertPool()
	for _, c := range certs {
		between.AddCert(c)
	}
	if err := forStamping(signer); err != nil {
		return nil, err
	}
	if _, err := signer.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}}); err != nil {
		return nil, reason.New(Authority, "", "the certificate of the authority leads to none that is believed: %w", err)
	}
	return &Stamp{Time: at, Authority: signer.Subject.String(), Policy: said.Policy.String()}, nil
}

// maxRSABits bounds the keys of certificates that come from strangers: one of
// 32 KiB takes ten seconds for each signature, and there is room for longer ones.
const maxRSABits = 8192

// Certificate reads a certificate in DER of which nobody knows where it is from.
// One with an RSA key that takes long to verify anything with is an error.
func Certificate(der []byte) (*x509.Certificate, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if k, ok := cert.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() > maxRSABits {
		return nil, reason.New(reason.LimitSize, "", "an RSA key of %d bits, the limit is %d", k.N.BitLen(), maxRSABits)
	}
	return cert, nil
}

func malformed(what string) error { return reason.New(Malformed, "", "%s cannot be read", what) }

// decode reads exactly one value.
func decode(raw []byte, to any, what string) error {
	rest, err := asn1.Unmarshal(raw, to)
	if err != nil || len(rest) > 0 {
		return malformed(what)
	}
	return nil
}

// readSigned takes a token out of an authority's answer, if it is in one.
func readSigned(raw []byte) (*signedData, error) {
	var outer contentInfo
	if decode(raw, &outer, "") != nil {
		var answer response
		if err := decode(raw, &answer, "the answer of the authority"); err != nil {
			return nil, err
		}
		if answer.Status.Status > 1 { // 0 granted, 1 granted with modifications
			return nil, reason.New(Malformed, "", "the authority refused: status %d", answer.Status.Status)
		}
		if err := decode(answer.Token.FullBytes, &outer, "the token"); err != nil {
			return nil, err
		}
	}
	if !outer.Type.Equal(signedDataOID()) {
		return nil, reason.New(Malformed, "", "it is not signed data")
	}
	data := &signedData{}
	return data, decode(outer.Content.Bytes, data, "the signed data")
}

// readInfo reads what is signed. What follows the time (accuracy, nonce and so
// on) is not needed, and encoding/asn1 passes over it.
func readInfo(raw []byte) (*info, time.Time, error) {
	out := &info{}
	if err := decode(raw, out, "what is signed"); err != nil {
		return nil, time.Time{}, err
	}
	at, ok := generalized(out.Time)
	if out.Version != 1 || !ok {
		return nil, at, malformed("the time")
	}
	return out, at, nil
}

// generalized reads a GeneralizedTime in UTC, with or without a fraction
// (RFC 3161 section 2.4.2), which encoding/asn1 does not.
func generalized(v asn1.RawValue) (time.Time, bool) {
	if v.Tag != asn1.TagGeneralizedTime || v.Class != asn1.ClassUniversal || len(v.Bytes) > 32 {
		return time.Time{}, false
	}
	at, err := time.Parse("20060102150405.999999999Z", string(v.Bytes))
	return at, err == nil && !at.IsZero() // for which x509 would take the clock's
}

func certificates(data *signedData) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	rest := data.Certificates.Bytes
	for len(rest) > 0 {
		var one asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &one); err != nil || len(out) >= maxCerts {
			return nil, malformed("the list of certificates")
		}
		if one.Class != asn1.ClassUniversal {
			continue // of a kind that is obsolete
		}
		cert, err := Certificate(one.FullBytes)
		if err != nil {
			return nil, reason.New(Malformed, "", "a certificate in the token cannot be read: %w", err)
		}
		out = append(out, cert)
	}
	return out, nil
}

// verifySigner checks the signature and returns the certificate that it is by.
func verifySigner(data *signedData, certs []*x509.Certificate) (*x509.Certificate, error) {
	s := data.Signers[0]
	i := slices.IndexFunc(certs, func(c *x509.Certificate) bool { return names(s.SID, c) })
	if i < 0 {
		return nil, reason.New(Authority, "", "the certificate of the authority is not in the token: ask for one with it")
	}
	signer := certs[i]
	h, ok := hashOf(s.DigestAlgorithm.Algorithm)
	if !ok || h == crypto.SHA1 {
		return nil, reason.New(Signature, "", "the token is signed with a hash function that is not accepted")
	}
	if err := checkAttributes(s, h, data.Encapsulated.Content, signer); err != nil {
		return nil, err
	}
	// The attributes are signed as the SET that they are, not under the tag
	// that they stand under (RFC 5652 section 5.4).
	signed := bytes.Clone(s.SignedAttributes.FullBytes)
	signed[0] = 0x31
	if err := verifies(signer, h, s.SignatureAlgorithm, signed, s.Signature); err != nil {
		return nil, err
	}
	return signer, nil
}

// names reports whether a signer identifier is that of a certificate.
func names(sid asn1.RawValue, c *x509.Certificate) bool {
	if sid.Class == asn1.ClassContextSpecific && sid.Tag == 0 {
		return len(sid.Bytes) > 0 && bytes.Equal(sid.Bytes, c.SubjectKeyId)
	}
	var by issuerAndSerial
	return decode(sid.FullBytes, &by, "") == nil && bytes.Equal(by.Issuer.FullBytes, c.RawIssuer) && by.Serial.Cmp(c.SerialNumber) == 0
}

// checkAttributes holds the signed attributes against what they must be about:
// the content, its type, and the signer's certificate (RFC 3161 section 2.4.2).
func checkAttributes(s signerInfo, h crypto.Hash, content []byte, signer *x509.Certificate) error {
	found := map[string]asn1.RawValue{}
	rest := s.SignedAttributes.Bytes
	for len(rest) > 0 {
		var a attribute
		var err error
		if rest, err = asn1.Unmarshal(rest, &a); err != nil || len(a.Values) == 0 {
			return malformed("a signed attribute")
		}
		if _, twice := found[a.Type.String()]; twice {
			return malformed("a signed attribute that stands twice")
		}
		found[a.Type.String()] = a.Values[0]
	}
	var kind asn1.ObjectIdentifier
	var digest []byte
	if decode(found[contentOID().String()].FullBytes, &kind, "") != nil || !kind.Equal(infoOID()) {
		return reason.New(Malformed, "", "the signature is not over a time-stamp")
	}
	if decode(found[digestOID().String()].FullBytes, &digest, "") != nil || !bytes.Equal(digest, sum(h, content)) {
		return reason.New(Signature, "", "what is signed is not what the token holds")
	}
	if v2, ok := found[essV2OID().String()]; ok {
		return sameCertificate(v2, signer, true)
	}
	if v1, ok := found[essOID().String()]; ok {
		return sameCertificate(v1, signer, false)
	}
	return reason.New(Malformed, "", "the signature does not name its certificate")
}

func sameCertificate(v asn1.RawValue, signer *x509.Certificate, second bool) error {
	var outer struct {
		Certs    []asn1.RawValue
		Policies asn1.RawValue `asn1:"optional"`
	}
	if err := decode(v.FullBytes, &outer, "the digest of the certificate"); err != nil || len(outer.Certs) == 0 {
		return malformed("the digest of the certificate")
	}
	h, want := crypto.SHA1, []byte(nil)
	if second {
		var id essCertIDv2
		if err := decode(outer.Certs[0].FullBytes, &id, "the digest of the certificate"); err != nil {
			return err
		}
		h, want = crypto.SHA256, id.Hash
		if len(id.Algorithm.Algorithm) > 0 {
			var ok bool
			if h, ok = hashOf(id.Algorithm.Algorithm); !ok {
				return malformed("the digest of the certificate")
			}
		}
	} else {
		var id essCertID
		if err := decode(outer.Certs[0].FullBytes, &id, "the digest of the certificate"); err != nil {
			return err
		}
		want = id.Hash
	}
	if !bytes.Equal(sum(h, signer.Raw), want) {
		return reason.New(Signature, "", "the certificate is not the one that was signed with")
	}
	return nil
}

// verifies checks a signature by the key of a certificate. What the algorithm is
// called counts where a key has two: RSA with the padding of PKCS #1 1.5, or PSS.
func verifies(signer *x509.Certificate, h crypto.Hash, algorithm pkix.AlgorithmIdentifier, signed, signature []byte) error {
	ok := false
	switch k := signer.PublicKey.(type) {
	case *rsa.PublicKey:
		switch {
		case k.N.BitLen() < 2048:
		case algorithm.Algorithm.Equal(pssOID()):
			return verifyPSS(k, h, algorithm.Parameters.FullBytes, signed, signature)
		default:
			ok = rsa.VerifyPKCS1v15(k, h, sum(h, signed), signature) == nil
		}
	case *ecdsa.PublicKey:
		ok = ecdsa.VerifyASN1(k, sum(h, signed), signature)
	case ed25519.PublicKey:
		ok = ed25519.Verify(k, signed, signature)
	default: // such as one that is for RSASSA-PSS alone, which crypto/x509 does not read
		return reason.New(Signature, "", "the certificate of the authority has a key of a kind that is not accepted")
	}
	if !ok {
		return wrongSignature()
	}
	return nil
}

func wrongSignature() error {
	return reason.New(Signature, "", "the signature of the token is wrong")
}

// forStamping refuses a certificate that is not for stamping times and nothing
// else (RFC 3161 section 2.3).
func forStamping(c *x509.Certificate) error {
	critical := slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool {
		return e.Id.Equal(oid(2, 5, 29, 37)) && e.Critical
	})
	if !critical || len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) > 0 {
		return reason.New(Authority, "", "the certificate is not one for stamping times alone")
	}
	return nil
}

func sum(h crypto.Hash, message []byte) []byte {
	w := h.New()
	w.Write(message)
	return w.Sum(nil)
}

func hashOf(id asn1.ObjectIdentifier) (crypto.Hash, bool) {
	for _, known := range []struct {
		id asn1.ObjectIdentifier
		h  crypto.Hash
	}{
		{oid(1, 3, 14, 3, 2, 26), crypto.SHA1},
		{oid(2, 16, 840, 1, 101, 3, 4, 2, 1), crypto.SHA256},
		{oid(2, 16, 840, 1, 101, 3, 4, 2, 2), crypto.SHA384},
		{oid(2, 16, 840, 1, 101, 3, 4, 2, 3), crypto.SHA512},
	} {
		if id.Equal(known.id) {
			return known.h, true
		}
	}
	return 0, false
}
