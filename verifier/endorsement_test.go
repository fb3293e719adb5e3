package verifier_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// webSigner signs with another name of its key.
type webSigner struct {
	key.Signer
	id string
}

func (w webSigner) ID() string { return w.id }

// endorsing is an endorsement by p of what has the id, unsigned, with more
// members.
func endorsing(p party, id, more string) string {
	return `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"id":"urn:x:endorsement-of-` + strings.ReplaceAll(id, ":", "-") +
		`","type":["VerifiableCredential","EndorsementCredential"],"name":"Anbefaling","issuer":{"id":"` + p.id + `","type":["Profile"],"name":"NOKUT"},"validFrom":"2026-01-01T00:00:00Z",` +
		`"credentialSubject":{"id":"` + id + `","type":["EndorsementSubject"],"endorsementComment":"god"}` + more + `}`
}

func endorsementOf(p party, id string) string { return p.rdfc(endorsing(p, id, "")) }

// endorsed is a credential of p's with endorsements at places that are named
// by the JSON before which they are put.
func endorsedBadge(p party, places map[string]string) string {
	doc := stated(p, "urn:x:badge", "sveising", "did:x:kari")
	for before, members := range places {
		doc = strings.Replace(doc, before, members+`,`+before, 1)
	}
	return p.rdfc(doc)
}

const (
	atAchievement = `"name":"sveising"`
	atCredential  = `"validFrom"`
	achievementID = "https://kurs.example/sveising"
)

