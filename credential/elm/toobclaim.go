package elm

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/tally"
)

func (t *toBadge) subject(person, claim tally.Node, issuer openbadge.Profile) openbadge.AchievementSubject {
	s := openbadge.AchievementSubject{ID: person.Get("id").Text(), Identifier: t.identity(person)}
	if strings.HasPrefix(s.ID, local) && len(s.Identifier) > 0 {
		s.ID = "" // a name for a node of the document, and for nobody
	}
	a := t.achievement(claim)
	if claim.Path("specifiedBy").Get("description").Is() { // else it describes the achievement
		s.Narrative = t.pick(claim.Get("description"))
	}
	t.awarding(claim, issuer, &a)
	t.results(claim, &s, &a)
	s.Achievement = &a
	if from := credits(claim.Path("creditReceived").Value()); from.Points != "" {
		s.CreditsEarned = t.points(claim.Path("creditReceived"), &a, "/credentialSubject/creditsEarned")
	}
	if did := claim.Path("influencedBy", "temporal"); did.Is() {
		s.More = append(s.More, member("activityStartDate", t.moment(did.Get("startDate"), "/credentialSubject/activityStartDate"))...)
		s.More = append(s.More, member("activityEndDate", t.moment(did.Get("endDate"), "/credentialSubject/activityEndDate"))...)
	} else if did := claim.Path("temporal"); did.Is() {
		s.More = append(s.More, member("activityStartDate", t.moment(did.Get("startDate"), "/credentialSubject/activityStartDate"))...)
		s.More = append(s.More, member("activityEndDate", t.moment(did.Get("endDate"), "/credentialSubject/activityEndDate"))...)
	}
	root := t.book.Root()
	if number := root.Path("identifier"); number.Is() {
		s.LicenseNumber = number.Get("notation").Text()
		if scheme := number.Get("schemeName"); scheme.Peek() == "licenseNumber" {
			scheme.Use()
		} else {
			scheme.Note(loss.Dropped, "", Wider)
		}
	}
	return s
}

func member(name string, v *strictjson.Value) []openbadge.Member {
	if v == nil {
		return nil
	}
	return []openbadge.Member{{Name: name, Value: v}}
}

// hashedScheme begins the scheme of an identifier that is a hash.
const hashedScheme = "hashed:"

// identity returns by what the person is named.
func (t *toBadge) identity(n tally.Node) []openbadge.IdentityObject {
	var out []openbadge.IdentityObject
	put := func(kind, value string) {
		if value != "" {
			out = append(out, openbadge.IdentityObject{IdentityType: kind, IdentityHash: value})
		}
	}
	put("name", t.pick(n.Get("fullName")))
	put(openbadge.ExtGivenName, t.pick(n.Get("givenName")))
	put(openbadge.ExtFamilyName, t.pick(n.Get("familyName")))
	put(openbadge.ExtDateOfBirth, n.Get("dateOfBirth").Text())
	if at := n.Path("contactPoint", "emailAddress").Get("id"); strings.HasPrefix(at.Peek(), "mailto:") {
		put("emailAddress", strings.TrimPrefix(at.Text(), "mailto:"))
	}
	put("nationalIdentityNumber", n.Path("nationalID").Get("notation").Text())
	for _, one := range n.Get("identifier").List() {
		value, scheme := one.Get("notation"), one.Get("schemeName")
		if value.Peek() == "" {
			continue
		}
		kind, hashed := strings.CutPrefix(scheme.Peek(), hashedScheme)
		i := openbadge.IdentityObject{IdentityHash: value.Text(), Hashed: hashed, IdentityType: identifierType(kind, "identifier")}
		if hashed {
			i.Salt = one.Get("schemeVersion").Text()
		}
		if strings.TrimPrefix(i.IdentityType, "ext:") == strings.TrimPrefix(kind, "ext:") {
			scheme.Use()
		}
		out = append(out, i)
	}
	return out
}

