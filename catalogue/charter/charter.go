package charter

import (
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

// Limits of a charter.
const (
	MaxText           = 4000                     // bytes of a commitment's text
	MaxAccreditations = 50                       // of one provider
	MaxValidity       = 3 * 366 * 24 * time.Hour // a charter ages
	DefaultValidity   = 365 * 24 * time.Hour     // as long as a publication
	clockSkew         = 5 * time.Minute          // how far the clocks of others may be ahead
)

// Charter is what a provider declares of itself.
type Charter struct {
	Provider string `json:"provider"` // its DID
	Name     string `json:"name"`
	URL      string `json:"url,omitempty"`
	Commitments
	Accreditations []Accreditation `json:"accreditations,omitempty"`
	From           time.Time       `json:"validFrom"`
	Until          time.Time       `json:"validUntil"` // required
}

// Commitments are the three things that a charter declares, each with what the
// provider itself has to say for it. All are required.
type Commitments struct {
	Staff    string `json:"staff"`    // those who teach are competent
	Material string `json:"material"` // it is made for the medium and the audience
	Services string `json:"services"` // platform and support bear many learners
}

// Accreditation is who let a provider give credits, and where that can be
// looked up.
type Accreditation struct {
	By     string `json:"by"`
	URL    string `json:"url"`              // of the entry in the public register
	Scheme string `json:"scheme,omitempty"` // what it covers, such as "ECTS"; empty: all credits
}

// Claim is what every charter says, in these words: what a provider adds is in
// its commitments.
const Claim = "The provider declares of itself: its teaching staff is competent; its material is made for the medium and the audience; " +
	"its services bear the learners it takes in. This is the provider's own word, and nobody has examined it."

// Check tells whether a charter is whole: the error is
// publication_refused/charter with the member.
func (c Charter) Check() error {
	switch {
	case !strings.HasPrefix(c.Provider, "did:"):
		return refused("/issuer", "a provider that signs is a DID")
	case strings.TrimSpace(c.Name) == "":
		return refused("/issuer/name", "a provider has a name")
	case c.URL != "" && !catalogue.WebAddress(c.URL):
		return refused("/issuer/url", "is no http or https address")
	case c.From.IsZero() || c.Until.IsZero():
		return refused("/validUntil", "a charter says from when and until when it is in force")
	case !c.Until.After(c.From) || c.Until.Sub(c.From) > MaxValidity:
		return refused("/validUntil", "a charter ends after it begins, and not more than three years after")
	case len(c.Accreditations) > MaxAccreditations:
		return refused("/evidence", "%d accreditations, the limit is %d", len(c.Accreditations), MaxAccreditations)
	}
	for _, t := range c.texts() {
		if strings.TrimSpace(t.text) == "" {
			return refused("/evidence", "the commitment on %s is missing", t.word)
		}
		if len(t.text) > MaxText {
			return refused("/evidence", "the commitment on %s has %d bytes, the limit is %d", t.word, len(t.text), MaxText)
		}
	}
	for _, a := range c.Accreditations {
		if strings.TrimSpace(a.By) == "" || !catalogue.WebAddress(a.URL) || len(a.By) > 300 || len(a.URL) > 2000 || len(a.Scheme) > 100 {
			return refused("/evidence", "an accreditation names who gave it and the address of its entry in a register")
		}
	}
	return nil
}

// InForce tells whether a charter is in force: expired and not_yet_valid say
// why not.
func (c Charter) InForce(at time.Time) error {
	switch {
	case c.From.After(at.Add(clockSkew)):
		return reason.New(reason.NotYetValid, "/validFrom", "the charter begins %s", c.From.UTC().Format(time.RFC3339))
	case at.After(c.Until):
		return reason.New(reason.Expired, "/validUntil", "the charter ended %s", c.Until.UTC().Format(time.RFC3339))
	}
	return nil
}

// creditSchemes are credits of formal education, which only those give who
// were let to.
var creditSchemes = []string{"ects", "studiepoeng", "fagskolepoeng", "fagskulepoeng", "högskolepoäng"}

// GivesCredits tells whether an offer gives credits of formal education.
func GivesCredits(o catalogue.Offer) bool {
	return o.Credits != nil && slices.Contains(creditSchemes, strings.ToLower(strings.TrimSpace(o.Credits.Scheme)))
}

// Covers tells whether an offer names who accredited it where it has to, or
// the charter does so for it.
func (c Charter) Covers(o catalogue.Offer) bool {
	if !GivesCredits(o) || o.Accreditation != nil && strings.TrimSpace(o.Accreditation.By) != "" {
		return true
	}
	return slices.ContainsFunc(c.Accreditations, func(a Accreditation) bool {
		return a.Scheme == "" || strings.EqualFold(strings.TrimSpace(a.Scheme), strings.TrimSpace(o.Credits.Scheme))
	})
}

// CoversAll returns publication_refused/accreditation for the first offer that
// is not covered.
func (c Charter) CoversAll(offers []catalogue.Offer) error {
	var bare []string
	for _, o := range offers {
		if !c.Covers(o) {
			bare = append(bare, o.ID)
		}
	}
	if len(bare) == 0 {
		return nil
	}
	return reason.New(reason.PublicationRefused+"/accreditation", bare[0], "%d offers give credits, and neither they nor the charter name who accredited them", len(bare))
}

// commitment is a text with the word by which it is known in the credential.
type commitment struct {
	word, claim string
	text        string
}

func (c Charter) texts() []commitment {
	return []commitment{
		{"staff", "Competent teaching staff", c.Staff},
		{"material", "Material made for the medium and the audience", c.Material},
		{"services", "Services that bear many learners", c.Services},
	}
}

func refused(at, format string, args ...any) error {
	return reason.New(reason.PublicationRefused+"/charter", at, format, args...)
}
