package certificate

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Bounds on what is shown of a credential that anybody may have made.
const (
	maxRows     = 60        // of one section
	maxText     = 2_000     // bytes of one value
	maxMarkdown = 20_000    // bytes of one narrative
	maxParts    = 20        // achievements and nested credentials
	maxPicture  = 1 << 20   // bytes of a picture
	maxPixels   = 4_000_000 // of a picture
)

// Content is what a credential says, for people.
type Content struct {
	Language string // of the labels
	// Others are the languages of texts that are not in it, where the credential
	// says so.
	Others []string

	Kind       string // "Course" in the reader's language, or a word for any credential
	Title      string
	Issuer     string
	Recipient  string // a name or an identifier
	Parts      []Part // the first is about the credential's own achievement
	About      []Row  // dates and identifiers of the credential itself
	Signed     bool   // it carries a signature, of whom and whether right not looked at
	Picture    *Picture
	IssuerLogo *Picture
}

// Part is about one achievement.
type Part struct {
	Title       string // empty for the first
	Description string
	Rows        []Row
	Sections    []Section
}

// Section is a heading with texts or rows below it.
type Section struct {
	Title    string
	Markdown string
	Rows     []Row
}

// Row is a label with its value.
type Row struct{ Label, Value string }

// reader chooses among the languages of a document.
type reader struct {
	p         *i18n.Printer
	languages []string
	others    map[string]bool
}

// Read takes out of a credential what is shown. Nothing is judged. The document
// may be anything: what is not of the form that is expected is not shown.
func Read(doc *strictjson.Value, p *i18n.Printer) Content {
	r := &reader{p: p, languages: preferred(p.Lang()), others: map[string]bool{}}
	out := Content{Language: p.Lang(), Issuer: r.name(doc.Get("issuer")), Signed: doc.Get("proof") != nil}
	out.IssuerLogo = r.picture(doc.Get("issuer").Get("image"))
	subjects := doc.Get("credentialSubject").List()
	for i, subject := range subjects {
		if i == 0 {
			out.Recipient = r.recipient(subject)
			out.Picture = r.picture(subject.Get("achievement").Get("image"))
		}
		out.Parts = append(out.Parts, r.subject(subject)...)
	}
	if out.Picture == nil {
		out.Picture = r.picture(doc.Get("image"))
	}
	out.Title = r.text(doc.Get("name"))
	if len(out.Parts) > 0 && out.Parts[0].Title != "" && len(subjects) == 1 && len(subjects[0].Get("achievement").List()) == 1 {
		out.Title, out.Parts[0].Title = out.Parts[0].Title, ""
	}
	if out.Title == "" {
		out.Title = strings.Join(credential.Types(doc), ", ")
	}
	out.Kind = p.T("certificate.credential")
	if len(out.Parts) == 0 {
		out.Parts = []Part{{}}
	}
	own := &out.Parts[0]
	if own.Description == "" {
		own.Description = r.text(doc.Get("description"))
	}
	if rows := r.evidence(doc.Get("evidence")); len(rows) > 0 {
		own.Sections = append(own.Sections, Section{Title: p.T("certificate.evidence"), Rows: rows})
	}
	out.About = r.about(doc)
	for tag := range r.others {
		out.Others = append(out.Others, tag)
	}
	slices.Sort(out.Others)
	return out
}

// preferred are the languages to look for, in order.
func preferred(lang string) []string {
	switch lang {
	case "nn":
		return []string{"nn", "no", "nb", "en"}
	case "nb":
		return []string{"nb", "no", "nn", "en"}
	}
	return []string{"en"}
}

// subject returns what a credential says of somebody: of an achievement, of
// more where it is a record, or of whatever else it names.
func (r *reader) subject(subject *strictjson.Value) []Part {
	var out []Part
	for _, achievement := range subject.Get("achievement").List() {
		if len(out) == maxParts {
			break
		}
		out = append(out, r.achievement(subject, achievement))
	}
	for _, inner := range subject.Get("verifiableCredential").List() {
		for _, s := range inner.Get("credentialSubject").List() {
			for _, achievement := range s.Get("achievement").List() {
				if len(out) == maxParts {
					return out
				}
				part := r.achievement(s, achievement)
				part.Rows = append(part.Rows, rows(Row{r.p.T("certificate.issuer"), r.name(inner.Get("issuer"))})...)
				out = append(out, part)
			}
		}
	}
	if len(out) == 0 {
		out = append(out, Part{Rows: r.otherMembers(subject)})
	}
	return out
}

// rows leaves out those without a value.
func rows(all ...Row) []Row {
	return slices.DeleteFunc(all, func(row Row) bool { return row.Value == "" })
}