// TestEndorsements judges endorsements in a credential that is valid all the
// while.
func TestEndorsements(t *testing.T) {
	t.Parallel()
	p, nokut, stranger := newParty(t), newParty(t), newParty(t)
	list := func(texts ...string) string { return `"endorsement":[` + strings.Join(texts, ",") + `]` }
	good := endorsementOf(nokut, achievementID)
	jwt := func(by party, id string) string {
		return `"endorsementJwt":["` + string(by.sign(jose.VCJWT, []byte(endorsing(by, id, "")), proof.Params{})) + `"]`
	}
	achievement, err := strictjson.Parse([]byte(`{"id":"`+achievementID+`","type":["Achievement"],"name":"sveising","description":"d","criteria":{"narrative":"c"}}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	digest, err := openbadge.EndorsedDigest(achievement)
	if err != nil {
		t.Fatal(err)
	}
	related := func(digest string) string {
		return nokut.rdfc(endorsing(nokut, achievementID, `,"relatedResource":{"id":"`+achievementID+`","digestSRI":"`+digest+`"}`))
	}
	other, err := openbadge.EndorsedDigest(achievement.With("name", strictjson.String("medisin")))
	if err != nil {
		t.Fatal(err)
	}
	notOne := nokut.rdfc(strings.Replace(endorsing(nokut, achievementID, ""), `"EndorsementCredential"`, `"AchievementCredential"`, 1))
	for _, c := range []struct {
		name   string
		places map[string]string
		want   string      // verdicts of the endorsements
		what   string      // what the first is bound to
		code   reason.Code // of the check in the first
		digest bool
	}{
		{"of the achievement", map[string]string{atAchievement: list(good)}, "valid", "achievement", "", false},
		{"of the credential", map[string]string{atCredential: jwt(nokut, "urn:x:badge")}, "valid", "credential", "", false},
		{"of the credential, where it stands at the achievement", map[string]string{atAchievement: jwt(nokut, "urn:x:badge")}, "valid", "credential", "endorsement_mismatch/elsewhere", false},
		{"a token", map[string]string{atAchievement: jwt(nokut, achievementID)}, "valid", "achievement", "", false},
		{"of the issuer, where it stands at the achievement", map[string]string{atAchievement: list(endorsementOf(nokut, p.id))}, "valid", "issuer", "endorsement_mismatch/elsewhere", false},
		{"of something else", map[string]string{atAchievement: list(endorsementOf(nokut, "https://kurs.example/medisin"))}, "invalid endorsement_mismatch/target", "", "endorsement_mismatch/target", false},
		{"with the digest", map[string]string{atAchievement: list(related(digest))}, "valid", "achievement", "", true},
		{"with the digest of another text", map[string]string{atAchievement: list(related(other))}, "invalid endorsement_mismatch/digest", "achievement", "endorsement_mismatch/digest", false},
		{"by a stranger who calls himself a trusted name", map[string]string{atAchievement: list(endorsementOf(stranger, achievementID))}, "untrusted untrusted_issuer", "achievement", "", false},
		{"by a stranger in the name of a trusted one", map[string]string{atAchievement: list(stranger.rdfc(endorsing(nokut, achievementID, "")))}, "invalid issuer_mismatch", "achievement", "", false},
		{"by the issuer itself", map[string]string{atAchievement: list(endorsementOf(p, achievementID))}, "valid", "achievement", "endorsement_mismatch/self", false},
		{"changed", map[string]string{atAchievement: list(strings.Replace(good, "god", "best", 1))}, "invalid bad_signature", "achievement", "", false},
		{"unsigned", map[string]string{atAchievement: list(endorsing(nokut, achievementID, ""))}, "invalid no_proof", "achievement", "", false},
		{"ended", map[string]string{atAchievement: list(nokut.rdfc(endorsing(nokut, achievementID, `,"validUntil":"2026-02-01T00:00:00Z"`)))}, "not-in-force expired", "achievement", "", false},
		{"no endorsement", map[string]string{atAchievement: list(notOne)}, "invalid wrong_type/endorsement", "", "wrong_type/endorsement", false},
		{"two that are not valid", map[string]string{atAchievement: list(notOne), atCredential: jwt(stranger, "urn:x:badge")}, "untrusted untrusted_issuer, invalid wrong_type/endorsement", "credential", "", false},
		{"two", map[string]string{atAchievement: list(good), atCredential: jwt(stranger, "urn:x:badge")}, "untrusted untrusted_issuer, valid", "credential", "", false},
	} {
		raw := endorsedBadge(p, c.places)
		report := verdictOn(t, p, trust.Pins(p.id, nokut.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(raw)})
		if report.Verdict != verifier.Valid || verdicts(report.Endorsements) != c.want {
			t.Errorf("%s: %s (%v), endorsements %q", c.name, report.Verdict, report.Err(), verdicts(report.Endorsements))
			continue
		}
		e := report.Endorsements[0]
		check := e.Check(verifier.CheckEndorsement)
		if e.Endorses.What != c.what || check.Reason != c.code || e.Endorses.ByDigest != c.digest || check.Outcome == verifier.NotRun {
			t.Errorf("%s: %+v %+v", c.name, e.Endorses, check)
		}
		all := report.Check(verifier.CheckEndorsement)
		if allValid := strings.ReplaceAll(strings.ReplaceAll(c.want, "valid", ""), ", ", "") == ""; allValid != (all.Outcome == verifier.Pass) || !allValid && all.Outcome != verifier.Warn {
			t.Errorf("%s: %+v", c.name, all)
		}
		bad, of := 0, strings.Split(c.want, ", ")
		for _, w := range of {
			if w != "valid" {
				bad++
			}
		}
		args := []string{strconv.Itoa(len(of))}
		if bad > 0 {
			args = []string{strconv.Itoa(bad), strconv.Itoa(len(of)), strings.Fields(of[0])[0]}
		}
		if !slices.Equal(all.Args, args) {
			t.Errorf("%s: it is said %q, not %q", c.name, all.Args, args)
		}
	}
}

// TestEndorsementsOfWhat: an endorsement is of one thing that stands in the same
// credential, wherever that is, and of no text that only looks like its id.
func TestEndorsementsOfWhat(t *testing.T) {
	t.Parallel()
	p, nokut := newParty(t), newParty(t)
	list := func(text string) string { return `"endorsement":[` + text + `],` }
	signed := func(raw string) string {
		return `"` + string(nokut.sign(jose.VCJWT, []byte(raw), proof.Params{})) + `"`
	}
	of := func(id string) string { return signed(endorsing(nokut, id, "")) }
	subjects := func(text string) string {
		raw := endorsing(nokut, achievementID, "")
		return signed(raw[:strings.Index(raw, `"credentialSubject":`)] + `"credentialSubject":` + text + `}`)
	}
	const target, elsewhere = "endorsement_mismatch/target", "endorsement_mismatch/elsewhere"
	one := `{"id":"` + achievementID + `","type":["EndorsementSubject"]}`
	name := `"issuer":{"id":"` + p.id + `","type":["Profile"]},`
	maker := strings.NewReplacer(name, "", atAchievement, `"creator":{"id":"`+p.id+`","type":["Profile"]},`+atAchievement, `"validFrom"`, list(of(p.id))+`"validFrom"`)
	badge := stated(p, "urn:x:badge", "sveising", "did:x:kari")
	put := func(before, what string) string { return strings.Replace(badge, before, what+before, 1) }
	bare := strings.Replace(badge, name, `"issuer":"`+p.id+`",`, 1)
	entry := func(id, digest string) string { return `{"id":"` + id + `","digestSRI":"` + digest + `"}` }
	related := func(id, entries string) string {
		return signed(endorsing(nokut, id, `,"relatedResource":`+entries))
	}
	achievement, err := strictjson.Parse([]byte(`{"id":"`+achievementID+`","type":["Achievement"],"name":"sveising","description":"d","criteria":{"narrative":"c"}}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	digest, err := openbadge.EndorsedDigest(achievement)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, doc, what string
		code            reason.Code
		digest          bool
		resources       verifier.Outcome // what is said of digests besides
	}{
		{"the achievement, where it stands at the credential", put(`"validFrom"`, list(of(achievementID))), "achievement", elsewhere, false, 0},
		{"the subject, where it stands at the credential", put(`"validFrom"`, list(of("did:x:kari"))), "subject", elsewhere, false, 0},
		{"the issuer, who comes first as the maker", maker.Replace(badge)[:len(maker.Replace(badge))-1] + `,` + strings.TrimSuffix(name, ",") + `}`, "issuer", elsewhere, false, 0},
		{"an issuer that is no more than an id", strings.Replace(bare, `"validFrom"`, list(of(p.id))+`"validFrom"`, 1), "issuer", elsewhere, false, 0},
		{"in a list of subjects", strings.Replace(strings.Replace(put(atAchievement, list(of(achievementID))), `"credentialSubject":`, `"credentialSubject":[`, 1)+`]`, "}]", "]}", 1), "achievement", "", false, 0},
		{"at something without an id", put(`"narrative"`, list(of(achievementID))), "achievement", elsewhere, false, 0},
		{"a text that is the same as its id", put(`"validFrom"`, list(of("https://kurs.example/b"))+`"url":"https://kurs.example/b",`), "", target, false, 0},
		{"two things", put(atAchievement, list(subjects(`[`+one+`,{"id":"urn:x:badge"}]`))), "", target, false, 0},
		{"a thing, and one without an id", put(atAchievement, list(subjects(`[`+one+`,{"type":["EndorsementSubject"]}]`))), "", target, false, 0},
		{"nothing with an id", put(atAchievement, list(subjects(`{"type":["EndorsementSubject"]}`))), "", target, false, 0},

		{"by its digest", put(atAchievement, list(related(achievementID, entry(achievementID, digest)))), "achievement", "", true, 0},
		{"by its digest, beside another", put(atAchievement, list(related(achievementID, `[`+entry("urn:x:other", digest)+`,`+entry(achievementID, digest)+`]`))), "achievement", "", true, verifier.Warn},
		{"by the digest of another", put(atAchievement, list(related(achievementID, entry("urn:x:other", "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")))), "achievement", "", false, verifier.Warn},
		{"by a digest that is not known", put(atAchievement, list(related(achievementID, entry(achievementID, "md5-AAAA")))), "achievement", "endorsement_mismatch/digest", false, verifier.Warn},
		{"by the digest of an id, which has no text", strings.Replace(bare, `"validFrom"`, list(related(p.id, entry(p.id, digest)))+`"validFrom"`, 1), "issuer", elsewhere, false, verifier.Warn},
	} {
		raw := p.sign(jose.VCJWT, []byte(c.doc), proof.Params{})
		report := verdictOn(t, p, trust.Pins(p.id, nokut.id), verifier.NoStatus{}, verifier.Request{Raw: raw})
		if report.Verdict != verifier.Valid || len(report.Endorsements) != 1 {
			t.Errorf("%s: %v, endorsements %q", c.name, report.Err(), verdicts(report.Endorsements))
			continue
		}
		e := report.Endorsements[0]
		check := e.Check(verifier.CheckEndorsement)
		if e.Endorses.What != c.what || check.Reason != c.code || e.Endorses.ByDigest != c.digest || e.Check(verifier.CheckResources).Outcome != c.resources {
			t.Errorf("%s: %+v, %s, %s", c.name, e.Endorses, remarks(e, verifier.CheckEndorsement), remarks(e, verifier.CheckResources))
		}
		if valid := c.code == "" || c.code == elsewhere; valid != (e.Verdict == verifier.Valid) {
			t.Errorf("%s: %s %v", c.name, e.Verdict, e.Err())
		}
	}
	report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: p.sign(jose.VCJWT, []byte(put(atAchievement, `"endorsement":[],`)), proof.Params{})})
	if said := remarks(report, verifier.CheckEndorsement); said != "" || report.Verdict != verifier.Valid {
		t.Errorf("of none it is said: %s (%v)", said, report.Err())
	}
}

