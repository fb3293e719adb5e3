package verifier_test

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const listURL = "https://kurs.example/status/revocation-1.json"

// party is somebody with a key.
type party struct {
	t      testing.TB
	id     string
	signer key.Signer
	set    proof.Set
}

func newParty(t testing.TB) party {
	t.Helper()
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return party{t, id, private.Signer(method), set}
}

func (p party) sign(suite proof.ID, doc []byte, params proof.Params) []byte {
	p.t.Helper()
	s, err := p.set.Suite(suite)
	if err != nil {
		p.t.Fatal(err)
	}
	if params.Purpose == "" {
		params.Purpose = proof.AssertionMethod
	}
	if params.Created.IsZero() {
		params.Created = noon
	}
	signed, err := s.Sign(p.t.Context(), doc, p.signer, params)
	if err != nil {
		p.t.Fatal(err)
	}
	return signed
}

func (p party) draft(subject string) credential.Draft {
	return credential.Draft{
		Contexts: []string{openbadge.Context}, ID: "urn:uuid:7be1f0f3-cb53-462e-a1f7-e1d5b1e76f5e", Types: []string{"OpenBadgeCredential"}, Name: "Kurs",
		Issuer: openbadge.Profile{ID: p.id, Name: "Kursstedet"}.Value(), ValidFrom: noon.Add(-time.Hour),
		Subject: openbadge.AchievementSubject{ID: subject, Achievement: &openbadge.Achievement{
			ID: "https://kurs.example/1", Name: "Kurs", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}}.Value(),
	}
}

func (p party) credential(subject string, change func(*credential.Draft)) []byte {
	p.t.Helper()
	d := p.draft(subject)
	if change != nil {
		change(&d)
	}
	c, err := d.Build()
	if err != nil {
		p.t.Fatal(err)
	}
	return c.Raw()
}

// entry is a status entry that points at a place in the list at listURL.
func entry(index uint64) func(*credential.Draft) {
	return func(d *credential.Draft) {
		e := status.Entry{ID: listURL + "#1", ListURL: listURL, Purpose: status.Revocation, Index: index}
		d.Status = []*credential.Value{e.Value()}
	}
}

// list publishes a status list in which one place is set.
func (p party) list(url, purpose string, from, until time.Time, set uint64) []byte {
	p.t.Helper()
	bits, err := status.NewList(status.MinEntries)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := bits.Set(set, true); err != nil {
		p.t.Fatal(err)
	}
	draft, err := status.Draft(url, purpose, strictjson.String(p.id), bits, from, until)
	if err != nil {
		p.t.Fatal(err)
	}
	c, err := draft.Build()
	if err != nil {
		p.t.Fatal(err)
	}
	return p.sign(dataintegrity.EdDSARDFC2022, c.Raw(), proof.Params{})
}

func (p party) presentation(params proof.Params, holder string, credentials ...[]byte) []byte {
	text := make([]string, len(credentials))
	for i, c := range credentials {
		text[i] = string(c)
	}
	doc := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` + holder + `","verifiableCredential":[` + strings.Join(text, ",") + `]}`
	params.Purpose = proof.Authentication
	return p.sign(dataintegrity.EdDSARDFC2022, []byte(doc), params)
}

func envelope(token []byte) []byte {
	return []byte(`{"@context":"https://www.w3.org/ns/credentials/v2","id":"data:application/vc+jwt,` + string(token) + `","type":"EnvelopedVerifiableCredential"}`)
}

type row struct {
	name    string
	raw     []byte
	req     verifier.Request // beside Raw
	cfg     verifier.Config  // beside what newVerifier fills in; Trust nil: the issuer is trusted
	verdict verifier.Verdict
	code    reason.Code
}

