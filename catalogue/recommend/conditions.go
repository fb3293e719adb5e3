package recommend

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/text"
)

// judge holds an offer against the conditions: why it is set aside, or which
// of them it does not tell enough for.
func (r *ranker) judge(o catalogue.Offer) (unknown []string, why string) {
	if r.completed[o.Ref()] != "" {
		return nil, "completed"
	}
	if r.recorded[o.Ref()] != "" {
		return nil, "recorded"
	}
	c := r.in.Conditions
	for _, j := range []struct {
		name       string
		asked      bool
		told, meet bool
	}{
		{"language", len(c.Languages) > 0, len(o.Languages) > 0, slices.ContainsFunc(o.Languages, func(l string) bool { return speaks(c.Languages, l) })},
		{"mode", len(c.Modes) > 0, o.Mode != "", slices.Contains(c.Modes, o.Mode)},
		{"place", c.Place != "", o.Mode == catalogue.Online || len(places(o)) > 0, o.Mode == catalogue.Online || near(places(o), c.Place)},
		{"price", c.MaxPrice != nil, o.Price != nil && c.MaxPrice != nil && o.Price.Currency == c.MaxPrice.Currency, o.Price != nil && c.MaxPrice != nil && o.Price.Amount <= c.MaxPrice.Amount},
		{"hours", c.MaxHours > 0, o.Workload != "", hours(o) <= c.MaxHours},
		{"start", c.StartFrom != "", len(o.Runs) > 0, slices.ContainsFunc(o.Runs, func(run catalogue.Run) bool { return run.Start >= c.StartFrom })},
	} {
		switch {
		case !j.asked:
		case !j.told:
			unknown = append(unknown, j.name)
		case !j.meet:
			return nil, j.name
		}
	}
	return unknown, ""
}

// speaks compares languages by their first part, and takes "no" for either
// written form of Norwegian.
func speaks(wanted []string, l string) bool {
	return slices.ContainsFunc(wanted, func(w string) bool {
		a, _, _ := strings.Cut(strings.ToLower(w), "-")
		b, _, _ := strings.Cut(strings.ToLower(l), "-")
		norwegian := func(x string) bool { return x == "no" || x == "nb" || x == "nn" }
		return a == b || (a == "no" || b == "no") && norwegian(a) && norwegian(b)
	})
}

func places(o catalogue.Offer) []string {
	var out []string
	if o.Place != "" {
		out = append(out, o.Place)
	}
	for _, run := range o.Runs {
		if run.Place != "" {
			out = append(out, run.Place)
		}
	}
	return out
}

func near(places []string, wanted string) bool {
	return slices.ContainsFunc(places, func(p string) bool { return strings.Contains(text.Fold(p), text.Fold(wanted)) })
}

// hours returns the workload, 0 if it is not told.
func hours(o catalogue.Offer) float64 {
	h, err := catalogue.ParseDuration(o.Workload)
	if err != nil {
		return 0
	}
	return h
}
