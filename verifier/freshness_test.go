package verifier_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// keyDocument is a resolver that has one document, as of a time.
type keyDocument struct {
	raw   []byte
	id    string
	asOf  time.Time
	newer []byte // what there is past the copy, nil for nothing
}

func (d keyDocument) Resolve(ctx context.Context, id string) (*did.Document, error) {
	if id != d.id {
		return did.Mux{"key": did.Key{}}.Resolve(ctx, id)
	}
	doc, err := did.ParseDocument(d.raw, id)
	if err == nil {
		doc.AsOf = d.asOf
	}
	return doc, err
}

func (d keyDocument) Renew(_ context.Context, id string) (*did.Document, error) {
	if d.newer == nil {
		return nil, reason.New("key_unavailable/fetch", id, "the network is down")
	}
	return did.ParseDocument(d.newer, id)
}

// of gives a party's key to another identifier, with a document that has it.
func (p party) of(id string, change ...func(*did.Method)) (party, keyDocument) {
	p.t.Helper()
	own := p
	own.id, own.signer = id, renamed{p.signer, id + "#key-1"}
	m := did.Method{ID: id + "#key-1", Controller: id, Public: p.signer.Public()}
	for _, f := range change {
		f(&m)
	}
	raw, err := did.Build(id, []did.Method{m})
	if err != nil {
		p.t.Fatal(err)
	}
	return own, keyDocument{raw: raw, id: id}
}

// TestAgeOfLists: a copy is judged by what the list says of itself, and by what
// the relying party allows; a place that is set counts at any age.
func TestAgeOfLists(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	kept := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", entry(7)), proof.Params{})
	revoked := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", entry(8)), proof.Params{})
	const day = 24 * time.Hour
	year := noon.Add(365 * day)
	for name, c := range map[string]struct {
		raw      []byte
		made     time.Time // by its own word
		ends     time.Time
		fetched  time.Duration // before it is judged; zero: given by the caller
		max      time.Duration
		verdict  verifier.Verdict
		code     reason.Code
		wantAsOf time.Time
	}{
		"fetched just now":                       {raw: kept, made: noon.Add(-900 * day), fetched: 1, max: time.Hour, verdict: verifier.Valid, wantAsOf: noon.Add(-1)},
		"older than is allowed":                  {raw: kept, made: noon.Add(-30 * day), ends: year, fetched: 25 * time.Hour, max: day, verdict: verifier.Undetermined, code: "status_unavailable/stale", wantAsOf: noon.Add(-25 * time.Hour)},
		"exactly as old as is allowed":           {raw: kept, made: noon.Add(-30 * day), ends: year, fetched: day, max: day, verdict: verifier.Valid, wantAsOf: noon.Add(-day)},
		"old, and the list says that it holds":   {raw: kept, made: noon.Add(-90 * day), ends: year, fetched: 90 * day, verdict: verifier.Valid, wantAsOf: noon.Add(-90 * day)},
		"old, and the list does not say":         {raw: kept, made: noon.Add(-90 * day), fetched: 32 * day, verdict: verifier.Undetermined, code: "status_unavailable/stale", wantAsOf: noon.Add(-32 * day)},
		"given by the caller, old":               {raw: kept, made: noon.Add(-90 * day), verdict: verifier.Valid, wantAsOf: noon.Add(-90 * day)},
		"given by the caller, older than it may": {raw: kept, made: noon.Add(-90 * day), max: day, verdict: verifier.Undetermined, code: "status_unavailable/stale", wantAsOf: noon.Add(-90 * day)},
		"revoked, by an old list":                {raw: revoked, made: noon.Add(-90 * day), ends: year, fetched: 40 * day, max: day, verdict: verifier.Invalid, code: reason.Revoked, wantAsOf: noon.Add(-40 * day)},
	} {
		list := p.listAt(listURL, c.made, c.ends, 8)
		cfg, req := verifier.Config{Trust: trust.Pins(p.id), MaxStatusAge: c.max, Now: func() time.Time { return year }}, verifier.Request{Raw: c.raw, At: noon}
		if c.fetched == 0 {
			req.StatusLists = map[string][]byte{listURL: list}
		} else {
			cfg.Status = fetched{files{listURL: list}, noon.Add(-c.fetched)}
		}
		report, _ := newVerifier(t, cfg).Verify(t.Context(), req)
		check := report.Check(verifier.CheckStatus)
		if report.Verdict != c.verdict || report.Reason != c.code || !check.AsOf.Equal(c.wantAsOf) {
			t.Errorf("%s: %s %s %+v", name, report.Verdict, report.Reason, check)
		}
	}
	if _, err := verifier.New(verifier.Config{Suites: p.set, Resolver: did.Mux{}, Trust: trust.Empty(), Status: verifier.NoStatus{}, Now: time.Now, MaxStatusAge: -1}); reason.CodeOf(err) != reason.Usage {
		t.Error("an age below nothing is taken:", err)
	}
}