func judge(t *testing.T, issuer party, rows []row) {
	t.Helper()
	for _, row := range rows {
		if row.cfg.Trust == nil {
			row.cfg.Trust = trust.Pins(issuer.id)
		}
		row.req.Raw = row.raw
		report, err := newVerifier(t, row.cfg).Verify(t.Context(), row.req)
		if report.Verdict != row.verdict || report.Reason != row.code {
			t.Errorf("%s: %s %q (%v), want %s %q", row.name, report.Verdict, report.Reason, err, row.verdict, row.code)
		}
		if (err == nil) != (report.Verdict == verifier.Valid) || err != nil && reason.CodeOf(err) != report.Reason {
			t.Errorf("%s: verdict %s and error %v", row.name, report.Verdict, err)
		}
		if report.Credential() != nil && report.Verdict != verifier.Valid {
			t.Errorf("%s: hands out a credential that is %s", row.name, report.Verdict)
		}
	}
}

// TestCredentials is the plain case in every form, and what must be refused.
func TestCredentials(t *testing.T) {
	t.Parallel()
	p, other := newParty(t), newParty(t)
	const kari = "did:example:kari"
	doc := p.credential(kari, nil)
	good := p.sign(dataintegrity.EdDSARDFC2022, doc, proof.Params{})
	jwt := p.sign(jose.VCJWT, doc, proof.Params{})
	parts := strings.Split(string(jwt), ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"vc+jwt"}`)) + "." + parts[1] + "."
	change := func(raw []byte, old, new string) []byte {
		t.Helper()
		if !strings.Contains(string(raw), old) {
			t.Fatalf("%s is not there", old)
		}
		return []byte(strings.Replace(string(raw), old, new, 1))
	}
	unsigned := func(member string) []byte { return change(good, `{"@context"`, `{`+member+`,"@context"`) }
	judge(t, p, []row{
		{name: "eddsa-rdfc-2022", raw: good, verdict: verifier.Valid},
		{name: "eddsa-jcs-2022", raw: p.sign(dataintegrity.EdDSAJCS2022, doc, proof.Params{}), verdict: verifier.Valid},
		{name: "vc+jwt", raw: jwt, verdict: verifier.Valid},
		{name: "Open Badges as JWT", raw: p.sign(jose.OpenBadgeJWT, doc, proof.Params{}), verdict: verifier.Valid},
		{name: "white space around", raw: []byte("\n " + string(good) + "\n"), verdict: verifier.Valid},

		{name: "white space", raw: []byte(" \n"), verdict: verifier.Unreadable, code: "no_credential/empty"},
		{name: "nothing", raw: nil, verdict: verifier.Unreadable, code: "no_credential/empty"},
		{name: "no credential", raw: []byte(`{"hello":"world"}`), verdict: verifier.Unreadable, code: "wrong_type/not-a-credential"},
		{name: "an archive", raw: []byte("PK\x03\x04x"), verdict: verifier.Unreadable, code: "no_credential/archive"},
		{name: "no credential, and a proof that is none", raw: []byte(`{"hello":"world","proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-rdfc-2022"}}`), verdict: verifier.Invalid, code: "key_invalid/verification-method"},
		{name: "a token, white space around", raw: []byte("\n " + string(jwt) + " \n"), verdict: verifier.Valid},
		{name: "no proof, and shown to somebody", raw: doc, req: verifier.Request{Audience: "me"}, verdict: verifier.Invalid, code: "wrong_type/credential"},
		{name: "no proof", raw: doc, verdict: verifier.Invalid, code: reason.NoProof},
		{name: "a proof that is none", raw: change(doc, `{"@context"`, `{"proof":{},"@context"`), verdict: verifier.Invalid, code: reason.NoProof},
		{name: "an empty list of proofs", raw: change(doc, `{"@context"`, `{"proof":[],"@context"`), verdict: verifier.Invalid, code: reason.NoProof},
		{name: "a changed name", raw: change(good, `"Kurs"`, `"Doktorgrad"`), verdict: verifier.Invalid, code: reason.BadSignature},
		{name: "another subject", raw: change(good, kari, "did:example:ola"), verdict: verifier.Invalid, code: reason.BadSignature},
		{name: "a member twice", raw: change(good, `"name":"Kurs"`, `"name":"Kurs","name":"Kurs"`), verdict: verifier.Invalid, code: reason.MalformedDuplicateMember},
		{name: "a term that no context defines", raw: unsigned(`"grade":"A"`), verdict: verifier.Invalid, code: "unsigned_data/undefined-term"},
		{name: "a context of one's own", raw: change(good, `"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]`, `"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json","https://evil.example/v1"]`), verdict: verifier.Undetermined, code: "unsafe_context/unknown"},
		{name: "an inline context", raw: change(good, `"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]`, `"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",{"grade":"https://g.example"}]`), verdict: verifier.Undetermined, code: "unsafe_context/inline"},
		{name: "signed by somebody else in the issuer's name", raw: other.sign(dataintegrity.EdDSARDFC2022, doc, proof.Params{}), verdict: verifier.Invalid, code: reason.IssuerMismatch},
		{name: "the same as a token", raw: other.sign(jose.VCJWT, doc, proof.Params{}), verdict: verifier.Invalid, code: reason.IssuerMismatch},
		{name: "for another purpose", raw: p.sign(dataintegrity.EdDSARDFC2022, doc, proof.Params{Purpose: proof.Authentication}), verdict: verifier.Invalid, code: reason.WrongPurpose},
		{name: "alg none", raw: []byte(none), verdict: verifier.Invalid, code: "unsupported_alg/alg"},
		{name: "a token without its signature", raw: []byte(parts[0] + "." + parts[1] + "."), verdict: verifier.Invalid, code: reason.BadSignature},
		{name: "a token with a part too many", raw: append(slices.Clone(jwt), ".AA"...), verdict: verifier.Invalid, code: reason.MalformedJWS},
		{name: "begins later", raw: p.sign(dataintegrity.EdDSARDFC2022, doc, proof.Params{}), req: verifier.Request{At: noon.Add(-2 * time.Hour)}, verdict: verifier.NotInForce, code: reason.NotYetValid},
		{name: "has ended", raw: p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari, func(d *credential.Draft) { d.ValidUntil = noon.Add(-time.Minute) }), proof.Params{}), verdict: verifier.NotInForce, code: reason.Expired},
		{name: "the proof has ended", raw: p.sign(dataintegrity.EdDSARDFC2022, doc, proof.Params{Created: noon.Add(-time.Hour), Expires: noon.Add(-time.Minute)}), verdict: verifier.NotInForce, code: reason.Expired},
		{name: "ended, with a wrong signature", raw: change(p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari, func(d *credential.Draft) { d.ValidUntil = noon.Add(-time.Minute) }), proof.Params{}), `"Kurs"`, `"K"`), verdict: verifier.Invalid, code: reason.BadSignature},
		{name: "nobody is trusted", raw: good, cfg: verifier.Config{Trust: trust.Empty()}, verdict: verifier.Untrusted, code: reason.UntrustedIssuer},
		{name: "another is trusted", raw: good, cfg: verifier.Config{Trust: trust.Pins(other.id)}, verdict: verifier.Untrusted, code: reason.UntrustedIssuer},
		{name: "no suite of its kind", raw: good, cfg: verifier.Config{Suites: proof.Set{jose.VC()}}, verdict: verifier.Undetermined, code: "unsupported_alg/suite"},
		{name: "too large", raw: good, cfg: verifier.Config{Limits: credential.Limits{MaxBytes: 100}}, verdict: verifier.Unreadable, code: reason.LimitSize},
		{name: "a presentation is expected, or a bare one", raw: good, req: verifier.Request{Audience: "me", AllowBare: true}, verdict: verifier.Valid},
		{name: "a bare one meets no challenge", raw: good, req: verifier.Request{Audience: "me", Challenge: "n-1", AllowBare: true}, verdict: verifier.Invalid, code: "wrong_type/credential"},
		{name: "a bare one has no holder", raw: good, req: verifier.Request{RequireHolder: true, AllowBare: true}, verdict: verifier.Invalid, code: "wrong_type/credential"},
		{name: "a presentation is expected", raw: good, req: verifier.Request{Audience: "me"}, verdict: verifier.Invalid, code: "wrong_type/credential"},
	})
}

