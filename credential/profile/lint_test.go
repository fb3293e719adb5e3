package profile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

// found lists findings as "severity rule place [who refuses]".
func found(findings []profile.Finding) []string {
	var out []string
	for _, f := range findings {
		line := fmt.Sprint(f.Severity, " ", f.Rule, " ", f.At)
		if f.Refused != 0 {
			line += " " + strings.Join(f.Refused.Names(), "+")
		}
		out = append(out, line)
	}
	return out
}

func lintOf(t *testing.T, p profile.Name, doc any) []profile.Finding {
	t.Helper()
	raw := must(t, doc)
	c, err := credential.Parse(raw, credential.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return profile.NewStandards().Lint(c, p)
}

// TestLintSaysWhoRefuses: where one of 1EdTech's schemas takes what the other
// refuses, that is an Error which names the one that refuses.
func TestLintSaysWhoRefuses(t *testing.T) {
	t.Parallel()
	const a, strict, both = "/credentialSubject/achievement", " 1edtech-strict", " 1edtech-strict+1edtech-compact"
	doc := document(t, "badge.json")
	if got := found(lintOf(t, profile.OB3, doc)); got != nil {
		t.Fatalf("the sound badge: %q", got)
	}
	for _, c := range []change1{
		{a + "/name", `{"nb":"Sveising","en":"Welding"}`, []string{"error ob3/achievement-name " + a + "/name" + strict}},
		{a + "/name", `{"@value":"Sveising","@language":"nb"}`, []string{"error model/Achievement.name " + a + "/name" + both}},
		{a + "/tag", `"sveising"`, []string{"error model/Achievement.tag " + a + "/tag" + strict}},
		{a + "/type", `"Achievement"`, []string{"error model/Achievement.type " + a + "/type" + strict}},
		{a + "/alignment", `{"type":["Alignment"],"targetName":"x","targetUrl":"https://x.example/"}`, []string{"error model/Achievement.alignment " + a + "/alignment" + strict}},
		{a + "/alignment/0/targetUrl", ``, []string{"error ob3/alignment-url " + a + "/alignment/0/targetUrl" + both}},
		{a + "/achievementType", `"Kurs"`, []string{"error ob3/achievement-kind " + a + "/achievementType" + both}},
		{a + "/inLanguage", `"norsk"`, []string{"error model/Achievement.inLanguage " + a + "/inLanguage" + both}},
		{a + "/creator", `"https://kurs.example/"`, []string{"error model/Achievement.creator " + a + "/creator" + both}},
		{"/issuer", `"did:web:kurs.example"`, []string{"hint ob3/issuer-name /issuer"}},
		{"/credentialStatus", `{"type":"BitstringStatusListEntry"}`, []string{"error model/CredentialStatus.id /credentialStatus/id" + strict}},
		{"/credentialStatus", `[{"id":"urn:x:1","type":"a"},{"id":"urn:x:2","type":"b"}]`, []string{"error model/AchievementCredential.credentialStatus /credentialStatus" + both}},
		{"/validFrom", `"2026-01-31T24:00:00Z"`, []string{"error model/AchievementCredential.validFrom /validFrom" + both}},
		{"/image", `{"id":"https://x.example/a.png","type":"Image","alt":"x"}`, []string{"error model/Image.alt /image/alt" + both}},
		{"/endorsementJwt", `["eyJ"]`, []string{"error model/AchievementCredential.endorsementJwt /endorsementJwt/0" + both}},
		{"/endorsement", `[{"id":"urn:x:1"}]`, []string{
			"error model/EndorsementCredential.@context /endorsement/0/@context" + both, "error model/EndorsementCredential.credentialSubject /endorsement/0/credentialSubject" + both,
			"error model/EndorsementCredential.issuer /endorsement/0/issuer" + both, "error model/EndorsementCredential.name /endorsement/0/name" + both,
			"error model/EndorsementCredential.type /endorsement/0/type" + both, "error model/EndorsementCredential.validFrom /endorsement/0/validFrom" + both}},
	} {
		got := found(lintOf(t, profile.OB3, with(t, doc, c.at, c.to)))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %s:\n got %q\nwant %q", c.at, c.to, got, c.want)
		}
	}
	for _, f := range lintOf(t, profile.OB3, with(t, doc, a+"/tag", `"x"`)) {
		if f.Section != "Open Badges 3.0, appendix B, class Achievement" || f.Next == "" {
			t.Errorf("%+v", f)
		}
	}
}

