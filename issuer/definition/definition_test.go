package definition_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer/definition"
	"github.com/kompetansebevis/bevis/reason"
)

const id = "https://kurs.example/sveising"

// course is a definition that nothing is to be said of.
func course() openbadge.Achievement {
	return openbadge.Achievement{ID: id, Name: "Sveising", Description: "40 timer.", Criteria: &openbadge.Criteria{Narrative: "Prøve."}, InLanguage: "nb", Version: "1"}
}

func concept(list []openbadge.Concept, code, kind string) openbadge.Alignment {
	c, _ := openbadge.FindConcept(list, code)
	return c.Alignment(kind)
}

// microCredential says all that the Recommendation wants.
func microCredential() openbadge.Achievement {
	a := course()
	level, _ := openbadge.AlignEQF(4)
	a.AchievementType, a.CreditsAvailable = "MicroCredential", 5
	a.Alignment = []openbadge.Alignment{
		openbadge.AlignESCO("http://data.europa.eu/esco/skill/27d26fd6-5795-4f0a-884e-112df7c68314", "lysbuesveising"), level,
		concept(openbadge.Units(), "studiepoeng", openbadge.ExtCredits), concept(openbadge.Modes(), "blended", openbadge.ExtMode),
		concept(openbadge.Assessments(), "practical", openbadge.ExtAssessment),
		{TargetType: openbadge.ExtQualityAssurance, TargetName: "NOKUT", TargetURL: "https://nokut.example/vedtak/1"},
	}
	return a
}

func rules(found []profile.Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, f.Severity.String()+" "+f.Rule+" "+f.At)
		if f.Message == "" || f.Next == "" || f.Code == "" {
			out = append(out, "which says nothing")
		}
	}
	return strings.Join(out, "; ")
}