// fetched is lists that came at a time.
type fetched struct {
	files
	asOf time.Time
}

func (f fetched) StatusList(ctx context.Context, url string) ([]byte, time.Time, error) {
	body, _, err := f.Fetch(ctx, url, "")
	return body, f.asOf, err
}

// listAt is a list for revocation that was made, and signed, at a time.
func (p party) listAt(url string, made, ends time.Time, set uint64) []byte {
	p.t.Helper()
	bits, err := status.NewList(status.MinEntries)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := bits.Set(set, true); err != nil {
		p.t.Fatal(err)
	}
	draft, err := status.Draft(url, status.Revocation, strictjson.String(p.id), bits, made, ends)
	if err != nil {
		p.t.Fatal(err)
	}
	c, err := draft.Build()
	if err != nil {
		p.t.Fatal(err)
	}
	return p.sign(dataintegrity.EdDSARDFC2022, c.Raw(), proof.Params{Created: made})
}

// TestKeysOverTime: a signature made while its key was in use stays right when
// the key has been retired; none of a revoked key is believed.
func TestKeysOverTime(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	const id = "did:web:kurs.example"
	const day = 24 * time.Hour
	before, after := noon.Add(-10*day), noon.Add(10*day)
	for name, c := range map[string]struct {
		expires, revoked time.Time
		signed           time.Time // zero: the proof does not say
		at               time.Time
		suite            proof.ID
		verdict          verifier.Verdict
		code             reason.Code
		warns            bool
	}{
		"in use":                             {signed: noon, at: after, verdict: verifier.Valid},
		"in use, to be retired":              {expires: after, signed: noon, at: noon, verdict: verifier.Valid},
		"signed, then retired":               {expires: noon.Add(day), signed: noon, at: after, verdict: verifier.Valid, warns: true},
		"signed as a token, then retired":    {expires: noon.Add(day), signed: noon, at: after, suite: jose.VCJWT, verdict: verifier.Valid, warns: true},
		"retired, then signed":               {expires: before, signed: noon, at: after, verdict: verifier.Invalid, code: "key_invalid/expired"},
		"signed in the moment of retirement": {expires: noon, signed: noon, at: after, verdict: verifier.Invalid, code: "key_invalid/expired"},
		"signed, then revoked":               {revoked: noon.Add(day), signed: noon, at: after, verdict: verifier.Invalid, code: "key_invalid/revoked"},
		"signed, retired, revoked":           {expires: noon.Add(day), revoked: noon.Add(2 * day), signed: noon, at: after, verdict: verifier.Invalid, code: "key_invalid/revoked"},
		"revoked, then signed":               {revoked: before, signed: noon, at: after, verdict: verifier.Invalid, code: "key_invalid/revoked"},
		"revoked after the time asked about": {revoked: after, signed: noon, at: noon.Add(day), verdict: verifier.Undetermined, code: "key_unavailable/revoked-since"},
		"revoked in the moment asked about":  {revoked: after, signed: noon, at: after, verdict: verifier.Invalid, code: "key_invalid/revoked"},
	} {
		web, document := p.of(id, func(m *did.Method) { m.Expires, m.Revoked = c.expires, c.revoked })
		if c.suite == "" {
			c.suite = dataintegrity.EdDSARDFC2022
		}
		raw := web.sign(c.suite, web.credential("did:example:kari", nil), proof.Params{Created: c.signed})
		document.asOf = after
		report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(id), Resolver: document}).Verify(t.Context(), verifier.Request{Raw: raw, At: c.at})
		warned := false
		for _, check := range report.Checks {
			warned = warned || check.Reason == "key_invalid/retired" && check.Outcome == verifier.Warn
		}
		if report.Verdict != c.verdict || report.Reason != c.code || warned != c.warns {
			t.Errorf("%s: %s %s, warned %v", name, report.Verdict, report.Reason, warned)
		}
		if report.Verdict == verifier.Valid && !report.Check(verifier.CheckBinding).AsOf.Equal(after) {
			t.Errorf("%s: the age of the key's document is %v", name, report.Check(verifier.CheckBinding).AsOf)
		}
	}
}

