package app

import (
	"time"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/opinion"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// VerifySchema names the form of VerifyResults in JSON.
const VerifySchema = "bevis.verify/v1"

// VerifyRequest is files to be judged, and what is expected of them.
type VerifyRequest struct {
	Inputs        []Input
	Issuers       []string // trust exactly these; empty: the trust policy
	At            time.Time
	Audience      string
	Challenge     string
	RequireHolder bool
	AllowBare     bool // with Audience: judge what nobody presents too
	StatusLists   map[string][]byte
	With          []byte // the credential that what is judged must be the short form of
	// LogProofs are proofs from transparency logs, beside those that lie beside
	// the files; with any, one has to hold.
	LogProofs [][]byte
	// Endorsements came beside what is judged.
	Endorsements [][]byte
	ContentRequest
	Fresh Freshness

	// SealAnchors are the certificates that seals have to lead to, as
	// jades.ReadAnchors reads them; nil: whose a seal is cannot be told.
	SealAnchors *jades.Anchors

	Insight Insight // what is asked for beside the verdict

	// Jobs is how many files are judged at once, zero for one on each core.
	Jobs int
	// KeepDocument has results keep the beginning of the document, for Document.
	KeepDocument bool
	// LeaveOut has files that bevis itself writes beside credentials left out of the
	// results, and named in the summary.
	LeaveOut bool `json:"-"` // which is no part of what a run is
}

// verification returns what the verifier is asked about one document.
func (r VerifyRequest) verification(in Input) verifier.Request {
	return r.asking(verifier.Request{Raw: in.Raw, Carrier: in.Carrier, Page: in.page, At: r.At, Full: r.With, Audience: r.Audience, Challenge: r.Challenge, RequireHolder: r.RequireHolder, AllowBare: r.AllowBare, StatusLists: r.StatusLists,
		LogProofs: append(r.LogProofs[:len(r.LogProofs):len(r.LogProofs)], in.proofs...), RequireLog: len(r.LogProofs) > 0, Endorsements: r.Endorsements})
}

// VerifyResults is the answer, which is written as JSON as it stands.
type VerifyResults struct {
	Schema  string         `json:"schema"`
	Results []VerifyResult `json:"results"`
	Summary VerifySummary  `json:"summary"`
}

// VerifyResult is what was found out about one document.
type VerifyResult struct {
	Input       string         `json:"input,omitempty"`
	Verdict     string         `json:"verdict"`
	Reason      string         `json:"reason"`
	Message     string         `json:"message,omitempty"`
	Kind        string         `json:"kind,omitempty"`
	Form        string         `json:"form,omitempty"`
	Carrier     string         `json:"carrier,omitempty"`
	JudgedAt    time.Time      `json:"judgedAt"`
	Issuer      *ResultIssuer  `json:"issuer,omitempty"`
	Holder      string         `json:"holder,omitempty"`
	Claims      *ResultClaims  `json:"claims,omitempty"`
	Disclosed   int            `json:"disclosed,omitempty"` // what the holder could have kept back
	Withheld    int            `json:"withheld,omitempty"`  // what is not shown
	Checks      []ResultCheck  `json:"checks"`
	Contexts    []ResultDigest `json:"contexts,omitempty"`
	Credentials []VerifyResult `json:"credentials,omitempty"`
	ResultContent
	Repeat string `json:"repeat,omitempty"` // the command that repeats it
	SHA256 string `json:"sha256,omitempty"` // of the file, where a report can be resumed

	Coverage      *ResultCoverage   `json:"coverage,omitempty"` // what Insight asked for, as the next two
	SecondOpinion []opinion.Opinion `json:"secondOpinion,omitempty"`
	Bundle        *ResultBundle     `json:"bundle,omitempty"`

	class    reason.Class
	packed   []byte // the evidence bundle
	document []byte // its beginning
	size     int    // of all of it
	source   string
	kept     bool   // it was judged in an earlier run
	leftOut  string // what of bevis's own it is, which is no document
}

// maxDocument is how much of a document a result keeps.
const maxDocument = 64 << 10

// Document returns the beginning of the document as it was read, and how many
// bytes all of it has; nothing unless the request kept it.
func (r VerifyResult) Document() (beginning []byte, size int) { return r.document, r.size }

// Source is what a person names to have this judged again: the archive where
// the document came out of one, else Input.
func (r VerifyResult) Source() string {
	if r.source != "" {
		return r.source
	}
	return r.Input
}

// Class returns the class that gives the exit code.
func (r VerifyResult) Class() reason.Class { return r.class }

// ResultIssuer keeps the name that was verified apart from the claimed one.
type ResultIssuer struct {
	ID           string `json:"id"`
	VerifiedName string `json:"verifiedName,omitempty"`
	NameBy       string `json:"nameBy,omitempty"` // whose word the verified name is
	ClaimedName  string `json:"claimedName,omitempty"`
	TrustedBy    string `json:"trustedBy,omitempty"`
	// Vouchers are all who vouch for the issuer, by the trust policy.
	Vouchers []ResultVoucher `json:"vouchers,omitempty"`
	// ContinuedBy is who continues the issuer, after a merger or under another name.
	ContinuedBy *ResultContinued `json:"continuedBy,omitempty"`
}

// ResultClaims is what the document says. It is proven only if the verdict is
// valid.
type ResultClaims struct {
	ID          string   `json:"id,omitempty"`
	Types       []string `json:"types,omitempty"`
	Name        string   `json:"name,omitempty"`
	Subject     []string `json:"subject,omitempty"`
	Achievement string   `json:"achievement,omitempty"`
	Description string   `json:"description,omitempty"`
	Criteria    string   `json:"criteria,omitempty"`
	Level       string   `json:"achievementType,omitempty"`
	Credits     float64  `json:"creditsEarned,omitempty"`
	Skills      []string `json:"skills,omitempty"`
	Results     []string `json:"results,omitempty"`
	Evidence    []string `json:"evidence,omitempty"`  // addresses or names; nothing of it was opened
	Recipient   string   `json:"recipient,omitempty"` // the name in it of whom it is for, or by what an Open Badge 2.0 names them
	ValidFrom   string   `json:"validFrom,omitempty"`
	ValidUntil  string   `json:"validUntil,omitempty"`
}

// ResultCheck is one check.
type ResultCheck struct {
	ID      string     `json:"id"`
	Outcome string     `json:"outcome"`
	Code    string     `json:"code,omitempty"`
	At      string     `json:"at,omitempty"`
	Message string     `json:"message,omitempty"`
	Note    string     `json:"note,omitempty"` // what it found, and what stands in the text of it
	Args    []string   `json:"args,omitempty"`
	Next    string     `json:"next,omitempty"` // what to do, in English, where it does not hold
	AsOf    *time.Time `json:"asOf,omitempty"`

	said *profile.Sentence
}

// Said is the finding of a rule that Message has in English, for other languages. Nil:
// the check has none.
func (c ResultCheck) Said() *profile.Sentence { return c.said }

// Saying returns the check with the finding of a rule.
func (c ResultCheck) Saying(s *profile.Sentence) ResultCheck {
	c.said = s
	return c
}

// ResultDigest is a context that a signature was verified with.
type ResultDigest struct {
	URL     string `json:"url"`
	SHA256  string `json:"sha256"`
	Edition string `json:"edition,omitempty"`
}

func (a *App) unread(in Input, now time.Time) VerifyResult {
	code, class := reason.CodeOf(in.Err), reason.Unreadable
	if code.Class() == reason.Missing {
		class = reason.Missing
	}
	return VerifyResult{
		Input: in.Name, Verdict: verifier.Unreadable.String(), Reason: string(code), Message: in.Err.Error(), JudgedAt: now.UTC(),
		Checks: []ResultCheck{{ID: string(verifier.CheckReading), Outcome: verifier.Unknown.String(), Code: string(code), Message: in.Err.Error(), Next: a.next(string(code))}},
		class:  class, source: in.source,
	}
}

func (a *App) resultOf(r *verifier.Report) VerifyResult {
	out := VerifyResult{
		Verdict: r.Verdict.String(), Reason: string(r.Reason), Kind: string(r.Kind), Form: string(r.Form), Carrier: r.Carrier,
		JudgedAt: r.JudgedAt.UTC(), Holder: r.Holder, Checks: make([]ResultCheck, 0, len(r.Checks)), class: classOf(r.Verdict),
	}
	if err := r.Err(); err != nil {
		out.Message = err.Error()
	}
	if r.Issuer.ID != "" {
		out.Issuer = issuerOf(r.Issuer)
	}
	out.Claims, out.Disclosed, out.Withheld = claimsOf(r), r.Disclosed, r.Withheld
	for _, c := range r.Checks {
		check := ResultCheck{ID: string(c.ID), Outcome: c.Outcome.String(), Code: string(c.Reason), At: c.At, Message: c.Detail, Note: string(c.Note), Args: c.Args, said: c.Said}
		if !c.AsOf.IsZero() {
			asOf := c.AsOf.UTC()
			check.AsOf = &asOf
		}
		if c.Outcome == verifier.Fail || c.Outcome == verifier.Unknown {
			check.Next = a.next(check.Code)
		}
		out.Checks = append(out.Checks, check)
	}
	for _, c := range r.Contexts {
		out.Contexts = append(out.Contexts, ResultDigest{c.URL, c.SHA256, c.Edition})
	}
	for _, part := range r.Parts {
		out.Credentials = append(out.Credentials, a.resultOf(part))
	}
	out.ResultContent = a.contentOf(r)
	return out
}

// next is the next step of a code in English: what programs read is never
// translated.
func (a *App) next(code string) string { return a.english().Code("next.", code) }

// classOfCode returns the class of a result that was written down.
func classOfCode(r VerifyResult) reason.Class {
	for v := range verifier.Unreadable + 1 {
		if v.String() == r.Verdict {
			return classOf(v)
		}
	}
	return reason.Fault
}

func classOf(v verifier.Verdict) reason.Class {
	switch v {
	case verifier.Valid:
		return reason.Warning // the class of what is valid, with or without remarks
	case verifier.Invalid:
		return reason.Invalid
	case verifier.Untrusted:
		return reason.Untrusted
	case verifier.NotInForce:
		return reason.NotInForce
	case verifier.Unreadable:
		return reason.Unreadable
	}
	return reason.Undetermined
}
