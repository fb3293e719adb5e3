package openbadge

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The extensions of ours. Open Badges 3.0 has no words for most of what Europe
// wants told of a learning achievement – its EQF level, the unit of its credits,
// how it was assessed – and lets an enumeration be extended by "ext:" and a
// name. Contexts that define such members are used by some, yet none of them is
// pinned, so what stands there would not be signed. An alignment is signed by
// the context of Open Badges, passes the published JSON schemas, and leads to
// the concept itself: its targetUrl is that of the European Union's own lists,
// which the European Learning Model uses as well.
//
// Names that others use are kept: ext:EQF, ext:QualityAssurance and
// ext:ECTSGradeScore are those of educredentials/obv3-examples (the Dutch
// national examples). For ESCO, edubadges writes ext:<framework>Alignment, such
// as ext:ESCOAlignment, which does not tell a skill from an occupation; bevis
// writes ExtESCOSkill and reads both, see IsESCOSkill. The concepts are those of
// the European Commission's XSDs (european-commission-empl/European-Learning-
// Model, xsd/loq/cv). docs/definitions.md has them as a table.
const (
	ExtESCOSkill        = "ext:ESCO:Skill"       // targetUrl is the skill's URI; targetCode is left out
	ExtESCOOccupation   = "ext:ESCO:Occupation"  // targetUrl is the occupation's URI
	ExtEQF              = "ext:EQF"              // targetCode is the level, 1 to 8
	ExtNKR              = "ext:NKR"              // the Norwegian framework; targetCode is a level such as 5.1
	ExtNQF              = "ext:NQF"              // a national framework that is not told apart; targetName is the level in its words
	ExtISCEDF           = "ext:ISCED-F"          // targetCode is a field of education, such as 0715
	ExtCredits          = "ext:Credits"          // the unit of creditsAvailable and creditsEarned; targetCode is one of Units
	ExtWorkload         = "ext:Workload"         // targetCode is a duration such as PT40H (ISO 8601)
	ExtMode             = "ext:Mode"             // how learners take part; targetCode is one of Modes
	ExtAssessment       = "ext:Assessment"       // how it is assessed; targetCode is one of Assessments
	ExtSupervision      = "ext:Supervision"      // supervision and identity check while assessed
	ExtQualityAssurance = "ext:QualityAssurance" // targetUrl leads to who assures the quality, or to the decision
	ExtStackability     = "ext:Stackability"     // targetUrl is what this counts towards
	ExtECTSGrade        = "ext:ECTSGradeScore"   // a resultType: a grade as ECTS writes it
)

// Types of identifiers of ours: of persons (identityType) what Open Badges has no
// name for, and of organisations (identifierType) those that the European Learning
// Model tells apart.
const (
	ExtGivenName     = "ext:givenName"
	ExtFamilyName    = "ext:familyName"
	ExtDateOfBirth   = "ext:dateOfBirth"
	ExtEIDAS         = "ext:eIDAS" // as in the certificate of a seal, such as NTRNO-971035854
	ExtRegistration  = "ext:registration"
	ExtVATIdentifier = "ext:vatIdentifier"
	ExtTaxIdentifier = "ext:taxIdentifier"
)

// European lists of concepts, each with a slash at its end.
const (
	conceptEQF        = "http://data.europa.eu/snb/eqf/"
	conceptISCEDF     = "http://data.europa.eu/snb/isced-f/"
	conceptCredit     = "http://data.europa.eu/snb/education-credit/"
	conceptMode       = "http://data.europa.eu/snb/learning-assessment/" // so called, and yet the list of modes
	conceptAssessment = "http://data.europa.eu/snb/assessment/"
	conceptESCOSkill  = "http://data.europa.eu/esco/skill/"
)

// addressNKR is the regulation that defines the levels of NKR, which have no
// addresses of their own.
const addressNKR = "https://lovdata.no/dokument/SF/forskrift/2017-11-08-1846"

// Concept is an entry of a list: the code that people write, what it is called,
// and its URI.
type Concept struct {
	Code string
	Name string // in English
	URI  string
}

// Units are the units of credits. A studiepoeng is worth one ECTS credit (60 to
// a year of full-time study) and has no URI of its own, so it leads to that.
// Fagskolepoeng, of Norwegian higher vocational education, are counted in the
// same way.
func Units() []Concept {
	ects := conceptCredit + "6fcec5c5af"
	return []Concept{
		{"ECTS", "ECTS credit", ects},
		{"studiepoeng", "Studiepoeng", ects},
		{"fagskolepoeng", "Fagskolepoeng", ects},
		{"ECVET", "ECVET point", conceptCredit + "60b314e826"},
	}
}

// Modes are the ways in which learners take part.
func Modes() []Concept {
	return []Concept{
		{"onsite", "Presential", conceptMode + "9191af2ed9"},
		{"online", "Online", conceptMode + "920fbb3cbe"},
		{"blended", "Blended", conceptMode + "e92d221e4d"},
		{"workbased", "Workbased", conceptMode + "729f3bed4b"},
		{"project", "Project based", conceptMode + "7813801c77"},
		{"lab", "Research-Lab based", conceptMode + "ed4c557045"},
	}
}

