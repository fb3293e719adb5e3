package jsonld

import (
	"math"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestForm: what a document may not be written with, and where it may.
func TestForm(t *testing.T) {
	t.Parallel()
	const v2 = `"@context":"https://www.w3.org/ns/credentials/v2"`
	const held = `{` + v2 + `,"id":"urn:e","type":"VerifiableCredential"}`
	presentation := func(held string) string {
		return `{` + v2 + `,"id":"urn:d","type":["X","VerifiablePresentation"],"verifiableCredential":` + held + `}`
	}
	for doc, want := range map[string]string{
		`{"a":["x",null]}`: "unsigned_data/null /a/1", `{"a":{"b":[{"c":null}]}}`: "unsigned_data/null /a/b/0/c", `{"a":["x",{"b":null}]}`: "unsigned_data/null /a/1/b",
		// One node, in two places.
		`{"id":"urn:d","p":{"id":"urn:d"}}`: "", `{"id":"urn:d","p":{"id":"urn:d","type":"T"}}`: "", `{"id":"urn:d","p":{"id":"urn:d","a":"x"}}`: "unsigned_data/ambiguous-node /p",
		`{"id":"","p":{"id":"","a":"x"}}`: "", `{"p":{"id":"_:b"}}`: "unsigned_data/blank-id /p/id", `{"id":"_:b"}`: "unsigned_data/blank-id /id",
		// Values.
		`{"a":{"@value":"to ord"}}`: "", `{"a":{"@value":5}}`: "unsigned_data/language /a/@value", `{"a":{"@language":"nb"}}`: "unsigned_data/keyword /a/@language",
		`{"a":{"@value":"x","@language":"nb"}}`: "", `{"a":{"@value":"x","@language":"n b"}}`: "unsigned_data/language /a/@language", `{"a":{"@value":"x","@language":5}}`: "unsigned_data/language /a/@language",
		`{"a":{"@value":"x","@direction":"ltr"}}`: "", `{"a":{"@value":"x","@direction":"rtl"}}`: "", `{"a":{"@value":"x","@direction":""}}`: "unsigned_data/direction /a/@direction",
		`{"a":{"@value":"x","@direction":5}}`: "unsigned_data/direction /a/@direction", `{"a":{"@direction":"ltr"}}`: "unsigned_data/keyword /a/@direction",
		`{"a":{"@value":"x","type":"urn:t"}}`: "", `{"a":{"@value":"x","type":"https://www.w3.org/ns/i18n#nb_rtl"}}`: "unsigned_data/direction /a/type",
		`{"a":{"type":"https://www.w3.org/ns/i18n#nb_rtl"}}`: "", `{"a":{"@value":"x","@index":"y"}}`: "unsigned_data/keyword /a/@index", `{"a":{"@value":"x","type":null}}`: "unsigned_data/null /a/type",
		`{"a":{"@value":"x","b":"https://www.w3.org/ns/i18n#nb_rtl"}}`: "",
		`{"a":{"@context":null}}`:                                      "", `{"a:b":"x"}`: "unsigned_data/expanded-name /a:b", `{"@id":"urn:d"}`: "unsigned_data/keyword /@id",
		// Credentials in a presentation are documents of their own.
		presentation(held):                                                    "",
		presentation(`[` + held + `,` + held + `]`):                           "",
		presentation(`{"id":"urn:e"}`):                                        "unsafe_context/missing /verifiableCredential",
		presentation(`[` + held + `,{"id":"urn:e"}]`):                         "unsafe_context/missing /verifiableCredential/1",
		presentation(`[[` + held + `]]`):                                      "unsigned_data/dropped /verifiableCredential/0",
		presentation(`["urn:e"]`):                                             "unsigned_data/dropped /verifiableCredential/0",
		presentation(`[` + strings.Replace(held, "}", `,"a":null}`, 1) + `]`): "unsigned_data/null /verifiableCredential/0/a",
		// The id of the presentation means nothing there, and again behind it.
		presentation(`{` + v2 + `,"id":"urn:e","p":{"id":"urn:d","a":"x"}}`):                                                     "",
		presentation(`{` + v2 + `,"id":"urn:e","p":{"id":"urn:e","a":"x"}}`):                                                     "unsigned_data/ambiguous-node /verifiableCredential/p",
		strings.Replace(presentation(held), `"verifiableCredential"`, `"x":"y","verifiableCredential"`, 1):                       "",
		strings.TrimSuffix(presentation(held), "}") + `,"p":{"id":"urn:d","a":"x"}}`:                                             "unsigned_data/ambiguous-node /p",
		strings.TrimSuffix(presentation(held), "}") + `,"p":{"id":"urn:e","a":"x"}}`:                                             "",
		`{` + v2 + `,"id":"urn:d","p":` + presentation(`{"id":"urn:e","a":"x"}`) + `}`:                                           "unsigned_data/ambiguous-node /p",
		`{` + v2 + `,"id":"urn:f","p":` + presentation(`{"id":"urn:e","a":"x"}`) + `}`:                                           "", // what is within is written as what holds it
		`{` + v2 + `,"id":"urn:f","verifiableCredential":{"id":"urn:f","a":"x"}}`:                                                "unsigned_data/ambiguous-node /verifiableCredential",
		`{` + v2 + `,"id":"urn:f","verifiableCredential":[{"a":null}]}`:                                                          "unsigned_data/null /verifiableCredential/0/a",
		`{"@context":"https://www.w3.org/2018/credentials/v1","type":"VerifiablePresentation","verifiableCredential":["urn:e"]}`: "",
		`{"@context":"https://www.w3.org/2018/credentials/v1","verifiableCredential":[["urn:e"]]}`:                               "unsigned_data/dropped /verifiableCredential/0",
	} {
		if got := short(nil, (&former{path: path{strictjson.NewPath()}}).document(object(t, doc))); got != want {
			t.Errorf("%s\n    %q\nnot %q", doc, got, want)
		}
	}
	for doc, want := range map[string]bool{
		presentation(held): true, presentation(`[]`): true, strings.Replace(presentation(held), `["X","VerifiablePresentation"]`, `"VerifiablePresentation"`, 1): true,
		strings.Replace(presentation(held), "VerifiablePresentation", "VerifiableCredential", 1): false, strings.Replace(presentation(held), `"verifiableCredential"`, `"x"`, 1): false,
		strings.Replace(presentation(held), "ns/credentials/v2", "2018/credentials/v1", 1): false, `{"type":"VerifiablePresentation","verifiableCredential":[]}`: false,
		`{"@context":[],"type":"VerifiablePresentation","verifiableCredential":[]}`: false,
	} {
		if got := holdsCredentials(object(t, doc)); got != want {
			t.Errorf("%s: %v", doc, got)
		}
	}
	if err := (path{strictjson.NewPath()}).placed(reason.New("unsafe_context/malformed", "urn:c:0", "x")); reason.AtOf(err) != "urn:c:0" {
		t.Error("another place:", reason.AtOf(err))
	}
}

// TestTextsOfStatements are the forms that are looked at letter by letter.
func TestTextsOfStatements(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]bool{
		"nb": true, "NB": true, "a": true, "z": true, "A": true, "Z": true, "abcdefgh": true, "abcdefghi": false, "": false, "nb-": false, "-nb": false, "n--b": false,
		"nb-NO": true, "x-1": true, "sl-0": true, "sl-9": true, "1-x": false, "n1": false, "nb-abcdefghi": false, "nb-1994abcd": true,
		"n@": false, "n[": false, "n`": false, "n{": false, "nb-/": false, "nb-:": false, "n b": false, "næ": false, "nb-_": false,
	} {
		if languageTag(tag) != want {
			t.Errorf("the tag %q: %v", tag, !want)
		}
	}
	for s, want := range map[string]bool{
		"a:": true, "z:x": true, "A:x": true, "Z:x": true, ":x": false, "": false, "ax": false, "a1:x": true, "a0:x": true, "a9:x": true, "a+:x": true, "a-:x": true, "a.:x": true,
		"1a:x": false, "+a:x": false, "-a:x": false, ".a:x": false, "a/:x": false, "a;:x": false, "a@:x": false, "a[:x": false, "a_:x": false, "a~:x": false, "æ:x": false, "a/b:c": false,
		"a:1+-./;@[_~æ": true, "a: ": false, "a:\x1f": false, "a:!": true, "a:<": false, "a:>": false, `a:"`: false, "a:{": false, "a:}": false, "a:|": false, "a:^": false, "a:`": false, `a:\`: false,
		"a:=": true, "a:?": true, "a:]": true, "a:b c": false,
	} {
		if absolute(s) != want {
			t.Errorf("the IRI %q: %v", s, !want)
		}
	}
	for f, want := range map[float64]string{
		0: "0.0E0", 1: "1.0E0", -1.5: "-1.5E0", 1e21: "1.0E21", 1e-7: "1.0E-7", 1.25e-10: "1.25E-10", 1e100: "1.0E100", 120: "1.2E2", math.Inf(1): "+Inf",
	} {
		if got := canonicalDouble(f); got != want {
			t.Errorf("%v: %s, not %s", f, got, want)
		}
	}
	for _, c := range []struct {
		f                    float64
		datatype, text, want string
	}{
		{0, "", "0", "integer"}, {math.Copysign(0, -1), "", "0", "integer"}, {-5, "", "-5", "integer"}, {5, xsdDouble, "5.0E0", "double"}, {5.5, "", "5.5E0", "double"},
		{1e20, "", "100000000000000000000", "integer"}, {1e21, "", "1.0E21", "double"}, {-1e21, "", "-1.0E21", "double"},
	} {
		if text, datatype := numberLiteral(c.f, c.datatype); text != c.text || datatype != xsdNS+c.want {
			t.Errorf("%v: %s of %s", c.f, text, datatype)
		}
	}
	for text, want := range map[string]string{
		"5": "", "9007199254740991": "", "9007199254740992": "", "-9007199254740992": "", "7.5": "", "1e-7": "", "1e300": "", "12345678901234568": "unsigned_data/number", "-12345678901234568": "unsigned_data/number",
		"0.30000000000000004": "unsigned_data/number", "1e22": "",
	} {
		v, err := strictjson.Parse([]byte(text), strictjson.Limits{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := short(nil, (&former{}).number(v)); got != want {
			t.Errorf("%s: %q, not %q", text, got, want)
		}
	}
}
