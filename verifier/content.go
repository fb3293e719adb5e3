package verifier

import (
	"context"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/reason"
)

// content looks at whom a credential is about, what it is to be held against,
// and at the credentials that stand in it. None of these is asked of a status
// list. Holds says that the credential is by a trusted issuer and its proof
// holds.
func (j *judgement) content(ctx context.Context, c *credential.Credential, holds bool) {
	if j.list {
		return
	}
	j.recipient(c)
	j.schemas(ctx, c, holds)
	j.nested(ctx, c, holds)
	j.endorsements(ctx, c, holds)
}

// alsoExpected are the checks that a request requires beside those of every
// credential.
func (r Request) alsoExpected() []CheckID {
	var out []CheckID
	if len(r.Recipient) > 0 {
		out = append(out, CheckRecipient)
	}
	if r.RequireSchema {
		out = append(out, CheckSchema)
	}
	if r.Full != nil {
		out = append(out, CheckFull)
	}
	if r.RequireLog {
		out = append(out, CheckLog)
	}
	return out
}

// explained reports whether the relying party has said of each subject that
// the holder may show what is about it.
func (j *judgement) explained(subjects []string) bool {
	return len(subjects) > 0 && !slices.ContainsFunc(subjects, func(id string) bool {
		return id != j.report.Holder && !slices.Contains(j.req.OnBehalfOf, id)
	})
}

// inner returns a verifier for what stands inside the document. It judges by
// the same rules; but unless the document itself holds, it looks nothing up:
// a forged file must not choose which of the trusted parties is asked. What it
// could not find out is not remembered either: others that are judged in the
// same run can.
func (j *judgement) inner(holds bool) *Verifier {
	if holds {
		return j.Verifier
	}
	cfg := j.cfg
	cfg.Status, cfg.Resolver = NoStatus{}, selfContainedOnly{cfg.Resolver}
	cfg.Documents, cfg.Refresh, cfg.Memo = nil, nil, nil
	return &Verifier{cfg, j.standards}
}

// selfContainedOnly resolves the identifiers that are their own document.
type selfContainedOnly struct{ did.Resolver }

// Resolve implements did.Resolver.
func (s selfContainedOnly) Resolve(ctx context.Context, id string) (*did.Document, error) {
	if !selfContained(id) {
		return nil, reason.New("key_unavailable/not-looked-up", id, "what holds this does not hold itself, so nothing is looked up for it")
	}
	return s.Resolver.Resolve(ctx, id)
}

// vocabularyTitle is how people call the standard that a rule set is of.
func vocabularyTitle(set profile.RuleSet) string {
	if strings.HasPrefix(set.Name, "clr") {
		return "Comprehensive Learner Record 2.0"
	}
	return "Open Badges 3.0"
}

// judgeInner judges a credential that stands inside this one, at a place. What
// cannot be read gets a report as well.
func (j *judgement) judgeInner(ctx context.Context, v *Verifier, part credential.Part, within CheckID) *Report {
	raw, err := partBytes(part)
	if text, _ := part.Value.Text(); strings.Contains(text, "://") {
		err = reason.New("remote_fetch_blocked/inner", part.At, "the credential is named by a URL; nothing is fetched for it")
	}
	if err != nil {
		r := &Report{JudgedAt: j.req.At, At: part.At}
		r.refuse(CheckReading, err)
		r.conclude(nil)
		return r
	}
	r := v.verify(ctx, Request{Raw: raw, At: j.req.At, StatusLists: j.req.StatusLists, within: within})
	r.At = part.At
	return r
}