// TestCheck changes one thing in a definition that is in order.
func TestCheck(t *testing.T) {
	t.Parallel()
	graded := openbadge.ResultDescription{ID: id + "#g", Name: "Karakter", ResultType: "LetterGrade", AllowedValue: []string{"F", "E", "D", "C", "B", "A"}, RequiredValue: "E"}
	rubric := openbadge.ResultDescription{ID: id + "#r", Name: "Nivå", ResultType: "RubricCriterionLevel", RequiredLevel: id + "#l1",
		RubricCriterionLevel: []openbadge.RubricCriterionLevel{{ID: id + "#l0", Name: "ikke", Points: "0"}, {ID: id + "#l1", Name: "god", Points: "1"}}}
	for name, c := range map[string]struct {
		change func(*openbadge.Achievement)
		want   string
	}{
		"in order":       {func(*openbadge.Achievement) {}, ""},
		"graded":         {func(a *openbadge.Achievement) { a.ResultDescription = []openbadge.ResultDescription{graded, rubric} }, ""},
		"no criteria":    {func(a *openbadge.Achievement) { a.Criteria = nil }, "error ob3/achievement-criteria /criteria"},
		"blank criteria": {func(a *openbadge.Achievement) { a.Criteria.Narrative = " " }, "error definition/criteria /criteria"},
		"blank name":     {func(a *openbadge.Achievement) { a.Name = " " }, "error definition/text /name"},
		"no such kind":   {func(a *openbadge.Achievement) { a.AchievementType = "Cuorse" }, "error ob3/achievement-kind /achievementType"},
		"language":       {func(a *openbadge.Achievement) { a.InLanguage = "norsk bokmål" }, "error model/Achievement.inLanguage /inLanguage"},
		"alignment without url": {func(a *openbadge.Achievement) { a.Alignment = []openbadge.Alignment{{TargetName: "x"}} },
			"error ob3/alignment-url /alignment/0/targetUrl"},
		"alignment twice": {func(a *openbadge.Achievement) { a.Alignment = append(a.Alignment, a.Alignment...) }, "warning definition/alignment-twice /alignment/1"},
		"no skill of ESCO": {func(a *openbadge.Achievement) {
			a.Alignment[0].TargetType, a.Alignment[0].TargetURL = openbadge.ExtESCOSkill, "https://x.example/1"
		},
			"error definition/alignment-esco /alignment/0/targetUrl"},
		"level": {func(a *openbadge.Achievement) {
			a.Alignment[0].TargetType, a.Alignment[0].TargetCode = openbadge.ExtEQF, "9"
		}, "error definition/alignment-eqf /alignment/0/targetCode"},
		"national level": {func(a *openbadge.Achievement) {
			a.Alignment[0].TargetType, a.Alignment[0].TargetCode = openbadge.ExtNKR, "1"
		}, "error definition/alignment-nkr /alignment/0/targetCode"},
		"field": {func(a *openbadge.Achievement) {
			a.Alignment[0].TargetType, a.Alignment[0].TargetCode = openbadge.ExtISCEDF, "sveising"
		}, "error definition/alignment-isced /alignment/0/targetCode"},
		"code": {func(a *openbadge.Achievement) {
			a.Alignment[0].TargetType, a.Alignment[0].TargetCode = openbadge.ExtMode, "zoom"
		}, "warning definition/alignment-code /alignment/0/targetCode"},
		"credits without unit": {func(a *openbadge.Achievement) { a.CreditsAvailable = 10 }, "warning definition/credits-unit /creditsAvailable"},
		"unit without credits": {func(a *openbadge.Achievement) {
			a.Alignment[0] = concept(openbadge.Units(), "ECTS", openbadge.ExtCredits)
		},
			"warning definition/credits-number /creditsAvailable"},
		"credits below zero": {func(a *openbadge.Achievement) { a.CreditsAvailable = -1 }, "error ob3/credits-available /creditsAvailable"},
		"large picture": {func(a *openbadge.Achievement) {
			a.Image = &openbadge.Image{ID: "data:image/png;base64," + strings.Repeat("A", 300<<10), Caption: "x"}
		}, "warning ob3/image-size /image/id"},
		"too large a picture": {func(a *openbadge.Achievement) {
			a.Image = &openbadge.Image{ID: "data:image/png;base64," + strings.Repeat("A", 600<<10), Caption: "x"}
		}, "error definition/image-size /image/id; warning ob3/image-size /image/id"},
		"picture of another kind": {func(a *openbadge.Achievement) { a.Image = &openbadge.Image{ID: "data:image/jpeg;base64,AAAA"} },
			"warning definition/image-type /image/id; hint definition/image-caption /image"},
		"picture that can act": {func(a *openbadge.Achievement) {
			a.Image = &openbadge.Image{ID: "data:image/svg+xml;base64,AAAA", Caption: "x"}
		}, "warning definition/image-active /image/id"},
		"range": {func(a *openbadge.Achievement) {
			a.ResultDescription = []openbadge.ResultDescription{{ID: id + "#p", Name: "Poeng", ResultType: "RawScore", ValueMin: "100", ValueMax: "0"}}
		}, "error definition/result-range /resultDescription/0"},
		"bound": {func(a *openbadge.Achievement) {
			a.ResultDescription = []openbadge.ResultDescription{{ID: id + "#p", Name: "Poeng", ResultType: "RawScore", ValueMin: "lite"}}
		}, "error definition/result-range /resultDescription/0"},
		"value twice": {func(a *openbadge.Achievement) {
			g := graded
			g.AllowedValue = append(slices.Clone(g.AllowedValue), "A")
			a.ResultDescription = []openbadge.ResultDescription{g}
		}, "error definition/result-values /resultDescription/0/allowedValue/6"},
		"demand": {func(a *openbadge.Achievement) {
			g := graded
			g.RequiredValue = "G"
			a.ResultDescription = []openbadge.ResultDescription{g}
		}, "error definition/result-required /resultDescription/0/requiredValue"},
		"demand of a rubric": {func(a *openbadge.Achievement) {
			r := rubric
			r.RequiredLevel = id + "#l2"
			a.ResultDescription = []openbadge.ResultDescription{r}
		}, "error definition/result-required /resultDescription/0/requiredLevel"},
		"rubric without levels": {func(a *openbadge.Achievement) {
			a.ResultDescription = []openbadge.ResultDescription{{ID: id + "#r", Name: "Nivå", ResultType: "RubricCriterionLevel"}}
		}, "error definition/rubric-level /resultDescription/0/rubricCriterionLevel"},
		"one level twice": {func(a *openbadge.Achievement) {
			r := rubric
			r.RubricCriterionLevel = append(slices.Clone(r.RubricCriterionLevel), r.RubricCriterionLevel[0])
			a.ResultDescription = []openbadge.ResultDescription{r}
		}, "error definition/rubric-level /resultDescription/0/rubricCriterionLevel/2"},
	} {
		a := course()
		a.Alignment = []openbadge.Alignment{{TargetName: "sveising", TargetURL: "https://x.example/1"}}
		c.change(&a)
		found := definition.Check(a)
		if got := rules(found); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if stops := profile.Err(found) != nil; stops != strings.HasPrefix(c.want, "error") {
			t.Errorf("%s: it stops: %v", name, stops)
		}
	}
}

