package verifier_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/jsonschema"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestContentsOfSigned: what is signed and right in all else must still be as the
// data model wants it, and what would mislead the eye is told, but for what
// stands in the proof.
func TestContentsOfSigned(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	const rtl = "\u202e"
	with := func(member string) []byte {
		return p.sign(jose.VCJWT, []byte(strings.Replace(string(p.credential("did:x:kari", nil)), `"credentialSubject":{`, member, 1)), proof.Params{})
	}
	const title, direction = "pass  Open Badges 3.0", "warn display_warning/text-direction the text turns the direction of writing, which can hide what it says"
	for name, c := range map[string]struct {
		raw            []byte
		code           reason.Code
		profile, shown string
	}{
		"as it should be":           {with(`"credentialSubject":{`), "", title, "pass  nothing in the texts misleads the eye"},
		"evidence that is none":     {with(`"termsOfUse":7,"credentialSubject":{`), reason.MalformedModel, title, "pass  nothing in the texts misleads the eye"},
		"a text that is turned":     {with(`"x":"a` + rtl + `b","credentialSubject":{`), "display_warning/text-direction", title, direction},
		"in what is called a proof": {with(`"credentialSubject":{"proof":"a` + rtl + `b",`), "display_warning/text-direction", title, direction},
		"a badge for nothing":       {[]byte(p.rdfc(strings.Replace(string(p.credential("did:x:kari", nil)), `,"criteria":{"narrative":"c"}`, "", 1))), "", "warn malformed/data-model not as Open Badges 3.0 wants it: is missing", "pass  nothing in the texts misleads the eye"},
		"in the proof":              {p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:x:kari", nil), proof.Params{Challenge: "a" + rtl + "b"}), "", title, "pass  nothing in the texts misleads the eye"},
		"a record":                  {[]byte(p.rdfc(string(record(p, "did:x:kari", p.rdfc(stated(p, "urn:x:a", "sveising", "did:x:kari")))))), "", "pass  Comprehensive Learner Record 2.0", "pass  nothing in the texts misleads the eye"},
	} {
		report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: c.raw})
		if report.Reason != c.code || remarks(report, verifier.CheckProfile) != c.profile || remarks(report, verifier.CheckDisplay) != c.shown {
			t.Errorf("%s: %s (%v), %q, %q", name, report.Reason, report.Err(), remarks(report, verifier.CheckProfile), remarks(report, verifier.CheckDisplay))
		}
		if name == "as it should be" && remarks(report, verifier.CheckNested) != "" {
			t.Errorf("of what is not in it: %s", remarks(report, verifier.CheckNested))
		}
	}
}

// TestPeriodTold: until when a credential is in force is told, and that it has no
// end.
func TestPeriodTold(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	for until, want := range map[time.Time]string{{}: "pass  in force, without an end", noon.Add(time.Hour): "pass  in force until 2026-06-01T13:00:00Z"} {
		raw := p.sign(jose.VCJWT, p.credential("did:x:kari", func(d *credential.Draft) { d.ValidUntil = until }), proof.Params{})
		report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: raw})
		if said := remarks(report, verifier.CheckPeriod); said != want {
			t.Errorf("%q, want %q", said, want)
		}
	}
}

