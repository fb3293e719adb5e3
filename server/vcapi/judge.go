package vcapi

import (
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// lenience is what a test suite does not hold against a document, though a
// relying party must. It is unsafe for every other use: with its zero value
// already, anybody may sign in anybody's name, since that a key belongs to the
// issuer or to the holder is not asked.
type lenience struct {
	status   bool // whether it is revoked is not asked
	period   bool // whether it is in force is not asked
	base     bool // a base proof will do
	unsigned bool // a presentation needs no proof
	empty    bool // a presentation needs no credential
}

// judge returns the first fault of a report that is held against it. That the
// report is valid is not needed; that everything which is asked was made is.
func (l lenience) judge(r *verifier.Report) error {
	if r.Verdict == verifier.Valid {
		return nil
	}
	for _, c := range r.Checks {
		if (c.Outcome == verifier.Fail || c.Outcome == verifier.Unknown) && !l.forgives(c) {
			return reason.New(c.Reason, c.At, "%s", c.Detail)
		}
	}
	for _, part := range r.Parts {
		if err := (lenience{}).judge(part); err != nil {
			return err
		}
	}
	expected := []verifier.CheckID{verifier.CheckReading, verifier.CheckDataModel, verifier.CheckProof, verifier.CheckPeriod, verifier.CheckStatus}
	if r.Kind == verifier.KindPresentation {
		expected = []verifier.CheckID{verifier.CheckReading, verifier.CheckDataModel, verifier.CheckProof, verifier.CheckPeriod, verifier.CheckAudience, verifier.CheckChallenge}
	}
	for _, id := range expected {
		if r.Check(id).Outcome == verifier.NotRun && !l.forgives(verifier.Check{ID: id}) {
			return reason.New("internal/check-not-made", "", "the check %s was not made", id)
		}
	}
	return nil
}

// forgives reports whether a check that does not hold, or was not made, is not
// held against the document.
func (l lenience) forgives(c verifier.Check) bool {
	switch c.ID {
	case verifier.CheckBinding:
		return c.Reason.Coarse() == string(reason.IssuerMismatch)
	case verifier.CheckHolder:
		return c.Reason.Coarse() == string(reason.HolderMismatch)
	case verifier.CheckStatus:
		return l.status
	case verifier.CheckPeriod:
		return l.period || l.unsigned && c.Outcome == verifier.NotRun
	case verifier.CheckProof:
		return l.base && c.Reason == "disclosure_invalid/base-proof" || l.unsigned && (c.Reason == reason.NoProof || c.Outcome == verifier.NotRun)
	case verifier.CheckAudience, verifier.CheckChallenge:
		return l.unsigned && c.Outcome == verifier.NotRun
	case verifier.CheckContents: // each is judged on its own
		return c.Reason != "malformed/empty-presentation" || l.empty
	}
	return false
}

// verifyCredential verifies one credential.
func (a *Adapter) verifyCredential(r request) (*strictjson.Value, error) {
	document, err := r.object("verifiableCredential")
	if err != nil {
		return nil, err
	}
	report, _ := a.verifier.Verify(r.Context(), verifier.Request{Raw: unwrapContexts(document)})
	if report.Kind == verifier.KindPresentation {
		return nil, reason.New("wrong_type/presentation", "/verifiableCredential", "this is a presentation")
	}
	if err := (lenience{}).judge(report); err != nil {
		return nil, err
	}
	return verified(), nil
}

// verifyPresentation verifies a presentation, signed or not, and each
// credential in it.
func (a *Adapter) verifyPresentation(r request) (*strictjson.Value, error) {
	document, err := r.object("verifiablePresentation")
	if err != nil {
		return nil, err
	}
	challenge, _ := r.option("challenge").Text()
	domain, _ := r.option("domain").Text()
	report, _ := a.verifier.Verify(r.Context(), verifier.Request{Raw: document.Raw(), Challenge: challenge, Audience: domain})
	if report.Kind == verifier.KindCredential {
		return nil, reason.New("wrong_type/credential", "/verifiablePresentation", "this is a credential")
	}
	unsigned := document.Get("proof") == nil && report.Check(verifier.CheckProof).Reason == reason.NoProof
	if err := (lenience{empty: true, unsigned: unsigned}).judge(report); err != nil {
		return nil, err
	}
	return verified(), nil
}

func verified() *strictjson.Value {
	return strictjson.Object(strictjson.Member{Name: "verified", Value: strictjson.Bool(true)})
}

// derive shows the part of a credential that selectivePointers name.
func (a *Adapter) derive(r request) (*strictjson.Value, error) {
	document, err := r.object("verifiableCredential")
	if err != nil {
		return nil, err
	}
	pointers, err := r.pointers("selectivePointers")
	if err != nil {
		return nil, err
	}
	held, err := a.suites.Open(&proof.Input{Raw: document.Raw(), Document: document, Limits: credential.Limits{}})
	if err != nil {
		return nil, err
	}
	if held[0].Problem != nil {
		return nil, held[0].Problem
	}
	suite, err := a.suites.Suite(held[0].Suite)
	if err != nil {
		return nil, err
	}
	discloser, ok := suite.(proof.Discloser)
	if !ok {
		return nil, reason.New("usage/params", "", "%s shows whole documents only", suite.ID())
	}
	raw, err := discloser.Disclose(r.Context(), document.Raw(), proof.Disclosure{Pointers: pointers})
	if err != nil {
		return nil, err
	}
	return secured(raw, suite.ID())
}