// broken are sources that cannot tell.
type broken struct{ err error }

func (b broken) Decide(context.Context, trust.Query) (trust.Decision, error) {
	return trust.Decision{Trusted: true}, b.err
}
func (b broken) Resolve(context.Context, string) (*did.Document, error) { return nil, b.err }
func (b broken) StatusList(context.Context, string) ([]byte, time.Time, error) {
	return nil, time.Time{}, b.err
}

// TestNothingFailsOpen makes each source fail in every way: whatever it says,
// the verdict is never "valid".
func TestNothingFailsOpen(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	raw := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", entry(7)), proof.Params{})
	list := p.list(listURL, status.Revocation, noon, noon.Add(time.Hour), 8)
	valid := verifier.Request{StatusLists: map[string][]byte{listURL: list}}
	judge(t, p, []row{{name: "with everything at hand", raw: raw, req: valid, verdict: verifier.Valid}})
	for _, err := range []error{
		errors.New("no code at all"), context.DeadlineExceeded, context.Canceled,
		reason.New("fetch_failed/network", "", "x"), reason.New(reason.NotFound, "", "x"), reason.New(reason.Internal, "", "x"), reason.New("no_such_code", "", "x"),
		reason.New(reason.DisplayWarning, "", "x"),
	} {
		for name, cfg := range map[string]verifier.Config{
			"trust":    {Trust: broken{err}},
			"resolver": {Resolver: broken{err}},
			"status":   {Status: broken{err}},
		} {
			if cfg.Trust == nil {
				cfg.Trust = trust.Pins(p.id)
			}
			req := valid
			if name == "status" {
				req = verifier.Request{}
			}
			req.Raw = raw
			report, _ := newVerifier(t, cfg).Verify(t.Context(), req)
			if report.Verdict != verifier.Undetermined {
				t.Errorf("%s says %v: %s %s", name, err, report.Verdict, report.Reason)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req := valid
	req.Raw = raw
	if report, err := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(ctx, req); report.Verdict == verifier.Valid {
		t.Errorf("canceled and yet %s %v", report.Verdict, err)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	p, other := newParty(t), newParty(t)
	sign := func(change func(*credential.Draft)) []byte {
		return p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", change), proof.Params{})
	}
	kept, revoked := sign(entry(7)), sign(entry(8))
	with := func(list []byte) verifier.Request {
		return verifier.Request{StatusLists: map[string][]byte{listURL: list}}
	}
	list := p.list(listURL, status.Revocation, noon, noon.Add(time.Hour), 8)
	otherStatus := func(d *credential.Draft) {
		d.Status = []*credential.Value{strictjson.Object(
			strictjson.Member{Name: "id", Value: strictjson.String("https://kurs.example/revocations")},
			strictjson.Member{Name: "type", Value: strictjson.String("https://kurs.example/terms#Status")})}
	}
	messages := func(index uint64) func(*credential.Draft) {
		return func(d *credential.Draft) {
			e := status.Entry{ID: listURL + "#2", ListURL: listURL, Purpose: "message", Index: index, Size: 1, Messages: []string{"handed in", "approved"}}
			d.Status = []*credential.Value{e.Value()}
		}
	}
	spoken := p.list(listURL, "message", noon, noon.Add(time.Hour), 8)
	if report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), verifier.Request{Raw: sign(messages(8)), StatusLists: map[string][]byte{listURL: spoken}}); report.Verdict != verifier.Valid ||
		report.Check(verifier.CheckStatus).Outcome != verifier.Warn || !strings.Contains(report.Check(verifier.CheckStatus).Detail, `"approved"`) {
		t.Errorf("a message: %s %+v", report.Verdict, report.Check(verifier.CheckStatus))
	}
	tampered := []byte(strings.Replace(string(list), `"encodedList":"u`, `"encodedList":"uA`, 1))
	judge(t, p, []row{
		{name: "kept", raw: kept, req: with(list), verdict: verifier.Valid},
		{name: "revoked", raw: revoked, req: with(list), verdict: verifier.Invalid, code: reason.Revoked},
		{name: "a message that is not set", raw: sign(messages(7)), req: with(spoken), verdict: verifier.Valid},
		{name: "no list", raw: kept, verdict: verifier.Undetermined, code: "status_unavailable/offline"},
		{name: "an empty list", raw: kept, req: with(nil), verdict: verifier.Undetermined, code: "status_invalid/list"},
		{name: "a list that is none", raw: kept, req: with([]byte("{}")), verdict: verifier.Undetermined, code: "status_invalid/list"},
		{name: "a tampered list", raw: kept, req: with(tampered), verdict: verifier.Undetermined, code: "status_invalid/list"},
		{name: "a list by somebody else", raw: kept, req: with(other.list(listURL, status.Revocation, noon, noon.Add(time.Hour), 8)), verdict: verifier.Undetermined, code: "status_invalid/list-issuer"},
		{name: "another list of the issuer's", raw: kept, req: with(p.list(listURL+"x", status.Revocation, noon, noon.Add(time.Hour), 8)), verdict: verifier.Undetermined, code: "status_invalid/id-mismatch"},
		{name: "a list for another purpose", raw: kept, req: with(p.list(listURL, status.Suspension, noon, noon.Add(time.Hour), 8)), verdict: verifier.Undetermined, code: "status_invalid/purpose-mismatch"},
		{name: "a list that has ended", raw: kept, req: with(p.list(listURL, status.Revocation, noon.Add(-2*time.Hour), noon.Add(-time.Hour), 8)), verdict: verifier.Undetermined, code: "status_unavailable/stale"},
		{name: "a list of the future", raw: kept, req: with(p.list(listURL, status.Revocation, noon.Add(time.Hour), noon.Add(2*time.Hour), 8)), verdict: verifier.Undetermined, code: "status_unavailable/too-new"},
		{name: "a place outside of the list", raw: sign(entry(status.MinEntries)), req: with(list), verdict: verifier.Invalid, code: "status_invalid/index"},
		{name: "a kind of status that is not known", raw: sign(otherStatus), req: with(list), verdict: verifier.Undetermined, code: "status_unavailable/unknown-type"},
		{name: "revoked and not trusted", raw: revoked, req: with(list), cfg: verifier.Config{Trust: trust.Empty()}, verdict: verifier.Invalid, code: reason.Revoked},
	})
	if report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), verifier.Request{Raw: sign(nil)}); report.Check(verifier.CheckStatus).Outcome != verifier.NotApplicable {
		t.Error("a status check that was not made is shown as", report.Check(verifier.CheckStatus).Outcome)
	}
}

