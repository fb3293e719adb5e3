package elmo

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/tally"
)

const namespace = "https://github.com/emrex-eu/elmo-schemas/tree/v1"

// FromOpenBadge writes an Open Badges 3.0 credential as an ELMO 1.5 document with
// one result, without a signature, and says what was lost. Errors are
// wrong_type/not-a-badge and malformed/data-model.
func FromOpenBadge(document *strictjson.Value, o Options) ([]byte, loss.Report, error) {
	c, err := credential.New(document, nil)
	if err != nil {
		return nil, nil, err
	}
	badge, err := openbadge.FromCredential(c)
	if err != nil {
		return nil, nil, err
	}
	f := fromBadge{book: tally.New(document, plainClass), language: badge.Subject.Achievement.InLanguage}
	if f.language == "" && len(o.Languages) > 0 {
		f.language = o.Languages[0]
	}
	root := f.book.Root()
	subject := root.Path("credentialSubject")
	f.w.b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
	f.w.within("elmo", func() {
		f.w.text("generatedDate", credential.FormatTime(o.Now))
		f.w.within("learner", func() { f.learner(subject) })
		f.w.within("report", func() { f.report(root, subject) })
	}, "xmlns", namespace)
	f.w.b.WriteByte('\n')
	f.aside(root)
	return f.w.b.Bytes(), f.book.Report(), nil
}

// plainClass reports whether a member is the class of an object, and no more than
// what its place says.
func plainClass(name string, v *strictjson.Value) bool {
	return name == "type" && !slices.ContainsFunc(v.List(), func(one *strictjson.Value) bool {
		s, _ := one.Text()
		return !slices.Contains([]string{"VerifiableCredential", openbadge.TypeOpenBadgeCredential, openbadge.TypeAchievementCredential, "Profile", "Image", "Address", "IdentifierEntry", "IdentityObject",
			"AchievementSubject", "Achievement", "Alignment", "Result", "ResultDescription", "RubricCriterionLevel", "Evidence", "Related", "GeoCoordinates"}, s)
	})
}

// fromBadge is the work on one credential.
type fromBadge struct {
	book     *tally.Book
	w        writer
	language string
	scheme   string // what the grading scheme is called, empty for none
}

func (f *fromBadge) aside(root tally.Node) {
	for _, one := range root.Get("@context").List() {
		if s := one.Peek(); strings.HasPrefix(s, "https://www.w3.org/") || strings.HasPrefix(s, "https://purl.imsglobal.org/spec/ob/v3p0/") {
			one.Use()
		} else {
			one.Note(loss.Dropped, "", otherForm)
		}
	}
	tally.Original(root)
}

// texts writes a text, or one of several languages as one element each.
func (f *fromBadge) texts(element string, n tally.Node) {
	if s := n.Text(); s != "" {
		f.w.text(element, s, "xml:lang", f.language)
		return
	}
	names, members := n.Members()
	for i, m := range members {
		f.w.text(element, m.Text(), "xml:lang", names[i])
	}
}

// typed returns the type of an identifier as ELMO writes it. Reserved are those
// that mean something of ours.
func (f *fromBadge) typed(n tally.Node, reserved ...string) string {
	kind := n.Peek()
	if kind == "nationalIdentityNumber" {
		n.Use()
		return "nationalIdentifier"
	}
	short := strings.TrimPrefix(kind, "ext:")
	if slices.Contains(reserved, short) || short == "nationalIdentifier" || openbadge.ValidIdentifierType(short) {
		short = kind
	}
	if extended(short) == kind {
		n.Use()
	} else {
		n.Note(loss.Approximated, "", wider)
	}
	return short
}

func (f *fromBadge) learner(subject tally.Node) {
	said := map[string]tally.Node{}
	var rest []tally.Node
	for _, one := range subject.Get("identifier").List() {
		kind := one.Get("identityType").Peek()
		hashed, _ := one.Get("hashed").Value().Bool()
		if one.Get("identityHash").Peek() == "" {
			continue
		}
		if hashed || !slices.Contains([]string{"name", openbadge.ExtGivenName, openbadge.ExtFamilyName, openbadge.ExtDateOfBirth}, kind) || said[kind].Is() || kind == openbadge.ExtDateOfBirth && len(one.Get("identityHash").Peek()) != 10 {
			rest = append(rest, one)
			continue
		}
		said[kind] = one
	}
	if id := subject.Get("id").Text(); id != "" {
		f.w.text("identifier", id, "type", "id")
	}
	for _, one := range rest {
		f.identity(one)
	}
	value := func(kind string) string { return said[kind].Get("identityHash").Peek() }
	given, family, name := value(openbadge.ExtGivenName), value(openbadge.ExtFamilyName), value("name")
	if given == "" && family == "" {
		cut := strings.LastIndexByte(name, ' ')
		given, family = name[:max(cut, 0)], name[cut+1:]
		said["name"].Remark(loss.Approximated, "/elmo/learner/givenNames", joined)
	}
	if given == "" || family == "" {
		f.book.Assume("/elmo/learner", required, "")
	}
	// Both are required, and may be empty.
	f.empty("givenNames", given)
	f.empty("familyName", family)
	f.w.text("bday", value(openbadge.ExtDateOfBirth))
	for kind, one := range said {
		if one.Use(); kind == "name" && name != strings.TrimSpace(given+" "+family) {
			one.Remark(loss.Approximated, "/elmo/learner", joined)
		}
	}
}

