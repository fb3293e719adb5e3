package jsonld

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

type w3cTest struct {
	ID      string   `json:"@id"`
	Type    []string `json:"@type"`
	Input   string   `json:"input"`
	Expect  string   `json:"expect"`
	Error   string   `json:"expectErrorCode"`
	Options struct {
		Version   string `json:"specVersion"`
		Mode      string `json:"processingMode"`
		Direction string `json:"rdfDirection"`
	} `json:"option"`
}

// w3cKnown are the tests in which one of the two ways is known not to be as
// the suite wants, and why.
var w3cKnown = map[string]string{
	"#tc033": "a scoped context that is wrong is refused when it is used; those that ship are pinned",
	"#ter56": "json-gold takes @context as a term",
	"#tpr28": "json-gold redefines a protected term",
	"#tpr43": "json-gold, a protected @type",
	"#tc037": "json-gold leaves out the scoped context of a nested property",
	"#tc038": "json-gold leaves out the scoped context of a nested property",
	"#tc020": "json-gold, the same",
	"#tjs21": "json-gold reads a context inside a JSON literal as one value more",
	"#t0130": "json-gold resolves against @base otherwise, which no document may set here",
	"#t0131": "the same",
	"#t0132": "the same",
	"#tli11": "the same",
	"#tli12": "the same",
	"#te111": "json-gold resolves @vocab against another, which no document may set here",
	"#te112": "the same",
	"#twf05": "a language tag with a space, which former keeps out",
	"#tm009": "json-gold drops a null, which former keeps out",
	"#te015": "the same",
	"#t0015": "the same",
	"#tl001": "the same",
	"#te001": "nothing is said, which checkWhole refuses",
	"#t0001": "the same",
	"#tdi05": "json-gold leaves the direction that a context sets out of language maps; no pinned context sets one",
	"#tdi06": "the same",
	"#tin01": "json-gold's way refuses @included",
	"#tin02": "the same",
	"#tin03": "the same",
	"#tin04": "the same",
	"#tin05": "the same",
}

// TestW3CSuite reads the documents of the JSON-LD API test suite in both ways.
// They are written with everything that former keeps out of a credential,
// so that check is left out, and contexts may stand inline. The suite says
// what a processor is to drop; here that is refused, and counts so.
func TestW3CSuite(t *testing.T) {
	t.Parallel()
	for _, suite := range []string{"toRdf", "expand"} {
		var manifest struct{ Sequence []w3cTest }
		if err := json.Unmarshal(testcorpus.Read(t, "json-ld-api", suite+"-manifest.jsonld"), &manifest); err != nil {
			t.Fatal(err)
		}
		root := testcorpus.Path(t, "json-ld-api")
		p := newProcessor(t)
		count, refused := map[string]int{}, map[string][]string{}
		for _, test := range manifest.Sequence {
			if test.Options.Version == "json-ld-1.0" || test.Options.Mode == "json-ld-1.0" {
				count["for JSON-LD 1.0 only"]++
				continue
			}
			if suite == "toRdf" && strings.HasPrefix(test.ID, "#tdi") && test.Options.Direction != "i18n-datatype" {
				count["for another rdfDirection"]++
				continue
			}
			name := suite + test.ID
			want, positive := expected(t, root, test)
			raw, err := os.ReadFile(filepath.Join(root, test.Input))
			if err != nil {
				t.Fatal(err)
			}
			doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
			if err != nil {
				count["no JSON object"]++
				continue
			}
			quads, directErr := p.statements(t.Context(), doc, Selection{}, new(scratch), nil)
			direct := outcome(quads, directErr)
			quads, generalErr := p.general(doc, Selection{})
			general := outcome(quads, generalErr)
			declined := errors.Is(directErr, errDeclined)
			switch {
			case test.Error != "":
				count["wrong documents refused"]++
				if (directErr == nil || generalErr == nil && !declined) && w3cKnown[test.ID] == "" {
					t.Errorf("%s (%s): accepted: direct %v, json-gold %v", name, test.Error, directErr, generalErr)
				}
			case !positive:
				count["without an expected result"]++
			case declined && generalErr == nil:
				count["json-gold alone"]++
				if general != want && w3cKnown[test.ID] == "" {
					t.Errorf("%s: json-gold:\n%s\nwant\n%s", name, general, want)
				}
			case declined:
				refused[string(reason.CodeOf(generalErr))] = append(refused[string(reason.CodeOf(generalErr))], test.ID)
			case directErr != nil && generalErr != nil:
				refused[direct] = append(refused[direct], test.ID)
			case directErr == nil && direct != want:
				t.Errorf("%s: direct:\n%s\njson-gold: %v\n%s\nwant\n%s", name, direct, generalErr, general, want)
			case directErr == nil && general == direct:
				count["both as expected"]++
			case w3cKnown[test.ID] == "":
				t.Errorf("%s: direct %v, json-gold %v", name, directErr, generalErr)
			case directErr == nil:
				count["direct alone as expected"]++
			default:
				count["json-gold alone"]++
			}
		}
		if count["both as expected"] < 100 {
			t.Errorf("only %d tests were compared", count["both as expected"])
		}
		t.Logf("%s: %d tests: %v", suite, len(manifest.Sequence), count)
		for _, code := range slices.Sorted(maps.Keys(refused)) {
			t.Logf("  %s: %d %s", code, len(refused[code]), strings.Join(refused[code], " "))
		}
	}
}

// expected returns what a test wants, in canonical form.
func expected(t *testing.T, root string, test w3cTest) (string, bool) {
	t.Helper()
	if test.Expect == "" {
		return "", false
	}
	raw, err := os.ReadFile(filepath.Join(root, test.Expect))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(test.Expect, ".nq") {
		quads, err := rdfc.ParseNQuads(raw)
		if err != nil {
			t.Logf("%s: %v", test.ID, err)
			return "", false
		}
		return outcome(quads, nil), true
	}
	var nodes []map[string]any
	if err := json.Unmarshal(raw, &nodes); err != nil {
		return "", false
	}
	b := &builder{limit: 10_000}
	for _, node := range nodes {
		if _, err := b.node(node, rdfc.Term{}); err != nil {
			return "", false
		}
	}
	return outcome(b.quads, nil), true
}
