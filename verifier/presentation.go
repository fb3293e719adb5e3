package verifier

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// presentation judges a document that claims to be a presentation, and every
// credential in it on its own.
func (j *judgement) presentation(ctx context.Context, document *strictjson.Value, secured []*proof.Secured, openErr error) {
	r := j.report
	r.Kind = KindPresentation
	p := credential.NewPresentation(document)
	r.Holder = p.Holder()
	expected := []CheckID{CheckReading, CheckDataModel, CheckProof, CheckPeriod, CheckHolder, CheckAudience, CheckChallenge, CheckContents}
	defer func() { r.conclude(expected) }()
	j.expected()
	if err := profile.Err(profile.Check(document, j.standards.Presentation())); err != nil {
		r.refuse(CheckDataModel, err)
	} else {
		r.pass(CheckDataModel, NoteModelPresentation)
	}
	if openErr != nil {
		r.refuse(CheckProof, openErr)
		r.notMade(CheckHolder, NoteNoProof)
	} else {
		r.Form = secured[0].Suite
		j.holder(ctx, secured, true)
	}
	j.parts(ctx, p)
	j.subjects()
}

// expected says whether somebody asked for a presentation.
func (j *judgement) expected() {
	if j.report.Carrier == "html" {
		defer j.pageAround()
	}
	if j.report.Carrier == "pdf" { // a page is made of a credential, so no code can be of this
		defer func() {
			j.report.warn(CheckDisplay, "display_warning/page-not-signed", "", NotePageNotSigned)
			j.pageUnread()
		}()
	}
	if j.req.wantsPresentation() {
		j.report.pass(CheckReading, NoteReadStrictly)
		return
	}
	j.report.refuse(CheckReading, reason.New("wrong_type/presentation", "",
		"this is a presentation, made for somebody: say who you are, as the holder was told, to have it judged"))
}

// keyBound judges a credential beside which its holder has signed, as a
// presentation of that one credential. Whose signature it must be says the
// issuer, in the credential; so that key is fetched for a sound one alone.
func (j *judgement) keyBound(ctx context.Context, s *proof.Secured) {
	r := j.report
	r.Kind, r.Form, r.Holder = KindPresentation, s.Suite, s.Holder
	r.opened(j.cfg.Suites, nil, []*proof.Secured{s})
	defer func() {
		r.conclude([]CheckID{CheckReading, CheckProof, CheckPeriod, CheckHolder, CheckAudience, CheckChallenge, CheckContents})
	}()
	j.expected()
	part := j.Verifier.verify(ctx, j.req.part(s.Shown))
	j.holder(ctx, []*proof.Secured{s}, part.Check(CheckBinding).Outcome == Pass)
	j.part(part, "", 1, 1)
	if part.Verdict == Valid {
		r.pass(CheckContents, NotePartsValid, "1", "1")
	}
	j.otherSubject(part)
}

// otherSubject compares whom a credential is about with whose key its issuer
// bound it to. Only where the identifier is a key itself can they be seen to
// differ.
func (j *judgement) otherSubject(part *Report) {
	c := part.Claimed()
	if c == nil {
		return
	}
	for _, id := range c.SubjectIDs() {
		switch {
		case !selfContained(id) || id == j.report.Holder:
		case j.explained([]string{id}):
			j.report.warn(CheckHolder, "holder_mismatch/on-behalf", "/credentialSubject/id", NoteOnBehalf)
		case j.req.RequireHolder:
			j.report.refuse(CheckHolder, reason.New(reason.HolderMismatch, "/credentialSubject/id", "the credential is about somebody else than the holder"))
			return
		default:
			j.report.warn(CheckHolder, reason.HolderMismatch, "/credentialSubject/id", NoteAboutAnother)
			return
		}
	}
}

// holder checks that the holder signed, for this verifier and this request.
// Where trusted is false, nothing is fetched for it.
func (j *judgement) holder(ctx context.Context, secured []*proof.Secured, trusted bool) {
	r := j.report
	holder := r.Holder
	if holder == "" { // the member is optional: then whoever signed is the holder
		holder, _, _ = strings.Cut(secured[0].Method, "#")
		r.Holder = holder
	}
	j.proofs(ctx, secured, holder, proof.Authentication, trusted)
	for i, c := range r.Checks {
		if c.ID == CheckBinding {
			r.Checks[i].ID = CheckHolder
			if c.Reason == reason.IssuerMismatch {
				r.Checks[i].Reason = reason.HolderMismatch
			}
		}
	}
	held := true
	for _, s := range secured {
		if !j.proofInForce(s) { // one that could not be read says no times
			held = false
			break
		}
	}
	if held {
		r.pass(CheckPeriod, NotePresentationInForce)
	}
	j.audience(secured)
	j.challenge(secured)
}

