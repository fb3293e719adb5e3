package elm

import (
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/tally"
)

// at is where the one claim stands in a document of ours.
const at = "/credentialSubject/hasClaim"

func number(n int) string { return strconv.Itoa(n + 1) }

// person writes whom it is about, with the claim.
func (f *fromBadge) person(root, n tally.Node) *strictjson.Value {
	id := n.Get("id").Text()
	if id == "" {
		id = local + "person:1"
	}
	b := node(id, "Person")
	taken := map[string]bool{}
	var rest []*strictjson.Value
	for i, one := range n.Get("identifier").List() {
		kind, value := one.Get("identityType").Peek(), one.Get("identityHash").Peek()
		if value == "" {
			continue
		}
		hashed, _ := one.Get("hashed").Value().Bool()
		one.Get("hashed").Use()
		one.Get("identityHash").Use()
		f.scheme(one.Get("identityType"))
		if hashed {
			other := node(local+"identifier:person"+number(i), "Identifier")
			other.text("notation", value)
			other.text("schemeName", hashedScheme+kind)
			other.text("schemeVersion", one.Get("salt").Text())
			rest = append(rest, other.object())
			one.Remark(loss.Kept, "/credentialSubject/identifier", OwnForm)
			continue
		}
		if !taken[kind] && f.personal(&b, kind, value, n) {
			taken[kind] = true
			continue
		}
		rest = append(rest, identifier(local+"identifier:person"+number(i), value, kind))
	}
	b.set("identifier", oneOrMore(rest))
	b.set("hasClaim", f.claim(root, n))
	return b.object()
}

// personal writes what a person has a member for; false for all else.
func (f *fromBadge) personal(b *builder, kind, value string, subject tally.Node) bool {
	switch kind {
	case "name":
		b.set("fullName", f.literal(value))
	case openbadge.ExtGivenName:
		b.set("givenName", f.literal(value))
	case openbadge.ExtFamilyName:
		b.set("familyName", f.literal(value))
	case openbadge.ExtDateOfBirth:
		if _, err := credential.ParseTime(value); err != nil {
			return false // the profile wants a time, and not a day alone
		}
		b.text("dateOfBirth", value)
	case "emailAddress":
		b.set("contactPoint", f.contact(local+"contactPoint:person", value, ""))
	case "nationalIdentityNumber":
		legal := node(local+"identifier:national", "LegalIdentifier")
		legal.text("notation", value)
		legal.set("spatial", entry(f.country, nil))
		f.book.Assume("/credentialSubject/nationalID/spatial", Required, strings.TrimPrefix(f.country, countryTable))
		b.set("nationalID", legal.object())
	default:
		return false
	}
	return true
}

func (f *fromBadge) claim(root, subject tally.Node) *strictjson.Value {
	a := subject.Path("achievement")
	b := node(local+"learningAchievement:1", Achievement)
	title := f.literal(credential.Text(a.Get("name").Value()))
	b.set("title", title)
	b.set("description", f.text(subject.Get("narrative")))
	awarding := node(local+"awardingProcess:1", "AwardingProcess")
	awarding.set("awardingBody", f.issuer)
	awarding.text("awardingDate", root.Get("awardedDate").Text())
	b.set("awardedBy", awarding.object())
	unit := f.unit(subject, a)
	if points := f.points(subject.Get("creditsEarned"), unit, "creditPoint:received"); points != nil {
		b.set("creditReceived", points)
	}
	if start, end := subject.Get("activityStartDate").Text(), subject.Get("activityEndDate").Text(); start != "" || end != "" {
		when := node(local+"period:1", "PeriodOfTime")
		when.text("startDate", start)
		when.text("endDate", end)
		did := node(local+"activity:1", Activity)
		did.set("title", title)
		did.set("directedBy", f.issuer)
		did.set("temporal", when.object())
		b.set("influencedBy", did.object())
		f.book.Assume(at+"/influencedBy/directedBy", Required, "")
	}
	b.set("provenBy", f.assessments(subject, a, title))
	b.set("specifiedBy", f.specification(a, unit))
	var documents []*strictjson.Value
	for i, one := range root.Get("evidence").List() {
		if url := one.Get("id"); strings.HasPrefix(url.Peek(), "https://") || strings.HasPrefix(url.Peek(), "http://") {
			documents = append(documents, web(local+"webResource:evidence"+number(i), url.Text(), f.text(one.Get("name"))))
		}
	}
	b.set("supplementaryDocument", oneOrMore(documents))
	return b.object()
}

