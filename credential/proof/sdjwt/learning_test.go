package sdjwt_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

// award is a badge with all that the type metadata asks for.
func award(issuer, subject string) []byte {
	return []byte(`{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"id":"urn:uuid:1","type":["VerifiableCredential","OpenBadgeCredential"],
"issuer":{"id":"` + issuer + `","type":["Profile"],"name":"Kurs AS","address":{"type":["Address"],"addressCountryCode":"NO"}},"validFrom":"2026-01-01T00:00:00Z","validUntil":"2036-01-01T00:00:00Z",
"credentialStatus":{"id":"https://x.example#1","type":"BitstringStatusListEntry"},"awardedDate":"2025-12-01T00:00:00Z",
"credentialSubject":{"id":"` + subject + `","type":["AchievementSubject"],"identifier":[{"type":"IdentityObject","hashed":false,"identityHash":"Kari","identityType":"name"}],"creditsEarned":5,
"result":[{"type":["Result"],"resultDescription":"urn:r","value":"B"}],
"achievement":{"id":"urn:a","type":["Achievement"],"name":"Sveising","description":"Stål","criteria":{"narrative":"Prøve"},
"alignment":[{"type":["Alignment"],"targetType":"ext:Credits","targetName":"Studiepoeng","targetCode":"studiepoeng","targetUrl":"http://data.europa.eu/snb/education-credit/6fcec5c5af"},
{"type":["Alignment"],"targetType":"ext:Mode","targetName":"Online","targetCode":"online","targetUrl":"http://data.europa.eu/snb/learning-assessment/920fbb3cbe"},
{"type":["Alignment"],"targetType":"ext:Supervision","targetName":"Supervised with ID verification","targetUrl":"http://data.europa.eu/snb/supervision-verification/1"}],
"resultDescription":[{"id":"urn:r","type":["ResultDescription"],"name":"Karakter","resultType":"LetterGrade","valueMax":"A","valueMin":"F","requiredValue":"E"}]}}}`)
}