// TestMicroCredential takes each element away.
func TestMicroCredential(t *testing.T) {
	t.Parallel()
	if got := rules(definition.Check(microCredential())); got != "" {
		t.Error(got)
	}
	for kind, want := range map[string]string{
		openbadge.ExtEQF:              "hint micro/level /alignment",
		openbadge.ExtCredits:          "warning definition/credits-unit /creditsAvailable",
		openbadge.ExtMode:             "warning micro/participation /alignment",
		openbadge.ExtAssessment:       "warning micro/assessment /alignment",
		openbadge.ExtQualityAssurance: "warning micro/quality-assurance /alignment",
	} {
		a := microCredential()
		a.Alignment = slices.DeleteFunc(a.Alignment, func(al openbadge.Alignment) bool { return al.TargetType == kind })
		if got := rules(definition.Check(a)); got != want {
			t.Errorf("without %s: %q, want %q", kind, got, want)
		}
		if a.AchievementType = "Course"; kind != openbadge.ExtCredits && rules(definition.Check(a)) != "" {
			t.Errorf("a course need not have %s", kind)
		}
	}
	a := microCredential()
	a.CreditsAvailable, a.Alignment = 0, slices.DeleteFunc(a.Alignment, func(al openbadge.Alignment) bool { return al.TargetType == openbadge.ExtCredits })
	if got := rules(definition.Check(a)); got != "warning micro/workload /creditsAvailable" {
		t.Error(got)
	}
}

// TestMicroCredentialIssued: what has no remarks here has none as a credential,
// by an issuer that tells where it is.
func TestMicroCredentialIssued(t *testing.T) {
	t.Parallel()
	a := microCredential()
	d := credential.Draft{
		Contexts: []string{openbadge.Context}, ID: "urn:x:1", Types: []string{openbadge.TypeOpenBadgeCredential},
		Issuer:    openbadge.Profile{ID: "did:x:kurs", Name: "Kursstedet", Address: &openbadge.Address{AddressCountryCode: "NO"}}.Value(),
		ValidFrom: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Subject: openbadge.AchievementSubject{ID: "did:x:kari", Achievement: &a}.Value(),
	}
	c, err := d.Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []profile.Name{profile.OB3, profile.Microcredential} {
		for _, f := range profile.NewStandards().Lint(c, p) {
			if f.Severity < profile.Hint {
				t.Errorf("%s: %+v", p, f)
			}
		}
	}
}

