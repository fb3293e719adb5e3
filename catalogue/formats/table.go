package formats

import (
	"bytes"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/reason"
)

// Fields are what a CSV column can hold: the names that Options.Columns maps
// to. Those that hold texts can name their language behind an @, "title@nn".
// A field may have several columns.
func Fields() []string {
	return []string{"id", "title", "description", "provider", "providerID", "providerURL", "url", "type", "mode", "languages", "place",
		"start", "end", "deadline", "workload", "hours", "days", "weeks", "credits", "ects", "studiepoeng", "price", "currency", "eqf", "nqf", "iscedF",
		"requires", "outcomes", "skills", "subjects", "assessment", "quality", "accreditation", "partOf", "updated"}
}

// fieldOf tells what a column holds by its own name.
func fieldOf(header string) string {
	switch value.Key(header) {
	case "id", "kode", "kurskode", "emnekode", "kursid", "coursecode", "courseid", "code", "identifier", "identifikator", "referencenumber", "coursereferencenumber", "kursnummer":
		return "id"
	case "tittel", "title", "kurs", "kurstittel", "kursnavn", "kursnamn", "navn", "namn", "name", "coursetitle", "coursename", "course", "emne", "emnenavn", "emnenamn":
		return "title"
	case "beskrivelse", "beskriving", "skildring", "omtale", "description", "innhold", "innhald", "ingress", "aboutthiscourse", "coursedescription", "summary":
		return "description"
	case "leverandør", "tilbyder", "tilbydar", "arrangør", "kursarrangør", "provider", "trainingprovider", "organisasjon", "organization", "organisation", "skole", "skule", "lærested",
		"institusjon", "institution", "providername", "trainingprovideralias":
		return "provider"
	case "organisasjonsnummer", "orgnr", "orgnummer", "providerid", "leverandørid", "uen":
		return "providerID"
	case "leverandørlenke", "nettsted", "nettstad", "providerurl", "website":
		return "providerURL"
	case "url", "lenke", "lenkje", "link", "nettside", "webside", "webpage", "nettadresse", "påmelding", "courseurl":
		return "url"
	case "type", "kurstype", "coursetype", "slag":
		return "type"
	case "form", "undervisningsform", "undervisingsform", "modus", "mode", "format", "modeoftraining", "leveringsform", "deliverymode", "kursform", "studieform":
		return "mode"
	case "språk", "language", "languages", "undervisningsspråk", "undervisingsspråk", "mediumofinstruction", "målform", "teachinglanguage":
		return "languages"
	case "sted", "stad", "place", "location", "kurssted", "kursstad", "by", "adresse", "city", "kommune", "studiested", "studiestad", "campus":
		return "place"
	case "start", "startdato", "startdate", "oppstart", "fra", "frå", "dato", "date", "begynner", "coursestartdate", "kursstart":
		return "start"
	case "slutt", "sluttdato", "enddate", "end", "til", "avsluttes", "courseenddate", "kursslutt":
		return "end"
	case "frist", "søknadsfrist", "påmeldingsfrist", "deadline", "applicationdeadline":
		return "deadline"
	case "varighet", "varigheit", "lengde", "lengd", "duration", "omfang", "workload", "arbeidsmengde", "arbeidsmengd":
		return "workload"
	case "timer", "timar", "timetall", "timetal", "hours", "antalltimer", "talpåtimar", "totaltraininghours", "totaltrainingdurationhours", "numberofhours", "lengthinhours":
		return "hours"
	case "dager", "dagar", "days", "antalldager", "kursdager", "kursdagar":
		return "days"
	case "uker", "veker", "weeks", "antalluker":
		return "weeks"
	case "credits", "poeng", "credit":
		return "credits"
	case "ects", "ectscredits":
		return "ects"
	case "studiepoeng", "stp", "sp":
		return "studiepoeng"
	case "pris", "price", "kostnad", "kursavgift", "fee", "coursefee", "fullcoursefee", "kurspris", "prisnok", "avgift", "cost":
		return "price"
	case "valuta", "currency":
		return "currency"
	case "eqf", "eqfnivå", "eqflevel", "ekr":
		return "eqf"
	case "nkr", "nqf", "nkrnivå", "nqflevel":
		return "nqf"
	case "iscedf", "isced", "fagfelt", "fieldofeducation":
		return "iscedF"
	case "opptakskrav", "forkunnskaper", "forkunnskapar", "krav", "requirements", "prerequisites", "entryrequirements", "requires", "minimumentryrequirement", "inntakskrav":
		return "requires"
	case "læringsutbytte", "læringsutbyte", "læringsmål", "outcomes", "learningoutcomes", "whatyoulllearn", "whatyouwilllearn":
		return "outcomes"
	case "esco", "escoskills", "skills", "ferdigheter", "dugleikar", "kompetanser":
		return "skills"
	case "emneord", "tema", "fagområde", "kategori", "kategoriar", "subjects", "keywords", "category", "stikkord", "areaoftraining":
		return "subjects"
	case "vurdering", "vurderingsform", "eksamensform", "assessment":
		return "assessment"
	case "kvalitetssikring", "kvalitet", "quality":
		return "quality"
	case "godkjenning", "akkreditering", "accreditation", "godkjentav":
		return "accreditation"
	case "delav", "inngåri", "partof":
		return "partOf"
	case "oppdatert", "endret", "endra", "updated", "modified", "sistendret", "sistendra":
		return "updated"
	}
	return ""
}