// TestLintRecord: a record is held against the model, and each credential in
// it for itself.
func TestLintRecord(t *testing.T) {
	t.Parallel()
	doc := unmarshal(t, testcorpus.Read(t, "openbadges/clr20/complex.json"))
	base := found(lintOf(t, profile.CLR2, doc))
	if i := slices.IndexFunc(base, func(s string) bool { return strings.HasPrefix(s, "error") && !strings.Contains(s, "1edtech") }); i >= 0 {
		t.Errorf("1EdTech's own sample: %q", base[i])
	}
	held := "/credentialSubject/verifiableCredential/0"
	broken := with(t, doc, held+"/credentialSubject/achievement/criteria", ``)
	broken = with(t, broken, "/credentialSubject/association", `[{"type":"Association","associationType":"isPartOf","sourceId":"urn:x:1","targetId":"urn:x:2","more":1}]`)
	got := found(lintOf(t, profile.CLR2, broken))
	for _, want := range []string{
		"error ob3/achievement-criteria " + held + "/credentialSubject/achievement/criteria 1edtech-strict+1edtech-compact+1edtech-draft4",
		"error model/Association.more /credentialSubject/association/0/more 1edtech-strict+1edtech-compact+1edtech-draft4",
		"warning clr2/association-end /credentialSubject/association/0/sourceId",
		"warning clr2/association-end /credentialSubject/association/0/targetId",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}

// TestLintMicrocredential: each element that the European Union asks for is
// missed where it is not said, and none where all are.
func TestLintMicrocredential(t *testing.T) {
	t.Parallel()
	doc := document(t, "badge.json")
	align := func(kinds ...string) string {
		var out []any
		for _, k := range kinds {
			out = append(out, map[string]any{"type": []string{"Alignment"}, "targetType": k, "targetName": "x", "targetUrl": "https://x.example/"})
		}
		return string(must(t, out))
	}
	const a = "/credentialSubject/achievement"
	doc = with(t, doc, "/issuer/address", `{"type":["Address"],"addressCountryCode":"NO"}`)
	doc = with(t, doc, a+"/creditsAvailable", "5")
	doc = with(t, doc, a+"/alignment", align("ext:ESCO:Skill", "ext:Credits", "ext:EQF", "ext:Assessment", "ext:Mode", "ext:QualityAssurance", "ext:Supervision", "ext:Stackability"))
	if got := found(lintOf(t, profile.Microcredential, doc)); got != nil {
		t.Fatalf("a micro-credential that tells all: %q", got)
	}
	for _, c := range []struct{ at, to, want string }{
		{"/issuer/address", ``, "error micro/country /issuer/address"},
		{"/issuer/name", `""`, "error micro/awarding-body /issuer/name"},
		{a + "/alignment", align("ext:Credits", "ext:EQF", "ext:Assessment", "ext:Mode", "ext:Supervision", "ext:Stackability"), "error micro/quality-assurance " + a + "/alignment"},
		{a + "/alignment", align("ext:EQF", "ext:Assessment", "ext:Mode", "ext:Supervision", "ext:Stackability", "ext:QualityAssurance"), "warning micro/credit-unit " + a + "/alignment"},
		{a + "/alignment", align("ext:Credits", "ext:Assessment", "ext:Mode", "ext:Supervision", "ext:Stackability", "ext:QualityAssurance"), "warning micro/level " + a + "/alignment"},
		{a + "/alignment", align("ext:EQF", "ext:Credits", "ext:Assessment", "ext:Supervision", "ext:Stackability", "ext:QualityAssurance"), "error micro/participation " + a + "/alignment"},
		{a + "/creditsAvailable", ``, "error micro/workload " + a + "/creditsAvailable"},
	} {
		changed := with(t, doc, c.at, c.to)
		if c.want == "error micro/workload "+a+"/creditsAvailable" {
			changed = with(t, changed, "/credentialSubject/creditsEarned", ``)
		}
		if got := found(lintOf(t, profile.Microcredential, changed)); !slices.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.at, got, c.want)
		}
	}
}