// TestListIsAListAlone: of a status list it is asked whether its issuer made it,
// and not what else would be asked of a credential.
func TestListIsAListAlone(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	schemas, err := jsonschema.New(map[string][]byte{schemaURL: []byte(`{"required":["licence"]}`)})
	if err != nil {
		t.Fatal(err)
	}
	bits, err := status.NewList(status.MinEntries)
	if err != nil {
		t.Fatal(err)
	}
	draft, err := status.Draft(listURL, status.Revocation, strictjson.String(p.id), bits, noon, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	built, err := draft.Build()
	if err != nil {
		t.Fatal(err)
	}
	list := p.rdfc(strings.Replace(string(built.Raw()), `"credentialSubject"`, `"credentialSchema":{"id":"`+schemaURL+`","type":"JsonSchema"},"credentialStatus":{"id":"https://kurs.example/lists#1","type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"1","statusListCredential":"https://kurs.example/lists"},"credentialSubject"`, 1))
	judge(t, p, []row{{name: "a list that names a schema, and another list", raw: p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:x:kari", entry(7)), proof.Params{}),
		cfg: verifier.Config{Schemas: schemas}, req: verifier.Request{StatusLists: map[string][]byte{listURL: []byte(list)}}, verdict: verifier.Valid}})
}

// TestStatusTold: what is said of the status of a credential, and of which of its
// entries.
func TestStatusTold(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	const empty, suspensions, messages, colours, nothing = "https://kurs.example/status/other.json", "https://kurs.example/status/suspensions.json", "https://kurs.example/status/messages.json", "https://kurs.example/status/colours.json", "https://kurs.example/status/nothing.json"
	of := func(entries ...status.Entry) []byte {
		return p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:x:kari", func(d *credential.Draft) {
			for _, e := range entries {
				d.Status = append(d.Status, e.Value())
			}
		}), proof.Params{})
	}
	revocation := status.Entry{ID: listURL + "#1", ListURL: listURL, Purpose: status.Revocation, Index: 7}
	refresh := status.Entry{ID: empty + "#1", ListURL: empty, Purpose: "refresh", Index: 7}
	set := revocation
	set.Index = 8
	suspended := status.Entry{ID: suspensions + "#1", ListURL: suspensions, Purpose: status.Suspension, Index: 8}
	free := suspended
	free.Index = 7
	newer := refresh
	newer.Index = 8
	message := status.Entry{ID: messages + "#1", ListURL: messages, Purpose: "message", Index: 8}
	unknown := status.Entry{ID: colours + "#1", ListURL: colours, Purpose: "colour", Index: 8}
	broken := status.Entry{ID: nothing + "#1", ListURL: nothing, Purpose: status.Revocation, Index: 8}
	says := func(e status.Entry) status.Entry {
		e.Messages = []string{"none", " because "}
		return e
	}
	lists := map[string][]byte{listURL: p.list(listURL, status.Revocation, noon, time.Time{}, 8), suspensions: p.list(suspensions, status.Suspension, noon, time.Time{}, 8), messages: p.list(messages, "message", noon, time.Time{}, 8), colours: p.list(colours, "colour", noon, time.Time{}, 8), nothing: []byte("{"), empty: p.list(empty, "refresh", noon, time.Time{}, 8)}
	for name, c := range map[string]struct {
		raw      []byte
		says, at string
	}{
		"nothing":             {of(), "not-applicable  the issuer has not said how to learn whether this is revoked", ""},
		"a list":              {of(revocation), "pass  not set in the revocation list", "/credentialStatus"},
		"of two lists":        {of(refresh, revocation), "pass  not set in the revocation list", "/credentialStatus/1"},
		"of two, revoked":     {of(refresh, set), "fail revoked the issuer has revoked this credential", "/credentialStatus/1"},
		"revoked, said why":   {of(says(set)), "fail revoked the issuer has revoked this credential, and says: \"because\"", "/credentialStatus"},
		"suspended":           {of(suspended), "fail suspended the issuer has suspended this credential", "/credentialStatus"},
		"suspended, said why": {of(says(suspended)), "fail suspended the issuer has suspended this credential, and says: \"because\"", "/credentialStatus"},
		"not suspended":       {of(free), "pass  not set in the suspension list", "/credentialStatus"},
		"newer":               {of(newer), "warn display_warning/newer-edition the issuer has a newer edition of this credential", "/credentialStatus"},
		"newer, said":         {of(says(newer)), "warn display_warning/newer-edition the issuer has a newer edition of this credential, and says: \"because\"", "/credentialStatus"},
		"a message":           {of(message), "warn display_warning/status-message the issuer has set the status 0x1", "/credentialStatus"},
		"a message in words":  {of(says(message)), "warn display_warning/status-message the issuer has set the status 0x1, and says: \"because\"", "/credentialStatus"},
		"for who knows what":  {of(unknown), "unknown status_unavailable/unknown-purpose the issuer has set 0x1 in a list for \"colour\", which is not a purpose that is known here", "/credentialStatus"},
		"and it is explained": {of(says(unknown)), "unknown status_unavailable/unknown-purpose the issuer has set 0x1 in a list for \"colour\", which is not a purpose that is known here, and says: \"because\"", "/credentialStatus"},
		"no list at all":      {of(broken), "unknown status_invalid/list the status list is not sound: no member name at byte 1", "/credentialStatus"},
		"of other things":     {of(refresh), "not-applicable  the issuer has said how to learn other things, but not whether this is revoked", ""},
		"by the token around": {p.sign(sdjwt.DCSDJWT, p.credential("did:x:kari", nil), proof.Params{Status: status.TokenEntry{ListURL: tokenURL, Index: 0}.Value()}), "pass  valid by the token status list", "/status"},
	} {
		l, err := status.NewTokenList(2, 100)
		if err != nil {
			t.Fatal(err)
		}
		if lists[tokenURL], err = (status.ListTokenRequest{URL: tokenURL, List: l, Created: noon.Add(-time.Hour)}).Sign(t.Context(), p.signer); err != nil {
			t.Fatal(err)
		}
		report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: c.raw, StatusLists: lists})
		if said := remarks(report, verifier.CheckStatus); said != c.says || report.Check(verifier.CheckStatus).At != c.at {
			t.Errorf("%s: %q at %q (%v)", name, said, report.Check(verifier.CheckStatus).At, report.Err())
		}
	}
}

