package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/reason"
)

// Reader collects what the readers of the formats find. The first error that
// ends the reading stays, see Err.
type Reader struct {
	Options Options
	Text    []byte   // the source as UTF-8
	Base    *url.URL // where relative addresses start; nil: nowhere
	Batch   Batch

	ctx    context.Context
	err    error
	offers map[string]int    // ref → index in batch.Offers
	known  map[string]int    // provider's id → index in batch.Providers
	named  map[string]string // key of a provider's name → its id
	names  map[string]string // what the source calls an offer → its ref
	later  []link            // what refers to nodes that may not have been read yet
}

// link is a reference from one offer to another: refs, or what the source
// calls them.
type link struct {
	from, at    string
	to          []string // names of the same offer, the best first
	requirement int      // index in Requires, or -1 for PartOf
}

// Draft is an offer while it is read, with the problems that belong to it.
type Draft struct {
	catalogue.Offer
	At      string   // its place in the source
	Guess   string   // language of its texts, where nothing tells it: the one it is taught in
	Aliases []string // addresses under which the source may refer to it

	r     *Reader
	links []link
}

// New returns a reader of a source. The error is resource_limit/size or
// canceled.
func New(ctx context.Context, raw []byte, o Options) (*Reader, error) {
	o.Limits = o.Limits.OrDefault()
	if len(raw) > o.Limits.MaxBytes {
		return nil, reason.New(reason.LimitSize, "", "%d bytes, the limit is %d", len(raw), o.Limits.MaxBytes)
	}
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	r := &Reader{ctx: ctx, Options: o, offers: map[string]int{}, known: map[string]int{}, named: map[string]string{}, names: map[string]string{}}
	if catalogue.WebAddress(o.Base) {
		r.Base, _ = url.Parse(o.Base)
	}
	text, guessed := decode(raw)
	r.Text = text
	if guessed {
		r.Warn("", "", "encoding", "it is not UTF-8, and was read as Windows-1252", "")
	}
	return r, r.err
}

// decode returns text as UTF-8: UTF-16 by its mark, and else what is not UTF-8
// is Windows-1252.
func decode(raw []byte) (text []byte, guessed bool) {
	if cut, ok := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf")); ok {
		raw = cut
	}
	little, big := bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff"))
	if little || big {
		units := make([]uint16, 0, len(raw)/2)
		for i := 2; i+1 < len(raw); i += 2 {
			if u := uint16(raw[i])<<8 | uint16(raw[i+1]); big {
				units = append(units, u)
			} else {
				units = append(units, u<<8|u>>8)
			}
		}
		return []byte(string(utf16.Decode(units))), false
	}
	if utf8.Valid(raw) {
		return raw, false
	}
	high := []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")
	text = make([]byte, 0, len(raw)+len(raw)/8)
	for _, b := range raw {
		if b >= 0x80 && b < 0xa0 {
			text = utf8.AppendRune(text, high[b-0x80])
		} else {
			text = utf8.AppendRune(text, rune(b))
		}
	}
	return text, true
}

// Err is the error that ended the reading, nil for none.
func (r *Reader) Err() error { return r.err }

// Fail ends the reading. The first error stays.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Stopped tells whether reading is to end.
func (r *Reader) Stopped() bool {
	if err := r.ctx.Err(); err != nil && r.err == nil {
		r.err = reason.Wrap(reason.Canceled, "", err)
	}
	return r.err != nil
}

func (r *Reader) problem(p Problem) {
	if len(r.Batch.Problems) >= r.Options.Limits.MaxProblems && r.err == nil {
		r.err = reason.New("resource_limit/problems", p.At, "more than %d problems", r.Options.Limits.MaxProblems)
	}
	if r.err == nil {
		p.Value, p.Offer = shown(p.Value), shown(p.Offer)
		r.Batch.Problems = append(r.Batch.Problems, p)
	}
}

