package lint

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
)

// Element is one of the mandatory elements of Annex I.
type Element string

// The elements, in the order of the Annex.
const (
	Learner          Element = "learner"
	Title            Element = "title"
	Country          Element = "country"
	AwardingBody     Element = "awarding-body"
	DateOfIssuing    Element = "date"
	LearningOutcomes Element = "learning-outcomes"
	Workload         Element = "workload"
	Level            Element = "level"
	Assessment       Element = "assessment"
	Participation    Element = "participation"
	QualityAssurance Element = "quality-assurance"
)

// Severity is how much it weighs that an offer does not say an element.
type Severity string

// The severities.
const (
	Missing      Severity = "missing"       // mandatory
	IfApplicable Severity = "if-applicable" // mandatory where there is one
)

// Finding is an element that an offer does not say.
type Finding struct {
	Element  Element  `json:"element"`
	Severity Severity `json:"severity"`
	At       string   `json:"at"`            // JSON pointer of the member in a catalogue.Listing
	Say      string   `json:"say,omitempty"` // how to say it in the format that was read; empty: it has no place there
}

// rule tells whether an offer says an element. One without a said is of the
// credential that is issued, and not of the offer.
type rule struct {
	element  Element
	at       string
	severity Severity
	said     func(catalogue.Listing) bool
}

func rules() []rule {
	return []rule{
		{Learner, "", Missing, nil},
		{Title, "/offer/title", Missing, func(l catalogue.Listing) bool { return says(l.Offer.Title) }},
		{Country, "/provider/country", Missing, func(l catalogue.Listing) bool { return l.Provider.Country != "" }},
		{AwardingBody, "/offer/awards", Missing, namesAwarder},
		{DateOfIssuing, "", Missing, nil},
		{LearningOutcomes, "/offer/outcomes", Missing, func(l catalogue.Listing) bool {
			return slices.ContainsFunc(l.Offer.Outcomes, func(o catalogue.Outcome) bool { return o.Skill != "" || says(o.Text) })
		}},
		{Workload, "/offer/workload", Missing, func(l catalogue.Listing) bool { return l.Offer.Workload != "" || l.Offer.Credits != nil }},
		{Level, "/offer/level", IfApplicable, func(l catalogue.Listing) bool { return l.Offer.Level.EQF > 0 || l.Offer.Level.NQF != "" }},
		{Assessment, "/offer/assessment", Missing, func(l catalogue.Listing) bool { return says(l.Offer.Assessment) }},
		{Participation, "/offer/mode", Missing, tellsMode},
		{QualityAssurance, "/offer/quality", Missing, func(l catalogue.Listing) bool {
			return says(l.Offer.Quality) || l.Offer.Accreditation != nil && strings.TrimSpace(l.Offer.Accreditation.By) != ""
		}},
	}
}

// says tells whether there is a text in any language.
func says(t catalogue.Texts) bool {
	for _, s := range t {
		if strings.TrimSpace(s) != "" {
			return true
		}
	}
	return false
}

// namesAwarder: who issues stands in the offer, or the provider issues itself.
func namesAwarder(l catalogue.Listing) bool {
	return l.Offer.Awards != nil && l.Offer.Awards.Issuer != "" || len(l.Provider.Issuer) > 0 || strings.HasPrefix(l.Provider.ID, "did:")
}

// tellsMode: the offer says how it is taught, or each of its runs does.
func tellsMode(l catalogue.Listing) bool {
	if l.Offer.Mode != "" {
		return true
	}
	return len(l.Offer.Runs) > 0 && !slices.ContainsFunc(l.Offer.Runs, func(r catalogue.Run) bool { return r.Mode == "" })
}

// Elements returns all elements in the order of the Annex.
func Elements() []Element {
	var out []Element
	for _, r := range rules() {
		out = append(out, r.element)
	}
	return out
}

// AtIssue returns the elements that a credential has when it is issued, and
// that no offer can lack.
func AtIssue() []Element { return []Element{Learner, DateOfIssuing} }

// Check returns what an offer that was read in a format does not say, in the
// order of the Annex.
func Check(l catalogue.Listing, format intake.Format) []Finding {
	var out []Finding
	for _, r := range rules() {
		if r.said != nil && !r.said(l) {
			out = append(out, Finding{r.element, r.severity, r.at, Say(r.element, format)})
		}
	}
	return out
}

// Lacks tells whether an element that is mandatory in any case is among
// findings.
func Lacks(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Missing })
}

// Say names the members, columns or elements of a format in which an element
// is read; empty if it has no place there.
func Say(e Element, format intake.Format) string {
	table := map[Element]string{Title: "title", LearningOutcomes: "outcomes, skills", Workload: "hours, weeks, ects, studiepoeng", Level: "eqf, nqf",
		Assessment: "assessment", Participation: "mode", QualityAssurance: "quality, accreditation"}
	return map[intake.Format]map[Element]string{
		intake.JSONLines: {Title: "title", Country: "provider: country", AwardingBody: "awards.issuer; provider: issuer", LearningOutcomes: "outcomes", Workload: "workload, credits",
			Level: "level.eqf, level.nqf", Assessment: "assessment", Participation: "mode", QualityAssurance: "quality, accreditation"},
		intake.SchemaOrg: {Title: "name", Country: "provider.address.addressCountry", AwardingBody: "educationalCredentialAwarded.creator", LearningOutcomes: "teaches",
			Workload: "timeRequired, numberOfCredits", Level: "educationalLevel", Participation: "courseMode", QualityAssurance: "educationalCredentialAwarded.recognizedBy"},
		intake.LOQ: {Title: "title", Country: "providedBy.location.address.countryCode", LearningOutcomes: "learningAchievementSpecification.learningOutcome",
			Workload: "learningAchievementSpecification.volumeOfLearning, creditPoint", Level: "learningAchievementSpecification.EQFLevel, NQFLevel",
			Assessment: "learningAchievementSpecification.provenBy.description", Participation: "mode", QualityAssurance: "learningAchievementSpecification.accreditation.accreditingAgent"},
		intake.ELMO: {Title: "title", Country: "issuer/country", Workload: "specifies/learningOpportunityInstance/engagementHours, credit",
			Level: "specifies/learningOpportunityInstance/level"},
		intake.OpenEdX: {Title: "name", Workload: "effort"},
		intake.CSV:     table,
		intake.XLSX:    table,
	}[format][e]
}