// Assessments are the ways in which learning outcomes are assessed.
func Assessments() []Concept {
	return []Concept{
		{"written", "written examination", conceptAssessment + "6e6cb2cc78"},
		{"oral", "oral examination", conceptAssessment + "d30284d7df"},
		{"practical", "practical assessment", conceptAssessment + "6a4db9f11d"},
		{"portfolio", "portfolio", conceptAssessment + "4f03b91c0e"},
		{"project", "project work", conceptAssessment + "795dac4096"},
		{"assignment", "marked assignment", conceptAssessment + "2939dae15f"},
		{"artefact", "artefact assessment", conceptAssessment + "de4d165a6c"},
		{"continuous", "continuous evaluation", conceptAssessment + "3484bd7e51"},
		{"quiz", "quiz", conceptAssessment + "b1b68f6735"},
		{"group", "group performance", conceptAssessment + "56539a6507"},
		{"problem", "problem based learning", conceptAssessment + "c4256a2726"},
		{"peer-assessment", "peer assessment", conceptAssessment + "19a2e5e671"},
		{"peer-review", "peer review", conceptAssessment + "812e3b0ae1"},
		{"attendance", "level of attendance", conceptAssessment + "7331eb4762"},
	}
}

// FindConcept looks up a code, in any letter case, or a URI.
func FindConcept(list []Concept, code string) (Concept, bool) {
	i := slices.IndexFunc(list, func(c Concept) bool { return strings.EqualFold(c.Code, code) || c.URI == code })
	if i < 0 {
		return Concept{}, false
	}
	return list[i], true
}

// Alignment returns the alignment to a concept, of the type of its list.
func (c Concept) Alignment(targetType string) Alignment {
	return Alignment{TargetType: targetType, TargetName: c.Name, TargetCode: c.Code, TargetURL: c.URI}
}

// AlignESCO returns the alignment to a skill of ESCO.
func AlignESCO(uri, label string) Alignment {
	return Alignment{TargetType: ExtESCOSkill, TargetName: label, TargetFramework: "ESCO", TargetURL: uri}
}

// IsESCOSkill reports whether an alignment is to a skill of ESCO, by its URL,
// whatever type others give it.
func IsESCOSkill(a Alignment) bool {
	return strings.HasPrefix(a.TargetURL, conceptESCOSkill) || strings.HasPrefix(a.TargetURL, "https"+strings.TrimPrefix(conceptESCOSkill, "http"))
}

// MaySkill reports whether an alignment of a targetType may be to a skill:
// false for the types above that say something else of an achievement, such as
// its level, workload or who assures its quality. Types of others may.
func MaySkill(targetType string) bool {
	switch targetType {
	case ExtESCOOccupation, ExtEQF, ExtNKR, ExtISCEDF, ExtCredits, ExtWorkload, ExtMode, ExtAssessment, ExtSupervision, ExtQualityAssurance, ExtStackability:
		return false
	}
	return true
}

// AlignEQF returns the alignment to a level of the European Qualifications
// Framework; false for a level that it does not have.
func AlignEQF(level int) (Alignment, bool) {
	code := strconv.Itoa(level)
	return Alignment{TargetType: ExtEQF, TargetName: "EQF " + code, TargetFramework: "European Qualifications Framework", TargetCode: code, TargetURL: conceptEQF + code},
		level >= 1 && level <= 8
}

// AlignNKR returns the alignment to a level of the Norwegian framework
// (forskrift 2017-11-08-1846): 2 to 8, with the parts 4A, 4B, 5.1, 5.2, 6.1 and
// 6.2; false for a level that it does not have.
func AlignNKR(level string) (Alignment, bool) {
	return Alignment{TargetType: ExtNKR, TargetName: "NKR " + level, TargetFramework: "Nasjonalt kvalifikasjonsrammeverk for livslang læring", TargetCode: level, TargetURL: addressNKR},
		slices.Contains([]string{"2", "3", "4", "4A", "4B", "5", "5.1", "5.2", "6", "6.1", "6.2", "7", "8"}, level)
}

// AlignWorkload returns the alignment that tells how much work something takes,
// in whole minutes: hours and minutes as xs:duration has them, of any number. The
// targetUrl is that of the unit.
func AlignWorkload(d time.Duration) Alignment {
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	code, name := "PT", ""
	if h > 0 || m == 0 {
		code, name = code+strconv.Itoa(h)+"H", strconv.Itoa(h)+" h"
	}
	if m > 0 {
		code, name = code+strconv.Itoa(m)+"M", strings.TrimSpace(name+" "+strconv.Itoa(m)+" min")
	}
	return Alignment{TargetType: ExtWorkload, TargetName: name, TargetFramework: "QUDT", TargetCode: code, TargetURL: "http://qudt.org/vocab/unit/HR"}
}

// AlignISCEDF returns the alignment to a field of education of ISCED-F 2013, by
// its code of two to four digits; false for another text.
func AlignISCEDF(code string) (Alignment, bool) {
	return Alignment{TargetType: ExtISCEDF, TargetName: "ISCED-F " + code, TargetFramework: "ISCED-F 2013", TargetCode: code, TargetURL: conceptISCEDF + code},
		len(code) >= 2 && len(code) <= 4 && strings.Trim(code, "0123456789") == ""
}