func TestPresentations(t *testing.T) {
	t.Parallel()
	p, kari, ola := newParty(t), newParty(t), newParty(t)
	badge := p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari.id, nil), proof.Params{})
	token := p.sign(jose.VCJWT, p.credential(kari.id, nil), proof.Params{})
	olas := p.sign(dataintegrity.EdDSARDFC2022, p.credential(ola.id, nil), proof.Params{})
	nobodys := p.sign(dataintegrity.EdDSARDFC2022, p.credential("", func(d *credential.Draft) {
		d.Subject = openbadge.AchievementSubject{Identifier: []openbadge.IdentityObject{openbadge.HashIdentity("emailAddress", "a@b.example", "salt")},
			Achievement: &openbadge.Achievement{ID: "https://kurs.example/1", Name: "K", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}}.Value()
	}), proof.Params{})
	forMe := proof.Params{Domains: []string{"me"}, Challenge: "n-1"}
	ask := verifier.Request{Audience: "me", Challenge: "n-1", RequireHolder: true}
	judge(t, p, []row{
		{name: "for me", raw: kari.presentation(forMe, kari.id, badge), req: ask, verdict: verifier.Valid},
		{name: "a token in an envelope", raw: kari.presentation(forMe, kari.id, envelope(token)), req: ask, verdict: verifier.Valid},
		{name: "two", raw: kari.presentation(forMe, kari.id, badge, envelope(token)), req: ask, verdict: verifier.Valid},
		{name: "who I am is not said", raw: kari.presentation(forMe, kari.id, badge), verdict: verifier.Undetermined, code: "wrong_type/presentation"},
		{name: "only the holder is asked for", raw: kari.presentation(proof.Params{}, kari.id, badge), req: verifier.Request{RequireHolder: true}, verdict: verifier.Valid},
		{name: "the same, made for somebody", raw: kari.presentation(forMe, kari.id, badge), req: verifier.Request{RequireHolder: true}, verdict: verifier.Undetermined, code: "audience_mismatch/not-said"},
		{name: "for somebody else", raw: kari.presentation(proof.Params{Domains: []string{"you"}, Challenge: "n-1"}, kari.id, badge), req: ask, verdict: verifier.Invalid, code: reason.AudienceMismatch},
		{name: "for nobody", raw: kari.presentation(proof.Params{Challenge: "n-1"}, kari.id, badge), req: ask, verdict: verifier.Invalid, code: reason.AudienceMismatch},
		{name: "an old challenge", raw: kari.presentation(proof.Params{Domains: []string{"me"}, Challenge: "n-0"}, kari.id, badge), req: ask, verdict: verifier.Invalid, code: reason.Replay},
		{name: "no challenge", raw: kari.presentation(proof.Params{Domains: []string{"me"}}, kari.id, badge), req: ask, verdict: verifier.Invalid, code: reason.Replay},
		{name: "it has ended", raw: kari.presentation(proof.Params{Domains: []string{"me"}, Challenge: "n-1", Created: noon.Add(-time.Hour), Expires: noon.Add(-time.Minute)}, kari.id, badge), req: ask, verdict: verifier.NotInForce, code: "expired/presentation"},
		{name: "somebody else's credential", raw: ola.presentation(forMe, ola.id, badge), req: ask, verdict: verifier.Invalid, code: reason.HolderMismatch},
		{name: "one's own and somebody else's", raw: kari.presentation(forMe, kari.id, badge, olas), req: ask, verdict: verifier.Invalid, code: reason.HolderMismatch},
		{name: "signed by another than the holder it names", raw: ola.presentation(forMe, kari.id, badge), req: ask, verdict: verifier.Invalid, code: reason.HolderMismatch},
		{name: "a credential that names nobody by id", raw: kari.presentation(forMe, kari.id, nobodys), req: ask, verdict: verifier.Invalid, code: "holder_mismatch/no-subject-id"},
		{name: "the same where the holder is not asked for", raw: kari.presentation(forMe, kari.id, nobodys), req: verifier.Request{Audience: "me"}, verdict: verifier.Valid},
		{name: "a tampered credential in it", raw: kari.presentation(forMe, kari.id, []byte(strings.Replace(string(badge), `"Kurs"`, `"Doktorgrad"`, 1))), req: ask, verdict: verifier.Invalid, code: reason.BadSignature},
		{name: "an unsigned credential in it", raw: kari.presentation(forMe, kari.id, p.credential(kari.id, nil)), req: ask, verdict: verifier.Invalid, code: reason.NoProof},
		{name: "nothing in it", raw: kari.presentation(forMe, kari.id), req: ask, verdict: verifier.Invalid, code: "malformed/empty-presentation"},
		{name: "a credential of an issuer that is not trusted", raw: kari.presentation(forMe, kari.id, badge), req: ask, cfg: verifier.Config{Trust: trust.Empty()}, verdict: verifier.Untrusted, code: reason.UntrustedIssuer},
		{name: "a changed presentation", raw: []byte(strings.Replace(string(kari.presentation(forMe, kari.id, badge)), `"challenge":"n-1"`, `"challenge":"n-2"`, 1)), req: verifier.Request{Audience: "me", Challenge: "n-2"}, verdict: verifier.Invalid, code: reason.BadSignature},
	})
}

