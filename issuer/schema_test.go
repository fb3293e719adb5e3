package issuer_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/issuer"
)

// schema compiles a JSON schema of the shared test data, or skips.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(testcorpus.Path(t, "openbadges", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	mend(doc)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mend takes out the empty lists of required members, which draft 4 forbids
// and the older schema has.
func mend(schema any) {
	switch v := schema.(type) {
	case []any:
		for _, item := range v {
			mend(item)
		}
	case map[string]any:
		if list, ok := v["required"].([]any); ok && len(list) == 0 {
			delete(v, "required")
		}
		for _, item := range v {
			mend(item)
		}
	}
}

// complaints returns the places that a schema complains about, with what it
// misses there.
func complaints(err error) []string {
	invalid, ok := err.(*jsonschema.ValidationError)
	if !ok {
		if err != nil {
			return []string{err.Error()}
		}
		return nil
	}
	if len(invalid.Causes) == 0 {
		text := "/" + strings.Join(invalid.InstanceLocation, "/")
		switch k := invalid.ErrorKind.(type) {
		case *kind.Required:
			text += " misses " + strings.Join(k.Missing, " ")
		case *kind.AdditionalProperties:
			text += " has too " + strings.Join(slices.Sorted(slices.Values(k.Properties)), " ")
		default:
			text += " " + strings.Join(k.KeywordPath(), "/")
		}
		return []string{text}
	}
	var out []string
	for _, cause := range invalid.Causes {
		out = append(out, complaints(cause)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// document returns what a credential says, also of one that is a token.
func document(t *testing.T, i *issuer.Issuer, a issuer.Award) any {
	t.Helper()
	issued, err := i.Issue(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if issued.Credential[0] == '{' {
		v, err := strictjson.ParseObject(issued.Credential, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return v.Any()
	}
	return open(t, publish(t, i).keys(t), issued.Credential).Document().Any()
}

// fewest is the award with the fewest parts.
func fewest() issuer.Award {
	return issuer.Award{
		Achievement: openbadge.Achievement{ID: "https://kurs.example/a/1", Name: "Kurs", Description: "Et kurs.", Criteria: &openbadge.Criteria{Narrative: "Møt opp."}},
		Recipient:   issuer.Recipient{ID: learner},
	}
}

// TestOpenBadgesSchema holds what is issued against the schema of Open Badges
// 3.0 for Data Model 2.0, in every form.
func TestOpenBadgesSchema(t *testing.T) {
	t.Parallel()
	s := schema(t, "educredentials/schemas/ob_v3p0_achievementcredential_schema.json")
	for _, form := range forms {
		i := newIssuer(t, config(t, form.suite, form.kind))
		for name, a := range map[string]issuer.Award{"all": award(), "fewest": fewest()} {
			if err := s.Validate(document(t, i, a)); err != nil {
				t.Errorf("%s, %s: %v", form.suite, name, err)
			}
		}
	}
}

// TestSuspendableIsNotOfTheSchema keeps the reason why an award asks for
// suspension: the schema takes one status entry. Should it take several one
// day, suspension can be for all.
func TestSuspendableIsNotOfTheSchema(t *testing.T) {
	t.Parallel()
	s := schema(t, "educredentials/schemas/ob_v3p0_achievementcredential_schema.json")
	a := award()
	a.Suspendable = true
	got := complaints(s.Validate(document(t, newIssuer(t, config(t, "eddsa-jcs-2022", key.Ed25519)), a)))
	if want := []string{"/credentialStatus type"}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
}

// TestOldSchema holds what is issued against the older schema, which is for
// Data Model 1.1: it wants issuanceDate where 2.0 has validFrom, of a status
// entry knows id and type alone, and does not know names as identifiers. It
// must have nothing else to say.
func TestOldSchema(t *testing.T) {
	t.Parallel()
	s := schema(t, "schemas/ob_v3p0_achievementcredential_schema_draft4.json")
	want := []string{"/ misses issuanceDate", "/credentialStatus has too statusListCredential statusListIndex statusPurpose"}
	named := append(slices.Clone(want), "/credentialSubject/identifier/1/identityType enum", "/credentialSubject/identifier/1/identityType pattern")
	for _, form := range forms {
		i := newIssuer(t, config(t, form.suite, form.kind))
		if got := complaints(s.Validate(document(t, i, award()))); !slices.Equal(got, named) {
			t.Errorf("%s, all: %q, not %q", form.suite, got, named)
		}
		if got := complaints(s.Validate(document(t, i, fewest()))); !slices.Equal(got, want) {
			t.Errorf("%s, fewest: %q, not %q", form.suite, got, want)
		}
	}
}

// TestMicroCredentialSchema issues what the Dutch national profile for
// micro-credentials asks for, as a token: its members have no context that is
// pinned here.
func TestMicroCredentialSchema(t *testing.T) {
	t.Parallel()
	a := award()
	str := strictjson.String
	a.Achievement.AchievementType = "MicroCredential"
	a.Achievement.InLanguage = "nb"
	a.Achievement.Image = &openbadge.Image{ID: "https://kurs.example/ml.png"}
	a.Achievement.More = []openbadge.Member{
		{Name: "ECTS", Value: strictjson.Float(7.5)}, {Name: "educationProgramIdentifier", Value: strictjson.Int(60003)},
		{Name: "participationType", Value: str("online")}, {Name: "assessmentType", Value: str("testing")},
		{Name: "supervisionType", Value: str("supervised online")}, {Name: "identityChecked", Value: strictjson.Bool(true)},
	}
	doc := document(t, newIssuer(t, config(t, "vc+jwt", key.Ed25519)), a)
	for _, name := range []string{"regular", "regular_ects", "microcredential", "microcredential_ects"} {
		if err := schema(t, "educredentials/schemas/"+name+".json").Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