// TestResult reads what people write, and gives it to CheckResults, which says
// the same of it.
func TestResult(t *testing.T) {
	t.Parallel()
	letters := openbadge.ResultDescription{ID: "urn:x:g", ResultType: "LetterGrade", AllowedValue: []string{"F", "E", "D", "C", "B", "A"}, RequiredValue: "E"}
	points := openbadge.ResultDescription{ID: "urn:x:p", ResultType: "RawScore", ValueMin: "0", ValueMax: "100", RequiredValue: "40"}
	status := openbadge.ResultDescription{ID: "urn:x:s", ResultType: "Status"}
	rubric := openbadge.ResultDescription{ID: "urn:x:r", ResultType: "RubricCriterionLevel", RequiredLevel: "urn:x:l2", RubricCriterionLevel: []openbadge.RubricCriterionLevel{
		{ID: "urn:x:l1", Name: "Begynner", Level: "1"}, {ID: "urn:x:l2", Name: "Dyktig", Level: "2"}, {ID: "urn:x:l3", Name: "Mester", Level: "3"}}}
	free := openbadge.ResultDescription{ID: "urn:x:f", ResultType: "Result"}
	for _, c := range []struct {
		d    openbadge.ResultDescription
		text string
		want string // value, level or status
		code reason.Code
	}{
		{letters, "b", "B", ""},
		{letters, " E ", "E", ""},
		{letters, "F", "F", definition.NotReached},
		{letters, "G", "G", definition.NotAllowed},
		{letters, "", "", definition.NotAllowed},
		{points, "87,5", "87.5", ""},
		{points, "100", "100", ""},
		{points, "100.5", "100.5", definition.NotAllowed},
		{points, "-1", "-1", definition.NotAllowed},
		{points, "NaN", "NaN", definition.NotAllowed},
		{points, "mange", "mange", definition.NotAllowed},
		{points, "39,9", "39.9", definition.NotReached},
		{status, "bestått", "Completed", ""},
		{status, "Withdrew", "Withdrew", ""},
		{status, "flott", "flott", definition.NotAllowed},
		{rubric, "dyktig", "urn:x:l2", ""},
		{rubric, "3", "urn:x:l3", ""},
		{rubric, "urn:x:l2", "urn:x:l2", ""},
		{rubric, "Begynner", "urn:x:l1", definition.NotReached},
		{rubric, "4", "", definition.NotAllowed},
		{free, "fint arbeid", "fint arbeid", ""},
	} {
		r, err := definition.Result(c.d, c.text)
		if got := r.Value + r.AchievedLevel + r.Status; got != c.want || reason.CodeOf(err) != c.code || r.ResultDescription != c.d.ID {
			t.Errorf("%s %q: %q %v, want %q %s", c.d.ResultType, c.text, got, err, c.want, c.code)
		}
		if c.want == "" {
			continue // there is no result to look at
		}
		a := openbadge.Achievement{ResultDescription: []openbadge.ResultDescription{c.d}}
		err = definition.CheckResults(a, []openbadge.Result{{Value: "x", ResultDescription: "urn:x:of-another"}, r})
		if reason.CodeOf(err) != c.code || err != nil && !strings.HasPrefix(reason.AtOf(err), "/credentialSubject/result/1/") {
			t.Errorf("%s %q: %v, want %s", c.d.ResultType, c.text, err, c.code)
		}
	}
}

