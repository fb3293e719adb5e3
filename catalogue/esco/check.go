package esco

import (
	"slices"
	"strconv"

	"github.com/kompetansebevis/bevis/catalogue"
)

// What one concept may have.
const (
	maxURI       = 300
	maxText      = 20_000 // bytes
	maxLabels    = 1000   // alternative ones, in one language
	maxRelations = 10_000
	maxLanguages = 60
)

func (s Skill) check(at string) error {
	if err := checkConcept(at, s.URI, s.Labels, s.Alt, s.Description); err != nil {
		return err
	}
	if s.Type != "" && !slices.Contains([]string{Knowledge, Competence, Group}, s.Type) {
		return invalid(at+"/type", "%q is no type of skill", s.Type)
	}
	if s.Reuse != "" && !slices.Contains([]string{Transversal, CrossSector, SectorSpecific, OccupationSpecific}, s.Reuse) {
		return invalid(at+"/reuse", "%q is no reuse level", s.Reuse)
	}
	if err := checkURIs(at+"/broader", s.Broader); err != nil {
		return err
	}
	return checkURIs(at+"/related", s.Related)
}

func (o Occupation) check(at string) error {
	if err := checkConcept(at, o.URI, o.Labels, o.Alt, o.Description); err != nil {
		return err
	}
	if len(o.Code) > 20 {
		return invalid(at+"/code", "%d bytes are no code", len(o.Code))
	}
	if err := checkURIs(at+"/essential", o.Essential); err != nil {
		return err
	}
	return checkURIs(at+"/optional", o.Optional)
}

func checkConcept(at, uri string, labels catalogue.Texts, alt map[string][]string, description catalogue.Texts) error {
	if !catalogue.WebAddress(uri) || len(uri) > maxURI {
		return invalid(at+"/uri", "is no http or https address of at most %d bytes", maxURI)
	}
	if len(labels) == 0 {
		return invalid(at+"/labels", "it is called nothing")
	}
	for _, m := range []struct {
		name  string
		texts catalogue.Texts
	}{{"/labels", labels}, {"/description", description}} {
		if len(m.texts) > maxLanguages {
			return invalid(at+m.name, "%d languages, the limit is %d", len(m.texts), maxLanguages)
		}
		for _, l := range tags(m.texts, nil) {
			if l == "" || len(l) > 20 || m.texts[l] == "" || len(m.texts[l]) > maxText {
				return invalid(at+m.name+"/"+l[:min(len(l), 20)], "a text has a language and 1 to %d bytes", maxText)
			}
		}
	}
	if len(alt) > maxLanguages {
		return invalid(at+"/alt", "%d languages, the limit is %d", len(alt), maxLanguages)
	}
	for _, l := range tags(alt, nil) {
		if l == "" || len(l) > 20 || len(alt[l]) > maxLabels {
			return invalid(at+"/alt/"+l[:min(len(l), 20)], "a list of labels has a language and at most %d", maxLabels)
		}
		for i, label := range alt[l] {
			if label == "" || len(label) > maxText {
				return invalid(at+"/alt/"+l+"/"+strconv.Itoa(i), "a label has 1 to %d bytes", maxText)
			}
		}
	}
	return nil
}

func checkURIs(at string, uris []string) error {
	if len(uris) > maxRelations {
		return invalid(at, "%d relations, the limit is %d", len(uris), maxRelations)
	}
	for i, u := range uris {
		if u == "" || len(u) > maxURI {
			return invalid(at+"/"+strconv.Itoa(i), "is no address of at most %d bytes", maxURI)
		}
	}
	return nil
}
