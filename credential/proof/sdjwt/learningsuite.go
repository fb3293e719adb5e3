package sdjwt

import (
	"context"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// MicroCredentialForm is the name of the form that Learning makes.
const MicroCredentialForm proof.ID = "dc+sd-jwt/micro-credential"

// Learning returns a suite that issues Open Badges as SD-JWT VCs of the type
// MicroCredentialVCT. Params.Disclosable names places in the badge; what the
// type's metadata wants shown always shows all the same. What the suite makes
// is for DC to read and to show in part, so it opens nothing.
func Learning() proof.Suite { return learningSuite{suite{id: DCSDJWT}} }

type learningSuite struct{ suite }

// ID implements proof.Suite.
func (learningSuite) ID() proof.ID { return MicroCredentialForm }

// Open implements proof.Suite.
func (learningSuite) Open(*proof.Input) ([]*proof.Secured, error) { return nil, nil }

// Sign implements proof.Suite. Errors are those of MicroCredential and of DC.
func (l learningSuite) Sign(ctx context.Context, document []byte, signer key.Signer, p proof.Params) ([]byte, error) {
	doc, err := strictjson.ParseObject(document, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	claims, allowed, _, err := MicroCredential(doc)
	if err != nil {
		return nil, err
	}
	var disclosable []string
	for _, at := range p.Disclosable {
		may := slices.ContainsFunc(allowed, func(a string) bool { return at == a || strings.HasPrefix(at, a+"/") })
		if may && claims.Lookup(at) != nil {
			disclosable = append(disclosable, at)
		}
	}
	p.Disclosable = disclosable
	return l.suite.Sign(ctx, claims.AppendJSON(nil), signer, p)
}
