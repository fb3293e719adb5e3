package formats

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// entry is one line of JSON Lines.
type entry struct {
	Provider *catalogue.Provider `json:"provider,omitempty"`
	Offer    *catalogue.Offer    `json:"offer,omitempty"`
}

const linesToTell = 20 // how many lines are looked at to tell the format

func isLines(text []byte) bool {
	if !hasPrefix(text, "{") {
		return false
	}
	n := 0
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if v, err := strictjson.Parse(line, strictjson.Limits{}); err == nil && lineKind(v) != "" {
			return true
		}
		if n++; n == linesToTell {
			break
		}
	}
	return false
}

// lineKind tells what a line holds: "provider" and "offer" by their wrapping,
// "bare provider" and "bare offer" by their members, "" for anything else.
func lineKind(v *strictjson.Value) string {
	if m := v.Members(); len(m) == 1 && m[0].Value.Kind() == strictjson.KindObject && (m[0].Name == "provider" || m[0].Name == "offer") {
		return m[0].Name
	}
	_, id := v.Get("id").Text()
	_, provider := v.Get("provider").Text()
	switch {
	case id && provider && v.Get("title").Kind() == strictjson.KindObject && v.Get("@context") == nil:
		return "bare offer"
	case id && v.Get("name").Kind() == strictjson.KindObject && v.Get("@context") == nil && v.Get("type") == nil:
		return "bare provider"
	}
	return ""
}

// readLines reads JSON Lines: each line {"provider":{…}} or {"offer":{…}}, or
// what is in them alone. Nothing is changed, so nothing is read with patience.
func (r *reader) readLines() error {
	r.batch.Format = JSONLines
	n := 0
	for line := range bytes.Lines(r.text) {
		if n++; r.stopped() {
			return r.err
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			r.readLine(line, "line "+strconv.Itoa(n))
		}
	}
	return r.err
}

func (r *reader) readLine(line []byte, at string) {
	v, err := strictjson.ParseObject(line, strictjson.Limits{})
	if err != nil {
		r.brokenBy(at, "", err, string(line))
		return
	}
	kind := lineKind(v)
	var e entry
	var to any = &e
	switch kind {
	case "bare offer":
		e.Offer = &catalogue.Offer{}
		to = e.Offer
	case "bare provider":
		e.Provider = &catalogue.Provider{}
		to = e.Provider
	case "":
		r.broken(at, "", "format", "the line is neither a provider nor an offer", string(line))
		return
	}
	strict := json.NewDecoder(bytes.NewReader(line))
	strict.DisallowUnknownFields()
	if err := strict.Decode(to); err != nil {
		if loose := json.Unmarshal(line, to); loose != nil {
			r.broken(at, textOf(v.Get("id")), "format", loose.Error(), string(line))
			return
		}
		r.warn(at, textOf(v.Get("id")), "not-kept", err.Error(), "")
	}
	if p := e.Provider; p != nil {
		r.takeProvider(at, *p)
		return
	}
	d := draft{Offer: *e.Offer, r: r, at: at}
	if err := d.Check(); err != nil {
		r.brokenBy(at, d.name(), err, "")
		return
	}
	if i, twice := r.offers[d.Ref()]; twice {
		if same(r.batch.Offers[i], d.Offer) {
			r.warn(at, d.name(), "duplicate", "stands twice, and was joined to the first", "")
		} else {
			r.broken(at, d.name(), "duplicate", "another offer of the same provider has the same id, and is kept", "")
		}
		return
	}
	if len(r.batch.Offers) >= r.o.Limits.MaxOffers {
		r.err = reason.New("resource_limit/offers", at, "more than %d offers", r.o.Limits.MaxOffers)
		return
	}
	r.offers[d.Ref()] = len(r.batch.Offers)
	r.batch.Offers = append(r.batch.Offers, d.Offer)
}

// takeProvider adds a provider as it is.
func (r *reader) takeProvider(at string, p catalogue.Provider) {
	if err := p.Check(); err != nil {
		r.brokenBy(at, p.ID, err, "")
		return
	}
	if i, twice := r.known[p.ID]; twice {
		a, err1 := json.Marshal(r.batch.Providers[i])
		b, err2 := json.Marshal(p)
		if err1 == nil && err2 == nil && !bytes.Equal(a, b) {
			r.broken(at, p.ID, "duplicate", "another provider has the same id, and is kept", "")
		}
		return
	}
	r.known[p.ID] = len(r.batch.Providers)
	r.batch.Providers = append(r.batch.Providers, p)
}
