package esco

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/text"
	"github.com/kompetansebevis/bevis/reason"
)

// The types of skills.
const (
	Knowledge  = "knowledge"
	Competence = "skill/competence"
	Group      = "group" // a heading of the hierarchy: it has a name, and no text is linked to it
)

// The reuse levels, from skills for everyone to those of one occupation.
const (
	Transversal        = "transversal"
	CrossSector        = "cross-sector"
	SectorSpecific     = "sector-specific"
	OccupationSpecific = "occupation-specific"
)

// Skill is a skill, a piece of knowledge or a group of them. Only URI and
// Labels are required.
type Skill struct {
	URI         string              `json:"uri"`
	Labels      catalogue.Texts     `json:"labels"` // preferred, one a language
	Alt         map[string][]string `json:"alt,omitempty"`
	Description catalogue.Texts     `json:"description,omitempty"`
	Type        string              `json:"type,omitempty"`
	Reuse       string              `json:"reuse,omitempty"`
	Broader     []string            `json:"broader,omitempty"` // URIs, of groups as well
	Related     []string            `json:"related,omitempty"` // URIs of skills that this one is used with
}

// Occupation is an occupation with the skills that it takes. Only URI and
// Labels are required.
type Occupation struct {
	URI         string              `json:"uri"`
	Code        string              `json:"code,omitempty"` // ISCO-08 or STYRK-08; ESCO has more digits after a dot
	Labels      catalogue.Texts     `json:"labels"`
	Alt         map[string][]string `json:"alt,omitempty"`
	Description catalogue.Texts     `json:"description,omitempty"`
	Essential   []string            `json:"essential,omitempty"` // URIs of skills
	Optional    []string            `json:"optional,omitempty"`
}

// Vocabulary is an immutable set of skills and occupations, safe for
// concurrent use. What it returns is shared: read it only. A nil Vocabulary is
// empty.
type Vocabulary struct {
	skills      []Skill // by URI
	occupations []Occupation
	skillAt     map[string]int32
	jobAt       map[string]int32 // by URI and by code, the first if several have it
	narrower    map[string]int32 // how many there are

	byLabel     func() map[string][]int32
	titles      func() *titles // of occupations
	skillTitles func() *titles
}

// New makes a vocabulary. What is named twice is merged: the first says what it
// is, labels and relations are added. The error has the place of the member
// under /skills/0 or /occupations/0.
func New(skills []Skill, occupations []Occupation) (*Vocabulary, error) {
	v := empty()
	for i, s := range skills {
		if err := v.addSkill("/skills/"+strconv.Itoa(i), s); err != nil {
			return nil, err
		}
	}
	for i, o := range occupations {
		if err := v.addOccupation("/occupations/"+strconv.Itoa(i), o); err != nil {
			return nil, err
		}
	}
	return v.finish(), nil
}

func empty() *Vocabulary {
	return &Vocabulary{skillAt: map[string]int32{}, jobAt: map[string]int32{}, narrower: map[string]int32{}}
}

func (v *Vocabulary) addSkill(at string, s Skill) error {
	if err := s.check(at); err != nil {
		return err
	}
	if known, ok := v.skillAt[s.URI]; ok {
		v.skills[known] = v.skills[known].merge(s)
		return nil
	}
	v.skillAt[s.URI] = int32(len(v.skills))
	v.skills = append(v.skills, s)
	return nil
}

func (v *Vocabulary) addOccupation(at string, o Occupation) error {
	if err := o.check(at); err != nil {
		return err
	}
	if known, ok := v.jobAt[o.URI]; ok {
		v.occupations[known] = v.occupations[known].merge(o)
		return nil
	}
	v.jobAt[o.URI] = int32(len(v.occupations))
	v.occupations = append(v.occupations, o)
	return nil
}

// finish makes what is looked up from what has been added.
func (v *Vocabulary) finish() *Vocabulary {
	slices.SortFunc(v.skills, func(a, b Skill) int { return strings.Compare(a.URI, b.URI) })
	slices.SortFunc(v.occupations, func(a, b Occupation) int { return strings.Compare(a.URI, b.URI) })
	for i, s := range v.skills {
		v.skillAt[s.URI] = int32(i)
		for _, b := range s.Broader {
			v.narrower[b]++
		}
	}
	for i, o := range v.occupations {
		v.jobAt[o.URI] = int32(i)
	}
	for i, o := range v.occupations {
		if _, taken := v.jobAt[o.Code]; !taken && o.Code != "" {
			v.jobAt[o.Code] = int32(i)
		}
	}
	v.byLabel = sync.OnceValue(v.indexLabels)
	v.titles = sync.OnceValue(v.indexTitles)
	v.skillTitles = sync.OnceValue(v.indexSkills)
	return v
}

