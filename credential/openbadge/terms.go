package openbadge

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Context is the JSON-LD context of Open Badges 3.0.3, the second context of
// a badge behind that of the data model.
const Context = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

// ContextExtensions defines the terms of 1EdTech's own status, refresh and
// schema methods, which Context lacks.
const ContextExtensions = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

// ContextRecord is the JSON-LD context of the Comprehensive Learner Record
// 2.0.1. In a record it stands between that of the data model and Context.
const ContextRecord = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"

// The types of credentials of Open Badges 3.0 and of the Comprehensive Learner
// Record 2.0. The first two mean the same.
const (
	TypeOpenBadgeCredential   = "OpenBadgeCredential"
	TypeAchievementCredential = "AchievementCredential"
	TypeEndorsementCredential = "EndorsementCredential"
	TypeClrCredential         = "ClrCredential"
)

// 1EdTech's own methods for schema, status and refresh. None of these names is
// in Context: a credential with one needs ContextExtensions as well.
const (
	TypeSchemaValidator = "1EdTechJsonSchemaValidator2019"
	TypeRevocationList  = "1EdTechRevocationList"
	TypeRefresh         = "1EdTechCredentialRefresh"
)

// ContextsFor returns the contexts, behind that of the data model, of a badge
// with these values of credentialSchema, credentialStatus or refreshService:
// Context, and ContextExtensions if one is of a type that only that defines.
func ContextsFor(values ...*strictjson.Value) []string {
	out := []string{Context}
	for _, value := range values {
		for _, v := range value.List() {
			for _, t := range credential.Types(v) {
				if len(out) == 1 && slices.Contains([]string{TypeSchemaValidator, TypeRevocationList, TypeRefresh}, t) {
					out = append(out, ContextExtensions)
				}
			}
		}
	}
	return out
}

// AchievementTypes returns the types of achievement that the standard names,
// in its order.
func AchievementTypes() []string {
	return []string{
		"Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge",
		"BachelorDegree", "Certificate", "CertificateOfCompletion", "Certification", "CommunityService", "Competency",
		"Course", "CoCurricular", "Degree", "Diploma", "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment",
		"JourneymanCertificate", "LearningProgram", "License", "Membership", "ProfessionalDoctorate",
		"QualityAssuranceCredential", "MasterCertificate", "MasterDegree", "MicroCredential", "ResearchDoctorate",
		"SecondarySchoolDiploma",
	}
}

// ValidAchievementType reports whether s is a type of achievement that the
// standard names, or an extension "ext:…".
func ValidAchievementType(s string) bool {
	return extension(s) || slices.Contains(AchievementTypes(), s)
}

// ValidAlignmentTargetType reports whether s is a type of alignment target
// that the standard names, or an extension "ext:…".
func ValidAlignmentTargetType(s string) bool {
	return extension(s) || slices.Contains([]string{
		"ceasn:Competency", "ceterms:Credential", "CFItem", "CFRubric", "CFRubricCriterion", "CFRubricCriterionLevel", "CTDL",
	}, s)
}

// ValidResultType reports whether s is a type of result that the standard
// names, or an extension "ext:…".
func ValidResultType(s string) bool {
	return extension(s) || slices.Contains([]string{
		"GradePointAverage", "LetterGrade", "Percent", "PerformanceLevel", "PredictedScore", "RawScore", "Result",
		"RubricCriterion", "RubricCriterionLevel", "RubricScore", "ScaledScore", "Status",
	}, s)
}

// ValidResultStatus reports whether s is a status that the standard names.
// There are no extensions.
func ValidResultStatus(s string) bool {
	return slices.Contains([]string{"Completed", "Enrolled", "Failed", "InProgress", "OnHold", "Provisional", "Withdrew"}, s)
}

// ValidIdentifierType reports whether s is a type of identifier that the
// standard names, or an extension "ext:…".
func ValidIdentifierType(s string) bool {
	return extension(s) || slices.Contains([]string{
		"name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress", "nationalIdentityNumber",
		"isbn", "issn", "lisSourcedId", "oneRosterSourcedId", "sisSourcedId", "ltiContextId", "ltiDeploymentId",
		"ltiToolId", "ltiPlatformId", "ltiUserId", "identifier",
	}, s)
}

// AssociationTypes returns the ways in which a record ties achievements, in the
// order of the standard. There are no extensions.
func AssociationTypes() []string {
	return []string{"exactMatchOf", "isChildOf", "isParentOf", "isPartOf", "isPeerOf", "isRelatedTo", "precedes", "replacedBy"}
}

// ValidAssociationType reports whether s is one of AssociationTypes.
func ValidAssociationType(s string) bool { return slices.Contains(AssociationTypes(), s) }

// extension reports whether s extends an enumeration: "ext:" and a name. The
// schemas look at the first character of the name only.
func extension(s string) bool {
	name, ok := strings.CutPrefix(s, "ext:")
	if !ok || name == "" {
		return false
	}
	c := name[0]
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_'
}
