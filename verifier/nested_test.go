package verifier_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// record is a comprehensive learner record of p's about a person, unsigned.
func record(p party, subject string, inner ...string) []byte {
	return []byte(`{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],` +
		`"id":"urn:uuid:11111111-cb53-462e-a1f7-e1d5b1e76f5e","type":["VerifiableCredential","ClrCredential"],"name":"Vitnemål",` +
		`"issuer":{"id":"` + p.id + `","type":["Profile"],"name":"Samlestedet"},"validFrom":"2026-01-01T00:00:00Z",` +
		`"credentialSubject":{"id":"` + subject + `","type":["ClrSubject"],"verifiableCredential":[` + strings.Join(inner, ",") + `]}}`)
}

// stated is a credential of p's for an achievement, unsigned.
func stated(p party, id, achievement, subject string) string {
	return `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"id":"` + id + `","type":["VerifiableCredential","AchievementCredential"],` +
		`"issuer":{"id":"` + p.id + `","type":["Profile"]},"validFrom":"2026-01-01T00:00:00Z","credentialSubject":{"id":"` + subject + `","type":["AchievementSubject"],` +
		`"achievement":{"id":"https://kurs.example/` + achievement + `","type":["Achievement"],"name":"` + achievement + `","description":"d","criteria":{"narrative":"c"}}}}`
}

func (p party) rdfc(raw string) string {
	return string(p.sign(dataintegrity.EdDSARDFC2022, []byte(raw), proof.Params{}))
}

// verdicts of the credentials that stand in one.
func verdicts(reports []*verifier.Report) string {
	var out []string
	for _, r := range reports {
		out = append(out, strings.TrimSpace(fmt.Sprint(r.Verdict, " ", r.Reason)))
	}
	return strings.Join(out, ", ")
}

// TestRecord judges records with credentials in them: each on its own, and the
// record by itself.
func TestRecord(t *testing.T) {
	t.Parallel()
	p, school, stranger := newParty(t), newParty(t), newParty(t)
	const kari = "did:x:kari"
	a := stated(school, "urn:x:a", "sveising", kari)
	signed := school.rdfc(a)
	forged := strings.Replace(signed, `"name":"sveising"`, `"name":"medisin"`, 1)
	token := string(school.sign(jose.VCJWT, []byte(a), proof.Params{}))
	inner := p.rdfc(strings.Replace(string(record(p, kari, signed)), "urn:uuid:1", "urn:uuid:2", 1))
	for _, c := range []struct {
		name   string
		inner  []string
		code   reason.Code
		nested string
		at     string // the first that is not valid
	}{
		{"signed", []string{signed}, "", "valid", ""},
		{"a token", []string{`"` + token + `"`}, "", "valid", ""},
		{"an envelope", []string{string(envelope([]byte(token)))}, "", "valid", ""},
		{"unsigned", []string{a}, "unsigned_data/merged", "invalid no_proof", "/credentialSubject/verifiableCredential/0"},
		{"by a stranger", []string{stranger.rdfc(stated(stranger, "urn:x:a", "medisin", kari))}, "contents_warning/untrusted", "untrusted untrusted_issuer", "/credentialSubject/verifiableCredential/0"},
		{"by a stranger in the school's name", []string{stranger.rdfc(a)}, "contents_warning/not-valid", "invalid issuer_mismatch", "/credentialSubject/verifiableCredential/0"},
		{"forged", []string{forged}, "contents_warning/not-valid", "invalid bad_signature", "/credentialSubject/verifiableCredential/0"},
		{"one good, one forged", []string{signed, forged}, "contents_warning/not-valid", "valid, invalid bad_signature", "/credentialSubject/verifiableCredential/1"},
		{"two signed about the same person", []string{signed, school.rdfc(stated(school, "urn:x:b", "medisin", kari))}, "", "valid, valid", ""},
		{"one signed, one unsigned", []string{signed, stated(school, "urn:x:b", "medisin", kari)}, "unsigned_data/merged", "valid, invalid no_proof", "/credentialSubject/verifiableCredential/1"},
		{"two unsigned about different persons", []string{a, stated(school, "urn:x:b", "sveising", "did:x:ola")}, "unsigned_data/merged", "invalid no_proof, invalid no_proof", "/credentialSubject/verifiableCredential/0"},
		{"a record in a record", []string{inner}, "", "valid", ""},
		{"two forged", []string{signed, forged, forged}, "contents_warning/not-valid", "valid, invalid bad_signature, invalid bad_signature", "/credentialSubject/verifiableCredential/1"},
	} {
		raw := p.rdfc(string(record(p, kari, c.inner...)))
		report := verdictOn(t, p, trust.Pins(p.id, school.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(raw)})
		if report.Reason != c.code || verdicts(report.Nested) != c.nested || (report.Verdict == verifier.Valid) != (c.code.Class() == reason.Warning || c.code == "") {
			t.Errorf("%s: %s %q nested %q (%v)", c.name, report.Verdict, report.Reason, verdicts(report.Nested), report.Err())
		}
		if all := report.Check(verifier.CheckNested); (all.Outcome == verifier.Pass) != (c.code == "") || all.At != c.at {
			t.Errorf("%s: %+v", c.name, all)
		}
		for i, n := range report.Nested {
			if want := fmt.Sprintf("/credentialSubject/verifiableCredential/%d", i); n.At != want {
				t.Errorf("%s: at %s, want %s", c.name, n.At, want)
			}
			if len(n.Nested) > 0 {
				t.Errorf("%s: a record in a record was followed", c.name)
			}
		}
		if check := report.Nested[0].Check(verifier.CheckNested); c.name == "a record in a record" && check.Outcome != verifier.NotRun || check.Outcome == verifier.Pass {
			t.Errorf("%s: %+v", c.name, check)
		}
	}
}

