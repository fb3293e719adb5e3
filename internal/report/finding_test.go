package report_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/issuer/definition"
)

// findingTexts are the texts for findings that the code declares, by name.
func findingTexts(t *testing.T) map[string]profile.Text {
	t.Helper()
	out := map[string]profile.Text{}
	for _, folder := range []string{"credential/profile", "issuer/definition", "internal/app", "internal/cli"} {
		files, err := filepath.Glob("../../" + folder + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatal(folder, err)
		}
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok || !isText(spec.Type) {
					return true
				}
				for _, v := range spec.Values {
					literal, ok := v.(*ast.BasicLit)
					if !ok {
						t.Fatalf("%s: a text is written out", name)
					}
					s, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					text := profile.Text(s)
					if out[text.Name()] != "" {
						t.Errorf("%s is the name of two texts", text.Name())
					}
					out[text.Name()] = text
				}
				return true
			})
		}
	}
	return out
}

// isText reports whether a constant is declared to be a profile.Text.
func isText(of ast.Expr) bool {
	switch e := of.(type) {
	case *ast.Ident:
		return e.Name == "Text"
	case *ast.SelectorExpr:
		return e.Sel.Name == "Text"
	}
	return false
}

// TestEveryFindingHasTexts: what lint can say is said in each language, in
// English as the code says it. That the places are the same in all, package i18n
// keeps.
func TestEveryFindingHasTexts(t *testing.T) {
	t.Parallel()
	all := findingTexts(t)
	if len(all) < 250 {
		t.Fatalf("only %d texts", len(all))
	}
	for _, lang := range i18n.Languages() {
		p := i18n.New(lang)
		for name, text := range all {
			key := "finding." + name
			switch {
			case !p.Has(key):
				t.Errorf("%s lacks %s", lang, key)
			case lang == "en" && p.T(key) != text.English():
				t.Errorf("%s is %q, and %q in the code", key, p.T(key), text.English())
			case lang != "en" && p.T(key) == text.English():
				t.Errorf("%s: %s is in English", lang, key)
			case lang != "en" && strings.HasSuffix(text.English(), "%e") && !strings.HasSuffix(p.T(key), "teknisk, på engelsk: %e"):
				t.Errorf("%s: %s does not say that what follows is English", lang, key)
			}
		}
		raw, err := os.ReadFile("../i18n/messages/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatal(err)
		}
		for key := range texts {
			if name, ok := strings.CutPrefix(key, "finding."); ok && all[name] == "" {
				t.Errorf("%s: %s is the text of nothing", lang, key)
			}
		}
	}
}

// said is a look at findings of many documents.
type said struct {
	all  map[string]profile.Text
	seen map[string]bool
	raw  map[string]bool // messages that are the processor's own words
}

// look holds findings to it: a message is the English text of a sentence, of
// texts that are declared, with as many values as it has places.
func (s *said) look(t *testing.T, what string, findings []profile.Finding) {
	t.Helper()
	for _, f := range findings {
		if f.Said == nil || f.Message == "" || f.Said.String() != f.Message || f.Mend.String() != f.Next {
			t.Errorf("%s: %s at %s says in English alone: %s; %s", what, f.Rule, f.At, f.Message, f.Next)
		}
		for _, one := range []*profile.Sentence{f.Said, f.Mend} {
			for ; one != nil; one = one.Inner {
				name, english := one.Text.Name(), one.Text.English()
				inner := strings.Count(english, "%n")
				if s.all[name] != one.Text || strings.Count(english, "%") != len(one.Args)+inner || (inner == 1) != (one.Inner != nil) {
					t.Errorf("%s: %s at %s: %q with %q", what, f.Rule, f.At, one.Text, one.Args)
				}
				s.seen[name] = true
				if english == "%e" {
					s.raw[one.Args[0]] = true
				}
			}
		}
	}
}

