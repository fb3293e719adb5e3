package elm_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/elm"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/badgegen"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/tally"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

func parse(t testing.TB, raw []byte) *strictjson.Value {
	t.Helper()
	v, err := strictjson.ParseObject(raw, elm.Limits(strictjson.Limits{}))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// unsaid is what stands in every document of the form and says nothing of its own.
func unsaid(name string, _ *strictjson.Value) bool { return name == "type" || name == "@context" }

// round maps a badge there and back, and holds what came back against the report.
func round(t *testing.T, name string, badge *strictjson.Value) (same int, report loss.Report) {
	t.Helper()
	there, report, err := elm.FromOpenBadge(badge, elm.Options{})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return 0, nil
	}
	shaped(t, name, there)
	back, second, err := elm.ToOpenBadge(parse(t, there.AppendJSON(nil)), elm.Options{})
	if err != nil {
		t.Errorf("%s: back: %v", name, err)
		return 0, nil
	}
	c, err := credential.New(back, nil)
	if err == nil {
		_, err = openbadge.FromCredential(c)
	}
	if err != nil {
		t.Errorf("%s: what comes back is no badge: %v", name, err)
	}
	// Of a text in several languages the way back takes one, and says so.
	for _, item := range second {
		if item.Why == elm.OneLanguage {
			return 0, report
		}
	}
	missing, same := tally.Covers(badge, back, report, unsaid)
	for _, at := range missing {
		t.Errorf("%s: %s %s was lost in silence; back %s", name, at, tally.Brief(badge.Lookup(at)), back.Lookup(at[:strings.LastIndexByte(at, '/')]).AppendJSON(nil))
	}
	return same, report
}

// shaped holds a document against what the shapes of the profile require (EDC
// generic, european-commission-empl/European-Learning-Model @9d7c5d2): the
// members that each class must have. The identifier for seals is put in by the
// sealing itself.
func shaped(t *testing.T, name string, document *strictjson.Value) {
	t.Helper()
	required := map[string][]string{
		"EuropeanDigitalCredential": {"credentialProfiles", "displayParameter", "issuer", "credentialSubject", "issued", "validFrom", "issuanceDate"},
		"DisplayParameter":          {"title", "primaryLanguage", "language", "individualDisplay"}, "IndividualDisplay": {"language", "displayDetail"}, "DisplayDetail": {"image", "page"},
		"MediaObject": {"contentType", "contentEncoding", "content"}, "Organisation": {"legalName", "location"}, "Location": {"address"}, "Address": {"countryCode"},
		"Person": {"hasClaim"}, "LearningAchievement": {"title", "awardedBy"}, "AwardingProcess": {"awardingBody"}, "LearningActivity": {"title", "directedBy"},
		"LearningAssessment": {"title", "grade", "assessedBy"}, "CreditPoint": {"framework", "point"}, "Identifier": {"notation"}, "LegalIdentifier": {"notation", "spatial"},
		"Qualification": {"title"}, "LearningAchievementSpecification": {"title"}, "LearningOutcome": {"title"}, "GradingScheme": {"title"}, "LearningAssessmentSpecification": {"title"},
		"Note": {"noteLiteral"}, "WebResource": {"contentURL"}, "Concept": {"id"}, "ConceptScheme": {"id"},
		"PeriodOfTime": nil, "ContactPoint": nil, "Mailbox": {"id"}, "Phone": nil, "ShaclValidator2017": {"id"},
	}
	var walk func(v *strictjson.Value, at string)
	walk = func(v *strictjson.Value, at string) {
		if v.Kind() == strictjson.KindObject && v.Get("id") != nil {
			types := credential.Types(v)
			class := types[len(types)-1]
			members, known := required[class]
			if !known {
				t.Errorf("%s: %s is a %q, which the profile does not have", name, at, class)
			}
			for _, member := range members {
				if v.Get(member) == nil {
					t.Errorf("%s: %s, a %s, lacks %s", name, at, class, member)
				}
			}
		}
		for _, m := range v.Members() {
			walk(m.Value, at+"/"+m.Name)
		}
		for i, item := range v.Items() {
			walk(item, fmt.Sprintf("%s/%d", at, i))
		}
	}
	walk(document, "")
}

// TestRoundTripOfTheCorpus maps every Open Badge 3.0 of the corpus there and back.
func TestRoundTripOfTheCorpus(t *testing.T) {
	t.Parallel()
	badges, values := 0, 0
	for _, folder := range []string{"openbadges", "dcc", "other"} {
		root := testcorpus.Path(t, folder)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
			if err != nil {
				return nil // not what this is about
			}
			c, err := credential.New(doc, nil)
			if err != nil {
				return nil
			}
			if _, err := openbadge.FromCredential(c); err != nil || c.ID() == "" {
				return nil
			}
			same, _ := round(t, strings.TrimPrefix(path, root), doc)
			badges, values = badges+1, values+same
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if badges < 50 || values < 500 {
		t.Errorf("only %d badges with %d values", badges, values)
	}
}

// TestRoundTripOfGenerated does so with badges of all kinds.
func TestRoundTripOfGenerated(t *testing.T) {
	t.Parallel()
	values := 0
	for seed := range uint64(400) {
		badge := badgegen.Badge(seed)
		same, report := round(t, fmt.Sprint("seed ", seed), badge)
		values += same
		if report.Count(loss.Assumed) == 0 {
			t.Errorf("seed %d: nothing was assumed, and the profile requires what no badge says", seed)
		}
	}
	if values < 10_000 {
		t.Errorf("only %d values came back", values)
	}
}