// TestUnreadInside: what stands where a credential should and is none is said
// to be that, and nothing is fetched in its place.
func TestUnreadInside(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	badge := stated(p, "urn:x:badge", "sveising", "did:x:kari")
	for what, want := range map[string]reason.Code{
		`7`: reason.MalformedModel, `[]`: reason.MalformedModel, `"https://kurs.example/e"`: "remote_fetch_blocked/inner", `""`: "no_credential/empty",
		`{"id":"https://kurs.example/e"}`: "wrong_type/not-a-credential",
	} {
		raw := p.sign(jose.VCJWT, []byte(strings.Replace(badge, atAchievement, `"endorsement":[`+what+`],`+atAchievement, 1)), proof.Params{})
		report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: raw})
		if len(report.Endorsements) != 1 || report.Endorsements[0].Reason != want || report.Endorsements[0].At == "" || report.Verdict != verifier.Valid {
			t.Errorf("%s: %s, want %s (%v)", what, verdicts(report.Endorsements), want, report.Err())
		}
	}
}

// TestEndorsementsAddNothing: however many endorse it, a credential of a
// stranger stays a stranger's.
func TestEndorsementsAddNothing(t *testing.T) {
	t.Parallel()
	p, nokut := newParty(t), newParty(t)
	raw := endorsedBadge(p, map[string]string{atAchievement: `"endorsement":[` + endorsementOf(nokut, achievementID) + `]`})
	report := verdictOn(t, p, trust.Pins(nokut.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(raw)})
	if report.Verdict != verifier.Untrusted || verdicts(report.Endorsements) != "valid" {
		t.Errorf("%s, %s", report.Verdict, verdicts(report.Endorsements))
	}
}