func (j *judgement) audience(secured []*proof.Secured) {
	r := j.report
	if j.req.Audience == "" {
		for _, s := range secured {
			if len(s.Domains) > 0 {
				r.refuse(CheckAudience, reason.New("audience_mismatch/not-said", s.At, "it was made for %s: say that this is you", quoted(s.Domains)))
				return
			}
		}
		r.notApplicable(CheckAudience, NoteMadeForNobody)
		return
	}
	for _, s := range secured {
		if s.Problem == nil && !slices.Contains(s.Domains, j.req.Audience) {
			r.refuse(CheckAudience, reason.New(reason.AudienceMismatch, s.At, "it was made for %s, not for %s", quoted(s.Domains), j.req.Audience))
			return
		}
	}
	r.pass(CheckAudience, NoteMadeFor, j.req.Audience)
}

func (j *judgement) challenge(secured []*proof.Secured) {
	r := j.report
	if j.req.Challenge == "" {
		r.notApplicable(CheckChallenge, NoteNoChallenge)
		return
	}
	for _, s := range secured {
		if s.Problem == nil && s.Challenge != j.req.Challenge {
			r.refuse(CheckChallenge, reason.New(reason.Replay, s.At, "it does not answer the challenge of this request"))
			return
		}
	}
	r.pass(CheckChallenge, NoteChallengeAnswered)
}

func quoted(names []string) string {
	if len(names) == 0 {
		return "nobody in particular"
	}
	return strings.Join(names, ", ")
}

// parts judges the credentials. None at all is no success.
func (j *judgement) parts(ctx context.Context, p *credential.Presentation) {
	r := j.report
	all := p.Credentials()
	switch {
	case len(all) == 0:
		r.refuse(CheckContents, reason.New("malformed/empty-presentation", "/verifiableCredential", "the presentation holds no credential"))
		return
	case len(all) > maxParts:
		r.refuse(CheckContents, reason.New("resource_limit/credentials", "/verifiableCredential", "more than %d credentials", maxParts))
		return
	}
	for i, part := range all {
		raw, err := partBytes(part)
		var report *Report
		if err != nil {
			report = &Report{JudgedAt: j.req.At}
			report.refuse(CheckReading, err)
			report.conclude(nil)
		} else {
			report = j.Verifier.verify(ctx, j.req.part(raw))
		}
		j.part(report, part.At, i+1, len(all))
	}
	if r.Check(CheckContents).Outcome == NotRun {
		r.pass(CheckContents, NotePartsValid, number(len(all)), number(len(all)))
	}
}

// part takes in what was found out about the nth of all credentials.
func (j *judgement) part(report *Report, at string, n, all int) {
	j.report.Parts = append(j.report.Parts, report)
	if report.Verdict != Valid {
		j.report.refuse(CheckContents, reason.New(report.Reason, at, "credential %d of %d is %s: %s", n, all, report.Verdict, detailOf(report.Err())))
	}
}

// subjects compares the holder with whom each credential is about.
func (j *judgement) subjects() {
	r := j.report
	for i, part := range r.Parts {
		var ids []string
		subjects := 1 // of an Open Badge 2.0, which names it by no id
		if c := part.Claimed(); c != nil {
			ids, subjects = c.SubjectIDs(), len(c.Subjects())
		} else if part.badge2 == nil {
			continue // what cannot be read is about nobody
		}
		at := fmt.Sprintf("/verifiableCredential/%d/credentialSubject/id", i)
		switch {
		case len(ids) > 0 && len(ids) == subjects && !slices.ContainsFunc(ids, func(id string) bool { return id != r.Holder }):
		case len(ids) == subjects && j.explained(ids):
			r.warn(CheckHolder, "holder_mismatch/on-behalf", at, NoteOnBehalf)
		case j.req.RequireHolder && len(ids) == 0:
			r.refuse(CheckHolder, reason.New("holder_mismatch/no-subject-id", at, "credential %d does not say by an id whom it is about", i+1))
		case j.req.RequireHolder:
			r.refuse(CheckHolder, reason.New(reason.HolderMismatch, at, "credential %d is about somebody else than the holder", i+1))
		case len(ids) == 0:
			r.warn(CheckHolder, "holder_mismatch/no-subject-id", at, NotePartAboutNobody, number(i+1))
		default:
			r.warn(CheckHolder, reason.HolderMismatch, at, NotePartAboutAnother, number(i+1))
		}
	}
}
