package definition

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/reason"
)

// Codes of a result that cannot be given.
const (
	NotAllowed reason.Code = "malformed/result"            // it is none that the definition allows
	NotReached reason.Code = "malformed/result-not-passed" // the definition wants more for the achievement
)

// named is what a description is called.
func named(d openbadge.ResultDescription) string { return cmp.Or(d.Name, d.ID) }

// short is what somebody wrote as it is quoted: its beginning, where it is long.
func short(text string) string { return fmt.Sprintf("%.80s", text) }

// number reads a number as people write it, with a comma or a point.
func number(s string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(s), ",", ".", 1), 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}

// result looks at a description of results.
func (c *checker) result(at string, d openbadge.ResultDescription) {
	low, isLow := number(d.ValueMin)
	high, isHigh := number(d.ValueMax)
	switch {
	case d.ValueMin != "" && !isLow, d.ValueMax != "" && !isHigh:
		if len(d.AllowedValue) == 0 {
			c.add("result-range", profile.Error, at, saidNoBound.With(), mendBound.With())
		}
	case isLow && isHigh && low >= high:
		c.add("result-range", profile.Error, at, saidBounds.With(), mendBounds.With())
	}
	seen := map[string]bool{}
	for n, v := range d.AllowedValue {
		if seen[v] {
			c.add("result-values", profile.Error, at+"/allowedValue/"+strconv.Itoa(n), saidTwice.With(), mendOnce.With())
		}
		seen[v] = true
	}
	if d.RequiredValue != "" {
		if _, err := Result(withoutDemand(d), d.RequiredValue); err != nil {
			c.add("result-required", profile.Error, at+"/requiredValue", saidNotAllowed.With(), mendAllowed.With())
		}
	}
	levels := map[string]bool{}
	for n, l := range d.RubricCriterionLevel {
		place := at + "/rubricCriterionLevel/" + strconv.Itoa(n)
		switch {
		case l.ID == "" || l.Name == "":
			c.add("rubric-level", profile.Error, place, saidLevelLacks.With(), mendLevelLacks.With())
		case levels[l.ID]:
			c.add("rubric-level", profile.Error, place, saidLevelTwice.With(), mendLevelTwice.With())
		}
		levels[l.ID] = true
	}
	switch rubric := d.ResultType == "RubricCriterionLevel"; {
	case d.RequiredLevel != "" && !levels[d.RequiredLevel]:
		c.add("result-required", profile.Error, at+"/requiredLevel", saidNoLevel.With(), mendLevel.With())
	case rubric && len(levels) == 0:
		c.add("rubric-level", profile.Error, at+"/rubricCriterionLevel", saidNoLevels.With(), mendLevels.With())
	}
}

func withoutDemand(d openbadge.ResultDescription) openbadge.ResultDescription {
	d.RequiredValue, d.RequiredLevel = "", ""
	return d
}

// Result makes a result of what somebody wrote: one of the values that are
// allowed, in any letter case; a number in the range; a level of the rubric by
// its name, level or id; a status. The errors are NotAllowed, and NotReached
// where the description requires more for the achievement.
func Result(d openbadge.ResultDescription, text string) (openbadge.Result, error) {
	out, text := openbadge.Result{ResultDescription: d.ID}, strings.TrimSpace(text)
	switch {
	case text == "":
		return out, profile.Refuse(NotAllowed, "/value", saidResultMissing.With(named(d)))
	case d.ResultType == "Status":
		if out.Status = text; slices.Contains([]string{"bestått", "greidd", "fullført", "passed", "pass", "completed", "complete"}, strings.ToLower(text)) {
			out.Status = "Completed"
		}
	case len(d.RubricCriterionLevel) > 0 && d.ResultType != "RubricScore":
		i := slices.IndexFunc(d.RubricCriterionLevel, func(l openbadge.RubricCriterionLevel) bool {
			return l.ID == text || strings.EqualFold(l.Name, text) || l.Level != "" && strings.EqualFold(l.Level, text)
		})
		if i < 0 {
			return out, profile.Refuse(NotAllowed, "/achievedLevel", saidResultLevel.With(named(d), short(text), levelNames(d)))
		}
		out.AchievedLevel = d.RubricCriterionLevel[i].ID
	default:
		out.Value = text
		i := slices.IndexFunc(d.AllowedValue, func(v string) bool { return strings.EqualFold(v, text) })
		if i >= 0 {
			out.Value = d.AllowedValue[i]
		} else if f, ok := number(text); ok && len(d.AllowedValue) == 0 && isNumeric(d) {
			out.Value = strconv.FormatFloat(f, 'f', -1, 64)
		}
	}
	return out, check(d, out)
}