// TestNoFindingInEnglishAlone holds changed and foreign documents against all
// profiles, and definitions against their rules.
func TestNoFindingInEnglishAlone(t *testing.T) {
	t.Parallel()
	s := said{findingTexts(t), map[string]bool{}, map[string]bool{}}
	a := newApp(t)
	lint := func(o app.LintOptions, inputs ...app.Input) {
		all, err := a.Lint(t.Context(), inputs, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range all {
			s.look(t, l.Input, l.Findings)
		}
	}
	inputs := changed(t, "../../credential/profile/testdata/badge.json")
	for n, text := range foreign() {
		inputs = append(inputs, app.Input{Name: "foreign " + strconv.Itoa(n), Raw: []byte(text)})
	}
	for _, p := range append(profile.Names(), "") {
		lint(app.LintOptions{Profile: p}, inputs...)
	}
	context := []byte(`{"@context":{"niva":{"@id":"https://skole.example/ord#niva","more":1,"context":{"A":"https://skoole.example/ord#a"}},` +
		`"poeng":{"@id":"https://skole.example/ord#poeng","@type":"xsd:integer"},"b":"https://skole.example/b"}}`)
	for _, raw := range [][]byte{context, []byte("{}")} {
		digest := sha256.Sum256(raw)
		lint(app.LintOptions{Contexts: []suites.Context{{URL: "https://skole.example/v1", Bytes: raw, SHA256: hex.EncodeToString(digest[:])}}})
	}
	for _, d := range definitions() {
		s.look(t, "definition", definition.Check(d))
		found, err := a.AchievementLint(app.Achievement{Slug: "x", Achievement: d})
		if err != nil {
			t.Fatal(err)
		}
		s.look(t, "definition", found)
	}
	if len(s.raw) > 0 {
		t.Errorf("in English alone: %q", slices.Sorted(maps.Keys(s.raw)))
	}
	if len(s.seen) < 240 {
		t.Errorf("only %d texts were seen: %q", len(s.seen), slices.Sorted(maps.Keys(s.seen)))
	}
}

// TestDutchFindings: of the Dutch example credentials, all that is found is said
// without the processor's own words.
func TestDutchFindings(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	s := said{findingTexts(t), map[string]bool{}, map[string]bool{}}
	for _, p := range append(profile.Names(), "") {
		all, err := a.Lint(t.Context(), a.Inputs(t.Context(), []string{testcorpus.Path(t, "openbadges/educredentials/_data/credentials")}, nil), app.LintOptions{Profile: p})
		if err != nil || len(all) != 30 {
			t.Fatal(len(all), err)
		}
		for _, l := range all {
			s.look(t, l.Input, l.Findings)
		}
	}
	if len(s.raw) > 0 {
		t.Errorf("in English alone: %q", slices.Sorted(maps.Keys(s.raw)))
	}
}

// changed are documents that differ from the one in a file in one place.
func changed(t *testing.T, file string) []app.Input {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var out []app.Input
	for _, text := range []string{"null", "7", `""`, "[]", "{}", "[7]", `{"nb":"x","en":"y"}`, `{"@value":1}`} {
		with, err := strictjson.Parse([]byte(text), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var walk func(v *strictjson.Value, at string, put func(*strictjson.Value) *strictjson.Value)
		walk = func(v *strictjson.Value, at string, put func(*strictjson.Value) *strictjson.Value) {
			for _, m := range v.Members() {
				here := func(x *strictjson.Value) *strictjson.Value { return put(v.With(m.Name, x)) }
				out = append(out, app.Input{Name: at + "/" + m.Name + " " + text, Raw: here(with).AppendJSON(nil)},
					app.Input{Name: at + "/" + m.Name, Raw: put(v.Without(m.Name)).AppendJSON(nil)})
				walk(m.Value, at+"/"+m.Name, here)
			}
		}
		walk(doc, "", func(v *strictjson.Value) *strictjson.Value { return v })
	}
	return out
}

// foreign are documents of other kinds, with mistakes.
func foreign() []string {
	const base = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],`
	badge := base + `"type":["VerifiableCredential","OpenBadgeCredential"],"id":"urn:x:1","issuer":"did:web:a","credentialSubject":{"id":"did:x:kari","type":["AchievementSubject"]}`
	token := base64.RawURLEncoding.EncodeToString([]byte(badge + "}"))
	return []string{
		`{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],` +
			`"type":["VerifiableCredential","ClrCredential"],"issuer":{"id":"did:web:a"},"partial":"x","credentialSubject":{"verifiableCredential":["x",` + badge + `}],` +
			`"association":[{"type":"Association","associationType":"x","sourceId":"urn:x:7","targetId":"urn:x:8"}]}}`,
		`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","ClrCredential"],"credentialSubject":[]}`,
		base + `"type":["VerifiableCredential","EndorsementCredential"],"credentialSubject":{"id":"x","endorsementComment":7}}`,
		badge + `,"relatedResource":[{"id":"urn:x:2"},{"id":"urn:x:2","digestSRI":"x"},{"digestSRI":["x"]}],"ISSUER":1,"issuanceDate":"x","validFrom":"2026-01-01T00:00:00Z","validUntil":"2025-01-01T00:00:00Z"}`,
		badge + `,"farge":1,"refreshService":{"id":"urn:x:3","type":"1EdTechCredentialRefresh"},"evidence":[{"type":["Evidence","Lukt"],"id":"_:b"}],"https://x.example/y":1,"@z":2}`,
		badge + `,"image":{"id":"data:image/png;base64,` + strings.Repeat("A", 300<<10) + `","type":"Image"}}`,
		`{"@context":["https://www.w3.org/ns/credentials/v2",{"a":"b"}],"type":["VerifiableCredential"]}`,
		`{"@context":["https://www.w3.org/ns/credentials/v2","https://skole.example/v1"],"type":["VerifiableCredential","Kurs"],"name":"x","ECTS":5,"educationProgramIdentifier":"x"}`,
		`{"@context":[],"type":["VerifiableCredential"],"x":null}`, `{"type":["VerifiableCredential"]}`,
		`{"vct":"x","iat":"x","exp":-1,"iss":"x","status":{}}`, `{"status":{"status_list":{"idx":"x"}}}`,
		`{"vct":"urn:eudi:elm:1","elm":{"credentialSubject":{"givenName":"x"}}}`, `{"vct":"urn:eudi:micro_credential:1","issuer":{"_sd":["x"]}}`,
		"eyJhbGciOiJFZERTQSJ9." + token + ".AAAA", "[]",
	}
}

