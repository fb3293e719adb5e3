package profile

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Validators are programs and schemas of others, of which some refuse a
// document that others take.
type Validators uint8

// The validators whose rules are known here.
const (
	// StrictSchema is the JSON schema of 1EdTech for credentials that are read
	// as JSON: what can be several is a list, a text is a string. It is
	// published under /schema/json/ (its own $id says /schema/json-ld/).
	StrictSchema Validators = 1 << iota
	// CompactSchema is the one for credentials that are read as JSON-LD, where
	// one alone may stand for a list, and a text may be one in several languages.
	CompactSchema
	// DraftSchema is the schema for Data Model 1.1 in draft 4 of JSON Schema,
	// an older edition that 1EdTech's public validator keeps in its catalogue.
	DraftSchema
	// SafeMode is JSON-LD processing that refuses what no context defines.
	SafeMode

	// In the tables of the model: for credentials of which data model.
	data20
	data11

	notDraft   = StrictSchema | CompactSchema
	allSchemas = notDraft | DraftSchema
)

// Names returns the validators in a fixed order, as programs read them.
func (v Validators) Names() []string {
	out := []string{}
	for i, name := range []string{"1edtech-strict", "1edtech-compact", "1edtech-draft4", "json-ld-safe-mode"} {
		if v&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

// schemaRoot returns the class that the published schemas are for, of which a
// credential says that it is, else nothing.
func schemaRoot(c *credential.Credential) string {
	switch {
	case openbadge.IsBadge(c):
		return openbadge.TypeAchievementCredential
	case c.HasType(typeRecord):
		return typeRecord
	case c.HasType(typeEndorsement):
		return typeEndorsement
	}
	return ""
}

// SchemasFor returns the published schemas that there are for a credential.
func SchemasFor(c *credential.Credential) Validators {
	if schemaRoot(c) == "" {
		return 0
	}
	return generation(c)
}

// Schemas returns the published schemas that Lint holds a credential against
// for a profile.
func (s *Standards) Schemas(c *credential.Credential, p Name) Validators {
	if p != OB3 && p != CLR2 {
		return 0
	}
	return generation(c)
}

func generation(c *credential.Credential) Validators {
	if c.Version() == credential.V1 {
		return allSchemas
	}
	return notDraft
}

// CheckSchemas says where the schemas that 1EdTech has published would refuse
// a credential, and which of them. A credential that neither of those for its
// data model refuses has no findings; where one takes what another refuses it
// is an Error all the same, since nobody knows which one a reader uses.
//
// The schemas are not run: their rules are kept here as the tables of the
// standard's classes. Formats are checked, which a schema only may.
func (s *Standards) CheckSchemas(c *credential.Credential) []Finding {
	root := schemaRoot(c)
	if root == "" {
		return nil
	}
	return s.checkSchema(c, root)
}

// checkSchema holds a credential against the schemas of a class, whatever it
// says that it is.
func (s *Standards) checkSchema(c *credential.Credential, root string) []Finding {
	w := schemaWalk{model: s.model, data: data20}
	if c.Version() == credential.V1 {
		w.data = data11
	}
	w.object(root, c.Document(), generation(c), "")
	slices.SortStableFunc(w.out, func(a, b Finding) int { return cmp.Compare(a.At, b.At) })
	return w.out
}

// schemaWalk is a walk through a document along the classes of the model. Who
// is on the way: a validator that refuses a value looks at nothing in it.
type schemaWalk struct {
	model map[string]class
	data  Validators // data20 or data11
	class string     // that the walk is in
	out   []Finding
}

// knows returns those of who that have a property.
func (w *schemaWalk) knows(p property, who Validators) Validators {
	if data := p.in & (data20 | data11); data != 0 && data&w.data == 0 {
		return 0
	}
	if only := p.in & allSchemas; only != 0 {
		return who & only
	}
	return who
}

// refuse notes that some validators refuse what is at a place.
func (w *schemaWalk) refuse(who Validators, p property, at string, said, mend *Sentence) {
	if who != 0 && len(w.out) < maxFindings {
		w.out = append(w.out, Finding{
			Rule: "model/" + w.class + "." + p.name, Code: reason.MalformedModel, At: at, Section: sectionOf(w.class), Refused: who,
		}.Saying(said, mend))
	}
}

func sectionOf(class string) string {
	switch class {
	case "ClrCredential", "ClrSubject", "Association":
		return "CLR 2.0, data model, class " + class
	}
	return "Open Badges 3.0, appendix B, class " + class
}

func (w *schemaWalk) object(name string, v *strictjson.Value, who Validators, at string) {
	outer, data := w.class, w.data
	defer func() { w.class, w.data = outer, data }()
	w.class = name
	if name == "VerifiableCredential" && who&DraftSchema == 0 {
		w.data = data20 // what a record holds may be of another generation
		if base, _ := first(v.Get("@context")).Text(); base == credential.ContextV1 {
			w.data = data11
		}
	}
	c := w.model[name]
	for _, p := range c.properties {
		m := v.Get(p.name)
		switch looking := w.knows(p, who); {
		case looking == 0:
		case m != nil:
			w.member(p, m, looking, strictjson.Pointer(at, p.name))
		case p.required():
			w.refuse(looking, p, strictjson.Pointer(at, p.name), saidMissing.With(), mendGive.Of(wanted(p)))
		}
	}
	for _, m := range v.Members() {
		closed := who & c.closed
		for _, p := range c.properties {
			if p.name == m.Name {
				closed &^= w.knows(p, who)
			}
		}
		w.refuse(closed, property{name: m.Name}, strictjson.Pointer(at, m.Name), saidNotOfClass.With(name), mendTakeOut.With())
	}
}

// member looks at a member that is there.
func (w *schemaWalk) member(p property, v *strictjson.Value, who Validators, at string) {
	if p.is == types {
		w.types(p, v, who, at)
		return
	}
	if p.is == contexts {
		w.contexts(p, v, who, at)
		return
	}
	array := v.Kind() == strictjson.KindArray
	switch {
	case array && !p.many():
		w.refuse(who, p, at, saidList.With(), mendGive.Of(wanted(p)))
		return
	case !array && p.many():
		single := who &^ CompactSchema
		if p.name == "proof" {
			single &^= DraftSchema
		}
		w.refuse(single, p, at, saidAlone.With(), mendList.With())
		who &^= single
	case array && p.required() && len(v.Items()) == 0:
		w.refuse(who, p, at, saidEmptyList.With(), mendGive.Of(wanted(p)))
	}
	for i, item := range v.List() {
		place := at
		if array {
			place = strictjson.Pointer(at, strconv.Itoa(i))
		}
		w.value(p, item, who, place)
	}
}

func (w *schemaWalk) value(p property, v *strictjson.Value, who Validators, at string) {
	if who == 0 {
		return
	}
	wrong := func(who Validators) {
		w.refuse(who, p, at, saidNot.Of(wanted(p), described(v)), mendGive.Of(wanted(p)))
	}
	text, isText := v.Text()
	switch p.is {
	case anObject, aProfile:
		switch {
		case v.Kind() == strictjson.KindObject && p.is == aProfile:
			w.object("Profile", v, who, at)
		case v.Kind() == strictjson.KindObject:
			w.object(p.of, v, who, at)
		case p.is == anObject || !isText:
			wrong(who)
		}
	case aNumber:
		if _, ok := v.Float(); !ok {
			wrong(who)
		}
	case aBool:
		if _, ok := v.Bool(); !ok {
			wrong(who)
		}
	case aWord:
		if !isText || !wordIn(p.of, text) {
			wrong(who)
		} else if text == "name" && p.of == "identifier" || text == "Provisional" && p.of == "status" {
			wrong(who & DraftSchema) // names that the standard got later
		}
	case aTime, aDate:
		if !isText || !formed(p, text) {
			wrong(who)
		}
	default:
		switch {
		case isText && !formed(p, text):
			if p.is == ownName {
				who &^= DraftSchema
			}
			wrong(who)
		case !isText && languageMap(p, v):
			w.refuse(who&^CompactSchema, p, at, saidLanguages.With(), mendOneLanguage.With())
		case !isText:
			wrong(who)
		}
	}
}

// types looks at a set of names.
func (w *schemaWalk) types(p property, v *strictjson.Value, who Validators, at string) {
	mend := mendTypes.With(p.of)
	if v.Kind() == strictjson.KindString || languageMap(p, v) {
		if v.Kind() != strictjson.KindString {
			w.refuse(who&DraftSchema, p, at, saidNoTypeName.With(), mend)
		}
		w.refuse(who&StrictSchema, p, at, saidAlone.With(), mend)
		return
	}
	if v.Kind() != strictjson.KindArray || len(v.Items()) == 0 {
		w.refuse(who, p, at, saidNot.Of(wantNames.With(), described(v)), mend)
		return
	}
	for i, item := range v.Items() {
		place := strictjson.Pointer(at, strconv.Itoa(i))
		if item.Kind() == strictjson.KindString {
			continue
		}
		strict := who
		if languageMap(p, item) {
			strict &^= CompactSchema
		}
		w.refuse(strict, p, place, saidNot.Of(wantTypeName.With(), described(item)), mend)
		who &^= strict
	}
	for group := range strings.FieldsSeq(p.of) {
		names := strings.Split(group, "|")
		if !slices.ContainsFunc(v.Items(), func(item *strictjson.Value) bool {
			s, ok := item.Text()
			return ok && slices.Contains(names, s)
		}) {
			w.refuse(who&notDraft, p, at, saidLacks.With(group), mend)
		}
	}
}

// contexts looks at the first two or three contexts, whose order is fixed.
func (w *schemaWalk) contexts(p property, v *strictjson.Value, who Validators, at string) {
	base := credential.ContextV2
	if w.data == data11 {
		base = credential.ContextV1
	}
	want := map[string][]string{"": {base}, "ob": {base, contextBadges}, "clr": {base, contextRecord, contextBadges}}[p.of]
	mend := mendContexts.With(strings.Join(shown(want), ", "))
	if v.Kind() != strictjson.KindArray {
		strict := who
		if v.Kind() == strictjson.KindString || v.Kind() == strictjson.KindObject {
			strict &^= CompactSchema
		}
		w.refuse(strict, p, at, saidNot.Of(wantContexts.With(), described(v)), mend)
		return
	}
	items := v.Items()
	if len(items) == 0 {
		w.refuse(who&DraftSchema, p, at, saidEmptyList.With(), mend)
	}
	for i, item := range items {
		switch place := strictjson.Pointer(at, strconv.Itoa(i)); item.Kind() {
		case strictjson.KindString:
		case strictjson.KindObject:
			w.refuse(who&DraftSchema, p, place, saidContextHere.With(), mendContextURL.With())
		default:
			w.refuse(who, p, place, saidNot.Of(wantContext.With(), described(item)), mendItsURL.With())
		}
	}
	who &= notDraft
	for i, pattern := range want {
		if i >= len(items) {
			w.refuse(who, p, at, saidContextPlace.With(shown(want)[i], strconv.Itoa(i+1)), mend)
			return
		}
		if s, _ := items[i].Text(); s != pattern && !editionOf(pattern, s) {
			w.refuse(who, p, strictjson.Pointer(at, strconv.Itoa(i)), saidContextOther.With(shown(want)[i]), mend)
		}
	}
}
