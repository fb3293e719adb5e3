package openbadge

import (
	"net/url"
	"testing"
	"time"
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
	for d, want := range map[time.Duration]string{40 * time.Hour: "PT40H 40 h", 90 * time.Minute: "PT1H30M 1 h 30 min", 45 * time.Minute: "PT45M 45 min", 0: "PT0H 0 h"} {
		if a := AlignWorkload(d); a.TargetCode+" "+a.TargetName != want {
			t.Errorf("%s: %+v", d, a)
		}
	}
	for level, want := range map[string]bool{"5.1": true, "4A": true, "1": false, "9": false, "": false, "5.3": false} {
		if a, ok := AlignNKR(level); ok != want || a.TargetURL == "" {
			t.Errorf("NKR %q: %v", level, ok)
		}
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
	for kind, want := range map[string]bool{"": true, ExtESCOSkill: true, "ext:ESCOAlignment": true, "CFItem": true, ExtEQF: false, ExtCredits: false, ExtWorkload: false, ExtMode: false, ExtQualityAssurance: false, ExtESCOOccupation: false} {
		if MaySkill(kind) != want {
			t.Errorf("%q may be a skill: %v", kind, !want)
		}
	}
	if IsESCOSkill(Alignment{TargetType: ExtESCOSkill, TargetURL: "https://esco.example/skill/1"}) {
		t.Error("whoever wants can write the type; the address tells")
	}
}
