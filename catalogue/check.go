package catalogue

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Limits of an offer. A catalogue takes offers from anybody.
const (
	MaxText  = 20_000 // bytes of one text
	MaxItems = 200    // items of one list
)

// Check tells whether an offer can be kept: what makes it no offer is
// offer_invalid with the JSON pointer of the member.
func (o Offer) Check() error {
	switch {
	case o.ID == "":
		return invalid("id", "/id", "an offer has an id")
	case len(o.ID) > 300 || strings.ContainsFunc(o.ID, unprintable):
		return invalid("id", "/id", "an id has at most 300 bytes and no control characters")
	case o.Title.In() == "":
		return invalid("title", "/title", "an offer has a title")
	}
	if err := checkProviderID("/provider", o.Provider); err != nil {
		return err
	}
	for at, list := range map[string]int{"/runs": len(o.Runs), "/requires": len(o.Requires), "/outcomes": len(o.Outcomes),
		"/partOf": len(o.PartOf), "/schemes": len(o.Schemes), "/languages": len(o.Languages), "/subjects": len(o.Subjects)} {
		if list > MaxItems {
			return invalid("size", at, "%d items, the limit is %d", list, MaxItems)
		}
	}
	for at, texts := range map[string]Texts{"/title": o.Title, "/description": o.Description, "/assessment": o.Assessment, "/quality": o.Quality} {
		for l, s := range texts {
			if len(s) > MaxText {
				return invalid("size", at+"/"+l, "%d bytes, the limit is %d", len(s), MaxText)
			}
		}
	}
	if o.URL != "" && !WebAddress(o.URL) {
		return invalid("url", "/url", "is no http or https address")
	}
	if o.Type != "" && !slices.Contains([]Type{Course, Module, Programme, Microcredential, Exam}, o.Type) {
		return invalid("type", "/type", "%q is no type of offer", o.Type)
	}
	if !validMode(o.Mode) {
		return invalid("mode", "/mode", "%q is no mode", o.Mode)
	}
	for i, r := range o.Runs {
		at := "/runs/" + strconv.Itoa(i)
		for member, d := range map[string]Date{"/start": r.Start, "/end": r.End, "/deadline": r.Deadline} {
			if d != "" && !d.Valid() {
				return invalid("date", at+member, "%q is no day such as 2026-08-17", d)
			}
		}
		if r.Start != "" && r.End != "" && r.End < r.Start {
			return invalid("date", at+"/end", "ends before it starts")
		}
		if !validMode(r.Mode) {
			return invalid("mode", at+"/mode", "%q is no mode", r.Mode)
		}
	}
	if o.Workload != "" {
		if _, err := ParseDuration(o.Workload); err != nil {
			return invalid("workload", "/workload", "%q is no duration such as PT40H", o.Workload)
		}
	}
	if c := o.Credits; c != nil && (!(c.Value > 0 && c.Value <= 1000) || c.Scheme == "") {
		return invalid("credits", "/credits", "credits are a number above 0 and a scheme")
	}
	if o.Level.EQF < 0 || o.Level.EQF > 8 {
		return invalid("level", "/level/eqf", "EQF levels are 1 to 8")
	}
	if p := o.Price; p != nil && (!(p.Amount >= 0 && p.Amount <= 1e9) || len(p.Currency) != 3 || strings.ToUpper(p.Currency) != p.Currency) {
		return invalid("price", "/price", "a price is an amount and a currency such as NOK")
	}
	for i, ref := range o.PartOf {
		if _, _, ok := SplitRef(ref); !ok || ref == o.Ref() {
			return invalid("part-of", "/partOf/"+strconv.Itoa(i), "is not the ref of another offer")
		}
	}
	return nil
}

// Check tells whether a provider can be kept.
func (p Provider) Check() error {
	if err := checkProviderID("/id", p.ID); err != nil {
		return err
	}
	if p.Name.In() == "" {
		return invalid("provider", "/name", "a provider has a name")
	}
	if p.URL != "" && !WebAddress(p.URL) {
		return invalid("url", "/url", "is no http or https address")
	}
	return nil
}

// CheckAll checks what a Store is given. Errors have the place of the member
// under /providers/0 or /offers/0.
func CheckAll(providers []Provider, offers []Offer) error {
	under := func(list string, n int, err error) error {
		return reason.New(reason.CodeOf(err), "/"+list+"/"+strconv.Itoa(n)+reason.AtOf(err), "%w", errors.Unwrap(err))
	}
	for n, p := range providers {
		if err := p.Check(); err != nil {
			return under("providers", n, err)
		}
	}
	for n, o := range offers {
		if err := o.Check(); err != nil {
			return under("offers", n, err)
		}
	}
	return nil
}

// CheckOwn checks what Store.Replace is given, as CheckAll does, and that the
// offers are all p's.
func CheckOwn(p Provider, offers []Offer) error {
	for n, o := range offers {
		if o.Provider != p.ID {
			return invalid("provider", "/offers/"+strconv.Itoa(n)+"/provider", "the offer is of another provider than %s", p.ID)
		}
	}
	return CheckAll([]Provider{p}, offers)
}

func checkProviderID(at, id string) error {
	if id == "" || len(id) > 300 || strings.ContainsFunc(id, unprintable) || strings.ContainsAny(id, "# ") {
		return invalid("provider", at, "a provider's id has 1 to 300 bytes without spaces and #")
	}
	return nil
}

func invalid(fine, at, format string, args ...any) error {
	return reason.New(reason.OfferInvalid+"/"+reason.Code(fine), at, format, args...)
}

func unprintable(r rune) bool { return r < ' ' || r == 0x7f }

func validMode(m Mode) bool { return m == "" || m == Online || m == Onsite || m == Blended }

// WebAddress tells whether s is an absolute http or https URL.
func WebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// Valid tells whether d is a day of the calendar.
func (d Date) Valid() bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}

// ParseDuration reads an ISO 8601 duration as hours of work: a day is 7.5, a
// week 37.5, a month 162.5 and a year 1950 of them, after Norwegian working
// time.
func ParseDuration(s string) (hours float64, err error) {
	bad := reason.New(reason.OfferInvalid+"/workload", "", "%q is no duration such as PT40H", s)
	rest, ok := strings.CutPrefix(s, "P")
	if !ok || rest == "" {
		return 0, bad
	}
	units := "YMWD"
	for rest != "" {
		if r, ok := strings.CutPrefix(rest, "T"); ok {
			if units[0] == 't' || r == "" {
				return 0, bad
			}
			units, rest = "thms", r
			continue
		}
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		if digits == 0 || digits == len(rest) || digits > 12 {
			return 0, bad
		}
		n, err := strconv.ParseFloat(rest[:digits], 64)
		if err != nil {
			return 0, bad
		}
		unit := rest[digits]
		if units[0] == 't' {
			unit += 'a' - 'A'
		}
		at := strings.IndexByte(units, unit)
		if at < 0 || unit == 't' {
			return 0, bad
		}
		// Each unit at most once and in order; 't' stays as the mark of time.
		if units[0] == 't' {
			units = "t" + units[at+1:]
		} else {
			units = units[at+1:] + " "
		}
		hours += n * map[byte]float64{'Y': 1950, 'M': 162.5, 'W': 37.5, 'D': 7.5, 'h': 1, 'm': 1. / 60, 's': 1. / 3600}[unit]
		rest = rest[digits+1:]
	}
	return hours, nil
}
