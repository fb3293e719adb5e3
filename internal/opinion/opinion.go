package opinion

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// Who names a rule set.
type Who string

// The rule sets.
const (
	EdTech Who = "1edtech"
	DCC    Who = "dcc"
)

// All returns the rule sets that are known.
func All() []Who { return []Who{EdTech, DCC} }

// Result is what a rule set would come to.
type Result string

// The results.
const (
	Accepts    Result = "accepts"
	Refuses    Result = "refuses"
	CannotTell Result = "cannot-tell" // it depends on what is not known here
)

// Opinion is what a rule set would say.
type Opinion struct {
	Who     Who    `json:"who"`
	Version string `json:"version"` // of the source that was read
	Read    string `json:"read"`    // on which day
	Result  Result `json:"result"`
	Says    string `json:"says"` // in their words, as far as known
	// Rules are those that were applied, in order, and Differences those of
	// them that treat the document in another way than we do.
	Rules       []Rule       `json:"rules"`
	Differences []Difference `json:"differences"`
}

// Rule names a rule of theirs.
type Rule string

// Difference is a rule that makes a difference.
type Difference struct {
	Rule   Rule   `json:"rule"`
	Theirs Result `json:"theirs"`         // what it makes of the document
	Ours   string `json:"ours"`           // the outcome of our check
	Code   string `json:"code,omitempty"` // the code of our check
}

// The rules that differ from ours. What each says is in the messages, under
// "opinion.1edtech.key-in-fragment" and so on.
const (
	NoTrust       Rule = "no-trust"           // nobody is asked whether the issuer is trusted
	TrustAside    Rule = "trust-aside"        // registries are listed beside the result
	KeyInFragment Rule = "key-in-fragment"    // the key is read out of the proof itself
	KeyInHeader   Rule = "key-in-header"      // the key is read out of the token itself
	NoKeyOwner    Rule = "no-key-owner"       // whose key signed a token is not compared
	Algorithms    Rule = "algorithms"         // RS256 and ES256 alone
	Suites        Rule = "suites"             // few ways to sign are known
	OneProof      Rule = "one-proof"          // only the first proof counts
	UnknownSuite  Rule = "unknown-is-invalid" // an unknown suite or key is "invalid signature"
	JSONOnly      Rule = "json-only"          // tokens are not read
	StatusTypes   Rule = "status-types"       // other kinds of status are passed over
	FirstStatus   Rule = "first-status"       // only the first entry counts
	ListIssuer    Rule = "list-issuer"        // the list may be by another issuer
	ListLost      Rule = "list-lost"          // a list that cannot be had is a warning
	NoSuspension  Rule = "no-suspension"      // only revocation is looked at
	ExpiryAside   Rule = "expiry-aside"       // expiry is a line in the log
	Expiry        Rule = "expiry"             // expiry ends it
	NeedsID       Rule = "needs-id"           // the credential's id must be a URL
	NeedsProof    Rule = "needs-proof"        // there must be a proof
)

// Of returns what a rule set would say of the document that report is on.
func Of(who Who, report *verifier.Report) (Opinion, error) {
	b := &bench{report: report, secured: report.ClaimedProofs(), out: Opinion{Who: who, Rules: []Rule{}, Differences: []Difference{}}}
	if c := report.Claimed(); c != nil {
		b.document = c.Document()
	}
	switch who {
	case EdTech:
		b.out.Version, b.out.Read = "digital-credentials-public-validator 3825471 (2026-07-01)", "2026-11-28"
	case DCC:
		b.out.Version, b.out.Read = "verifier-core 1.0.0-beta.10, 115af83 (2025-10-24)", "2026-11-28"
	default:
		return Opinion{}, reason.New(reason.Usage, "--as", "there is no rule set %.40q: 1edtech, dcc", who)
	}
	switch {
	case report.Kind != verifier.KindCredential || b.document == nil:
		b.decide(CannotTell, "")
	case who == EdTech:
		b.edTech()
	default:
		b.dcc()
	}
	return b.out, nil
}

// bench is where a document is judged by the rules of somebody else.
type bench struct {
	report   *verifier.Report
	document *strictjson.Value
	secured  []*proof.Secured
	out      Opinion
	decided  bool
}

// decide takes the first result that ends it.
func (b *bench) decide(result Result, says string) {
	if !b.decided {
		b.out.Result, b.out.Says, b.decided = result, says, true
	}
}

func (b *bench) rule(r Rule) {
	if !slices.Contains(b.out.Rules, r) {
		b.out.Rules = append(b.out.Rules, r)
	}
}

// differs notes that a rule treats the document in another way than a check of
// ours.
func (b *bench) differs(r Rule, theirs Result, c verifier.Check) {
	b.rule(r)
	if !slices.ContainsFunc(b.out.Differences, func(d Difference) bool { return d.Rule == r }) {
		b.out.Differences = append(b.out.Differences, Difference{Rule: r, Theirs: theirs, Ours: c.Outcome.String(), Code: string(c.Reason)})
	}
}

// all returns the checks of a name.
func (b *bench) all(id verifier.CheckID) []verifier.Check {
	var out []verifier.Check
	for _, c := range b.report.Checks {
		if c.ID == id {
			out = append(out, c)
		}
	}
	return out
}

// worst returns the check of a name that says most against the document.
func (b *bench) worst(id verifier.CheckID) verifier.Check {
	out := b.report.Check(id)
	for _, c := range b.all(id) {
		if c.Outcome == verifier.Fail || c.Outcome == verifier.Unknown && out.Outcome != verifier.Fail {
			out = c
		}
	}
	return out
}

// signature tells what is known here of the signature itself.
func (b *bench) signature() Result {
	c := b.worst(verifier.CheckProof)
	switch {
	case c.Outcome == verifier.Fail && (c.Reason == reason.BadSignature || c.Reason.Coarse() == string(reason.UnsignedData)):
		return Refuses
	case c.Outcome == verifier.Pass:
		return Accepts
	}
	return CannotTell
}

// period tells whether it is in force, as all rule sets read it: whether the
// proof itself is, only we ask.
func (b *bench) expired() bool {
	c := b.worst(verifier.CheckPeriod)
	return c.Outcome == verifier.Fail && c.Reason == reason.Expired && !strings.HasPrefix(c.At, "/proof")
}

func (b *bench) early() bool {
	c := b.worst(verifier.CheckPeriod)
	return c.Outcome == verifier.Fail && c.Reason == reason.NotYetValid && !strings.HasPrefix(c.At, "/proof")
}

// token reads the token that a document came as, nil if it came as none.
func (b *bench) token() *jws.Token {
	if len(b.secured) == 0 || b.secured[0].Input == nil || b.secured[0].Input.Compact == "" {
		return nil
	}
	text, _, _ := strings.Cut(b.secured[0].Input.Compact, "~")
	t, err := jws.ReadHead(text, b.secured[0].Input.Limits)
	if err != nil || t.ReadBody(b.secured[0].Input.Limits) != nil {
		return nil
	}
	return t
}

// ownKey checks a token with the key that it brings itself.
func ownKey(t *jws.Token) Result {
	jwk, err := key.ParseJWK(t.JWK)
	if err != nil {
		return CannotTell
	}
	if t.Verify(jwk.Public) != nil {
		return Refuses
	}
	return Accepts
}

func typeOf(v *credential.Value) string {
	if types := credential.Types(v); len(types) > 0 {
		return types[0]
	}
	return ""
}

func statusEntries(document *strictjson.Value) []*strictjson.Value {
	return document.Get("credentialStatus").List()
}
