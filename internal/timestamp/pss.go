package timestamp

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509/pkix"
	"encoding/asn1"

	"github.com/kompetansebevis/bevis/reason"
)

// pssParameters are those of RSASSA-PSS (RFC 4055 section 3.1). Hash and mask
// may be left out there, and are of SHA-1 then, which is not accepted here.
type pssParameters struct {
	Hash    pkix.AlgorithmIdentifier `asn1:"explicit,tag:0"`
	Mask    pkix.AlgorithmIdentifier `asn1:"explicit,tag:1"`
	Salt    int                      `asn1:"explicit,tag:2"`
	Trailer int                      `asn1:"explicit,tag:3,optional"` // 1, or left out
}

func pssOID() asn1.ObjectIdentifier  { return oid(1, 2, 840, 113549, 1, 1, 10) }
func mgf1OID() asn1.ObjectIdentifier { return oid(1, 2, 840, 113549, 1, 1, 8) }

// maxSalt bounds what is added up with other lengths, in bytes: no key that is
// accepted has room for more.
const maxSalt = maxRSABits / 8

// verifyPSS checks a signature whose algorithm is RSASSA-PSS with these parameters.
// Nobody signs these (RFC 5652 section 5.4), so there is no choice in them: one
// hash function for everything, the one that the attributes are digested with
// (RFC 4056 section 3), MGF1, and a salt of exactly the length that is said, at
// least as long as a digest.
func verifyPSS(k *rsa.PublicKey, h crypto.Hash, parameters, signed, signature []byte) error {
	var p pssParameters
	if decode(parameters, &p, "") != nil {
		return wrongPSS("its parameters cannot be read, or leave out a hash function")
	}
	if again, err := asn1.Marshal(p); err != nil || !bytes.Equal(again, parameters) {
		return wrongPSS("its parameters have more in them than they should, or another form")
	}
	var mask pkix.AlgorithmIdentifier
	switch {
	case !isHash(p.Hash, h):
		return wrongPSS("its hash function is not the one that the attributes are digested with")
	case !p.Mask.Algorithm.Equal(mgf1OID()) || decode(p.Mask.Parameters.FullBytes, &mask, "") != nil || !isHash(mask, h):
		return wrongPSS("its mask is not made by MGF1 with the same hash function")
	case p.Salt < h.Size() || p.Salt > maxSalt:
		return wrongPSS("its salt is shorter than a digest, or longer than any key")
	case p.Trailer != 0 && p.Trailer != 1:
		return wrongPSS("its trailer is not the one that there is")
	}
	if rsa.VerifyPSS(k, h, sum(h, signed), signature, &rsa.PSSOptions{SaltLength: p.Salt}) != nil {
		return wrongSignature()
	}
	return nil
}

func wrongPSS(why string) error {
	return reason.New(Signature, "", "the token is signed by RSASSA-PSS in a way that is not accepted: %s", why)
}

// isHash reports whether an algorithm is a hash function, which has no parameters
// or those that say so (RFC 4055 section 2.1).
func isHash(id pkix.AlgorithmIdentifier, h crypto.Hash) bool {
	got, ok := hashOf(id.Algorithm)
	return ok && got == h && (len(id.Parameters.FullBytes) == 0 || bytes.Equal(id.Parameters.FullBytes, asn1.NullBytes))
}