// IsURI tells whether s names a skill or a group of ESCO, known here or not.
func IsURI(s string) bool {
	rest, ok := strings.CutPrefix(s, "http://data.europa.eu/esco/")
	id, skill := strings.CutPrefix(rest, "skill/")
	if !skill {
		id, skill = strings.CutPrefix(rest, "isced-f/")
	}
	return ok && skill && id != "" && len(s) <= maxURI && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// Skills returns all skills and groups, by URI.
func (v *Vocabulary) Skills() []Skill {
	if v == nil {
		return nil
	}
	return slices.Clip(v.skills)
}

// Occupations returns all occupations, by URI.
func (v *Vocabulary) Occupations() []Occupation {
	if v == nil {
		return nil
	}
	return slices.Clip(v.occupations)
}

// Skill returns the skill or group with a URI.
func (v *Vocabulary) Skill(uri string) (Skill, bool) {
	if v == nil {
		return Skill{}, false
	}
	at, ok := v.skillAt[uri]
	if !ok {
		return Skill{}, false
	}
	return v.skills[at], true
}

// Occupation returns the occupation with a URI or, if there is none, a code;
// where several have the code, the first by URI. FindOccupations finds all.
func (v *Vocabulary) Occupation(uriOrCode string) (Occupation, bool) {
	if v == nil {
		return Occupation{}, false
	}
	at, ok := v.jobAt[uriOrCode]
	if !ok {
		return Occupation{}, false
	}
	return v.occupations[at], true
}

// ByLabel returns the skills that are called label, in any of the languages or,
// if none is given, in any: those whose preferred label it is first, then by
// URI. Case, accents and punctuation don't count. Groups are not looked at.
func (v *Vocabulary) ByLabel(label string, languages ...string) []Skill {
	if v == nil {
		return nil
	}
	k := key(label)
	if k == "" {
		return nil
	}
	var preferred, other []Skill
	for _, at := range v.byLabel()[k] {
		s := v.skills[at]
		switch {
		case slices.ContainsFunc(tags(s.Labels, languages), func(l string) bool { return key(s.Labels[l]) == k }):
			preferred = append(preferred, s)
		case slices.ContainsFunc(tags(s.Alt, languages), func(l string) bool {
			return slices.ContainsFunc(s.Alt[l], func(a string) bool { return key(a) == k })
		}):
			other = append(other, s)
		}
	}
	return append(preferred, other...)
}

// Labels returns everything that a skill, a group or an occupation is called,
// each name once: preferred ones first, bokmål, nynorsk and English before
// other languages.
func (v *Vocabulary) Labels(uri string) []string {
	labels, alt := catalogue.Texts(nil), map[string][]string(nil)
	if s, ok := v.Skill(uri); ok {
		labels, alt = s.Labels, s.Alt
	} else if o, ok := v.Occupation(uri); ok && o.URI == uri {
		labels, alt = o.Labels, o.Alt
	}
	var out []string
	for _, l := range tags(labels, nil) {
		out = append(out, labels[l])
	}
	for _, l := range tags(alt, nil) {
		out = append(out, alt[l]...)
	}
	return unique(out)
}

func (v *Vocabulary) indexLabels() map[string][]int32 {
	index := map[string][]int32{}
	for i := range v.skills {
		if v.skills[i].Type == Group {
			continue
		}
		for _, label := range v.Labels(v.skills[i].URI) {
			if k := key(label); k != "" && !slices.Contains(index[k], int32(i)) {
				index[k] = append(index[k], int32(i))
			}
		}
	}
	return index
}

// key is a label as it is compared.
func key(label string) string { return strings.Join(text.Words(label), " ") }

// tags returns the languages of m in order, those of want only if there are any.
func tags[T any](m map[string]T, want []string) []string {
	return slices.DeleteFunc(catalogue.Languages(m), func(l string) bool { return len(want) > 0 && !slices.Contains(want, l) })
}

func unique(list []string) []string {
	seen := make(map[string]bool, len(list))
	out := list[:0:0]
	for _, s := range list {
		if s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func (s Skill) merge(t Skill) Skill {
	s.Labels, s.Description = mergeTexts(s.Labels, t.Labels), mergeTexts(s.Description, t.Description)
	s.Alt = mergeAlt(s.Alt, t.Alt)
	s.Type, s.Reuse = cmp.Or(s.Type, t.Type), cmp.Or(s.Reuse, t.Reuse)
	s.Broader, s.Related = union(s.Broader, t.Broader), union(s.Related, t.Related)
	return s
}

func (o Occupation) merge(p Occupation) Occupation {
	o.Labels, o.Description = mergeTexts(o.Labels, p.Labels), mergeTexts(o.Description, p.Description)
	o.Alt = mergeAlt(o.Alt, p.Alt)
	o.Code = cmp.Or(o.Code, p.Code)
	o.Essential, o.Optional = union(o.Essential, p.Essential), union(o.Optional, p.Optional)
	return o
}

func mergeTexts(a, b catalogue.Texts) catalogue.Texts {
	if len(b) == 0 {
		return a
	}
	out := maps.Clone(b)
	maps.Copy(out, a)
	return out
}

func mergeAlt(a, b map[string][]string) map[string][]string {
	if len(b) == 0 {
		return a
	}
	out := maps.Clone(b)
	for l := range a {
		out[l] = union(a[l], b[l])
	}
	return out
}

func union(a, b []string) []string {
	if len(b) == 0 {
		return a
	}
	return unique(slices.Concat(a, b))
}

func invalid(at, format string, args ...any) error {
	return reason.New(reason.OfferInvalid+"/vocabulary", at, format, args...)
}