// awarding settles who awards: the issuer, or another.
func (t *toBadge) awarding(claim tally.Node, issuer openbadge.Profile, a *openbadge.Achievement) {
	process := claim.Path("awardedBy")
	bodies := process.Get("awardingBody").List()
	for i, body := range bodies {
		said := organisation(body.Value())
		switch {
		case said.ID == issuer.ID: // the same node, written out again
			body.Use()
		case t.says(body.Get("legalName"), issuer.Name):
			t.pick(body.Get("legalName"))
			body.Get("id").Use()
		case i == 0:
			p := t.organisation(body)
			a.Creator = &p
			body.Get("legalName").Remark(loss.Approximated, "/credentialSubject/achievement/creator", Wider)
		}
	}
}

// badgeType returns the type of an achievement for a claim's.
func (t *toBadge) badgeType(claim, spec tally.Node) string {
	kind := spec.Path("dcType")
	if !kind.Is() {
		kind = claim.Path("dcType")
	}
	if id := kind.Get("id"); strings.HasPrefix(id.Peek(), own) {
		kind.Use()
		return strings.TrimPrefix(id.Peek(), own+"achievementType:")
	}
	if label := concept(kind.Value()).Label.In("en"); label != "" {
		out := "ext:" + label
		if openbadge.ValidAchievementType(out) {
			t.concept(kind)
			kind.Get("id").Remark(loss.Approximated, "/credentialSubject/achievement/achievementType", Wider)
			return out
		}
	}
	switch claim.Get("type").Peek() {
	case Activity:
		return "LearningProgram"
	case Assessment:
		return "Assessment"
	case Entitlement:
		return "License"
	}
	return "Achievement"
}

func (t *toBadge) achievement(claim tally.Node) openbadge.Achievement {
	const at = "/credentialSubject/achievement"
	spec := claim.Path("specifiedBy")
	a := openbadge.Achievement{ID: spec.Get("id").Text(), Name: t.pick(spec.Get("title")), Description: t.pick(spec.Get("description"))}
	if a.ID == "" {
		a.ID = claim.Get("id").Text()
	}
	if title := claim.Get("title"); a.Name == "" {
		a.Name = t.pick(title)
	} else if string(title.Value().AppendJSON(nil)) == string(spec.Get("title").Value().AppendJSON(nil)) {
		title.Use()
	} else if t.says(title, a.Name) {
		t.pick(title)
	}
	a.AchievementType = t.badgeType(claim, spec)
	if text := claim.Get("description"); a.Description == "" {
		a.Description = t.pick(text)
	}
	if a.Description == "" {
		a.Description = a.Name
		t.book.Assume(at+"/description", Required, tally.Cut(a.Name))
	}
	a.Criteria = t.criteria(spec, a.Name)
	if l := spec.Path("language"); l.Is() {
		if tag := languageOf(concept(l.Value()).ID); tag != "" {
			a.InLanguage = tag
			l.Use()
		}
	}
	a.FieldOfStudy = t.pick(spec.Path("educationSubject").Get("prefLabel"))
	if subject := spec.Path("educationSubject"); strings.HasPrefix(subject.Get("id").Peek(), own) {
		subject.Use()
	}
	tags, members := spec.Get("category").Members()
	for i := range tags {
		for _, one := range members[i].List() {
			a.Tag = append(a.Tag, one.Text())
		}
	}
	for _, one := range spec.Get("identifier").List() {
		switch one.Get("schemeName").Peek() {
		case "humanCode":
			a.HumanCode = one.Get("notation").Text()
		case "version":
			a.Version = one.Get("notation").Text()
		default:
			a.OtherIdentifier = append(a.OtherIdentifier, t.identifiers(one, "identifier")...)
			continue
		}
		one.Use()
	}
	a.Alignment = t.alignments(spec)
	if points := spec.Path("creditPoint"); points.Is() {
		a.CreditsAvailable = t.points(points, &a, at+"/creditsAvailable")
	}
	return a
}

// says reports whether a text says s in one of its languages.
func (t *toBadge) says(n tally.Node, s string) bool {
	return slices.ContainsFunc(texts(n.Value()), func(one Text) bool { return one.Text == s })
}

