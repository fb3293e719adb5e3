package report

import (
	"bytes"
	"encoding/json"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/app"
)

// AppendResult appends a result in JSON on one line, without its end: byte for
// byte what encoding/json writes without escapes for HTML, under EscapeJSON. With
// again the member "repeat" is its line, else that of the result. The error is
// about a time that has no form in JSON.
//
// Results are written by the hundred thousand, and this takes a third of the time
// of encoding/json. What few results hold is left to that.
func AppendResult(b []byte, r *app.VerifyResult, again *Repeater) ([]byte, error) {
	o := &object{b: b}
	o.result(r, again)
	return o.b, o.err
}

// object writes JSON objects. Members come in the order in which their structs
// declare them, and those that are empty are left out where that is declared.
type object struct {
	b   []byte
	err error // the first
}

func (o *object) result(r *app.VerifyResult, again *Repeater) {
	o.begin()
	o.some("input", r.Input)
	o.text("verdict", r.Verdict)
	o.text("reason", r.Reason)
	o.some("message", r.Message)
	o.some("kind", r.Kind)
	o.some("form", r.Form)
	o.some("carrier", r.Carrier)
	o.moment("judgedAt", &r.JudgedAt)
	o.issuer(r.Issuer)
	o.some("holder", r.Holder)
	o.claims(r.Claims)
	if r.Disclosed != 0 {
		o.other("disclosed", r.Disclosed)
	}
	if r.Withheld != 0 {
		o.other("withheld", r.Withheld)
	}
	o.checks(r.Checks)
	o.contexts(r.Contexts)
	o.results("credentials", r.Credentials)
	o.content(&r.ResultContent)
	if again != nil {
		o.name("repeat")
		o.b = again.appendJSON(o.b, r)
	} else {
		o.some("repeat", r.Repeat)
	}
	o.some("sha256", r.SHA256)
	if r.Coverage != nil {
		o.other("coverage", r.Coverage)
	}
	if len(r.SecondOpinion) > 0 {
		o.other("secondOpinion", r.SecondOpinion)
	}
	if r.Bundle != nil {
		o.other("bundle", r.Bundle)
	}
	o.end()
}

func (o *object) issuer(i *app.ResultIssuer) {
	if i == nil {
		return
	}
	o.name("issuer")
	o.begin()
	o.text("id", i.ID)
	o.some("verifiedName", i.VerifiedName)
	o.some("nameBy", i.NameBy)
	o.some("claimedName", i.ClaimedName)
	o.some("trustedBy", i.TrustedBy)
	if len(i.Vouchers) > 0 {
		o.other("vouchers", i.Vouchers)
	}
	if i.ContinuedBy != nil {
		o.other("continuedBy", i.ContinuedBy)
	}
	o.end()
}

func (o *object) claims(c *app.ResultClaims) {
	if c == nil {
		return
	}
	o.name("claims")
	o.begin()
	o.some("id", c.ID)
	o.texts("types", c.Types)
	o.some("name", c.Name)
	o.texts("subject", c.Subject)
	o.some("achievement", c.Achievement)
	o.some("description", c.Description)
	o.some("criteria", c.Criteria)
	o.some("achievementType", c.Level)
	if c.Credits != 0 {
		o.other("creditsEarned", c.Credits)
	}
	o.texts("skills", c.Skills)
	o.texts("results", c.Results)
	o.texts("evidence", c.Evidence)
	o.some("recipient", c.Recipient)
	o.some("validFrom", c.ValidFrom)
	o.some("validUntil", c.ValidUntil)
	o.end()
}

func (o *object) checks(all []app.ResultCheck) {
	o.name("checks")
	if all == nil {
		o.b = append(o.b, "null"...)
		return
	}
	o.list(len(all), func(n int) {
		c := &all[n]
		o.begin()
		o.text("id", c.ID)
		o.text("outcome", c.Outcome)
		o.some("code", c.Code)
		o.some("at", c.At)
		o.some("message", c.Message)
		o.some("note", c.Note)
		o.texts("args", c.Args)
		o.some("next", c.Next)
		if c.AsOf != nil {
			o.moment("asOf", c.AsOf)
		}
		o.end()
	})
}