// TestNamedListEntries: an entry that names no list, and a copy that is too old,
// show nothing; and of a stranger none is asked for.
func TestNamedListEntries(t *testing.T) {
	t.Parallel()
	web, resolver := newParty(t).of("did:web:kurs.example")
	doc := string(web.credential("did:x:kari", named))
	raw := web.sign(jose.VCJWT, []byte(doc), proof.Params{})
	old := copyOf{[]byte(`{"revokedCredential":[]}`), noon.AddDate(0, 0, -9)}
	const day = 24 * time.Hour
	judge(t, web, []row{
		{name: "young enough", raw: raw, cfg: verifier.Config{Resolver: resolver, Status: old, MaxStatusAge: 10 * day}, verdict: verifier.Valid},
		{name: "too old", raw: raw, cfg: verifier.Config{Resolver: resolver, Status: old, MaxStatusAge: 8 * day}, verdict: verifier.Undetermined, code: "status_unavailable/stale"},
		{name: "names none", raw: web.sign(jose.VCJWT, []byte(strings.Replace(doc, `{"id":"`+namedURL+`",`, `{"id":"urn:x:list",`, 1)), proof.Params{}), cfg: verifier.Config{Resolver: resolver, Status: old}, verdict: verifier.Invalid, code: "status_invalid/entry"},
	})
	report, _ := newVerifier(t, verifier.Config{Trust: trust.Empty(), Resolver: resolver, Status: old}).Verify(t.Context(), verifier.Request{Raw: raw})
	if check := report.Check(verifier.CheckStatus); check.Outcome != verifier.NotRun || report.Verdict != verifier.Untrusted {
		t.Errorf("of a stranger: %s %+v", report.Verdict, check)
	}
}

