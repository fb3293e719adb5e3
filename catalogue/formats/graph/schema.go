package graph

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

func schemaTypes() vocabulary {
	return vocabulary{
		offers:    isSchemaOffer,
		runs:      []string{"hascourseinstance"},
		parts:     []string{"haspart", "hascourse"},
		relations: []string{"courseprerequisites", "programprerequisites", "ispartof", "educationalcredentialawarded"},
		read:      readSchemaOffer,
	}
}

func isSchemaOffer(kind string) bool {
	return kind == "course" || kind == "courseinstance" || kind == "educationaloccupationalprogram"
}

// readSchemaOffer reads a Course, an EducationalOccupationalProgram, or a
// CourseInstance that belongs to no course.
func readSchemaOffer(g *graph, n *node, above *draft) *draft {
	d := g.r.draft(n.at)
	kinds := typesOf(n.v)
	languages := n.members("inLanguage")
	if len(languages) == 1 {
		d.Guess = textOf(languages[0].v)
	}
	d.texts(g, &d.Title, n, true, "name", "title", "headline")
	d.texts(g, &d.Description, n, false, "description", "abstract")
	d.each(n, "url", func(at, s string) { d.SetAddress(&d.URL, at, s) }, "url", "mainEntityOfPage")
	d.schemaID(n)
	d.schemaProvider(g, n, above)

	d.Type = catalogue.Course
	if slices.Contains(kinds, "educationaloccupationalprogram") {
		d.Type = catalogue.Programme
	}
	d.each(n, "type", func(at, s string) {
		if t, ok := value.Type(s); ok {
			d.Type = t
		} else {
			d.Warn(at, "type", "is no kind of offer that is known here", s)
		}
	}, "additionalType", "programType", "learningResourceType")

	d.each(n, "language", d.AddLanguages, "inLanguage")
	d.each(n, "workload", func(at, s string) { d.SetWorkload(at, s, true) }, "timeRequired", "courseWorkload", "timeToComplete", "duration")
	d.each(n, "mode", func(at, s string) { d.SetMode(&d.Mode, at, s) }, "courseMode", "educationalProgramMode", "eventAttendanceMode")
	d.schemaRuns(g, n)
	if slices.Contains(kinds, "courseinstance") {
		d.Offer = value.Gather(d.addRun(g, n))
	}
	for _, c := range n.members("numberOfCredits", "credits") {
		d.SetCredits(c.at, textOf(c.v), textOf(get(c.v, "unitText"))+textOf(get(c.v, "unitCode")))
	}
	d.schemaPrice(g, n)
	d.schemaLevel(n)
	d.schemaSkills(g, n)
	d.schemaAward(g, n)
	for _, p := range n.members("isPartOf") {
		if to := append(addresses(p.v), codes(p.v)...); len(to) > 0 {
			d.LinkPart(p.at, to...)
		}
	}
	d.each(n, "subject", func(_, s string) {
		for word := range strings.SplitSeq(s, ",") {
			if word = strings.Join(strings.Fields(value.Plain(word)), " "); word != "" && !slices.Contains(d.Subjects, word) {
				d.Subjects = append(d.Subjects, d.Short(word))
			}
		}
	}, "keywords", "about")
	d.each(n, "date", d.SetUpdated, "dateModified")
	n.members("hasPart", "hasCourse", "itemOffered") // read as offers of their own
	return d
}

// schemaID takes the provider's own identifier, else the course code, else an
// id that is not the address of a page.
func (d *draft) schemaID(n *node) {
	d.each(n, "id", func(_, s string) {
		if d.ID == "" {
			d.ID = s
		}
		d.Aliases = append(d.Aliases, s)
	}, "identifier", "courseCode", "productID", "sku")
	id := idOf(n.v)
	switch full := d.Resolve(id); {
	case full != "" && d.URL == "" && !strings.HasPrefix(id, "#"):
		d.URL = full
	case full == "" && d.ID == "" && !strings.HasPrefix(id, "_:"):
		d.ID = strings.TrimPrefix(id, "#")
	}
}

