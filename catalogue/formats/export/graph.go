package export

import (
	"bufio"
	"context"
	"encoding/json"
	"html"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// SchemaOrg writes one JSON-LD document with providers and offers. It loses
// support schemes, assessment, quality assurance, what was found at an address,
// and the issuers and charter of providers. A run's place or mode that equals
// all others' is read again as the offer's.
func SchemaOrg(ctx context.Context, w io.Writer, providers []catalogue.Provider, offers []catalogue.Offer) error {
	return writeGraph(ctx, w, strictjson.String("https://schema.org"), providers, offers, schemaProvider,
		func(o catalogue.Offer, _ catalogue.Provider) []*strictjson.Value {
			return []*strictjson.Value{schemaOffer(o)}
		})
}

// LOQ writes one JSON-LD document of ELM learning opportunities, each with its
// provider in it. Each run is a learning opportunity of its own, since LOQ has
// one period in each; formats.Read joins them again. It loses support schemes,
// quality assurance, what was found at an address, the credential that is
// awarded, accreditation without an EQF level, requirements but for their
// texts, the addresses of runs, the issuers and charter of providers, and the
// form, not the length, of a workload. Modules and exams, which the EU's list
// of types lacks, are written by their names.
func LOQ(ctx context.Context, w io.Writer, providers []catalogue.Provider, offers []catalogue.Offer) error {
	return writeGraph(ctx, w, loqContext(), providers, offers, nil, loqOffer)
}

// JSONLines writes each provider and each offer on a line of its own:
// {"provider":{…}} and {"offer":{…}}. Nothing is lost.
func JSONLines(ctx context.Context, w io.Writer, providers []catalogue.Provider, offers []catalogue.Offer) error {
	out := bufio.NewWriter(w)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	for i := range len(providers) + len(offers) {
		line := struct {
			Provider *catalogue.Provider `json:"provider,omitempty"`
			Offer    *catalogue.Offer    `json:"offer,omitempty"`
		}{}
		if i < len(providers) {
			line.Provider = &providers[i]
		} else {
			line.Offer = &offers[i-len(providers)]
		}
		if err := ctx.Err(); err != nil {
			return reason.Wrap(reason.Canceled, "", err)
		}
		if err := e.Encode(line); err != nil {
			return reason.Wrap(reason.IO, "", err)
		}
	}
	return reason.Wrap(reason.IO, "", out.Flush())
}

// writeGraph writes one document with a @graph, a node on each line.
func writeGraph(ctx context.Context, w io.Writer, context *strictjson.Value, providers []catalogue.Provider, offers []catalogue.Offer,
	provider func(catalogue.Provider) *strictjson.Value, offer func(catalogue.Offer, catalogue.Provider) []*strictjson.Value) error {
	out := bufio.NewWriter(w)
	by := map[string]catalogue.Provider{}
	var line []byte
	first := true
	put := func(v *strictjson.Value) error {
		line = line[:0]
		if !first {
			line = append(line, ',')
		}
		first = false
		line = v.AppendJSON(append(line, '\n'))
		_, err := out.Write(line)
		return reason.Wrap(reason.IO, "", err)
	}
	head := append(context.AppendJSON([]byte(`{"@context":`)), `,"@graph":[`...)
	if _, err := out.Write(head); err != nil {
		return reason.Wrap(reason.IO, "", err)
	}
	for _, p := range providers {
		by[p.ID] = p
		if provider != nil {
			if err := put(provider(p)); err != nil {
				return err
			}
		}
	}
	for _, o := range offers {
		if err := ctx.Err(); err != nil {
			return reason.Wrap(reason.Canceled, "", err)
		}
		p, there := by[o.Provider]
		if !there {
			p = catalogue.Provider{ID: o.Provider, Name: catalogue.Texts{"und": o.Provider}}
		}
		for _, v := range offer(o, p) {
			if err := put(v); err != nil {
				return err
			}
		}
	}
	if _, err := out.WriteString("\n]}\n"); err != nil {
		return reason.Wrap(reason.IO, "", err)
	}
	return reason.Wrap(reason.IO, "", out.Flush())
}

// object makes an object of names and values; members without a value are
// left out.
func object(pairs ...any) *strictjson.Value {
	var members []strictjson.Member
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		var v *strictjson.Value
		switch x := pairs[i+1].(type) {
		case string:
			if x != "" {
				v = strictjson.String(x)
			}
		case *strictjson.Value:
			v = x
		}
		if v != nil {
			members = append(members, strictjson.Member{Name: name, Value: v})
		}
	}
	return strictjson.Object(members...)
}

// list is an array, or nothing for no items.
func list(items []*strictjson.Value) *strictjson.Value {
	if len(items) == 0 {
		return nil
	}
	return strictjson.Array(items...)
}

func strs(items []string) *strictjson.Value {
	var values []*strictjson.Value
	for _, s := range items {
		values = append(values, strictjson.String(s))
	}
	return list(values)
}

// written is a text as it stands in formats whose texts may be HTML.
func written(s string) string {
	if value.Marked(s) {
		return html.EscapeString(s)
	}
	return s
}

// values writes texts as JSON-LD values with their languages.
func values(t catalogue.Texts) *strictjson.Value {
	var items []*strictjson.Value
	for _, l := range slices.Sorted(maps.Keys(t)) {
		if s := written(t[l]); l == "und" {
			items = append(items, object("@value", s))
		} else {
			items = append(items, object("@language", l, "@value", s))
		}
	}
	return list(items)
}

