package jades

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"

	"github.com/kompetansebevis/bevis/reason"
)

// What a qualified certificate says of itself (ETSI EN 319 412-5 section 4.2.3).
const (
	statementsOID = "1.3.6.1.5.5.7.1.3"
	typeOID       = "0.4.0.1862.1.6"
	sealOID       = "0.4.0.1862.1.6.2"
)

// forSeals refuses certificates by which somebody signs who is not the
// organisation in them. The same authorities issue certificates to people, with
// their employer in them as in those for seals (ETSI EN 319 412-2 section 4.2.4),
// and to web sites: by such a one an employee's signature, or a stolen key of a web
// server, would count as the seal of the organisation.
func forSeals(cert *x509.Certificate) error {
	refused := func(of string) error {
		return reason.New(Certificate, "/protected/x5c/0", "the certificate is %s, and not for the seals of an organisation", of)
	}
	if cert.KeyUsage != 0 && cert.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return refused("not for signing")
	}
	types, err := qualifiedTypes(cert)
	if err != nil {
		return reason.New(Certificate, "/protected/x5c/0", "what the certificate says it is for cannot be read")
	}
	if len(types) > 0 {
		if !slices.Contains(types, sealOID) {
			return refused("for the signatures of a person, or for a web site")
		}
		return nil
	}
	for _, use := range cert.ExtKeyUsage {
		switch use {
		case x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageOCSPSigning:
			return refused("for a web site, time-stamps or answers about certificates")
		}
	}
	for _, a := range cert.Subject.Names {
		switch a.Type.String() {
		case "2.5.4.4", "2.5.4.42", "2.5.4.65": // surname, given name, pseudonym
			return refused("a person's")
		}
	}
	return nil
}

// qualifiedTypes returns what a certificate is qualified for, nothing where it
// does not say.
func qualifiedTypes(cert *x509.Certificate) ([]string, error) {
	var out []string
	for _, e := range cert.Extensions {
		if e.Id.String() != statementsOID {
			continue
		}
		var statements []struct {
			ID   asn1.ObjectIdentifier
			Info asn1.RawValue `asn1:"optional"`
		}
		if rest, err := asn1.Unmarshal(e.Value, &statements); err != nil || len(rest) > 0 {
			return nil, errors.New("not as ETSI EN 319 412-5 has it")
		}
		for _, s := range statements {
			if s.ID.String() != typeOID {
				continue
			}
			var types []asn1.ObjectIdentifier
			if rest, err := asn1.Unmarshal(s.Info.FullBytes, &types); err != nil || len(rest) > 0 || len(types) == 0 {
				return nil, errors.New("not as ETSI EN 319 412-5 has it")
			}
			for _, t := range types {
				out = append(out, t.String())
			}
		}
	}
	return out, nil
}
