package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

var update = flag.Bool("update", false, "write the generated table into docs/lint.md")

func lintOne(t *testing.T, o app.LintOptions, text string) app.CredentialLint {
	t.Helper()
	all, err := newApp(t, t.TempDir()).Lint(t.Context(), []app.Input{{Name: "x", Raw: []byte(text)}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return all[len(all)-1]
}

func foundIn(l app.CredentialLint) []string {
	var out []string
	for _, f := range l.Findings {
		out = append(out, fmt.Sprint(f.Severity, " ", f.Rule, " ", f.At, ": ", f.Next))
	}
	return out
}

const lintBadge = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"id":"urn:x:1",` +
	`"type":["VerifiableCredential","OpenBadgeCredential"],"issuer":{"id":"did:web:a","type":["Profile"],"name":"A"},"validFrom":"2026-01-01T00:00:00Z",` +
	`"credentialSubject":{"id":"did:x:kari","type":["AchievementSubject"],"achievement":{"id":"https://a.example/1","type":["Achievement"],"name":"N","description":"d","criteria":{"narrative":"c"}}}}`

// TestLintSafeMode: every place that no context defines is named, each with a
// mend, and nothing that is defined.
func TestLintSafeMode(t *testing.T) {
	t.Parallel()
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(lintBadge) }
	const drop, lossless = "remove the member, or add a context that defines it", "error json-ld/lossless "
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"sound", lintBadge, nil},
		{"a member", change(`"name":"N"`, `"name":"N","farge":"rød"`), []string{lossless + "/credentialSubject/achievement/farge: " + drop}},
		{"two members", change(`"name":"N"`, `"name":"N","farge":"rød"`, `"validFrom"`, `"lukt":1,"validFrom"`),
			[]string{lossless + "/credentialSubject/achievement/farge: " + drop, lossless + "/lukt: " + drop}},
		{"a type among types", change(`["Achievement"]`, `["Kurs","Achievement"]`), []string{lossless + "/credentialSubject/achievement/type/0: " + drop}},
		{"methods of 1EdTech", change(`"validFrom"`, `"credentialStatus":{"id":"https://a.example/s","type":"1EdTechRevocationList"},"refreshService":{"id":"https://a.example/r","type":"1EdTechCredentialRefresh"},"validFrom"`),
			[]string{lossless + "/credentialStatus/type: add the context https://purl.imsglobal.org/spec/ob/v3p0/extensions.json, which alone defines it",
				lossless + "/refreshService/type: add the context https://purl.imsglobal.org/spec/ob/v3p0/extensions.json, which alone defines it"}},
		{"with their context", change(`context-3.0.3.json"`, `context-3.0.3.json","https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"`,
			`"validFrom"`, `"credentialStatus":{"id":"https://a.example/s","type":"1EdTechRevocationList"},"validFrom"`), nil},
		{"an unknown context", change(`context-3.0.3.json"`, `context-3.0.3.json","https://skole.example/v1"`, `"name":"N"`, `"name":"N","participationType":"online"`),
			[]string{lossless + "/@context/2: leave the context out and say it in terms of Open Badges, or give what is behind the URL with --context URL=FILE",
				lossless + "/credentialSubject/achievement/participationType: say it by an alignment of the type ext:Mode; only the context /@context/2, which is not known here, could define it"}},
		{"two unknown contexts", change(`context-3.0.3.json"`, `context-3.0.3.json","https://skole.example/v1","https://skole.example/v2"`),
			[]string{lossless + "/@context/2: leave the context out and say it in terms of Open Badges, or give what is behind the URL with --context URL=FILE",
				lossless + "/@context/3: leave the context out and say it in terms of Open Badges, or give what is behind the URL with --context URL=FILE"}},
		{"in items of a list", change(`"validFrom"`, `"evidence":[{"type":["Evidence"],"lukt":1},{"type":["Evidence"],"smak":2}],"validFrom"`),
			[]string{lossless + "/evidence/0/lukt: " + drop, lossless + "/evidence/1/smak: " + drop}},
	} {
		l := lintOne(t, app.LintOptions{Profile: profile.OB3}, c.text)
		got := foundIn(l)
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		for _, v := range l.Validators {
			if v.Refuses != (v.Name == "json-ld-safe-mode" && c.want != nil) || v.Places != 0 != v.Refuses {
				t.Errorf("%s: %+v", c.name, v)
			}
		}
		if len(l.Validators) != 3 {
			t.Errorf("%s: %+v", c.name, l.Validators)
		}
	}
}

// TestLintContext: a context that is given is used, and its mistakes are found.
func TestLintContext(t *testing.T) {
	t.Parallel()
	text := strings.Replace(strings.Replace(lintBadge, `context-3.0.3.json"`, `context-3.0.3.json","https://skole.example/v1"`, 1), `"name":"N"`, `"name":"N","niva":"A"`, 1)
	lint := func(context string) (own, doc []string) {
		all, err := newApp(t, t.TempDir()).Lint(t.Context(), []app.Input{{Name: "x", Raw: []byte(text)}},
			app.LintOptions{Contexts: []suites.Context{{URL: "https://skole.example/v1", Bytes: []byte(context), SHA256: sum(context)}}})
		if err != nil {
			t.Fatal(err)
		}
		return foundIn(all[0]), foundIn(all[1])
	}
	own, doc := lint(`{"@context":{"niva":"https://skole.example/ord#niva"}}`)
	if own != nil || doc != nil {
		t.Errorf("%q %q", own, doc)
	}
	own, doc = lint(`{"@context":{"niva":{"@id":"https://skole.example/ord#niva","@type":"@vocab","context":{"A":"https://skoole.example/ord#a"}},` +
		`"poeng":{"@id":"https://skole.example/ord#poeng","@type":"xsd:integer"},"b":"https://skole.example/b"}}`)
	want := []string{
		"error context/keyword /@context/niva/context: write @context",
		"warning context/host /@context/niva/context/A: write skole.example, if that is meant",
		"warning context/prefix /@context/poeng: define the prefix, or write the IRI",
	}
	if !slices.Equal(own, want) {
		t.Errorf("%q, not %q", own, want)
	}
	if len(doc) != 1 || !strings.HasSuffix(doc[0], ": mend the context that defines it") {
		t.Errorf("%q", doc)
	}
}

// TestLintReads: what cannot be read is told beside the others; tokens are read
// as well.
func TestLintReads(t *testing.T) {
	t.Parallel()
	a := newApp(t, t.TempDir())
	all, err := a.Lint(t.Context(), []app.Input{{Name: "x", Raw: []byte("hei")}, {Name: "y", Raw: []byte(lintBadge)}}, app.LintOptions{})
	if err != nil || len(all) != 2 || all[0].Err == nil || all[1].Err != nil || len(all[1].Findings) != 0 {
		t.Errorf("%+v %v", all, err)
	}
	if _, err := a.Lint(t.Context(), nil, app.LintOptions{Profile: "ob4"}); reason.CodeOf(err) != reason.Usage {
		t.Error(err)
	}
	all, err = a.Lint(t.Context(), nil, app.LintOptions{Contexts: []suites.Context{{URL: "https://a.example/", Bytes: []byte("{}"), SHA256: sum("{}")}}})
	if err != nil || len(all) != 1 || len(all[0].Findings) != 1 || all[0].Findings[0].Rule != "context/none" {
		t.Errorf("%+v %v", all, err)
	}
	token := "eyJhbGciOiJFZERTQSJ9." + base64.RawURLEncoding.EncodeToString([]byte(lintBadge)) + ".AAAA"
	if got := lintOne(t, app.LintOptions{Profile: profile.OB3}, token); got.Err != nil || len(got.Findings) != 1 || got.Findings[0].Rule != "token" {
		t.Errorf("a token without a key: %+v", got)
	}
	eudi := lintOne(t, app.LintOptions{Profile: profile.EUDI}, lintBadge)
	if got := foundIn(eudi); len(got) != 1 || got[0] != "error eudi/form : issue it as well with --as sd-jwt-eu" {
		t.Errorf("%q", got)
	}
	claims := lintOne(t, app.LintOptions{Profile: profile.EUDI}, `{"vct":"urn:eudi:micro_credential:1","iss":"https://a.example"}`)
	if got := foundIn(claims); len(got) < 5 || !strings.HasPrefix(got[0], "warning eudi/cnf") {
		t.Errorf("%q", got)
	}
}

// TestDutchExamples: all example credentials of educredentials that cannot be
// signed are explained, by file, member and mend. docs/lint.md has the table.
func TestDutchExamples(t *testing.T) {
	t.Parallel()
	folder := testcorpus.Path(t, "openbadges/educredentials/_data/credentials")
	a := newApp(t, t.TempDir())
	all, err := a.Lint(t.Context(), a.Inputs(t.Context(), []string{folder}, nil), app.LintOptions{Profile: profile.OB3})
	if err != nil {
		t.Fatal(err)
	}
	var files, members []string
	var mends = map[string]string{}
	for _, l := range all {
		if l.Err != nil || len(l.Validators) != 3 || l.Validators[0].Refuses || l.Validators[1].Refuses || !l.Validators[2].Refuses {
			t.Fatalf("%s: %v %+v", l.Input, l.Err, l.Validators)
		}
		var places []string
		for _, f := range l.Findings {
			if f.Refused&profile.SafeMode == 0 {
				continue
			}
			if f.Next == "" {
				t.Errorf("%s %s: no mend", l.Input, f.At)
			}
			places = append(places, "`"+f.At+"`")
			mend, _, _ := strings.Cut(f.Next, "; only the context")
			name := kindOfPlace(f.At)
			if mends[name] == "" {
				members = append(members, name)
			}
			mends[name] = mend
		}
		files = append(files, fmt.Sprintf("| `%s` | %s |", path.Base(strings.ReplaceAll(l.Input, `\`, "/")), strings.Join(places, " ")))
	}
	if len(files) != 30 {
		t.Errorf("%d files", len(files))
	}
	slices.Sort(members)
	var b strings.Builder
	b.WriteString("| member | mend |\n|---|---|\n")
	for _, m := range members {
		fmt.Fprintf(&b, "| `%s` | %s |\n", m, mends[m])
	}
	b.WriteString("\n| file | what would not be signed |\n|---|---|\n" + strings.Join(files, "\n") + "\n")
	const file, from, to = "../../docs/lint.md", "<!-- dutch examples -->\n", "<!-- end -->"
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc = bytes.ReplaceAll(doc, []byte("\r\n"), []byte("\n"))
	before, rest, ok := strings.Cut(string(doc), from)
	have, after, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatal("docs/lint.md has no place for the table")
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+from+"\n"+b.String()+"\n"+to+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if strings.TrimSpace(have) != strings.TrimSpace(b.String()) {
		t.Errorf("docs/lint.md has another table (go test ./internal/app -run TestDutchExamples -update):\n%s", b.String())
	}
}

// kindOfPlace is a place without the numbers of items.
func kindOfPlace(at string) string {
	parts := strings.Split(at, "/")
	if len(parts) > 1 && parts[1] == "@context" {
		return at
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }), "/")
}

func sum(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}

// FuzzLint: whatever a document and a context hold, lint ends, and what it finds
// is somewhere in the document or would be.
func FuzzLint(f *testing.F) {
	for _, seed := range [][2]string{
		{lintBadge, `{"@context":{"a":"https://a.example/a"}}`},
		{`{"@context":["https://www.w3.org/ns/credentials/v2","https://x.example/v1"],"type":["VerifiableCredential","A","B"],"credentialSubject":[{"type":["C"]},{"a":[null,{"b":1}]}]}`, `{"@context":[{"a":{"type":"b"}},7]}`},
		{`{"@context":[],"type":"x","credentialSubject":{"verifiableCredential":["x",{"@context":7,"type":[7]}],"association":[{}]}}`, `{"@context":{"a":{"@context":{"b":{"context":{"c":"xsd:x"}}}}}}`},
		{`{"vct":"urn:eudi:elm:1","elm":[[]],"_sd":1}`, `[]`},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	a, err := app.New(app.Config{Home: f.TempDir(), Now: func() time.Time { return noon }, Offline: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, doc, context []byte) {
		for _, p := range append(profile.Names(), "") {
			o := app.LintOptions{Profile: p}
			if p == "" {
				o.Contexts = []suites.Context{{URL: "https://x.example/v1", Bytes: context, SHA256: sum(string(context))}}
			}
			all, err := a.Lint(t.Context(), []app.Input{{Name: "x", Raw: doc}}, o)
			if err != nil {
				continue // no context
			}
			for _, l := range all {
				for _, found := range l.Findings {
					if found.Message == "" || found.Said.String() != found.Message || found.Rule == "" || found.Code.Coarse() == string(reason.Internal) {
						t.Errorf("%+v", found)
					}
				}
			}
		}
	})
}