func (r *reader) achievement(subject, a *strictjson.Value) Part {
	t := r.p.T
	out := Part{Title: r.text(a.Get("name")), Description: r.text(a.Get("description"))}
	credits := r.text(subject.Get("creditsEarned"))
	if credits == "" {
		credits = r.text(a.Get("creditsAvailable"))
	}
	period := strings.Trim(date(r.text(subject.Get("activityStartDate")))+" – "+date(r.text(subject.Get("activityEndDate"))), " –")
	out.Rows = rows(
		Row{t("certificate.type"), r.kind(r.text(a.Get("achievementType")))},
		Row{t("certificate.credits"), credits},
		Row{t("certificate.field"), r.text(a.Get("fieldOfStudy"))},
		Row{t("certificate.specialization"), r.text(a.Get("specialization"))},
		Row{t("certificate.role"), r.text(subject.Get("role"))},
		Row{t("certificate.term"), r.text(subject.Get("term"))},
		Row{t("certificate.period"), period},
		Row{t("certificate.license"), r.text(subject.Get("licenseNumber"))},
		Row{t("certificate.code"), r.text(a.Get("humanCode"))},
		Row{t("certificate.version"), r.text(a.Get("version"))},
		Row{t("certificate.language"), r.text(a.Get("inLanguage"))},
		Row{t("certificate.by"), r.name(a.Get("creator"))},
		Row{t("certificate.source"), r.name(subject.Get("source"))},
		Row{t("certificate.tags"), strings.Join(r.texts(a.Get("tag")), ", ")},
	)
	add := func(key string, markdown string, rows []Row) {
		if markdown != "" || len(rows) > 0 {
			out.Sections = append(out.Sections, Section{t(key), markdown, rows})
		}
	}
	add("certificate.results", "", r.results(subject.Get("result"), a.Get("resultDescription")))
	add("certificate.skills", "", r.alignments(a.Get("alignment")))
	criteria := a.Get("criteria")
	var link []Row
	if id := r.link(criteria); id != "" {
		link = []Row{{t("certificate.address"), id}}
	}
	add("certificate.criteria", r.markdown(criteria.Get("narrative")), link)
	add("certificate.narrative", r.markdown(subject.Get("narrative")), nil)
	return out
}

// results writes each result under the name of what was measured.
func (r *reader) results(results, descriptions *strictjson.Value) []Row {
	var out []Row
	for _, result := range results.List() {
		if len(out) == maxRows {
			break
		}
		row := Row{Label: r.p.T("certificate.result"), Value: r.text(result.Get("value"))}
		about, _ := result.Get("resultDescription").Text()
		for _, d := range descriptions.List() {
			if credential.ID(d) != about || about == "" {
				continue
			}
			if name := r.text(d.Get("name")); name != "" {
				row.Label = name
			}
			level, _ := result.Get("achievedLevel").Text()
			for _, l := range d.Get("rubricCriterionLevel").List() {
				if credential.ID(l) == level && level != "" {
					row.Value = strings.Trim(row.Value+" – "+r.text(l.Get("name")), " –")
				}
			}
			scale := r.texts(d.Get("allowedValue"))
			if len(scale) > 0 && row.Value != "" {
				row.Value += " (" + strings.Join(scale[:min(len(scale), 12)], ", ") + ")"
			} else if most := r.text(d.Get("valueMax")); most != "" && row.Value != "" {
				row.Value += " (" + r.text(d.Get("valueMin")) + "–" + most + ")"
			}
		}
		if status := r.text(result.Get("status")); status != "" {
			if key := "result-status." + status; r.p.Has(key) {
				status = r.p.T(key)
			}
			row.Value = strings.TrimSpace(row.Value + " [" + status + "]")
		}
		out = append(out, rows(row)...)
	}
	return out
}

func (r *reader) alignments(v *strictjson.Value) []Row {
	var out []Row
	for _, a := range v.List() {
		if len(out) == maxRows {
			break
		}
		name := r.text(a.Get("targetName"))
		if code := r.text(a.Get("targetCode")); code != "" {
			name = strings.TrimSpace(name + " (" + code + ")")
		}
		framework := r.text(a.Get("targetFramework"))
		if kind := alignmentKind(r.text(a.Get("targetType"))); kind != "" {
			framework = r.p.T("certificate.alignment." + kind)
		} else if framework == "" {
			framework = r.p.T("certificate.skill")
		}
		out = append(out, rows(Row{framework, strings.TrimSpace(name + " " + r.text(a.Get("targetUrl")))})...)
	}
	return out
}

// alignmentKind is what an alignment says that is no skill, by its targetType
// (docs/definitions.md); "" for a skill, and where its framework says enough.
func alignmentKind(targetType string) string {
	switch targetType {
	case "ext:Credits", "ext:Workload", "ext:Mode", "ext:Assessment", "ext:Supervision", "ext:QualityAssurance", "ext:Stackability":
		return strings.ToLower(strings.TrimPrefix(targetType, "ext:"))
	}
	return ""
}

func (r *reader) evidence(v *strictjson.Value) []Row {
	var out []Row
	for _, e := range v.List() {
		if len(out) == maxRows {
			break
		}
		name := r.text(e.Get("name"))
		if name == "" {
			name = r.p.T("certificate.evidence-item")
		}
		what := []string{r.text(e.Get("genre")), r.text(e.Get("description")), plainMarkdown(r.markdown(e.Get("narrative"))), r.link(e)}
		out = append(out, rows(Row{name, strings.Join(slices.DeleteFunc(what, func(s string) bool { return s == "" }), "\n")})...)
	}
	return out
}

func (r *reader) about(doc *strictjson.Value) []Row {
	t := r.p.T
	first := func(names ...string) string {
		for _, name := range names {
			if s := r.text(doc.Get(name)); s != "" {
				return date(s)
			}
		}
		return ""
	}
	var status []string
	for _, s := range doc.Get("credentialStatus").List() {
		if list := r.text(s.Get("statusListCredential")); list != "" {
			status = append(status, list)
		} else {
			status = append(status, r.link(s))
		}
	}
	subject := doc.Get("credentialSubject")
	id := ""
	if subject.Kind() == strictjson.KindObject {
		id = credential.ID(subject)
	}
	return rows(
		Row{t("certificate.issuer"), r.withID(doc.Get("issuer"))},
		Row{t("certificate.recipient-id"), clean(id)},
		Row{t("certificate.awarded"), first("awardedDate")},
		Row{t("certificate.from"), first("validFrom", "issuanceDate")},
		Row{t("certificate.until"), first("validUntil", "expirationDate")},
		Row{t("certificate.id"), clean(credential.ID(doc))},
		Row{t("certificate.status"), strings.Join(slices.DeleteFunc(status, func(s string) bool { return s == "" }), "\n")},
	)
}
