package verifier

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestConclude: the verdict is "valid" only if every check that is expected was
// made and holds in each place; else the worst of what was found decides.
func TestConclude(t *testing.T) {
	t.Parallel()
	const a, b = CheckID("a"), CheckID("b")
	unknown := reason.Code("status_unavailable/offline")
	for name, c := range map[string]struct {
		checks  []Check
		verdict Verdict
		code    reason.Code
	}{
		"both hold":                  {[]Check{{ID: a, Outcome: Pass}, {ID: b, Outcome: Pass}}, Valid, ""},
		"nothing was made":           {nil, Undetermined, "internal/check-not-made"},
		"one was not made":           {[]Check{{ID: a, Outcome: Pass}}, Undetermined, "internal/check-not-made"},
		"one says that it was not":   {[]Check{{ID: a, Outcome: Pass}, {ID: b}}, Undetermined, "internal/check-not-made"},
		"once made, once not":        {[]Check{{ID: a, Outcome: Pass}, {ID: b, Outcome: Pass}, {ID: b}}, Undetermined, "internal/check-not-made"},
		"an outcome of tomorrow":     {[]Check{{ID: a, Outcome: Pass}, {ID: b, Outcome: 99}}, Undetermined, "internal/check-not-made"},
		"one was nothing to check":   {[]Check{{ID: a, Outcome: Pass}, {ID: b, Outcome: NotApplicable}}, Valid, ""},
		"a remark":                   {[]Check{{ID: a, Outcome: Pass}, {ID: b, Outcome: Warn, Reason: reason.DisplayWarning}}, Valid, reason.DisplayWarning},
		"a remark that is no reason": {[]Check{{ID: a, Outcome: Pass}, {ID: b, Outcome: Warn, Reason: reason.Revoked}}, Valid, ""},
		"a passed check with a code": {[]Check{{ID: a, Outcome: Pass, Reason: reason.DisplayWarning}, {ID: b, Outcome: Pass}}, Valid, ""},
		"one fails":                  {[]Check{{ID: a, Outcome: Pass}, {ID: b, Outcome: Fail, Reason: reason.Revoked}}, Invalid, reason.Revoked},
		"one could not be made":      {[]Check{{ID: a, Outcome: Pass}, {ID: b, Outcome: Unknown, Reason: unknown}}, Undetermined, unknown},
		"the worse one, first":       {[]Check{{ID: a, Outcome: Fail, Reason: reason.Revoked}, {ID: b, Outcome: Unknown, Reason: unknown}}, Invalid, reason.Revoked},
		"the worse one, last":        {[]Check{{ID: a, Outcome: Unknown, Reason: unknown}, {ID: b, Outcome: Fail, Reason: reason.Revoked}}, Invalid, reason.Revoked},
		"two that are as bad":        {[]Check{{ID: a, Outcome: Fail, Reason: reason.BadSignature}, {ID: b, Outcome: Fail, Reason: reason.Revoked}}, Invalid, reason.BadSignature},
	} {
		r := &Report{Checks: slices.Clone(c.checks)}
		r.conclude([]CheckID{a, b})
		if r.Verdict != c.verdict || r.Reason != c.code || (r.Err() == nil) != (c.verdict == Valid) || reason.CodeOf(r.Err()) != c.code && c.verdict != Valid {
			t.Errorf("%s: %s %q, %v", name, r.Verdict, r.Reason, r.Err())
		}
	}
}

// TestRefuse: what could not be found out is told from what was found wrong.
func TestRefuse(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]Outcome{
		reason.New(reason.Revoked, "", "x"):                     Fail,
		reason.New("status_unavailable/offline", "", "x"):       Unknown,
		reason.Wrap(reason.Canceled, "", context.Canceled):      Unknown,
		reason.New(reason.Internal, "", "x"):                    Unknown,
		errors.New("a bug"):                                     Unknown,
		reason.New(reason.UntrustedIssuer, "", "not the party"): Fail,
	} {
		r := &Report{}
		if r.refuse(CheckProof, err); r.Checks[0].Outcome != want {
			t.Errorf("%v: %s", err, r.Checks[0].Outcome)
		}
		if c := statusCheck("", err); c.Outcome != want {
			t.Errorf("status, %v: %s", err, c.Outcome)
		}
	}
	if got := detailOf(&reason.Error{Code: reason.Internal}); got == "" {
		t.Error("an error without a cause says nothing")
	}
	if got := detailOf(reason.New(reason.Internal, "/here", "broken")); got != "broken" {
		t.Errorf("%q repeats the place", got)
	}
	// The error names the check that decided, not one that only carries its code.
	r := &Report{Verdict: Undetermined, Reason: reason.Revoked, Checks: []Check{
		{ID: CheckTrust, Outcome: Warn, Reason: reason.Revoked, At: "/remark"}, {ID: CheckTrust, Outcome: Fail, Reason: reason.Expired, At: "/other"}, {ID: CheckStatus, Outcome: Unknown, Reason: reason.Revoked, At: "/status"}}}
	if at := reason.AtOf(r.Err()); at != "/status" {
		t.Errorf("the reason is at %q", at)
	}
}

