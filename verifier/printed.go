package verifier

import (
	"bytes"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/reason"
)

// CheckFull is whether a short form, as it is printed, is of the credential that
// is given beside it: see Request.Full.
const CheckFull CheckID = "full-credential"

// fullCredential holds a credential against the one that is given beside it,
// by the digest that a short form has of its own, else by that of the document
// itself. Of a short form alone it says that it is one. That the digest agrees
// means that the issuer has signed for every byte of what is given: its own
// proof is not looked at.
func (j *judgement) fullCredential(secured []*proof.Secured) {
	if j.list || len(secured) == 0 {
		return
	}
	digest := secured[0].ShortOf
	short := digest != nil
	if j.req.Full == nil {
		if short {
			j.report.warn(CheckFull, "display_warning/short-form", "", NoteShortForm)
		}
		return
	}
	if !short {
		var err error
		if digest, err = cose.Digest(secured[0].Input); err != nil {
			j.report.refuse(CheckFull, err)
			return
		}
	}
	full, err := proof.Read(j.req.Full, j.cfg.Limits)
	if err != nil {
		j.report.refuse(CheckFull, reason.New(otherFull, "", "what is given beside it cannot be read: %w", err))
		return
	}
	got, err := cose.Digest(full)
	if err != nil {
		j.report.refuse(CheckFull, err)
		return
	}
	switch {
	case !bytes.Equal(got, digest):
		j.report.fail(CheckFull, otherFull, "", NoteFullIsOther)
	case short:
		j.report.pass(CheckFull, NoteFullAgrees)
	default:
		j.report.pass(CheckFull, NoteFullIsSame)
	}
}

const otherFull reason.Code = "unsigned_data/other-credential"

// refusesShort reports whether a short form has no place where the document
// stands: it is for paper, and nothing in it says who may show it.
func (j *judgement) refusesShort(secured []*proof.Secured) error {
	if len(secured) == 0 || secured[0].ShortOf == nil || !j.req.partOf && j.req.within == "" && !j.list {
		return nil
	}
	return reason.New("wrong_type/printed", "", "a short form for paper stands where a credential should")
}
