package export

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

const (
	euConcepts  = "http://data.europa.eu/snb/"
	euAuthority = "http://publications.europa.eu/resource/authority/"
)

// loqContext names what the members mean, so that no other file is needed to
// read them as RDF.
func loqContext() *strictjson.Value {
	term := func(id, kind string) *strictjson.Value { return object("@id", id, "@type", kind) }
	texts := func(id string) *strictjson.Value { return object("@id", id, "@container", "@language") }
	return object("@vocab", "http://data.europa.eu/snb/model/elm/", "id", "@id", "type", "@type",
		"dc", "http://purl.org/dc/terms/", "adms", "http://www.w3.org/ns/adms#", "foaf", "http://xmlns.com/foaf/0.1/",
		"rov", "http://www.w3.org/ns/regorg#", "skos", "http://www.w3.org/2004/02/skos/core#", "xsd", "http://www.w3.org/2001/XMLSchema#",
		"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "Concept", "skos:Concept", "PeriodOfTime", "dc:PeriodOfTime", "Location", "dc:Location",
		"identifier", "adms:identifier", "notation", "skos:notation", "homepage", "foaf:homepage", "contentUrl", term("http://data.europa.eu/snb/model/elm/contentUrl", "xsd:anyURI"),
		"dcType", "dc:type", "language", "dc:language", "temporal", "dc:temporal", "prefLabel", texts("skos:prefLabel"), "legalName", texts("rov:legalName"),
		"title", texts("dc:title"), "description", texts("dc:description"), "noteLiteral", texts("http://data.europa.eu/snb/model/elm/noteLiteral"),
		"geographicName", texts("http://data.europa.eu/snb/model/elm/geographicName"), "value", term("rdf:value", "xsd:decimal"),
		"modified", term("dc:modified", "xsd:dateTime"), "startDate", term("http://data.europa.eu/snb/model/elm/startDate", "xsd:dateTime"),
		"endDate", term("http://data.europa.eu/snb/model/elm/endDate", "xsd:dateTime"),
		"applicationDeadline", term("http://data.europa.eu/snb/model/elm/applicationDeadline", "xsd:dateTime"),
		"volumeOfLearning", term("http://data.europa.eu/snb/model/elm/volumeOfLearning", "xsd:duration"))
}

// loqOffer writes an offer as learning opportunities: one for each run, since
// LOQ has one period in each. They share the identifier.
func loqOffer(o catalogue.Offer, p catalogue.Provider) []*strictjson.Value {
	o = value.Spread(o)
	runs := o.Runs
	if len(runs) == 0 {
		runs = []catalogue.Run{{Mode: o.Mode, Place: o.Place}}
	}
	var all []*strictjson.Value
	for i, run := range runs {
		id := o.Ref()
		if i > 0 {
			id += "/" + strconv.Itoa(i+1)
		}
		if run.Place == "" {
			run.Place = o.Place
		}
		all = append(all, loqRun(o, p, run, id))
	}
	return all
}

func loqRun(o catalogue.Offer, p catalogue.Provider, run catalogue.Run, id string) *strictjson.Value {
	var period, price, place, updated *strictjson.Value
	if run.Start != "" || run.End != "" {
		period = object("type", "PeriodOfTime", "startDate", moment(run.Start), "endDate", moment(run.End))
	}
	if o.Price != nil {
		price = object("type", "PriceDetail", "amount", object("type", "Amount",
			"unit", euConcept(euAuthority+"currency/"+o.Price.Currency), "value", strictjson.Float(o.Price.Amount)))
	}
	if run.Place != "" {
		place = object("type", "Location", "geographicName", object("und", run.Place))
	}
	if !o.Updated.IsZero() {
		updated = strictjson.String(o.Updated.UTC().Format(time.RFC3339Nano))
	}
	kinds := map[catalogue.Type]string{catalogue.Course: "05053c1cbe", catalogue.Programme: "79343569f3", catalogue.Microcredential: "74a4a268e8"}
	var kind *strictjson.Value
	switch c := kinds[o.Type]; {
	case c != "":
		kind = euConcept(euConcepts + "learning-opportunity/" + c)
	case o.Type != "":
		kind = object("type", "Concept", "prefLabel", object("en", string(o.Type)))
	}
	modes := map[catalogue.Mode]string{catalogue.Online: "920fbb3cbe", catalogue.Onsite: "9191af2ed9", catalogue.Blended: "e92d221e4d"}
	var mode *strictjson.Value
	if c := modes[run.Mode]; c != "" {
		mode = euConcept(euConcepts + "learning-assessment/" + c)
	}
	home := o.URL
	if home == "" {
		home = p.URL
	}
	var partOf []*strictjson.Value
	for _, ref := range o.PartOf {
		partOf = append(partOf, object("id", ref, "type", "LearningOpportunity"))
	}
	return object("id", id, "type", "LearningOpportunity", "identifier", object("type", "Identifier", "notation", o.ID),
		"title", languageMap(o.Title), "description", languageMap(o.Description), "dcType", kind, "homepage", webResource(home),
		"defaultLanguage", euLanguage(defaultLanguage(o)), "providedBy", loqOrganisation(p), "temporal", period, "applicationDeadline", moment(run.Deadline),
		"mode", mode, "location", place, "priceDetail", price, "isPartOf", list(partOf), "modified", updated,
		"learningAchievementSpecification", loqSpecification(o))
}