// empty writes an element also where it has no text.
func (f *fromBadge) empty(name, text string) {
	if text != "" {
		f.w.text(name, text)
		return
	}
	f.w.start(name)
	f.w.b.WriteString("</" + name + ">")
}

func (f *fromBadge) identity(one tally.Node) {
	value := one.Get("identityHash").Text()
	hashed, _ := one.Get("hashed").Value().Bool()
	one.Get("hashed").Use()
	if !hashed {
		f.w.text("identifier", value, "type", f.typed(one.Get("identityType"), "id", "hashed"))
		return
	}
	kind := "hashed:" + one.Get("identityType").Text()
	if salt := one.Get("salt").Text(); salt != "" {
		kind += "|" + salt
	}
	f.w.text("identifier", value, "type", kind)
	one.Remark(loss.Kept, "/elmo/learner/identifier", ownForm)
}

func (f *fromBadge) report(root, subject tally.Node) {
	f.w.within("issuer", func() { f.issuer(root.Get("issuer")) })
	f.w.within("learningOpportunitySpecification", func() { f.specification(root, subject, subject.Path("achievement")) })
	from := root.Get("validFrom")
	if !from.Is() {
		from = root.Get("issuanceDate")
		from.Remark(loss.Approximated, "/elmo/report/issueDate", renamed)
	}
	f.w.text("issueDate", from.Text())
	if f.scheme != "" {
		f.w.within("gradingScheme", func() { f.w.text("description", f.scheme, "xml:lang", f.language) }, "localId", "1")
	}
}

func (f *fromBadge) issuer(n tally.Node) {
	id := n.Text() // where a URL stands for the whole
	if id != "" {
		n.Remark(loss.Approximated, "/elmo/report/issuer", renamed)
	} else {
		id = n.Get("id").Text()
	}
	if country := n.Get("address").Get("addressCountryCode"); len(country.Peek()) == 2 && strings.ToUpper(country.Peek()) == country.Peek() {
		f.w.text("country", country.Text())
	}
	f.w.text("identifier", id, "type", "uri")
	for _, one := range n.Get("otherIdentifier").List() {
		if value := one.Get("identifier").Text(); value != "" {
			f.w.text("identifier", value, "type", f.typed(one.Get("identifierType"), "uri"))
		}
	}
	if n.Get("name").Is() && credential.Text(n.Get("name").Value()) != "" {
		f.texts("title", n.Get("name"))
	} else {
		f.w.text("title", id)
		f.book.Assume("/elmo/report/issuer/title", required, tally.Cut(id))
	}
	url := n.Get("url").Text()
	if url == "" {
		url = id
		f.book.Assume("/elmo/report/issuer/url", required, tally.Cut(id))
	}
	f.w.text("url", url)
}

func (f *fromBadge) specification(root, subject, a tally.Node) {
	f.w.text("identifier", a.Get("id").Text(), "type", "uri")
	f.w.text("identifier", a.Get("humanCode").Text(), "type", "humanCode")
	for _, one := range a.Get("otherIdentifier").List() {
		if value := one.Get("identifier").Text(); value != "" {
			f.w.text("identifier", value, "type", f.typed(one.Get("identifierType"), "uri", "humanCode", "achievementType"))
		}
	}
	kind := a.Get("achievementType")
	of := map[string]string{"Degree": "Degree Programme", "Course": "Course", "ext:Module": "Module", "ext:Class": "Class"}[kind.Peek()]
	switch {
	case of != "" || kind.Peek() == "Achievement": // which no type means
		kind.Use()
	case kind.Peek() != "":
		f.w.text("identifier", kind.Peek(), "type", "achievementType")
		kind.Note(loss.Kept, "/elmo/report/learningOpportunitySpecification/identifier", ownForm)
	}
	f.texts("title", a.Get("name"))
	f.w.text("type", of)
	for _, one := range a.Get("alignment").List() {
		code := one.Get("targetCode").Peek()
		if field, ok := openbadge.AlignISCEDF(code); ok && one.Get("targetType").Peek() == openbadge.ExtISCEDF {
			f.w.text("iscedCode", code)
			f.sameAs(one, field)
			break
		}
	}
	f.w.text("url", a.Path("criteria").Get("id").Text())
	f.texts("description", a.Get("description"))
	f.w.within("specifies", func() {
		f.w.within("learningOpportunityInstance", func() { f.instance(root, subject, a) })
	})
}