// TestBindings: who holds and whom it is about are tied only by checks that
// hold in each place, and only for credentials that all name the holder.
func TestBindings(t *testing.T) {
	t.Parallel()
	part := func(subject string) *Report {
		raw := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:i","credentialSubject":` + subject + `}`
		doc, err := strictjson.Parse([]byte(raw), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := credential.New(doc, []byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		return &Report{claimed: c}
	}
	const me = `{"id":"did:example:me"}`
	held := Check{ID: CheckHolder, Outcome: Pass}
	for name, c := range map[string]struct {
		kind   Kind
		checks []Check
		parts  []*Report
		want   []Binding
	}{
		"the holder's own":           {KindPresentation, []Check{held}, []*Report{part(me)}, []Binding{BoundHolder, BoundSubject}},
		"two of the holder's own":    {KindPresentation, []Check{held}, []*Report{part(me), part("[" + me + "," + me + "]")}, []Binding{BoundHolder, BoundSubject}},
		"one is another's":           {KindPresentation, []Check{held}, []*Report{part(me), part(`{"id":"did:example:you"}`)}, []Binding{BoundHolder}},
		"one names nobody":           {KindPresentation, []Check{held}, []*Report{part(me), part(`{"name":"x"}`)}, []Binding{BoundHolder}},
		"one names a second without": {KindPresentation, []Check{held}, []*Report{part("[" + me + `,{"name":"x"}]`)}, []Binding{BoundHolder}},
		"one cannot be read":         {KindPresentation, []Check{held}, []*Report{part(me), {}}, []Binding{BoundHolder}},
		"one is about nothing":       {KindPresentation, []Check{held}, []*Report{part("[]")}, []Binding{BoundHolder}},
		"nothing in it":              {KindPresentation, []Check{held}, nil, []Binding{BoundHolder}},
		"a bare credential":          {KindCredential, []Check{held}, []*Report{part(me)}, []Binding{BoundHolder}},
		"held, with a remark":        {KindPresentation, []Check{held, {ID: CheckHolder, Outcome: Warn}}, []*Report{part(me)}, []Binding{BoundHolder}},
		"nothing but a remark":       {KindPresentation, []Check{{ID: CheckHolder, Outcome: Warn}, {ID: CheckReading, Outcome: Pass}}, []*Report{part(me)}, nil},
		"held here, and not there":   {KindPresentation, []Check{held, {ID: CheckHolder, Outcome: Fail}}, []*Report{part(me)}, nil},
		"for me, and now":            {KindPresentation, []Check{{ID: CheckAudience, Outcome: Pass}, {ID: CheckChallenge, Outcome: Pass}}, nil, []Binding{BoundAudience, BoundChallenge}},
		"for nobody":                 {KindPresentation, []Check{{ID: CheckAudience, Outcome: NotApplicable}, {ID: CheckChallenge, Outcome: NotApplicable}}, nil, nil},
	} {
		r := &Report{Kind: c.kind, Holder: "did:example:me", Checks: c.checks, Parts: c.parts}
		if got := r.Bindings(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestListErrors: what is wrong with a list is never said as if it were wrong
// with the credential.
func TestListErrors(t *testing.T) {
	t.Parallel()
	for code, want := range map[reason.Code]reason.Code{
		reason.Expired: "status_unavailable/stale", reason.NotYetValid: "status_unavailable/too-new", reason.Canceled: reason.Canceled,
		"key_unavailable/fetch": "status_unavailable/key", "remote_fetch_blocked/offline": "status_unavailable/key",
		"status_invalid/ttl": "status_invalid/ttl", reason.LimitInflate: reason.LimitInflate, reason.LimitSize: "status_invalid/list", reason.BadSignature: "status_invalid/list",
	} {
		if got := reason.CodeOf(listError("u", reason.New(code, "", "x"))); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

// TestAlsoExpected: what a request asks for besides must have been checked.
func TestAlsoExpected(t *testing.T) {
	t.Parallel()
	all := Request{Recipient: []Identifier{{}}, RequireSchema: true, RequireLog: true}
	if got := all.alsoExpected(); !slices.Equal(got, []CheckID{CheckRecipient, CheckSchema, CheckLog}) {
		t.Error(got)
	}
	if got := (Request{}).alsoExpected(); len(got) != 0 {
		t.Error(got)
	}
	j := &judgement{req: Request{OnBehalfOf: []string{"did:example:child"}}, report: &Report{Holder: "did:example:me"}}
	for _, c := range []struct {
		ids  []string
		want bool
	}{{nil, false}, {[]string{"did:example:child"}, true}, {[]string{"did:example:me", "did:example:child"}, true}, {[]string{"did:example:child", "did:example:other"}, false}} {
		if got := j.explained(c.ids); got != c.want {
			t.Errorf("%v: %t", c.ids, got)
		}
	}
}

// TestNestedRemarks: each way not to hold is told apart, and none is passed
// over.
func TestNestedRemarks(t *testing.T) {
	t.Parallel()
	for want, r := range map[reason.Code]*Report{
		"": {Verdict: Valid}, "contents_warning/untrusted": {Verdict: Untrusted}, "contents_warning/undetermined": {Verdict: Undetermined},
		"contents_warning/unsigned": {Verdict: Invalid, Reason: reason.NoProof}, "contents_warning/not-valid": {Verdict: Invalid, Reason: reason.Revoked},
	} {
		if got := nestedRemark(r); got != want {
			t.Errorf("%s %s: %q, want %q", r.Verdict, r.Reason, got, want)
		}
	}
	for s, want := range map[*proof.Secured]bool{
		{Suite: "vc+jwt"}: true, {Suite: "eddsa-jcs-2022", At: "/proof"}: true, {Suite: "eddsa-rdfc-2022", At: "/proof"}: false,
	} {
		if signsText(s) != want {
			t.Errorf("%s at %q: %t", s.Suite, s.At, !want)
		}
	}
	for text, want := range map[string]int{`{}`: 0, `{"m":null}`: 0, `{"m":{}}`: 1, `{"m":"x"}`: 1, `{"m":[]}`: 0, `{"m":[{},{}]}`: 2} {
		v, err := strictjson.Parse([]byte(text), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := partsOf(v, "", "m"); len(got) != want {
			t.Errorf("%s: %d parts", text, len(got))
		}
	}
}