func loqOrganisation(p catalogue.Provider) *strictjson.Value {
	var place *strictjson.Value
	if c := value.Country(p.Country); c != "" {
		place = object("type", "Location", "address", object("type", "Address", "countryCode", euConcept(euAuthority+"country/"+c)))
	}
	id := p.ID
	if !strings.Contains(id, ":") { // an organisation number is no IRI
		id = ""
	}
	return object("id", id, "type", "Organisation", "identifier", object("type", "Identifier", "notation", p.ID), "legalName", languageMap(p.Name),
		"homepage", webResource(p.URL), "location", place)
}

func loqSpecification(o catalogue.Offer) *strictjson.Value {
	kind := "LearningAchievementSpecification"
	var eqf, nqf, isced, credits, entry, proof, accreditation *strictjson.Value
	if l := o.Level; l.EQF > 0 {
		kind, eqf = "Qualification", euConcept(euConcepts+"eqf/"+strconv.Itoa(l.EQF))
		if a := o.Accreditation; a != nil {
			accreditation = object("type", "Accreditation", "accreditingAgent", object("type", "Organisation", "legalName", object("und", a.By)), "homepage", webResource(a.URL))
		}
	}
	if o.Level.NQF != "" {
		nqf = object("type", "Concept", "prefLabel", object("en", o.Level.NQF))
	}
	if o.Level.ISCEDF != "" {
		isced = euConcept(euConcepts + "isced-f/" + o.Level.ISCEDF)
	}
	if c := o.Credits; c != nil {
		framework := object("type", "Concept", "prefLabel", object("en", c.Scheme))
		if c.Scheme == "ECTS" {
			framework = euConcept(euConcepts + "education-credit/6fcec5c5af")
		}
		credits = object("type", "CreditPoint", "framework", framework, "point", strconv.FormatFloat(c.Value, 'f', -1, 64))
	}
	var outcomes, languages, subjects []*strictjson.Value
	for _, x := range o.Outcomes {
		var skill *strictjson.Value
		if x.Skill != "" {
			skill = euConcept(x.Skill)
		}
		outcomes = append(outcomes, object("type", "LearningOutcome", "title", languageMap(x.Text), "relatedESCOSkill", skill))
	}
	for _, l := range o.Languages {
		languages = append(languages, euLanguage(l))
	}
	for _, s := range o.Subjects {
		subjects = append(subjects, object("type", "Concept", "prefLabel", object("und", s)))
	}
	needs := catalogue.Texts{}
	for _, q := range o.Requires {
		for _, l := range slices.Sorted(maps.Keys(q.Text)) {
			needs[l] = strings.TrimPrefix(needs[l]+"\n"+q.Text[l], "\n")
		}
	}
	if len(needs) > 0 {
		entry = object("type", "Note", "noteLiteral", languageMap(needs))
	}
	if len(o.Assessment) > 0 {
		proof = object("type", "LearningAssessmentSpecification", "title", languageMap(o.Title), "description", languageMap(o.Assessment))
	}
	return object("type", kind, "title", languageMap(o.Title), "ISCEDFCode", isced, "language", list(languages), "EQFLevel", eqf, "NQFLevel", nqf,
		"creditPoint", credits, "volumeOfLearning", xsdDuration(o.Workload), "learningOutcome", list(outcomes), "entryRequirement", entry,
		"educationSubject", list(subjects), "provenBy", proof, "accreditation", accreditation)
}

func euConcept(id string) *strictjson.Value { return object("id", id, "type", "Concept") }

func webResource(address string) *strictjson.Value {
	if address == "" {
		return nil
	}
	return object("type", "WebResource", "contentUrl", address)
}

func languageMap(t catalogue.Texts) *strictjson.Value {
	var members []strictjson.Member
	for _, l := range slices.Sorted(maps.Keys(t)) {
		if t[l] != "" {
			members = append(members, strictjson.Member{Name: l, Value: strictjson.String(written(t[l]))})
		}
	}
	if len(members) == 0 {
		return nil
	}
	return strictjson.Object(members...)
}

func moment(d catalogue.Date) string {
	if d == "" {
		return ""
	}
	return string(d) + "T00:00:00"
}

// xsdDuration writes a workload as the hours and minutes that it is: a week
// and a fraction, which Offer.Workload may have, are no xsd:duration.
func xsdDuration(s string) string {
	hours, err := catalogue.ParseDuration(s)
	if err != nil {
		return ""
	}
	h, minutes := math.Modf(hours)
	switch m := int(math.Round(minutes * 60)); {
	case m == 0:
		return fmt.Sprintf("PT%.0fH", h)
	case h == 0:
		return fmt.Sprintf("PT%dM", m)
	default:
		return fmt.Sprintf("PT%.0fH%dM", h, m)
	}
}

// defaultLanguage is the language of the title: the one that is shown first.
func defaultLanguage(o catalogue.Offer) string {
	for _, l := range append([]string{"nb", "nn", "no", "en"}, slices.Sorted(maps.Keys(o.Title))...) {
		if o.Title[l] != "" {
			return l
		}
	}
	return "und"
}

// euLanguage is a language of the EU's list, or a concept with the tag as its
// notation where the list here is shorter.
func euLanguage(tag string) *strictjson.Value {
	base, _, _ := strings.Cut(tag, "-")
	list := "nb NOB nn NNO no NOR en ENG se SME sv SWE da DAN de DEU fr FRA es SPA fi FIN pl POL uk UKR ar ARA is ISL it ITA nl NLD pt POR ru RUS so SOM lt LIT et EST lv LAV und UND"
	if f := strings.Fields(list); base == tag && slices.Contains(f, base) {
		return euConcept(euAuthority + "language/" + f[slices.Index(f, base)+1])
	}
	return object("type", "Concept", "notation", tag)
}
