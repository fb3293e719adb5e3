package app

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/bundle"
	"github.com/kompetansebevis/bevis/internal/opinion"
	"github.com/kompetansebevis/bevis/internal/timestamp"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// Insight is what a request asks for beside the verdict. None of it changes the
// verdict on a document.
type Insight struct {
	Coverage bool          // which members the proof protects
	As       []opinion.Who // what others would say
	Bundle   bool          // pack the evidence
	Readme   string        // what stands in the README.txt of the bundle

	// For a bundle that is read: whether what its maker recorded and nobody
	// signed is believed, whether the decision on the issuer is the recorded one
	// as well, instead of one's own; a time-stamp token that is not in the bundle
	// itself, and the certificates of authorities that are believed.
	BundleRecord bool
	BundleTrust  bool // implies BundleRecord
	Timestamp    []byte
	Authorities  []byte
}

func (i Insight) believes() bool { return i.BundleRecord || i.BundleTrust }

func (i Insight) wanted() bool { return i.Coverage || len(i.As) > 0 || i.Bundle }

// Packed returns the evidence bundle that was asked for, nil if none was.
func (r VerifyResult) Packed() []byte { return r.packed }

// ResultCoverage is verifier.Coverage.
type ResultCoverage struct {
	Proof     string        `json:"proof"` // the outcome of checking it: unless "pass", nothing is protected
	Places    []ResultPlace `json:"places"`
	Spellings []string      `json:"spellings,omitempty"`
}

// ResultPlace is a member or an item.
type ResultPlace struct {
	Part     string `json:"part"`
	Pointer  string `json:"pointer"`
	State    string `json:"state"`
	Why      string `json:"why"`
	Detail   string `json:"detail,omitempty"`
	Optional bool   `json:"optional,omitempty"`
}

// ResultBundle is what an evidence bundle holds and how far its word goes.
type ResultBundle struct {
	SHA256   string           `json:"manifestSha256"`
	Made     time.Time        `json:"made"`
	JudgedAt time.Time        `json:"judgedAt"` // as of when, when it was made
	Verdict  string           `json:"verdict"`  // then
	Trust    string           `json:"trust"`    // whose decision counts now: "own" or "recorded"
	Record   string           `json:"record"`   // what its maker recorded and nobody signed is "believed" or "not-believed"
	Contexts string           `json:"contexts"` // "same" or "other" than those that are known here
	Evidence []ResultEvidence `json:"evidence"`
	Stamp    *ResultStamp     `json:"timestamp,omitempty"`
	Read     bool             `json:"read"` // it was read, not made
}

// ResultEvidence is one thing that was looked up.
type ResultEvidence struct {
	Role string     `json:"role"`
	URL  string     `json:"url,omitempty"`
	AsOf *time.Time `json:"asOf,omitempty"`
	// Word is whose word it is: "signed" for what carries a signature that is
	// checked again, "maker" for what the maker of the bundle says was there,
	// "missing" for what could not be had.
	Word string `json:"word"`
}

// ResultStamp is a time-stamp over the manifest.
type ResultStamp struct {
	Outcome   string     `json:"outcome"` // "pass", or "not-run" without certificates
	Time      *time.Time `json:"time,omitempty"`
	Authority string     `json:"authority,omitempty"`
}

// withInsight judges what takes more than the verdict: a bundle, or a document
// of which more is asked. It reports false for all else.
func (w *work) withInsight(ctx context.Context, in Input) (VerifyResult, bool) {
	if bundle.Is(in.Raw) {
		return w.fromBundle(ctx, in), true
	}
	want := w.request.Insight
	switch {
	case want.believes() || want.Timestamp != nil || want.Authorities != nil:
		in.Err = reason.New(reason.Usage, in.Name, "this is no evidence bundle, and a flag for one is given")
		return w.unread(in, w.request.At), true
	case !want.wanted():
		return VerifyResult{}, false
	case !want.Bundle:
		return w.lookedInto(ctx, w.verifier, w.request.verification(in), in), true
	}
	cfg, err := w.contentConfig(w.request)
	if err == nil {
		var result VerifyResult
		if result, err = w.packed(ctx, cfg, in); err == nil {
			return result, true
		}
	}
	in.Err = err
	return w.unread(in, w.request.At), true
}

