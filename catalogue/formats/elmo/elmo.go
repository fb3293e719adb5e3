package elmo

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/reason"
)

// Transcript is what somebody has done, as an ELMO file tells it. Who that is
// stands nowhere in it: names, birth dates and identifiers of learners are not
// read. Nothing here is proven: the file's signature is not looked at, and
// without it anybody could have written it.
type Transcript struct {
	Generated catalogue.Date       `json:"generated,omitempty"`
	Issuers   []catalogue.Provider `json:"issuers"`
	Results   []Result             `json:"results"` // each after the one it is part of
}

// Result is one result of a Transcript.
type Result struct {
	Issuer      string             `json:"issuer"` // id of one of Transcript.Issuers
	ID          string             `json:"id,omitempty"`
	Parent      int                `json:"parent"` // index of the result it is part of, -1 for none
	Title       catalogue.Texts    `json:"title"`
	Description catalogue.Texts    `json:"description,omitempty"`
	Type        string             `json:"type,omitempty"` // as ELMO names it: "Degree Programme", "Module", "Course", "Class", …
	URL         string             `json:"url,omitempty"`
	Status      string             `json:"status,omitempty"` // "passed", "failed", "in-progress"; "" when not told
	Level       catalogue.Level    `json:"level,omitzero"`
	Credits     *catalogue.Credits `json:"credits,omitempty"`
	Workload    string             `json:"workload,omitempty"`
	Language    string             `json:"language,omitempty"` // of instruction
	Grade       string             `json:"grade,omitempty"`
	GradeScheme catalogue.Texts    `json:"gradeScheme,omitempty"`
	Start       catalogue.Date     `json:"start,omitempty"`
	Date        catalogue.Date     `json:"date,omitempty"` // of the result
}

// reader and draft are those of package intake with what ELMO needs.
type reader struct{ *intake.Reader }

type draft struct{ *intake.Draft }

func (r reader) draft(at string) *draft { return &draft{r.Draft(at)} }

const (
	maxXML   = 16 << 20 // bytes
	maxDepth = 64
)

type textElement struct {
	Language string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	Text     string `xml:",chardata"`
}

type idElement struct {
	Type string `xml:"type,attr"`
	ID   string `xml:",chardata"`
}

// fileElement has no field for the learner: what is not there cannot leak.
type fileElement struct {
	XMLName   xml.Name
	Generated string          `xml:"generatedDate"`
	Reports   []reportElement `xml:"report"`
}

type reportElement struct {
	Issuer struct {
		Country string        `xml:"country"`
		IDs     []idElement   `xml:"identifier"`
		Title   []textElement `xml:"title"`
		URL     string        `xml:"url"`
	} `xml:"issuer"`
	Opportunities []opportunityElement `xml:"learningOpportunitySpecification"`
	Schemes       []struct {
		ID          string        `xml:"localId,attr"`
		Description []textElement `xml:"description"`
	} `xml:"gradingScheme"`
}

type opportunityElement struct {
	IDs         []idElement     `xml:"identifier"`
	Title       []textElement   `xml:"title"`
	Type        string          `xml:"type"`
	ISCED       string          `xml:"iscedCode"`
	SubjectArea string          `xml:"subjectArea"`
	URL         string          `xml:"url"`
	Description []textElement   `xml:"description"`
	HTML        []textElement   `xml:"descriptionHtml"`
	Instance    instanceElement `xml:"specifies>learningOpportunityInstance"`
	Parts       []struct {
		Opportunity opportunityElement `xml:"learningOpportunitySpecification"`
	} `xml:"hasPart"`
}

type instanceElement struct {
	Start string `xml:"start"`
	Date  string `xml:"date"`
	Term  struct {
		Start string `xml:"start"`
		End   string `xml:"end"`
	} `xml:"academicTerm"`
	Status  string `xml:"status"`
	Scheme  string `xml:"gradingSchemeLocalId"`
	Grade   string `xml:"resultLabel"`
	Credits []struct {
		Scheme string `xml:"scheme"`
		Value  string `xml:"value"`
	} `xml:"credit"`
	Levels []struct {
		Type  string `xml:"type"`
		Value string `xml:"value"`
	} `xml:"level"`
	Language string `xml:"languageOfInstruction"`
	Hours    string `xml:"engagementHours"`
}

// isResult tells what somebody has done from what is only offered.
func (i instanceElement) isResult() bool {
	return i.Status != "" || i.Grade != "" || i.Date != "" || i.Scheme != ""
}

// Is tells whether text is an XML document whose root is elmo.
func Is(text []byte) bool {
	if text = bytes.TrimLeft(text, "\xef\xbb\xbf \t\r\n"); !bytes.HasPrefix(text, []byte("<")) {
		return false
	}
	head := text[:min(len(text), 16<<10)]
	for d := xml.NewDecoder(bytes.NewReader(head)); ; {
		d.CharsetReader = alreadyUTF8
		t, err := d.RawToken()
		if err != nil {
			return false
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t.Name.Local == "elmo"
		case xml.Directive:
			if !bytes.Contains(bytes.ToLower(t), []byte("elmo")) {
				return false
			}
		}
	}
}