// isNumeric reports whether the results of a description are numbers.
func isNumeric(d openbadge.ResultDescription) bool {
	_, low := number(d.ValueMin)
	_, high := number(d.ValueMax)
	return low || high || slices.Contains([]string{"GradePointAverage", "Percent", "RawScore", "ScaledScore", "PredictedScore", "RubricScore"}, d.ResultType)
}

func levelNames(d openbadge.ResultDescription) string {
	var out []string
	for _, l := range d.RubricCriterionLevel {
		out = append(out, l.Name)
	}
	return strings.Join(out, ", ")
}

// CheckResults compares results with what an achievement says of them. A result
// that names no description of the achievement is not looked at, since nothing
// is said of it. The errors are those of Result, with the place of the result in
// a credential.
func CheckResults(a openbadge.Achievement, results []openbadge.Result) error {
	for n, r := range results {
		i := slices.IndexFunc(a.ResultDescription, func(d openbadge.ResultDescription) bool { return d.ID != "" && d.ID == r.ResultDescription })
		if i < 0 {
			continue
		}
		if err := check(a.ResultDescription[i], r); err != nil {
			return reason.Wrap(reason.CodeOf(err), "/credentialSubject/result/"+strconv.Itoa(n)+reason.AtOf(err), errors.Unwrap(err))
		}
	}
	return nil
}

func check(d openbadge.ResultDescription, r openbadge.Result) error {
	switch {
	case d.ResultType == "Status":
		if !openbadge.ValidResultStatus(r.Status) {
			return profile.Refuse(NotAllowed, "/status", saidResultStatus.With(named(d), short(cmp.Or(r.Status, r.Value))))
		}
	case r.AchievedLevel != "":
		return checkLevel(d, r.AchievedLevel)
	case r.Value != "":
		return checkValue(d, r.Value)
	}
	return nil
}

func checkValue(d openbadge.ResultDescription, value string) error {
	if len(d.AllowedValue) > 0 { // from low to high
		at, required := slices.Index(d.AllowedValue, value), slices.Index(d.AllowedValue, d.RequiredValue)
		switch {
		case at < 0:
			return profile.Refuse(NotAllowed, "/value", saidResultValue.With(named(d), short(value), strings.Join(d.AllowedValue, ", ")))
		case required > at:
			return profile.Refuse(NotReached, "/value", saidResultBelow.With(named(d), short(value), d.RequiredValue))
		}
		return nil
	}
	f, isNumber := number(value)
	low, hasLow := number(d.ValueMin)
	high, hasHigh := number(d.ValueMax)
	required, hasRequired := number(d.RequiredValue)
	switch {
	case !isNumber && isNumeric(d):
		return profile.Refuse(NotAllowed, "/value", saidResultNumber.With(named(d), short(value)))
	case hasLow && f < low, hasHigh && f > high:
		return profile.Refuse(NotAllowed, "/value", saidResultRange.With(named(d), short(value), cmp.Or(d.ValueMin, "…"), cmp.Or(d.ValueMax, "…")))
	case isNumber && hasRequired && f < required:
		return profile.Refuse(NotReached, "/value", saidResultBelow.With(named(d), short(value), d.RequiredValue))
	}
	return nil
}

// checkLevel compares a level of a rubric with the one that is required, where
// points or numbered levels tell which is higher: in JSON-LD they have no order.
func checkLevel(d openbadge.ResultDescription, id string) error {
	find := func(id string) (openbadge.RubricCriterionLevel, bool) {
		i := slices.IndexFunc(d.RubricCriterionLevel, func(l openbadge.RubricCriterionLevel) bool { return l.ID == id })
		if i < 0 {
			return openbadge.RubricCriterionLevel{}, false
		}
		return d.RubricCriterionLevel[i], true
	}
	got, ok := find(id)
	if !ok {
		return profile.Refuse(NotAllowed, "/achievedLevel", saidResultLevel.With(named(d), short(id), levelNames(d)))
	}
	want, ok := find(d.RequiredLevel)
	if !ok {
		return nil
	}
	for _, pair := range [][2]string{{got.Points, want.Points}, {got.Level, want.Level}} {
		have, a := number(pair[0])
		need, b := number(pair[1])
		if a && b {
			if have < need {
				return profile.Refuse(NotReached, "/achievedLevel", saidResultBelow.With(named(d), short(got.Name), want.Name))
			}
			return nil
		}
	}
	return nil
}
