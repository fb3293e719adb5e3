package recommend

import (
	"cmp"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/support"
)

// Aim is what a path is short in.
type Aim string

// The aims. What an offer does not tell counts as the dearest or longest one
// of the catalogue's middle half, so that silence is no advantage.
const (
	FewestCourses Aim = "courses"
	LeastMoney    Aim = "price"
	LeastTime     Aim = "hours"
)

// Step is one offer of a path.
type Step struct {
	Listing catalogue.Listing `json:"listing"`
	Closes  []catalogue.Texts `json:"closes,omitempty"` // skills of the goal
	// For is the ref of a later step that requires this one; "" if it is there
	// for what it closes.
	For string `json:"for,omitempty"`
	// Run is the first that can be taken after the steps that this one
	// requires; others may be under way. Nil: there is none, or none is told.
	Run   *catalogue.Run `json:"run,omitempty"`
	Unmet []Requirement  `json:"unmet,omitempty"` // by what is proven and the steps before
}

// Path is a way to a goal over several offers.
type Path struct {
	Aim   Aim                  `json:"aim"`
	Steps []Step               `json:"steps"`
	Left  []competence.Covered `json:"left,omitempty"` // what no step closes
	// Price and Hours are sums of what is told; the numbers of steps that do
	// not tell stand beside them.
	Price   float64 `json:"price"` // NOK
	NoPrice int     `json:"noPrice,omitempty"`
	Hours   float64 `json:"hours"`
	NoHours int     `json:"noHours,omitempty"`
	Credits float64 `json:"credits,omitempty"` // ECTS or studiepoeng, which are the same
}

// maxSteps bounds a path: who needs more has a goal for years, not a plan.
const maxSteps = 12

// Paths returns up to three ways to close the gap, one for each aim, without
// those that are the same. They are made greedily: what closes most for its
// cost first, with what it requires before it; then what has become needless
// is taken out. No gap, or none that the catalogue can close, gives none.
func Paths(in Input) []Path {
	r := newRanker(in)
	if in.Gap == nil || len(r.open) == 0 {
		return nil
	}
	p := planner{ranker: r, byRef: map[string]catalogue.Listing{}, closing: map[string][]int{}}
	for _, l := range in.Offers {
		if _, why := r.judge(l.Offer); why == "" {
			p.byRef[l.Offer.Ref()] = l
			p.refs = append(p.refs, l.Offer.Ref())
			if closes := p.find(l.Offer); len(closes) > 0 {
				p.closing[l.Offer.Ref()] = closes
			}
		}
	}
	slices.Sort(p.refs)
	p.untoldPrice = p.silence(func(o catalogue.Offer) float64 {
		if o.Price == nil {
			return 0
		}
		return o.Price.Amount
	})
	p.untoldHours = p.silence(hours)
	var out []Path
	for _, aim := range []Aim{FewestCourses, LeastMoney, LeastTime} {
		refs := p.choose(aim)
		if len(refs) == 0 || slices.ContainsFunc(out, func(o Path) bool { return same(o.refs(), refs) }) {
			continue
		}
		out = append(out, p.path(aim, refs))
	}
	return out
}

func (p Path) refs() []string {
	out := make([]string, len(p.Steps))
	for i, s := range p.Steps {
		out[i] = s.Listing.Offer.Ref()
	}
	return out
}

