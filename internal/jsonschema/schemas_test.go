package jsonschema

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

const url = "https://x.example/s.json"

func validate(t testing.TB, ctx context.Context, schema, document string, more map[string]string) error {
	t.Helper()
	texts := map[string][]byte{url: []byte(schema)}
	for u, text := range more {
		texts[u] = []byte(text)
	}
	s, err := New(texts)
	if err != nil {
		return err
	}
	v, err := strictjson.Parse([]byte(document), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	text, ok := s.Schema(url)
	if !ok {
		t.Fatal("the schema is gone")
	}
	return s.Validate(ctx, url, text, v)
}

// doubling is a schema that looks at a value 2^n times.
func doubling(n int) string {
	var defs []string
	for i := range n {
		defs = append(defs, fmt.Sprintf(`"a%d":{"allOf":[{"$ref":"#/$defs/a%d"},{"$ref":"#/$defs/a%d"}]}`, i, i+1, i+1))
	}
	defs = append(defs, fmt.Sprintf(`"a%d":{"type":"object"}`, n))
	return `{"$ref":"#/$defs/a0","$defs":{` + strings.Join(defs, ",") + `}}`
}

func TestValidate(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 60) + `1` + strings.Repeat(`}`, 60)
	for _, c := range []struct {
		name, schema, document string
		more                   map[string]string
		code                   reason.Code
		at                     string
	}{
		{"fits", `{"required":["a"]}`, `{"a":1}`, nil, "", ""},
		{"edition 2019-09", `{"$schema":"https://json-schema.org/draft/2019-09/schema","dependentRequired":{"a":["b"]}}`, `{"a":1}`, nil, "malformed/schema", ""},
		{"edition 7", `{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"type":"string"}}}`, `{"a":1}`, nil, "malformed/schema", "/a"},
		{"deep down", `{"properties":{"a":{"items":{"type":"string"}}}}`, `{"a":["x",1]}`, nil, "malformed/schema", "/a/1"},
		{"a name with a slash", `{"properties":{"a/b":{"type":"string"}}}`, `{"a/b":1}`, nil, "malformed/schema", "/a~1b"},
		{"nothing allowed", `false`, `{}`, nil, "malformed/schema", ""},
		{"a format is a remark", `{"format":"date"}`, `"soon"`, nil, "", ""},
		{"refers to another that was given", `{"$ref":"https://x.example/t.json"}`, `{}`, map[string]string{"https://x.example/t.json": `{"type":"string"}`}, "malformed/schema", ""},
		{"relative", `{"$ref":"t.json"}`, `{}`, map[string]string{"https://x.example/t.json": `{"type":"string"}`}, "malformed/schema", ""},
		{"refers to one that was not", `{"$ref":"https://x.example/t.json"}`, `{}`, nil, "schema_unavailable/reference", ""},
		{"refers to a file", `{"$ref":"file:///etc/passwd"}`, `{}`, nil, "schema_unavailable/reference", ""},
		{"no JSON", `{`, `{}`, nil, "usage/schema", ""},
		{"no schema", `{"type":1}`, `{}`, nil, "schema_unavailable/broken", ""},
		{"an expression that Go does not know", `{"pattern":"(?=a)"}`, `"a"`, nil, "schema_unavailable/broken", ""},
		{"an expression that takes others long", `{"pattern":"^(a+)+$"}`, `"` + strings.Repeat("a", 50_000) + `!"`, nil, "malformed/schema", ""},
		{"a tree", `{"type":"object","properties":{"a":{"$ref":"#"}}}`, deep, nil, "malformed/schema", strings.Repeat("/a", 60)},
		{"to itself", `{"$ref":"#"}`, `{}`, nil, "resource_limit/schema", ""},
		{"around itself", `{"allOf":[{"not":{"$ref":"#"}}]}`, `{}`, nil, "resource_limit/schema", ""},
		{"doubling", doubling(60), `{}`, nil, "resource_limit/schema", ""},
		{"doubling a little", doubling(5), `{}`, nil, "", ""},
		{"doubling with the document", `{"properties":{"a":{"allOf":[{"$ref":"#"},{"$ref":"#"}]}}}`, deep, nil, "resource_limit/schema", ""},
		{"references that turn", `{"$dynamicRef":"#x","$defs":{"x":{"$dynamicAnchor":"x"}}}`, `{}`, nil, "resource_limit/schema", ""},
	} {
		begun := time.Now()
		err := validate(t, t.Context(), c.schema, c.document, c.more)
		if reason.CodeOf(err) != c.code || c.code == "malformed/schema" && reason.AtOf(err) != c.at {
			t.Errorf("%s: %v (%s at %s), want %s at %s", c.name, err, reason.CodeOf(err), reason.AtOf(err), c.code, c.at)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s took %v", c.name, took)
		}
	}
}

// TestNoValues: what is said of a document holds no value from it.
func TestNoValues(t *testing.T) {
	t.Parallel()
	err := validate(t, t.Context(), `{"properties":{"a":{"enum":["x"]},"b":{"pattern":"^x$"},"c":{"const":1}}}`, `{"a":"kari","b":"kari","c":"kari"}`, nil)
	if err == nil || strings.Contains(err.Error(), "kari") {
		t.Error(err)
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := validate(t, ctx, `{}`, `{}`, nil); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// TestOpenBadges holds a sample against the schema of Open Badges 3.0, which
// is as large as they come.
func TestOpenBadges(t *testing.T) {
	t.Parallel()
	schema := testcorpus.Read(t, "openbadges/educredentials/schemas/ob_v3p0_achievementcredential_schema.json")
	document := testcorpus.Read(t, "openbadges/1edtech/complete.json")
	if err := validate(t, t.Context(), string(schema), string(document), nil); err != nil {
		t.Error(err)
	}
	broken := strings.Replace(string(document), `"issuer"`, `"issuers"`, 1)
	if err := validate(t, t.Context(), string(schema), broken, nil); reason.CodeOf(err) != "malformed/schema" {
		t.Error(err)
	}
}

// FuzzValidate: whatever is given as a schema, validation ends, and says no by
// its codes.
func FuzzValidate(f *testing.F) {
	for _, schema := range []string{`{"required":["a"]}`, `{"$ref":"#"}`, doubling(4), `{"items":[{"$ref":"#/items/0"}],"uniqueItems":true}`, `{"$dynamicRef":"#x"}`, `{"pattern":"^(a+)+$"}`, `{"if":{"not":true},"unevaluatedProperties":false}`} {
		f.Add(schema, `{"a":[1,"aaaa!",{"b":null}]}`)
	}
	f.Fuzz(func(t *testing.T, schema, document string) {
		if _, err := strictjson.Parse([]byte(document), strictjson.Limits{}); err != nil {
			return
		}
		begun := time.Now()
		err := validate(t, t.Context(), schema, document, nil)
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		if code := reason.CodeOf(err); code.Class() == reason.Fault && err != nil {
			t.Errorf("%v (%s)", err, code)
		}
	})
}
