package profile_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// change1 is a change to a sound document and what is found then, each as
// "severity rule code place".
type change1 struct {
	at, to string // JSON pointer and JSON text, empty to take out
	want   []string
}

const (
	model = " malformed/data-model "
	times = " malformed/time "
	cased = " malformed/member-case "
)

func lines(findings []profile.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s %s %s %s", f.Severity, f.Rule, f.Code, f.At))
	}
	return out
}

// golden checks each change, and that between them they break every rule.
func golden(t *testing.T, doc any, changes []change1, sets ...profile.RuleSet) {
	t.Helper()
	if got := lines(profile.Check(value(t, doc), sets...)); got != nil {
		t.Fatalf("the sound document: %q", got)
	}
	broken := map[string]bool{}
	for _, c := range changes {
		findings := profile.Check(value(t, with(t, doc, c.at, c.to)), sets...)
		got := lines(findings)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %s:\n got %q\nwant %q", c.at, c.to, got, c.want)
		}
		for _, f := range findings {
			broken[f.Rule] = true
			if f.Message == "" || f.Next == "" || strings.HasPrefix(f.Message, " ") {
				t.Errorf("%s %s: message %q, next %q", c.at, c.to, f.Message, f.Next)
			}
		}
		err := profile.Err(findings)
		if refused := slices.ContainsFunc(c.want, func(s string) bool { return strings.HasPrefix(s, "error") }); refused != (err != nil) {
			t.Errorf("%s %s: %v", c.at, c.to, err)
		}
		if err != nil && (reason.CodeOf(err) != findings[0].Code || reason.AtOf(err) != findings[0].At) {
			t.Errorf("%s %s: %v is not the first finding", c.at, c.to, err)
		}
	}
	var missed []string
	for _, set := range sets {
		for _, id := range profile.RuleIDs(set) {
			if !broken[id] {
				missed = append(missed, id)
			}
		}
	}
	if len(missed) > 0 {
		t.Errorf("no change breaks %q", missed)
	}
}

