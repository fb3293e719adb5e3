package verifier

import (
	"bytes"
	"context"
	"slices"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/reason"
)

// CheckPage is whether the codes on the page that a credential came attached to
// are of it: see Page.
const CheckPage CheckID = "page-code"

// Page is what a credential came attached to, as far as a program could read
// it. What else is drawn there was not read.
type Page struct {
	// Codes are what the codes on it hold: short forms, as they are printed, or
	// whole credentials. None: nothing on it could be read.
	Codes [][]byte
	// Attached is what else came attached to it: a code may be of that.
	Attached [][]byte
}

const (
	pageOfAnother reason.Code = "unsigned_data/page-of-another"
	pageNotSigned reason.Code = "unsigned_data/page-code"
)

// page holds a credential against the codes on the page that it came attached
// to, by their digests. Any code of another credential contradicts it. What was
// not read is never said to agree: a page can show anything beside a code, and
// over it.
func (j *judgement) page(ctx context.Context, in *proof.Input, holds bool) {
	if j.report.Carrier != "pdf" { // which no part of a document is in, and no list
		return
	}
	own, attached, err := j.attached(in)
	if err != nil || j.req.Page == nil {
		j.pageUnread()
		return
	}
	var short []*proof.Secured
	found, unread := false, false
	for _, raw := range j.req.Page.Codes {
		digest, secured, err := j.codeOf(raw)
		switch {
		case err != nil:
			unread = true
		case bytes.Equal(digest, own):
			if found = true; secured != nil {
				short = append(short, secured)
			}
		case !slices.ContainsFunc(attached, func(other []byte) bool { return bytes.Equal(digest, other) }):
			j.report.fail(CheckPage, pageOfAnother, "", NotePageOfAnother)
			return
		}
	}
	switch {
	case !found || unread:
		j.pageUnread()
	case len(short) == 0:
		j.report.pass(CheckPage, NotePageHasWhole)
	default:
		j.signedForPage(ctx, short, holds)
	}
}

// attached returns the digest of a credential and those of what else is attached
// to the page.
func (j *judgement) attached(in *proof.Input) (own []byte, others [][]byte, err error) {
	if own, err = cose.Digest(in); err != nil || j.req.Page == nil {
		return nil, nil, err
	}
	for _, raw := range j.req.Page.Attached {
		if digest, _, err := j.codeOf(raw); err == nil { // what cannot be read is what no code is of
			others = append(others, digest)
		}
	}
	return own, others, nil
}

// codeOf returns the digest of what a code is of, and the short form where it
// is one.
func (j *judgement) codeOf(raw []byte) ([]byte, *proof.Secured, error) {
	in, err := proof.Read(raw, j.cfg.Limits)
	if err != nil {
		return nil, nil, err
	}
	if in.COSE != nil {
		secured, err := j.cfg.Suites.Open(in)
		if err != nil {
			return nil, nil, err
		}
		if secured[0].ShortOf != nil {
			return secured[0].ShortOf, secured[0], nil
		}
	}
	digest, err := cose.Digest(in)
	return digest, nil, err
}

// signedForPage checks that the short forms on a page, all of which name the
// credential by its digest, are its issuer's: else anybody could have made one,
// with another name in it.
func (j *judgement) signedForPage(ctx context.Context, short []*proof.Secured, holds bool) {
	if !holds { // then nothing is looked up for it, and the verdict is another one already
		j.report.notMade(CheckPage, NotePageCodeUnchecked)
		return
	}
	for _, s := range short {
		proven, err := j.cfg.Suites.Verify(ctx, s, keyring{judgement: j, controller: j.report.Issuer.ID, trusted: true})
		if err == nil {
			err = j.keyInForce(proven.Key, s.Created)
		}
		if err == nil {
			err = bind(proven.Key, j.report.Issuer.ID, "")
		}
		switch c := reason.CodeOf(err).Class(); {
		case err == nil:
		case c == reason.Undetermined, c == reason.Interrupted, c == reason.Fault:
			j.report.notMade(CheckPage, NotePageCodeUnchecked)
			return
		default:
			j.report.fail(CheckPage, pageNotSigned, "", NotePageCodeNotSigned)
			return
		}
	}
	j.report.pass(CheckPage, NotePageAgrees)
}

// pageUnread says that nothing that was compared agrees.
func (j *judgement) pageUnread() {
	if j.report.Check(CheckPage).Note == "" {
		j.report.notMade(CheckPage, NotePageNotCompared)
	}
}
