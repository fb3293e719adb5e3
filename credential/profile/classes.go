package profile

import (
	"maps"
	"slices"
)

// kind is what the value of a member is, in the words of the standard's model.
type kind uint8

const (
	aText     kind = iota // a string
	aURI                  // a string that names something
	aTime                 // a date and a time with a zone
	aDate                 // a date alone
	aNumber               // any number
	aBool                 // true or false
	aWord                 // one of the names of the list in of
	aLanguage             // a language code such as nb or en-US
	aToken                // a compact JWS
	ownName               // the type of classes that have but one, the name in of
	types                 // a set of names with those in of
	anObject              // an object of the class in of
	aProfile              // a URI, or an object of the class Profile
	contexts              // the contexts; of is the vocabulary whose one is among them
)

// property is a member of a class, a line of the standard's tables.
type property struct {
	name string
	card string // "1", "0..1", "1..*" or "0..*"
	is   kind
	of   string
	in   Validators // those who know it; none: all do
}

func (p property) required() bool { return p.card[0] == '1' }
func (p property) many() bool     { return p.card[len(p.card)-1] == '*' }

// class is an object of the model.
type class struct {
	closed     Validators // who lets no other members through
	properties []property
}

func classOf(closed Validators, parts ...[]property) class {
	return class{closed, slices.Concat(parts...)}
}