func TestBadge(t *testing.T) {
	t.Parallel()
	const a = "/credentialSubject/achievement"
	big := `{"id":"data:image/png;base64,` + strings.Repeat("A", 300<<10) + `","type":"Image"}`
	golden(t, document(t, "badge.json"), []change1{
		// The data model.
		{"/@context", ``, []string{"error vcdm/context" + model + "/@context", "error ob3/context" + model + "/@context"}},
		{"/@context/0", `"https://www.w3.org/2018/credentials/v1"`, []string{"error vcdm/context" + model + "/@context"}},
		{"/@context/0", `"https://www.w3.org/ns/credentials/v2/"`, []string{"error vcdm/context" + model + "/@context"}},
		{"/@context/1", `7`, []string{"error vcdm/context" + model + "/@context", "error ob3/context" + model + "/@context"}},
		{"/@context/1", `"https://example.org/context.json"`, []string{"error ob3/context" + model + "/@context"}},
		{"/@context/1", `"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json.evil.example"`, []string{"error ob3/context" + model + "/@context"}},
		{"/@context", `"https://www.w3.org/ns/credentials/v2"`, []string{"error ob3/context" + model + "/@context"}},
		{"/type", ``, []string{"error vcdm/type" + model + "/type", "error ob3/type" + model + "/type"}},
		{"/type", `["OpenBadgeCredential"]`, []string{"error vcdm/type" + model + "/type"}},
		{"/type", `["VerifiableCredential", 1]`, []string{"error vcdm/type" + model + "/type", "error ob3/type" + model + "/type"}},
		{"/type", `[]`, []string{"error vcdm/type" + model + "/type", "error ob3/type" + model + "/type"}},
		{"/id", ``, []string{"error ob3/id" + model + "/id"}},
		{"/id", `"no url"`, []string{"error vcdm/id" + model + "/id", "error ob3/id" + model + "/id"}},
		{"/id", `["urn:x:1"]`, []string{"error vcdm/id" + model + "/id", "error ob3/id" + model + "/id"}},
		{"/id", `null`, []string{"error vcdm/id" + model + "/id", "error ob3/id" + model + "/id"}},
		{"/issuer", ``, []string{"error vcdm/issuer" + model + "/issuer", "hint ob3/issuer-name" + model + "/issuer"}},
		{"/issuer", `"did:web:kurs.example"`, []string{"hint ob3/issuer-name" + model + "/issuer"}},
		{"/issuer", `["did:web:kurs.example"]`, []string{"error vcdm/issuer" + model + "/issuer", "hint ob3/issuer-name" + model + "/issuer"}},
		{"/issuer/id", ``, []string{"error vcdm/issuer" + model + "/issuer"}},
		{"/issuer/id", `"kurs"`, []string{"error vcdm/issuer" + model + "/issuer"}},
		{"/issuer/name", ``, []string{"hint ob3/issuer-name" + model + "/issuer"}},
		{"/issuer/type", `"Issuer"`, []string{"error ob3/issuer-type" + model + "/issuer"}},
		{"/issuer/ID", `"did:web:other.example"`, []string{"error vcdm/issuer-case" + cased + "/issuer"}},
		{"/Issuer", `"did:web:other.example"`, []string{"error vcdm/case" + cased}},
		{"/name", `7`, []string{"error vcdm/name" + model + "/name"}},
		{"/name", `{"@value": "Machine learning", "@language": "en"}`, nil},
		{"/name", `[{"@value": "A", "@language": "en"}, {"@value": "B", "@language": "nb"}]`, nil},
		{"/name", `{"@value": "A", "@language": "ar", "@direction": "rtl"}`, nil},
		{"/name", `{"@value": "A", "@direction": "up"}`, []string{"error vcdm/name" + model + "/name"}},
		{"/name", `{"@value": "A", "url": "https://example.org/"}`, []string{"error vcdm/name" + model + "/name"}},
		{"/name", `{"@value": "A", "@language": ["en"]}`, []string{"error vcdm/name" + model + "/name"}},
		{"/issuer/description", `{"@value": "A", "id": "urn:x"}`, []string{"error vcdm2/issuer-description" + model + "/issuer/description", "error ob3/text" + model + "/issuer/description"}},
		{"/description", `[]`, []string{"error vcdm/description" + model + "/description"}},
		{"/validFrom", ``, []string{"error ob3/valid-from" + model}},
		{"/validFrom", `"2026-01-31"`, []string{"error vcdm2/valid-from" + times + "/validFrom"}},
		{"/validFrom", `"2026-01-31T12:00:00"`, []string{"error vcdm2/valid-from" + times + "/validFrom"}},
		{"/validFrom", `"2026-02-30T12:00:00Z"`, []string{"error vcdm2/valid-from" + times + "/validFrom"}},
		{"/validFrom", `1769860800`, []string{"error vcdm2/valid-from" + times + "/validFrom"}},
		{"/validUntil", `"2026-01-31T11:59:59Z"`, []string{"error vcdm2/valid-until" + times + "/validUntil"}},
		{"/validUntil", `null`, []string{"error vcdm2/valid-until" + times + "/validUntil"}},
		{"/issuanceDate", `"2026-01-31T12:00:00Z"`, []string{"error vcdm2/old-dates" + model}},
		{"/expirationDate", `"2040-01-31T12:00:00Z"`, []string{"error vcdm2/old-dates" + model}},
		{"/awardedDate", `"yesterday"`, []string{"error ob3/awarded-date" + model + "/awardedDate"}},
		{"/credentialSubject", ``, []string{"error vcdm/subject" + model + "/credentialSubject", "error ob3/subject" + model + "/credentialSubject"}},
		{"/credentialSubject", `{}`, []string{
			"error vcdm/subject-claims" + model + "/credentialSubject", "error ob3/subject" + model + "/credentialSubject",
			"error ob3/achievement" + model + a, "error ob3/subject-type" + model + "/credentialSubject/type", "warning ob3/recipient" + model + "/credentialSubject"}},
		{"/credentialSubject", `"did:key:z6Mk"`, []string{
			"error vcdm/subject-claims" + model + "/credentialSubject", "error ob3/subject" + model + "/credentialSubject"}},
		{"/credentialSubject/id", `7`, []string{"error vcdm/subject-id" + model + "/credentialSubject/id"}},
		{"/credentialSubject/Id", `"did:web:other.example"`, []string{"error vcdm/subject-case" + cased + "/credentialSubject"}},
		{"/credentialStatus", `"https://kurs.example/status"`, []string{"error vcdm/credentialStatus" + model + "/credentialStatus"}},
		{"/credentialStatus/type", ``, []string{"error vcdm/credentialStatus-type" + model + "/credentialStatus/type"}},
		{"/credentialStatus/id", `"x"`, []string{"error vcdm/credentialStatus-id" + model + "/credentialStatus/id"}},
		{"/credentialSchema", `[1]`, []string{"error vcdm/credentialSchema" + model + "/credentialSchema/0"}},
		{"/credentialSchema/0/type", ``, []string{"error vcdm/credentialSchema-type" + model + "/credentialSchema/0/type"}},
		{"/credentialSchema/0/id", ``, []string{"error vcdm/credentialSchema-id" + model + "/credentialSchema/0/id"}},
		{"/refreshService", `[{"type": "A"}, 2]`, []string{"error vcdm/refreshService" + model + "/refreshService/1"}},
		{"/refreshService", `{"id": "urn:x:1"}`, []string{"error vcdm/refreshService-type" + model + "/refreshService/type"}},
		{"/refreshService", `{"type": "A", "id": 1}`, []string{"error vcdm/refreshService-id" + model + "/refreshService/id"}},
		{"/termsOfUse", `true`, []string{"error vcdm/termsOfUse" + model + "/termsOfUse"}},
		{"/termsOfUse", `{"id": "urn:x:1"}`, []string{"error vcdm/termsOfUse-type" + model + "/termsOfUse/type"}},
		{"/termsOfUse", `{"type": "A", "id": ""}`, []string{"error vcdm/termsOfUse-id" + model + "/termsOfUse/id"}},
		{"/evidence/0", `"x"`, []string{"error vcdm/evidence" + model + "/evidence/0"}},
		{"/evidence/0/type", ``, []string{"error vcdm/evidence-type" + model + "/evidence/0/type", "error ob3/evidence-type" + model + "/evidence/0/type"}},
		{"/evidence/0/id", `"x"`, []string{"error vcdm/evidence-id" + model + "/evidence/0/id"}},
		{"/relatedResource", `[{"id": "urn:x:1"}]`, []string{"error vcdm2/related-resource" + model + "/relatedResource/0"}},
		{"/relatedResource", `[{"id": "urn:x:1", "digestSRI": "md5-x"}]`, []string{"error vcdm2/related-resource" + model + "/relatedResource/0"}},
		{"/relatedResource", `{"digestSRI": "sha256-x"}`, []string{"error vcdm2/related-resource" + model + "/relatedResource"}},
		{"/relatedResource", `[{"id": "urn:x:1", "digestSRI": 7}]`, []string{"error vcdm2/related-resource" + model + "/relatedResource/0"}},
		{"/relatedResource", `[{"id": "urn:x:1", "digestSRI": "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"}]`, nil},
		{"/relatedResource", `{"id": "urn:x:1", "digestSRI": "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg sha256-JKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k=?x"}`, nil},
		{"/relatedResource", `[{"id": "urn:x:1", "digestSRI": "sha256-x"}]`, []string{"error vcdm2/related-resource" + model + "/relatedResource/0"}},
		{"/relatedResource", `[{"id": "urn:x:1", "digestSRI": "sha256-JKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"}]`, []string{"error vcdm2/related-resource" + model + "/relatedResource/0"}},
		{"/relatedResource", `[{"id": "urn:x:1", "digestSRI": "sha512-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"}]`, []string{"error vcdm2/related-resource" + model + "/relatedResource/0"}},
		{"/relatedResource", `[{"id": "urn:x:1", "digestSRI": "sha256-JKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k="}, {"id": "urn:x:1", "digestMultibase": "u"}]`, []string{"error vcdm2/related-resource-id" + model + "/relatedResource"}},

		// Open Badges.
		{"/type/1", ``, []string{"error ob3/type" + model + "/type"}},
		{"/issuer/name", `["Kursstedet"]`, []string{"error vcdm2/issuer-name" + model + "/issuer/name", "error ob3/issuer-text" + model + "/issuer/name"}},
		{"/issuer/url", `7`, []string{"error ob3/issuer-url" + model + "/issuer/url"}},
		{"/issuer/email", `false`, []string{"error ob3/text" + model + "/issuer/email"}},
		{"/credentialSubject/activityStartDate", `"2026"`, []string{"error ob3/activity-start" + model + "/credentialSubject/activityStartDate"}},
		{"/credentialSubject/activityEndDate", `null`, []string{"error ob3/activity-end" + model + "/credentialSubject/activityEndDate"}},
		{"/credentialSubject/result/0/value", `5`, []string{"error ob3/text" + model + "/credentialSubject/result/0/value"}},
		{"/credentialSubject/identifier/0", `"kari"`, []string{"error ob3/identifier" + model + "/credentialSubject/identifier/0"}},
		{a + "/tag", `["a", 1]`, []string{"error ob3/text" + model + a + "/tag/1"}},
		{a + "/resultDescription/0/allowedValue/2", `1`, []string{"error ob3/text" + model + a + "/resultDescription/0/allowedValue/2"}},
		{"/proof", `[{"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdf-2022"}]`, []string{"warning ob3/cryptosuite" + model + "/proof/0/cryptosuite"}},
		{"/image/type", `"image"`, []string{"error ob3/image" + model + "/image"}},
		{"/image/caption", `{}`, []string{"error ob3/image" + model + "/image"}},
		{"/credentialSubject/type", `"Person"`, []string{"error ob3/subject-type" + model + "/credentialSubject/type"}},
		{"/credentialSubject/achievement", ``, []string{"error ob3/achievement" + model + a, "warning ob3/result-link" + model + "/credentialSubject/result/0"}},
		{a + "/id", ``, []string{"error ob3/achievement-id" + model + a + "/id"}},
		{a + "/type", `"Course"`, []string{"error ob3/achievement-type" + model + a + "/type"}},
		{a + "/name", ``, []string{"error ob3/achievement-name" + model + a + "/name"}},
		{a + "/description", ``, []string{"error ob3/achievement-description" + model + a + "/description"}},
		{a + "/criteria", ``, []string{"error ob3/achievement-criteria" + model + a + "/criteria"}},
		{a + "/criteria", `[{"narrative": "x"}]`, []string{"error ob3/achievement-criteria" + model + a + "/criteria"}},
		{a + "/criteria", `{"narrative": 7}`, []string{"error ob3/achievement-criteria" + model + a + "/criteria"}},
		{a + "/criteria", `{}`, []string{"warning ob3/criteria-content" + model + a + "/criteria"}},
		{a + "/achievementType", `"Kurs"`, []string{"error ob3/achievement-kind" + model + a + "/achievementType"}},
		{a + "/achievementType", `"ext:Kurs"`, nil},
		{a + "/creditsAvailable", `"7.5"`, []string{"error ob3/credits-available" + model + a + "/creditsAvailable"}},
		{a + "/creditsAvailable", `-1`, []string{"error ob3/credits-available" + model + a + "/creditsAvailable"}},
		{a + "/alignment/0", `7`, []string{"error ob3/alignment" + model + a + "/alignment/0"}},
		{a + "/alignment/0/type", ``, []string{"error ob3/alignment-type" + model + a + "/alignment/0/type"}},
		{a + "/alignment/0/targetName", ``, []string{"error ob3/alignment-name" + model + a + "/alignment/0/targetName"}},
		{a + "/alignment/0/targetUrl", `"x"`, []string{"error ob3/alignment-url" + model + a + "/alignment/0/targetUrl"}},
		{a + "/alignment/0/targetType", `"Skill"`, []string{"error ob3/alignment-kind" + model + a + "/alignment/0/targetType"}},
		{a + "/resultDescription/0", `[]`, []string{"error ob3/result-description" + model + a + "/resultDescription/0", "warning ob3/result-link" + model + "/credentialSubject/result/0"}},
		{a + "/resultDescription/0/id", ``, []string{"error ob3/result-description-id" + model + a + "/resultDescription/0/id", "warning ob3/result-link" + model + "/credentialSubject/result/0"}},
		{a + "/resultDescription/0/type", `""`, []string{"error ob3/result-description-type" + model + a + "/resultDescription/0/type"}},
		{a + "/resultDescription/0/name", ``, []string{"error ob3/result-description-name" + model + a + "/resultDescription/0/name"}},
		{a + "/resultDescription/0/resultType", `"Grade"`, []string{"error ob3/result-description-kind" + model + a + "/resultDescription/0/resultType"}},
		{"/credentialSubject/creditsEarned", `[7.5]`, []string{"error ob3/credits-earned" + model + "/credentialSubject/creditsEarned"}},
		{"/credentialSubject/result/0", `"B"`, []string{"error ob3/result" + model + "/credentialSubject/result/0"}},
		{"/credentialSubject/result/0/type", ``, []string{"error ob3/result-type" + model + "/credentialSubject/result/0/type"}},
		{"/credentialSubject/result/0/status", `"ext:Passed"`, []string{"error ob3/result-status" + model + "/credentialSubject/result/0/status"}},
		{"/credentialSubject/result/0/resultDescription", `"urn:x:other"`, []string{"warning ob3/result-link" + model + "/credentialSubject/result/0"}},
		{"/credentialSubject/identifier/0/type", ``, []string{"error ob3/identifier-type" + model + "/credentialSubject/identifier/0/type"}},
		{"/credentialSubject/identifier/0/hashed", `"false"`, []string{"error ob3/identifier-hashed" + model + "/credentialSubject/identifier/0/hashed"}},
		{"/credentialSubject/identifier/0/identityHash", ``, []string{"error ob3/identifier-hash" + model + "/credentialSubject/identifier/0/identityHash"}},
		{"/credentialSubject/identifier/0/identityType", `"email"`, []string{"error ob3/identifier-kind" + model + "/credentialSubject/identifier/0/identityType"}},
		{"/image", `{"type": "Image"}`, []string{"error ob3/image" + model + "/image"}},
		{"/image", `[]`, []string{"error ob3/image" + model + "/image"}},
		{"/image", big, []string{"warning ob3/image-size" + model + "/image/id"}},
		{"/issuer/image", `7`, []string{"error ob3/image" + model + "/issuer/image"}},
		{a + "/image/id", `""`, []string{"error ob3/image" + model + a + "/image"}},
		{"/credentialSubject/image", `{}`, []string{"error ob3/image" + model + "/credentialSubject/image"}},
	}, profile.VCDM20(), profile.OpenBadges30())
}

