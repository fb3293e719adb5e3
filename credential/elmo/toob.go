package elmo

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/tally"
	"github.com/kompetansebevis/bevis/reason"
)

// Why something was lost, as in credential/elm, whose texts these are too.
const (
	oneLanguage = "one-language"
	ownForm     = "own-form"
	anotherPart = "another-part"
	unsigned    = tally.Unsigned
	statusOf    = tally.StatusOf
	required    = "required"
	unit        = "unit"
	timeZone    = "time-zone"
	wider       = "wider"
	joined      = "joined"
	renamed     = "renamed"
	otherForm   = "context"
)

// Options say how a document is mapped.
type Options struct {
	// Languages are those wanted, best first, where the target has place for one
	// text; of a new ELMO document the first is that of texts without one.
	Languages []string
	// Part names the result to be mapped, counted from 1 over all reports, and the
	// part of it behind a dot: "2", "1.3". Empty: the only one that there is.
	Part string
	// Now is when a new ELMO document is made.
	Now time.Time
}

// ToOpenBadge maps a result to an Open Badges 3.0 credential without a proof, and
// says what was lost. Errors are malformed/xml, wrong_type/not-a-credential,
// resource_limit, and usage/part where Options.Part names no result, or none where
// there is more than one.
func ToOpenBadge(raw []byte, o Options) (*strictjson.Value, loss.Report, error) {
	root, err := read(raw)
	if err != nil {
		return nil, nil, err
	}
	t := toBadge{book: tally.New(root, nil), languages: o.Languages}
	doc := t.book.Root()
	report, spec, err := t.choose(doc, o.Part)
	if err != nil {
		return nil, nil, err
	}
	doc.Get("generatedDate").Note(loss.Dropped, "", statusOf)
	doc.Get("Signature").Note(loss.Dropped, "", unsigned)
	instance := spec.Path("specifies", "learningOpportunityInstance")
	t.instruction = peek(instance.Get("languageOfInstruction"))
	issuer := t.issuer(report.Path("issuer"))
	subject := t.subject(doc.Path("learner"), report, spec, instance)
	member := func(name string, v *strictjson.Value) strictjson.Member {
		return strictjson.Member{Name: name, Value: v}
	}
	list := func(s ...string) *strictjson.Value {
		var out []*strictjson.Value
		for _, one := range s {
			out = append(out, strictjson.String(one))
		}
		return strictjson.Array(out...)
	}
	id := t.identified(instance, "credential")
	if id == "" {
		id = madeID(issuer.ID, subject.Achievement.ID, o.Part, string(root.AppendJSON(nil)))
		t.book.Assume("/id", required, id)
	}
	out := strictjson.Object(member("@context", list("https://www.w3.org/ns/credentials/v2", openbadge.Context)), member("id", strictjson.String(id)),
		member("type", list("VerifiableCredential", openbadge.TypeOpenBadgeCredential)), member("issuer", issuer.Value()))
	from := t.moment(report.Get("issueDate"), "/validFrom")
	if from == "" {
		from = "1970-01-01T00:00:00Z"
		t.book.Assume("/validFrom", required, from)
	}
	out = out.With("validFrom", strictjson.String(from))
	if date := t.moment(instance.Get("date"), "/awardedDate"); date != "" {
		out = out.With("awardedDate", strictjson.String(date))
	}
	return out.With("credentialSubject", subject.Value()), paths(t.book.Report()), nil
}

// madeID is a name for what has none: the same for the same source.
func madeID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of version 8 (RFC 9562 section 5.8)
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// toBadge is the work on one document.
type toBadge struct {
	book      *tally.Book
	languages []string
	// instruction is the language of it, which becomes that of the badge.
	instruction string
}

// choose returns the result that a part names, and the report that it stands in.
func (t *toBadge) choose(doc tally.Node, part string) (report, spec tally.Node, err error) {
	const name = "learningOpportunitySpecification"
	var all, reports []tally.Node
	for _, r := range doc.Get("report").List() {
		for _, s := range r.Get(name).List() {
			all, reports = append(all, s), append(reports, r)
		}
	}
	if part == "" {
		if len(all) != 1 {
			return report, spec, reason.New("usage/part", "/elmo/report", "there are %d results, and one fits into an Open Badge: choose one with --part", len(all))
		}
		part = "1"
	}
	for depth, step := range strings.Split(part, ".") {
		n, err := strconv.Atoi(step)
		if err != nil || n < 1 || n > len(all) {
			return report, spec, reason.New("usage/part", "/elmo/report", "there is no part %q; there are %d here", tally.Cut(part), len(all))
		}
		for i, other := range all {
			if i != n-1 {
				other.Note(loss.Dropped, "", anotherPart)
			}
		}
		if spec = all[n-1]; depth == 0 {
			report = reports[n-1]
		}
		all = nil
		for _, p := range spec.Get("hasPart").List() {
			all = append(all, p.Path(name))
		}
	}
	for _, below := range all {
		below.Note(loss.Dropped, "", anotherPart)
	}
	for _, other := range doc.Get("report").List() {
		if other.At() != report.At() {
			other.Note(loss.Dropped, "", anotherPart)
		}
	}
	return report, spec, nil
}