// schemaProvider reads who offers it: text, object, list, or a reference.
func (d *draft) schemaProvider(g *graph, n *node, above *draft) {
	for i, item := range n.members("provider", "offeredBy", "organizer") {
		if i > 0 && d.Provider != "" {
			d.Warn(item.at, "provider-second", "another provider is not kept", textOf(item.v))
			continue
		}
		p, at := catalogue.Provider{}, item.at
		o := node{v: g.resolved(item.v), at: at}
		if s, ok := o.v.Text(); ok {
			if p.ID = value.ProviderID(s); p.ID != s {
				p.Name = catalogue.Texts{}
				d.SetText(&p.Name, at, g.language, s, true)
			}
		} else {
			d.texts(g, &p.Name, &o, true, "name", "legalName")
			d.each(&o, "url", func(at, s string) { d.SetAddress(&p.URL, at, s) }, "url")
			for _, s := range append([]string{idOf(o.v)}, identifiers(&o)...) {
				if id := value.ProviderID(s); id != "" && p.ID == "" && id != strings.TrimRight(p.URL, "/") {
					p.ID = id
				}
			}
			d.SetCountry(&p.Country, at+"/address", textOf(get(get(o.v, "address"), "addressCountry")))
		}
		if p.ID == "" && p.URL == "" && p.Name.In() == "" {
			d.Warn(at, "provider-nobody", "names nobody", string(item.v.Raw()))
			continue
		}
		if !d.SetProvider(at, p) {
			d.Provider = ""
		}
	}
	if d.Provider == "" && above != nil {
		d.Provider = above.Provider
	}
}

func identifiers(n *node) (ids []string) {
	for _, item := range n.members("identifier", "taxID", "vatID", "iso6523Code", "sameAs") {
		ids = append(ids, textOf(item.v))
	}
	return ids
}

func (d *draft) schemaRuns(g *graph, n *node) {
	for _, item := range n.members("hasCourseInstance") {
		run := node{v: g.resolved(item.v), at: item.at}
		if run.v.Kind() != strictjson.KindObject {
			d.Warn(run.at, "run", "is no run", string(run.v.Raw()))
			continue
		}
		d.Offer = d.addRun(g, &run)
		d.each(&run, "workload", func(at, s string) { d.SetWorkload(at, s, true) }, "courseWorkload", "duration", "timeRequired")
		d.each(&run, "language", d.AddLanguages, "inLanguage")
		d.schemaPrice(g, &run)
		if rest := run.unread(); rest != "" {
			d.Warn(run.at, "not-kept", "members that have no place in a run", rest)
		}
	}
	// A programme is its own run.
	if get(n.v, "startDate") != nil || get(n.v, "endDate") != nil || get(n.v, "applicationDeadline") != nil || get(n.v, "location") != nil {
		if !slices.Contains(typesOf(n.v), "courseinstance") {
			d.Offer = d.addRun(g, n)
		}
	}
	d.Offer = value.Gather(d.Offer)
}

