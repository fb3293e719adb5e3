package graph

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

func loqTypes() vocabulary {
	return vocabulary{
		offers:    func(kind string) bool { return kind == "learningopportunity" },
		parts:     []string{"haspart"},
		relations: []string{"ispartof"},
		read:      readLOQ,
	}
}

// readLOQ reads an elm:LearningOpportunity and the specification of what it
// leads to. Concepts count by their address, else by their label.
func readLOQ(g *graph, n *node, above *draft) *draft {
	d := g.r.draft(n.at)
	if l := n.members("defaultLanguage"); len(l) > 0 {
		d.Guess = concept(l[0].v)
	} else {
		d.Warn(n.at, "required", "LOQ requires it", "defaultLanguage")
	}
	d.loqIDs(n)
	d.texts(g, &d.Title, n, true, "title")
	d.texts(g, &d.Description, n, false, "description")
	if html := n.members("descriptionHtml"); len(d.Description) == 0 && len(html) > 0 {
		d.addTexts(g, &d.Description, html[0], false)
	}
	if homes := n.members("homepage"); len(homes) == 0 {
		d.Warn(n.at, "required", "LOQ requires it", "homepage")
	} else {
		for _, home := range homes {
			d.SetAddress(&d.URL, home.at, loqAddress(g.resolved(home.v)))
		}
	}
	d.loqProvider(g, n, above)
	d.concepts(n, "type", func(at, s string) {
		if t, ok := value.Type(s); ok {
			d.Type = t
		} else {
			d.Warn(at, "type", "is no kind of offer that is known here", s)
		}
	}, "dcType")
	run := catalogue.Run{}
	for _, period := range n.members("temporal") {
		v := node{v: g.resolved(period.v), at: period.at}
		d.each(&v, "date", func(at, s string) { d.SetDate(&run.Start, at, s, true) }, "startDate")
		d.each(&v, "date", func(at, s string) { d.SetDate(&run.End, at, s, true) }, "endDate")
	}
	d.each(n, "date", func(at, s string) { d.SetDate(&run.Deadline, at, s, true) }, "applicationDeadline")
	if run != (catalogue.Run{}) {
		d.Runs = []catalogue.Run{run}
	}
	d.concepts(n, "mode", func(at, s string) { d.SetMode(&d.Mode, at, s) }, "mode")
	for _, place := range n.members("location") {
		v := g.resolved(place.v)
		name := catalogue.Texts{}
		at := node{v: v, at: place.at}
		d.texts(g, &name, &at, true, "geographicName")
		if d.Place == "" {
			d.Place = name.In()
		}
	}
	for _, item := range n.members("priceDetail") {
		amount := node{v: g.resolved(get(g.resolved(item.v), "amount")), at: item.at + "/amount"}
		currency := concept(get(amount.v, "unit"))
		d.each(&amount, "price", func(at, s string) { d.SetPrice(at, s, value.LocalName(currency)) }, "value", "content")
	}
	d.each(n, "date", d.SetUpdated, "modified")
	for _, part := range n.members("isPartOf") {
		if to := idOf(part.v) + textOnly(part.v); to != "" {
			d.LinkPart(part.at, to)
		}
	}
	n.members("hasPart", "id", "type")
	for _, spec := range n.members("learningAchievementSpecification") {
		d.loqSpecification(g, &node{v: g.resolved(spec.v), at: spec.at})
	}
	for _, spec := range n.members("learningActivitySpecification") {
		a := node{v: g.resolved(spec.v), at: spec.at}
		d.each(&a, "workload", func(at, s string) { d.SetWorkload(at, s, true) }, "volumeOfLearning")
		d.concepts(&a, "language", d.AddLanguages, "language")
	}
	return d
}

func textOnly(v *strictjson.Value) string { s, _ := v.Text(); return s }

// concept is what names a concept: its address, else its label or notation.
func concept(v *strictjson.Value) string {
	if items := v.Items(); len(items) > 0 {
		v = items[0]
	}
	if s := idOf(v) + textOnly(v); s != "" && !strings.HasPrefix(s, "_:") && !strings.HasPrefix(s, "urn:") {
		return s
	}
	label := get(v, "prefLabel")
	if s := textOf(label.Get("en")); s != "" {
		return s
	}
	if m := label.Members(); len(m) > 0 {
		return textOf(m[0].Value)
	}
	if s := textOf(label); s != "" {
		return s
	}
	return textOf(get(v, "notation"))
}

func (d *draft) concepts(n *node, fine string, f func(at, s string), names ...string) {
	for _, item := range n.members(names...) {
		if s := concept(item.v); s != "" {
			f(item.at, s)
		} else {
			d.Warn(item.at, fine, "is no concept", string(item.v.Raw()))
		}
	}
}

// loqIDs takes the first identifier, else the node's own id.
func (d *draft) loqIDs(n *node) {
	for _, item := range n.members("identifier") {
		if s := textOf(get(item.v, "notation")) + textOnly(item.v); s != "" && d.ID == "" {
			d.ID = s
		} else if s != "" {
			d.Aliases = append(d.Aliases, s)
		}
	}
	if id := idOf(n.v); d.ID == "" && !strings.HasPrefix(id, "_:") {
		d.ID = id
	}
}

