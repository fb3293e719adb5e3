package elm

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// TypeEuropeanDigitalCredential is the type of all these documents.
const TypeEuropeanDigitalCredential = "EuropeanDigitalCredential"

// DefaultMaxBytes is how large a document may be: they hold the pictures of
// their own pages.
const DefaultMaxBytes = 8 << 20

// Limits are those of strictjson, with DefaultMaxBytes for the size.
func Limits(lim strictjson.Limits) strictjson.Limits {
	if lim.MaxBytes <= 0 {
		lim.MaxBytes = DefaultMaxBytes
	}
	return lim
}

// Is reports whether a document says that it is a European Digital Credential.
// What a seal is around has to be taken out of it before.
func Is(document *strictjson.Value) bool {
	return credential.HasType(document, TypeEuropeanDigitalCredential)
}

// IsSealed reports whether a document is a European Digital Credential with a
// seal around it, as credential/proof/jades reads it.
func IsSealed(document *strictjson.Value) bool {
	if !jades.Is(document) {
		return false
	}
	payload, _ := document.Get("payload").Text()
	if !strings.HasPrefix(payload, "{") {
		if raw, err := base64.RawURLEncoding.DecodeString(payload); err == nil {
			payload = string(raw)
		}
	}
	return strings.Contains(payload, TypeEuropeanDigitalCredential)
}

// Moment reads a time as the profile allows it (xsd:dateTime): one without a zone
// is read as UTC.
func Moment(s string) (time.Time, error) {
	if at, err := credential.ParseTime(s); err == nil {
		return at, nil
	}
	at, err := time.Parse("2006-01-02T15:04:05", s)
	if err != nil || at.IsZero() {
		return time.Time{}, reason.New(reason.MalformedTime, "", "not a date and time")
	}
	return at, nil
}

// Text is a text in one language, by its tag of BCP 47.
type Text struct{ Language, Text string }

// Texts is a text in several languages, in the order of the source.
type Texts []Text

// In returns the text in the first of the languages that there is, and
// otherwise the first.
func (t Texts) In(languages ...string) string {
	for _, l := range languages {
		if i := slices.IndexFunc(t, func(one Text) bool { return one.Language == l }); i >= 0 {
			return t[i].Text
		}
	}
	if len(t) > 0 {
		return t[0].Text
	}
	return ""
}

// Concept is an entry of a list: an EQF level, a field of education, a skill.
type Concept struct {
	ID    string
	Label Texts
}

// Identifier is a number or code with the name of the scheme that it is from.
type Identifier struct{ Scheme, Value, Country string }

// Organisation is an issuer, an awarding body, an assessor.
type Organisation struct {
	ID          string
	Name        Texts
	EIDAS       string // identifier for the eIDAS regulation, as in a seal's certificate
	Identifiers []Identifier
	Countries   []string // ISO 3166-1 alpha-2
	Homepage    string
}

// Person is whom a credential is about.
type Person struct {
	ID, DateOfBirth             string
	Name, GivenName, FamilyName Texts
	Identifiers                 []Identifier
	Email                       string
}

// The kinds of claims.
const (
	Achievement = "LearningAchievement"
	Activity    = "LearningActivity"
	Assessment  = "LearningAssessment"
	Entitlement = "LearningEntitlement"
)

// Claim is what is said of the person: something achieved, done, assessed, or a
// right that follows. Which fields can be set goes by Kind.
type Claim struct {
	Kind               string // one of the constants above, or what the document says
	ID                 string
	Title, Description Texts
	AwardedBy          []Organisation
	Awarded            string // date and time
	Spec               Specification
	Credits            Credits // received
	Grade              Texts   // of an assessment
	AssessedBy         []Organisation
	IdentityCheck      Concept // of an assessment
	Workload           string  // of an activity, as a duration of ISO 8601
	Start, End         string  // of an activity
	Parts              []Claim
	ProvenBy           []Claim // assessments
	InfluencedBy       []Claim // activities
	EntitlesTo         []Claim
}

// Credits is a number of points in a system.
type Credits struct {
	Points string
	System Concept
}

// Specification is what can be learned or done by anybody.
type Specification struct {
	ID, Class          string
	Title, Description Texts
	Type               Concept
	EQF, NQF           Concept
	Fields             []Concept // of education, ISCED-F
	Credits            []Credits
	Volume             string // duration of ISO 8601
	Modes, Languages   []Concept
	Outcomes           []Outcome
	Homepage           string
}

