package app

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/internal/carrier"
	"github.com/kompetansebevis/bevis/internal/sharelink"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// carrierLink is the carrier of what is kept under a link.
const carrierLink = "link"

// linked is a share under a link, once it was read.
type linked struct {
	link     sharelink.Link
	body     []byte // as it was found: encrypted
	status   []byte
	asOf     time.Time // when it was had from a host
	noStatus error     // why there is none
}

// ofShare tells a file that belongs to a share for what it is: one that is
// encrypted, or a link, which nothing but the person's own word opens.
func ofShare(in Input) error {
	switch {
	case bytes.HasPrefix(in.Raw, []byte("age-encryption.org/")):
		return reason.New("no_credential/encrypted", in.Name, "the file is encrypted with age")
	case len(in.Raw) <= sharelink.MaxLink && !bytes.HasPrefix(in.Raw, []byte("{")) && sharelink.Is(string(in.Raw)):
		return reason.New("no_credential/share-link", in.Name, "the file holds the link to a share; it is not opened on its own")
	}
	return nil
}

// ReadLink returns the link that a file or a picture of a QR code holds, which
// is for those who want no link on the command line, where others may see it.
// Name is that of the file.
func (a *App) ReadLink(ctx context.Context, name string, raw []byte) (string, error) {
	texts := []string{string(raw)}
	if kind := carrier.Detect(raw); kind == carrier.PNG || kind == carrier.QR {
		var err error
		if texts, err = carrier.QRTexts(ctx, raw, carrier.Limits{}); err != nil {
			return "", reason.New(reason.CodeOf(err), name, "%w", bareReason(err))
		}
	}
	for _, text := range texts {
		if !sharelink.Is(text) {
			continue
		}
		l, err := sharelink.Parse(text)
		if err != nil {
			return "", reason.New(reason.CodeOf(err), name, "%w", bareReason(err))
		}
		return l.Secret(), nil
	}
	return "", reason.New("usage/link", name, "there is no link in it")
}

// linkSource reads a share under a link: decrypted, and with what its owner says
// of it now.
func (a *App) linkSource(text string) Source {
	l, err := sharelink.Parse(text)
	if err != nil {
		return Input{Name: "#…", Err: err}.Of()
	}
	in := &linked{link: l}
	// What stands for the key is replaced by who has it.
	return Source{Name: l.Where + "#…", carrier: carrierLink, link: in, read: func(ctx context.Context) ([]byte, error) {
		if err := a.readShare(ctx, in); err != nil {
			return nil, err
		}
		return l.Open(in.body)
	}}
}

func (a *App) readShare(ctx context.Context, in *linked) (err error) {
	if !in.link.IsWeb() {
		in.body, err = readUpTo(filepath.Join(in.link.Where, sharelink.BodyName), maxInput)
		if err != nil {
			return err
		}
		in.status, in.noStatus = readUpTo(filepath.Join(in.link.Where, sharelink.StatusName), maxInput)
		return nil
	}
	source, err := a.source()
	if err != nil {
		return err
	}
	const accept = "application/octet-stream, application/age"
	if in.body, _, err = source.Fetch(ctx, in.link.Address(sharelink.BodyName), accept); err != nil {
		return err
	}
	in.status, in.asOf, in.noStatus = source.Fetch(ctx, in.link.Address(sharelink.StatusName), accept)
	return nil
}

// NoteShareInForce is what the check of a share found where it is in force, as
// of when; see verifier.Note.
const NoteShareInForce = "share/in-force"

// underLink adds to the result of a share what its owner says of it. What was
// taken back or is over is refused, and nothing of it is shown.
func (w *work) underLink(ctx context.Context, r *VerifyResult, in *linked) {
	check := ResultCheck{ID: "share", Outcome: verifier.Unknown.String()}
	made, err := w.inForce(ctx, r, in)
	if asOf := in.asOf.UTC(); in.link.IsWeb() && in.noStatus == nil {
		check.AsOf = &asOf
	} else if !made.IsZero() {
		check.AsOf = &made // a copy in a folder is as old as what it says
	}
	if err == nil {
		check.Outcome, check.Note, check.Args = verifier.Pass.String(), NoteShareInForce, []string{made.UTC().Format(time.RFC3339)}
		check.Message = verifier.Say(w.english().T("check-note."+NoteShareInForce), check.Args, func(_ verifier.ArgKind, arg string) string { return arg })
		r.Checks = append(r.Checks, check)
		return
	}
	code := reason.CodeOf(err)
	check.Code, check.Message, check.Next = string(code), bareReason(err).Error(), w.next(string(code))
	if code.Class() == reason.Invalid || code.Class() == reason.NotInForce {
		check.Outcome = verifier.Fail.String()
		r.Claims, r.Credentials, r.ResultContent, r.Coverage, r.SecondOpinion, r.Bundle = nil, nil, ResultContent{}, nil, nil, nil
		r.packed, r.document, r.size, r.Issuer = nil, nil, 0, nil
	}
	r.Checks = append(r.Checks, check)
	if r.class.Severity() > code.Class().Severity() {
		return
	}
	r.class, r.Reason, r.Message = code.Class(), string(code), err.Error()
	for v := range verifier.Unreadable + 1 {
		if classOf(v) == r.class {
			r.Verdict = v.String()
		}
	}
}

// inForce says whether a share is in force by its status document, and of when
// that is.
func (w *work) inForce(ctx context.Context, r *VerifyResult, in *linked) (made time.Time, err error) {
	if in.noStatus != nil {
		return made, reason.New("status_unavailable/share", "", "whether the share is still in force could not be found out: %w", bareReason(in.noStatus))
	}
	if r.Kind != string(verifier.KindPresentation) || !slices.ContainsFunc(r.Checks, func(c ResultCheck) bool {
		return c.ID == string(verifier.CheckProof) && c.Outcome == verifier.Pass.String()
	}) {
		return made, reason.New(sharelink.BadStatus, "", "what was shared is not signed by who shared it, so nobody can say whether it is in force")
	}
	status, err := in.link.Status(ctx, in.status, in.body, r.Holder)
	switch {
	case err != nil:
	case status.State == sharelink.Revoked:
		err = reason.New("revoked/share", "", "its owner has taken it back")
	case !status.Until.IsZero() && !w.request.At.Before(status.Until):
		err = reason.New("expired/share", "", "it was shared until %s", status.Until.Format(time.RFC3339))
	}
	return status.Made, err
}
