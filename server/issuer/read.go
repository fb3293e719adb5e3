package issuer

import (
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	core "github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// object reads an object of a request member by member, and remembers the first
// thing that is wrong. What is in it and was not asked for is wrong too: a
// misspelt member must not be an award without it.
type object struct {
	at    string
	value *strictjson.Value
	asked []string
	err   error
}

func (o *object) fail(name, format string, args ...any) {
	if o.err == nil {
		o.err = reason.New("malformed/request", strictjson.Pointer(o.at, name), format, args...)
	}
}

// member returns a member, nil if it is not there, and whether it is of a kind.
func (o *object) member(name string, kind strictjson.Kind) *strictjson.Value {
	o.asked = append(o.asked, name)
	v := o.value.Get(name)
	if v != nil && v.Kind() != kind {
		o.fail(name, "is %s", v.Kind())
		return nil
	}
	return v
}

func (o *object) text(name string) string {
	text, _ := o.member(name, strictjson.KindString).Text()
	if len(text) > maxText {
		o.fail(name, "has more than %d bytes", maxText)
	}
	return text
}

func (o *object) required(name string) string {
	text := o.text(name)
	if text == "" {
		o.fail(name, "is missing or empty")
	}
	return text
}

func (o *object) number(name string) float64 {
	n, _ := o.member(name, strictjson.KindNumber).Float()
	if n < 0 {
		o.fail(name, "is negative")
	}
	return n
}

// count reads a whole number from 0 to most, which has to be there.
func (o *object) count(name string, most int) int {
	v := o.member(name, strictjson.KindNumber)
	n, ok := v.Float()
	if !ok || n != math.Trunc(n) || n < 0 || n > float64(most) {
		o.fail(name, "is no whole number from 0 to %d", most)
		return 0
	}
	return int(n)
}

func (o *object) flag(name string) bool {
	b, _ := o.member(name, strictjson.KindBool).Bool()
	return b
}

// time reads a time with a zone; none is the zero time.
func (o *object) time(name string) time.Time {
	text := o.text(name)
	if text == "" {
		return time.Time{}
	}
	t, err := credential.ParseTime(text)
	if err != nil {
		o.fail(name, "is no time such as 2026-12-31T12:00:00Z")
	}
	return t
}

// texts reads a list of strings, nil if it is not there.
func (o *object) texts(name string) []string {
	v := o.member(name, strictjson.KindArray)
	if v == nil {
		return nil
	}
	out := []string{}
	for _, item := range v.Items() {
		text, ok := item.Text()
		if !ok {
			o.fail(name, "holds %s, where a string is expected", item.Kind())
		}
		out = append(out, text)
	}
	return out
}

// sub reads an object inside, and remembers what is wrong in it.
func (o *object) sub(name string, read func(*object)) {
	in := &object{at: strictjson.Pointer(o.at, name), value: o.member(name, strictjson.KindObject)}
	read(in)
	if err := in.done(); err != nil && o.err == nil {
		o.err = err
	}
}

// done returns the first thing that is wrong.
func (o *object) done() error {
	if o.err == nil {
		for _, m := range o.value.Members() {
			if !slices.Contains(o.asked, m.Name) {
				o.fail(m.Name, "there is no member of this name")
			}
		}
	}
	return o.err
}

// award is what is asked for.
type award struct {
	achievement string
	award       core.Award
}

// award reads an award; its key is set by the caller.
func (s *Server) award(c *call, o *object) award {
	a := award{achievement: o.required("achievement"), award: core.Award{Actor: c.actor()}}
	o.sub("recipient", func(o *object) {
		a.award.Recipient = core.Recipient{ID: o.text("id"), Email: o.text("email"), Name: o.text("name")}
	})
	if a.award.Recipient.ID == "" && a.award.Recipient.Email == "" {
		o.fail("recipient", "has neither an id nor an e-mail address")
	}
	a.award.Name, a.award.Narrative, a.award.Credits = o.text("name"), o.text("narrative"), o.number("credits")
	a.award.ValidFrom, a.award.ValidUntil, a.award.AwardedDate = o.time("validFrom"), o.time("validUntil"), o.time("awardedDate")
	a.award.Suspendable, a.award.Messages, a.award.Disclosable = o.flag("suspendable"), o.flag("messages"), o.texts("disclosable")
	s.secured(c, o, &a.award)
	return a
}

// maxKey bounds an idempotency key, in bytes.
const maxKey = 255

// checkKey refuses a key that is none: 1 to 255 printable ASCII characters.
func checkKey(key string) error {
	if key == "" || len(key) > maxKey || slices.ContainsFunc([]byte(key), func(b byte) bool { return b < ' ' || b > '~' }) {
		return reason.New("usage/idempotency-key", "", "a key has 1 to %d printable ASCII characters", maxKey)
	}
	return nil
}

// idempotencyKey reads the header: a string of structured fields (RFC 8941
// section 3.3.3) as the draft has it, or the bare text that most clients send.
func idempotencyKey(h http.Header) (string, error) {
	values := h.Values("Idempotency-Key")
	if len(values) != 1 {
		return "", reason.New("usage/idempotency-key", "", "this needs the header Idempotency-Key once, so that it is issued once")
	}
	text := values[0]
	if len(text) == 0 || text[0] != '"' {
		return text, checkKey(text)
	}
	var key []byte
	for n := 1; n < len(text); n++ {
		switch b := text[n]; {
		case b == '"' && n == len(text)-1:
			return string(key), checkKey(string(key))
		case b == '\\' && n+1 < len(text) && (text[n+1] == '"' || text[n+1] == '\\'):
			n++
			key = append(key, text[n])
		case b == '"' || b == '\\':
			return "", reason.New("usage/idempotency-key", "", "the header is no string of structured fields")
		default:
			key = append(key, b)
		}
	}
	return "", reason.New("usage/idempotency-key", "", "the string in the header has no end")
}