// content returns the text of an element, with or without attributes.
func content(n tally.Node) string {
	if s := n.Text(); s != "" {
		return s
	}
	return n.Get("#text").Text()
}

func peek(n tally.Node) string {
	if s := n.Peek(); s != "" {
		return s
	}
	return n.Get("#text").Peek()
}

// pick returns the text of one of several elements, by their languages.
func (t *toBadge) pick(n tally.Node) string {
	all := n.List()
	best := 0
	for _, want := range slices.Backward(t.languages) {
		if i := slices.IndexFunc(all, func(one tally.Node) bool { return one.Get("@lang").Peek() == want }); i >= 0 {
			best = i
		}
	}
	for i, one := range all {
		if i != best {
			one.Note(loss.Dropped, "", oneLanguage)
		}
	}
	if len(all) == 0 {
		return ""
	}
	if lang := all[best].Get("@lang"); lang.Peek() == t.instruction {
		lang.Use() // which the badge tells
	}
	return content(all[best])
}

// moment returns a time as Open Badges writes it.
func (t *toBadge) moment(n tally.Node, to string) string {
	s := peek(n)
	if _, err := credential.ParseTime(s); err == nil {
		return content(n)
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02Z07:00", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, s); err == nil {
			n.Note(loss.Approximated, to, timeZone)
			return credential.FormatTime(at)
		}
	}
	return ""
}

// identified returns the identifier of a type, if it is a URI.
func (t *toBadge) identified(n tally.Node, kind string) string {
	for _, one := range n.Get("identifier").List() {
		if one.Get("@type").Peek() == kind && strings.Contains(peek(one), ":") {
			one.Use()
			return peek(one)
		}
	}
	return ""
}

// extended returns the type of an identifier as Open Badges takes it.
func extended(kind string) string {
	switch {
	case kind == "nationalIdentifier":
		return "nationalIdentityNumber"
	case openbadge.ValidIdentifierType(kind):
		return kind
	case openbadge.ValidIdentifierType("ext:" + kind):
		return "ext:" + kind
	}
	return "identifier"
}

func (t *toBadge) issuer(n tally.Node) openbadge.Profile {
	p := openbadge.Profile{ID: t.identified(n, "uri"), Name: t.pick(n.Get("title")), URL: content(n.Get("url"))}
	if p.ID == "" {
		p.ID = p.URL
	}
	if p.ID == "" {
		p.ID = madeID(p.Name)
		t.book.Assume("/issuer/id", required, p.ID)
	}
	if country := content(n.Get("country")); country != "" {
		p.Address = &openbadge.Address{AddressCountryCode: country}
	}
	for _, one := range n.Get("identifier").List() {
		if one.Get("@type").Peek() == "uri" {
			continue
		}
		p.OtherIdentifier = append(p.OtherIdentifier, openbadge.IdentifierEntry{IdentifierType: extended(one.Get("@type").Text()), Identifier: content(one)})
	}
	return p
}

func (t *toBadge) subject(learner, report, spec, instance tally.Node) openbadge.AchievementSubject {
	s := openbadge.AchievementSubject{ID: t.identified(learner, "id"), Identifier: t.learner(learner)}
	a := t.achievement(spec, instance)
	if credit := instance.Path("credit"); credit.Is() {
		if f, err := strconv.ParseFloat(peek(credit.Get("value")), 64); err == nil && f > 0 {
			credit.Get("value").Use()
			s.CreditsEarned = f
			scheme := credit.Get("scheme")
			if c, ok := openbadge.FindConcept(openbadge.Units(), peek(scheme)); ok {
				scheme.Use()
				a.Alignment = append(a.Alignment, c.Alignment(openbadge.ExtCredits))
			} else if peek(scheme) == "credits" {
				scheme.Use()
			} else {
				scheme.Note(loss.Dropped, "/credentialSubject/creditsEarned", unit)
			}
		}
	}
	t.result(report, instance, &s, &a)
	s.Term = t.pick(instance.Path("academicTerm").Get("title"))
	for name, n := range map[string]tally.Node{"activityStartDate": instance.Get("start"), "activityEndDate": instance.Path("academicTerm").Get("end")} {
		if at := t.moment(n, "/credentialSubject/"+name); at != "" {
			s.More = append(s.More, openbadge.Member{Name: name, Value: strictjson.String(at)})
		}
	}
	slices.SortFunc(s.More, func(a, b openbadge.Member) int { return strings.Compare(b.Name, a.Name) })
	if term := instance.Path("academicTerm").Get("start"); peek(term) == peek(instance.Get("start")) {
		term.Use()
	}
	s.Achievement = &a
	return s
}

