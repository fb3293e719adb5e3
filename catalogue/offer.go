package catalogue

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Texts is a text in one or more languages, by BCP 47 tag ("nb", "nn", "en").
// A text whose language nobody told stands under "und".
type Texts map[string]string

// In returns the text in the first of the languages that there is, else in
// bokmål, nynorsk, English, else in any (the first by tag).
func (t Texts) In(languages ...string) string {
	for _, l := range append(languages[:len(languages):len(languages)], "nb", "nn", "no", "en", "und") {
		if s := t[l]; s != "" {
			return s
		}
	}
	first := ""
	for l := range t {
		if t[l] != "" && (first == "" || l < first) {
			first = l
		}
	}
	return t[first]
}

// Languages returns the keys of a map by language in the order in which Texts.In
// prefers them: bokmål, nynorsk, English, then the rest by tag.
func Languages[T any](m map[string]T) []string {
	rank := func(l string) int {
		if i := slices.Index([]string{"nb", "nn", "no", "en"}, l); i >= 0 {
			return i
		}
		return 4
	}
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b)) })
}

// Type is the kind of an offer.
type Type string

// The kinds of offers.
const (
	Course          Type = "course"
	Module          Type = "module" // counts towards something larger, see Offer.PartOf
	Programme       Type = "programme"
	Microcredential Type = "microcredential"
	Exam            Type = "exam"
)

// Mode is how an offer is taught.
type Mode string

// The modes of teaching.
const (
	Online  Mode = "online"
	Onsite  Mode = "onsite"
	Blended Mode = "blended"
)

// Offer is what a provider offers. Only ID, Provider and Title are required;
// what is absent is not known, and is never read as zero or as "none".
type Offer struct {
	ID          string   `json:"id"`       // the provider's own identifier
	Provider    string   `json:"provider"` // Provider.ID
	URL         string   `json:"url,omitempty"`
	Title       Texts    `json:"title"`
	Description Texts    `json:"description,omitempty"`
	Type        Type     `json:"type,omitempty"`
	Mode        Mode     `json:"mode,omitempty"`
	Languages   []string `json:"languages,omitempty"` // of teaching, BCP 47
	Place       string   `json:"place,omitempty"`     // where a run is held that names no place of its own
	Runs        []Run    `json:"runs,omitempty"`
	// Workload is an ISO 8601 duration, such as PT40H.
	Workload string   `json:"workload,omitempty"`
	Credits  *Credits `json:"credits,omitempty"`
	Level    Level    `json:"level,omitzero"`
	Price    *Price   `json:"price,omitempty"` // nil: not told; an amount of 0: free
	// Requires is what one needs to get in. All of it is needed.
	Requires []Requirement `json:"requires,omitempty"`
	Outcomes []Outcome     `json:"outcomes,omitempty"`
	Subjects []string      `json:"subjects,omitempty"` // free words
	Awards   *Award        `json:"awards,omitempty"`   // the credential that it gives
	// PartOf are the refs of larger offers that this one counts towards.
	PartOf        []string       `json:"partOf,omitempty"`
	Schemes       []string       `json:"schemes,omitempty"` // ids of support schemes that name this offer
	Accreditation *Accreditation `json:"accreditation,omitempty"`
	Assessment    Texts          `json:"assessment,omitempty"`
	Quality       Texts          `json:"quality,omitempty"` // how quality is assured
	Updated       time.Time      `json:"updated,omitzero"`  // when the provider last changed it
	// Link is what the last look at URL found, by whoever keeps the catalogue.
	Link *Link `json:"link,omitempty"`
}

// Run is one time at which an offer is held.
type Run struct {
	Start    Date   `json:"start,omitempty"`
	End      Date   `json:"end,omitempty"`
	Deadline Date   `json:"deadline,omitempty"` // to apply
	Place    string `json:"place,omitempty"`
	Mode     Mode   `json:"mode,omitempty"` // where it differs from the offer's
	URL      string `json:"url,omitempty"`
}

// Date is a day, 2026-08-17. Dates compare as strings.
type Date string

// Credits is what an offer counts for in a scheme of credits.
type Credits struct {
	Value  float64 `json:"value"`
	Scheme string  `json:"scheme"` // "ECTS", "studiepoeng", …
}

// Level is where an offer stands in the frameworks that name it.
type Level struct {
	EQF    int    `json:"eqf,omitempty"`    // 1 to 8
	NQF    string `json:"nqf,omitempty"`    // such as "NKR 6.1"
	ISCEDF string `json:"iscedF,omitempty"` // field of education, such as 0715
}