// unit returns the alignment that tells the unit of credits, where there are any.
func (f *fromBadge) unit(subject, a tally.Node) tally.Node {
	if !subject.Get("creditsEarned").Is() && !a.Get("creditsAvailable").Is() {
		return tally.Node{}
	}
	for _, one := range a.Get("alignment").List() {
		if one.Get("targetType").Peek() == openbadge.ExtCredits {
			return one
		}
	}
	return tally.Node{}
}

// points writes a number of credits. Where nobody says of what, it is said so, for
// the profile requires a system.
func (f *fromBadge) points(n, unit tally.Node, id string) *strictjson.Value {
	v, ok := n.Value().Float()
	if !ok || v <= 0 {
		return nil
	}
	n.Use()
	b := node(local+id, "CreditPoint")
	frame := entry(own+"credits", f.en("credits"))
	if c, ok := openbadge.FindConcept(openbadge.Units(), unit.Get("targetCode").Peek()); ok {
		frame = entry(c.URI, f.en(c.Name))
		f.sameAs(unit, c.Alignment(openbadge.ExtCredits))
	} else {
		n.Remark(loss.Kept, at+"/specifiedBy/creditPoint/framework", Unit)
	}
	b.set("framework", frame)
	b.text("point", strconv.FormatFloat(v, 'f', -1, 64))
	return b.object()
}

// sameAs uses an alignment that the way back makes in a fixed form: what it says
// otherwise is less exact then.
func (f *fromBadge) sameAs(n tally.Node, fixed openbadge.Alignment) {
	for name, want := range map[string]string{"targetName": fixed.TargetName, "targetUrl": fixed.TargetURL, "targetCode": fixed.TargetCode, "targetType": fixed.TargetType, "targetFramework": fixed.TargetFramework} {
		switch m := n.Get(name); {
		case m.Peek() == want:
			m.Use()
		case want != "":
			m.Note(loss.Approximated, at+"/specifiedBy", Wider)
		}
	}
}

// assessments writes each result that has a value, with how it was graded.
func (f *fromBadge) assessments(subject, a tally.Node, title *strictjson.Value) *strictjson.Value {
	var out []*strictjson.Value
	described := map[string]bool{}
	for i, one := range subject.Get("result").List() {
		id, value, status := one.Get("resultDescription"), one.Get("value"), one.Get("status")
		if described[id.Peek()] || value.Peek() == "" && status.Peek() == "" {
			continue
		}
		var scheme []*strictjson.Value
		put := func(name, value string) {
			if value != "" {
				scheme = append(scheme, identifier(own+"scheme:"+number(i)+":"+number(len(scheme)), value, name))
			}
		}
		b := node(local+"assessment:"+number(i), Assessment)
		called := title
		for _, d := range a.Get("resultDescription").List() {
			if d.Get("id").Peek() != id.Peek() || id.Peek() == "" || described[id.Peek()] {
				continue
			}
			described[id.Peek()] = true
			put("resultDescription", d.Get("id").Text())
			for _, name := range []string{"resultType", "requiredValue", "valueMin", "valueMax"} {
				put(name, d.Get(name).Text())
			}
			for _, allowed := range d.Get("allowedValue").List() {
				put("allowedValue", allowed.Text())
			}
			if name := f.text(d.Get("name")); name != nil {
				called = name
			}
			d.Remark(loss.Kept, at+"/provenBy", OwnForm)
			id.Use()
		}
		put("status", status.Text())
		grade := value.Text()
		if grade == "" {
			grade = status.Peek()
			put("noValue", "true")
		}
		b.set("title", called)
		b.set("grade", note(local+"note:grade"+number(i), f.literal(grade)))
		b.set("assessedBy", f.issuer)
		f.book.Assume(at+"/provenBy/assessedBy", Required, "")
		if len(scheme) > 0 {
			grading := node(local+"gradingScheme:"+number(i), "GradingScheme")
			grading.set("title", called)
			grading.set("identifier", oneOrMore(scheme))
			spec := node(local+"assessmentSpec:"+number(i), "LearningAssessmentSpecification")
			spec.set("title", called)
			spec.set("gradingScheme", grading.object())
			b.set("specifiedBy", spec.object())
		}
		out = append(out, b.object())
	}
	return oneOrMore(out)
}

