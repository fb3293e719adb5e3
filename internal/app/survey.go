package app

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// SurveySchema names the form of Surveyed in JSON.
const SurveySchema = "bevis.survey/v1"

// Surveyed is what was found out about one document: what it is, what it proves,
// and what would be lost on its way to Open Badges 3.0.
type Surveyed struct {
	Input   string       `json:"input"`
	Kind    DocumentKind `json:"kind,omitempty"`  // where it is one that Convert knows
	Types   []string     `json:"types,omitempty"` // as it names them itself
	Form    string       `json:"form,omitempty"`
	Carrier string       `json:"carrier,omitempty"`
	// Judged is what it proves to whoever has the trust policy at hand. Where that
	// ends at an issuer who is not in it, IfTrusted is what it would prove with
	// exactly that issuer in it.
	Judged    SurveyedVerdict  `json:"judged"`
	IfTrusted *SurveyedVerdict `json:"ifTrusted,omitempty"`
	// ToOB3 is nil for what is none of the kinds, or is an Open Badge 3.0.
	ToOB3 *SurveyedLoss `json:"toOB3,omitempty"`
}

// SurveyedVerdict is a verdict with the checks that it rests on.
type SurveyedVerdict struct {
	Verdict string   `json:"verdict"`
	Reason  string   `json:"reason,omitempty"`
	Holds   []string `json:"holds,omitempty"`
	Fails   []string `json:"fails,omitempty"`
	Unknown []string `json:"unknown,omitempty"` // checks that could not be made
}

// SurveyedLoss counts what would be lost, or says why nothing can be converted.
type SurveyedLoss struct {
	Code         string   `json:"code,omitempty"`
	Parts        int      `json:"parts,omitempty"` // how many Open Badges it becomes, where that is more than one
	Dropped      int      `json:"dropped"`
	Approximated int      `json:"approximated"`
	Kept         int      `json:"kept"`
	Assumed      int      `json:"assumed"`
	Why          []string `json:"why,omitempty"` // the names of what happened, as Convert has them
}

// Survey looks at documents one by one, as of a time. Each is called with what
// was found out, in the order of the sources, until it fails. What is returned are
// files of bevis's own that are no documents, of which each is not told.
func (a *App) Survey(ctx context.Context, at time.Time, sources iter.Seq[Source], each func(Surveyed) error) ([]ResultLeftOut, error) {
	var out []ResultLeftOut
	for source := range sources {
		for in := range opened(ctx, source.Read(ctx)) {
			if err := ctx.Err(); err != nil {
				return out, reason.Wrap(reason.Canceled, "", err)
			}
			one, err := a.survey(ctx, at, in)
			if err != nil {
				return out, err
			}
			if one.Kind == "" {
				if kind := leftOut(in, reason.Code(one.Judged.Reason)); kind != "" {
					out = append(out, ResultLeftOut{in.Name, kind})
					continue
				}
			}
			if err := each(one); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

func (a *App) survey(ctx context.Context, at time.Time, in Input) (Surveyed, error) {
	out := Surveyed{Input: in.Name}
	first, err := a.judgeOne(ctx, at, in, nil)
	if err != nil {
		return out, err
	}
	out.Form, out.Carrier, out.Judged = first.Form, first.Carrier, verdictOf(first)
	if first.Claims != nil {
		out.Types = slices.DeleteFunc(slices.Clone(first.Claims.Types), func(t string) bool { return t == "VerifiableCredential" })
	}
	if first.Verdict == verifier.Untrusted.String() && first.Issuer != nil && first.Issuer.ID != "" {
		second, err := a.judgeOne(ctx, at, in, []string{first.Issuer.ID})
		if err != nil {
			return out, err
		}
		v := verdictOf(second)
		out.IfTrusted = &v
	}
	if in.Err != nil {
		return out, nil
	}
	if out.Carrier == "" {
		out.Carrier = carrierOf(in)
	}
	s, err := a.sourceOf(in.Raw)
	if err != nil {
		return out, nil // which the verdict says
	}
	switch out.Kind = s.kind; s.kind {
	case KindOB3:
	case KindOB2: // by whoever will sign the new one
		_, lost, err := a.upgraded(s.raw, openbadge.Profile{ID: anybody})
		out.ToOB3 = &SurveyedLoss{Code: string(reason.CodeOf(err))}
		out.ToOB3.add(lost)
	default:
		out.ToOB3 = a.lossOf(ctx, in)
	}
	return out, nil
}

func (a *App) judgeOne(ctx context.Context, at time.Time, in Input, issuers []string) (VerifyResult, error) {
	done, err := a.Verify(ctx, VerifyRequest{Inputs: []Input{in}, Issuers: issuers, At: at, Jobs: 1})
	if err != nil || len(done.Results) == 0 {
		return VerifyResult{}, err
	}
	return done.Results[0], nil
}

func verdictOf(r VerifyResult) SurveyedVerdict {
	out := SurveyedVerdict{Verdict: r.Verdict, Reason: r.Reason}
	for _, c := range r.Checks {
		name := c.ID
		if c.Code != "" {
			name += " " + c.Code
		}
		switch c.Outcome {
		case verifier.Pass.String():
			out.Holds = append(out.Holds, c.ID)
		case verifier.Fail.String():
			out.Fails = append(out.Fails, name)
		case verifier.Unknown.String():
			out.Unknown = append(out.Unknown, name)
		}
	}
	return out
}

// maxParts is how many parts of one document are converted, to count.
const maxParts = 200

// lossOf says what a conversion would lose: of a document that is several in
// one, what all of them would.
func (a *App) lossOf(ctx context.Context, in Input) *SurveyedLoss {
	out := &SurveyedLoss{}
	done, err := a.Convert(ctx, ConvertRequest{In: in, To: KindOB3})
	if reason.CodeOf(err) != "usage/part" {
		if err != nil {
			out.Code = string(reason.CodeOf(err))
		}
		out.add(done.Lost)
		return out
	}
	for ; out.Parts < maxParts; out.Parts++ {
		done, err := a.Convert(ctx, ConvertRequest{In: in, To: KindOB3, Part: strconv.Itoa(out.Parts + 1)})
		if reason.CodeOf(err) == "usage/part" && out.Parts > 0 {
			break // there are no more
		}
		if err != nil { // else what follows would seem not to be there
			out.Code = string(reason.CodeOf(err))
			break
		}
		out.add(done.Lost)
	}
	return out
}

func (l *SurveyedLoss) add(report loss.Report) {
	l.Dropped, l.Approximated = l.Dropped+report.Count(loss.Dropped), l.Approximated+report.Count(loss.Approximated)
	l.Kept, l.Assumed = l.Kept+report.Count(loss.Kept), l.Assumed+report.Count(loss.Assumed)
	for _, item := range report {
		if item.Why != "another-part" || l.Parts == 0 { // which becomes one of its own
			if !slices.Contains(l.Why, item.Why) {
				l.Why = append(l.Why, item.Why)
			}
		}
	}
	slices.Sort(l.Why)
}
