package jose

import (
	"context"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
)

// Cover implements proof.Coverer. The signature is over the very text of the
// header and of the payload.
func (s suite) Cover(_ context.Context, sec *proof.Secured, _ []proof.Context) ([]proof.Place, error) {
	if sec.Input == nil {
		return nil, reason.New(reason.NoProof, "", "there is no token")
	}
	own, t, err := s.open(sec.Input)
	if err != nil {
		return nil, err
	}
	if own == nil {
		return nil, reason.New("unsupported_alg/suite", "", "this is no token of %s", s.id)
	}
	out := proof.EveryPlace(proof.PartHeader, "", t.Header, proof.Protected, proof.SignedText)
	out = append(out, proof.EveryPlace(proof.PartPayload, "", t.Payload, proof.Protected, proof.SignedText)...)
	return append(out, proof.Place{Part: proof.PartSignature, State: proof.OwnValue, Why: proof.TheSignature}), nil
}
