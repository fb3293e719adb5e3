package formats

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/reason"
)

// column is what one column of a table holds.
type column struct{ header, field, language string }

const headerLines = 10 // the names of the columns stand in one of the first lines

// readCSV reads a table: the separator and the line of column names are those
// by which most columns are known.
func (r reader) readCSV() error {
	r.Batch.Format = CSV
	var columns []column
	best, after, above := 0, table{}, []string(nil)
	for _, separator := range []byte{';', ',', '\t', '|'} {
		t := table{text: r.Text, separator: separator, line: 1}
		var before []string
		for n := 0; n < headerLines && t.more(); {
			record, _, raw, err := t.next()
			if err != nil || slices.ContainsFunc(record, func(s string) bool { return s != "" }) {
				n++
			}
			if err != nil {
				continue
			}
			if found, known := r.columns(record); known > best {
				best, columns, after, above = known, found, t, before
			}
			if line := strings.TrimSpace(string(raw)); strings.Trim(line, ";,\t|") != "" {
				before = append(before, line)
			}
		}
	}
	if !slices.ContainsFunc(columns, func(c column) bool { return c.field == "title" }) {
		return reason.New(reason.OfferInvalid+"/format", "", "it is in no format that is known here, and as a table it has no column with titles")
	}
	if len(above) > 0 {
		r.Warn("line 1", "", "not-kept-above", "what stands above the names of the columns", strings.Join(above, "\n"))
	}
	for _, c := range columns {
		if c.field == "" && c.header != "" && !r.leftOut(c.header) {
			r.Warn("line "+strconv.Itoa(after.line-1), "", "column", "a column that is not known, and is not read", c.header)
		}
	}
	for t := after; t.more() && !r.Stopped(); {
		record, line, raw, err := t.next()
		at := "line " + strconv.Itoa(line)
		switch {
		case err != nil:
			r.BrokenBy(at, "", err, string(raw))
		case slices.ContainsFunc(record, func(s string) bool { return s != "" }):
			r.row(columns, record, at)
		}
	}
	return r.Err()
}

func (r reader) leftOut(header string) bool {
	field, given := r.given(header)
	return given && field == ""
}

// given is the field that the options give a column by its name.
func (r reader) given(header string) (field string, given bool) {
	for _, h := range slices.Sorted(maps.Keys(r.Options.Columns)) {
		if value.Key(h) == value.Key(header) {
			return r.Options.Columns[h], true
		}
	}
	return "", false
}

// columns tells what the columns of a line of names hold, and how many are
// known. What the options say goes before what the names are known for.
func (r reader) columns(record []string) (found []column, known int) {
	for _, header := range record {
		c := column{header: header}
		field, given := r.given(header)
		c.field, c.language, _ = strings.Cut(field, "@")
		if !given {
			name, language := header, ""
			if at := strings.LastIndexAny(header, "@_( -"); at > 0 {
				if l := strings.Trim(header[at:], "@_() -"); slices.Contains([]string{"nb", "nn", "en", "no", "se"}, strings.ToLower(l)) {
					name, language = header[:at], strings.ToLower(l)
				}
			}
			c.field, c.language = fieldOf(name), language
		}
		if c.field != "" && !slices.Contains(Fields(), c.field) {
			c.field = ""
		}
		if c.field != "" {
			known++
		}
		found = append(found, c)
	}
	return found, known
}

// row reads one line of a table as an offer.
func (r reader) row(columns []column, record []string, at string) {
	d := draft{r.Draft(at)}
	of := func(field string) string {
		for i, c := range columns {
			if c.field == field && i < len(record) && record[i] != "" {
				return record[i]
			}
		}
		return ""
	}
	if d.ID = of("id"); d.ID != "" {
		d.Aliases = []string{d.ID} // other rows refer to it by that alone
	}
	if l := of("languages"); !strings.ContainsAny(l, ",;/") {
		d.Guess = l
	}
	run, p := catalogue.Run{}, catalogue.Provider{}
	d.SetAddress(&p.URL, at, of("providerURL"))
	for i, s := range record {
		if i >= len(columns) {
			if s != "" {
				d.Warn(at, "column-more", "more values than columns", s)
			}
			continue
		}
		if c := columns[i]; s != "" {
			d.cell(c, strings.TrimSpace(at+" "+c.header), s, &run, &p, of("currency"))
		}
	}
	if run != (catalogue.Run{}) {
		d.Runs = []catalogue.Run{run}
	}
	if (p.ID != "" || p.URL != "" || p.Name.In() != "") && !d.SetProvider(at, p) {
		return
	}
	d.Take()
}

