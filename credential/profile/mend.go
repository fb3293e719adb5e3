package profile

// How to mend what is wrong.
const (
	mendGive         Text = "mend/give: give %n"
	mendTakeOut      Text = "mend/take-out: take it out"
	mendList         Text = "mend/list: write it as a list, also when there is one"
	mendOneLanguage  Text = "mend/one-language: write it in one language here; the achievement in another language is told of under related"
	mendTime         Text = "mend/time: write it as 2026-01-31T12:00:00Z"
	mendTimeAfter    Text = "mend/time-after: write it as 2026-01-31T12:00:00Z, later than %s"
	mendOldDates     Text = "mend/old-dates: Data Model 2.0 has validFrom and validUntil"
	mendURLOrNone    Text = "mend/url-or-none: give one URL, or leave it out"
	mendURLSuchAs    Text = "mend/url-such-as: give one URL, such as urn:uuid:…"
	mendItURL        Text = "mend/it-url: give it a URL"
	mendNameIt       Text = "mend/name-it: name it"
	mendCase         Text = "mend/case: write the member as the standard does"
	mendCaseReader   Text = "mend/case-reader: write the member as the standard does: a reader that ignores case would take it for the other"
	mendWord         Text = "mend/word: use one of the standard's names"
	mendWordSuchAs   Text = "mend/word-such-as: use one of the standard's names, such as %s"
	mendWordOrOwn    Text = "mend/word-or-own: use one of the standard's names, or begin with ext:"
	mendWordOrOwnAs  Text = "mend/word-or-own-as: use one of the standard's names, such as %s, or begin with ext:"
	mendAddType      Text = "mend/add-type: add %s to type"
	mendAddItsType   Text = "mend/add-its-type: add %s to its type"
	mendSubjectType  Text = "mend/subject-type: add %s to the subject's type"
	mendIssuerType   Text = "mend/issuer-type: add %s to the issuer's type"
	mendAwardType    Text = "mend/achievement-type: add %s to the achievement's type"
	mendTypeIs       Text = "mend/type-is: let type be %s"
	mendTypes        Text = "mend/types: write type as a list that holds %a"
	mendSayType      Text = "mend/say-type: say of what type it is"
	mendProfile      Text = "mend/profile: choose another profile"
	mendContexts     Text = "mend/contexts: write @context as a list that begins with %s"
	mendContextURL   Text = "mend/context-url: name it by its URL"
	mendItsURL       Text = "mend/its-url: give its URL"
	mendContextFirst Text = "mend/context-first: begin the list with the context of the data model"
	mendBegin        Text = "mend/begin: begin the list with %s"
	mendBehind       Text = "mend/behind: put %s behind the context of the data model"
	mendBadgeBehind  Text = "mend/badge-behind: put the context of Open Badges behind that of the data model"

	// About who, whom and when.

	mendIssuer     Text = "mend/issuer: give the issuer as a URL or as an object with an id"
	mendIssuerName Text = "mend/issuer-name: give the issuer's name, so that people see whom it is from"
	mendHolder     Text = "mend/holder: give the holder as a URL or as an object with an id"
	mendStart      Text = "mend/start: say since when it is valid: validFrom"
	mendSubject    Text = "mend/subject: say whom and what the credential is about"
	mendClaims     Text = "mend/claims: say something about the subject"
	mendRecipient  Text = "mend/recipient: give the subject an id or an identifier"
	mendHashed     Text = "mend/hashed: say whether it is hashed"
	mendHash       Text = "mend/hash: give the identifier or its hash"

	// About badges, endorsements and records.

	mendBadgeID         Text = "mend/badge-id: give the credential an id, such as urn:uuid:…"
	mendOneRecipient    Text = "mend/one-recipient: a badge has one recipient"
	mendAchievement     Text = "mend/achievement: say what the badge is for"
	mendAchievementID   Text = "mend/achievement-id: give the achievement a URL that stays"
	mendAchievementName Text = "mend/achievement-name: name the achievement"
	mendDescribe        Text = "mend/describe: describe the achievement"
	mendCriteria        Text = "mend/criteria: say what it takes: criteria with a narrative"
	mendNarrative       Text = "mend/narrative: write a narrative, or give the id of a page that tells"
	mendAlignedName     Text = "mend/aligned-name: name what it is aligned to"
	mendAlignedURL      Text = "mend/aligned-url: give the URL of what it is aligned to"
	mendResultLink      Text = "mend/result-link: let resultDescription be the id of one of the achievement's"
	mendSuite           Text = "mend/suite: write eddsa-rdfc-2022, and sign anew"
	mendImage           Text = "mend/image: give an object with id and type Image"
	mendSmaller         Text = "mend/smaller: use a smaller picture for %s"
	mendResource        Text = "mend/resource: give each resource an id of its own, and digestSRI or digestMultibase"
	mendResourceOnce    Text = "mend/resource-once: name each resource once"
	mendEndorsementID   Text = "mend/endorsement-id: give the endorsement an id, such as urn:uuid:…"
	mendEndorsementName Text = "mend/endorsement-name: name the endorsement"
	mendEndorseOne      Text = "mend/endorse-one: endorse one thing"
	mendEndorsed        Text = "mend/endorsed: give the id of what is endorsed"
	mendRecordID        Text = "mend/record-id: give the record an id, such as urn:uuid:…"
	mendRecordName      Text = "mend/record-name: name the record"
	mendPartial         Text = "mend/partial: say true or false: does the publisher know more than this?"
	mendOnePerson       Text = "mend/one-person: a record is of one person"
	mendContains        Text = "mend/contains: put the credentials of the person in it"
	mendEnd             Text = "mend/association-end: give the id of an achievement"
	mendInRecord        Text = "mend/in-record: put the achievement in the record, under achievement"
)