// TestRevise changes definitions that were and were not given out.
func TestRevise(t *testing.T) {
	t.Parallel()
	endorsed := course()
	endorsed.EndorsementJWT = []string{"a.b.c"}
	for name, c := range map[string]struct {
		old     openbadge.Achievement
		change  func(*openbadge.Achievement)
		issued  bool
		version string
		is      [2]bool // changed, new version
		dropped int
	}{
		"nothing":                {endorsed, func(*openbadge.Achievement) {}, true, "1", [2]bool{}, 0},
		"an endorsement":         {endorsed, func(a *openbadge.Achievement) { a.EndorsementJWT = append(a.EndorsementJWT, "d.e.f") }, true, "1", [2]bool{}, 0},
		"not given out yet":      {endorsed, func(a *openbadge.Achievement) { a.Name = "Sveis" }, false, "1", [2]bool{true, false}, 1},
		"given out":              {endorsed, func(a *openbadge.Achievement) { a.Name = "Sveis" }, true, "2", [2]bool{true, true}, 1},
		"a version that is said": {endorsed, func(a *openbadge.Achievement) { a.Name, a.Version = "Sveis", "2027-h" }, true, "2027-h", [2]bool{true, true}, 1},
		"the version alone":      {endorsed, func(a *openbadge.Achievement) { a.Version = "1b" }, true, "1b", [2]bool{false, true}, 0},
		"an older home":          {openbadge.Achievement{ID: id, Name: "x"}, func(a *openbadge.Achievement) { a.Name = "y" }, true, "2", [2]bool{true, true}, 0},
		"a number at the end":    {openbadge.Achievement{ID: id, Name: "x", Version: "1.9"}, func(a *openbadge.Achievement) { a.Name = "y" }, true, "1.10", [2]bool{true, true}, 0},
	} {
		changed := c.old
		changed.EndorsementJWT = slices.Clone(changed.EndorsementJWT)
		c.change(&changed)
		r, err := definition.Revise(c.old, changed, c.issued)
		if err != nil || r.Achievement.Version != c.version || r.Changed != c.is[0] || r.Version != c.is[1] || r.Dropped != c.dropped || c.dropped > 0 && len(r.EndorsementJWT) > 0 {
			t.Errorf("%s: %+v %v", name, r, err)
		}
		if len(r.Related) > 0 {
			t.Errorf("%s: under the same id, nothing is related", name)
		}
	}
	old := course()
	old.Version = "haust"
	changed := old
	changed.Name = "Sveis"
	if _, err := definition.Revise(old, changed, true); reason.CodeOf(err) != "usage/version" {
		t.Error(err)
	}
	changed.Version, changed.ID = "vår", id+"-2"
	r, err := definition.Revise(old, changed, true)
	if err != nil || len(r.Related) != 1 || r.Related[0].ID != id || r.Related[0].Version != "haust" {
		t.Errorf("a version under another id names the old one: %+v %v", r.Related, err)
	}
}

