package suites

import (
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/jsonld"
)

// Context is a JSON-LD context that a relying party or an issuer pins beside
// those of the standards: its URL, its bytes, and their SHA-256 in
// hexadecimal.
type Context = jsonld.Extra

// All returns every suite, over the contexts of the standards and the given
// ones. The only errors are about those: unsafe_context.
func All(extra ...Context) (proof.Set, error) {
	contexts, err := jsonld.Embedded()
	if err != nil {
		return nil, err
	}
	if contexts, err = contexts.With(extra...); err != nil {
		return nil, err
	}
	p, err := jsonld.New(jsonld.Config{Contexts: contexts})
	if err != nil {
		return nil, err
	}
	return proof.Set{
		dataintegrity.EdDSARDFC(p),
		dataintegrity.EdDSAJCS(p),
		dataintegrity.EdDSA2022(p),
		dataintegrity.Ed25519Signature2020(p),
		dataintegrity.ECDSARDFC(p),
		dataintegrity.ECDSAJCS(p),
		dataintegrity.ECDSASD(p),
		dataintegrity.BBS(p),
		dataintegrity.Ed25519Signature2018(p),
		dataintegrity.JSONWebSignature2020(p),
		dataintegrity.EcdsaSecp256k1Signature2019(p),
		jose.VC(),
		jose.VP(),
		jose.OpenBadge(),
		sdjwt.DC(),
		sdjwt.VC(),
		sdjwt.VP(),
		cose.VC(),
		cose.VP(),
		cose.PrintedSuite(),
	}, nil
}
