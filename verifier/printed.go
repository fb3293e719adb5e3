package verifier

import (
	"bytes"
	"strings"

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
	if len(secured) == 0 {
		return
	}
	if digest := secured[0].ShortOf; j.req.Full != nil {
		j.besideFull(secured[0].Input, digest)
	} else if digest != nil {
		j.report.warn(CheckFull, "display_warning/short-form", "", NoteShortForm)
	}
}

// besideFull makes the check where it is asked for. In is what is judged, as it
// lies there, and short the digest that it has of another, nil for none.
func (j *judgement) besideFull(in *proof.Input, short []byte) {
	if j.req.Full == nil {
		return
	}
	want, err := short, error(nil)
	if short == nil {
		want, err = cose.Digest(in)
	}
	if err != nil {
		j.report.refuse(CheckFull, err)
		return
	}
	full, err := proof.Read(j.req.Full, j.sealLimits(j.req.Full))
	if err == nil && strings.Contains(full.Compact, "~") { // behind which nothing is in the digest, and has to be in the token
		_, err = j.cfg.Suites.Open(full)
	}
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
	case !bytes.Equal(got, want):
		j.report.fail(CheckFull, otherFull, "", NoteFullIsOther)
	case short != nil:
		j.report.pass(CheckFull, NoteFullAgrees)
	default:
		j.report.pass(CheckFull, NoteFullIsSame)
	}
}

// notWithThis says of what was given beside a document that it goes with none of
// this kind.
func (j *judgement) notWithThis() {
	if len(j.req.Endorsements) > 0 {
		j.report.notMade(CheckEndorsement, NoteEndorsementNotHere)
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
