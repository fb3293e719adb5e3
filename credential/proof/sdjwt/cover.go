package sdjwt

import (
	"context"
	"strconv"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Cover implements proof.Coverer. The issuer's signature is over the text of
// header and payload, and over each disclosure by the digest in the payload;
// which of them are shown is for the holder to say. The holder's is over its
// own token, and over everything that is shown with it.
func (s suite) Cover(_ context.Context, sec *proof.Secured, _ []proof.Context) ([]proof.Place, error) {
	if sec.Input == nil {
		return nil, reason.New(reason.NoProof, "", "there is no token")
	}
	r, err := s.read(sec.Input)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, reason.New("unsupported_alg/suite", "", "this is no token of %s", s.id)
	}
	why, state := proof.SignedText, proof.Protected
	held := sec.Purpose == proof.Authentication
	var out []proof.Place
	if held {
		if r.binding == nil {
			return nil, noBinding()
		}
		out = proof.EveryPlace(proof.PartKeyHeader, "", r.binding.token.Header, state, why)
		out = append(out, proof.EveryPlace(proof.PartKeyPayload, "", r.binding.token.Payload, state, why)...)
		why = proof.HolderSigned
	}
	token, err := jws.ReadHead(r.compact.jwt, sec.Input.Limits)
	if err != nil {
		return nil, err
	}
	if err := token.ReadBody(sec.Input.Limits); err != nil { // with its digests, as it was signed
		return nil, err
	}
	out = append(out, proof.EveryPlace(proof.PartHeader, "", token.Header, state, why)...)
	out = append(out, proof.EveryPlace(proof.PartPayload, "", token.Payload, state, why)...)
	if !held {
		why = proof.SignedDigest
	}
	for i, text := range r.compact.disclosures {
		raw, err := jws.Decode(text, "disclosure")
		if err != nil {
			return nil, err
		}
		v, err := strictjson.Parse(raw, sec.Input.Limits)
		if err != nil {
			return nil, err
		}
		at := "/" + strconv.Itoa(i)
		out = append(out, proof.Place{Part: proof.PartDisclosure, At: at, State: state, Why: why, Optional: !held})
		out = append(out, proof.EveryPlace(proof.PartDisclosure, at, v, state, why)...)
	}
	return append(out, proof.Place{Part: proof.PartSignature, State: proof.OwnValue, Why: proof.TheSignature}), nil
}
