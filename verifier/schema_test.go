package verifier_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/internal/jsonschema"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

const schemaURL = "https://kurs.example/schema.json"

// bound is a credential of p's that names schemas.
func (p party) bound(schemas string) []byte {
	doc := strings.Replace(string(p.credential("did:x:kari", nil)), `"credentialSubject"`, `"credentialSchema":`+schemas+`,"credentialSubject"`, 1)
	return p.sign(jose.VCJWT, []byte(doc), proof.Params{})
}

// schemaCredential is a schema in a credential of p's.
func (p party) schemaCredential(id, schema string) []byte {
	return p.sign(jose.VCJWT, []byte(schemaDocument(p, id, schema)), proof.Params{})
}

func schemaDocument(p party, id, schema string) string {
	return `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"` + id + `","type":["VerifiableCredential","JsonSchemaCredential"],"issuer":"` + p.id +
		`","validFrom":"2026-01-01T00:00:00Z","credentialSubject":{"id":"` + schemaURL + `","type":"JsonSchema","jsonSchema":` + schema + `}}`
}

// TestSchemas holds credentials against the schemas that they name.
func TestSchemas(t *testing.T) {
	t.Parallel()
	p, stranger := newParty(t), newParty(t)
	const fits, fails = `{"type":"object","required":["credentialSubject"]}`, `{"type":"object","required":["licence"]}`
	named := func(kind, more string) string { return `{"id":"` + schemaURL + `","type":"` + kind + `"` + more + `}` }
	sum := sha256.Sum256([]byte(fits))
	sri := `,"digestSRI":"sha256-` + base64.StdEncoding.EncodeToString(sum[:]) + `"`
	in := func(edit ...string) string { // in a credential, changed
		doc := schemaDocument(p, schemaURL, fits)
		return string(p.sign(jose.VCJWT, []byte(strings.NewReplacer(edit...).Replace(doc)), proof.Params{}))
	}
	for _, c := range []struct {
		name, schemas string
		kept          string // at schemaURL
		outcome       verifier.Outcome
		code          reason.Code // of the check
	}{
		{"fits", named("JsonSchema", ""), fits, verifier.Pass, ""},
		{"fits, by the type of 1EdTech", named("1EdTechJsonSchemaValidator2019", ""), fits, verifier.Pass, ""},
		{"does not fit", named("JsonSchema", ""), fails, verifier.Fail, "malformed/schema"},
		{"not at hand", named("JsonSchema", ""), "", verifier.NotRun, "schema_unavailable/not-at-hand"},
		{"another type", named("ShaclValidator2017", ""), fits, verifier.NotRun, "schema_unavailable/type"},
		{"the digest agrees", named("JsonSchema", sri), fits, verifier.Pass, ""},
		{"the digest is of another", named("JsonSchema", sri), fits + " ", verifier.NotRun, "schema_unavailable/digest"},
		{"a digest of another kind", named("JsonSchema", `,"digestSRI":"sha1-AAAA"`), fits, verifier.Pass, ""},
		{"no schema", named("JsonSchema", ""), `[1]`, verifier.NotRun, "schema_unavailable/broken"},
		{"refers elsewhere", named("JsonSchema", ""), `{"$ref":"https://other.example/s.json"}`, verifier.NotRun, "schema_unavailable/reference"},
		{"the first of two fails", `[` + named("JsonSchema", "") + `,{"id":"https://x.example/s","type":"JsonSchema"}]`, fails, verifier.Fail, "malformed/schema"},
		{"in a credential", named("JsonSchemaCredential", ""), string(p.schemaCredential(schemaURL, fits)), verifier.Pass, ""},
		{"in a credential, does not fit", named("JsonSchemaCredential", ""), string(p.schemaCredential(schemaURL, fails)), verifier.Fail, "malformed/schema"},
		{"in a credential of a stranger", named("JsonSchemaCredential", ""), string(stranger.schemaCredential(schemaURL, fits)), verifier.NotRun, "schema_unavailable/credential"},
		{"in a credential by another name", named("JsonSchemaCredential", ""), string(p.schemaCredential("https://kurs.example/other.json", fits)), verifier.NotRun, "schema_unavailable/credential"},
		{"in a credential, and no object", named("JsonSchemaCredential", ""), string(p.schemaCredential(schemaURL, `"x"`)), verifier.NotRun, "schema_unavailable/credential"},
		{"in a credential about two things", named("JsonSchemaCredential", ""), in(`"credentialSubject":{`, `"credentialSubject":[{`, `}}}`, `}},{"id":"urn:x:other"}]}`), verifier.NotRun, "schema_unavailable/credential"},
		{"in a credential, of another type", named("JsonSchemaCredential", ""), in(`,"JsonSchemaCredential"]`, `]`), verifier.NotRun, "schema_unavailable/credential"},
		{"in a credential, as something else", named("JsonSchemaCredential", ""), in(`"type":"JsonSchema"`, `"type":"ShaclShape"`), verifier.NotRun, "schema_unavailable/credential"},
		{"in a credential, whose own is in one", named("JsonSchemaCredential", ""), in(`"validFrom"`, `"credentialSchema":{"id":"https://kurs.example/outer","type":"JsonSchemaCredential"},"validFrom"`), verifier.Pass, ""},
		{"a bare schema for one in a credential", named("JsonSchemaCredential", ""), fits, verifier.NotRun, "schema_unavailable/credential"},
		{"sixteen", `[` + strings.TrimSuffix(strings.Repeat(named("JsonSchema", "")+",", 16), ",") + `]`, fits, verifier.Pass, ""},
		{"seventeen", `[` + strings.TrimSuffix(strings.Repeat(named("JsonSchema", "")+",", 17), ",") + `]`, fits, verifier.NotRun, "resource_limit/schemas"},
	} {
		kept := map[string][]byte{}
		if c.kept != "" {
			kept[schemaURL] = []byte(c.kept)
			kept["https://kurs.example/outer"] = p.schemaCredential("https://kurs.example/outer", fails)
		}
		schemas, err := jsonschema.New(kept)
		if err != nil {
			t.Fatal(err)
		}
		v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id), Schemas: schemas})
		for _, required := range []bool{false, true} {
			report, _ := v.Verify(t.Context(), verifier.Request{Raw: p.bound(c.schemas), RequireSchema: required})
			check := report.Check(verifier.CheckSchema)
			verdict, outcome := verifier.Valid, c.outcome
			switch {
			case c.outcome == verifier.Fail:
				verdict = verifier.Invalid
			case c.outcome == verifier.NotRun && required:
				verdict, outcome = verifier.Undetermined, verifier.Unknown
			}
			if report.Verdict != verdict || check.Outcome != outcome || check.Reason != c.code {
				t.Errorf("%s, required %v: %s %v, %+v", c.name, required, report.Verdict, report.Err(), check)
			}
		}
	}
	for name, cfg := range map[string]verifier.Config{"no schemas are kept": {Trust: trust.Pins(p.id)}} {
		report, _ := newVerifier(t, cfg).Verify(t.Context(), verifier.Request{Raw: p.bound(named("JsonSchema", ""))})
		if check := report.Check(verifier.CheckSchema); report.Verdict != verifier.Valid || check.Outcome != verifier.NotRun {
			t.Errorf("%s: %s %+v", name, report.Verdict, check)
		}
	}
	plain := p.sign(jose.VCJWT, p.credential("did:x:kari", nil), proof.Params{})
	report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), verifier.Request{Raw: plain, RequireSchema: true})
	if report.Verdict != verifier.Undetermined || report.Reason != "schema_unavailable/none" {
		t.Errorf("names none: %s %s", report.Verdict, report.Reason)
	}
}
