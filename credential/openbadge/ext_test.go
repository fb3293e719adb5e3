package openbadge

import (
	"net/url"
	"testing"
)

// TestConcepts holds the lists to what an alignment needs, and the names of
// ours to what the standard accepts.
func TestConcepts(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]Concept{"units": Units(), "modes": Modes(), "assessments": Assessments()} {
		seen := map[string]bool{}
		for _, c := range list {
			u, err := url.Parse(c.URI)
			if c.Code == "" || c.Name == "" || err != nil || u.Host != "data.europa.eu" || seen[c.Code] {
				t.Errorf("%s: %+v", name, c)
			}
			seen[c.Code] = true
			if got, ok := FindConcept(list, c.Code); !ok || got != c {
				t.Errorf("%s: %q is not found by its code", name, c.Code)
			}
		}
	}
	for _, kind := range []string{ExtESCOSkill, ExtESCOOccupation, ExtEQF, ExtNKR, ExtISCEDF, ExtCredits, ExtWorkload, ExtMode, ExtAssessment, ExtSupervision, ExtQualityAssurance, ExtStackability} {
		if !ValidAlignmentTargetType(kind) {
			t.Errorf("%s is no type of a target", kind)
		}
	}
	if !ValidResultType(ExtECTSGrade) {
		t.Error(ExtECTSGrade)
	}
}

func TestFrameworkAlignments(t *testing.T) {
	t.Parallel()
	for _, level := range []int{-1, 0, 9} {
		if _, ok := AlignEQF(level); ok {
			t.Errorf("EQF has no level %d", level)
		}
	}
	if a, ok := AlignEQF(5); !ok || a.TargetURL != "http://data.europa.eu/snb/eqf/5" || a.TargetCode != "5" {
		t.Errorf("%+v", a)
	}
	for code, want := range map[string]bool{"07": true, "071": true, "0715": true, "7": false, "07150": false, "07a5": false, "": false} {
		if _, ok := AlignISCEDF(code); ok != want {
			t.Errorf("ISCED-F %q: %v", code, ok)
		}
	}
	for _, a := range []Alignment{AlignESCO("http://data.europa.eu/esco/skill/1", "x"), {TargetType: "ext:ESCOAlignment", TargetURL: "https://data.europa.eu/esco/skill/1"}} {
		if !IsESCOSkill(a) {
			t.Errorf("%+v is a skill of ESCO", a)
		}
	}
	if IsESCOSkill(Alignment{TargetType: ExtESCOSkill, TargetURL: "https://esco.example/skill/1"}) {
		t.Error("whoever wants can write the type; the address tells")
	}
}
