package openbadge_test

import (
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

const recordSubject = `{"id":"did:x:kari","type":["ClrSubject"],"identifier":[{"type":"IdentityObject","hashed":false,"identityHash":"Kari","identityType":"name"}],` +
	`"achievement":[{"id":"urn:x:fagbrev","type":["Achievement"],"name":"Fagbrev"}],` +
	`"verifiableCredential":[{"id":"urn:x:1","type":["VerifiableCredential"],"credentialSubject":{"achievement":{"id":"urn:x:sveising"}}}],` +
	`"association":[{"type":"Association","associationType":"isPartOf","sourceId":"urn:x:sveising","targetId":"urn:x:fagbrev"}]}`

// TestClrSubject: a subject of a record is written as it was read, and single
// values and odd forms come out as they went in.
func TestClrSubject(t *testing.T) {
	t.Parallel()
	s, err := openbadge.ReadClrSubject(value(t, recordSubject))
	if err != nil || string(s.Value().AppendJSON(nil)) != recordSubject || len(s.More) != 0 {
		t.Errorf("%v\n%s", err, s.Value().AppendJSON(nil))
	}
	if a := s.Association[0]; a.AssociationType != "isPartOf" || a.SourceID != "urn:x:sveising" || a.TargetID != "urn:x:fagbrev" || !openbadge.ValidAssociationType(a.AssociationType) {
		t.Errorf("%+v", a)
	}
	if ids := s.AchievementIDs(); !slices.Equal(ids, []string{"urn:x:fagbrev", "urn:x:sveising"}) {
		t.Errorf("%q", ids)
	}
	odd := value(t, `{"type":"ClrSubject","verifiableCredential":"eyJ.eyJ.x","association":{"associationType":"ext:x","sourceId":7}}`)
	s, err = openbadge.ReadClrSubject(odd)
	if err != nil || len(s.VerifiableCredential) != 1 || len(s.Association) != 1 || openbadge.ValidAssociationType(s.Association[0].AssociationType) {
		t.Errorf("%+v %v", s, err)
	}
	if why := lost(odd, s.Value(), ""); why != "" {
		t.Error(why)
	}
	if _, err := openbadge.ReadClrSubject(value(t, `[]`)); reason.CodeOf(err) != reason.MalformedModel {
		t.Error(err)
	}
}

// TestRecordFromCredential reads records of both data models, and refuses what
// is none.
func TestRecordFromCredential(t *testing.T) {
	t.Parallel()
	const head = `"type":["VerifiableCredential","ClrCredential"],"issuer":{"id":"did:web:a"}`
	for text, code := range map[string]reason.Code{
		`{` + head + `,"partial":true,"credentialSubject":` + recordSubject + `}`:                                                "",
		`{` + head + `,"partial":true,"credentialSubject":[` + recordSubject + `]}`:                                              "",
		`{"type":["VerifiableCredential","OpenBadgeCredential"],"issuer":"did:web:a","credentialSubject":` + recordSubject + `}`: "wrong_type/not-a-record",
		`{` + head + `}`: reason.MalformedModel,
		`{` + head + `,"credentialSubject":[{},{}]}`:                                                  reason.MalformedModel,
		`{` + head + `,"credentialSubject":["did:x:kari"]}`:                                           reason.MalformedModel,
		`{"type":["VerifiableCredential","ClrCredential"],"credentialSubject":` + recordSubject + `}`: reason.MalformedModel,
	} {
		c, err := credential.Parse([]byte(text), credential.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := openbadge.RecordFromCredential(c)
		if reason.CodeOf(err) != code {
			t.Errorf("%s: %v", text, err)
		}
		if err == nil && (!r.Partial || r.Issuer.ID != "did:web:a" || r.Subject.ID != "did:x:kari") {
			t.Errorf("%s: %+v", text, r)
		}
	}
	for name, credentials := range map[string]int{"simple.json": 1, "complex.json": 1, "simple_v1.json": 1} {
		c, err := credential.Parse(testcorpus.Read(t, "openbadges/clr20", name), credential.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := openbadge.RecordFromCredential(c)
		if err != nil || len(r.Subject.VerifiableCredential) < credentials {
			t.Errorf("%s: %v %d", name, err, len(r.Subject.VerifiableCredential))
		}
		if why := lost(c.Subjects()[0], r.Subject.Value(), "/credentialSubject"); why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
}

// TestContextsFor: the third context is there where a name is used that only it
// defines.
func TestContextsFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`{"type":"BitstringStatusListEntry"}`: 1, `{"type":"1EdTechRevocationList"}`: 2, `{"type":["x","1EdTechCredentialRefresh"]}`: 2,
		`[{"type":"JsonSchema"},{"type":"1EdTechJsonSchemaValidator2019"},{"type":"1EdTechJsonSchemaValidator2019"}]`: 2, `null`: 1,
	} {
		if got := openbadge.ContextsFor(nil, value(t, text)); len(got) != want || got[0] != openbadge.Context || want == 2 && got[1] != openbadge.ContextExtensions {
			t.Errorf("%s: %q", text, got)
		}
	}
	var none *strictjson.Value
	if got := openbadge.ContextsFor(none); len(got) != 1 {
		t.Errorf("%q", got)
	}
}
