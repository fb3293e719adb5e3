package openbadge

import (
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Record is a ClrCredential: the credentials of one person, put together by a
// publisher who signs that they belong together, and none of what they say.
type Record struct {
	Issuer         Profile // who put it together
	Subject        ClrSubject
	Image          *Image
	AwardedDate    time.Time // when first awarded; zero when not said
	Partial        bool      // true: the publisher knows of more than this
	Evidence       []Evidence
	Endorsement    []*strictjson.Value // of the record, with their own proofs, as they came
	EndorsementJWT []string
	more           []Member
}

func (r *Record) extra() *[]Member { return &r.more }
func (r *Record) fields() []field {
	return []field{
		object("image", &r.Image), moment("awardedDate", &r.AwardedDate), boolean("partial", &r.Partial), objects("evidence", &r.Evidence),
		values("endorsement", &r.Endorsement), texts("endorsementJwt", &r.EndorsementJWT),
	}
}

// ClrSubject says whose credentials they are. The standard requires
// VerifiableCredential, and ID or an Identifier.
type ClrSubject struct {
	ID         string
	Type       []string
	Identifier []IdentityObject
	// Achievement are those that associations speak of, such as the parts of a
	// course. That somebody has one is said by a credential alone.
	Achievement          []Achievement
	VerifiableCredential []*strictjson.Value // with their own proofs, as they came
	Association          []Association
	More                 []Member
}

func (c *ClrSubject) extra() *[]Member { return &c.More }
func (c *ClrSubject) fields() []field {
	return []field{
		text("id", &c.ID), types(&c.Type, "ClrSubject"), objects("identifier", &c.Identifier), objects("achievement", &c.Achievement),
		values("verifiableCredential", &c.VerifiableCredential), objects("association", &c.Association),
	}
}

// Value writes c as JSON, members in a fixed order.
func (c ClrSubject) Value() *strictjson.Value { return write(&c) }

// ReadClrSubject reads a ClrSubject. Only a value that is no object is an error
// (malformed/data-model).
func ReadClrSubject(v *strictjson.Value) (ClrSubject, error) {
	var c ClrSubject
	return c, readTop(v, &c, "ClrSubject")
}

// AchievementIDs returns the ids of the achievements in a record: those that
// it lists, and those of the badges in it.
func (c ClrSubject) AchievementIDs() []string {
	var out []string
	add := func(id string) {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for _, a := range c.Achievement {
		add(a.ID)
	}
	for _, v := range c.VerifiableCredential {
		for _, subject := range v.Get("credentialSubject").List() {
			add(credential.ID(subject.Get("achievement")))
		}
	}
	return out
}

// Association ties two achievements: SourceID is, as AssociationType says,
// TargetID, such as "is part of". All three are required, nothing else is
// allowed.
type Association struct {
	AssociationType string // see AssociationTypes
	SourceID        string
	TargetID        string
	More            []Member
}

func (a *Association) extra() *[]Member { return &a.More }
func (a *Association) fields() []field {
	return []field{oneType("Association"), text("associationType", &a.AssociationType), text("sourceId", &a.SourceID), text("targetId", &a.TargetID)}
}

// IsRecord reports whether c says that it is a record.
func IsRecord(c *credential.Credential) bool { return c.HasType(TypeClrCredential) }

// RecordFromCredential reads the record that c is. Errors are
// wrong_type/not-a-record, and malformed/data-model when there is not exactly
// one subject, or the issuer is neither a URL nor an object.
func RecordFromCredential(c *credential.Credential) (Record, error) {
	if !IsRecord(c) {
		return Record{}, reason.New("wrong_type/not-a-record", "/type", "not a %s", TypeClrCredential)
	}
	subjects := c.Subjects()
	if len(subjects) != 1 {
		return Record{}, reason.New(reason.MalformedModel, "/credentialSubject", "%d subjects, a record has one", len(subjects))
	}
	var r Record
	read(c.Document(), &r)
	r.more = nil
	var err error
	if r.Subject, err = ReadClrSubject(subjects[0]); err != nil {
		return Record{}, reason.Wrap(reason.MalformedModel, "/credentialSubject", err)
	}
	if r.Issuer, err = ReadProfile(c.Document().Get("issuer")); err != nil {
		return Record{}, reason.Wrap(reason.MalformedModel, "/issuer", err)
	}
	return r, nil
}