// Warn reports a value of an offer that is not taken as it stands. fine is the
// code behind offer_invalid/.
func (r *Reader) Warn(at, offer, fine, message, value string) {
	r.problem(Problem{At: at, Offer: offer, Code: reason.OfferInvalid + "/" + reason.Code(fine), Severity: Warning, Message: message, Value: value})
}

// Broken reports an offer that is not taken in.
func (r *Reader) Broken(at, offer, fine, message, value string) {
	r.problem(Problem{At: at, Offer: offer, Code: reason.OfferInvalid + "/" + reason.Code(fine), Severity: Broken, Message: message, Value: value})
}

// BrokenBy reports err with its own code; its place goes behind at.
func (r *Reader) BrokenBy(at, offer string, err error, value string) {
	message := strings.TrimPrefix(err.Error(), reason.AtOf(err)+": ")
	r.problem(Problem{At: join(at, reason.AtOf(err)), Offer: offer, Code: reason.CodeOf(err), Severity: Broken, Message: message, Value: value})
}

func join(at, pointer string) string {
	if at != "" && pointer != "" && at[0] != '/' {
		return at + " " + pointer
	}
	return at + pointer
}

// shown cuts a value for a report.
func shown(s string) string { return value.Cut(strings.ToValidUTF8(s, "\uFFFD"), maxShown) }

// Draft begins the reading of an offer that stands at a place in the source.
func (r *Reader) Draft(at string) *Draft { return &Draft{r: r, At: at} }

// LinkPart notes that the offer is part of another, which the source calls by
// one of the names, the best first.
func (d *Draft) LinkPart(at string, names ...string) {
	d.links = append(d.links, link{to: names, at: at, requirement: -1})
}

// LinkRequirement notes that the requirement which is added next is another
// offer.
func (d *Draft) LinkRequirement(at string, names ...string) {
	d.links = append(d.links, link{to: names, at: at, requirement: len(d.Requires)})
}

// LinkPart notes that an offer, by a name that the source has for it, is part
// of another.
func (r *Reader) LinkPart(at, from, whole string) {
	r.later = append(r.later, link{from: from, to: []string{whole}, at: at, requirement: -1})
}

// Name is how a report names the offer.
func (d *Draft) Name() string {
	if d.ID != "" {
		return d.ID
	}
	return d.Title.In()
}

// Warn is that of Reader, for this offer.
func (d *Draft) Warn(at, fine, message, value string) { d.r.Warn(at, d.Name(), fine, message, value) }

// readAs warns of a value that was read as something else than it says.
func (d *Draft) readAs(at, fine, value, as string) {
	d.r.problem(Problem{At: at, Offer: d.Name(), Code: reason.OfferInvalid + "/" + reason.Code(fine), Severity: Warning, Message: "was read as " + as, Value: value, As: as})
}

// SetText adds a text in a language, cleaned, without a second one for the same.
func (d *Draft) SetText(to *catalogue.Texts, at, language, s string, oneLine bool) {
	s = value.Plain(s)
	if oneLine {
		s = strings.Join(strings.Fields(s), " ")
	}
	if s == "" {
		return
	}
	if len(s) > catalogue.MaxText {
		d.Warn(at, "text-cut", "was cut at "+strconv.Itoa(catalogue.MaxText)+" bytes", s)
		s = strings.TrimSpace(value.Cut(s, catalogue.MaxText))
	}
	if language == "" {
		language = d.r.Options.Language
	}
	if language == "" {
		language = d.Guess
	}
	if l, ok := value.Language(language); ok {
		language = l
	} else {
		language = "und"
	}
	if *to == nil {
		*to = catalogue.Texts{}
	}
	if had, twice := (*to)[language]; twice && had != s {
		d.Warn(at, "text-second", "a second text in the language "+language+" is not kept", s)
		return
	}
	(*to)[language] = s
}

// Short cuts a word or name that is longer than such things are.
func (d *Draft) Short(s string) string {
	if len(s) > maxShown {
		d.Warn(d.At, "text-cut", "was cut at "+strconv.Itoa(maxShown)+" bytes", s)
	}
	return value.Cut(s, maxShown)
}