// cell reads one value of a row.
func (d *draft) cell(c column, at, s string, run *catalogue.Run, p *catalogue.Provider, currency string) {
	switch c.field {
	case "title":
		d.SetText(&d.Title, at, c.language, s, true)
	case "description":
		d.SetText(&d.Description, at, c.language, s, false)
	case "assessment":
		d.SetText(&d.Assessment, at, c.language, s, false)
	case "quality":
		d.SetText(&d.Quality, at, c.language, s, false)
	case "provider":
		if id := value.ProviderID(s); id == "" {
			d.SetText(&p.Name, at, c.language, s, true)
		} else if p.ID == "" {
			p.ID = id
		}
	case "providerID":
		if p.ID = value.ProviderID(s); p.ID == "" {
			p.ID = value.Slug(s)
		}
	case "url":
		d.SetAddress(&d.URL, at, s)
	case "type":
		if t, ok := value.Type(s); ok {
			d.Type = t
		} else {
			d.Warn(at, "type", "is no kind of offer that is known here", s)
		}
	case "mode":
		d.SetMode(&d.Mode, at, s)
	case "languages":
		d.AddLanguages(at, s)
	case "place":
		d.Place = s
	case "start":
		d.SetDate(&run.Start, at, s, false)
	case "end":
		d.SetDate(&run.End, at, s, false)
	case "deadline":
		d.SetDate(&run.Deadline, at, s, false)
	case "workload":
		d.SetWorkload(at, s, false)
	case "hours", "days", "weeks":
		if _, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); err == nil {
			s += " " + c.field
		}
		d.SetWorkload(at, s, false)
	case "credits", "ects", "studiepoeng":
		d.SetCredits(at, s, strings.TrimPrefix(c.field, "credits"))
	case "price":
		d.SetPrice(at, s, currency)
	default:
		d.otherCell(c, at, s)
	}
}

func (d *draft) otherCell(c column, at, s string) {
	switch c.field {
	case "eqf":
		if n, ok := value.EQF(s); ok {
			d.Level.EQF = n
		} else {
			d.Warn(at, "level", "is no level of EQF", s)
		}
	case "nqf":
		d.Level.NQF = d.Short(s)
	case "iscedF":
		d.Level.ISCEDF = d.Short(s)
	case "requires":
		q := catalogue.Requirement{}
		d.SetText(&q.Text, at, c.language, s, false)
		if len(q.Text) > 0 {
			d.Requires = append(d.Requires, q)
		}
	case "outcomes", "skills":
		for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '|' || r == ';' }) {
			o := catalogue.Outcome{Skill: value.Skill(part)}
			if o.Skill == "" {
				d.SetText(&o.Text, at, c.language, strings.TrimLeft(part, "-•* "), true)
			}
			if o.Skill != "" || len(o.Text) > 0 {
				d.Outcomes = append(d.Outcomes, o)
			}
		}
	case "subjects":
		for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == '|' || r == ';' || r == ',' }) {
			if part = strings.TrimSpace(part); part != "" && !slices.Contains(d.Subjects, part) {
				d.Subjects = append(d.Subjects, d.Short(part))
			}
		}
	case "accreditation":
		d.Accreditation = &catalogue.Accreditation{By: d.Short(s)}
	case "partOf":
		d.LinkPart(at, s)
	case "updated":
		d.SetUpdated(at, s)
	}
}