func loqAddress(v *strictjson.Value) string {
	if s := textOf(get(v, "contentUrl")); s != "" { // contentURL as well
		return s
	}
	return textOnly(v)
}

func (d *draft) loqProvider(g *graph, n *node, above *draft) {
	items := n.members("providedBy")
	if len(items) == 0 {
		d.Warn(n.at, "required", "LOQ requires it", "providedBy")
	}
	for i, item := range items {
		if i > 0 {
			d.Warn(item.at, "provider-second", "another provider is not kept", concept(item.v))
			continue
		}
		o := node{v: g.resolved(item.v), at: item.at}
		p := catalogue.Provider{}
		d.texts(g, &p.Name, &o, true, "legalName")
		if p.Name.In() == "" {
			d.texts(g, &p.Name, &o, true, "prefLabel", "altLabel")
		}
		for _, home := range o.members("homepage") {
			d.SetAddress(&p.URL, home.at, loqAddress(g.resolved(home.v)))
		}
		if id := value.ProviderID(idOf(o.v) + textOnly(o.v)); !strings.HasPrefix(id, "urn:epass:") {
			p.ID = id // urn:epass: numbers the nodes of one document
		}
		for _, name := range []string{"registration", "eidasLegalIdentifier", "identifier"} {
			if id := value.ProviderID(textOf(get(get(o.v, name), "notation"))); p.ID == "" {
				p.ID = id
			}
		}
		for _, place := range o.members("location") {
			d.SetCountry(&p.Country, place.at, concept(get(get(g.resolved(place.v), "address"), "countryCode")))
		}
		if p.ID == "" && p.URL == "" && p.Name.In() == "" {
			d.Warn(item.at, "provider-nobody", "names nobody", string(item.v.Raw()))
		} else if !d.SetProvider(item.at, p) {
			d.Provider = ""
		}
	}
	if d.Provider == "" && above != nil {
		d.Provider = above.Provider
	}
}

// loqSpecification reads a LearningAchievementSpecification or Qualification.
func (d *draft) loqSpecification(g *graph, n *node) {
	if len(d.Title) == 0 {
		d.texts(g, &d.Title, n, true, "title")
	}
	d.concepts(n, "language", d.AddLanguages, "language")
	d.each(n, "workload", func(at, s string) { d.SetWorkload(at, s, true) }, "volumeOfLearning")
	d.concepts(n, "level", func(at, s string) {
		if eqf, ok := value.EQF(s); ok {
			d.Level.EQF = eqf
		} else {
			d.Warn(at, "level", "is no level of EQF", s)
		}
	}, "EQFLevel")
	d.concepts(n, "level", func(_, s string) { d.Level.NQF = d.Short(s) }, "NQFLevel")
	d.concepts(n, "level", func(at, s string) {
		if d.Level.ISCEDF == "" {
			d.Level.ISCEDF = d.Short(value.LocalName(s))
		} else {
			d.Warn(at, "level-second", "one field of education is kept, and this is another", s)
		}
	}, "ISCEDFCode")
	for _, c := range n.members("creditPoint") {
		d.SetCredits(c.at, textOf(get(c.v, "point")), concept(get(c.v, "framework")))
	}
	for _, item := range n.members("learningOutcome") {
		o, v := catalogue.Outcome{}, node{v: g.resolved(item.v), at: item.at}
		d.texts(g, &o.Text, &v, false, "title")
		skills := v.members("relatedESCOSkill", "relatedSkill")
		for _, s := range skills {
			if skill := value.Skill(concept(s.v)); o.Skill == "" {
				o.Skill = skill
			} else if skill != "" && skill != o.Skill {
				d.Outcomes = append(d.Outcomes, catalogue.Outcome{Skill: skill})
			}
		}
		if o.Skill != "" || len(o.Text) > 0 {
			d.Outcomes = append(d.Outcomes, o)
		}
	}
	for _, note := range n.members("entryRequirement") {
		q, v := catalogue.Requirement{}, node{v: g.resolved(note.v), at: note.at}
		d.texts(g, &q.Text, &v, false, "noteLiteral")
		if len(q.Text) > 0 {
			d.Requires = append(d.Requires, q)
		}
	}
	for _, proof := range n.members("provenBy") {
		v := node{v: g.resolved(proof.v), at: proof.at}
		d.texts(g, &d.Assessment, &v, false, "description")
	}
	for _, a := range n.members("accreditation") {
		agent := g.resolved(get(g.resolved(a.v), "accreditingAgent"))
		name := catalogue.Texts{}
		at := node{v: agent, at: a.at}
		d.texts(g, &name, &at, true, "legalName", "prefLabel")
		if by := name.In(); by != "" {
			d.Accreditation = &catalogue.Accreditation{By: by}
			d.SetAddress(&d.Accreditation.URL, a.at, loqAddress(get(g.resolved(a.v), "homepage")))
		}
	}
	d.concepts(n, "subject", func(_, s string) {
		if !slices.Contains(d.Subjects, s) {
			d.Subjects = append(d.Subjects, d.Short(s))
		}
	}, "educationSubject")
}