func (t *toBadge) criteria(spec tally.Node, name string) *openbadge.Criteria {
	c := &openbadge.Criteria{ID: spec.Path("homepage").Get("contentURL").Text()}
	for _, note := range spec.Get("additionalNote").List() {
		if note.Get("id").Peek() == own+"criteria" {
			c.Narrative = t.pick(note.Get("noteLiteral"))
			note.Use()
		}
	}
	if summary := spec.Path("learningOutcomeSummary").Get("noteLiteral"); c.Narrative == "" && summary.Is() {
		c.Narrative = t.pick(summary)
		summary.Remark(loss.Approximated, "/credentialSubject/achievement/criteria/narrative", Wider)
	}
	if c.ID == "" && c.Narrative == "" {
		c.Narrative = name
		t.book.Assume("/credentialSubject/achievement/criteria", Required, tally.Cut(name))
	}
	return c
}

// alignments returns skills, levels and fields of a specification.
func (t *toBadge) alignments(spec tally.Node) []openbadge.Alignment {
	var out []openbadge.Alignment
	for _, outcome := range spec.Get("learningOutcome").List() {
		title := t.pick(outcome.Get("title"))
		from := len(out)
		for _, skill := range outcome.Get("relatedESCOSkill").List() {
			uri, label := t.concept(skill)
			out = append(out, openbadge.AlignESCO(uri, label))
		}
		for _, skill := range outcome.Get("relatedSkill").List() {
			out = append(out, t.skill(skill))
		}
		switch n := len(out) - from; {
		case n == 0:
			outcome.Get("title").Note(loss.Dropped, "", tally.NoPlace) // an alignment leads somewhere
		case n > 1:
			outcome.Remark(loss.Approximated, "/credentialSubject/achievement/alignment/"+strconv.Itoa(from), Grouped)
			fallthrough
		default:
			for i := from; i < len(out); i++ {
				if title != out[i].TargetName {
					out[i].TargetDescription = title
				}
			}
		}
	}
	for _, one := range spec.Get("supplementaryDocument").List() {
		if kind, ok := strings.CutPrefix(one.Get("id").Peek(), own+"alignment:"); ok {
			out = append(out, openbadge.Alignment{TargetType: kind, TargetURL: one.Get("contentURL").Text(), TargetName: t.pick(one.Get("title"))})
		}
	}
	for _, mode := range spec.Get("mode").List() {
		if c, ok := openbadge.FindConcept(openbadge.Modes(), concept(mode.Value()).ID); ok {
			out = append(out, c.Alignment(openbadge.ExtMode))
			mode.Use()
		}
	}
	if level := spec.Path("eqfLevel"); level.Is() {
		n, _ := strconv.Atoi(strings.TrimPrefix(concept(level.Value()).ID, eqfTable))
		if a, ok := openbadge.AlignEQF(n); ok {
			out = append(out, a)
			level.Use()
		}
	}
	if level := spec.Path("nqfLevel"); level.Is() {
		out = append(out, t.nqf(level))
	}
	for _, field := range spec.Get("thematicArea").List() {
		uri, label := concept(field.Value()).ID, concept(field.Value()).Label
		if a, ok := openbadge.AlignISCEDF(strings.TrimPrefix(uri, iscedTable)); ok {
			if name := label.In(t.languages...); name != "" {
				a.TargetName = name
			}
			out = append(out, a)
			t.concept(field)
		}
	}
	return out
}

// nqf returns a level of a national framework. Those of the Norwegian one are
// named so by bevis and others.
func (t *toBadge) nqf(level tally.Node) openbadge.Alignment {
	uri, label := t.concept(level)
	a := openbadge.Alignment{TargetType: openbadge.ExtNQF, TargetName: label, TargetURL: uri}
	if code, ok := strings.CutPrefix(label, "NKR "); ok {
		a.TargetType, a.TargetCode = openbadge.ExtNKR, code
	}
	return a
}