// packed judges a document and packs what that took.
func (w *work) packed(ctx context.Context, cfg verifier.Config, in Input) (VerifyResult, error) {
	var rec recorder
	v, err := verifier.New(rec.over(cfg))
	if err != nil {
		return VerifyResult{}, err
	}
	request := w.request.verification(in)
	report, _ := v.Verify(ctx, request)
	result := w.insights(ctx, report, in)
	return result, w.pack(&result, &rec, report, request, in)
}

// lookedInto judges a document and adds what else is asked.
func (w *work) lookedInto(ctx context.Context, v *verifier.Verifier, r verifier.Request, in Input) VerifyResult {
	report, _ := v.Verify(ctx, r)
	return w.insights(ctx, report, in)
}

func (w *work) insights(ctx context.Context, report *verifier.Report, in Input) VerifyResult {
	result := w.resultOf(report)
	result.Input, result.source = in.Name, in.source
	w.keep(&result, in)
	w.addInsights(ctx, &result, report)
	return result
}

// addInsights adds to a result, and to those of its parts, what was asked.
func (w *work) addInsights(ctx context.Context, result *VerifyResult, report *verifier.Report) {
	if w.request.Insight.Coverage {
		if c, err := report.Coverage(ctx); err == nil {
			result.Coverage = coverageOf(c)
		}
	}
	for _, who := range w.request.Insight.As {
		if o, err := opinion.Of(who, report); err == nil {
			result.SecondOpinion = append(result.SecondOpinion, o)
		}
	}
	for i, part := range report.Parts {
		if i < len(result.Credentials) {
			w.addInsights(ctx, &result.Credentials[i], part)
		}
	}
}

func coverageOf(c *verifier.Coverage) *ResultCoverage {
	out := &ResultCoverage{Proof: c.Proof.String(), Places: make([]ResultPlace, len(c.Places))}
	for i, p := range c.Places {
		out.Places[i] = ResultPlace{string(p.Part), p.At, p.State.String(), string(p.Why), p.Detail, p.Optional}
	}
	for _, s := range c.Spellings {
		out.Spellings = append(out.Spellings, string(s))
	}
	return out
}

// pack puts together what a verdict was drawn from.
func (w *work) pack(result *VerifyResult, rec *recorder, report *verifier.Report, request verifier.Request, in Input) error {
	b := &bundle.Bundle{Name: baseName(in.Name), Made: w.cfg.Now(), JudgedAt: report.JudgedAt, Verdict: result.Verdict, Reason: result.Reason,
		Asked: bundle.Asked{Audience: request.Audience, Challenge: request.Challenge, RequireHolder: request.RequireHolder}}
	add := func(role bundle.Role, url, edition string, content []byte) {
		b.Files = append(b.Files, bundle.File{Path: bundle.Name(role, len(b.All(role))+1, content), Role: role, URL: url, Edition: edition, Content: content})
	}
	b.Files = append(b.Files, bundle.File{Path: bundle.ReadmeName, Role: bundle.Readme, Content: []byte(w.request.Insight.Readme)})
	add(bundle.Document, "", "", in.Raw)
	seen := map[string]bool{}
	for _, c := range allContexts(report) {
		if !seen[c.SHA256] {
			seen[c.SHA256] = true
			add(bundle.Context, c.URL, c.Edition, c.Content)
		}
	}
	for _, url := range slices.Sorted(maps.Keys(request.StatusLists)) {
		add(bundle.Given, url, "", request.StatusLists[url])
	}
	for _, proof := range request.LogProofs {
		add(bundle.Log, "", "", proof)
	}
	b.Files = append(b.Files, rec.files...)
	b.Missing = rec.missing
	decided := trustRecord{Decisions: rec.decisions}
	if len(w.request.Issuers) == 0 {
		policy, err := w.TrustPolicy()
		if err != nil {
			return err
		}
		for _, d := range rec.decisions {
			decided.Lines = append(decided.Lines, policyLines(string(policy.Text()), d.Issuer)...)
		}
	}
	for _, part := range []struct {
		role  bundle.Role
		value any
	}{{bundle.Trust, decided}, {bundle.Report, result}} {
		text, err := json.MarshalIndent(part.value, "", "  ")
		if err != nil {
			return reason.Wrap(reason.Internal, "", err)
		}
		add(part.role, "", "", append(text, '\n'))
	}
	raw, err := bundle.Write(b)
	if err != nil {
		return err
	}
	written, err := bundle.Read(raw)
	if err != nil {
		return err
	}
	result.packed, result.Bundle = raw, bundleResult(written, report)
	result.Bundle.Trust, result.Bundle.Record = "own", "believed" // it was looked up just now
	return nil
}