func schemaProvider(p catalogue.Provider) *strictjson.Value {
	var address *strictjson.Value
	if p.Country != "" {
		address = object("@type", "PostalAddress", "addressCountry", p.Country)
	}
	return object("@type", "Organization", "@id", p.ID, "name", values(p.Name), "url", p.URL, "address", address)
}

func schemaOffer(o catalogue.Offer) *strictjson.Value {
	kind, additional := "Course", string(o.Type)
	if o.Type == catalogue.Programme {
		kind, additional = "EducationalOccupationalProgram", ""
	}
	var price, credits *strictjson.Value
	if p := o.Price; p != nil {
		category := "Paid"
		if p.Amount == 0 {
			category = "Free"
		}
		price = object("@type", "Offer", "category", category, "price", strictjson.Float(p.Amount), "priceCurrency", p.Currency)
	}
	if c := o.Credits; c != nil {
		credits = object("@type", "StructuredValue", "value", strictjson.Float(c.Value), "unitText", c.Scheme)
	}
	var outcomes []*strictjson.Value
	for _, x := range o.Outcomes {
		set := ""
		if x.Skill != "" {
			set = "http://data.europa.eu/esco/model#Skill"
		}
		outcomes = append(outcomes, object("@type", "DefinedTerm", "@id", x.Skill, "name", values(x.Text), "inDefinedTermSet", set))
	}
	var award *strictjson.Value
	if o.Awards != nil || o.Accreditation != nil {
		a, by, creator := catalogue.Award{}, (*strictjson.Value)(nil), (*strictjson.Value)(nil)
		if o.Awards != nil {
			a = *o.Awards
		}
		if a.Issuer != "" {
			creator = object("@id", a.Issuer)
		}
		if c := o.Accreditation; c != nil {
			by = object("@type", "Organization", "name", c.By, "url", c.URL)
		}
		award = object("@type", "EducationalOccupationalCredential", "@id", a.Achievement, "credentialCategory", a.Type, "creator", creator, "recognizedBy", by)
	}
	var partOf []*strictjson.Value
	for _, ref := range o.PartOf {
		partOf = append(partOf, object("@type", "Course", "@id", ref))
	}
	updated := ""
	if !o.Updated.IsZero() {
		updated = o.Updated.UTC().Format(time.RFC3339Nano)
	}
	return object("@type", kind, "@id", o.Ref(), "additionalType", additional, "identifier", o.ID, "name", values(o.Title), "description", values(o.Description),
		"url", o.URL, "provider", object("@id", o.Provider), "inLanguage", strs(o.Languages), "courseMode", string(o.Mode), "timeRequired", o.Workload,
		"numberOfCredits", credits, "educationalLevel", schemaLevels(o.Level), "offers", price, "coursePrerequisites", schemaRequires(o.Requires),
		"teaches", list(outcomes), "keywords", strs(o.Subjects), "educationalCredentialAwarded", award, "isPartOf", list(partOf),
		"hasCourseInstance", schemaRuns(o), "dateModified", updated)
}

func schemaLevels(l catalogue.Level) *strictjson.Value {
	var levels []*strictjson.Value
	if l.EQF > 0 {
		n := string(rune('0' + l.EQF))
		levels = append(levels, object("@type", "DefinedTerm", "name", "EQF "+n, "url", "http://data.europa.eu/snb/eqf/"+n))
	}
	if l.NQF != "" {
		levels = append(levels, object("@type", "DefinedTerm", "name", l.NQF, "inDefinedTermSet", "NQF"))
	}
	if l.ISCEDF != "" {
		levels = append(levels, object("@type", "DefinedTerm", "name", "ISCED-F "+l.ISCEDF, "url", "http://data.europa.eu/snb/isced-f/"+l.ISCEDF))
	}
	return list(levels)
}

func schemaRequires(list []catalogue.Requirement) *strictjson.Value {
	var items []*strictjson.Value
	for _, q := range list {
		var targets []string
		for _, s := range []string{q.Skill, q.Offer} {
			if s != "" {
				targets = append(targets, s)
			}
		}
		if q.EQF > 0 {
			targets = append(targets, "http://data.europa.eu/snb/eqf/"+string(rune('0'+q.EQF)))
		}
		items = append(items, object("@type", "AlignmentObject", "alignmentType", "requires", "targetName", values(q.Text), "targetUrl", strs(targets)))
	}
	if len(items) == 0 {
		return nil
	}
	return strictjson.Array(items...)
}

func schemaRuns(o catalogue.Offer) *strictjson.Value {
	runs := value.Spread(o).Runs
	if len(runs) == 0 && (o.Mode != "" || o.Place != "") {
		runs = []catalogue.Run{{Mode: o.Mode, Place: o.Place}}
	}
	var items []*strictjson.Value
	for _, r := range runs {
		var place, until *strictjson.Value
		if r.Place != "" {
			place = object("@type", "Place", "name", r.Place)
		}
		if r.Deadline != "" {
			until = object("@type", "Offer", "validThrough", string(r.Deadline))
		}
		items = append(items, object("@type", "CourseInstance", "courseMode", string(r.Mode), "startDate", string(r.Start), "endDate", string(r.End),
			"location", place, "url", r.URL, "offers", until))
	}
	return list(items)
}