// web is an issuer with a did:web, whose document is counted when it is asked
// for.
type web struct {
	doc   []byte
	asked int
}

func (w *web) Fetch(_ context.Context, url, _ string) ([]byte, time.Time, error) {
	w.asked++
	if w.doc == nil {
		return nil, time.Time{}, reason.New("fetch_failed/network", url, "away")
	}
	return w.doc, noon, nil
}

// TestDIDWeb: the key is fetched only in a trusted issuer's name, a pinned key
// needs no fetch, and a key that ended or was revoked does not count.
func TestDIDWeb(t *testing.T) {
	t.Parallel()
	const id = "did:web:kurs.example"
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	p := newParty(t)
	p.id, p.signer = id, private.Signer(id+"#key-1")
	raw := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", nil), proof.Params{})
	document := func(change func(*did.Method)) []byte {
		m := did.Method{ID: id + "#key-1", Controller: id, Public: private.Public()}
		if change != nil {
			change(&m)
		}
		doc, err := did.Build(id, []did.Method{m})
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	other, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	multikey, err := private.Public().Multikey()
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := trust.Parse([]byte("bevis-trust 1\nissuer "+id+"\n  key "+id+"#key-1 "+multikey+"\n"), "trust.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		doc     []byte
		trust   trust.Registry
		pins    verifier.KeyPins
		verdict verifier.Verdict
		code    reason.Code
		asked   int
	}{
		{"trusted", document(nil), trust.Pins(id), nil, verifier.Valid, "", 1},
		{"not trusted: nothing is fetched", document(nil), trust.Empty(), nil, verifier.Untrusted, reason.UntrustedIssuer, 0},
		{"away", nil, trust.Pins(id), nil, verifier.Undetermined, "key_unavailable/fetch", 1},
		{"another key under that name", document(func(m *did.Method) { m.Public = other.Public() }), trust.Pins(id), nil, verifier.Invalid, reason.BadSignature, 1},
		{"no such key", document(func(m *did.Method) { m.ID = id + "#key-2" }), trust.Pins(id), nil, verifier.Invalid, "key_invalid/unknown-key", 1},
		{"revoked", document(func(m *did.Method) { m.Revoked = noon.Add(-time.Minute) }), trust.Pins(id), nil, verifier.Invalid, "key_invalid/revoked", 1},
		{"signed after the key ended", document(func(m *did.Method) { m.Expires = noon.Add(-time.Minute) }), trust.Pins(id), nil, verifier.Invalid, "key_invalid/expired", 1},
		{"pinned, and away", nil, pinned, pinned, verifier.Valid, "", 0},
		{"not JSON", []byte("<html>"), trust.Pins(id), nil, verifier.Undetermined, "", 1},
	} {
		w := &web{doc: test.doc}
		v := newVerifier(t, verifier.Config{Trust: test.trust, Pins: test.pins, Resolver: did.Mux{"key": did.Key{}, "web": did.Web{Fetcher: w}}})
		report, err := v.Verify(t.Context(), verifier.Request{Raw: raw})
		if report.Verdict != test.verdict && test.code != "" || report.Reason != test.code && test.code != "" || report.Verdict == verifier.Valid && test.verdict != verifier.Valid || w.asked != test.asked {
			t.Errorf("%s: %s %s (%v), asked %d times; want %s %s, %d", test.name, report.Verdict, report.Reason, err, w.asked, test.verdict, test.code, test.asked)
		}
	}
}

func TestNewNamesTheGap(t *testing.T) {
	t.Parallel()
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	whole := verifier.Config{Suites: set, Resolver: did.Key{}, Trust: trust.Empty(), Status: verifier.NoStatus{}, Now: time.Now}
	if _, err := verifier.New(whole); err != nil {
		t.Error(err)
	}
	for name, gap := range map[string]func(*verifier.Config){
		"Suites": func(c *verifier.Config) { c.Suites = nil }, "Resolver": func(c *verifier.Config) { c.Resolver = nil },
		"Trust": func(c *verifier.Config) { c.Trust = nil }, "Status": func(c *verifier.Config) { c.Status = nil },
		"Now": func(c *verifier.Config) { c.Now = nil }, "ClockSkew": func(c *verifier.Config) { c.ClockSkew = -1 },
	} {
		cfg := whole
		gap(&cfg)
		if _, err := verifier.New(cfg); reason.CodeOf(err) != reason.Usage || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// TestCredentialThatCallsItselfAPresentation is judged as what it certifies.
func TestCredentialThatCallsItselfAPresentation(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	both := strings.Replace(string(p.credential("did:x:kari", nil)), `"type":["VerifiableCredential"`, `"type":["VerifiableCredential","VerifiablePresentation"`, 1)
	report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: p.sign(dataintegrity.EdDSAJCS2022, []byte(both), proof.Params{})})
	if report.Kind != verifier.KindCredential {
		t.Errorf("%q: %s %v", report.Kind, report.Verdict, report.Err())
	}
}