func alreadyUTF8(_ string, in io.Reader) (io.Reader, error) { return in, nil }

// parse decodes a document behind a guard: no document types, and with
// them no entities, no deep nesting.
func parse(text []byte) (fileElement, error) {
	var file fileElement
	text = bytes.TrimSpace(text)
	if len(text) > maxXML {
		return file, reason.New(reason.LimitSize, "", "XML of %d bytes, the limit is %d", len(text), maxXML)
	}
	guard := xml.NewDecoder(bytes.NewReader(text))
	guard.CharsetReader = alreadyUTF8
	for depth := 0; ; {
		t, err := guard.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return file, reason.New("malformed/xml", "", "%w", err)
		}
		switch t.(type) {
		case xml.Directive:
			return file, reason.New("malformed/xml", "", "a document type, which is not allowed")
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return file, reason.New(reason.LimitDepth, "", "nested deeper than %d", maxDepth)
			}
		case xml.EndElement:
			depth--
		}
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = alreadyUTF8
	if err := d.Decode(&file); err != nil {
		return file, reason.New("malformed/xml", "", "%w", err)
	}
	if file.XMLName.Local != "elmo" {
		return file, reason.New(reason.OfferInvalid+"/format", "", "the root is no elmo")
	}
	return file, nil
}

// Offers reads what an ELMO file offers. Results are not offers: they belong
// to a person, and a catalogue is no place for them.
func Offers(in *intake.Reader) error {
	r := reader{in}
	r.Batch.Format = intake.ELMO
	file, err := parse(r.Text)
	if err != nil {
		return err
	}
	for i, report := range file.Reports {
		for j, o := range report.Opportunities {
			r.offers(report, o, "/elmo/report["+strconv.Itoa(i+1)+"]/learningOpportunitySpecification["+strconv.Itoa(j+1)+"]", nil)
		}
	}
	return r.Err()
}

func (r reader) offers(report reportElement, o opportunityElement, at string, above *draft) {
	if r.Stopped() {
		return
	}
	d := r.draft(at)
	res := d.result(o)
	if o.Instance.isResult() {
		r.Broken(at, res.Title.In(), "not-offer", "is a result of a person, not an offer: read it as a transcript", "")
	} else {
		d.Offer = catalogue.Offer{ID: res.ID, Title: res.Title, Description: res.Description, URL: res.URL, Level: res.Level, Credits: res.Credits, Workload: res.Workload}
		d.Type = catalogue.Course
		if t, ok := value.Type(o.Type); ok {
			d.Type = t
		} else if o.Type != "" {
			d.Warn(at, "type", "is no kind of offer that is known here", o.Type)
		}
		if res.Language != "" {
			d.Languages = []string{res.Language}
		}
		run := catalogue.Run{Start: res.Start}
		d.SetDate(&run.End, at, o.Instance.Term.End, true)
		if run != (catalogue.Run{}) {
			d.Runs = []catalogue.Run{run}
		}
		if above != nil && above.Provider != "" {
			d.LinkPart(at, above.Ref())
		}
		if p := d.issuer(report, at); p.ID == "" && p.Name.In() == "" || d.SetProvider(at, p) {
			d.Take()
		}
		above = d
	}
	for i, p := range o.Parts {
		r.offers(report, p.Opportunity, at+"/hasPart["+strconv.Itoa(i+1)+"]", above)
	}
}

func (d *draft) issuer(report reportElement, at string) catalogue.Provider {
	p := catalogue.Provider{}
	d.SetAddress(&p.URL, at+"/issuer/url", report.Issuer.URL)
	d.texts(&p.Name, at, report.Issuer.Title, true)
	d.SetCountry(&p.Country, at+"/issuer/country", report.Issuer.Country)
	for _, id := range report.Issuer.IDs { // the domain of the institution names it best
		if s := strings.TrimSpace(id.ID); id.Type == "schac" && s != "" && p.ID == "" && !strings.ContainsAny(s, "# ") {
			p.ID = "https://" + s
		}
	}
	return p
}

// texts reads texts that are no HTML, also where they look like it.
func (d *draft) texts(to *catalogue.Texts, at string, list []textElement, oneLine bool) {
	for _, t := range list {
		d.SetText(to, at, t.Language, html.EscapeString(t.Text), oneLine)
	}
}

