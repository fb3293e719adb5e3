package timestamp

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
)

// The structures of RFC 3161 section 2.4.2, of CMS (RFC 5652 section 5) and of
// the attributes that tie a certificate to a signature (RFC 5035), as far as
// they are read.

type response struct {
	Status struct {
		Status int
		Text   []asn1.RawValue `asn1:"optional"`
		Fail   asn1.BitString  `asn1:"optional"`
	}
	Token asn1.RawValue `asn1:"optional"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version          int
	DigestAlgorithms []pkix.AlgorithmIdentifier `asn1:"set"`
	Encapsulated     struct {
		Type    asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,optional,tag:0"`
	}
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	CRLs         asn1.RawValue `asn1:"optional,tag:1"`
	Signers      []signerInfo  `asn1:"set"`
}

type signerInfo struct {
	Version            int
	SID                asn1.RawValue
	DigestAlgorithm    pkix.AlgorithmIdentifier
	SignedAttributes   asn1.RawValue `asn1:"optional,tag:0"`
	SignatureAlgorithm pkix.AlgorithmIdentifier
	Signature          []byte
	Unsigned           asn1.RawValue `asn1:"optional,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type info struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	Serial *big.Int
	Time   asn1.RawValue
}

type essCertID struct { // RFC 2634 section 5.4.1
	Hash   []byte
	Issuer asn1.RawValue `asn1:"optional"`
}

type essCertIDv2 struct { // RFC 5035 section 4
	Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
	Hash      []byte
	Issuer    asn1.RawValue `asn1:"optional"`
}

func oid(arcs ...int) asn1.ObjectIdentifier { return arcs }

func signedDataOID() asn1.ObjectIdentifier { return oid(1, 2, 840, 113549, 1, 7, 2) }
func infoOID() asn1.ObjectIdentifier       { return oid(1, 2, 840, 113549, 1, 9, 16, 1, 4) }
func contentOID() asn1.ObjectIdentifier    { return oid(1, 2, 840, 113549, 1, 9, 3) }
func digestOID() asn1.ObjectIdentifier     { return oid(1, 2, 840, 113549, 1, 9, 4) }
func essOID() asn1.ObjectIdentifier        { return oid(1, 2, 840, 113549, 1, 9, 16, 2, 12) }
func essV2OID() asn1.ObjectIdentifier      { return oid(1, 2, 840, 113549, 1, 9, 16, 2, 47) }