// TestRecordOfSeveral: a record about two persons holds what both of them hold,
// and of too many credentials the first are judged and the rest is told of.
func TestRecordOfSeveral(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	signed := p.rdfc(stated(p, "urn:x:a", "sveising", "did:x:kari"))
	doc := string(record(p, "did:x:kari", signed))
	begin := strings.Index(doc, `"credentialSubject":`) + len(`"credentialSubject":`)
	subject := strings.TrimSuffix(doc[begin:], "}")
	two := doc[:begin] + "[" + subject + "," + subject + "]}"
	judge := func(doc string) *verifier.Report {
		return verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: p.sign(jose.VCJWT, []byte(doc), proof.Params{})})
	}
	report := judge(two)
	if verdicts(report.Nested) != "valid, valid" || report.Nested[1].At != "/credentialSubject/1/verifiableCredential/0" {
		t.Errorf("of two: %s (%v)", verdicts(report.Nested), report.Err())
	}
	report = judge(string(record(p, "did:x:kari", strings.TrimSuffix(strings.Repeat("1,", 1001), ","))))
	if said := report.Check(verifier.CheckNested); len(report.Nested) != 1000 || report.Verdict != verifier.Valid || said.Reason != "resource_limit/credentials" || said.At != "/credentialSubject/verifiableCredential/1000" {
		t.Errorf("of too many: %d, %s %+v", len(report.Nested), report.Verdict, said)
	}
	report = judge(string(record(p, "did:x:kari", strings.TrimSuffix(strings.Repeat("1,", 1000), ","))))
	if said := report.Check(verifier.CheckNested); len(report.Nested) != 1000 || said.Reason == "resource_limit/credentials" {
		t.Errorf("of just not too many: %d, %s %+v", len(report.Nested), report.Verdict, said)
	}
}

