package value

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/kompetansebevis/bevis/catalogue"
)

// Words takes a value apart for comparison: small letters, no punctuation.
func Words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// Key is words without anything between.
func Key(s string) string { return strings.Join(Words(s), "") }

// LocalName is what stands last in an IRI or behind a prefix.
func LocalName(s string) string {
	s = strings.TrimRight(s, "/#")
	return s[strings.LastIndexAny(s, "/#:")+1:]
}

// Mode reads a mode of teaching.
func Mode(s string) (catalogue.Mode, bool) {
	switch k := Key(LocalName(s)); k {
	case "920fbb3cbe", "online", "onlineeventattendancemode", "nett", "nettbasert", "nettbasertundervisning", "nettkurs", "nettstudium",
		"pånett", "nettundervisning", "distance", "distancelearning", "elearning", "elæring", "elæringskurs", "digital", "digitalt",
		"remote", "fjernundervisning", "virtual", "virtuelt", "webinar", "web", "internett", "mooc":
		return catalogue.Online, true
	case "9191af2ed9", "onsite", "offline", "offlineeventattendancemode", "stedlig", "stadleg", "stedbasert", "stadbasert", "klasserom",
		"classroom", "campus", "oncampus", "inperson", "facetoface", "fysisk", "fysiskoppmøte", "oppmøte", "presential", "klasseromskurs",
		"729f3bed4b", "ed4c557045", "onground":
		return catalogue.Onsite, true
	case "e92d221e4d", "c3a90b26d", "blended", "mixed", "mixedeventattendancemode", "hybrid", "samlinger", "samlingar", "samlingsbasert",
		"nettmedsamlinger", "nettmedsamlingar", "nettbasertmedsamlinger", "nettbasertmedsamlingar", "kombinert", "kombinasjon", "blendedlearning",
		"delvisnett", "nettogsamlinger", "nettogsamlingar":
		return catalogue.Blended, true
	}
	return "", false
}

// Type reads a kind of offer as people and programs name it.
func Type(s string) (catalogue.Type, bool) {
	switch Key(LocalName(s)) {
	case "course", "kurs", "05053c1cbe", "courseinstance":
		return catalogue.Course, true
	case "module", "modul", "emne", "unit", "fag":
		return catalogue.Module, true
	case "programme", "program", "educationaloccupationalprogram", "studium", "studieprogram", "utdanning", "grad", "degree",
		"degreeprogramme", "79343569f3", "fagskolegrad", "videreutdanning", "vidareutdanning":
		return catalogue.Programme, true
	case "microcredential", "mikrokvalifikasjon", "mikroemne", "74a4a268e8", "shortlearningprogramme":
		return catalogue.Microcredential, true
	case "exam", "eksamen", "prøve", "assessment", "test":
		return catalogue.Exam, true
	}
	return "", false
}

// Workload reads a duration and returns it as ISO 8601. As written tells
// whether it was one already.
func Workload(s string) (duration string, asWritten, ok bool) {
	s = strings.TrimSpace(s)
	if _, err := catalogue.ParseDuration(s); err == nil {
		return s, true, true
	}
	// "P40H" and "pt40h" leave no doubt about what they mean.
	if up := strings.ToUpper(strings.ReplaceAll(s, ",", ".")); strings.HasPrefix(up, "P") {
		for _, try := range []string{up, strings.Replace(up, "P", "PT", 1)} {
			if _, err := catalogue.ParseDuration(try); err == nil {
				return try, false, true
			}
		}
		return "", false, false
	}
	number := strings.TrimRight(s, ". ")
	unit := ""
	if at := strings.LastIndexFunc(number, func(r rune) bool { return !unicode.IsLetter(r) }); at >= 0 {
		number, unit = number[:at+1], number[at+1:]
	}
	n, ok := Number(number, false)
	if !ok || n <= 0 || n > 1e6 {
		return "", false, false
	}
	d := strconv.FormatFloat(n, 'f', -1, 64)
	switch strings.ToLower(unit) {
	case "minutt", "minutter", "min", "minute", "minutes":
		d = "PT" + d + "M"
	case "time", "timer", "timar", "t", "h", "hour", "hours", "hrs", "hr":
		d = "PT" + d + "H"
	case "dag", "dager", "dagar", "day", "days", "kursdager", "kursdagar":
		d = "P" + d + "D"
	case "uke", "uker", "veke", "veker", "week", "weeks":
		d = "P" + d + "W"
	case "måned", "måneder", "månad", "månader", "mnd", "month", "months":
		d = "P" + d + "M"
	case "år", "year", "years":
		d = "P" + d + "Y"
	default:
		return "", false, false
	}
	_, err := catalogue.ParseDuration(d)
	return d, false, err == nil
}