func (o *object) contexts(all []app.ResultDigest) {
	if len(all) == 0 {
		return
	}
	o.name("contexts")
	o.list(len(all), func(n int) {
		o.begin()
		o.text("url", all[n].URL)
		o.text("sha256", all[n].SHA256)
		o.some("edition", all[n].Edition)
		o.end()
	})
}

func (o *object) content(c *app.ResultContent) {
	o.some("at", c.At)
	if len(c.Bindings) > 0 {
		o.other("bindings", c.Bindings)
	}
	o.texts("recipient", c.Recipient)
	if c.Endorses != nil {
		o.other("endorses", c.Endorses)
	}
	o.results("endorsements", c.Endorsements)
	o.results("nested", c.Nested)
	if len(c.Associations) > 0 {
		o.other("associations", c.Associations)
	}
	if c.Refreshed != nil {
		o.other("refreshed", c.Refreshed)
	}
}

func (o *object) results(name string, all []app.VerifyResult) {
	if len(all) == 0 {
		return
	}
	o.name(name)
	o.list(len(all), func(n int) { o.result(&all[n], nil) })
}

func (o *object) begin() { o.b = append(o.b, '{') }
func (o *object) end()   { o.b = append(o.b, '}') }

// name begins a member. Names need no escapes.
func (o *object) name(name string) {
	if o.b[len(o.b)-1] != '{' {
		o.b = append(o.b, ',')
	}
	o.b = append(append(append(o.b, '"'), name...), '"', ':')
}

// list writes an array of as many items as item writes, one at a time.
func (o *object) list(items int, item func(n int)) {
	o.b = append(o.b, '[')
	for n := range items {
		if n > 0 {
			o.b = append(o.b, ',')
		}
		item(n)
	}
	o.b = append(o.b, ']')
}

func (o *object) text(name, value string) {
	o.name(name)
	o.b = append(appendText(append(o.b, '"'), value), '"')
}

// some is text, left out where it is empty.
func (o *object) some(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

// texts is left out where there are none.
func (o *object) texts(name string, values []string) {
	if len(values) == 0 {
		return
	}
	o.name(name)
	o.list(len(values), func(n int) { o.b = append(appendText(append(o.b, '"'), values[n]), '"') })
}

func (o *object) moment(name string, t *time.Time) {
	o.name(name)
	text, err := t.AppendText(append(o.b, '"'))
	if err != nil {
		o.fail(err)
		return
	}
	o.b = append(text, '"')
}

// other writes any value as encoding/json does.
func (o *object) other(name string, v any) {
	o.name(name)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		o.fail(err)
		return
	}
	o.b = append(o.b, EscapeJSON(bytes.TrimSuffix(b.Bytes(), []byte("\n")))...)
}

func (o *object) fail(err error) {
	if o.err == nil {
		o.err = err
	}
}

// appendText appends what stands between the quotation marks of a JSON string.
func appendText(b []byte, text string) []byte {
	const digits = "0123456789abcdef"
	from := 0 // where what was not copied yet begins
	for i := 0; i < len(text); {
		c, size := text[i], 1
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= ' ' && c < 0x7F && c != '"' && c != '\\': // most
			i++
			continue
		case c < ' ' || c == '"' || c == '\\':
			b = append(append(b, text[from:i]...), '\\')
			switch c {
			case '"', '\\':
				b = append(b, c)
			case '\b':
				b = append(b, 'b')
			case '\f':
				b = append(b, 'f')
			case '\n':
				b = append(b, 'n')
			case '\r':
				b = append(b, 'r')
			case '\t':
				b = append(b, 't')
			default:
				b = append(b, 'u', '0', '0', digits[c>>4], digits[c&0xF])
			}
		default:
			var r rune
			if r, size = utf8.DecodeRuneInString(text[i:]); !Misleads(r) && (r != utf8.RuneError || size > 1) {
				i += size
				continue
			}
			b = append(b, text[from:i]...)
			for _, unit := range utf16.AppendRune(nil, r) {
				b = append(b, '\\', 'u', digits[unit>>12], digits[unit>>8&0xF], digits[unit>>4&0xF], digits[unit&0xF])
			}
		}
		i += size
		from = i
	}
	return append(b, text[from:]...)
}