// TestEachSubject: where a credential has several subjects, each is looked at.
func TestEachSubject(t *testing.T) {
	t.Parallel()
	doc := with(t, document(t, "badge.json"), "/credentialSubject", `[{"id": "urn:x:1"}, {"ID": "urn:x:2"}, {}, {"id": ["urn:x:3"]}]`)
	want := []string{"error vcdm/subject-case" + cased + "/credentialSubject/1", "error vcdm/subject-claims" + model + "/credentialSubject/2", "error vcdm/subject-id" + model + "/credentialSubject/3/id"}
	if got := lines(profile.Check(value(t, doc), profile.VCDM20())); !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
}

func TestDataModel11(t *testing.T) {
	t.Parallel()
	doc := document(t, "badge.json")
	for _, c := range [][2]string{
		{"/@context/0", `"https://www.w3.org/2018/credentials/v1"`}, {"/issuanceDate", `"2026-01-31T12:00:00Z"`},
		{"/expirationDate", `"2031-01-31T12:00:00Z"`},
	} {
		doc = with(t, doc, c[0], c[1])
	}
	sets := []profile.RuleSet{profile.VCDM11()}
	if got := lines(profile.Check(value(t, doc), sets...)); got != nil {
		t.Fatalf("the sound document: %q", got)
	}
	for _, c := range []change1{
		{"/@context/0", `"https://www.w3.org/ns/credentials/v2"`, []string{"error vcdm/context" + model + "/@context"}},
		{"/issuanceDate", ``, nil}, // validFrom is there
		{"/issuanceDate", `"2026-01-31"`, []string{"error vcdm1/issuance-date" + times + "/issuanceDate"}},
		{"/expirationDate", `"2026-01-31"`, []string{"error vcdm1/expiration-date" + times + "/expirationDate"}},
		{"/expirationDate", `"2025-01-31T12:00:00Z"`, []string{"error vcdm1/expiration-date" + times + "/expirationDate"}},
		{"/validFrom", `7`, []string{"error vcdm1/valid-from" + times + "/validFrom"}},
		{"/validUntil", `7`, []string{"error vcdm1/valid-until" + times + "/validUntil"}},
		{"/validFrom", ``, nil},
	} {
		if got := lines(profile.Check(value(t, with(t, doc, c.at, c.to)), sets...)); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %q, not %q", c.at, c.to, got, c.want)
		}
	}
	dateless := with(t, with(t, doc, "/issuanceDate", ``), "/validFrom", ``)
	if got := lines(profile.Check(value(t, dateless), sets...)); !slices.Equal(got, []string{"error vcdm1/issuance-date" + times + "/issuanceDate"}) {
		t.Errorf("%q", got)
	}
}