// Number reads a number as it is written in Norway and elsewhere. In
// amounts, three digits behind the only mark are thousands.
func Number(s string, amount bool) (float64, bool) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\'' || r == '’' {
			return -1
		}
		return r
	}, s)
	for _, end := range []string{",-", ".-", ",–", ".–", ",—", "-"} {
		if cut, ok := strings.CutSuffix(s, end); ok {
			s = cut
			break
		}
	}
	if s == "" || strings.Trim(s, "0123456789.,") != "" || len(s) > 30 {
		return 0, false
	}
	mark := strings.LastIndexAny(s, ".,")
	if mark >= 0 {
		whole, rest := s[:mark], s[mark+1:]
		both := strings.ContainsAny(whole, ".,") && !strings.Contains(whole, s[mark:mark+1])
		twice := strings.Contains(whole, s[mark:mark+1])
		thousands := twice || amount && !both && len(rest) == 3 && whole != "" && len(whole) <= 3 && whole != "0"
		if !grouped(whole, both || twice, s[mark]) || twice && len(rest) != 3 || rest == "" {
			return 0, false
		}
		whole = strings.NewReplacer(".", "", ",", "").Replace(whole)
		if s = whole + "." + rest; thousands {
			s = whole + rest
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// grouped tells whether the whole part of a number has its marks at thousands.
func grouped(whole string, marks bool, last byte) bool {
	if !marks {
		return !strings.ContainsAny(whole, ".,")
	}
	if strings.Contains(whole, ".") && strings.Contains(whole, ",") {
		return false
	}
	for i, part := range strings.FieldsFunc(whole, func(r rune) bool { return r == '.' || r == ',' }) {
		if len(part) > 3 || i > 0 && len(part) != 3 {
			return false
		}
	}
	return whole != "" && whole[0] != last
}

// Price reads an amount and, where it is named, the currency. As written
// is false for "from 900" and the like, which says less than an amount.
func Price(s string) (amount float64, currency string, asWritten, ok bool) {
	s, asWritten = strings.ToLower(strings.TrimSpace(s)), true
	switch Key(s) {
	case "gratis", "free", "kostnadsfritt", "kostnadsfri", "kostnadsfrie", "freeofcharge", "nocost", "utenkostnad", "utankostnad", "vederlagsfritt":
		return 0, "", true, true
	}
	for _, c := range [...][2]string{{"nok", "NOK"}, {"sek", "SEK"}, {"dkk", "DKK"}, {"isk", "ISK"}, {"eur", "EUR"}, {"usd", "USD"}, {"gbp", "GBP"},
		{"chf", "CHF"}, {"€", "EUR"}, {"£", "GBP"}, {"$", "USD"}, {"kroner", "NOK"}, {"kr.", "NOK"}, {"kr", "NOK"}} {
		if strings.Contains(s, c[0]) {
			currency, s = c[1], strings.Replace(s, c[0], " ", 1)
			break
		}
	}
	if currency == "" && (strings.HasSuffix(s, ",-") || strings.HasSuffix(s, ",–")) {
		currency = "NOK"
	}
	s = strings.TrimSpace(s)
	for _, word := range []string{"fra ", "frå ", "from ", "ca. ", "ca ", "approx. "} {
		if cut, found := strings.CutPrefix(s, word); found {
			s, asWritten = cut, false
		}
	}
	amount, ok = Number(s, true)
	return amount, currency, asWritten, ok && amount <= 1e9
}

// Credits reads a number of credits and, where it is named, the scheme.
func Credits(s string) (value float64, scheme string, ok bool) {
	s = strings.TrimSpace(s)
	end := strings.IndexFunc(s, unicode.IsLetter)
	if end >= 0 {
		s, scheme = s[:end], Scheme(s[end:])
	}
	value, ok = Number(s, false)
	return value, scheme, ok && value > 0 && value <= 1000
}

func Scheme(s string) string {
	s = strings.TrimSpace(s)
	switch Key(LocalName(s)) {
	case "ects", "6fcec5c5af", "ectscredits", "ectscredit", "ectspoints", "europeancredittransfersystem":
		return "ECTS"
	case "studiepoeng", "stp", "sp":
		return "studiepoeng"
	}
	return s
}

// Date reads a day. Of a moment it takes the day as written there, since
// a course begins by the clock on its own wall.
func Date(s string) (d catalogue.Date, asWritten, ok bool) {
	s = strings.TrimSpace(s)
	if d := catalogue.Date(s); d.Valid() {
		return d, true, true
	}
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') && catalogue.Date(s[:10]).Valid() {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04",
			"2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05-0700"} {
			if _, err := time.Parse(layout, s); err == nil {
				return catalogue.Date(s[:10]), true, true
			}
		}
	}
	parts := Words(s)
	if len(parts) == 1 && len(s) == 8 {
		parts = []string{s[:4], s[4:6], s[6:]}
	}
	if len(parts) != 3 {
		return "", false, false
	}
	if len(parts[0]) != 4 {
		parts[0], parts[2] = parts[2], parts[0]
	}
	if month(parts[2]) > 0 { // "Aug 17, 2026"
		parts[1], parts[2] = parts[2], parts[1]
	}
	y, err1 := strconv.Atoi(parts[0])
	m := month(parts[1])
	day, err2 := strconv.Atoi(parts[2])
	if m == 0 {
		m, _ = strconv.Atoi(parts[1])
	}
	if err1 != nil || err2 != nil || len(parts[0]) != 4 || len(parts[1]) > 9 {
		return "", false, false
	}
	at := time.Date(y, time.Month(m), day, 0, 0, 0, 0, time.UTC)
	if at.Year() != y || int(at.Month()) != m || at.Day() != day {
		return "", false, false
	}
	return catalogue.Date(at.Format(time.DateOnly)), false, true
}

