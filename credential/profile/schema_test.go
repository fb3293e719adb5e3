package profile_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(testcorpus.Path(t, "openbadges/educredentials/schemas/ob_v3p0_achievementcredential_schema.json"))
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

// tolerated is what the data model allows, or what a reader understands, and
// the schema of Open Badges refuses all the same.
func tolerated(doc any, at, to string) bool {
	switch at {
	case "/credentialStatus": // several entries, or none
		return strings.HasPrefix(to, "[")
	case "/credentialStatus/id": // none
		return to == ""
	case "/credentialStatus/type", "/credentialSchema/0/type": // several types
		return to == `["x y"]` || to == one(doc, at)
	case "/image/type", "/issuer/image/type", "/credentialSubject/achievement/image/type", "/credentialSubject/identifier/0/type": // a list of one
		return to == one(doc, at)
	case "/credentialSubject/achievement/resultDescription/0/allowedValue": // one value for a list of one
		return to == `""` || to == `"x y"`
	}
	return false
}

// one gives the list that holds just what is at a place.
func one(doc any, at string) string {
	for _, token := range strings.Split(at, "/")[1:] {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[token]
		case []any:
			n, _ := strconv.Atoi(token)
			doc = v[n]
		}
	}
	raw, _ := json.Marshal([]any{doc})
	return string(raw)
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
		for _, to := range []string{"", "null", "7", "-1", `""`, `"x y"`, "true", "[]", "{}", "[7]", `["x y"]`, one(doc, at)} {
			tried++
			changed := with(t, doc, at, to)
			if s.Validate(changed) == nil {
				continue
			}
			refused++
			if profile.Err(profile.Check(value(t, changed), profile.VCDM20(), profile.OpenBadges30())) == nil && !tolerated(doc, at, to) {
				missed[at] = append(missed[at], to)
			}
		}
	}
	if tried < 1000 || refused < 900 {
		t.Errorf("%d changes, of which the schema refuses %d", tried, refused)
	}
	for at, to := range missed {
		t.Errorf("%s: %q", at, to)
	}
}

// TestSamples: what others have issued in good faith keeps the rules, but for
// the places that are listed.
func TestSamples(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"openbadges/1edtech/complete_v1.json": { // names in place of e-mail addresses, of a draft of the standard
			"ob3/identifier-kind /credentialSubject/identifier/0/identityType", "ob3/identifier-kind /credentialSubject/identifier/1/identityType"},
		"openbadges/1edtech/simple-noproof.json":      {"ob3/achievement /credentialSubject/achievement"},
		"openbadges/clr20/simple-noproof.json":        {"clr2/context /@context"}, // of a draft of the standard
		"openbadges/clr20/simple_old_safesigned.json": {"clr2/context /@context"},
		"other/jff/plugfest-1-ex-1.json":              {"ob3/id /id", "ob3/context /@context", "ob3/achievement-id /credentialSubject/achievement/id"},
		"other/jff/plugfest-1-ex-2.json":              {"ob3/id /id", "ob3/context /@context", "ob3/achievement-id /credentialSubject/achievement/id"},
	}
	root := testcorpus.Path(t, "")
	looked := 0
	for _, folder := range []string{"openbadges", "dcc", "other/jff", "attacks/valid"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			c, err := credential.Parse(raw, credential.Limits{})
			if err != nil {
				return nil // something else
			}
			looked++
			var got []string
			for _, f := range profile.Check(c.Document(), profile.For(c)...) {
				if f.Severity == profile.Error {
					got = append(got, f.Rule+" "+f.At)
				}
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			expected := want[filepath.ToSlash(name)]
			slices.Sort(got)
			slices.Sort(expected)
			if !slices.Equal(got, expected) {
				t.Errorf("%s: %q, not %q", name, got, expected)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 100 {
		t.Errorf("%d credentials", looked)
	}
}
