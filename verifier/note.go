package verifier

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// Note names what a check has found, "period/until", so that it can be said in
// any language: Check.Detail is its English text with the arguments in it. The
// names are stable, and so are the number and the order of the arguments; new
// notes may come. The zero value says that there is none: then Check.Reason
// tells why, and Check.Detail is technical, in English.
type Note string

// ArgKind is what stands at a place of a text for a note: the letter behind its
// percent sign.
type ArgKind byte

// The kinds.
const (
	ArgText    ArgKind = 's' // a name, an id, an address, as it is
	ArgNumber  ArgKind = 'd' // in decimal digits
	ArgTime    ArgKind = 't' // as RFC 3339 has it, or the date of it alone
	ArgQuoted  ArgKind = 'q' // what somebody else says, to be put in quotation marks
	ArgVerdict ArgKind = 'v' // as Verdict.String has it
	ArgThing   ArgKind = 'w' // what is endorsed, as Endorsed.What has it
	ArgMatch   ArgKind = 'm' // identifiers with how they match, as Report.Recipient has them
	ArgPlace   ArgKind = 'l' // where in a trust policy, as trust.Voucher.Source has it
	ArgEnglish ArgKind = 'e' // technical, in English whatever the language; always the last
)

// Say puts arguments into the places of a text for a note, each as value
// writes it. A place without an argument stays as it stands.
func Say(text string, args []string, value func(kind ArgKind, arg string) string) string {
	if len(args) == 0 {
		return text
	}
	size := len(text)
	for _, arg := range args {
		size += len(arg)
	}
	var b strings.Builder
	b.Grow(size)
	for _, arg := range args {
		at := strings.IndexByte(text, '%')
		if at < 0 || at+1 == len(text) {
			break
		}
		b.WriteString(text[:at])
		b.WriteString(value(ArgKind(text[at+1]), arg))
		text = text[at+2:]
	}
	b.WriteString(text)
	return b.String()
}

// inEnglish writes an argument for Check.Detail.
func inEnglish(kind ArgKind, arg string) string {
	switch kind {
	case ArgQuoted:
		return strconv.Quote(arg)
	case ArgThing:
		return "the " + arg
	}
	return arg
}

// found is a check with what it found. The arguments are kept in one piece for
// the whole report: there are many checks, and most have one or two.
func (r *Report) found(id CheckID, outcome Outcome, note Note, args ...string) Check {
	c := Check{ID: id, Outcome: outcome, Note: note}
	if len(args) > 0 {
		if r.args == nil {
			r.args = make([]string, 0, usualArgs)
		}
		from := len(r.args)
		r.args = append(r.args, args...)
		c.Args = r.args[from:len(r.args):len(r.args)]
	}
	c.Detail = Say(note.Text(), c.Args, inEnglish)
	return c
}

// usualArgs is how many arguments the notes of most credentials have.
const usualArgs = 8

func (r *Report) pass(id CheckID, note Note, args ...string) {
	r.add(r.found(id, Pass, note, args...))
}

// passAsOf is pass, by what is of some age and stands somewhere.
func (r *Report) passAsOf(id CheckID, at string, asOf time.Time, note Note, args ...string) {
	c := r.found(id, Pass, note, args...)
	c.At, c.AsOf = at, asOf
	r.add(c)
}

func (r *Report) notApplicable(id CheckID, note Note) { r.add(r.found(id, NotApplicable, note)) }

// notMade says why a check was not made.
func (r *Report) notMade(id CheckID, note Note, args ...string) {
	r.add(r.found(id, NotRun, note, args...))
}

func (r *Report) warn(id CheckID, code reason.Code, at string, note Note, args ...string) {
	c := r.found(id, Warn, note, args...)
	c.Reason, c.At = code, at
	r.add(c)
}

// fail says why a check does not hold, where a note can say more than the code.
func (r *Report) fail(id CheckID, code reason.Code, at string, note Note, args ...string) {
	c := r.found(id, Fail, note, args...)
	c.Reason, c.At = code, at
	r.add(c)
}

// number writes a count as an argument.
func number(n int) string { return strconv.Itoa(n) }

// trusted says by which source an issuer is trusted: the first that vouches,
// where the registry tells.
func (r *Report) trusted(d trust.Decision) {
	if len(d.Vouchers) == 0 {
		switch d.Source {
		case trust.NamedInCall:
			r.pass(CheckTrust, NoteTrustedHere)
		case trust.Anyone:
			r.pass(CheckTrust, NoteTrustedAnyone)
		default:
			r.pass(CheckTrust, NoteTrustedSource, d.Source)
		}
		return
	}
	v := d.Vouchers[0]
	switch v.Kind {
	case trust.KindRegistry:
		r.pass(CheckTrust, NoteTrustedRegistry, v.Who(), v.Date(), v.Source)
	case trust.KindList:
		r.pass(CheckTrust, NoteTrustedList, v.Who(), v.Date(), v.Source)
	case trust.KindAccreditor:
		r.pass(CheckTrust, NoteTrustedAccreditor, v.Who(), v.Source)
	default:
		r.pass(CheckTrust, NoteTrustedEntry, v.Source)
	}
}

// notTrusted says why an issuer is not trusted.
func (r *Report) notTrusted(d trust.Decision) {
	code := cmp.Or(d.Code, reason.UntrustedIssuer)
	switch d.Why {
	case trust.NotNamedInCall:
		r.fail(CheckTrust, code, "/issuer", NoteNotNamedHere, r.Issuer.ID)
	case trust.NotInPolicy:
		r.fail(CheckTrust, code, "/issuer", NoteNotInPolicy, r.Issuer.ID)
	default:
		r.fail(CheckTrust, code, "/issuer", NoteNotTrusted, r.Issuer.ID, d.Why)
	}
}
