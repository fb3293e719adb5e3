package intake

import (
	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

// Format is a format of course offers.
type Format string

// The formats. Package export writes SchemaOrg, LOQ and JSONLines.
const (
	SchemaOrg Format = "schema.org" // JSON-LD, alone or in a page, and microdata
	LOQ       Format = "loq"        // ELM 3 learning opportunities as JSON-LD
	ELMO      Format = "elmo"       // EMREX XML
	CSV       Format = "csv"        // with a line of column names
	XLSX      Format = "xlsx"       // the first sheet of a workbook, read as CSV
	OpenEdX   Format = "openedx"    // pages of /api/courses/v1/courses/
	JSONLines Format = "jsonl"      // {"provider":{…}} and {"offer":{…}}, one a line
)

// Options say what a source itself may leave out.
type Options struct {
	// Provider makes the offers whose provider the source does not name, and
	// those whose provider has the same name or web host.
	Provider catalogue.Provider
	// Base is the web address of the source: relative addresses start there.
	Base string
	// Language, a BCP 47 tag, is that of texts whose language the source does
	// not tell; without it they stand under "und".
	Language string
	// Currency, ISO 4217, is that of prices that name none; without it such a
	// price is not taken in.
	Currency string
	// Columns names the fields of CSV columns, by the columns' own names; see
	// formats.Fields. The empty field leaves a column out. Columns that are not named
	// here are known by common names in bokmål, nynorsk and English.
	Columns map[string]string
	Limits  Limits
}

// Limits bound what a source may cost. A zero field means the default.
type Limits struct {
	MaxBytes    int // default 64 MiB; a page has 8 MiB and XML 16 MiB at the most
	MaxOffers   int // default 200,000
	MaxProblems int // default 200,000
}

const maxShown = 200 // bytes of a value in a Problem

// OrDefault puts the defaults in the place of zeros.
func (l Limits) OrDefault() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = 64 << 20
	}
	if l.MaxOffers <= 0 {
		l.MaxOffers = 200_000
	}
	if l.MaxProblems <= 0 {
		l.MaxProblems = 200_000
	}
	return l
}

// Batch is what a source holds.
type Batch struct {
	Format    Format               `json:"format"`
	Providers []catalogue.Provider `json:"providers,omitempty"` // in the order of the source, by id once
	Offers    []catalogue.Offer    `json:"offers,omitempty"`    // in the order of the source; each passes Check
	Problems  []Problem            `json:"problems,omitempty"`
}

// Severity tells a value that was left out from an offer that was.
type Severity string

// The severities.
const (
	Warning Severity = "warning" // the offer is taken in, one thing about it is not as the source says
	Broken  Severity = "broken"  // the offer, or what may hold offers, is not taken in
)

// Problem is one thing in a source that is not as it should be. Its Code is
// offer_invalid/ and one of Kinds, or the code of the reader of JSON or XML.
type Problem struct {
	At       string      `json:"at"`              // "line 12", "/@graph/3/offers", "item 2/name", …
	Offer    string      `json:"offer,omitempty"` // its id or title, once known
	Code     reason.Code `json:"code"`
	Severity Severity    `json:"severity"`
	Message  string      `json:"message"`
	Value    string      `json:"value,omitempty"` // what stands there, cut at 200 bytes
	As       string      `json:"as,omitempty"`    // what it was read as
}

// Kinds are the fine codes of problems: "price" for a price that cannot be
// read, "price-second" for one beside the one that is kept, and so on.
func Kinds() []string {
	return []string{
		"award-second", "column", "column-more", "country", "credits", "credits-scheme", "credits-second", "date", "date-order", "date-read",
		"duplicate", "duplicate-joined", "duplicate-provider", "encoding", "format", "hidden", "id", "id-address", "id-title", "language",
		"level", "level-second", "mode", "mode-second", "more", "not-kept", "not-kept-above", "not-offer", "part-of", "price", "price-about",
		"price-currency", "price-no-currency", "price-second", "provider", "provider-address", "provider-id", "provider-nobody", "provider-second",
		"rdfa", "reference", "required", "run", "size", "size-cut", "subject", "text", "text-cut", "text-second", "title", "type", "updated", "url",
		"workload", "workload-read", "workload-second",
	}
}