// How a credential for a European wallet is mended.
const (
	mendOneOf       Text = "mend/one-of: give one of %s"
	mendIssueWith   Text = "mend/issue-with: issue it with %s"
	mendCertificate Text = "mend/certificate: say to the wallet's owner how the issuer's key is found, or use a certificate"
	mendIss         Text = "mend/iss: give the issuer's URL or DID"
	mendSeconds     Text = "mend/seconds: give the time in seconds since 1970"
	mendNoExp       Text = "mend/no-exp: leave it out, and revoke by status"
	mendStatus      Text = "mend/status: issue it with a place in a status list"
	mendStatusList  Text = "mend/status-list: give status_list with idx and uri"
	mendIdx         Text = "mend/idx: give the place in the list"
	mendListURL     Text = "mend/list-url: give the list's URL"
	mendDisclosable Text = "mend/disclosable: issue it as selectively disclosable"
	mendInTheClear  Text = "mend/in-the-clear: let it stand in the clear"
	mendGiveIt      Text = "mend/give-it: give it"
)

// How a badge tells what a European micro-credential has to.
const (
	mendCountry      Text = "mend/tell-country: give the issuer an address with addressCountryCode, such as NO"
	mendAwarder      Text = "mend/tell-awarding-body: give the issuer's name"
	mendDate         Text = "mend/tell-date: give awardedDate or validFrom"
	mendOutcomes     Text = "mend/tell-learning-outcomes: align the achievement to the skills that it gives, as ext:ESCO:Skill, or write them in the narrative of criteria"
	mendWorkload     Text = "mend/tell-workload: give creditsAvailable with an alignment ext:Credits for the unit, or an alignment ext:Workload"
	mendAssessment   Text = "mend/tell-assessment: add an alignment of the type ext:Assessment, or a resultDescription"
	mendGrade        Text = "mend/tell-grade: add a result"
	mendStackability Text = "mend/tell-stackability: add an alignment of the type ext:Stackability, or put it in a record with an association"
	mendAlign        Text = "mend/align: add an alignment of the type %s"
)

// How a European Digital Credential tells it, in the European Learning Model.
const (
	mendELMLearner       Text = "mend/elm-learner: give credentialSubject a fullName, or an identifier"
	mendELMTitle         Text = "mend/elm-title: give the claim a title"
	mendELMCountry       Text = "mend/elm-country: give the issuer a location with an address and its countryCode, or the awardingBody under awardedBy"
	mendELMAwarder       Text = "mend/elm-awarding-body: name the awardingBody under awardedBy by its legalName"
	mendELMDate          Text = "mend/elm-date: give awardingDate under awardedBy, or validFrom"
	mendELMOutcomes      Text = "mend/elm-learning-outcomes: give specifiedBy a learningOutcome with relatedESCOSkill, or a learningOutcomeSummary"
	mendELMWorkload      Text = "mend/elm-workload: give specifiedBy a volumeOfLearning, or a creditPoint with its framework"
	mendELMCreditUnit    Text = "mend/elm-credit-unit: give each creditPoint its framework"
	mendELMLevel         Text = "mend/elm-level: give specifiedBy an eqfLevel or an nqfLevel"
	mendELMAssessment    Text = "mend/elm-assessment: give provenBy with a LearningAssessment"
	mendELMParticipation Text = "mend/elm-participation: give mode under specifiedBy, or under specifiedBy of the activity in influencedBy"
	mendELMQuality       Text = "mend/elm-quality-assurance: give specifiedBy or the awardingBody an accreditation"
	mendELMSupervision   Text = "mend/elm-supervision: give the assessment in provenBy an idVerification"
	mendELMGrade         Text = "mend/elm-grade: give the assessment in provenBy a grade"
	mendELMStackability  Text = "mend/elm-stackability: say what it is part of in isPartOf, or what it leads to in entitlesTo"
)

// give is what to give.
func give(want Text, args ...string) *Sentence { return mendGive.Of(want.With(args...)) }
