package dataintegrity

import (
	"context"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
)

// Whole returns s, which is ECDSASD or BBS, as a suite for documents that
// always show whole, such as status lists: an issuer whose key is for s alone
// has no other for them. What Sign makes is shown already, so there is no base
// proof, and it is not a proof.Discloser. Everything else is as with s.
func Whole(s proof.Suite) proof.Suite { return whole{s} }

type whole struct{ proof.Suite }

// Sign secures document with all of it mandatory.
func (w whole) Sign(ctx context.Context, document []byte, signer key.Signer, p proof.Params) ([]byte, error) {
	d, ok := w.Suite.(proof.Discloser)
	if !ok || p.Discloses() {
		return nil, reason.New("usage/params", "", "%s cannot express these options", w.ID())
	}
	p.Mandatory = []string{""}
	base, err := w.Suite.Sign(ctx, document, signer, p)
	if err != nil {
		return nil, err
	}
	return d.Disclose(ctx, base, proof.Disclosure{})
}