// TestMicroCredential makes one of the European type, shows it in part, and reads
// it as the badge that it is.
func TestMicroCredential(t *testing.T) {
	t.Parallel()
	issuer, holder := newParty(t, key.Ed25519), newParty(t, key.P256)
	document, err := strictjson.ParseObject(award(issuer.did, holder.did), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	claims, disclosable, lost, err := sdjwt.MicroCredential(document)
	if err != nil {
		t.Fatal(err)
	}
	if len(lost) != 1 || lost[0].From != "/credentialStatus" || !slices.Equal(disclosable, []string{"/awardedDate", "/credentialSubject/identifier", "/credentialSubject/creditsEarned"}) {
		t.Errorf("%v %v", lost, disclosable)
	}
	token := issue(t, sdjwt.DC(), issuer, claims.AppendJSON(nil), proof.Params{Disclosable: disclosable})
	shown := disclose(t, sdjwt.DC(), token, proof.Disclosure{})
	_, proven, err := verify(t, shown)
	if err != nil {
		t.Fatal(err)
	}
	c, err := credential.New(proven.Document, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := openbadge.FromCredential(c)
	if err != nil {
		t.Fatalf("%v: %s", err, proven.Document.AppendJSON(nil))
	}
	if !c.HasType(sdjwt.MicroCredentialVCT) || c.ID() != "urn:uuid:1" || b.Issuer.Name != "Kurs AS" || b.Subject.Achievement.Name != "Sveising" || b.Subject.Result[0].Value != "B" {
		t.Errorf("%s", proven.Document.AppendJSON(nil))
	}
	if text := string(proven.Document.AppendJSON(nil)); strings.Contains(text, "Kari") || strings.Contains(text, "awardedDate") || !strings.Contains(text, "validUntil") {
		t.Errorf("shown: %s", text)
	}
	whole, all, err := verify(t, token)
	if err != nil || whole.Disclosed != 3 || !strings.Contains(string(all.Document.AppendJSON(nil)), "Kari") {
		t.Errorf("%v %s", err, all.Document.AppendJSON(nil))
	}
	for _, at := range pointers(t, sdjwt.DC(), token) {
		if all.Document.Lookup(at) == nil {
			t.Errorf("what can be kept back at %s is not there", at)
		}
	}
	if _, _, _, err := sdjwt.MicroCredential(strictjson.Object()); err == nil {
		t.Error("made of nothing")
	}
}

// TestLearning: the suite makes such a token of a badge. What may be kept back is
// what was asked for and the type lets be.
func TestLearning(t *testing.T) {
	t.Parallel()
	issuer, holder := newParty(t, key.Ed25519), newParty(t, key.P256)
	badge := award(issuer.did, holder.did)
	asked := []string{"/credentialSubject/identifier", "/credentialSubject/identifier/0", "/credentialSubject/result", "/credentialSubject/achievement", "/evidence"}
	token := issue(t, sdjwt.Learning(), issuer, badge, proof.Params{Disclosable: asked})
	if got := pointers(t, sdjwt.DC(), token); !slices.Equal(got, asked[:2]) {
		t.Errorf("can be kept back: %v", got)
	}
	secured, proven, err := verify(t, token)
	if err != nil || secured.Suite != sdjwt.DCSDJWT || !credential.HasType(proven.Document, sdjwt.MicroCredentialVCT) {
		t.Errorf("%v", err)
	}
	if got := pointers(t, sdjwt.DC(), issue(t, sdjwt.Learning(), issuer, badge, proof.Params{})); len(got) != 0 {
		t.Errorf("nothing was to be kept back, and can be: %v", got)
	}
	in, err := proof.Read([]byte(token), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if found, err := sdjwt.Learning().Open(in); len(found) != 0 || err != nil || sdjwt.Learning().ID() != sdjwt.MicroCredentialForm {
		t.Errorf("it opens %d, %v", len(found), err)
	}
	for name, text := range map[string]string{"no JSON": `{`, "no badge": `{"type":["VerifiableCredential"]}`} {
		if _, err := sdjwt.Learning().Sign(t.Context(), []byte(text), issuer, proof.Params{Purpose: proof.AssertionMethod}); err == nil {
			t.Errorf("%s was signed", name)
		}
	}
}

// TestTypeMetadata holds the claims against the published metadata of the type:
// what that names is there, and none of it can be kept back.
func TestTypeMetadata(t *testing.T) {
	t.Parallel()
	var metadata struct {
		VCT    string `json:"vct"`
		Claims []struct {
			Path []string `json:"path"`
			SD   string   `json:"sd"`
		} `json:"claims"`
	}
	if err := json.Unmarshal(testcorpus.Read(t, "other/elmo/vctm_microcredential.json"), &metadata); err != nil {
		t.Fatal(err)
	}
	document, err := strictjson.ParseObject(award("did:web:a.example", "did:web:b.example"), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	claims, disclosable, _, err := sdjwt.MicroCredential(document)
	if err != nil || metadata.VCT != sdjwt.MicroCredentialVCT {
		t.Fatal(err, metadata.VCT)
	}
	for _, claim := range metadata.Claims {
		at := "/" + strings.NewReplacer("[0]", "/0").Replace(strings.Join(claim.Path, "/"))
		// Which programme it is, no Open Badge says.
		if there := claims.Lookup(at) != nil; there == strings.HasSuffix(at, "/educationProgramIdentifier") {
			t.Errorf("%s is there: %t", at, there)
		}
		if claim.SD == "never" && slices.ContainsFunc(disclosable, func(d string) bool { return strings.HasPrefix(at+"/", d+"/") }) {
			t.Errorf("%s can be kept back", at)
		}
	}
	if len(metadata.Claims) < 10 {
		t.Errorf("%d claims", len(metadata.Claims))
	}
}
