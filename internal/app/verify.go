package app

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/openbadge"
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
	StatusLists   map[string][]byte
}

// Input is a document with its name. Err is why it could not be read.
type Input struct {
	Name string
	Raw  []byte
	Err  error
}

// VerifyResults is the answer, which is written as JSON as it stands.
type VerifyResults struct {
	Schema  string         `json:"schema"`
	Results []VerifyResult `json:"results"`
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

	class reason.Class
}

// ResultIssuer keeps the name that was verified apart from the claimed one.
type ResultIssuer struct {
	ID           string `json:"id"`
	VerifiedName string `json:"verifiedName,omitempty"`
	ClaimedName  string `json:"claimedName,omitempty"`
	TrustedBy    string `json:"trustedBy,omitempty"`
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
	AsOf    *time.Time `json:"asOf,omitempty"`
}

// ResultDigest is a context that a signature was verified with.
type ResultDigest struct {
	URL     string `json:"url"`
	SHA256  string `json:"sha256"`
	Edition string `json:"edition,omitempty"`
}

// Class returns the class that gives the exit code: the worst of all results.
// That a file is missing weighs less than any verdict that is not "valid". No
// results at all, as from an empty folder, are no success.
func (r VerifyResults) Class() reason.Class {
	if len(r.Results) == 0 {
		return reason.Unreadable
	}
	worst, missing := reason.Warning, false
	for _, result := range r.Results {
		if result.class == reason.Missing {
			missing = true
		} else if result.class.Severity() > worst.Severity() {
			worst = result.class
		}
	}
	if missing && worst == reason.Warning {
		return reason.Missing
	}
	return worst
}

// Verify judges documents. The error is about the request; what is wrong with
// a document is in its result.
func (a *App) Verify(ctx context.Context, r VerifyRequest) (VerifyResults, error) {
	out := VerifyResults{Schema: VerifySchema, Results: []VerifyResult{}}
	v, err := a.newVerifier(r.Issuers)
	if err != nil {
		return out, err
	}
	for _, in := range r.Inputs {
		if err := ctx.Err(); err != nil {
			return out, reason.Wrap(reason.Canceled, "", err)
		}
		if in.Err != nil {
			out.Results = append(out.Results, unread(in, a.cfg.Now()))
			continue
		}
		report, _ := v.Verify(ctx, verifier.Request{
			Raw: in.Raw, At: r.At, Audience: r.Audience, Challenge: r.Challenge, RequireHolder: r.RequireHolder, StatusLists: r.StatusLists})
		result := resultOf(report)
		result.Input = in.Name
		out.Results = append(out.Results, result)
	}
	return out, nil
}

func unread(in Input, now time.Time) VerifyResult {
	code, class := reason.CodeOf(in.Err), reason.Unreadable
	if code.Class() == reason.Missing {
		class = reason.Missing
	}
	return VerifyResult{
		Input: in.Name, Verdict: verifier.Unreadable.String(), Reason: string(code), Message: in.Err.Error(), JudgedAt: now,
		Checks: []ResultCheck{{ID: string(verifier.CheckReading), Outcome: verifier.Unknown.String(), Code: string(code), Message: in.Err.Error()}},
		class:  class,
	}
}