// trustRecord is trust/1.json of a bundle.
type trustRecord struct {
	Decisions []recordedDecision `json:"decisions"`
	// Lines are those of the policy that name the issuer, as they stood.
	Lines []string `json:"policyLines,omitempty"`
}

// policyLines returns the blocks of a trust policy that begin with an issuer.
func policyLines(text, issuer string) []string {
	var out []string
	inside := false
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" && line[0] != ' ' && line[0] != '\t' {
			inside = strings.TrimSpace(line) == "issuer "+issuer
		}
		if inside && strings.TrimSpace(line) != "" {
			out = append(out, line)
		}
	}
	return out
}

func allContexts(r *verifier.Report) []proof.Context {
	out := r.Contexts
	for _, part := range r.Parts {
		out = append(out[:len(out):len(out)], allContexts(part)...)
	}
	return out
}

func bundleResult(b *bundle.Bundle, report *verifier.Report) *ResultBundle {
	out := &ResultBundle{SHA256: b.Digest(), Made: b.Made.UTC(), JudgedAt: b.JudgedAt.UTC(), Verdict: b.Verdict, Contexts: "same", Evidence: []ResultEvidence{}}
	recorded := map[string]bool{}
	for _, f := range b.All(bundle.Context) {
		recorded[string(f.Content)] = true
	}
	for _, c := range allContexts(report) {
		if !recorded[string(c.Content)] {
			out.Contexts = "other"
		}
	}
	for _, role := range []bundle.Role{bundle.Key, bundle.Page, bundle.List, bundle.Given, bundle.Log} {
		for _, f := range b.All(role) {
			e := ResultEvidence{Role: string(role), URL: f.URL, Word: "maker"}
			if role == bundle.List || role == bundle.Given || role == bundle.Log {
				e.Word = "signed"
			}
			if !f.AsOf.IsZero() {
				asOf := f.AsOf.UTC()
				e.AsOf = &asOf
			}
			out.Evidence = append(out.Evidence, e)
		}
	}
	for _, m := range b.Missing {
		out.Evidence = append(out.Evidence, ResultEvidence{Role: string(m.Role), URL: m.URL, Word: "missing"})
	}
	return out
}