// definitions are such that much is to be mended.
func definitions() []openbadge.Achievement {
	align := func(kind, code string) openbadge.Alignment {
		return openbadge.Alignment{TargetType: kind, TargetCode: code, TargetName: "x", TargetURL: "https://x.example/"}
	}
	base := openbadge.Achievement{ID: "https://x.example/1", Name: " ", Description: "d", Criteria: &openbadge.Criteria{}, CreditsAvailable: 5, AchievementType: "MicroCredential",
		Image: &openbadge.Image{ID: "data:image/svg+xml,x"},
		Alignment: []openbadge.Alignment{align(openbadge.ExtESCOSkill, ""), align(openbadge.ExtEQF, "9"), align(openbadge.ExtNKR, "x"), align(openbadge.ExtISCEDF, "x"),
			align(openbadge.ExtMode, "x"), align(openbadge.ExtAssessment, "x"), align(openbadge.ExtAssessment, "x")},
		ResultDescription: []openbadge.ResultDescription{
			{ID: "urn:x:1", Name: "a", ResultType: "Percent", ValueMin: "x"}, {ID: "urn:x:2", Name: "b", ResultType: "Percent", ValueMin: "2", ValueMax: "1", RequiredValue: "3"},
			{ID: "urn:x:3", Name: "c", ResultType: "LetterGrade", AllowedValue: []string{"A", "A"}}, {ID: "urn:x:4", Name: "d", ResultType: "RubricCriterionLevel", RequiredLevel: "urn:x:5"},
			{ID: "urn:x:6", Name: "e", ResultType: "RubricCriterionLevel", RubricCriterionLevel: []openbadge.RubricCriterionLevel{{ID: "urn:x:7", Name: "x"}, {ID: "urn:x:7", Name: "y"}, {}}},
		},
	}
	other := base
	other.CreditsAvailable, other.Image = 0, &openbadge.Image{ID: "data:image/gif,x"}
	other.Alignment = []openbadge.Alignment{align(openbadge.ExtCredits, "x")}
	large := base
	large.Image = &openbadge.Image{ID: "data:image/png;base64," + strings.Repeat("A", 600<<10)}
	broken := base
	broken.Name = "\xff"
	return []openbadge.Achievement{base, other, large, broken}
}

// TestFinding: a sentence in three languages, with each kind of value.
func TestFinding(t *testing.T) {
	t.Parallel()
	all := findingTexts(t)
	text := func(name string) profile.Text {
		if all[name] == "" {
			t.Fatalf("there is no %s", name)
		}
		return all[name]
	}
	for _, c := range []struct {
		said       *profile.Sentence
		en, nb, nn string
	}{
		{text("missing").With(), "is missing", "mangler", "manglar"},
		{text("not").Of(text("want/number").With(), "an array"), "is an array, not a number", "er en liste, ikke et tall", "er ei liste, ikkje eit tal"},
		{text("not").Of(text("want/number").With(), `"an array"`), `is "an array", not a number`, `er "an array", ikke et tall`, `er "an array", ikkje eit tal`},
		{text("in-id").Of(text("not-url").With()), "has an id that is not a URL", "feltet «id» er ikke en URL", "feltet «id» er ikkje ein URL"},
		{text("lacks").With("A|B"), "does not hold A or B", "inneholder ikke A eller B", "inneheld ikkje A eller B"},
		{text("mend/types").With("A B|C"), "write type as a list that holds A and B or C", "skriv «type» som en liste med A og B eller C", "skriv «type» som ei liste med A og B eller C"},
		{text("json-ld/undefined-term").With("farge"), `no context defines the term "farge", so it would not be signed`,
			"ingen kontekst definerer leddet «farge», så det ville ikke blitt signert", "ingen kontekst definerer leddet «farge», så det ville ikkje blitt signert"},
		{text("token").With("it is odd"), "cannot be verified: it is odd", "kan ikke kontrolleres; teknisk, på engelsk: it is odd", "kan ikkje kontrollerast; teknisk, på engelsk: it is odd"},
		{text("mend/only-unknown").Of(text("mend/type-out").With(), "/@context/2"), "take the type out; only the context /@context/2, which is not known here, could define it",
			"ta ut typen; bare konteksten /@context/2, som ikke er kjent her, kunne definere det", "ta ut typen; berre konteksten /@context/2, som ikkje er kjend her, kunne definere det"},
		{profile.Text("of-a-later-version: is %s").With("odd"), "is odd", "is odd", "is odd"},
		{nil, "", "", ""},
	} {
		for lang, want := range map[string]string{"en": c.en, "nb": c.nb, "nn": c.nn} {
			if got := report.Finding(i18n.New(lang), c.said); got != want || lang == "en" && c.said.String() != want {
				t.Errorf("%s: %q, want %q", lang, got, want)
			}
		}
	}
}