// TestRecordIsOneGraph: with the context of CLR 2.0, what an unsigned credential
// says of a person can change places with what another one says, or the record
// itself, and the record's signature is still right. So none of these is called
// valid; signing the text, or each credential, tells them apart.
func TestRecordIsOneGraph(t *testing.T) {
	t.Parallel()
	p, school := newParty(t), newParty(t)
	const kari = "did:x:kari"
	judge := func(raw string) *verifier.Report {
		return verdictOn(t, p, trust.Pins(p.id, school.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(raw)})
	}
	a, b := stated(school, "urn:x:a", "sveising", kari), stated(p, "urn:x:b", "medisin", kari)
	awarded := func(what string) string {
		return `{"id":"https://kurs.example/` + what + `","type":["Achievement"],"name":"` + what + `","description":"d","criteria":{"narrative":"c"}}`
	}
	subject := `{"id":"` + kari + `","type":["AchievementSubject"],"achievement":` + awarded("sveising") + `}`
	own := `,"achievement":[` + awarded("medisin") + `]`
	doc := string(record(p, kari, a, b))
	withOwn := strings.Replace(string(record(p, kari, a)), `"type":["ClrSubject"]`, `"type":["ClrSubject"]`+own, 1)
	for name, c := range map[string]struct {
		doc  string
		edit []string // old and new texts, by turns
	}{
		"exchanged between two": {doc, []string{"sveising", "medisin", "medisin", "sveising"}},
		"moved to the other":    {doc, []string{`,"achievement":` + awarded("medisin"), "", awarded("sveising"), `[` + awarded("sveising") + `,` + awarded("medisin") + `]`}},
		"said twice":            {doc, []string{subject, `[` + subject + `,{"id":"` + kari + `","achievement":{"id":"https://kurs.example/medisin"},"type":"AchievementSubject"}]`}},
		"out of the record":     {withOwn, []string{own, "", subject, `[` + subject + `,{"id":"` + kari + `","type":["ClrSubject"]` + own + `}]`}},
	} {
		edit := strings.NewReplacer(c.edit...)
		for how, raw := range map[string]string{"as signed": p.rdfc(c.doc), "changed": edit.Replace(p.rdfc(c.doc))} {
			report := judge(raw)
			if report.Verdict != verifier.Undetermined || report.Reason != "unsigned_data/merged" || report.Check(verifier.CheckProof).Outcome != verifier.Pass {
				t.Errorf("%s, %s: %s %s %+v", name, how, report.Verdict, report.Reason, report.Check(verifier.CheckProof))
			}
		}
		text := string(p.sign(dataintegrity.EdDSAJCS2022, []byte(c.doc), proof.Params{}))
		if report := judge(text); report.Verdict != verifier.Valid || report.Reason != "contents_warning/unsigned" {
			t.Errorf("%s, signed as text: %s %v", name, report.Verdict, report.Err())
		}
		for how, both := range map[string][2]string{"text first": {text, p.rdfc(c.doc)}, "text last": {p.rdfc(c.doc), text}} {
			if report := judge(string(anotherProof(t, []byte(both[0]), proofOf([]byte(both[1]))))); report.Verdict != verifier.Valid || report.Reason != "contents_warning/unsigned" {
				t.Errorf("%s, signed both ways, %s: %s %v", name, how, report.Verdict, report.Err())
			}
		}
		if report := judge(edit.Replace(text)); report.Reason != reason.BadSignature {
			t.Errorf("%s, signed as text, changed: %s %s", name, report.Verdict, report.Reason)
		}
	}
	swap := strings.NewReplacer("sveising", "medisin", "medisin", "sveising")
	report := judge(swap.Replace(p.rdfc(string(record(p, kari, school.rdfc(a), p.rdfc(b))))))
	if got := verdicts(report.Nested); got != "invalid bad_signature, invalid bad_signature" || report.Reason != "contents_warning/not-valid" {
		t.Errorf("signed each, swapped: %s, %s", got, report.Reason)
	}
	// Of a record that does not hold there is nothing to move.
	report = judge(strings.Replace(p.rdfc(doc), "Vitnemål", "Vitnemaal", 1))
	if report.Reason != reason.BadSignature || remarks(report, verifier.CheckNested) == "" || strings.Contains(remarks(report, verifier.CheckNested), "merged") {
		t.Errorf("forged: %s, %s", report.Reason, remarks(report, verifier.CheckNested))
	}
}

