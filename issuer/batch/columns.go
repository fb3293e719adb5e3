package batch

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/reason"
)

// Fields are what a column can hold, by the names that Config.Columns maps to.
func Fields() []string {
	return []string{"id", "email", "name", "given-name", "family-name", "awarded", "valid-from", "valid-until", "result", "license", "credits",
		"narrative", "evidence", "evidence-name", "credential-name"}
}

// Column is a column of a table, and what becomes of it.
type Column struct {
	Header string `json:"header"`
	Field  string `json:"field,omitempty"` // one of Fields; empty: the column is not read
	Why    Why    `json:"why,omitempty"`   // it is not read

	result openbadge.ResultDescription // of a field "result", which the achievement describes
}

// Why says why a column is not read.
type Why string

// Reasons.
const (
	Unknown Why = "unknown"  // nobody knows what it holds
	LeftOut Why = "left-out" // somebody said so
	Private Why = "private"  // such as a birth date: it has no place in a badge
	NoPlace Why = "no-place" // what it holds is of the achievement, or of no use in a badge
)

// fieldOf tells what a column holds by its own name.
func fieldOf(header string) (field string, why Why) {
	switch key(header) {
	case "id", "did", "lommebok", "lommebokid", "walletid", "wallet", "mottakerid", "recipientid", "mottakarid":
		return "id", ""
	case "epost", "epostadresse", "email", "emailaddress", "mail", "mailadresse", "emailadress", "primaryemail", "deltakerepost", "studentepost":
		return "email", ""
	case "navn", "namn", "name", "fulltnavn", "fulltnamn", "fullname", "deltaker", "deltakar", "deltakernavn", "deltakarnamn", "participant", "mottaker", "mottakar", "recipient", "student", "studentnavn", "kandidat", "displayname", "visningsnavn":
		return "name", ""
	case "fornavn", "førenamn", "fornamn", "givenname", "firstname", "forename":
		return "given-name", ""
	case "etternavn", "etternamn", "familyname", "lastname", "surname":
		return "family-name", ""
	case "dato", "date", "fullført", "fullførtdato", "datofullført", "fullførtden", "bestått", "beståttdato", "bestådd", "completed", "completedat", "completiondate", "completedon", "datecompleted", "awarded", "awardeddate", "awarddate",
		"dateawarded", "tildelt", "tildelingsdato", "vitnemålsdato", "eksamensdato", "utstedt", "utstedtdato", "utferda", "issued", "issuedon", "dateissued":
		return "awarded", ""
	case "gyldigfra", "gyldigfrå", "validfrom", "gjelderfra", "gjeldfrå":
		return "valid-from", ""
	case "gyldigtil", "validuntil", "validto", "utløper", "utløpsdato", "utgår", "expires", "expirydate", "expirationdate", "gjeldertil", "gjeldtil":
		return "valid-until", ""
	case "resultat", "result", "karakter", "grade", "score", "poengsum", "vurdering", "finalgrade", "sluttkarakter":
		return "result", ""
	case "lisensnummer", "lisensnr", "lisens", "licensenumber", "licencenumber", "license", "licence", "sertifikatnummer", "sertifikatnr", "certificatenumber", "kursbevisnummer", "kursbevisnr", "bevisnummer", "bevisnr", "autorisasjonsnummer":
		return "license", ""
	case "studiepoeng", "stp", "ects", "poeng", "credits", "creditsearned", "ectscredits", "fagskolepoeng":
		return "credits", ""
	case "beskrivelse", "skildring", "omtale", "narrative", "fritekst", "kommentar", "merknad", "comment":
		return "narrative", ""
	case "dokumentasjon", "evidence", "evidenceurl", "lenke", "lenkje", "url", "arbeid", "portfolio", "mappe", "dokumentasjonlenke":
		return "evidence", ""
	case "dokumentasjonsnavn", "dokumentasjonsnamn", "evidencename":
		return "evidence-name", ""
	case "bevisnavn", "bevisnamn", "credentialname":
		return "credential-name", ""
	case "fødselsdato", "født", "fødd", "birthdate", "dateofbirth", "dob", "fødselsår", "alder", "age", "fødselsnummer", "fnr", "personnummer", "personnr", "dnummer", "ssn", "nationalid", "nationalidentitynumber",
		"kjønn", "gender", "telefon", "telefonnummer", "mobil", "mobilnummer", "tlf", "phone", "mobile", "adresse", "address", "postnummer", "postnr", "poststed", "poststad", "statsborgerskap", "statsborgarskap", "nationality":
		return "", Private
	case "språk", "language", "målform", "kurs", "course", "coursename", "kursnavn", "kursnamn", "kurskode", "coursecode", "leverandør", "provider", "arrangør", "nr", "nummer", "number", "rad", "row", "lineno", "timestamp", "tidsstempel", "starttidspunkt":
		return "", NoPlace
	}
	return "", Unknown
}

// key is a column's name as it is compared: letters and digits, small.
func key(header string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, header)
}

// columns tells what the columns of a row of names hold, and how many of them
// are known.
func (c Config) columns(names []string) (out []Column, known int) {
	for _, header := range names {
		col := Column{Header: header}
		field, given := c.given(header)
		described, ok := c.described(header)
		switch {
		case header == "":
			col.Why = Unknown
		case given && field == "":
			col.Why = LeftOut
		case given:
			col.Field = field
		case ok:
			col.Field, col.result = "result", described
		default:
			col.Field, col.Why = fieldOf(header)
		}
		if col.Field == "result" && col.result.ID == "" && len(c.Award.Achievement.ResultDescription) == 1 {
			col.result = c.Award.Achievement.ResultDescription[0]
		}
		if col.Why != Unknown {
			known++
		}
		out = append(out, col)
	}
	return out, known
}

// given is the field that the configuration gives a column.
func (c Config) given(header string) (field string, ok bool) {
	for name, field := range c.Columns {
		if key(name) == key(header) && header != "" {
			return field, true
		}
	}
	return "", false
}

// described is the result of the achievement that has the name of a column.
func (c Config) described(header string) (openbadge.ResultDescription, bool) {
	for _, d := range c.Award.Achievement.ResultDescription {
		if key(d.Name) == key(header) && key(header) != "" {
			return d, true
		}
	}
	return openbadge.ResultDescription{}, false
}

// checkColumns refuses columns by which no row could be read, or not surely as
// it was meant.
func (c Config) checkColumns(columns []Column) error {
	for _, name := range slices.Sorted(maps.Keys(c.Columns)) {
		if !slices.ContainsFunc(columns, func(col Column) bool { return key(col.Header) == key(name) }) {
			return reason.New("usage/column", name, "there is no column of that name: %s", headers(columns))
		}
	}
	seen := map[string]string{}
	for _, col := range columns {
		at := col.Field + " " + col.result.ID
		if other, twice := seen[at]; twice && col.Field != "" {
			return reason.New("table_invalid/column-twice", col.Header, "the columns %q and %q both hold %s", other, col.Header, col.Field)
		}
		seen[at] = col.Header
	}
	_, email := seen["email "]
	_, id := seen["id "]
	if !email && !id {
		return reason.New("table_invalid/columns", "", "no column holds e-mail addresses or ids: %s", headers(columns))
	}
	return nil
}

func headers(columns []Column) string {
	var out []string
	for _, c := range columns {
		if c.Header != "" {
			out = append(out, c.Header)
		}
	}
	text := strings.Join(out, ", ")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	return text
}
