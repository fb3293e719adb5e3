package definition

import "github.com/kompetansebevis/bevis/credential/profile"

// What can be wrong with a definition beside what the standard says.
const (
	saidNotWritten   profile.Text = "definition/json: %e"
	saidNoCriteria   profile.Text = "definition/no-criteria: does not say what it takes"
	saidBlank        profile.Text = "definition/blank: is blank"
	saidImageSize    profile.Text = "definition/image-size: is a picture so large that credentials with it would be refused"
	saidImageType    profile.Text = "definition/image-type: is neither PNG nor SVG, which are what the standard knows"
	saidImageActive  profile.Text = "definition/image-active: is an SVG document, which can hold scripts, so verifiers warn of it"
	saidNoCaption    profile.Text = "definition/no-caption: has no caption, so those who cannot see it are told nothing"
	saidNoUnit       profile.Text = "definition/no-unit: has no unit: the standard names none, so 10 may be anything"
	saidNoCredits    profile.Text = "definition/no-credits: is missing, though the unit of credits is told"
	saidTwice        profile.Text = "definition/twice: is there twice"
	saidNoSkill      profile.Text = "definition/no-skill: is no skill of ESCO"
	saidNoEQF        profile.Text = "definition/no-eqf: is no level of the European Qualifications Framework"
	saidNoNKR        profile.Text = "definition/no-nkr: is no level of the Norwegian framework"
	saidNoISCED      profile.Text = "definition/no-isced: is no field of ISCED-F"
	saidNoUnitKnown  profile.Text = "definition/unit-unknown: is no unit of credits of a list that others know"
	saidNoMode       profile.Text = "definition/mode-unknown: is no form of participation of a list that others know"
	saidNoAssessment profile.Text = "definition/assessment-unknown: is no form of assessment of a list that others know"
	saidNoBound      profile.Text = "definition/no-bound: has a bound that is no number"
	saidBounds       profile.Text = "definition/bounds: has a least value that is not below the greatest"
	saidNotAllowed   profile.Text = "definition/not-allowed: is none of the values that are allowed"
	saidLevelLacks   profile.Text = "definition/level-lacks: lacks an id or a name"
	saidLevelTwice   profile.Text = "definition/level-twice: has the id of another level"
	saidNoLevel      profile.Text = "definition/no-level: is none of the levels of the rubric"
	saidNoLevels     profile.Text = "definition/no-levels: is missing, and results are levels of it"
)

// How to mend it.
const (
	mendWriteAnew  profile.Text = "mend/write-anew: write it anew"
	mendWriteIt    profile.Text = "mend/write-it: write it"
	mendTakes      profile.Text = "mend/what-it-takes: write what must be done, or give the address of a page that tells"
	mendSmaller    profile.Text = "mend/small-picture: use a picture of at most 256 KiB"
	mendPNGOrSVG   profile.Text = "mend/png-or-svg: use a PNG or SVG"
	mendPNG        profile.Text = "mend/png: use a PNG"
	mendCaption    profile.Text = "mend/caption: say in caption what the picture shows"
	mendUnit       profile.Text = "mend/unit: say which credits they are, such as ECTS or studiepoeng: an alignment of type %s"
	mendCredits    profile.Text = "mend/credits: say how many credits it gives"
	mendTwice      profile.Text = "mend/one-out: take one of them out"
	mendSkill      profile.Text = "mend/skill: give the skill's URI, http://data.europa.eu/esco/skill/…"
	mendEQF        profile.Text = "mend/eqf: give a level from 1 to 8"
	mendNKR        profile.Text = "mend/nkr: give a level such as 4A, 5.1 or 6"
	mendISCED      profile.Text = "mend/isced: give a code of two to four digits, such as 0715"
	mendUseOne     profile.Text = "mend/use-one: use one of %s"
	mendBound      profile.Text = "mend/bound: give numbers, or list the values that are allowed"
	mendBounds     profile.Text = "mend/bounds: turn them round"
	mendOnce       profile.Text = "mend/once: list each value once, from low to high"
	mendAllowed    profile.Text = "mend/allowed: require one that can be had"
	mendLevelLacks profile.Text = "mend/level-lacks: give both"
	mendLevelTwice profile.Text = "mend/level-twice: give each level its own"
	mendLevel      profile.Text = "mend/level: give the id of a level"
	mendLevels     profile.Text = "mend/levels: describe the levels"
)

// Why a result cannot be given, an edition made, or a version be told.
const (
	saidResultMissing profile.Text = "result/missing: %s: there is no result"
	saidResultLevel   profile.Text = "result/level: %s: %q is none of the levels %s"
	saidResultStatus  profile.Text = "result/status: %s: %q is no status such as Completed"
	saidResultValue   profile.Text = "result/value: %s: %q is not one of %s"
	saidResultNumber  profile.Text = "result/number: %s: %q is no number"
	saidResultRange   profile.Text = "result/range: %s: %q is not between %s and %s"
	saidResultBelow   profile.Text = "result/below: %s: %q is below %s, which is required"
	saidNoLanguage    profile.Text = "edition/no-language: the original does not say which language it is in"
	saidLanguageCode  profile.Text = "edition/language-code: write a code such as nb, nn, se or en-GB"
	saidSameLanguage  profile.Text = "edition/same-language: the original is in this language"
	saidEdition       profile.Text = "edition/lacking: an edition has a name, a description and criteria of its own"
	saidVersion       profile.Text = "edition/version: nobody can tell which version follows %q: say it"
)
