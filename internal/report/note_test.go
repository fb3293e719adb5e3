package report_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/attacks"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/verifier"
)

// notes are those that the verifier declares, and those of checks that are made
// around it.
func notes(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../verifier/notes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{app.NoteShareInForce: i18n.New("en").T("check-note." + app.NoteShareInForce)}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out[name] = verifier.Note(name).Text()
		}
		return true
	})
	return out
}

// TestEveryNoteHasTexts: a note that is added to the verifier is said in each
// language, in English as the verifier says it. That the places are the same in
// all, package i18n keeps.
func TestEveryNoteHasTexts(t *testing.T) {
	t.Parallel()
	all := notes(t)
	if len(all) < 100 {
		t.Fatalf("only %d notes", len(all))
	}
	for _, lang := range i18n.Languages() {
		p := i18n.New(lang)
		for note, english := range all {
			switch key := "check-note." + note; {
			case !p.Has(key):
				t.Errorf("%s lacks %s", lang, key)
			case lang == "en" && p.T(key) != english:
				t.Errorf("%s is %q, and %q by the verifier", key, p.T(key), english)
			case lang != "en" && strings.HasSuffix(english, "%e") && !strings.Contains(p.T(key), "engelsk: %e"):
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
			if note, ok := strings.CutPrefix(key, "check-note."); ok && all[note] == "" {
				t.Errorf("%s: %s is the text of no note", lang, key)
			}
		}
	}
}

func TestDetailOf(t *testing.T) {
	t.Parallel()
	const id, moment = "did:key:z6Mk", "2027-01-31T00:00:00Z"
	for _, c := range []struct {
		check      app.ResultCheck
		en, nb, nn string
	}{
		{app.ResultCheck{Note: "period/no-end"}, "in force, without an end", "i kraft, uten sluttdato", "i kraft, utan sluttdato"},
		{app.ResultCheck{Note: "period/until", Args: []string{moment}}, "in force until 2027-01-31", "i kraft til 2027-01-31", "i kraft til 2027-01-31"},
		{app.ResultCheck{Note: "proof/right", Args: []string{"eddsa-rdfc-2022", id}}, "eddsa-rdfc-2022 signature is right, by " + id,
			"signaturen (eddsa-rdfc-2022) er riktig, med nøkkelen " + id, "signaturen (eddsa-rdfc-2022) er rett, med nøkkelen " + id},
		{app.ResultCheck{Note: "trust/list", Args: []string{"Kd", "2026-11-01", "my line 3 line 4"}}, "trusted: list of Kd of 2026-11-01, my line 3 line 4",
			"betrodd: liste fra Kd av 2026-11-01, my line 3 linje 4", "tiltrudd: liste frå Kd av 2026-11-01, my line 3 linje 4"},
		{app.ResultCheck{Note: "trust/entry", Args: []string{"line x"}}, "trusted: line x", "betrodd: din egen oppføring, line x", "tiltrudd: di eiga oppføring, line x"},
		{app.ResultCheck{Note: "status/message-said", Args: []string{"0x1", "Godkjent"}}, "the issuer has set the status 0x1, and says: \"Godkjent\"",
			"utstederen har satt statusen 0x1, og sier: «Godkjent»", "utferdaren har sett statusen 0x1, og seier: «Godkjent»"},
		{app.ResultCheck{Note: "endorsement/not-valid", Args: []string{"1", "2", "not-in-force"}}, "1 of 2 endorsements are not valid, the first is not in force; that takes nothing from what they stand in",
			"1 av 2 anbefalinger er ikke gyldige, den første: ikke i kraft; det tar ingenting fra det de står i", "1 av 2 tilrådingar er ikkje gyldige, den fyrste: ikkje i kraft; det tek ikkje noko frå det dei står i"},
		{app.ResultCheck{Note: "endorsement/elsewhere", Args: []string{"achievement", "otherMember"}}, "it stands at the achievement, and endorses otherMember",
			"den står ved prestasjonen, og gjelder otherMember", "ho står ved prestasjonen, og gjeld otherMember"},
		{app.ResultCheck{Note: "recipient/matched", Args: []string{"emailAddress (sha256, salted), name (plain), id (md5, without salt)"}}, "matched emailAddress (sha256, salted), name (plain), id (md5, without salt)",
			"stemmer med emailAddress (sha256, med salt), name (i klartekst), id (md5, uten salt)", "stemmer med emailAddress (sha256, med salt), name (i klartekst), id (md5, utan salt)"},
		{app.ResultCheck{Note: "profile/not-followed", Args: []string{"Open Badges 3.0", "no name"}}, "not as Open Badges 3.0 wants it: no name",
			"ikke slik Open Badges 3.0 vil ha det; teknisk, på engelsk: |no name", "ikkje slik Open Badges 3.0 vil ha det; teknisk, på engelsk: |no name"},
		{app.ResultCheck{Note: "status/revoked-said", Code: "revoked", Args: []string{"Fusk"}, Message: "it was"}, "the issuer has revoked this credential, and says: \"Fusk\"",
			"utstederen har trukket dette beviset tilbake, og sier: «Fusk»", "utferdaren har trekt dette beviset tilbake, og seier: «Fusk»"},
		{app.ResultCheck{Note: "trust/not-trusted", Args: []string{"did:x:y", "why"}}, "did:x:y is not trusted: why",
			"did:x:y er ikke betrodd; teknisk, på engelsk: |why", "did:x:y er ikkje tiltrudd; teknisk, på engelsk: |why"},
		{app.ResultCheck{Code: "malformed/data-model", Message: "is not a URL"}.Saying(profile.Text("not-url: is not a URL").With()), "is not a URL", "er ikke en URL", "er ikkje ein URL"},
		{app.ResultCheck{Note: "profile/not-followed", Args: []string{"Open Badges 3.0", "is not a URL"}}.Saying(profile.Text("not-url: is not a URL").With()), "not as Open Badges 3.0 wants it: is not a URL",
			"ikke slik Open Badges 3.0 vil ha det: er ikke en URL", "ikkje slik Open Badges 3.0 vil ha det: er ikkje ein URL"},
		{app.ResultCheck{Code: "revoked", Message: "it was"}, "it was",
			"Utstederen har trukket det tilbake. Teknisk, på engelsk: |it was", "Utferdaren har trekt det tilbake. Teknisk, på engelsk: |it was"},
		{app.ResultCheck{Note: "period/of-a-later-version", Message: "as it is"}, "as it is", "Teknisk, på engelsk: |as it is", "Teknisk, på engelsk: |as it is"},
		{app.ResultCheck{}, "", "", ""},
	} {
		for lang, want := range map[string]string{"en": c.en, "nb": c.nb, "nn": c.nn} {
			d := report.DetailOf(i18n.New(lang), c.check, false)
			text, english, _ := strings.Cut(want, "|")
			if d.Text != text || d.English != english || d.String() != text+english {
				t.Errorf("%s: %q %q, want %q", lang, d.Text, d.English, want)
			}
		}
	}
	if got := report.DetailOf(i18n.New("nb"), app.ResultCheck{Code: "revoked", Message: "it was"}, true).String(); got != "Teknisk, på engelsk: it was" {
		t.Errorf("what stands above already is said again: %s", got)
	}
}

// TestNoEnglishUnmarked judges bad inputs and the good ones beside them: of each
// check the message is the English text of its note, and what has no note has a
// code. So in Norwegian nothing is said in English that is not marked as such.
func TestNoEnglishUnmarked(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	cases, err := attacks.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, seen, found := notes(t), map[string]bool{}, 0
	english := i18n.New("en")
	var look func(what string, r app.VerifyResult)
	look = func(what string, r app.VerifyResult) {
		for _, c := range r.Checks {
			switch {
			case c.Note == "" && (c.Code == "" || english.Code("reason.", c.Code) == "") && c.Message != "":
				t.Errorf("%s: %s says in English alone: %s", what, c.ID, c.Message)
			case c.Said() != nil && !strings.HasSuffix(c.Message, c.Said().String()):
				t.Errorf("%s: %q is said otherwise: %s", what, c.Message, c.Said())
			case c.Note != "" && all[c.Note] == "":
				t.Errorf("%s: %q is not declared", what, c.Note)
			case c.Note != "" && strings.Count(all[c.Note], "%") != len(c.Args):
				t.Errorf("%s: %s has %q", what, c.Note, c.Args)
			case c.Note != "" && len(c.Args) == 0 && c.Message != all[c.Note]:
				t.Errorf("%s: %s says %q", what, c.Note, c.Message)
			}
			for _, arg := range c.Args {
				if !strings.Contains(c.Message, arg) && !strings.Contains(c.Message, strings.Trim(strconv.Quote(arg), `"`)) {
					t.Errorf("%s: %q does not hold %q", what, c.Message, arg)
				}
			}
			seen[c.Note] = true
			if c.Said() != nil {
				found++
			}
		}
		for _, inner := range slices.Concat(r.Credentials, r.Nested, r.Endorsements) {
			look(what, inner)
		}
	}
	for _, c := range cases {
		out, err := a.Verify(t.Context(), app.VerifyRequest{Inputs: []app.Input{{Name: c.File(), Raw: c.Raw}}, Issuers: c.Trusted, Audience: c.Audience,
			Challenge: c.Challenge, RequireHolder: c.Holder, StatusLists: c.StatusLists})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.Results {
			look(c.File(), r)
		}
	}
	if len(seen) < 30 || found < 10 {
		t.Errorf("only %d notes and %d findings were seen", len(seen), found)
	}
}

func TestNameBy(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	vouchers := []app.ResultVoucher{{Kind: "issuer", Source: "trust.txt line 2"}, {Kind: "list", By: "did:web:kd.example", ByName: "Kd", Source: "trust.txt line 4", AsOf: at}}
	for by, want := range map[string]string{
		"trust.txt line 9": "trust.txt linje 9",
		"list of Kd (did:web:kd.example) of 2026-11-01, trust.txt line 4": "signert liste fra Kd (did:web:kd.example) av 2026-11-01 08:00 UTC, trust.txt linje 4",
		"some other registry": "some other registry",
	} {
		if got := report.NameBy(i18n.New("nb"), &app.ResultIssuer{NameBy: by, Vouchers: vouchers}); got != want {
			t.Errorf("%s: %s", by, got)
		}
	}
}