// same tells whether two lists hold the same refs, in any order.
func same(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

type planner struct {
	*ranker
	byRef   map[string]catalogue.Listing
	refs    []string
	closing map[string][]int // of the offers that lead to an open skill: which, by index
	// What an offer counts as that tells no price or workload.
	untoldPrice, untoldHours float64
}

// closes returns which of the open skills an offer leads to, by index.
func (p planner) closes(o catalogue.Offer) []int { return p.closing[o.Ref()] }

func (p planner) find(o catalogue.Offer) []int {
	var out []int
	for i, w := range p.open {
		if slices.ContainsFunc(o.Outcomes, func(x catalogue.Outcome) bool {
			return x.Skill != "" && p.in.Vocabulary.Similar(x.Skill, w.URI) >= 0.7
		}) {
			out = append(out, i)
		}
	}
	return out
}

// before returns the offers that must come before one and are not completed,
// the first first, and false if one of them cannot be had.
func (p planner) before(ref string, depth int) ([]string, bool) {
	var out []string
	for _, q := range p.byRef[ref].Offer.Requires {
		if q.Offer == "" || p.completed[q.Offer] != "" {
			continue
		}
		if _, there := p.byRef[q.Offer]; !there || depth > 5 {
			return nil, false
		}
		more, ok := p.before(q.Offer, depth+1)
		if !ok {
			return nil, false
		}
		for _, x := range append(more, q.Offer) {
			if !slices.Contains(out, x) && x != ref {
				out = append(out, x)
			}
		}
	}
	return out, true
}

// choose returns refs in an order that requirements allow.
func (p planner) choose(aim Aim) []string {
	closed := map[int]bool{}
	var chosen []string
	for len(chosen) < maxSteps {
		best, bestValue := []string(nil), 0.
		for _, ref := range p.refs {
			if len(p.closing[ref]) == 0 || slices.Contains(chosen, ref) {
				continue
			}
			needed, ok := p.before(ref, 0)
			if !ok {
				continue
			}
			bundle := slices.DeleteFunc(append(needed, ref), func(x string) bool { return slices.Contains(chosen, x) })
			gain, cost, seen := 0., 0., map[int]bool{}
			for _, x := range bundle {
				cost += p.cost(aim, p.byRef[x].Offer)
				for _, i := range p.closes(p.byRef[x].Offer) {
					if !closed[i] && !seen[i] {
						seen[i] = true
						gain += map[bool]float64{true: 3, false: 1}[p.open[i].Essential]
					}
				}
			}
			if value := gain / cost; value > bestValue && len(chosen)+len(bundle) <= maxSteps {
				best, bestValue = bundle, value
			}
		}
		if best == nil {
			break
		}
		for _, x := range best {
			chosen = append(chosen, x)
			for _, i := range p.closes(p.byRef[x].Offer) {
				closed[i] = true
			}
		}
	}
	return p.prune(chosen)
}

// prune takes out, from the last, what closes nothing of its own and what no
// other step requires.
func (p planner) prune(chosen []string) []string {
	for i := len(chosen) - 1; i >= 0; i-- {
		others := slices.Delete(slices.Clone(chosen), i, i+1)
		covered := map[int]bool{}
		required := false
		for _, x := range others {
			for _, k := range p.closes(p.byRef[x].Offer) {
				covered[k] = true
			}
			needed, _ := p.before(x, 0)
			required = required || slices.Contains(needed, chosen[i])
		}
		own := slices.ContainsFunc(p.closes(p.byRef[chosen[i]].Offer), func(k int) bool { return !covered[k] })
		if !own && !required {
			chosen = others
		}
	}
	return chosen
}

func (p planner) cost(aim Aim, o catalogue.Offer) float64 {
	switch aim {
	case LeastMoney:
		if o.Price == nil || o.Price.Currency != "NOK" {
			return p.untoldPrice
		}
		return o.Price.Amount + 1 // so that of two free ones the better is chosen
	case LeastTime:
		if o.Workload == "" {
			return p.untoldHours
		}
		return hours(o) + 1
	}
	return 1
}

// silence is what an untold price or workload counts as: the upper quartile.
func (p planner) silence(of func(catalogue.Offer) float64) float64 {
	var told []float64
	for _, ref := range p.refs {
		if x := of(p.byRef[ref].Offer); x > 0 {
			told = append(told, x)
		}
	}
	if len(told) == 0 {
		return 1
	}
	slices.Sort(told)
	return told[len(told)*3/4]
}

func (p planner) path(aim Aim, refs []string) Path {
	out := Path{Aim: aim}
	left := map[int]bool{}
	for i := range p.open {
		left[i] = true
	}
	refs = p.schedule(refs)
	ends := map[string]catalogue.Date{}
	taken := map[string]bool{}
	gives := map[string]bool{}
	for i, ref := range refs {
		o := p.byRef[ref].Offer
		s := Step{Listing: p.byRef[ref]}
		for _, k := range p.closes(o) {
			if left[k] {
				delete(left, k)
				s.Closes = append(s.Closes, p.open[k].Label)
			}
		}
		for _, later := range refs[i+1:] {
			if needed, _ := p.before(later, 0); s.For == "" && slices.Contains(needed, ref) {
				s.For = later
			}
		}
		for _, q := range p.requires(o) {
			if q.Met != support.Yes && !taken[q.Offer] && !gives[q.Skill] {
				s.Unmet = append(s.Unmet, q)
			}
		}
		s.Run, ends[ref] = next(o, p.earliest(ref, ends))
		taken[ref] = true
		for _, x := range o.Outcomes {
			gives[x.Skill] = x.Skill != ""
		}
		out.Steps = append(out.Steps, s)
		out.add(o)
	}
	for i, w := range p.open {
		if left[i] {
			out.Left = append(out.Left, w)
		}
	}
	return out
}

// schedule orders offers by when they can begin, each after those it requires;
// those without a run to come stand as late as they can.
func (p planner) schedule(refs []string) []string {
	var out []string
	ends := map[string]catalogue.Date{}
	for len(out) < len(refs) {
		best, bestStart := "", catalogue.Date("")
		for _, ref := range refs {
			needed, _ := p.before(ref, 0)
			if slices.Contains(out, ref) || slices.ContainsFunc(needed, func(x string) bool { return !slices.Contains(out, x) }) {
				continue
			}
			start := catalogue.Date("9999")
			if run, _ := next(p.byRef[ref].Offer, p.earliest(ref, ends)); run != nil {
				start = run.Start
			}
			if best == "" || start < bestStart {
				best, bestStart = ref, start
			}
		}
		if best == "" { // what is required goes round in a circle
			return refs
		}
		_, ends[best] = next(p.byRef[best].Offer, p.earliest(best, ends))
		out = append(out, best)
	}
	return out
}

// earliest is the day on which all that an offer requires has ended.
func (p planner) earliest(ref string, ends map[string]catalogue.Date) catalogue.Date {
	on := p.in.On
	needed, _ := p.before(ref, 0)
	for _, x := range needed {
		on = max(on, ends[x])
	}
	return on
}

func (p *Path) add(o catalogue.Offer) {
	if o.Price != nil && o.Price.Currency == "NOK" {
		p.Price += o.Price.Amount
	} else {
		p.NoPrice++
	}
	if h := hours(o); h > 0 {
		p.Hours += h
	} else {
		p.NoHours++
	}
	if c := o.Credits; c != nil && (c.Scheme == "ECTS" || c.Scheme == "studiepoeng") {
		p.Credits += c.Value
	}
}

// next finds the first run that begins on a day or later, and the day on which
// it ends; without one the day stays.
func next(o catalogue.Offer, on catalogue.Date) (*catalogue.Run, catalogue.Date) {
	runs := slices.DeleteFunc(slices.Clone(o.Runs), func(r catalogue.Run) bool { return r.Start == "" || r.Start < on })
	if len(runs) == 0 {
		return nil, on
	}
	first := slices.MinFunc(runs, func(a, b catalogue.Run) int { return cmp.Compare(a.Start, b.Start) })
	return &first, cmp.Or(first.End, first.Start)
}