// TestAgeOfKeys: a copy of the issuer's keys is good for a while; a key that it
// does not have may be newer than the copy.
func TestAgeOfKeys(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	const id = "did:web:kurs.example"
	web, document := p.of(id)
	raw := web.sign(dataintegrity.EdDSARDFC2022, web.credential("did:example:kari", nil), proof.Params{})
	without, err := did.Build(id, nil)
	if err != nil {
		t.Fatal(err)
	}
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		doc     []byte
		age     time.Duration
		newer   []byte
		max     time.Duration
		verdict verifier.Verdict
		code    reason.Code
	}{
		"a copy of yesterday":                 {document.raw, day, nil, 0, verifier.Valid, ""},
		"older than is allowed":               {document.raw, 2 * day, nil, day, verifier.Undetermined, "key_unavailable/stale"},
		"older than is good in any case":      {document.raw, 32 * day, nil, 0, verifier.Undetermined, "key_unavailable/stale"},
		"an old copy has it not":              {without, day, nil, 0, verifier.Undetermined, "key_unavailable/not-in-copy"},
		"an old copy has it not, a newer has": {without, day, document.raw, 0, verifier.Valid, ""},
		"neither has it":                      {without, day, without, 0, verifier.Invalid, "key_invalid/unknown-key"},
		"what came just now has it not":       {without, time.Second, nil, 0, verifier.Invalid, "key_invalid/unknown-key"},
	} {
		resolver := keyDocument{raw: c.doc, id: id, asOf: noon.Add(-c.age), newer: c.newer}
		report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(id), Resolver: resolver, MaxStatusAge: c.max}).Verify(t.Context(), verifier.Request{Raw: raw})
		if report.Verdict != c.verdict || report.Reason != c.code {
			t.Errorf("%s: %s %s", name, report.Verdict, report.Reason)
		}
	}
}

// TestListIsGivenUp: a list that is not read to its end shows nothing.
func TestListIsGivenUp(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	raw := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", entry(7)), proof.Params{})
	ctx, cancel := context.WithCancel(t.Context())
	list := p.list(listURL, status.Revocation, noon, noon.Add(time.Hour), 8)
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id), Status: until{list, cancel}, Memo: verifier.NewMemo()})
	report, _ := v.Verify(ctx, verifier.Request{Raw: raw})
	if check := report.Check(verifier.CheckStatus); report.Verdict != verifier.Undetermined || check.Outcome != verifier.Unknown || check.Reason != reason.Canceled {
		t.Errorf("%s %+v", report.Verdict, check)
	}
	if report, _ := v.Verify(t.Context(), verifier.Request{Raw: raw}); report.Verdict != verifier.Valid {
		t.Errorf("who waits has %s, since another did not", report.Verdict)
	}
}

// until is a source with whose answer the caller's patience ends.
type until struct {
	list []byte
	end  func()
}

func (u until) StatusList(context.Context, string) ([]byte, time.Time, error) {
	u.end()
	return u.list, noon, nil
}

// TestStatusListInPart: a list that can be shown in part could be handed on
// without its end, and then for ever.
func TestStatusListInPart(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	private, err := key.Generate(key.P256)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	p.id, p.signer = id, private.Signer(method)
	bits, err := status.NewList(status.MinEntries)
	if err != nil {
		t.Fatal(err)
	}
	draft, err := status.Draft(listURL, status.Revocation, strictjson.String(p.id), bits, noon.AddDate(0, 0, -9), noon.AddDate(0, 0, -8))
	if err != nil {
		t.Fatal(err)
	}
	list, err := draft.Build()
	if err != nil {
		t.Fatal(err)
	}
	whole := p.sign(dataintegrity.ECDSASD2023, list.Raw(), proof.Params{Created: noon.AddDate(0, 0, -9), Mandatory: []string{"/issuer", "/validFrom", "/credentialSubject"}})
	suite, err := p.set.Suite(dataintegrity.ECDSASD2023)
	if err != nil {
		t.Fatal(err)
	}
	part, err := suite.(proof.Discloser).Disclose(t.Context(), whole, proof.Disclosure{})
	if err != nil || bytes.Contains(part, []byte("validUntil")) {
		t.Fatal(err)
	}
	raw := p.sign(dataintegrity.ECDSARDFC2019, p.credential("did:x:kari", entry(7)), proof.Params{})
	r, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), verifier.Request{Raw: raw, StatusLists: map[string][]byte{listURL: part}})
	if r.Verdict != verifier.Undetermined || r.Check(verifier.CheckStatus).Outcome == verifier.Pass {
		t.Errorf("%s %s: %+v", r.Verdict, r.Reason, r.Check(verifier.CheckStatus))
	}
}
