package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kompetansebevis/bevis/docs/schemas"
)

// TestLintSchema: what lint writes for programs is as its schema says, and the
// schema has no member that is never written.
func TestLintSchema(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	folder := t.TempDir()
	for name, text := range map[string]string{
		"a.json":   `{"@context":["https://www.w3.org/ns/credentials/v2","https://x.example/v1"],"type":["VerifiableCredential","OpenBadgeCredential"],"credentialSubject":{"farge":1}}`,
		"b.txt":    "hei",
		"v1.jsonc": `{"@context":{"farge":{"@id":"https://x.example/farge","type":"@vocab"}}}`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := f.want(3, "credential", "lint", "--json", "--profile", "ob3", "--context", "https://x.example/v1="+filepath.Join(folder, "v1.jsonc"), folder)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schemas.Lint))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(doc)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	written, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(written); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, member := range []string{"profile", "form", "validators", "places", "refusedBy", "section", "next", "error", "detail"} {
		if !strings.Contains(out, `"`+member+`":`) {
			t.Errorf("%s is never written", member)
		}
	}
}

// closeObjects lets objects of a schema have no other members than it names.
func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, item := range v {
			closeObjects(item)
		}
	case []any:
		for _, item := range v {
			closeObjects(item)
		}
	}
}