func month(s string) int {
	for i, names := range [...]string{"jan januar january", "feb februar february", "mar mars march", "apr april", "mai may", "jun juni june",
		"jul juli july", "aug august", "sep sept september", "okt oct oktober october", "nov november", "des dec desember december"} {
		if slices.Contains(strings.Fields(names), s) {
			return i + 1
		}
	}
	return 0
}

// Language reads a language as a BCP 47 tag. What is only said to be
// Norwegian is "no".
func Language(s string) (string, bool) {
	s = strings.TrimSpace(s)
	k := strings.ToLower(LocalName(s))
	for _, row := range [...]string{"nb nob bokmål bokmaal", "nn nno nynorsk", "no nor norsk norwegian", "en eng engelsk english", "se sme samisk nordsamisk davvisámegiella",
		"sv swe svensk swedish svenska", "da dan dansk danish", "de deu ger tysk german deutsch", "fr fra fre fransk french français", "es spa spansk spanish español",
		"fi fin finsk finnish suomi", "pl pol polsk polish polski", "uk ukr ukrainsk ukrainian", "ar ara arabisk arabic", "is isl islandsk icelandic", "it ita italiensk italian",
		"nl nld nederlandsk dutch", "pt por portugisisk portuguese", "ru rus russisk russian", "so som somali", "lt lit litauisk lithuanian", "et est estisk estonian",
		"lv lav latvisk latvian", "el ell gresk greek", "ro ron rumensk romanian", "hu hun ungarsk hungarian", "cs ces tsjekkisk czech", "tr tur tyrkisk turkish", "zh zho kinesisk chinese"} {
		names := strings.Fields(row)
		if slices.Contains(names, k) {
			return names[0], true
		}
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' })
	if len(parts) == 0 || len(parts) > 4 || len(parts[0]) < 2 || len(parts[0]) > 3 || !ascii(s) || strings.ContainsAny(s, " ,;/") {
		return "", false
	}
	parts[0] = strings.ToLower(parts[0])
	if parts[0] == "und" {
		return "", false
	}
	if len(parts) > 1 && len(parts[1]) == 2 { // a region: nb-NO is bokmål, and so on
		return parts[0], true
	}
	return strings.Join(parts, "-"), true
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII || r < ' ' })
}

// EQF reads a level of the European framework: a number, "EQF 5" or the
// address of the level.
func EQF(s string) (int, bool) {
	s = strings.TrimSpace(s)
	named := strings.Contains(s, "/eqf/")
	if named {
		s = LocalName(s)
	}
	parts := Words(s)
	if len(parts) == 0 || len(parts) > 3 {
		return 0, false
	}
	for _, w := range parts[:len(parts)-1] {
		if !slices.Contains([]string{"eqf", "level", "nivå", "ekr"}, w) {
			return 0, false
		}
	}
	last := strings.TrimPrefix(parts[len(parts)-1], "eqf")
	if len(last) == 1 && last[0] >= '1' && last[0] <= '8' {
		return int(last[0] - '0'), true
	}
	return 0, false
}

const escoPrefix = "data.europa.eu/esco/"

// Skill returns the URI of an ESCO skill as ESCO writes it, "" for
// anything else.
func Skill(s string) string {
	s = strings.TrimSpace(s)
	_, rest, ok := strings.Cut(s, "://")
	if ok && strings.HasPrefix(rest, escoPrefix+"skill/") && !strings.ContainsAny(rest, " \t\n\r") && len(rest) < 200 {
		return "http://" + rest
	}
	return ""
}

func Time(s string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil && t.Year() > 0 && t.Year() < 10000 {
		return t.UTC(), true
	}
	if d, _, ok := Date(s); ok {
		t, err := time.Parse(time.DateOnly, string(d))
		return t, err == nil
	}
	return time.Time{}, false
}

// Country turns the three letters that the EU names a country by into two and
// two into three, for the neighbours; others are "".
func Country(code string) string {
	list := strings.Fields("NOR NO SWE SE DNK DK FIN FI ISL IS DEU DE POL PL FRA FR NLD NL GBR GB EST EE LVA LV LTU LT IRL IE BEL BE ESP ES ITA IT AUT AT")
	at := slices.Index(list, code)
	if at < 0 {
		return ""
	}
	return list[at^1]
}