// fromBundle judges the document of a bundle with what is in the bundle, and
// nothing else. The decision on the issuer is one's own unless the recorded one
// is asked for.
func (w *work) fromBundle(ctx context.Context, in Input) VerifyResult {
	refuse := func(err error) VerifyResult {
		in.Err = err
		out := w.unread(in, w.request.At)
		if code := reason.CodeOf(err); code.Coarse() == string(reason.TimestampInvalid) {
			out.Verdict, out.class, out.Checks[0].ID = verifier.Invalid.String(), code.Class(), "time-stamp"
			out.Checks[0].Outcome = verifier.Fail.String()
			if out.class == reason.Undetermined {
				out.Verdict, out.Checks[0].Outcome = verifier.Undetermined.String(), verifier.Unknown.String()
			}
		}
		return out
	}
	b, err := bundle.Read(in.Raw)
	if err != nil {
		return refuse(err)
	}
	if w.request.Insight.Bundle {
		return refuse(reason.New(reason.Usage, in.Name, "this is a bundle already"))
	}
	stamp, err := stampOf(b, w.request.Insight)
	if err != nil {
		return refuse(err)
	}
	cfg, err := w.bundleConfig(b)
	if err != nil {
		return refuse(err)
	}
	v, err := verifier.New(cfg)
	if err != nil {
		return refuse(err)
	}
	document := b.All(bundle.Document)[0].Content
	var proofs [][]byte
	for _, f := range b.All(bundle.Log) {
		proofs = append(proofs, f.Content)
	}
	request := w.request.verification(Input{Raw: document, proofs: proofs})
	// Whom a presentation was made for is the maker's word as well.
	if w.request.Insight.believes() && request.Audience == "" && request.Challenge == "" && !request.RequireHolder {
		request.Audience, request.Challenge, request.RequireHolder = b.Asked.Audience, b.Asked.Challenge, b.Asked.RequireHolder
	}
	report, _ := v.Verify(ctx, request)
	result := w.insights(ctx, report, Input{Name: in.Name, source: in.source, Raw: document})
	result.Bundle = bundleResult(b, report)
	result.Bundle.Read, result.Bundle.Stamp, result.Bundle.Trust = true, stamp, "own"
	result.Bundle.Record = "not-believed"
	if w.request.Insight.believes() {
		result.Bundle.Record = "believed"
	}
	if w.request.Insight.BundleTrust {
		result.Bundle.Trust = "recorded"
	}
	return result
}

// bundleConfig is that of a verifier which has nothing but a bundle. Its clock
// stands still at the time as of which is judged: how old something was then is
// what counts.
func (w *work) bundleConfig(b *bundle.Bundle) (verifier.Config, error) {
	cfg, err := w.contentConfig(w.request)
	if err != nil {
		return cfg, err
	}
	from := replay{b, w.request.Insight.believes()}
	cfg.Resolver = replayKeys{from, did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{Fetcher: from}, "https": did.Controller{Fetcher: from}}}
	cfg.Status, cfg.Documents, cfg.Refresh = from, from, from
	cfg.Memo = nil
	at := w.request.At
	cfg.Now = func() time.Time { return at }
	if !w.request.Insight.BundleTrust {
		return cfg, nil
	}
	files := b.All(bundle.Trust)
	if len(files) != 1 {
		return cfg, reason.New(bundle.Malformed, "", "the bundle records no decision on the issuer")
	}
	var kept trustRecord
	if err := json.Unmarshal(files[0].Content, &kept); err != nil {
		return cfg, reason.New(bundle.Malformed, files[0].Path, "the recorded decision cannot be read")
	}
	cfg.Trust, cfg.Pins = decided(kept.Decisions), decided(kept.Decisions)
	return cfg, nil
}

// stampClock is how far an authority's clock and the maker's may differ.
const stampClock = 5 * time.Minute

// stampOf checks the time-stamp of a bundle, nil when there is none. One that
// does not hold is an error; one that no certificate is given for is not
// checked, and said to be so.
func stampOf(b *bundle.Bundle, want Insight) (*ResultStamp, error) {
	token := want.Timestamp
	if token == nil {
		token = b.Timestamp
	}
	switch {
	case token == nil && want.Authorities != nil:
		return nil, reason.New("timestamp_invalid/missing", bundle.TimestampName, "certificates are given, and no time-stamp is in the bundle or beside it")
	case token == nil:
		return nil, nil
	case want.Authorities == nil:
		return &ResultStamp{Outcome: verifier.NotRun.String()}, nil
	}
	roots, err := timestamp.Roots(want.Authorities, "--tsa-cert")
	if err != nil {
		return nil, err
	}
	stamp, err := timestamp.Verify(token, b.Manifest, roots)
	if err != nil {
		return nil, err
	}
	if stamp.Time.Add(stampClock).Before(b.Made) {
		return nil, reason.New("timestamp_invalid/time", bundle.TimestampName, "it was stamped %s, before it says it was made", stamp.Time.Format(time.RFC3339))
	}
	at := stamp.Time.UTC()
	return &ResultStamp{Outcome: verifier.Pass.String(), Time: &at, Authority: stamp.Authority}, nil
}

// baseName is a name without the folders, which are nobody else's business.
func baseName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	return strings.ToValidUTF8(name, "")
}
