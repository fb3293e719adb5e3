package profile_test

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kompetansebevis/bevis/credential/profile"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(corpus(t, "openbadges/educredentials/schemas/ob_v3p0_achievementcredential_schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
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

// places lists the JSON pointers of everything in a document.
func places(doc any, at string) []string {
	out := []string{at}
	switch v := doc.(type) {
	case map[string]any:
		for name, item := range v {
			out = append(out, places(item, at+"/"+name)...)
		}
	case []any:
		for i, item := range v {
			out = append(out, places(item, at+"/"+strconv.Itoa(i))...)
		}
	}
	slices.Sort(out)
	return out
}

// TestSchemaRefusesNoMore changes every place of a badge in several ways: what
// the JSON schema of Open Badges refuses, the rules refuse too.
func TestSchemaRefusesNoMore(t *testing.T) {
	t.Parallel()
	s := schema(t)
	doc := document(t, "badge.json")
	if err := s.Validate(doc); err != nil {
		t.Fatal(err)
	}
	tried, refused := 0, 0
	missed := map[string][]string{}
	for _, at := range places(doc, "")[1:] {
		original, err := json.Marshal(value(t, doc).Lookup(at).Any())
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range []string{"", "null", "7", "-1", `""`, `"x y"`, "true", "[]", "{}", "[7]", `["x y"]`, "[" + string(original) + "]"} {
			if strings.HasPrefix(string(original), "[") && strings.HasPrefix(to, "[[") {
				continue
			}
			tried++
			changed := with(t, doc, at, to)
			if s.Validate(changed) == nil {
				continue
			}
			refused++
			if profile.Err(profile.Check(value(t, changed), profile.VCDM20(), profile.OpenBadges30())) == nil {
				missed[at] = append(missed[at], to)
			}
		}
	}
	t.Logf("%d changes, of which the schema refuses %d", tried, refused)
	for at, to := range missed {
		t.Errorf("%s: %q", at, to)
	}
}
