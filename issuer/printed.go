package issuer

import (
	"bytes"
	"context"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/internal/papercode"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Printed is the short form of a credential.
type Printed struct {
	Message []byte // a COSE_Sign1 message, which package verifier takes as it is
	Code    string // the same, as the text of a QR code
}

// Printed signs the short form of a credential, which fits into a code on paper
// that can be read from there; docs/printed.md has what is in it. It is signed
// for nothing but what stands in the ledger, and read are the suites that
// credentials were issued by, such as those of suites.All. Languages choose
// among the languages of texts.
//
// Errors are not_found, where the credential is none of this issuer's;
// conflict/erased; conflict/not-as-issued, where it was changed or is shown in
// part; conflict/printed and resource_limit/printed, where a short form has no
// place for it; and those of signing.
func (i *Issuer) Printed(ctx context.Context, raw []byte, read proof.Set, languages ...string) (*Printed, error) {
	if err := i.mayBeUsed(); err != nil {
		return nil, err
	}
	secured, err := openOne(raw, read)
	if err != nil {
		return nil, err
	}
	id := credential.ID(secured.Document)
	record, err := i.cfg.Ledger.Get(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case !record.Erased.IsZero():
		return nil, reason.New("conflict/erased", id, "what was issued under this id was erased")
	}
	issued, err := asIssued(secured, record, read)
	if err != nil {
		return nil, err
	}
	short, err := cose.Shorten(issued, i.cfg.Now(), languages...)
	if err != nil {
		return nil, err
	}
	message, err := cose.SignPrinted(ctx, short, i.cfg.Signer)
	if err != nil {
		return nil, err
	}
	return &Printed{message, papercode.Text(message)}, nil
}

// asIssued returns the form in which a credential was issued that is the one at
// hand.
func asIssued(s *proof.Secured, r Record, read proof.Set) (*proof.Secured, error) {
	want, err := cose.Digest(s.Input)
	if err != nil {
		return nil, err
	}
	var unread error // of a form that is not the one at hand, if that is there
	for _, form := range r.Forms() {
		issued, err := openOne(form.Credential, read)
		if err != nil {
			unread = err
			continue
		}
		got, err := cose.Digest(issued.Input)
		if err != nil {
			return nil, err
		}
		if bytes.Equal(got, want) {
			return issued, nil
		}
	}
	if unread != nil {
		return nil, unread
	}
	return nil, reason.New("conflict/not-as-issued", r.ID, "the credential is not as it was issued")
}

func openOne(raw []byte, read proof.Set) (*proof.Secured, error) {
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	secured, err := read.Open(in)
	if err != nil {
		return nil, err
	}
	return secured[0], nil
}
