package report_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kompetansebevis/bevis/docs/schemas"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/attacks"
	"github.com/kompetansebevis/bevis/internal/opinion"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schemas.Verify))
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

func conforms(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// TestSchemaAndStructsAgree: each member that is written is declared, each that
// is declared is written, and what is always written is required.
func TestSchemaAndStructsAgree(t *testing.T) {
	t.Parallel()
	type object struct {
		Properties map[string]json.RawMessage
		Required   []string
	}
	var doc struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(schemas.Verify), &doc); err != nil {
		t.Fatal(err)
	}
	structs := map[string]reflect.Type{"voucher": reflect.TypeFor[app.ResultVoucher](), "continued": reflect.TypeFor[app.ResultContinued](), "result": reflect.TypeFor[app.VerifyResult](), "issuer": reflect.TypeFor[app.ResultIssuer](),
		"claims": reflect.TypeFor[app.ResultClaims](), "check": reflect.TypeFor[app.ResultCheck](), "context": reflect.TypeFor[app.ResultDigest](),
		"coverage": reflect.TypeFor[app.ResultCoverage](), "place": reflect.TypeFor[app.ResultPlace](), "opinion": reflect.TypeFor[opinion.Opinion](),
		"difference": reflect.TypeFor[opinion.Difference](), "bundle": reflect.TypeFor[app.ResultBundle](), "evidence": reflect.TypeFor[app.ResultEvidence](),
		"timestamp": reflect.TypeFor[app.ResultStamp](), "leftOut": reflect.TypeFor[app.ResultLeftOut](),
		"summary": reflect.TypeFor[app.VerifySummary](), "endorsed": reflect.TypeFor[app.ResultEndorsed](), "association": reflect.TypeFor[app.ResultAssociation](),
		"refreshed": reflect.TypeFor[app.ResultRefreshed]()}
	seen := map[reflect.Type]bool{}
	agree := func(name string, o object, typ reflect.Type) {
		seen[typ] = true
		written := map[string]bool{}
		for _, field := range reflect.VisibleFields(typ) { // with those of structs that it takes in
			tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !field.IsExported() {
				continue
			}
			if field.Anonymous {
				seen[field.Type] = true
				continue
			}
			if tag == "" || tag == "-" {
				t.Errorf("%s.%s has no name in JSON", typ, field.Name)
			}
			written[tag] = true
			if _, ok := o.Properties[tag]; !ok {
				t.Errorf("%s: %s is not declared in the schema", name, tag)
			}
			if always := options != "omitempty" && options != "omitzero"; always != slices.Contains(o.Required, tag) {
				t.Errorf("%s: %s is always written: %t, and required: %t", name, tag, always, !always)
			}
		}
		for property := range o.Properties {
			if !written[property] {
				t.Errorf("%s: nothing writes %s", name, property)
			}
		}
	}
	agree("the whole", doc.object, reflect.TypeFor[app.VerifyResults]())
	for name, o := range doc.Defs {
		typ, ok := structs[name]
		if !ok {
			t.Errorf("no struct is known for %s", name)
			continue
		}
		agree(name, o, typ)
		delete(structs, name)
	}
	if len(structs) > 0 {
		t.Errorf("not in the schema: %v", structs)
	}
	// No struct is written that was not compared.
	walked := map[reflect.Type]bool{}
	var walk func(typ reflect.Type)
	walk = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[time.Time]() {
			return
		}
		if !seen[typ] {
			t.Errorf("%s has no definition in the schema", typ)
			return
		}
		if walked[typ] {
			return
		}
		walked[typ] = true
		for i := range typ.NumField() {
			if f := typ.Field(i); f.IsExported() {
				walk(f.Type)
			}
		}
	}
	walk(reflect.TypeFor[app.VerifyResults]())
}

// TestSchemaRefuses: the schema is no empty promise.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	s := schema(t)
	const good = `{"schema":"bevis.verify/v1","results":[{"verdict":"valid","reason":"","judgedAt":"2026-12-01T00:00:00Z","checks":[{"id":"proof","outcome":"pass"}]}],"summary":{"total":1,"verdicts":{"valid":1},"complete":true}}`
	if err := conforms(t, s, []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{{"/v1", "/v2"}, {`"pass"`, `"passed"`}, {`"valid","reason"`, `"ok","reason"`}, {`"reason":"",`, ""}, {`"reason":""`, `"reason":"Bad code"`},
		{"2026-12-01T", "2026-13-01T"}, {`"complete":true`, `"complete":1`}, {`"total":1,`, ""}, {`"valid":1`, `"good":1`}, {`"id":"proof",`, ""}} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%q is not there", change[0])
		}
		if conforms(t, s, []byte(bad)) == nil {
			t.Errorf("%q in place of %q is let through", change[1], change[0])
		}
	}
}

// results verifies inputs and holds what is written against the schema.
func results(t *testing.T, s *jsonschema.Schema, a *app.App, r app.VerifyRequest) {
	t.Helper()
	out, err := a.Verify(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := conforms(t, s, text); err != nil {
		t.Errorf("%s: %v", r.Inputs[0].Name, err)
	}
}

func newApp(t *testing.T) *app.App {
	t.Helper()
	a, err := app.New(app.Config{Home: t.TempDir(), Offline: true, Now: attacks.At})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestResultsOfAttacks: what is said of every bad input, and of the good ones
// beside them, is as the schema says.
func TestResultsOfAttacks(t *testing.T) {
	t.Parallel()
	s, a := schema(t), newApp(t)
	cases, err := attacks.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		results(t, s, a, app.VerifyRequest{Inputs: []app.Input{{Name: c.File(), Raw: c.Raw}}, Issuers: c.Trusted, Audience: c.Audience,
			Challenge: c.Challenge, RequireHolder: c.Holder, StatusLists: c.StatusLists})
	}
}

// TestResultsOfCorpus: and so is what is said of the documents of others.
func TestResultsOfCorpus(t *testing.T) {
	t.Parallel()
	s, a := schema(t), newApp(t)
	count := 0
	for _, folder := range []string{"attacks", "dcc", "openbadges"} {
		err := filepath.WalkDir(testcorpus.Path(t, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || count > 3000 {
				return err
			}
			if info, err := d.Info(); err != nil || info.Size() > 1<<20 {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			count++
			results(t, s, a, app.VerifyRequest{Inputs: []app.Input{{Name: path, Raw: raw}}})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if count < 300 {
		t.Errorf("only %d documents", count)
	}
}