func TestPresentation(t *testing.T) {
	t.Parallel()
	doc := with(t, map[string]any{}, "", `{"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"], "id": "urn:x:1", "holder": "did:key:z6Mk"}`)
	golden(t, doc, []change1{
		{"/@context", ``, []string{"error vp/context" + model + "/@context"}},
		{"/@context/0", `"https://www.w3.org/2018/credentials/v1"`, nil},
		{"/type", `"VerifiableCredential"`, []string{"error vp/type" + model + "/type"}},
		{"/holder", `["did:key:z6Mk"]`, []string{"error vp/holder" + model + "/holder"}},
		{"/holder", `{"name": "Kari"}`, []string{"error vp/holder" + model + "/holder"}},
		{"/holder", `{"id": "did:key:z6Mk"}`, nil},
		{"/id", `7`, []string{"error vp/id" + model + "/id"}},
		{"/VerifiableCredential", `[]`, []string{"error vp/case" + cased}},
	}, profile.Presentation())
}

func TestFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"]}`:                         {"vcdm-2.0"},
		`{"@context":["https://www.w3.org/2018/credentials/v1"],"type":["VerifiableCredential"]}`:                       {"vcdm-1.1"},
		`{"@context":["https://www.w3.org/2018/credentials/v1"],"type":["VerifiableCredential","OpenBadgeCredential"]}`: {"vcdm-1.1", "open-badges-3.0"},
		`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","AchievementCredential"]}`: {"vcdm-2.0", "open-badges-3.0"},
		`{"type":"VerifiableCredential"}`: {"vcdm-2.0"}, // the strictest, when it says nothing
		`{"@context":["https://example.org/","https://www.w3.org/2018/credentials/v1"],"type":["VerifiableCredential"]}`:     {"vcdm-2.0"},
		`{"@context":"https://www.w3.org/2018/credentials/v1","type":["VerifiableCredential","EndorsementCredential","Ob"]}`: {"vcdm-1.1", "open-badges-3.0-endorsement"},
		`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","ClrCredential"]}`:              {"vcdm-2.0", "clr-2.0"},
	} {
		c, err := credential.Parse([]byte(text), credential.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, set := range profile.For(c) {
			got = append(got, set.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func TestErr(t *testing.T) {
	t.Parallel()
	if err := profile.Err(nil); err != nil {
		t.Error(err)
	}
	mild := []profile.Finding{{Severity: profile.Warning, Code: reason.MalformedModel}, {Severity: profile.Hint, Code: reason.MalformedModel}}
	if err := profile.Err(mild); err != nil {
		t.Error(err)
	}
	err := profile.Err(append(mild, profile.Finding{Code: reason.MalformedTime, At: "/validFrom", Message: "100% wrong"}))
	if !errors.Is(err, &reason.Error{Code: reason.MalformedTime}) || reason.AtOf(err) != "/validFrom" || err.Error() != "/validFrom: 100% wrong" {
		t.Error(err)
	}
	var refused *profile.Refusal
	if !errors.As(err, &refused) || refused.Finding.At != "/validFrom" {
		t.Errorf("%v does not tell the finding", err)
	}
	if profile.Error.String() != "error" || profile.Warning.String() != "warning" || profile.Hint.String() != "hint" {
		t.Error("names of severities")
	}
}

// TestManyFindings: a document that is wrong everywhere costs no more than
// a thousand findings, and is an error still.
func TestManyFindings(t *testing.T) {
	t.Parallel()
	items := strings.Repeat("1,", 50_000) + "1"
	v, err := strictjson.Parse([]byte(`{"credentialSubject":[`+items+`]}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	found := profile.Check(v, profile.VCDM20(), profile.OpenBadges30())
	if len(found) != 1000 || profile.Err(found) == nil {
		t.Error(len(found))
	}
}

// TestRuleNames: lint shows them and people look them up.
func TestRuleNames(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, set := range []profile.RuleSet{profile.VCDM20(), profile.OpenBadges30(), profile.Endorsement30(), profile.LearnerRecord20(), profile.Presentation()} {
		for _, id := range profile.RuleIDs(set) {
			seen[id]++
		}
	}
	for _, id := range []string{"ob3/image", "ob3/image-size", "ob3/text"} {
		delete(seen, id) // one rule for several places
	}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		if seen[id] != 1 {
			t.Errorf("%s is the name of %d rules", id, seen[id])
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:web:a","credentialSubject":{"id":"urn:x:1"}}`,
		`{"credentialSubject":[{"achievement":{"criteria":[],"alignment":[1]}},null],"issuer":{"id":[]},"relatedResource":[{}]}`,
		`{"~/":1,"TYPE":2,"type":{"type":[]},"evidence":[[[]]]}`, `[]`, `null`, `"x"`, `7`,
	} {
		f.Add([]byte(s))
	}
	standards := profile.NewStandards()
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := strictjson.Parse(raw, strictjson.Limits{})
		if err != nil {
			return
		}
		if c, err := credential.New(v, raw); err == nil {
			for _, p := range profile.Names() {
				for _, finding := range standards.Lint(c, p) {
					if finding.Message == "" || finding.Next == "" || finding.Said.String() != finding.Message || finding.Severity != profile.Error && finding.Refused != 0 {
						t.Errorf("%+v", finding)
					}
				}
			}
		}
		for _, finding := range profile.CheckWallet(v, nil) {
			if finding.Code.Coarse() != "malformed" || finding.Message == "" {
				t.Errorf("%+v", finding)
			}
		}
		for _, sets := range [][]profile.RuleSet{{profile.VCDM20(), profile.OpenBadges30()}, {profile.VCDM11()}, {profile.Presentation()}, {profile.Endorsement30(), profile.LearnerRecord20()}} {
			found := profile.Check(v, sets...)
			if v.Kind() != strictjson.KindObject && profile.Err(found) == nil {
				t.Errorf("a %s is a sound document", v.Kind())
			}
			for _, finding := range found {
				if finding.Code.Coarse() != "malformed" || finding.Message == "" {
					t.Errorf("%+v", finding)
				}
				// What is there, or the place of what is missing.
				if parent := finding.At[:max(0, strings.LastIndex(finding.At, "/"))]; finding.At != "" && v.Lookup(parent) == nil {
					t.Errorf("%s is nowhere", finding.At)
				}
			}
		}
	})
}