// sameAs uses an alignment that the way back makes in a fixed form: what it says
// otherwise is less exact then.
func (f *fromBadge) sameAs(n tally.Node, fixed openbadge.Alignment) {
	for name, want := range map[string]string{"targetName": fixed.TargetName, "targetUrl": fixed.TargetURL, "targetCode": fixed.TargetCode, "targetType": fixed.TargetType, "targetFramework": fixed.TargetFramework} {
		switch m := n.Get(name); {
		case m.Peek() == want:
			m.Use()
		case want != "":
			m.Note(loss.Approximated, "/elmo/report/learningOpportunitySpecification", wider)
		}
	}
}

// day returns the day of a time; the hour has no place.
func (f *fromBadge) day(n tally.Node, to string) string {
	at, err := credential.ParseTime(n.Peek())
	if err != nil {
		return ""
	}
	out := at.Format("2006-01-02")
	if n.Peek() == out+"T00:00:00Z" {
		n.Use()
	} else {
		n.Note(loss.Approximated, to, wider)
	}
	return out
}

func (f *fromBadge) instance(root, subject, a tally.Node) {
	const at = "/elmo/report/learningOpportunitySpecification/specifies/learningOpportunityInstance"
	f.w.text("identifier", root.Get("id").Text(), "type", "credential")
	start := f.day(subject.Get("activityStartDate"), at+"/start")
	f.w.text("start", start)
	f.w.text("date", f.day(root.Get("awardedDate"), at+"/date"))
	if term := subject.Get("term"); term.Peek() != "" && start != "" {
		if end := f.day(subject.Get("activityEndDate"), at+"/academicTerm/end"); end != "" {
			f.w.within("academicTerm", func() {
				f.texts("title", term)
				f.w.text("start", start)
				f.w.text("end", end)
			})
		}
	}
	f.result(subject, a)
	if v, ok := subject.Get("creditsEarned").Value().Float(); ok && v > 0 {
		f.w.within("credit", func() { f.credit(subject.Get("creditsEarned"), a, v) })
	}
	for _, one := range a.Get("alignment").List() {
		code := one.Get("targetCode").Peek()
		level, _ := strconv.Atoi(code)
		if eqf, ok := openbadge.AlignEQF(level); ok && one.Get("targetType").Peek() == openbadge.ExtEQF {
			f.w.within("level", func() {
				f.w.text("type", "EQF")
				f.w.text("value", code)
			})
			f.sameAs(one, eqf)
		}
	}
	f.w.text("languageOfInstruction", a.Get("inLanguage").Text())
}

func (f *fromBadge) credit(n, a tally.Node, v float64) {
	n.Use()
	scheme := "credits"
	for _, one := range a.Get("alignment").List() {
		if c, ok := openbadge.FindConcept(openbadge.Units(), one.Get("targetCode").Peek()); ok && one.Get("targetType").Peek() == openbadge.ExtCredits && scheme == "credits" {
			scheme = c.Code
			f.sameAs(one, c.Alignment(openbadge.ExtCredits))
		}
	}
	if scheme == "credits" {
		n.Remark(loss.Kept, "/elmo/report/learningOpportunitySpecification/specifies/learningOpportunityInstance/credit/scheme", unit)
	}
	f.w.text("scheme", scheme)
	f.w.text("value", strconv.FormatFloat(v, 'f', -1, 64))
}

// result writes the first result: ELMO has one.
func (f *fromBadge) result(subject, a tally.Node) {
	const to = "/elmo/report/learningOpportunitySpecification/specifies/learningOpportunityInstance/resultLabel"
	one := subject.Get("result").First()
	value, status := one.Get("value"), one.Get("status")
	of := map[string]string{"Completed": "passed", "Failed": "failed", "InProgress": "in-progress"}[status.Peek()]
	if value.Peek() == "" && of == "" {
		return
	}
	f.w.text("status", of)
	if of != "" {
		status.Use()
	}
	for _, d := range a.Get("resultDescription").List() {
		if d.Get("id").Peek() == "" || d.Get("id").Peek() != one.Get("resultDescription").Peek() {
			continue
		}
		if f.scheme = d.Get("name").Text(); f.scheme != "" {
			f.w.text("gradingSchemeLocalId", "1")
		}
		d.Get("id").Note(loss.Approximated, to, wider)
		one.Get("resultDescription").Note(loss.Approximated, to, wider)
		kind := "Result"
		if value.Peek() == "" {
			kind = "Status"
		}
		if d.Get("resultType").Peek() == kind {
			d.Get("resultType").Use()
		} else {
			d.Get("resultType").Note(loss.Approximated, to, wider)
		}
		break
	}
	f.w.text("resultLabel", value.Text())
}
