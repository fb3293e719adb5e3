package openbadge

import (
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Achievement is what a badge is given for: a course, a degree, a skill. ID,
// Name, Description and Criteria are required by the standard.
type Achievement struct {
	ID                string // a URL
	Type              []string
	Name              string
	Description       string
	Criteria          *Criteria
	AchievementType   string // see ValidAchievementType
	Alignment         []Alignment
	Creator           *Profile // told by the issuer, not signed by the creator
	CreditsAvailable  float64  // the standard names no unit
	FieldOfStudy      string
	Specialization    string
	HumanCode         string
	Image             *Image
	InLanguage        string // a language code such as "nb" or "en-US"
	OtherIdentifier   []IdentifierEntry
	Related           []Related
	ResultDescription []ResultDescription
	Tag               []string
	Version           string
	Endorsement       []*strictjson.Value // EndorsementCredentials with their own proofs, as they came
	EndorsementJWT    []string            // the same as compact JWS
	More              []Member
}

func (a *Achievement) extra() *[]Member { return &a.More }
func (a *Achievement) fields() []field {
	return []field{
		text("id", &a.ID), types(&a.Type, "Achievement"), text("name", &a.Name), text("description", &a.Description),
		object("criteria", &a.Criteria), text("achievementType", &a.AchievementType),
		objects("alignment", &a.Alignment), object("creator", &a.Creator), number("creditsAvailable", &a.CreditsAvailable),
		text("fieldOfStudy", &a.FieldOfStudy), text("specialization", &a.Specialization), text("humanCode", &a.HumanCode),
		object("image", &a.Image), text("inLanguage", &a.InLanguage), objects("otherIdentifier", &a.OtherIdentifier),
		objects("related", &a.Related), objects("resultDescription", &a.ResultDescription), texts("tag", &a.Tag),
		text("version", &a.Version), values("endorsement", &a.Endorsement), texts("endorsementJwt", &a.EndorsementJWT),
	}
}

// Value writes a as JSON, members in a fixed order.
func (a Achievement) Value() *strictjson.Value { return write(&a) }

// ReadAchievement reads an Achievement. Only a value that is no object is an
// error (malformed/data-model).
func ReadAchievement(v *strictjson.Value) (Achievement, error) {
	var a Achievement
	return a, readTop(v, &a, "Achievement")
}

// AchievementSubject says who has the achievement, and how it went. The
// standard requires Achievement, and ID or an Identifier.
type AchievementSubject struct {
	ID                string // often a DID of the learner
	Type              []string
	Identifier        []IdentityObject
	Achievement       *Achievement
	ActivityStartDate time.Time
	ActivityEndDate   time.Time
	CreditsEarned     float64 // the standard names no unit
	Image             *Image
	LicenseNumber     string
	Narrative         string // Markdown
	Result            []Result
	Role              string
	Source            *Profile // who assessed, if not the issuer
	Term              string
	More              []Member
}

func (a *AchievementSubject) extra() *[]Member { return &a.More }
func (a *AchievementSubject) fields() []field {
	return []field{
		text("id", &a.ID), types(&a.Type, "AchievementSubject"), objects("identifier", &a.Identifier),
		object("achievement", &a.Achievement), moment("activityStartDate", &a.ActivityStartDate),
		moment("activityEndDate", &a.ActivityEndDate), number("creditsEarned", &a.CreditsEarned), object("image", &a.Image),
		text("licenseNumber", &a.LicenseNumber), text("narrative", &a.Narrative), objects("result", &a.Result),
		text("role", &a.Role), object("source", &a.Source), text("term", &a.Term),
	}
}

// Value writes a as JSON, members in a fixed order.
func (a AchievementSubject) Value() *strictjson.Value { return write(&a) }

// ReadAchievementSubject reads an AchievementSubject. Only a value that is no
// object is an error (malformed/data-model).
func ReadAchievementSubject(v *strictjson.Value) (AchievementSubject, error) {
	var a AchievementSubject
	return a, readTop(v, &a, "AchievementSubject")
}

// EndorsementSubject is what an endorsement is about: ID is the id of the
// endorsed profile, achievement or credential.
type EndorsementSubject struct {
	ID                 string
	Type               []string
	EndorsementComment string // Markdown
	More               []Member
}

func (e *EndorsementSubject) extra() *[]Member { return &e.More }
func (e *EndorsementSubject) fields() []field {
	return []field{text("id", &e.ID), types(&e.Type, "EndorsementSubject"), text("endorsementComment", &e.EndorsementComment)}
}

// Value writes e as JSON, members in a fixed order.
func (e EndorsementSubject) Value() *strictjson.Value { return write(&e) }

// ReadEndorsementSubject reads an EndorsementSubject. Only a value that is no
// object is an error (malformed/data-model).
func ReadEndorsementSubject(v *strictjson.Value) (EndorsementSubject, error) {
	var e EndorsementSubject
	return e, readTop(v, &e, "EndorsementSubject")
}

// Alignment ties an achievement or a result to a node in a framework.
// TargetName and TargetURL are required.
type Alignment struct {
	Type              []string
	TargetCode        string
	TargetDescription string
	TargetName        string
	TargetFramework   string
	TargetType        string // see ValidAlignmentTargetType
	TargetURL         string
	More              []Member
}

func (a *Alignment) extra() *[]Member { return &a.More }
func (a *Alignment) fields() []field {
	return []field{
		types(&a.Type, "Alignment"), text("targetCode", &a.TargetCode), text("targetDescription", &a.TargetDescription),
		text("targetName", &a.TargetName), text("targetFramework", &a.TargetFramework), text("targetType", &a.TargetType),
		text("targetUrl", &a.TargetURL),
	}
}

// Criteria says what must be done to get the achievement; ID (a page),
// Narrative or both.
type Criteria struct {
	ID        string
	Narrative string // Markdown
	More      []Member
}

func (c *Criteria) extra() *[]Member { return &c.More }
func (c *Criteria) fields() []field {
	return []field{text("id", &c.ID), text("narrative", &c.Narrative)}
}

// Evidence is a piece of work or a record that a badge rests on.
type Evidence struct {
	ID          string
	Type        []string
	Narrative   string // Markdown
	Name        string
	Description string
	Genre       string
	Audience    string
	More        []Member
}

func (e *Evidence) extra() *[]Member { return &e.More }
func (e *Evidence) fields() []field {
	return []field{
		text("id", &e.ID), types(&e.Type, "Evidence"), text("narrative", &e.Narrative), text("name", &e.Name),
		text("description", &e.Description), text("genre", &e.Genre), text("audience", &e.Audience),
	}
}

// Value writes e as JSON, members in a fixed order.
func (e Evidence) Value() *strictjson.Value { return write(&e) }

// Image is a picture by its URL or as a data URL.
type Image struct {
	ID      string
	Caption string // what the picture shows, in words
	More    []Member
}

func (i *Image) extra() *[]Member { return &i.More }
func (i *Image) fields() []field {
	return []field{text("id", &i.ID), oneType("Image"), text("caption", &i.Caption)}
}

// Value writes i as JSON, members in a fixed order.
func (i Image) Value() *strictjson.Value { return write(&i) }

// Related names the same achievement elsewhere: in another language, in an
// older version, as an Open Badges 2.0 BadgeClass.
type Related struct {
	ID         string
	Type       []string
	InLanguage string
	Version    string
	More       []Member
}

func (r *Related) extra() *[]Member { return &r.More }
func (r *Related) fields() []field {
	return []field{text("id", &r.ID), types(&r.Type, "Related"), text("inLanguage", &r.InLanguage), text("version", &r.Version)}
}
