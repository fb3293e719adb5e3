package vcapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// TestContextInContext: a context that stands inside another says what it would
// say without, where statements are signed; no check is lost by it, and nothing
// is issued so.
func TestContextInContext(t *testing.T) {
	t.Parallel()
	a := newAdapter(t, "https://127.0.0.1:1")
	const own = `{"nickname":"https://example.org/#nickname"}`
	credential := strings.NewReplacer(`credentials/v2"]`, `credentials/v2",`+own+`]`, `"name"`, `"nickname"`).Replace(plain)
	rdf, jcs := issued(t, a, "eddsa-rdfc-2022", credential, `{}`), issued(t, a, "eddsa-jcs-2022", credential, `{}`)
	in := func(secured, context string) string {
		if !strings.Contains(secured, own) {
			t.Fatal(secured)
		}
		return strings.ReplaceAll(secured, own, context)
	}
	const wrapped = `{"@context":` + own + `}`
	for name, c := range map[string]struct{ secured, want string }{
		"as it was signed":            {rdf, ""},
		"inside another":              {in(rdf, wrapped), ""},
		"inside another, text signed": {in(jcs, wrapped), "unsigned_data/proof-context"},
		"inside two":                  {in(rdf, `{"@context":`+wrapped+`}`), "unsigned_data/not-json-ld"},
		"beside a term":               {in(rdf, `{"x":"urn:x:x","@context":`+own+`}`), "unsigned_data/not-json-ld"},
		"a list":                      {in(rdf, `{"@context":[`+own+`]}`), "unsigned_data/not-json-ld"},
		"another meaning":             {in(rdf, `{"@context":{"nickname":"https://example.org/#name"}}`), "bad_signature"},
		"a protected term":            {in(rdf, `{"@context":{"nickname":"https://example.org/#nickname","VerifiableCredential":"urn:x:y"}}`), "unsigned_data/not-json-ld"},
		"a text that was changed":     {strings.Replace(in(rdf, wrapped), `"Kari"`, `"Karo"`, 1), "bad_signature"},
	} {
		code, answer := post(t, a, "/credentials/verify", `{"verifiableCredential":`+c.secured+`}`)
		if (code == http.StatusOK) != (c.want == "") || refusal(answer) != c.want {
			t.Errorf("%s: %d %s", name, code, answer.AppendJSON(nil))
		}
	}
	unsigned := strings.ReplaceAll(strings.Replace(credential, own, wrapped, 1), "ISSUER", a.issuers["eddsa-rdfc-2022"].id())
	if code, answer := post(t, a, "/issuers/eddsa-rdfc-2022/credentials/issue", `{"credential":`+unsigned+`}`); code != http.StatusBadRequest || refusal(answer) != "unsigned_data/not-json-ld" {
		t.Errorf("issued: %d %s", code, answer.AppendJSON(nil))
	}
}

// TestUnwrapLeavesBytes: what has no context inside another goes to the
// verifier as it came.
func TestUnwrapLeavesBytes(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`{}`, `{ "@context" : "urn:x:y", "a": 1e0 }`, `{ "@context": [ {"a":"urn:x:a"}, 7, null ] }`, `{ "@context": {"@context":{"a":"urn:x:a"}} }`,
	} {
		document, err := strictjson.ParseObject([]byte(raw), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(unwrapContexts(document)); got != raw {
			t.Errorf("%s became %s", raw, got)
		}
	}
}
