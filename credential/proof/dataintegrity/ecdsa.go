package dataintegrity

import (
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jsonld"
)

// The names of the ECDSA suites.
const (
	ECDSARDFC2019 proof.ID = "ecdsa-rdfc-2019"
	ECDSAJCS2019  proof.ID = "ecdsa-jcs-2019"
)

// ECDSARDFC returns the suite ecdsa-rdfc-2019 (Data Integrity ECDSA
// Cryptosuites 1.0 section 3.2) over the contexts of p, for keys on P-256 and
// P-384. Both signatures that ECDSA has for one nonce are accepted, (r, s) and
// (r, n-s): the standard asks for neither, and nothing here takes a signature
// for the name of what it signs.
func ECDSARDFC(p *jsonld.Processor) proof.Suite {
	return &suite{id: ECDSARDFC2019, proofType: dataIntegrityProofType, keys: onP256AndP384(), processor: p}
}

// ECDSAJCS returns the suite ecdsa-jcs-2019 (section 3.3). Its signatures need
// no context; p is used to refuse signing undefined terms.
func ECDSAJCS(p *jsonld.Processor) proof.Suite {
	return &suite{id: ECDSAJCS2019, proofType: dataIntegrityProofType, text: true, keys: onP256AndP384(), processor: p}
}

func onP256AndP384() []key.Type { return []key.Type{key.P256, key.P384} }