// TestTokenStatusOf: a token's list is by a key that its issuer had in use, and
// what was not looked for is no failure.
func TestTokenStatusOf(t *testing.T) {
	t.Parallel()
	const id = "did:web:kurs.example"
	p := newParty(t)
	own, resolver := p.of(id)
	_, retired := p.of(id, func(m *did.Method) { m.Expires = noon.AddDate(0, 0, -2) })
	raw := own.sign(sdjwt.DCSDJWT, own.credential("did:x:kari", nil), proof.Params{Created: noon.AddDate(0, 0, -9), Status: status.TokenEntry{ListURL: tokenURL, Index: 0}.Value()})
	lists := func(made, ends time.Time) verifier.Request {
		l, err := status.NewTokenList(2, 100)
		if err != nil {
			t.Fatal(err)
		}
		list, err := status.ListTokenRequest{URL: tokenURL, List: l, Created: made, Expires: ends}.Sign(t.Context(), own.signer)
		if err != nil {
			t.Fatal(err)
		}
		return verifier.Request{StatusLists: map[string][]byte{tokenURL: list}}
	}
	early, late := noon.AddDate(0, 0, -3), noon.AddDate(0, 0, -1)
	judge(t, own, []row{
		{name: "without an end", raw: raw, req: lists(late, time.Time{}), cfg: verifier.Config{Resolver: resolver}, verdict: verifier.Valid},
		{name: "by a key that was in use", raw: raw, req: lists(early, time.Time{}), cfg: verifier.Config{Resolver: retired}, verdict: verifier.Valid},
		{name: "by a key that was not", raw: raw, req: lists(late, time.Time{}), cfg: verifier.Config{Resolver: retired}, verdict: verifier.Undetermined, code: "status_invalid/list"},
	})
	for name, req := range map[string]verifier.Request{"none at hand": {}, "one at hand": lists(late, time.Time{})} {
		req.Raw = raw
		report, _ := newVerifier(t, verifier.Config{Trust: trust.Empty(), Resolver: resolver}).Verify(t.Context(), req)
		if check := report.Check(verifier.CheckStatus); check.Outcome != verifier.NotRun || !strings.HasPrefix(check.Detail, "the issuer is not trusted") || report.Verdict != verifier.Untrusted {
			t.Errorf("of a stranger, %s: %s %+v", name, report.Verdict, check)
		}
	}
}

// pinned has one key for whoever asks.
type pinned struct{ public key.Public }

func (p pinned) PinnedKey(trust.Query, string) (key.Public, bool) { return p.public, true }

// aging is a resolver whose copies are each of their own time.
type aging struct {
	keyDocument
	asOf  []time.Time
	asked *int
}

func (a aging) Resolve(ctx context.Context, id string) (*did.Document, error) {
	doc, err := a.keyDocument.Resolve(ctx, id)
	if err == nil {
		doc.AsOf = a.asOf[*a.asked]
		*a.asked++
	}
	return doc, err
}

// TestKeysOfProofs: a key that was pinned counts for who is trusted alone, and
// two proofs are as of the older document of keys.
func TestKeysOfProofs(t *testing.T) {
	t.Parallel()
	own, resolver := newParty(t).of("did:web:kurs.example")
	raw := own.sign(dataintegrity.EdDSARDFC2022, own.credential("did:x:kari", nil), proof.Params{})
	for name, c := range map[string]struct {
		trust trust.Registry
		want  verifier.Outcome
		note  verifier.Note
	}{"trusted": {trust.Pins(own.id), verifier.Pass, verifier.NoteSignatureRight}, "a stranger": {trust.Empty(), verifier.NotRun, verifier.NoteKeyNotFetched}} {
		report, _ := newVerifier(t, verifier.Config{Trust: c.trust, Pins: pinned{own.signer.Public()}}).Verify(t.Context(), verifier.Request{Raw: raw})
		if check := report.Check(verifier.CheckProof); check.Outcome != c.want || check.Note != c.note {
			t.Errorf("%s: %+v", name, check)
		}
	}
	two := anotherProof(t, raw, proofOf(own.sign(dataintegrity.EdDSAJCS2022, own.credential("did:x:kari", nil), proof.Params{})))
	// Of two proofs of which one is not known and one is wrong, the wrong one says it.
	unknown := strings.Replace(string(two), "eddsa-jcs-2022", "unknown-2022", 1)
	for _, c := range []struct {
		raw  string
		want reason.Code
		said int
	}{{strings.Replace(unknown, "did:x:kari", "did:x:ola", 1), reason.BadSignature, 1}, {unknown, "", 2}} {
		report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(own.id), Resolver: resolver}).Verify(t.Context(), verifier.Request{Raw: []byte(c.raw)})
		said := 0
		for _, check := range report.Checks {
			if check.ID == verifier.CheckProof {
				said++
			}
		}
		if report.Reason != c.want || said != c.said {
			t.Errorf("%s, want %s: %+v", report.Reason, c.want, report.Checks)
		}
	}
	early := noon.Add(-time.Hour)
	for _, c := range []struct {
		asOf []time.Time
		want time.Time
	}{{[]time.Time{noon, early}, early}, {[]time.Time{early, noon}, early}, {[]time.Time{noon, {}}, noon}, {[]time.Time{{}, noon}, noon}, {[]time.Time{{}, {}}, time.Time{}}} {
		asked := 0
		report, err := newVerifier(t, verifier.Config{Trust: trust.Pins(own.id), Resolver: aging{resolver, c.asOf, &asked}}).Verify(t.Context(), verifier.Request{Raw: two})
		if check := report.Check(verifier.CheckBinding); err != nil || asked != 2 || !check.AsOf.Equal(c.want) {
			t.Errorf("%v: %v, asked %d times, %+v", c.asOf, err, asked, check)
		}
	}
}