func resultOf(r *verifier.Report) VerifyResult {
	out := VerifyResult{
		Verdict: r.Verdict.String(), Reason: string(r.Reason), Kind: string(r.Kind), Form: string(r.Form), Carrier: r.Carrier,
		JudgedAt: r.JudgedAt.UTC(), Holder: r.Holder, Checks: []ResultCheck{}, class: classOf(r.Verdict),
	}
	if err := r.Err(); err != nil {
		out.Message = err.Error()
	}
	if r.Issuer.ID != "" {
		out.Issuer = &ResultIssuer{r.Issuer.ID, r.Issuer.VerifiedName, r.Issuer.ClaimedName, r.Issuer.TrustedBy}
	}
	out.Claims, out.Disclosed, out.Withheld = claimsOf(r), r.Disclosed, r.Withheld
	for _, c := range r.Checks {
		check := ResultCheck{ID: string(c.ID), Outcome: c.Outcome.String(), Code: string(c.Reason), At: c.At, Message: c.Detail}
		if !c.AsOf.IsZero() {
			asOf := c.AsOf.UTC()
			check.AsOf = &asOf
		}
		out.Checks = append(out.Checks, check)
	}
	for _, c := range r.Contexts {
		out.Contexts = append(out.Contexts, ResultDigest{c.URL, c.SHA256, c.Edition})
	}
	for _, part := range r.Parts {
		out.Credentials = append(out.Credentials, resultOf(part))
	}
	return out
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

// claimsOf returns what a credential says: the proven document when it is
// valid, the claimed one to be shown as a claim otherwise.
func claimsOf(r *verifier.Report) *ResultClaims {
	c := r.Credential()
	if c == nil {
		c = r.Claimed()
	}
	if c == nil {
		return nil
	}
	languages := []string{"nb", "nn", "no", "en"}
	out := &ResultClaims{ID: c.ID(), Types: c.Types(), Name: c.Name(languages...), Subject: c.SubjectIDs()}
	if from, until, err := c.Period(); err == nil {
		if !from.IsZero() {
			out.ValidFrom = from.Format(time.RFC3339)
		}
		if !until.IsZero() {
			out.ValidUntil = until.Format(time.RFC3339)
		}
	}
	badge, err := openbadge.FromCredential(c)
	if err != nil {
		return out
	}
	achievement := badge.Subject.Achievement
	out.Achievement, out.Description, out.Level, out.Credits = achievement.Name, achievement.Description, achievement.AchievementType, badge.Subject.CreditsEarned
	if achievement.Criteria != nil {
		out.Criteria = achievement.Criteria.Narrative
	}
	for _, alignment := range achievement.Alignment {
		out.Skills = append(out.Skills, alignment.TargetName)
	}
	for _, result := range badge.Subject.Result {
		if result.Value != "" {
			out.Results = append(out.Results, result.Value)
		}
	}
	return out
}

// Inputs reads what is named: files, folders (all files in them), https URLs,
// and "-" for what stdin returns.
func (a *App) Inputs(ctx context.Context, names []string, stdin func() ([]byte, error)) []Input {
	var out []Input
	for _, name := range names {
		switch {
		case name == "-":
			raw, err := stdin()
			out = append(out, Input{name, raw, err})
			continue
		case strings.HasPrefix(name, "https://"), strings.HasPrefix(name, "http://"):
			raw, err := a.get(ctx, name)
			out = append(out, Input{name, raw, err})
			continue
		}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			out = append(out, folder(ctx, name)...)
			continue
		}
		raw, err := ReadFile(name)
		out = append(out, Input{name, raw, err})
	}
	return out
}

// folder reads the files in a folder and in those below, without hidden ones
// and without following links.
func folder(ctx context.Context, root string) []Input {
	var out []Input
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			out = append(out, Input{Name: path, Err: reason.New(reason.IO, path, "%w", bare(err))})
			return nil
		case path != root && strings.HasPrefix(d.Name(), ".") && d.IsDir():
			return fs.SkipDir
		case path == root || strings.HasPrefix(d.Name(), ".") || !d.Type().IsRegular():
			return nil
		}
		raw, err := ReadFile(path)
		out = append(out, Input{path, raw, err})
		return nil
	})
	if err != nil {
		out = append(out, Input{Name: root, Err: reason.Wrap(reason.Canceled, root, err)})
	}
	return out
}

func (a *App) get(ctx context.Context, url string) ([]byte, error) {
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	raw, _, err := client.Fetch(ctx, url, "application/vc, application/vc+jwt, application/dc+sd-jwt, application/json, image/png, image/svg+xml")
	return raw, err
}