func (f *fromBadge) specification(a, unit tally.Node) *strictjson.Value {
	levels := f.alignments(a.Get("alignment"), unit)
	class := "LearningAchievementSpecification"
	if levels.qualification {
		class = "Qualification"
	}
	b := node(a.Get("id").Text(), class)
	b.set("title", f.text(a.Get("name")))
	b.set("description", f.text(a.Get("description")))
	if kind := a.Get("achievementType"); kind.Peek() != "" {
		b.set("dcType", entry(own+"achievementType:"+kind.Peek(), f.en(kind.Peek())))
		kind.Note(loss.Kept, at+"/specifiedBy/dcType", OwnForm)
	}
	b = append(b, levels.members...)
	if points := f.points(a.Get("creditsAvailable"), unit, "creditPoint:1"); points != nil {
		b.set("creditPoint", points)
	}
	if tag := a.Get("inLanguage"); tag.Peek() != "" {
		if uri := languageURI(tag.Peek()); uri != "" {
			b.set("language", entry(uri, nil))
			if languageOf(uri) == tag.Peek() {
				tag.Use()
			} else {
				tag.Note(loss.Approximated, at+"/specifiedBy/language", Wider)
			}
		}
	}
	if subject := f.text(a.Get("fieldOfStudy")); subject != nil {
		b.set("educationSubject", entry(own+"fieldOfStudy", subject))
	}
	if url := a.Path("criteria").Get("id").Text(); url != "" {
		b.set("homepage", web(local+"webResource:criteria", url, nil))
	}
	if text := a.Path("criteria").Get("narrative"); text.Is() {
		b.set("additionalNote", note(own+"criteria", f.text(text)))
		text.Remark(loss.Kept, at+"/specifiedBy/additionalNote", OwnForm)
	}
	var tags []*strictjson.Value
	for _, tag := range a.Get("tag").List() {
		if s := tag.Text(); s != "" {
			tags = append(tags, strictjson.String(s))
		}
	}
	if tags != nil {
		b.set("category", strictjson.Object(strictjson.Member{Name: f.language, Value: oneOrMore(tags)}))
	}
	var ids []*strictjson.Value
	for _, name := range []string{"humanCode", "version"} {
		if s := a.Get(name).Text(); s != "" {
			ids = append(ids, identifier(local+"identifier:"+name, s, name))
		}
	}
	for i, one := range a.Get("otherIdentifier").List() {
		if value := one.Get("identifier").Text(); value != "" {
			ids = append(ids, identifier(local+"identifier:spec"+number(i), value, f.scheme(one.Get("identifierType"))))
		}
	}
	b.set("identifier", oneOrMore(ids))
	return b.object()
}

// levels is what alignments become.
type levels struct {
	members       builder
	qualification bool
}