// TestRefreshTells: what became of asking for a newer edition does not hide what
// is to be said of the one at hand, and only one that is proven by all its proofs
// has its issuer asked.
func TestRefreshTells(t *testing.T) {
	t.Parallel()
	p, other := newParty(t), newParty(t)
	old := p.renewable(30, nil)
	jwt := func(doc string) string { return string(p.sign(jose.VCJWT, []byte(doc), proof.Params{})) }
	noID := func(days int) string {
		return strings.Replace(p.renewable(days, nil), `"id":"urn:uuid:7be1f0f3-cb53-462e-a1f7-e1d5b1e76f5e",`, "", 1)
	}
	named := func(id string) string {
		return jwt(p.renewable(1, func(d *credential.Draft) { d.ID = id }))
	}
	at := `{"id":"` + refreshURL + `","type":"1EdTechCredentialRefresh"}`
	signed := p.sign(dataintegrity.EdDSARDFC2022, []byte(old), proof.Params{})
	wrong := proofOf(p.sign(dataintegrity.EdDSAJCS2022, []byte(p.renewable(31, nil)), proof.Params{}))
	broken := strings.Replace(p.renewable(1, nil), `"validFrom":"2026-05-31T12:00:00Z"`, `"validFrom":"2026-05-31T25:00:00Z"`, 1)
	for name, c := range map[string]struct {
		raw, answer string
		code        reason.Code // of the report
		says        reason.Code // of the check
		asked       int
	}{
		"a remark of its own":           {jwt(strings.Replace(old, `"Kurs"`, "\"K\u202eurs\"", 1)), "<html>", "display_warning/text-direction", "refresh_failed/not-proven", 1},
		"it has ended, and no answer":   {jwt(p.renewable(30, func(d *credential.Draft) { d.ValidUntil = noon.AddDate(0, 0, -2) })), "<html>", reason.Expired, "refresh_failed/not-proven", 1},
		"neither has an id":             {jwt(noID(30)), jwt(noID(1)), "refresh_failed/another", "refresh_failed/another", 1},
		"its id, escaped":               {jwt(old), named("urn:uuid:7be1f0f3%2Dcb53-462e-a1f7-e1d5b1e76f5e"), "", "", 1},
		"an id that cannot be read":     {jwt(old), named("urn:uuid:%zz"), "refresh_failed/another", "refresh_failed/another", 1},
		"it begins at no time":          {jwt(old), jwt(broken), "refresh_failed/not-proven", "refresh_failed/not-proven", 1},
		"a service at no address":       {jwt(strings.Replace(old, at, `{"type":"1EdTechCredentialRefresh"}`, 1)), jwt(old), "refresh_failed/type", "refresh_failed/type", 0},
		"one of two proofs is wrong":    {string(anotherProof(t, signed, wrong)), jwt(old), reason.BadSignature, "", 0},
		"one of two is somebody else's": {string(anotherProof(t, signed, proofOf(other.sign(dataintegrity.EdDSARDFC2022, []byte(old), proof.Params{})))), jwt(p.renewable(1, nil)), "", "", 1},
	} {
		source := &service{raw: []byte(c.answer)}
		report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id), Refresh: source}).Verify(t.Context(), verifier.Request{Raw: []byte(c.raw), Refresh: true})
		if check := report.Check(verifier.CheckRefresh); report.Reason != c.code || check.Reason != c.says || len(source.asked) != c.asked {
			t.Errorf("%s: %s (%v), %+v, asked %q", name, report.Reason, report.Err(), check, source.asked)
		}
	}
}