// Outcome is what somebody then knows or can do.
type Outcome struct {
	Title  Texts
	ESCO   []Concept
	Skills []Concept // of other lists
}

// Credential is a European Digital Credential as far as it is shown and mapped.
type Credential struct {
	ID                    string
	Types                 []string
	Profiles              []Concept
	Title, Description    Texts // of how it is displayed
	Issuer                Organisation
	Person                Person
	Claims                []Claim
	ValidFrom, ValidUntil string
	Issued                string
	document              *strictjson.Value
}

// Document returns the document that was read.
func (c *Credential) Document() *strictjson.Value { return c.document }

const (
	maxClaims = 2000 // in all
	maxNested = 16
)

// Read reads a document that Is tells, without its seal. Members of a wrong kind
// are passed by: who needs them to be right holds the document against the
// profile's shapes. Errors are wrong_type/not-a-credential, malformed/data-model
// and resource_limit.
func Read(document *strictjson.Value) (*Credential, error) {
	if !Is(document) {
		return nil, reason.New("wrong_type/not-a-credential", "/type", "no %s", TypeEuropeanDigitalCredential)
	}
	r := reader{}
	d := document
	display, subject := first(d.Get("displayParameter")), first(d.Get("credentialSubject"))
	if subject.Kind() != strictjson.KindObject {
		return nil, reason.New(reason.MalformedModel, "/credentialSubject", "the credential is about nobody")
	}
	c := &Credential{
		ID: str(d, "id"), Profiles: concepts(d.Get("credentialProfiles")), Title: texts(display.Get("title")), Description: texts(display.Get("description")),
		Issuer: organisation(first(d.Get("issuer"))), Person: person(subject), Claims: r.claims(subject.Get("hasClaim"), 0),
		ValidFrom: str(d, "validFrom"), ValidUntil: str(d, "validUntil"), Issued: str(d, "issued"), document: d,
	}
	for _, t := range d.Get("type").List() {
		if s, ok := t.Text(); ok {
			c.Types = append(c.Types, s)
		}
	}
	if c.ValidFrom == "" {
		c.ValidFrom = str(d, "issuanceDate")
	}
	if c.ValidUntil == "" {
		c.ValidUntil = str(d, "expirationDate")
	}
	return c, r.err
}

func first(v *strictjson.Value) *strictjson.Value {
	if all := v.List(); len(all) > 0 {
		return all[0]
	}
	return nil
}

func str(v *strictjson.Value, name string) string {
	s, _ := first(v.Get(name)).Text()
	return s
}

func texts(v *strictjson.Value) Texts {
	if s, ok := v.Text(); ok {
		return Texts{{"", s}}
	}
	var out Texts
	for _, m := range v.Members() {
		if s, ok := first(m.Value).Text(); ok {
			out = append(out, Text{m.Name, s})
		}
	}
	return out
}

func notes(v *strictjson.Value) Texts { return texts(first(v).Get("noteLiteral")) }

func concept(v *strictjson.Value) Concept {
	v = first(v)
	if id, ok := v.Text(); ok {
		return Concept{ID: id}
	}
	return Concept{str(v, "id"), texts(v.Get("prefLabel"))}
}

func concepts(v *strictjson.Value) []Concept {
	var out []Concept
	for _, one := range v.List() {
		out = append(out, concept(one))
	}
	return out
}

func identifiers(v *strictjson.Value, scheme string) []Identifier {
	var out []Identifier
	for _, one := range v.List() {
		i := Identifier{Scheme: str(one, "schemeName"), Value: str(one, "notation"), Country: countryOf(concept(one.Get("spatial")).ID)}
		if i.Scheme == "" {
			i.Scheme = scheme
		}
		if i.Value != "" {
			out = append(out, i)
		}
	}
	return out
}

func organisation(v *strictjson.Value) Organisation {
	if id, ok := v.Text(); ok {
		return Organisation{ID: id}
	}
	o := Organisation{ID: str(v, "id"), Name: texts(v.Get("legalName")), EIDAS: eidas(v), Homepage: str(first(v.Get("homepage")), "contentURL")}
	for _, name := range []string{"registration", "vatIdentifier", "taxIdentifier", "identifier"} {
		o.Identifiers = append(o.Identifiers, identifiers(v.Get(name), name)...)
	}
	for _, l := range v.Get("location").List() {
		for _, a := range l.Get("address").List() {
			if c := countryOf(concept(a.Get("countryCode")).ID); c != "" && !slices.Contains(o.Countries, c) {
				o.Countries = append(o.Countries, c)
			}
		}
	}
	return o
}