// model returns the classes of Open Badges 3.0 (appendix B) and of the
// Comprehensive Learner Record 2.0 by name, as the published schemas have
// them. Where editions of a schema differ, each has a line.
func model() map[string]class {
	secured := []property{
		{"issuer", "1", aProfile, "", data20}, {"issuer", "1", anObject, "Profile", data11},
		{"validFrom", "1", aTime, "", data20}, {"validUntil", "0..1", aTime, "", data20},
		{"issuanceDate", "1", aTime, "", data11}, {"expirationDate", "0..1", aTime, "", data11},
		{"proof", "0..*", anObject, "Proof", 0}, {"credentialSchema", "0..*", anObject, "CredentialSchema", 0},
		{"credentialStatus", "0..1", anObject, "CredentialStatus", 0}, {"refreshService", "0..1", anObject, "RefreshService", 0},
		{"termsOfUse", "0..*", anObject, "TermsOfUse", notDraft},
	}
	endorsed := []property{{"endorsement", "0..*", anObject, "EndorsementCredential", 0}, {"endorsementJwt", "0..*", aToken, "", 0}}
	out := map[string]class{
		"AchievementCredential": classOf(0, []property{
			{"@context", "1", contexts, "ob", 0}, {"type", "1", types, "VerifiableCredential AchievementCredential|OpenBadgeCredential", 0}, {"id", "1", aURI, "", 0},
			{"name", "0..1", aText, "", data20}, {"name", "1", aText, "", data11}, {"description", "0..1", aText, "", 0}, {"image", "0..1", anObject, "Image", 0},
			{"awardedDate", "0..1", aTime, "", notDraft}, {"credentialSubject", "1", anObject, "AchievementSubject", 0}, {"evidence", "0..*", anObject, "Evidence", 0},
		}, endorsed, secured),
		"EndorsementCredential": classOf(DraftSchema, []property{
			{"@context", "1", contexts, "ob", 0}, {"type", "1", types, "VerifiableCredential EndorsementCredential", 0}, {"id", "1", aURI, "", 0},
			{"name", "1", aText, "", notDraft}, {"description", "0..1", aText, "", notDraft}, {"awardedDate", "0..1", aTime, "", notDraft},
			{"credentialSubject", "1", anObject, "EndorsementSubject", 0}, {"evidence", "0..*", anObject, "Evidence", CompactSchema},
		}, secured),
		"ClrCredential": classOf(0, []property{
			{"@context", "1", contexts, "clr", 0}, {"type", "1", types, "VerifiableCredential ClrCredential", 0}, {"id", "1", aURI, "", 0}, {"name", "1", aText, "", 0},
			{"description", "0..1", aText, "", 0}, {"image", "0..1", anObject, "Image", 0}, {"awardedDate", "0..1", aTime, "", notDraft}, {"partial", "0..1", aBool, "", 0},
			{"credentialSubject", "1", anObject, "ClrSubject", 0}, {"evidence", "0..*", anObject, "Evidence", notDraft},
		}, endorsed, secured),
		"VerifiableCredential": classOf(0, []property{
			{"@context", "1", contexts, "", 0}, {"type", "1", types, "VerifiableCredential", 0}, {"id", "0..1", aURI, "", 0}, {"credentialSubject", "1", anObject, "CredentialSubject", 0},
		}, secured),
		"CredentialSubject": classOf(0, []property{{"id", "0..1", aURI, "", 0}}),
		"ClrSubject": classOf(0, []property{
			{"type", "1", types, "ClrSubject", 0}, {"id", "0..1", aURI, "", 0}, {"identifier", "0..*", anObject, "IdentityObject", 0}, {"achievement", "0..*", anObject, "Achievement", 0},
			{"verifiableCredential", "1..*", anObject, "VerifiableCredential", 0}, {"association", "0..*", anObject, "Association", 0},
		}),
		"Association": classOf(allSchemas, []property{
			{"type", "1", ownName, "Association", 0}, {"associationType", "1", aWord, "association", 0}, {"sourceId", "1", aURI, "", 0}, {"targetId", "1", aURI, "", 0},
		}),
		"AchievementSubject": classOf(DraftSchema, []property{
			{"type", "1", types, "AchievementSubject", 0}, {"id", "0..1", aURI, "", 0}, {"activityStartDate", "0..1", aTime, "", 0}, {"activityEndDate", "0..1", aTime, "", 0},
			{"achievement", "1", anObject, "Achievement", 0}, {"identifier", "0..*", anObject, "IdentityObject", 0}, {"image", "0..1", anObject, "Image", 0},
			{"result", "0..*", anObject, "Result", 0}, {"source", "0..1", anObject, "Profile", 0}, {"creditsEarned", "0..1", aNumber, "", 0},
		}, optionalTexts("licenseNumber", "narrative", "role", "term")),
		"EndorsementSubject": classOf(DraftSchema, []property{
			{"type", "1", types, "EndorsementSubject", 0}, {"id", "1", aURI, "", 0}, {"endorsementComment", "0..1", aText, "", 0},
		}),
		"Achievement": classOf(0, []property{
			{"type", "1", types, "Achievement", 0}, {"id", "1", aURI, "", 0}, {"name", "1", aText, "", 0}, {"description", "1", aText, "", 0},
			{"criteria", "1", anObject, "Criteria", 0}, {"achievementType", "0..1", aWord, "achievement", 0}, {"alignment", "0..*", anObject, "Alignment", 0},
			{"creator", "0..1", anObject, "Profile", 0}, {"creditsAvailable", "0..1", aNumber, "", 0}, {"image", "0..1", anObject, "Image", 0},
			{"inLanguage", "0..1", aLanguage, "", notDraft}, {"@language", "0..1", aLanguage, "", DraftSchema}, {"otherIdentifier", "0..*", anObject, "IdentifierEntry", 0},
			{"related", "0..*", anObject, "Related", 0}, {"resultDescription", "0..*", anObject, "ResultDescription", 0}, {"tag", "0..*", aText, "", 0},
		}, endorsed, optionalTexts("fieldOfStudy", "humanCode", "specialization", "version")),
		"Profile": classOf(0, []property{
			{"type", "1", types, "Profile", 0}, {"id", "1", aURI, "", 0}, {"url", "0..1", aURI, "", 0}, {"image", "0..1", anObject, "Image", 0}, {"address", "0..1", anObject, "Address", 0},
			{"otherIdentifier", "0..*", anObject, "IdentifierEntry", 0}, {"parentOrg", "0..1", anObject, "Profile", 0},
			{"dateOfBirth", "0..1", aDate, "", notDraft}, {"dateOfBirth", "0..1", aText, "", DraftSchema},
		}, endorsed, optionalTexts("name", "phone", "description", "email", "official", "familyName", "givenName", "additionalName", "patronymicName",
			"honorificPrefix", "honorificSuffix", "familyNamePrefix")),
	}
	maps.Copy(out, smallClasses())
	return out
}