// addRun adds one run; a run without a day or address of its own tells only
// how and where the offer is taught.
func (d *draft) addRun(g *graph, n *node) catalogue.Offer {
	run := catalogue.Run{}
	d.each(n, "date", func(at, s string) { d.SetDate(&run.Start, at, s, true) }, "startDate")
	d.each(n, "date", func(at, s string) { d.SetDate(&run.End, at, s, true) }, "endDate")
	d.each(n, "date", func(at, s string) { d.SetDate(&run.Deadline, at, s, true) }, "applicationDeadline")
	for _, o := range n.members("offers") {
		d.each(&o, "date", func(at, s string) { d.SetDate(&run.Deadline, at, s, true) }, "validThrough", "availabilityEnds")
	}
	d.each(n, "mode", func(at, s string) { d.SetMode(&run.Mode, at, s) }, "courseMode", "eventAttendanceMode")
	d.each(n, "url", func(at, s string) { d.SetAddress(&run.URL, at, s) }, "url")
	for _, place := range n.members("location") {
		v := g.resolved(place.v)
		if slices.Contains(typesOf(v), "virtuallocation") {
			if run.Mode == "" {
				run.Mode = catalogue.Online
			}
			continue
		}
		if run.Place == "" {
			run.Place = strings.Join(strings.Fields(value.Plain(placeOf(v))), " ")
		}
	}
	if run.URL == d.URL {
		run.URL = ""
	}
	o := d.Offer
	switch {
	case run.Start != "" || run.End != "" || run.Deadline != "" || run.URL != "":
		o.Runs = append(o.Runs, run)
	case o.Mode == "" || o.Mode == run.Mode || run.Mode == "":
		if run.Mode != "" {
			o.Mode = run.Mode
		}
		if o.Place == "" {
			o.Place = run.Place
		}
	default:
		d.Warn(n.at, "mode-second", "one mode is kept, and this is another", string(run.Mode))
	}
	return o
}

// placeOf is the town of an address, or else what a place is called.
func placeOf(v *strictjson.Value) string {
	if v.Kind() == strictjson.KindArray && len(v.Items()) > 0 {
		v = v.Items()[0]
	}
	if a := get(v, "address"); a.Kind() == strictjson.KindObject {
		if town := textOf(get(a, "addressLocality")); town != "" {
			return town
		}
	}
	if s := textOf(get(v, "addressLocality")); s != "" {
		return s
	}
	if s := textOf(get(v, "name")); s != "" {
		return s
	}
	if a, ok := get(v, "address").Text(); ok {
		return a
	}
	s, _ := v.Text()
	return s
}

func (d *draft) schemaPrice(g *graph, n *node) {
	for _, item := range n.members("isAccessibleForFree") {
		if free, ok := item.v.Bool(); free || !ok && strings.EqualFold(textOf(item.v), "true") {
			d.SetPrice(item.at, "0", "")
		}
	}
	for _, item := range n.members("offers") {
		o := node{v: g.resolved(item.v), at: item.at}
		if s, ok := o.v.Text(); ok {
			d.SetPrice(o.at, s, "")
			continue
		}
		currency := textOf(get(o.v, "priceCurrency"))
		found := false
		price := func(at, s string) { d.SetPrice(at, s, currency); found = true }
		d.each(&o, "price", price, "price")
		for _, spec := range o.members("priceSpecification") {
			if currency == "" {
				currency = textOf(get(spec.v, "priceCurrency"))
			}
			d.each(&spec, "price", price, "price")
		}
		if !found {
			d.each(&o, "price", price, "lowPrice")
			if high := textOf(get(o.v, "highPrice")); found && high != "" && high != textOf(get(o.v, "lowPrice")) {
				d.Warn(o.at, "price-about", "is the lowest one, and was read as the price", textOf(get(o.v, "lowPrice"))+"–"+high)
			}
		}
		if c := value.Key(textOf(get(o.v, "category"))); !found && (c == "free" || c == "gratis") {
			d.SetPrice(o.at, "0", currency)
		}
	}
}

// schemaLevel reads levels from names and from addresses in the vocabularies
// of the EU.
func (d *draft) schemaLevel(n *node) {
	for _, item := range n.members("educationalLevel", "educationalAlignment") {
		found := false
		for _, s := range append(addresses(item.v), textOf(get(item.v, "targetName")), textOf(get(item.v, "termCode")), textOf(item.v)) {
			eqf, isEQF := value.EQF(s)
			switch {
			case strings.Contains(s, "/isced-f/"):
				d.Level.ISCEDF, found = value.LocalName(s), true
			case strings.HasPrefix(s, "NKR ") || strings.HasPrefix(s, "NQF "):
				d.Level.NQF, found = d.Short(s), true
			case isEQF && (d.Level.EQF == 0 || d.Level.EQF == eqf):
				d.Level.EQF, found = eqf, true
			}
			if found {
				break
			}
		}
		if !found {
			d.Warn(item.at, "level", "is no level that is known here", textOf(item.v)+textOf(get(item.v, "targetName")))
		}
	}
}