// skill returns an entry of a list other than ESCO.
func (t *toBadge) skill(n tally.Node) openbadge.Alignment {
	a := openbadge.Alignment{}
	if scheme := n.Path("inScheme"); strings.HasPrefix(scheme.Get("id").Peek(), own) {
		a.TargetFramework = t.pick(scheme.Get("prefLabel"))
	} else {
		a.TargetFramework = scheme.Get("id").Text()
	}
	if code := n.Get("notation"); !listName(code.Peek()) {
		a.TargetCode = code.Text()
	}
	a.TargetURL, a.TargetName = t.concept(n)
	return a
}

// points returns a number of credits, whose unit an alignment tells.
func (t *toBadge) points(n tally.Node, a *openbadge.Achievement, to string) float64 {
	f, err := strconv.ParseFloat(n.Get("point").Peek(), 64)
	if err != nil || f <= 0 {
		return 0
	}
	n.Get("point").Use()
	frame := n.Path("framework")
	said := concept(frame.Value())
	unit, ok := openbadge.FindConcept(openbadge.Units(), said.ID)
	if !ok {
		if strings.HasPrefix(said.ID, own) {
			frame.Use() // where nobody said of what
		} else {
			frame.Note(loss.Dropped, to, Unit)
		}
		return f
	}
	// Several units lead to one entry, and differ by what they are called.
	for _, other := range openbadge.Units() {
		if other.URI == said.ID && other.Name == said.Label.In("en") {
			unit = other
		}
	}
	frame.Use()
	if !slices.ContainsFunc(a.Alignment, func(one openbadge.Alignment) bool { return one.TargetType == openbadge.ExtCredits }) {
		a.Alignment = append(a.Alignment, unit.Alignment(openbadge.ExtCredits))
	}
	return f
}

// results returns the grades of the assessments that prove a claim.
func (t *toBadge) results(claim tally.Node, s *openbadge.AchievementSubject, a *openbadge.Achievement) {
	assessments := claim.Get("provenBy").List()
	if claim.Get("type").Peek() == Assessment {
		assessments = append(assessments, claim)
	}
	for i, one := range assessments {
		grade := t.pick(one.Path("grade").Get("noteLiteral"))
		if grade == "" {
			continue
		}
		d := openbadge.ResultDescription{ID: own + "result:" + strconv.Itoa(i+1), Name: t.pick(one.Get("title")), ResultType: "Result"}
		if d.Name == "" {
			d.Name = a.Name
		}
		r := openbadge.Result{Value: grade}
		typed := false
		for _, id := range one.Path("specifiedBy", "gradingScheme").Get("identifier").List() {
			typed = scheme(id, &d, &r) || typed
		}
		if !typed {
			t.book.Assume("/credentialSubject/achievement/resultDescription/"+strconv.Itoa(len(a.ResultDescription))+"/resultType", Required, d.ResultType)
		}
		if spec := one.Path("specifiedBy").Get("title"); t.says(spec, d.Name) {
			t.pick(spec)
		}
		r.ResultDescription = d.ID
		a.ResultDescription, s.Result = append(a.ResultDescription, d), append(s.Result, r)
	}
}

// scheme reads a member of a result description that stands in a grading scheme.
func scheme(id tally.Node, d *openbadge.ResultDescription, r *openbadge.Result) (isType bool) {
	if !strings.HasPrefix(id.Get("id").Peek(), own) {
		return false
	}
	value := id.Get("notation").Peek()
	switch id.Get("schemeName").Peek() {
	case "resultDescription":
		d.ID = value
	case "resultType":
		d.ResultType, isType = value, true
	case "requiredValue":
		d.RequiredValue = value
	case "valueMin":
		d.ValueMin = value
	case "valueMax":
		d.ValueMax = value
	case "allowedValue":
		d.AllowedValue = append(d.AllowedValue, value)
	case "status":
		r.Status = value
	case "noValue":
		r.Value = ""
	default:
		return false
	}
	id.Use()
	return isType
}
