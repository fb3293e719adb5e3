package graph

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// isOpenEdX tells a page of the course list, one course, or a list of either.
func isOpenEdX(doc *strictjson.Value) bool {
	if doc.Get("@context") != nil {
		return false
	}
	course := func(v *strictjson.Value) bool {
		return (v.Get("course_id") != nil || v.Get("blocks_url") != nil) && v.Get("org") != nil
	}
	for _, page := range doc.List() {
		if course(page) || page.Get("pagination") != nil && page.Get("results").Kind() == strictjson.KindArray {
			return true
		}
		for _, v := range page.Get("results").Items() {
			if course(v) {
				return true
			}
		}
	}
	return false
}

// readOpenEdX reads the courses of pages of the course list. What is not on a
// page that follows is said, for it is not in the source.
func (r reader) readOpenEdX(doc *strictjson.Value) error {
	r.Batch.Format = intake.OpenEdX
	for i, page := range doc.List() {
		at := ""
		if doc.Kind() == strictjson.KindArray {
			at = "/" + strconv.Itoa(i)
		}
		results := page.Get("results")
		if results == nil {
			r.openEdXCourse(&node{v: page, at: at})
			continue
		}
		for j, v := range results.Items() {
			if r.Stopped() {
				return r.Err()
			}
			r.openEdXCourse(&node{v: v, at: at + "/results/" + strconv.Itoa(j)})
		}
		if next := textOf(page.Get("pagination").Get("next")); next != "" && i == len(doc.List())-1 {
			r.Warn(at+"/pagination/next", "", "more", "there are more courses on the next page", next)
		}
	}
	return r.Err()
}

func (r reader) openEdXCourse(n *node) {
	d := r.draft(n.at)
	if n.v.Kind() != strictjson.KindObject {
		r.Broken(n.at, "", "format", "is no course", string(n.v.Raw()))
		return
	}
	d.each(n, "id", func(_, s string) {
		if d.ID == "" {
			d.ID = s
		}
	}, "course_id", "id")
	language := ""
	d.each(n, "language", func(at, s string) {
		d.AddLanguages(at, s)
		language = s
	}, "language")
	d.each(n, "text", func(at, s string) { d.SetText(&d.Title, at, language, s, true) }, "name")
	d.each(n, "text", func(at, s string) {
		if len(d.Description) == 0 {
			d.SetText(&d.Description, at, language, s, false)
		}
	}, "overview", "short_description")
	if hidden := n.v.Get("hidden"); textOf(hidden) == "true" || string(hidden.Raw()) == "true" {
		r.Broken(n.at, d.Name(), "hidden", "its platform does not show it", "")
		return
	}
	d.Type, d.Mode = catalogue.Course, catalogue.Online
	run := catalogue.Run{}
	if start := textOf(n.v.Get("start_type")); start != "empty" { // then the day is the platform's far future
		d.each(n, "date", func(at, s string) { d.SetDate(&run.Start, at, s, true) }, "start")
	}
	d.each(n, "date", func(at, s string) { d.SetDate(&run.End, at, s, true) }, "end")
	d.each(n, "date", func(at, s string) { d.SetDate(&run.Deadline, at, s, true) }, "enrollment_end")
	if run != (catalogue.Run{}) {
		d.Runs = []catalogue.Run{run}
	}
	d.each(n, "workload", func(at, s string) { d.SetWorkload(at, s, false) }, "effort")
	d.each(n, "level", func(at, s string) { d.Warn(at, "level", "is no level that is known here", s) }, "level")
	site := ""
	for _, name := range []string{"blocks_url", "course_about", "about_url"} {
		if u, err := url.Parse(textOf(get(n.v, name))); err == nil && u.Host != "" && site == "" {
			site = u.Scheme + "://" + u.Host
		}
	}
	if site == "" && r.Base != nil && r.Base.Host != "" {
		site = r.Base.Scheme + "://" + r.Base.Host
	}
	d.each(n, "url", func(at, s string) { d.SetAddress(&d.URL, at, s) }, "course_about", "about_url")
	if site != "" && d.URL == "" && d.ID != "" {
		d.SetAddress(&d.URL, n.at, site+"/courses/"+url.PathEscape(d.ID)+"/about")
	}
	// The organisation is a code such as "NTNUx", which is nobody's name.
	org := textOf(n.v.Get("org"))
	if r.Options.Provider.ID == "" && org != "" {
		p := catalogue.Provider{Name: catalogue.Texts{"und": value.Plain(org)}, URL: site}
		if site != "" {
			p.ID = strings.ToLower(site) + "/" + value.Slug(org)
		}
		if !d.SetProvider(n.at+"/org", p) {
			return
		}
	}
	d.Take()
}
