package formats

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/internal/strictjson"
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
func (r reader) readLines() error {
	r.Batch.Format = JSONLines
	n := 0
	for line := range bytes.Lines(r.Text) {
		if n++; r.Stopped() {
			return r.Err()
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			r.readLine(line, "line "+strconv.Itoa(n))
		}
	}
	return r.Err()
}

func (r reader) readLine(line []byte, at string) {
	v, err := strictjson.ParseObject(line, strictjson.Limits{})
	if err != nil {
		r.BrokenBy(at, "", err, string(line))
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
		r.Broken(at, "", "format", "the line is neither a provider nor an offer", string(line))
		return
	}
	id, _ := v.Get("id").Text()
	strict := json.NewDecoder(bytes.NewReader(line))
	strict.DisallowUnknownFields()
	if err := strict.Decode(to); err != nil {
		if loose := json.Unmarshal(line, to); loose != nil {
			r.Broken(at, id, "format", loose.Error(), string(line))
			return
		}
		r.Warn(at, id, "not-kept", err.Error(), "")
	}
	if p := e.Provider; p != nil {
		r.KeepProvider(at, *p)
		return
	}
	d := r.Draft(at)
	d.Offer = *e.Offer
	d.Keep()
}