// table takes a CSV text apart into records, with the line that each begins on.
type table struct {
	text      []byte
	separator byte
	pos, line int
}

const (
	maxField   = 64 << 10 // bytes of a quoted field; behind that its end is missing
	maxColumns = 500
)

// next returns the next record. A record whose quotes do not match is an
// error; the one after it is then that of the next line.
func (t *table) next() (record []string, line int, raw []byte, err error) {
	start, line := t.pos, t.line
	fail := func(message string) ([]string, int, []byte, error) {
		t.pos = start
		end := t.endOfLine(start)
		raw := t.text[start:end]
		t.pos, t.line = min(end+1, len(t.text)), line+1
		return nil, line, raw, reason.New(reason.OfferInvalid+"/format", "", "%s", message)
	}
	for {
		var field strings.Builder
		p := t.pos
		for p < len(t.text) && t.text[p] == ' ' {
			p++
		}
		if p < len(t.text) && t.text[p] == '"' {
			t.pos = p + 1
			for open := t.pos; ; {
				q := bytes.IndexByte(t.text[t.pos:min(len(t.text), open+maxField)], '"')
				if q < 0 {
					return fail("a quoted field without an end")
				}
				field.Write(t.text[t.pos : t.pos+q])
				if t.pos += q + 1; t.pos < len(t.text) && t.text[t.pos] == '"' {
					field.WriteByte('"')
					t.pos++
					continue
				}
				break
			}
			for t.pos < len(t.text) && t.text[t.pos] == ' ' {
				t.pos++
			}
			if t.pos < len(t.text) && t.text[t.pos] != t.separator && t.text[t.pos] != '\n' && t.text[t.pos] != '\r' {
				return fail("text behind a quoted field")
			}
		} else {
			from := t.pos
			for t.pos < len(t.text) && t.text[t.pos] != t.separator && t.text[t.pos] != '\n' && t.text[t.pos] != '\r' {
				t.pos++
			}
			field.Write(t.text[from:t.pos])
		}
		if record = append(record, strings.TrimSpace(field.String())); len(record) > maxColumns {
			return fail("more values than a table has columns")
		}
		if t.pos < len(t.text) && t.text[t.pos] == t.separator {
			t.pos++
			continue
		}
		raw = t.text[start:t.pos]
		if t.pos < len(t.text) && t.text[t.pos] == '\r' {
			t.pos++
		}
		if t.pos < len(t.text) && t.text[t.pos] == '\n' {
			t.pos++
		}
		t.line += max(1, bytes.Count(t.text[start:t.pos], []byte("\n")))
		return record, line, raw, nil
	}
}

func (t *table) more() bool { return t.pos < len(t.text) }

func (t *table) endOfLine(from int) int {
	if at := bytes.IndexByte(t.text[from:], '\n'); at >= 0 {
		return from + at
	}
	return len(t.text)
}