// SetCountry reads where a provider is.
func (d *Draft) SetCountry(to *string, at, s string) {
	switch s = strings.TrimSpace(s); {
	case s == "":
	case len(s) == 2:
		*to = strings.ToUpper(s)
	case value.Country(strings.ToUpper(value.LocalName(s))) != "" && len(value.LocalName(s)) == 3:
		*to = value.Country(strings.ToUpper(value.LocalName(s)))
	case slices.Contains([]string{"norge", "noreg", "norway"}, strings.ToLower(s)):
		*to = "NO"
	default:
		d.Warn(at, "country", "is no country that is known here", s)
	}
}

// SetAddress reads a web address, which may be relative to the source's own.
func (d *Draft) SetAddress(to *string, at, s string) {
	if s = strings.TrimSpace(s); s == "" || *to != "" {
		return
	}
	if full := d.Resolve(s); full != "" {
		*to = full
	} else {
		d.Warn(at, "url", "is no web address", s)
	}
}

// Resolve returns an absolute http or https address, or "".
func (d *Draft) Resolve(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || *u == (url.URL{}) {
		return "" // nothing is no address, not even that of the source
	}
	if r := d.r; r.Base != nil {
		u = r.Base.ResolveReference(u)
	}
	if full := u.String(); catalogue.WebAddress(full) && !strings.ContainsFunc(full, unicode.IsControl) {
		return full
	}
	return ""
}

// SetDate reads a day into one field of a run. exact says that the format itself
// prescribes how days are written.
func (d *Draft) SetDate(to *catalogue.Date, at, s string, exact bool) {
	if s = strings.TrimSpace(s); s == "" {
		return
	}
	day, asWritten, ok := value.Date(s)
	switch {
	case !ok:
		d.Warn(at, "date", "is no day that can be read", s)
		return
	case exact && !asWritten:
		d.readAs(at, "date-read", s, string(day))
	}
	*to = day
}

// SetMode reads where one is taught; two ways are blended.
func (d *Draft) SetMode(to *catalogue.Mode, at, s string) {
	if s = strings.TrimSpace(s); s == "" {
		return
	}
	switch m, ok := value.Mode(s); {
	case !ok:
		d.Warn(at, "mode", "says nothing about where one is taught", s)
	case *to != "" && *to != m:
		*to = catalogue.Blended
	default:
		*to = m
	}
}

// SetWorkload reads an amount of work. exact says that the format itself
// prescribes how it is written.
func (d *Draft) SetWorkload(at, s string, exact bool) {
	if s = strings.TrimSpace(s); s == "" {
		return
	}
	w, asWritten, ok := value.Workload(s)
	switch {
	case !ok:
		d.Warn(at, "workload", "is no amount of work that can be read", s)
	case d.Workload != "" && d.Workload != w:
		d.Warn(at, "workload-second", "differs from "+d.Workload+", which is kept", s)
	default:
		if d.Workload = w; exact && !asWritten {
			d.readAs(at, "workload-read", s, w)
		}
	}
}

// SetPrice reads an amount with a currency beside it, which may be "".
func (d *Draft) SetPrice(at, amount, currency string) {
	if amount = strings.TrimSpace(amount); amount == "" {
		return
	}
	n, own, asWritten, ok := value.Price(amount)
	if !ok {
		d.Warn(at, "price", "is no amount that can be read", amount)
		return
	}
	if given := strings.ToUpper(strings.TrimSpace(currency)); len(given) == 3 && strings.Trim(given, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		own = given
	} else if given != "" {
		if _, c, _, ok := value.Price("1 " + given); ok && c != "" {
			own = c
		}
		d.Warn(at, "price-currency", "the currency is no code such as NOK", currency)
	}
	if own == "" {
		own = strings.ToUpper(d.r.Options.Currency)
	}
	if own == "" && n == 0 {
		own = "NOK" // nothing is nothing in every currency
	}
	switch p := (catalogue.Price{Amount: n, Currency: own}); {
	case own == "":
		d.Warn(at, "price-no-currency", "names no currency, and is not taken in", amount)
	case d.Price != nil && *d.Price != p:
		d.Warn(at, "price-second", "one price is kept, and this is another", amount)
	default:
		if d.Price = &p; !asWritten {
			d.Warn(at, "price-about", "is the lowest or about the price, and was read as the price", amount)
		}
	}
}