// TestTranslate makes an edition, and what cannot be one.
func TestTranslate(t *testing.T) {
	t.Parallel()
	a := microCredential()
	a.EndorsementJWT = []string{"a.b.c"}
	nn := definition.Edition{Language: "nn", Name: "Sveising", Description: "40 timar.", Narrative: "Prøve."}
	edition, named, err := definition.Translate(a, nn)
	if err != nil || rules(definition.Check(edition)) != "" || rules(definition.Check(named)) != "" {
		t.Fatal(err, definition.Check(edition), definition.Check(named))
	}
	if edition.ID != id+"#nn" || edition.InLanguage != "nn" || edition.Description != "40 timar." || len(edition.EndorsementJWT) > 0 || len(edition.Alignment) != len(a.Alignment) {
		t.Errorf("%+v", edition)
	}
	if v, ok := definition.EditionOf(edition, named); !ok || v != "1" {
		t.Errorf("it is an edition of version %q: %v", v, ok)
	}
	if len(named.Related) != 1 || named.Related[0].ID != edition.ID || named.Related[0].InLanguage != "nn" || a.Related != nil {
		t.Errorf("the original names it: %+v", named.Related)
	}
	if _, again, err := definition.Translate(named, nn); err != nil || len(again.Related) != 1 {
		t.Errorf("twice: %v %+v", err, again.Related)
	}
	silent := a
	silent.InLanguage = ""
	for name, c := range map[string]struct {
		of   openbadge.Achievement
		e    definition.Edition
		code reason.Code
	}{
		"of no language":   {silent, nn, "usage/language"},
		"into no language": {a, definition.Edition{Language: "nynorsk!", Name: "x", Description: "y", Narrative: "z"}, "usage/language"},
		"into its own":     {a, definition.Edition{Language: "NB", Name: "x", Description: "y", Narrative: "z"}, "usage/language"},
		"without criteria": {a, definition.Edition{Language: "nn", Name: "x", Description: "y"}, "usage/edition"},
		"without words":    {a, definition.Edition{Language: "nn"}, "usage/edition"},
	} {
		if _, _, err := definition.Translate(c.of, c.e); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func parse(t *testing.T, s string) *credential.Credential {
	t.Helper()
	c, err := credential.Parse([]byte(s), credential.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestBinds holds endorsements against what they are of.
func TestBinds(t *testing.T) {
	t.Parallel()
	of := course().Value()
	digest, err := openbadge.EndorsedDigest(of)
	if err != nil {
		t.Fatal(err)
	}
	other, err := openbadge.EndorsedDigest(of.With("name", strictjson.String("Lodding")))
	if err != nil {
		t.Fatal(err)
	}
	head := `{"@context":["https://www.w3.org/ns/credentials/v2","` + openbadge.Context + `"],"id":"urn:x:1","issuer":"did:x:nokut","validFrom":"2026-01-01T00:00:00Z",`
	kind, subject := `"type":["VerifiableCredential","EndorsementCredential"],`, `"credentialSubject":{"id":"`+id+`","type":["EndorsementSubject"]}`
	related := func(sri string) string { return `,"relatedResource":[{"id":"` + id + `","digestSRI":"` + sri + `"}]}` }
	for name, c := range map[string]struct {
		doc    string
		digest bool
		code   reason.Code
	}{
		"by id":             {head + kind + subject + `}`, false, ""},
		"by digest":         {head + kind + subject + related(digest), true, ""},
		"among digests":     {head + kind + subject + related("sha384-x "+digest), true, ""},
		"of another kind":   {head + kind + subject + related("sha384-x"), false, ""},
		"of another text":   {head + kind + subject + related(other), false, "endorsement_mismatch/digest"},
		"of something else": {head + kind + strings.Replace(subject, id, id+"/2", 1) + `}`, false, "endorsement_mismatch/target"},
		"of two":            {head + kind + `"credentialSubject":[{"id":"` + id + `"},{"id":"` + id + `"}]}`, false, "endorsement_mismatch/target"},
		"is none":           {head + `"type":["VerifiableCredential"],` + subject + `}`, false, "wrong_type/endorsement"},
	} {
		byDigest, err := definition.Binds(parse(t, c.doc), of)
		if byDigest != c.digest || reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v %v", name, byDigest, err)
		}
	}
}

// TestAttach takes in signed endorsements of the forms that can be carried.
func TestAttach(t *testing.T) {
	t.Parallel()
	doc := `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:x:1","type":["VerifiableCredential"],"issuer":"did:x:n","credentialSubject":{"id":"` + id + `"},"name":"NAME","proof":{}}`
	var a openbadge.Achievement
	attach := func(raw, says string) error {
		return definition.Attach(&a.Endorsement, &a.EndorsementJWT, []byte(raw), parse(t, says))
	}
	for _, name := range []string{"one", "two"} { // with the same id
		named := strings.Replace(doc, "NAME", name, 1)
		if err := attach(named, named); err != nil || len(a.Endorsement) != 1 || credential.Text(a.Endorsement[0].Get("name")) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 2 {
		if err := attach("a.b.c", doc); err != nil || len(a.EndorsementJWT) != 1 {
			t.Error(err, a.EndorsementJWT)
		}
	}
	for raw, code := range map[string]reason.Code{"": "no_credential", "a.b.c~d~": "unsupported_alg/endorsement-form", "\x84C": "unsupported_alg/endorsement-form"} {
		if err := attach(raw, doc); reason.CodeOf(err) != code {
			t.Errorf("%q: %v", raw, err)
		}
	}
	unsigned := strings.Replace(doc, `,"proof":{}`, "", 1)
	if err := attach(unsigned, unsigned); reason.CodeOf(err) != reason.NoProof {
		t.Error(err)
	}
}