func (f *fromBadge) alignments(all, unit tally.Node) levels {
	var out levels
	var outcomes, modes, fields, documents []*strictjson.Value
	taken := map[string]bool{}
	for i, n := range all.List() {
		kind, url, code, name := n.Get("targetType").Peek(), n.Get("targetUrl").Peek(), n.Get("targetCode").Peek(), n.Get("targetName").Peek()
		if n.At() == unit.At() && unit.Is() || url == "" {
			continue
		}
		said := openbadge.Alignment{TargetType: kind, TargetURL: url, TargetCode: code, TargetName: name}
		mode, isMode := openbadge.FindConcept(openbadge.Modes(), code)
		level, _ := strconv.Atoi(code)
		eqf, isLevel := openbadge.AlignEQF(level)
		field, isField := openbadge.AlignISCEDF(code)
		switch {
		case openbadge.IsESCOSkill(said):
			outcomes = append(outcomes, f.outcome(n, i, "relatedESCOSkill", entry(url, f.literal(name))))
			fixed := openbadge.AlignESCO(url, name)
			f.sameAs(n, fixed)
		case kind == openbadge.ExtMode && isMode:
			modes = append(modes, entry(mode.URI, f.en(mode.Name)))
			f.sameAs(n, mode.Alignment(openbadge.ExtMode))
		case kind == openbadge.ExtEQF && isLevel && !taken[kind]:
			out.members.set("eqfLevel", entry(eqf.TargetURL, f.en(eqf.TargetName)))
			f.sameAs(n, eqf)
			out.qualification, taken[kind] = true, true
		case kind == openbadge.ExtNKR && code != "" && !taken["nqf"]:
			out.members.set("nqfLevel", entry(url, f.literal("NKR "+code)))
			f.sameAs(n, openbadge.Alignment{TargetType: kind, TargetURL: url, TargetCode: code, TargetName: "NKR " + code})
			out.qualification, taken["nqf"] = true, true
		case kind == openbadge.ExtISCEDF && isField:
			field.TargetName = name
			fields = append(fields, entry(field.TargetURL, f.literal(name)))
			f.sameAs(n, field)
		case strings.HasPrefix(kind, "ext:"), kind == "CTDL", kind == "ceterms:Credential":
			documents = append(documents, web(own+"alignment:"+kind, url, f.text(n.Get("targetName"))))
			n.Get("targetUrl").Use()
			n.Get("targetType").Use()
			n.Remark(loss.Kept, at+"/specifiedBy/supplementaryDocument", OwnForm)
		default:
			outcomes = append(outcomes, f.outcome(n, i, "relatedSkill", f.skill(n)))
		}
	}
	out.members.set("thematicArea", oneOrMore(fields))
	out.members.set("mode", oneOrMore(modes))
	out.members.set("learningOutcome", oneOrMore(outcomes))
	out.members.set("supplementaryDocument", oneOrMore(documents))
	return out
}

// outcome writes what somebody then knows or can do: a skill, called by what the
// alignment says of it.
func (f *fromBadge) outcome(n tally.Node, i int, as string, skill *strictjson.Value) *strictjson.Value {
	b := node(local+"learningOutcome:"+number(i), "LearningOutcome")
	title := f.literal(n.Get("targetName").Text())
	if d := n.Get("targetDescription"); d.Peek() != "" && d.Peek() != n.Get("targetName").Peek() {
		title = f.literal(d.Text())
	}
	b.set("title", title)
	b.set(as, skill)
	return b.object()
}

// skill writes an entry of a list other than ESCO.
func (f *fromBadge) skill(n tally.Node) *strictjson.Value {
	b := node(n.Get("targetUrl").Text(), "Concept")
	if list := n.Get("targetFramework"); strings.Contains(list.Peek(), "://") {
		b.set("inScheme", node(list.Text(), "ConceptScheme").object())
	} else if list.Peek() != "" {
		scheme := node(own+"framework", "ConceptScheme")
		scheme.set("prefLabel", f.text(list))
		b.set("inScheme", scheme.object())
	}
	if code := n.Get("targetCode"); !listName(code.Peek()) {
		b.text("notation", code.Text())
	}
	b.set("prefLabel", f.literal(n.Get("targetName").Text()))
	return b.object()
}
