package cose

import (
	"context"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
)

// Cover implements proof.Coverer. The signature is over the very bytes of the
// protected header, which is no JSON and so is one place, and of the payload.
func (s suite) Cover(_ context.Context, sec *proof.Secured, _ []proof.Context) ([]proof.Place, error) {
	if sec.Input == nil {
		return nil, reason.New(reason.NoProof, "", "there is no message")
	}
	own, _, err := s.open(sec.Input)
	if err != nil {
		return nil, err
	}
	if own == nil {
		return nil, reason.New("unsupported_alg/suite", "", "this is no message of %s", s.id)
	}
	out := []proof.Place{{Part: proof.PartHeader, State: proof.Protected, Why: proof.SignedText}}
	out = append(out, proof.EveryPlace(proof.PartPayload, "", own.Document, proof.Protected, proof.SignedText)...)
	return append(out, proof.Place{Part: proof.PartSignature, State: proof.OwnValue, Why: proof.TheSignature}), nil
}