func (t *toBadge) learner(n tally.Node) []openbadge.IdentityObject {
	var out []openbadge.IdentityObject
	put := func(kind, value string) {
		if value != "" {
			out = append(out, openbadge.IdentityObject{IdentityType: kind, IdentityHash: value})
		}
	}
	given, family := content(n.Get("givenNames")), content(n.Get("familyName"))
	put("name", strings.TrimSpace(given+" "+family))
	put(openbadge.ExtGivenName, given)
	put(openbadge.ExtFamilyName, family)
	put(openbadge.ExtDateOfBirth, content(n.Get("bday")))
	for _, one := range n.Get("identifier").List() {
		kind := one.Get("@type").Text()
		if kind == "id" {
			continue
		}
		if rest, hashed := strings.CutPrefix(kind, "hashed:"); hashed {
			of, salt, _ := strings.Cut(rest, "|")
			out = append(out, openbadge.IdentityObject{IdentityType: extended(of), IdentityHash: content(one), Hashed: true, Salt: salt})
			continue
		}
		put(extended(kind), content(one))
	}
	return out
}

func (t *toBadge) achievement(spec, instance tally.Node) openbadge.Achievement {
	const at = "/credentialSubject/achievement"
	a := openbadge.Achievement{ID: t.identified(spec, "uri"), Name: t.pick(spec.Get("title")), Description: t.pick(spec.Get("description")), AchievementType: types(peek(spec.Get("type")))}
	spec.Get("type").Use()
	page := content(spec.Get("url"))
	if a.ID == "" {
		a.ID = page
	}
	if a.ID == "" {
		a.ID = madeID(a.Name, string(spec.Get("identifier").Value().AppendJSON(nil)))
		t.book.Assume(at+"/id", required, a.ID)
	}
	for _, one := range spec.Get("identifier").List() {
		switch kind := one.Get("@type").Text(); kind {
		case "uri":
		case "achievementType":
			a.AchievementType = content(one)
		case "humanCode":
			a.HumanCode = content(one)
		default:
			a.OtherIdentifier = append(a.OtherIdentifier, openbadge.IdentifierEntry{IdentifierType: extended(kind), Identifier: content(one)})
		}
	}
	if a.Description == "" {
		a.Description = a.Name
		t.book.Assume(at+"/description", required, tally.Cut(a.Name))
	}
	a.Criteria = &openbadge.Criteria{ID: page}
	if page == "" {
		a.Criteria.Narrative = a.Name
		t.book.Assume(at+"/criteria", required, tally.Cut(a.Name))
	}
	a.InLanguage = content(instance.Get("languageOfInstruction"))
	if field := spec.Get("iscedCode"); field.Is() {
		if one, ok := openbadge.AlignISCEDF(peek(field)); ok {
			field.Use()
			a.Alignment = append(a.Alignment, one)
		}
	}
	for _, level := range instance.Get("level").List() {
		n, err := strconv.Atoi(peek(level.Get("value")))
		if one, ok := openbadge.AlignEQF(n); err == nil && ok && peek(level.Get("type")) == "EQF" {
			level.Get("value").Use()
			level.Get("type").Use()
			level.Get("description").Use() // which only names the framework
			a.Alignment = append(a.Alignment, one)
		}
	}
	return a
}

// types returns the type of an achievement for that of a learning opportunity.
func types(kind string) string {
	switch kind {
	case "Degree Programme":
		return "Degree"
	case "Course":
		return "Course"
	case "":
		return "Achievement"
	}
	return "ext:" + kind
}

func (t *toBadge) result(report, instance tally.Node, s *openbadge.AchievementSubject, a *openbadge.Achievement) {
	grade, status := content(instance.Get("resultLabel")), instance.Get("status")
	r := openbadge.Result{Value: grade, Status: map[string]string{"passed": "Completed", "failed": "Failed", "in-progress": "InProgress"}[peek(status)]}
	if r.Status != "" {
		status.Use()
	}
	if r.Value == "" && r.Status == "" {
		return
	}
	d := openbadge.ResultDescription{ID: "urn:bevis:elmo:result", Name: a.Name, ResultType: "Result"}
	if grade == "" {
		d.ResultType = "Status"
	}
	scheme := instance.Get("gradingSchemeLocalId")
	for _, one := range report.Get("gradingScheme").List() {
		if one.Get("@localId").Peek() == peek(scheme) && scheme.Is() {
			scheme.Use()
			one.Get("@localId").Use()
			if text := t.pick(one.Get("description")); text != "" {
				d.Name = text
			}
		}
	}
	r.ResultDescription = d.ID
	a.ResultDescription, s.Result = append(a.ResultDescription, d), append(s.Result, r)
}