// TestCheckWallet changes a payload that a European wallet can use.
func TestCheckWallet(t *testing.T) {
	t.Parallel()
	const sound = `{"vct":"urn:eudi:micro_credential:1","iss":"https://kurs.example","iat":1767225600,"cnf":{"jwk":{"kty":"EC"}},"status":{"status_list":{"idx":7,"uri":"https://kurs.example/1"}},` +
		`"validFrom":"2026-01-01T00:00:00Z","issuer":{"name":"Kursstedet","address":{"addressCountryCode":"NO"}},"credentialSubject":{"achievement":{"name":"a","description":"b","criteria":{"narrative":"c"}}}}`
	header := `{"typ":"dc+sd-jwt","x5c":["MII"]}`
	for _, c := range []struct{ old, new, header, want string }{
		{"", "", header, ""},
		{`"vct":"urn:eudi:micro_credential:1",`, "", header, "error eudi/vct /vct"},
		{`urn:eudi:micro_credential:1`, "https://x.example/type", header, "warning eudi/vct /vct"},
		{"", "", `{"typ":"vc+sd-jwt","x5c":["MII"]}`, "error eudi/typ "},
		{"", "", `{"typ":"dc+sd-jwt"}`, "warning eudi/x5c "},
		{`"iss":"https://kurs.example",`, "", header, "warning eudi/iss /iss"},
		{`"https://kurs.example"`, `"Kursstedet"`, header, "error eudi/iss /iss"},
		{`1767225600`, `"i dag"`, header, "error eudi/time /iat"},
		{`"iat"`, `"exp":1867225600,"iat"`, header, "warning eudi/exp /exp"},
		{`"cnf":{"jwk":{"kty":"EC"}},`, "", header, "warning eudi/cnf /cnf"},
		{`"status_list"`, `"list"`, header, "error eudi/status /status"},
		{`"idx":7`, `"idx":"7"`, header, "error eudi/status /status/status_list/idx"},
		{`"name":"a",`, ``, header, "warning eudi/type-claim /credentialSubject/achievement/name"},
		{`"name":"a"`, `"_sd":["x"]`, header, "error eudi/not-disclosable /credentialSubject/achievement/name"},
	} {
		got := strings.Join(found(profile.CheckWallet(textValue(t, strings.Replace(sound, c.old, c.new, 1)), textValue(t, c.header))), "; ")
		if got != c.want {
			t.Errorf("%s for %s: %q, want %q", c.new, c.old, got, c.want)
		}
	}
	elm := `{"vct":"urn:eudi:elm:1","iss":"https://a.example","cnf":{"jwk":{}},"status":{"status_list":{"idx":7,"uri":"https://a.example/1"}},` +
		`"elm":{"credentialSubject":{"_sd":["x"],"familyName":{"und":"Nordmann"},"hasClaim":[{"awardedBy":{"_sd":["y"]}}]}}}`
	if got, want := found(profile.CheckWallet(textValue(t, elm), nil)), []string{"error eudi/disclosable /elm/credentialSubject/familyName"}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	if profile.Err(profile.CheckWallet(textValue(t, `[]`), nil)) == nil {
		t.Error("a list is a payload")
	}
}

func textValue(t *testing.T, text string) *strictjson.Value {
	t.Helper()
	v, err := strictjson.Parse([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(text, err)
	}
	return v
}

// TestLintDataModel11: for Data Model 1.1 the schemas contradict each other. An
// endorsement with a name is refused by the old edition, one without by its
// successors: lint tells each time who refuses.
func TestLintDataModel11(t *testing.T) {
	t.Parallel()
	doc := document(t, "badge.json")
	for _, c := range [][2]string{
		{"/@context/0", `"https://www.w3.org/2018/credentials/v1"`}, {"/issuanceDate", `"2026-01-31T12:00:00Z"`}, {"/expirationDate", `"2031-01-31T12:00:00Z"`},
		{"/validFrom", ``}, {"/validUntil", ``}, {"/credentialStatus", `{"id":"https://x.example/s","type":"1EdTechRevocationList"}`},
		{"/credentialSubject/achievement/related", `[{"id":"urn:x:2"}]`}, {"/name", `"Sveising"`},
		{"/credentialSubject/identifier", `[{"type":"IdentityObject","hashed":false,"identityHash":"kari@x.example","identityType":"emailAddress"}]`},
	} {
		doc = with(t, doc, c[0], c[1])
	}
	const related = "error model/Related.type /credentialSubject/achievement/related/0/type 1edtech-strict+1edtech-compact"
	if got := found(lintOf(t, profile.OB3, doc)); !slices.Equal(got, []string{related}) {
		t.Fatalf("the badge: %q", got)
	}
	doc = with(t, doc, "/credentialSubject/achievement/related", ``)
	endorsement := `{"@context":["https://www.w3.org/2018/credentials/v1","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"id":"urn:x:3","type":["VerifiableCredential","EndorsementCredential"],` +
		`"issuer":{"id":"did:web:b","type":["Profile"]},"issuanceDate":"2026-01-31T12:00:00Z","credentialSubject":{"id":"urn:x:1","type":["EndorsementSubject"]}}`
	named := strings.Replace(endorsement, `"id":"urn:x:3"`, `"id":"urn:x:3","name":"Tilråding"`, 1)
	for text, want := range map[string]string{
		endorsement: "error model/EndorsementCredential.name /endorsement/0/name 1edtech-strict+1edtech-compact",
		named:       "error model/EndorsementCredential.name /endorsement/0/name 1edtech-draft4",
	} {
		if got := found(lintOf(t, profile.OB3, with(t, doc, "/endorsement", "["+text+"]"))); !slices.Equal(got, []string{want}) {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// TestLintKnowsTheProfile: a profile that is not looked at is not passed.
func TestLintKnowsTheProfile(t *testing.T) {
	t.Parallel()
	for _, p := range []profile.Name{"", "ob4", profile.EUDI} {
		if got := lintOf(t, p, document(t, "badge.json")); profile.Err(got) == nil {
			t.Errorf("%q: the badge passes", p)
		}
	}
}