// SetCredits reads a number of credits; scheme is that of a number alone.
func (d *Draft) SetCredits(at, s, scheme string) {
	if s = strings.TrimSpace(s); s == "" || s == "0" {
		return
	}
	n, own, ok := value.Credits(s)
	if !ok {
		d.Warn(at, "credits", "is no number of credits above 0", s)
		return
	}
	if own == "" {
		own = value.Scheme(scheme)
	}
	if own == "" {
		own = "credits"
		d.Warn(at, "credits-scheme", "does not say which credits", s)
	}
	c := catalogue.Credits{Value: n, Scheme: own}
	if d.Credits != nil && *d.Credits != c {
		d.Warn(at, "credits-second", "one number of credits is kept, and this is another", s)
		return
	}
	d.Credits = &c
}

// AddLanguages adds languages of teaching: one, or several with commas.
func (d *Draft) AddLanguages(at, s string) {
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '/' && !strings.Contains(s, "//") }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		if l, ok := value.Language(part); !ok {
			d.Warn(at, "language", "is no language that is known here", part)
		} else if !slices.Contains(d.Languages, l) {
			d.Languages = append(d.Languages, l)
		}
	}
}

// SetUpdated reads when the offer was last changed.
func (d *Draft) SetUpdated(at, s string) {
	if s = strings.TrimSpace(s); s == "" {
		return
	}
	if t, ok := value.Time(s); ok {
		d.Updated = t
	} else {
		d.Warn(at, "updated", "is no time of change that can be read", s)
	}
}

// Finish resolves what refers to other offers of the source.
func (r *Reader) Finish() error {
	for _, l := range r.later {
		i, there := r.offers[l.from]
		if !there {
			if i, there = r.offers[r.names[l.from]]; !there {
				r.Warn(l.at, "", "reference", "names no offer that is known here", l.from)
				continue
			}
			l.from = r.names[l.from]
		}
		o, ref := &r.Batch.Offers[i], ""
		for _, to := range l.to {
			if ref == "" {
				ref = r.refOf(to)
			}
		}
		switch {
		case ref == "" || ref == l.from:
			r.Warn(l.at, o.ID, "reference", "names no offer that is known here", strings.Join(l.to, ", "))
		case l.requirement >= 0:
			o.Requires[l.requirement].Offer = ref
		case !slices.Contains(o.PartOf, ref) && len(o.PartOf) < catalogue.MaxItems:
			o.PartOf = append(o.PartOf, ref)
		}
	}
	for i := range r.Batch.Offers { // a requirement of which nothing was left says nothing
		o := &r.Batch.Offers[i]
		o.Requires = slices.DeleteFunc(o.Requires, func(q catalogue.Requirement) bool {
			return len(q.Text) == 0 && q.Skill == "" && q.Offer == "" && q.EQF == 0
		})
		if len(o.Requires) == 0 {
			o.Requires = nil
		}
	}
	return r.err
}

// refOf finds an offer of the source, or one of a provider that is known, by
// its ref or by what the source calls it.
func (r *Reader) refOf(name string) string {
	if ref := r.names[name]; ref != "" {
		return ref
	}
	p, id, _ := catalogue.SplitRef(name)
	if _, here := r.known[p]; id != "" && (here || strings.HasPrefix(p, "did:")) {
		return name
	}
	return ""
}

// same tells whether two offers or providers differ in nothing.
func same[T any](a, b T) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}