// TestManyEndorsements: a few are judged, the rest is counted, and an
// endorsement's own endorsements are not followed.
func TestManyEndorsements(t *testing.T) {
	t.Parallel()
	p, nokut := newParty(t), newParty(t)
	good := endorsementOf(nokut, achievementID)
	inner := endorsing(nokut, achievementID, `,"endorsement":[`+good+`]`)
	self := nokut.rdfc(strings.Replace(inner, "urn:x:endorsement-of", "urn:x:outer-endorsement-of", 1))
	raw := endorsedBadge(p, map[string]string{atAchievement: `"endorsement":[` + self + `]`})
	report := verdictOn(t, p, trust.Pins(p.id, nokut.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(raw)})
	if verdicts(report.Endorsements) != "valid" || len(report.Endorsements[0].Endorsements) != 0 {
		t.Errorf("%s %v", verdicts(report.Endorsements), report.Err())
	}
	found := false
	for _, c := range report.Endorsements[0].Checks {
		found = found || c.ID == verifier.CheckEndorsement && c.Outcome == verifier.NotRun
	}
	if !found {
		t.Errorf("nothing says that the endorsement of an endorsement was not followed: %+v", report.Endorsements[0].Checks)
	}

	many := make([]string, 10000)
	for i := range many {
		many[i] = fmt.Sprintf(`{"id":"urn:x:%d"}`, i)
	}
	doc := strings.Replace(stated(p, "urn:x:badge", "sveising", "did:x:kari"), atAchievement, `"endorsement":[`+strings.Join(many, ",")+`],`+atAchievement, 1)
	begun := time.Now()
	token := p.sign(jose.VCJWT, []byte(doc), proof.Params{})
	report = verdictOn(t, p, trust.Pins(p.id, nokut.id), verifier.NoStatus{}, verifier.Request{Raw: token})
	if len(report.Endorsements) != 32 || report.Verdict != verifier.Valid || report.Check(verifier.CheckEndorsement).Reason != "resource_limit/endorsements" {
		t.Errorf("%d endorsements, %s %v", len(report.Endorsements), report.Verdict, report.Err())
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// TestEndorsementsBeside gives endorsements that do not stand in what they are
// of: with the verdict they have nothing to do, and each is bound to what it names.
func TestEndorsementsBeside(t *testing.T) {
	t.Parallel()
	p, nokut := newParty(t), newParty(t)
	badge := stated(p, "urn:x:badge", "sveising", "did:x:kari")
	signed := p.rdfc(badge)
	document, err := strictjson.Parse([]byte(signed), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	digest, err := openbadge.EndorsedDigest(document)
	if err != nil {
		t.Fatal(err)
	}
	whole := nokut.rdfc(endorsing(nokut, "urn:x:badge", `,"relatedResource":{"id":"urn:x:badge","digestSRI":"`+digest+`"}`))
	token := string(nokut.sign(jose.VCJWT, []byte(endorsing(nokut, achievementID, "")), proof.Params{}))
	for name, c := range map[string]struct {
		beside string
		want   string
		what   string
		digest bool
	}{
		"of the credential": {whole, "valid", "credential", true},
		"a token":           {token, "valid", "achievement", false},
		"of something else": {endorsementOf(nokut, "urn:x:other"), "invalid endorsement_mismatch/target", "", false},
		"changed":           {strings.Replace(whole, "god", "best", 1), "invalid bad_signature", "credential", true},
		"nothing to read":   {"\xff{", "unreadable malformed/json", "", false},
	} {
		report := verdictOn(t, p, trust.Pins(p.id, nokut.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(signed), Endorsements: [][]byte{[]byte(c.beside)}})
		if report.Verdict != verifier.Valid || verdicts(report.Endorsements) != c.want {
			t.Errorf("%s: %s (%v), endorsements %q, want %q", name, report.Verdict, report.Err(), verdicts(report.Endorsements), c.want)
			continue
		}
		e := report.Endorsements[0].Endorses
		if c.what == "" && (e == nil || e.What == "") {
			continue
		}
		if e == nil || e.What != c.what || e.ByDigest != c.digest {
			t.Errorf("%s: it is bound to %+v, want %s, by digest %v", name, e, c.what, c.digest)
		}
	}
	other := p.rdfc(strings.Replace(badge, "sveising", "lodding", 1))
	report := verdictOn(t, p, trust.Pins(p.id, nokut.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(other), Endorsements: [][]byte{[]byte(whole)}})
	if got := verdicts(report.Endorsements); got != "invalid endorsement_mismatch/digest" {
		t.Errorf("of another text under the same id: %q", got)
	}
}