// Price is in whole units of the currency.
type Price struct {
	Amount   float64 `json:"amount"`
	Currency string  `json:"currency"` // ISO 4217
}

// Requirement is one thing that an offer requires: at least one of the fields
// besides Text says it to a machine, or none does and only a person can tell.
type Requirement struct {
	Text  Texts  `json:"text,omitempty"`
	Skill string `json:"skill,omitempty"` // ESCO URI
	Offer string `json:"offer,omitempty"` // ref of an offer to be completed first
	EQF   int    `json:"eqf,omitempty"`   // a level of education to hold
}

// Outcome is what one knows or can do afterwards.
type Outcome struct {
	Text  Texts  `json:"text,omitempty"`
	Skill string `json:"skill,omitempty"` // ESCO URI
}

// Award is the credential that completing an offer gives.
type Award struct {
	Achievement string `json:"achievement,omitempty"` // id of the Open Badges achievement
	Type        string `json:"type,omitempty"`        // achievementType
	Issuer      string `json:"issuer,omitempty"`      // who issues, if not the provider's own Issuer
}

// Accreditation tells who let an offer give credits.
type Accreditation struct {
	By  string `json:"by"`
	URL string `json:"url,omitempty"`
}

// Link is the outcome of a look at a web address.
type Link struct {
	Checked time.Time `json:"checked"`
	Status  int       `json:"status,omitempty"` // HTTP; 0: nobody answered
}

// Ref names the offer across all catalogues.
func (o Offer) Ref() string { return Ref(o.Provider, o.ID) }

// Ref joins a provider's id and an offer's.
func Ref(provider, id string) string { return provider + "#" + id }

// SplitRef is the inverse of Ref. The offer's id is what stands after the
// first "#".
func SplitRef(ref string) (provider, id string, ok bool) { return strings.Cut(ref, "#") }

// Provider is who makes offers.
type Provider struct {
	ID      string   `json:"id"` // a DID, a URL or an organisation number; without "#"
	Name    Texts    `json:"name"`
	URL     string   `json:"url,omitempty"`
	Country string   `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Issuer  []string `json:"issuer,omitempty"`  // the DIDs under which it issues credentials
	// Charter is the signed self-declaration, as issued: JSON or a compact JWT.
	Charter string `json:"charter,omitempty"`
	// Signed tells of the publication that its offers came in, see
	// catalogue/publication. It is set by whoever checked that one, and never
	// taken from a file. nil: nobody signed for them.
	Signed *Signed `json:"signed,omitempty"`
}

// Signed is what is kept of a provider's publication once it was checked.
type Signed struct {
	Issued   time.Time `json:"issued"`
	Until    time.Time `json:"until"`    // the publication speaks for the provider so long
	Key      string    `json:"key"`      // the verification method that signed it
	Digest   string    `json:"digest"`   // SHA-256 of what was signed, in hex
	Declared time.Time `json:"declared"` // the charter that came with it is in force until then
}

// InForce tells whether a publication speaks for the provider at a time.
func (s *Signed) InForce(at time.Time) bool { return s != nil && !at.After(s.Until) }

// Declares tells whether the charter that came with a publication is in force.
func (s *Signed) Declares(at time.Time) bool { return s != nil && !at.After(s.Declared) }

// Replaces tells whether a provider's publication may take the place of an
// earlier one: it is the same, or was issued after it. Else the error is
// publication_refused/older. A publication that ran out is still not to be
// replaced by one before it.
func (p Provider) Replaces(before Provider) error {
	if p.Signed == nil {
		return reason.New(reason.PublicationRefused+"/unsigned", p.ID, "there is no publication to take the place of what is kept")
	}
	if old := before.Signed; old != nil && p.Signed.Digest != old.Digest && !p.Signed.Issued.After(old.Issued) {
		return reason.New(reason.PublicationRefused+"/older", p.ID, "this publication is of %s, and one of %s is kept", p.Signed.Issued.UTC().Format(time.RFC3339), old.Issued.UTC().Format(time.RFC3339))
	}
	return nil
}

// Standing is what reviews say of an offer, see catalogue/review.
type Standing struct {
	Reviews int `json:"reviews"` // how many count
	// Lower is the lower bound of the shrunk mean, from 1 to 5; 0 while there
	// are too few reviews to show one.
	Lower float64 `json:"lower,omitempty"`
	Mean  float64 `json:"mean,omitempty"`
}

// Listing is an offer as the catalogue shows it.
type Listing struct {
	Offer    Offer    `json:"offer"`
	Provider Provider `json:"provider"`
	Standing Standing `json:"standing,omitzero"`
}