// smallClasses are those that others are made of.
func smallClasses() map[string]class {
	idAndType := []property{{"id", "1", aURI, "", 0}, {"type", "1", aText, "", 0}}
	return map[string]class{
		"Address": classOf(DraftSchema, []property{{"type", "1", types, "Address", 0}, {"geo", "0..1", anObject, "GeoCoordinates", 0}},
			optionalTexts("addressCountry", "addressCountryCode", "addressRegion", "addressLocality", "streetAddress", "postOfficeBoxNumber", "postalCode")),
		"GeoCoordinates": classOf(DraftSchema, []property{{"type", "1", ownName, "GeoCoordinates", 0}, {"latitude", "1", aNumber, "", 0}, {"longitude", "1", aNumber, "", 0}}),
		"Alignment": classOf(0, []property{
			{"type", "1", types, "Alignment", 0}, {"targetName", "1", aText, "", 0}, {"targetUrl", "1", aURI, "", 0}, {"targetType", "0..1", aWord, "alignment", 0},
		}, optionalTexts("targetCode", "targetDescription", "targetFramework")),
		"Criteria": classOf(0, []property{{"id", "0..1", aURI, "", 0}, {"narrative", "0..1", aText, "", 0}}),
		"Evidence": classOf(0, []property{{"type", "1", types, "Evidence", 0}, {"id", "0..1", aURI, "", 0}},
			optionalTexts("narrative", "name", "description", "genre", "audience")),
		"IdentifierEntry": classOf(allSchemas, []property{
			{"type", "1", ownName, "IdentifierEntry", 0}, {"identifier", "1", aText, "", 0}, {"identifierType", "1", aWord, "identifier", 0},
		}),
		"IdentityObject": classOf(allSchemas, []property{
			{"type", "1", ownName, "IdentityObject", 0}, {"hashed", "1", aBool, "", 0}, {"identityHash", "1", aText, "", 0},
			{"identityType", "1", aWord, "identifier", 0}, {"salt", "0..1", aText, "", 0},
		}),
		"Image": classOf(allSchemas, []property{{"type", "1", ownName, "Image", 0}, {"id", "1", aURI, "", 0}, {"caption", "0..1", aText, "", 0}}),
		"Related": classOf(DraftSchema, []property{
			{"id", "1", aURI, "", 0}, {"type", "1", types, "Related", notDraft}, {"inLanguage", "0..1", aLanguage, "", notDraft},
			{"@language", "0..1", aLanguage, "", DraftSchema}, {"version", "0..1", aText, "", 0},
		}),
		"Result": classOf(0, []property{
			{"type", "1", types, "Result", 0}, {"achievedLevel", "0..1", aURI, "", 0}, {"alignment", "0..*", anObject, "Alignment", 0},
			{"resultDescription", "0..1", aURI, "", 0}, {"status", "0..1", aWord, "status", 0}, {"value", "0..1", aText, "", 0},
		}),
		"ResultDescription": classOf(0, []property{
			{"type", "1", types, "ResultDescription", 0}, {"id", "1", aURI, "", 0}, {"name", "1", aText, "", 0}, {"resultType", "1", aWord, "result", 0},
			{"alignment", "0..*", anObject, "Alignment", 0}, {"allowedValue", "0..*", aText, "", 0}, {"requiredLevel", "0..1", aURI, "", 0},
			{"rubricCriterionLevel", "0..*", anObject, "RubricCriterionLevel", 0},
		}, optionalTexts("requiredValue", "valueMax", "valueMin")),
		"RubricCriterionLevel": classOf(0, []property{
			{"type", "1", types, "RubricCriterionLevel", 0}, {"id", "1", aURI, "", 0}, {"name", "1", aText, "", 0}, {"alignment", "0..*", anObject, "Alignment", 0},
		}, optionalTexts("description", "level", "points")),
		"Proof": classOf(0, []property{
			{"type", "1", aText, "", 0}, {"created", "0..1", aTime, "", 0}, {"verificationMethod", "0..1", aURI, "", 0}, {"cryptosuite", "0..1", aText, "", notDraft},
		}, optionalTexts("challenge", "domain", "nonce", "proofPurpose", "proofValue")),
		"CredentialSchema": classOf(DraftSchema, idAndType),
		"CredentialStatus": classOf(DraftSchema, []property{
			{"type", "1", aText, "", 0}, {"id", "1", aURI, "", StrictSchema | DraftSchema}, {"id", "0..1", aURI, "", CompactSchema},
		}),
		"RefreshService": classOf(0, idAndType),
		"TermsOfUse":     classOf(0, []property{{"type", "1", aText, "", 0}, {"id", "0..1", aURI, "", 0}}),
	}
}

// optionalTexts are members that are texts and may be absent.
func optionalTexts(names ...string) []property {
	var out []property
	for _, name := range names {
		out = append(out, property{name, "0..1", aText, "", 0})
	}
	return out
}