// TestNamesOfOneIssuerDoNotMerge: two names for one issuer stand in two
// credentials, and each keeps its own.
func TestNamesOfOneIssuerDoNotMerge(t *testing.T) {
	t.Parallel()
	p, school := newParty(t), newParty(t)
	named := func(id, name string) string {
		return school.rdfc(strings.Replace(stated(school, id, id, "did:x:kari"), `"type":["Profile"]`, `"type":["Profile"],"name":"`+name+`"`, 1))
	}
	raw := p.rdfc(string(record(p, "did:x:kari", named("urn:x:a", "Kursstedet"), named("urn:x:b", "NTNU"))))
	report := verdictOn(t, p, trust.Pins(p.id, school.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(raw)})
	if verdicts(report.Nested) != "valid, valid" || report.Nested[0].Issuer.ClaimedName != "Kursstedet" || report.Nested[1].Issuer.ClaimedName != "NTNU" {
		t.Errorf("%s %v %+v", verdicts(report.Nested), report.Err(), report.Nested)
	}
}

// asked counts who is resolved.
type asked struct{ ids []string }

func (a *asked) Resolve(ctx context.Context, id string) (*did.Document, error) {
	if strings.HasPrefix(id, "did:key:") {
		return did.Key{}.Resolve(ctx, id)
	}
	a.ids = append(a.ids, id)
	return nil, reason.New("fetch_failed/network", id, "away")
}

// TestForgedRecordLooksNothingUp: a record that does not hold does not have
// the trusted parties asked that it names.
func TestForgedRecordLooksNothingUp(t *testing.T) {
	t.Parallel()
	p, school := newParty(t), newParty(t)
	school.id = "did:web:school.example"
	school.signer = webSigner{school.signer, "did:web:school.example#k"}
	endorsement := endorsementOf(school, p.id)
	nested := school.rdfc(stated(school, "urn:x:a", "sveising", "did:x:kari"))
	doc := strings.Replace(string(record(p, "did:x:kari", nested)), `"type":["Profile"]`, `"type":["Profile"],"endorsement":[`+endorsement+`]`, 1)
	good := p.rdfc(doc)
	for name, c := range map[string]struct {
		raw   string
		trust trust.Registry
		want  int
	}{
		"holds":            {good, trust.Pins(p.id, school.id), 2},
		"forged":           {strings.Replace(good, "Vitnemål", "Vitnemaal", 1), trust.Pins(p.id, school.id), 0},
		"by a stranger":    {good, trust.Pins(school.id), 0},
		"about a stranger": {good, trust.Pins(p.id), 0},
	} {
		who := &asked{}
		v := newVerifier(t, verifier.Config{Trust: c.trust, Resolver: who})
		report, _ := v.Verify(t.Context(), verifier.Request{Raw: []byte(c.raw)})
		if len(who.ids) != c.want || len(report.Nested) != 1 || len(report.Endorsements) != 1 {
			t.Errorf("%s: asked %v, want %d; %s, %s", name, who.ids, c.want, verdicts(report.Nested), verdicts(report.Endorsements))
		}
	}
}

// TestRecordsOf1EdTech judges the samples of CLR 2.0, with each issuer trusted
// and nothing fetched. The rest of the samples' keys are tied to nobody.
func TestRecordsOf1EdTech(t *testing.T) {
	t.Parallel()
	const away = "undetermined key_unavailable/controller-document"
	const unread = "invalid key_invalid/verification-method"
	for name, want := range map[string]string{
		"simple.json":                away + " (" + away + ")",
		"simple.jwt":                 "undetermined key_unavailable/controller-document (" + away + ")",
		"simple_v1.json":             away + " (" + strings.Join([]string{away, unread, unread, unread, unread, unread}, ", ") + ")",
		"complex.json":               unread + " (" + strings.Join([]string{unread, unread, unread, unread, unread, unread}, ", ") + ")",
		"simple-noproof.json":        "invalid no_proof (invalid unsigned_data/relative-type)",
		"simple_old_safesigned.json": "undetermined unsafe_context/unknown (invalid unsigned_data/relative-type)",
	} {
		v := newVerifier(t, verifier.Config{Trust: trust.AnyoneUnsafe()})
		report, _ := v.Verify(t.Context(), verifier.Request{Raw: testcorpus.Read(t, "openbadges/clr20", name)})
		if got := verdicts([]*verifier.Report{report}) + " (" + verdicts(report.Nested) + ")"; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