// schemaSkills reads what one learns and what one needs.
func (d *draft) schemaSkills(g *graph, n *node) {
	for _, item := range n.members("teaches", "assesses", "skills") {
		o := catalogue.Outcome{}
		for _, s := range addresses(item.v) {
			if o.Skill == "" {
				o.Skill = value.Skill(s)
			}
		}
		d.termTexts(g, &o.Text, item, o.Skill)
		if (o.Skill != "" || len(o.Text) > 0) && !slices.ContainsFunc(d.Outcomes, func(p catalogue.Outcome) bool { return p.Skill != "" && p.Skill == o.Skill }) {
			d.Outcomes = append(d.Outcomes, o)
		}
	}
	for _, item := range n.members("coursePrerequisites", "programPrerequisites", "competencyRequired") {
		q, to := catalogue.Requirement{}, codes(item.v)
		for _, s := range addresses(item.v) {
			eqf, isEQF := value.EQF(s)
			switch skill := value.Skill(s); {
			case skill != "":
				q.Skill = skill
			case isEQF && strings.Contains(s, "/eqf/"):
				q.EQF = eqf
			default:
				to = append([]string{s}, to...)
			}
		}
		d.termTexts(g, &q.Text, item, q.Skill)
		if len(to) > 0 || q.Skill != "" || q.EQF != 0 || len(q.Text) > 0 {
			if len(to) > 0 {
				d.LinkRequirement(item.at, to...)
			}
			d.Requires = append(d.Requires, q)
		}
	}
}

// codes are the identifiers by which an object refers to an offer.
func codes(v *strictjson.Value) (ids []string) {
	for _, name := range []string{"identifier", "courseCode"} {
		if s := textOf(get(v, name)); s != "" {
			ids = append(ids, s)
		}
	}
	return ids
}

// termTexts reads the name of a term; an address alone is none.
func (d *draft) termTexts(g *graph, to *catalogue.Texts, n node, skill string) {
	if n.v.Kind() != strictjson.KindObject || get(n.v, "@language") != nil || isLanguageMap(n.v) {
		if s, ok := n.v.Text(); !ok || skill == "" && !catalogue.WebAddress(s) {
			d.addTexts(g, to, n, false)
		}
		return
	}
	for _, name := range []string{"name", "targetName", "description", "targetDescription", "title", "prefLabel"} {
		if d.texts(g, to, &n, false, name); len(*to) > 0 {
			return
		}
	}
}

// schemaAward reads the credential that an offer gives.
func (d *draft) schemaAward(g *graph, n *node) {
	for i, item := range n.members("educationalCredentialAwarded", "occupationalCredentialAwarded") {
		v := g.resolved(item.v)
		a := catalogue.Award{Achievement: idOf(v), Type: textOf(get(v, "credentialCategory")), Issuer: idOf(get(v, "creator"))}
		if s := textOf(v); a.Type == "" && a.Achievement == "" {
			a.Type = s
		}
		if by := get(v, "recognizedBy"); by != nil {
			d.Accreditation = &catalogue.Accreditation{By: textOf(get(by, "name"))}
			d.SetAddress(&d.Accreditation.URL, item.at+"/recognizedBy", textOf(get(by, "url")))
			if d.Accreditation.By == "" {
				d.Accreditation.By = textOf(by)
			}
		}
		a.Type, a.Achievement = d.Short(a.Type), strings.TrimSpace(a.Achievement)
		if i > 0 {
			d.Warn(item.at, "award-second", "one credential is kept, and this is another", textOf(v))
		} else if a != (catalogue.Award{}) {
			d.Awards = &a
		}
	}
}