// result reads the values that offers and results have in common.
func (d *draft) result(o opportunityElement) Result {
	at, in := d.At, o.Instance
	for _, id := range o.IDs {
		if s := strings.TrimSpace(id.ID); s != "" && (d.ID == "" || id.Type == "local") {
			d.ID = s
		}
	}
	d.texts(&d.Title, at, o.Title, true)
	d.texts(&d.Description, at, o.Description, false)
	for _, t := range o.HTML {
		if len(o.Description) == 0 {
			d.SetText(&d.Description, at, t.Language, t.Text, false)
		}
	}
	d.SetAddress(&d.URL, at+"/url", o.URL)
	d.Level.ISCEDF = d.Short(strings.TrimSpace(o.ISCED))
	for _, c := range in.Credits {
		d.SetCredits(at+"/credit", c.Value, c.Scheme)
	}
	for _, l := range in.Levels {
		if eqf, ok := value.EQF(l.Value); ok && value.Key(l.Type) == "eqf" {
			d.Level.EQF = eqf
		} else if v := strings.TrimSpace(l.Type + " " + l.Value); v != "" && d.Level.NQF == "" {
			d.Level.NQF = d.Short(v)
		} else if v != "" {
			d.Warn(at+"/level", "level-second", "one level is kept, and this is another", v)
		}
	}
	if h := strings.TrimSpace(in.Hours); h != "" {
		d.SetWorkload(at+"/engagementHours", h+" hours", false)
	}
	res := Result{ID: d.ID, Parent: -1, Title: d.Title, Description: d.Description, Type: strings.TrimSpace(o.Type), URL: d.URL,
		Status: strings.TrimSpace(in.Status), Level: d.Level, Credits: d.Credits, Workload: d.Workload, Grade: d.Short(strings.TrimSpace(in.Grade))}
	if s := strings.TrimSpace(in.Language); s != "" {
		if l, ok := value.Language(s); ok {
			res.Language = l
		} else {
			d.Warn(at+"/languageOfInstruction", "language", "is no language that is known here", s)
		}
	}
	start := in.Start
	if strings.TrimSpace(start) == "" {
		start = in.Term.Start
	}
	d.SetDate(&res.Start, at+"/start", day(start), true)
	d.SetDate(&res.Date, at+"/date", day(in.Date), true)
	return res
}

// day takes the time zone off an xs:date.
func day(s string) string {
	if s = strings.TrimSpace(s); len(s) > 10 && strings.ContainsAny(s[10:11], "Z+-") {
		return s[:10]
	}
	return s
}

// Read reads an EMREX ELMO file as the history of the one whose wallet it is
// for. A result without a title is a broken Problem. Errors are malformed/xml,
// offer_invalid/format for another document, resource_limit and canceled.
func Read(ctx context.Context, raw []byte, limits intake.Limits) (Transcript, []intake.Problem, error) {
	in, err := intake.New(ctx, raw, intake.Options{Limits: limits})
	if err != nil {
		return Transcript{}, nil, err
	}
	r := reader{in}
	file, err := parse(r.Text)
	if err != nil {
		return Transcript{}, nil, err
	}
	t := Transcript{Issuers: []catalogue.Provider{}, Results: []Result{}}
	r.draft("/elmo/generatedDate").SetDate(&t.Generated, "/elmo/generatedDate", day(file.Generated), true)
	for i, report := range file.Reports {
		at := "/elmo/report[" + strconv.Itoa(i+1) + "]"
		d := r.draft(at + "/issuer")
		if p := d.issuer(report, d.At); p.ID == "" && p.URL == "" && p.Name.In() == "" || !d.SetProvider(d.At, p) {
			r.Broken(d.At, "", "provider", "the report does not name its issuer", "")
			continue
		}
		schemes := map[string]catalogue.Texts{}
		for _, s := range report.Schemes {
			description := catalogue.Texts(nil)
			d.texts(&description, at+"/gradingScheme", s.Description, false)
			schemes[s.ID] = description
		}
		for j, o := range report.Opportunities {
			r.results(&t, o, at+"/learningOpportunitySpecification["+strconv.Itoa(j+1)+"]", Result{Issuer: d.Provider, Parent: -1}, schemes)
		}
	}
	t.Issuers = append(t.Issuers, r.Batch.Providers...)
	if err := r.Err(); err != nil {
		return Transcript{}, nil, err
	}
	return t, r.Batch.Problems, nil
}

func (r reader) results(t *Transcript, o opportunityElement, at string, above Result, schemes map[string]catalogue.Texts) {
	if r.Stopped() {
		return
	}
	if len(t.Results) >= r.Options.Limits.MaxOffers {
		r.Fail(reason.New("resource_limit/offers", at, "more than %d results", r.Options.Limits.MaxOffers))
		return
	}
	d := r.draft(at)
	res := d.result(o)
	if res.Issuer, res.Parent = above.Issuer, above.Parent; res.Title.In() == "" {
		r.Broken(at, res.ID, "title", "a result without a title", "")
	} else {
		res.GradeScheme = schemes[strings.TrimSpace(o.Instance.Scheme)]
		above.Parent = len(t.Results)
		t.Results = append(t.Results, res)
	}
	for i, p := range o.Parts {
		r.results(t, p.Opportunity, at+"/hasPart["+strconv.Itoa(i+1)+"]", above, schemes)
	}
}
