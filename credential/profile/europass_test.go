package profile_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

// europassAll tells everything that a European micro-credential can.
const europassAll = `{"@context":["https://www.w3.org/2018/credentials/v1","http://data.europa.eu/snb/model/context/edc-ap"],"id":"urn:x:1",
"type":["VerifiableCredential","EuropeanDigitalCredential"],"issuer":{"id":"urn:epass:org:1","type":"Organisation","legalName":{"nb":"Kursstedet"},
"location":{"address":{"countryCode":{"id":"http://publications.europa.eu/resource/authority/country/NOR"}}}},"validFrom":"2026-01-01T00:00:00Z","issuanceDate":"2026-01-01T00:00:00Z",
"credentialSubject":{"id":"urn:epass:person:1","type":"Person","fullName":{"nb":"Kari"},"hasClaim":[{"id":"urn:epass:learningActivity:1","type":"LearningActivity"},
{"id":"urn:epass:learningAchievement:1","type":"LearningAchievement","title":{"nb":"Sveising"},"isPartOf":{"id":"urn:x:2"},
"awardedBy":{"awardingBody":{"id":"urn:epass:org:1","legalName":{"nb":"Kursstedet"},"accreditation":{"id":"urn:x:3"}},"awardingDate":"2026-01-01T00:00:00Z"},
"provenBy":{"type":"LearningAssessment","grade":{"noteLiteral":{"nb":"A"}},"idVerification":{"id":"urn:x:4"}},
"specifiedBy":{"id":"urn:x:5","learningOutcome":{"title":{"nb":"x"}},"creditPoint":{"point":"5","framework":{"id":"urn:x:6"}},"eqfLevel":{"id":"urn:x:7"},"mode":{"id":"urn:x:8"}}}]}}`

// TestLintMicrocredentialEuropass: the same is missed in a European Digital
// Credential as in a badge, at the places of its own model.
func TestLintMicrocredentialEuropass(t *testing.T) {
	t.Parallel()
	var doc any
	if err := json.Unmarshal([]byte(europassAll), &doc); err != nil {
		t.Fatal(err)
	}
	if got := found(lintOf(t, profile.Microcredential, doc)); got != nil {
		t.Fatalf("one that tells all: %q", got)
	}
	const claim = "/credentialSubject/hasClaim/1"
	for _, c := range []struct{ at, to, want string }{
		{"/credentialSubject/fullName", ``, "error micro/learner /credentialSubject"},
		{claim + "/title", `{"nb":" "}`, "error micro/title " + claim + "/title"},
		{"/issuer/location/address/countryCode", `{"id":"http://publications.europa.eu/resource/authority/country/OP_DATPRO"}`, "error micro/country /issuer/location"},
		{claim + "/specifiedBy/learningOutcome", ``, "error micro/learning-outcomes " + claim + "/specifiedBy/learningOutcome"},
		{claim + "/specifiedBy/creditPoint", ``, "error micro/workload " + claim + "/specifiedBy/volumeOfLearning"},
		{claim + "/specifiedBy/creditPoint/framework", ``, "warning micro/credit-unit " + claim + "/specifiedBy/creditPoint"},
		{claim + "/specifiedBy/eqfLevel", ``, "warning micro/level " + claim + "/specifiedBy/eqfLevel"},
		{claim + "/specifiedBy/mode", ``, "error micro/participation " + claim + "/specifiedBy/mode"},
		{claim + "/awardedBy/awardingBody/accreditation", ``, "error micro/quality-assurance " + claim + "/specifiedBy/accreditation"},
		{claim + "/provenBy/idVerification", ``, "hint micro/supervision " + claim + "/provenBy/idVerification"},
		{claim + "/provenBy/grade", ``, "hint micro/grade " + claim + "/provenBy/grade"},
		{claim + "/isPartOf", ``, "hint micro/stackability " + claim + "/isPartOf"},
	} {
		got := lintOf(t, profile.Microcredential, with(t, doc, c.at, c.to))
		if !slices.Equal(found(got), []string{c.want}) {
			t.Errorf("%s: %q, want %q", c.at, found(got), c.want)
		}
		for _, f := range got {
			if text := f.Message + f.Next; strings.Contains(text, "Open Badges") || strings.Contains(text, "alignment") || strings.Contains(text, "achievement") {
				t.Errorf("%s: %s: %s", c.at, f.Message, f.Next)
			}
		}
	}
	unnamed := with(t, with(t, doc, "/issuer/legalName", ``), claim+"/awardedBy", ``)
	if got := found(lintOf(t, profile.Microcredential, unnamed)); !slices.Equal(got, []string{"error micro/awarding-body " + claim + "/awardedBy", "error micro/quality-assurance " + claim + "/specifiedBy/accreditation"}) {
		t.Errorf("%q", got)
	}
	if got := found(lintOf(t, profile.Microcredential, with(t, doc, claim+"/provenBy", ``))); !slices.Contains(got, "error micro/assessment "+claim+"/provenBy") {
		t.Errorf("%q", got)
	}
	// Without a claim all is missing, and what is of the credential once.
	none := found(lintOf(t, profile.Microcredential, with(t, doc, "/credentialSubject/hasClaim", ``)))
	if len(none) != 10 || !slices.Contains(none, "error micro/title /credentialSubject/hasClaim/title") {
		t.Errorf("%d %q", len(none), none)
	}
	twice := with(t, with(t, doc, "/credentialSubject/fullName", ``), "/credentialSubject/hasClaim/0/type", `"LearningAchievement"`)
	if got := found(lintOf(t, profile.Microcredential, twice)); strings.Count(strings.Join(got, "\n"), "micro/learner") != 1 || !slices.Contains(got, "error micro/title /credentialSubject/hasClaim/0/title") {
		t.Errorf("%q", got)
	}
}

// TestLintEuropassSample: the Commission's own sample of Annex I tells all but
// who assures the quality.
func TestLintEuropassSample(t *testing.T) {
	t.Parallel()
	got := found(lintOf(t, profile.Microcredential, unmarshal(t, testcorpus.Read(t, "other/elm/Sample-MC-Annex1-unsigned.jsonld"))))
	const claim = "/credentialSubject/hasClaim"
	if want := []string{"error micro/quality-assurance " + claim + "/specifiedBy/accreditation", "hint micro/stackability " + claim + "/isPartOf"}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
}
