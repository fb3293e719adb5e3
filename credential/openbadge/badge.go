package openbadge

import (
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Badge is an AchievementCredential: what a credential says beyond the data
// model when it is an Open Badge. Dates, status and proof are read from the
// credential itself.
type Badge struct {
	Issuer         Profile
	Subject        AchievementSubject // who, and in Achievement for what
	Image          *Image             // of this credential; the achievement has its own
	AwardedDate    time.Time          // when first awarded; zero when not said
	Evidence       []Evidence
	Endorsement    []*strictjson.Value // of the credential, with their own proofs, as they came
	EndorsementJWT []string
	more           []Member
}

func (b *Badge) extra() *[]Member { return &b.more }
func (b *Badge) fields() []field {
	return []field{
		object("image", &b.Image), moment("awardedDate", &b.AwardedDate), objects("evidence", &b.Evidence),
		values("endorsement", &b.Endorsement), texts("endorsementJwt", &b.EndorsementJWT),
	}
}

// IsBadge reports whether c says that it is an Open Badges 3.0 credential
// for an achievement.
func IsBadge(c *credential.Credential) bool {
	return c.HasType(TypeOpenBadgeCredential) || c.HasType(TypeAchievementCredential)
}

// FromCredential reads the badge that c holds. Subject.Achievement is never
// nil afterwards. Errors are wrong_type/not-a-badge, and malformed/data-model
// when there is not exactly one subject with an achievement, or the issuer is
// neither a URL nor an object.
func FromCredential(c *credential.Credential) (Badge, error) {
	if !IsBadge(c) {
		return Badge{}, reason.New("wrong_type/not-a-badge", "/type", "neither %s nor %s", TypeOpenBadgeCredential, TypeAchievementCredential)
	}
	var b Badge
	read(c.Document(), &b)
	b.more = nil
	subjects := c.Subjects()
	if len(subjects) != 1 {
		return Badge{}, reason.New(reason.MalformedModel, "/credentialSubject", "%d subjects, a badge has one", len(subjects))
	}
	var err error
	if b.Subject, err = ReadAchievementSubject(subjects[0]); err != nil {
		return Badge{}, reason.Wrap(reason.MalformedModel, "/credentialSubject", err)
	}
	if b.Subject.Achievement == nil || subjects[0].Get("achievement").Kind() != strictjson.KindObject {
		return Badge{}, reason.New(reason.MalformedModel, "/credentialSubject/achievement", "the subject has no achievement")
	}
	if b.Issuer, err = ReadProfile(c.Document().Get("issuer")); err != nil {
		return Badge{}, reason.Wrap(reason.MalformedModel, "/issuer", err)
	}
	return b, nil
}