// eidasNames are how the member is spelt: by the context, and as the Commission's
// own sample and the shapes have it.
func eidasNames() []string {
	return []string{"eIDASIdentifier", "eIDAS\u0399dentifier", "eidasLegalIdentifier"}
}

func eidas(v *strictjson.Value) string {
	for _, name := range eidasNames() {
		if s := str(first(v.Get(name)), "notation"); s != "" {
			return s
		}
	}
	return ""
}

func organisations(v *strictjson.Value) []Organisation {
	var out []Organisation
	for _, one := range v.List() {
		out = append(out, organisation(one))
	}
	return out
}

func person(v *strictjson.Value) Person {
	p := Person{ID: str(v, "id"), DateOfBirth: str(v, "dateOfBirth"), Name: texts(v.Get("fullName")), GivenName: texts(v.Get("givenName")), FamilyName: texts(v.Get("familyName"))}
	p.Email = strings.TrimPrefix(str(first(first(v.Get("contactPoint")).Get("emailAddress")), "id"), "mailto:")
	p.Identifiers = append(identifiers(v.Get("nationalID"), "nationalID"), identifiers(v.Get("identifier"), "identifier")...)
	return p
}

// reader counts what it has read.
type reader struct {
	claimsRead int
	err        error
}

func (r *reader) claims(v *strictjson.Value, depth int) []Claim {
	var out []Claim
	for _, one := range v.List() {
		if one.Kind() != strictjson.KindObject || r.err != nil {
			continue
		}
		if r.claimsRead++; r.claimsRead > maxClaims || depth > maxNested {
			r.err = reason.New("resource_limit/claims", "/credentialSubject/hasClaim", "more than %d claims, or parts of parts of more than %d levels", maxClaims, maxNested)
			return out
		}
		out = append(out, r.claim(one, depth))
	}
	return out
}

func (r *reader) claim(v *strictjson.Value, depth int) Claim {
	awarding, when := first(v.Get("awardedBy")), first(v.Get("temporal"))
	return Claim{
		Kind: str(v, "type"), ID: str(v, "id"), Title: texts(v.Get("title")), Description: texts(v.Get("description")),
		AwardedBy: organisations(awarding.Get("awardingBody")), Awarded: str(awarding, "awardingDate"),
		Spec: specification(first(v.Get("specifiedBy"))), Credits: credits(first(v.Get("creditReceived"))), Grade: notes(v.Get("grade")),
		AssessedBy: organisations(v.Get("assessedBy")), IdentityCheck: concept(v.Get("idVerification")),
		Workload: str(v, "workload"), Start: str(when, "startDate"), End: str(when, "endDate"),
		Parts: r.claims(v.Get("hasPart"), depth+1), ProvenBy: r.claims(v.Get("provenBy"), depth+1),
		InfluencedBy: r.claims(v.Get("influencedBy"), depth+1), EntitlesTo: r.claims(v.Get("entitlesTo"), depth+1),
	}
}

func credits(v *strictjson.Value) Credits {
	return Credits{str(v, "point"), concept(v.Get("framework"))}
}

func specification(v *strictjson.Value) Specification {
	s := Specification{
		ID: str(v, "id"), Class: str(v, "type"), Title: texts(v.Get("title")), Description: texts(v.Get("description")), Type: concept(v.Get("dcType")),
		EQF: concept(v.Get("eqfLevel")), NQF: concept(v.Get("nqfLevel")), Fields: concepts(v.Get("thematicArea")), Volume: str(v, "volumeOfLearning"),
		Modes: concepts(v.Get("mode")), Languages: concepts(v.Get("language")), Homepage: str(first(v.Get("homepage")), "contentURL"),
	}
	for _, c := range v.Get("creditPoint").List() {
		s.Credits = append(s.Credits, credits(c))
	}
	for _, o := range v.Get("learningOutcome").List() {
		s.Outcomes = append(s.Outcomes, Outcome{texts(o.Get("title")), concepts(o.Get("relatedESCOSkill")), concepts(o.Get("relatedSkill"))})
	}
	return s
}
