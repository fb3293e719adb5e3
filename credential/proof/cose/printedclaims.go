package cose

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/cbor"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	malformedPrinted reason.Code = "malformed/printed"
	notPrinted       reason.Code = "conflict/printed"

	claimStatus  = 65535  // of a Token Status List, section 6.3
	claimPrinted = -65537 // for private use (RFC 8392 section 9.1)

	maxPrinted       = 2048 // bytes of a short form: more is no code that a printed page shows
	maxPrintedText   = 512  // bytes of one value
	maxPrintedTypes  = 8
	maxPrintedStatus = 4
	sha256Size       = 32
	uuidPrefix       = "urn:uuid:"
)

// Keys in the private claim, as docs/printed.md has them.
const (
	printedID = iota
	printedTypes
	printedName
	printedAchievement
	printedIssuerName
	printedSubjectName
	printedDigest
	printedStatus
	printedCredits
	printedEnd
)

// check refuses what could not be read back.
func (p *Printed) check() error {
	for _, text := range []string{p.Issuer, p.Subject, p.ID, p.Name, p.Achievement, p.IssuerName, p.SubjectName, p.Credits} {
		if len(text) > maxPrintedText {
			return reason.New("resource_limit/printed", "", "a text of %d bytes is too long for a short form", len(text))
		}
	}
	switch {
	case p.Issuer == "":
		return reason.New(malformedPrinted, "/issuer", "a short form says who issued it")
	case p.From.IsZero() || p.Created.IsZero():
		return reason.New(malformedPrinted, "/validFrom", "a short form says since when it holds, and when it was signed")
	case len(p.Digest) != sha256Size:
		return reason.New(malformedPrinted, "", "a short form names its credential by a SHA-256")
	case len(p.Types) > maxPrintedTypes || len(p.Status) > maxPrintedStatus:
		return reason.New("resource_limit/printed", "", "%d types and %d places for its status are too many for a short form", len(p.Types), len(p.Status))
	}
	return nil
}

// append writes the claims, a CWT claims set in its one deterministic form.
func (p *Printed) append(out []byte) []byte {
	var body []byte
	n := 0
	add := func(is bool, name int64, write func([]byte) []byte) {
		if is {
			body = write(cbor.AppendInt(body, name))
			n++
		}
	}
	text := func(s string) func([]byte) []byte {
		return func(b []byte) []byte { return cbor.AppendText(b, s) }
	}
	number := func(t time.Time) func([]byte) []byte {
		return func(b []byte) []byte { return cbor.AppendInt(b, t.Unix()) }
	}
	add(true, claimIssuer, text(p.Issuer))
	add(p.Subject != "", claimSubject, text(p.Subject))
	add(!p.Until.IsZero(), claimExpires, number(p.Until))
	add(true, claimNotBefore, number(p.From))
	add(true, claimIssuedAt, number(p.Created))
	add(p.Token != nil, claimStatus, func(b []byte) []byte {
		b = cbor.AppendText(cbor.AppendMap(b, 1), "status_list")
		b = cbor.AppendUint(cbor.AppendText(cbor.AppendMap(b, 2), "idx"), p.Token.Index)
		return cbor.AppendText(cbor.AppendText(b, "uri"), p.Token.ListURL)
	})
	add(true, claimPrinted, p.appendPrivate)
	return append(cbor.AppendMap(out, n), body...)
}

func (p *Printed) appendPrivate(out []byte) []byte {
	var body []byte
	n := 0
	add := func(is bool, name uint64, write func([]byte) []byte) {
		if is {
			body = write(cbor.AppendUint(body, name))
			n++
		}
	}
	text := func(name uint64, s string) {
		add(s != "", name, func(b []byte) []byte { return cbor.AppendText(b, s) })
	}
	if id, ok := uuidBytes(p.ID); ok {
		add(true, printedID, func(b []byte) []byte { return cbor.AppendBytes(b, id) })
	} else {
		text(printedID, p.ID)
	}
	add(len(p.Types) > 0, printedTypes, func(b []byte) []byte {
		b = cbor.AppendArray(b, len(p.Types))
		for _, t := range p.Types {
			b = cbor.AppendText(b, t)
		}
		return b
	})
	text(printedName, p.Name)
	text(printedAchievement, p.Achievement)
	text(printedIssuerName, p.IssuerName)
	text(printedSubjectName, p.SubjectName)
	add(true, printedDigest, func(b []byte) []byte { return cbor.AppendBytes(b, p.Digest) })
	add(len(p.Status) > 0, printedStatus, func(b []byte) []byte {
		b = cbor.AppendArray(b, len(p.Status))
		for _, e := range p.Status {
			b = cbor.AppendText(cbor.AppendUint(cbor.AppendArray(b, 3), uint64(slices.Index(purposes(), e.Purpose))), e.ListURL)
			b = cbor.AppendUint(b, e.Index)
		}
		return b
	})
	text(printedCredits, p.Credits)
	return append(cbor.AppendMap(out, n), body...)
}

// purposes are those that have a number here.
func purposes() []string { return []string{status.Revocation, status.Suspension} }

// uuidBytes returns the number of a urn:uuid in the one way in which it is
// written back.
func uuidBytes(id string) ([]byte, bool) {
	digits, ok := strings.CutPrefix(id, uuidPrefix)
	raw, err := hex.DecodeString(strings.ReplaceAll(digits, "-", ""))
	return raw, ok && err == nil && len(raw) == 16 && uuidURN(raw) == id
}

func uuidURN(b []byte) string {
	return fmt.Sprintf("%s%x-%x-%x-%x-%x", uuidPrefix, b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// readPrinted reads the claims of a short form. Claims that it does not know
// are refused: nobody would show them.
func readPrinted(payload []byte) (p Printed, err error) {
	defer func() {
		if err != nil {
			err = reason.New(malformedPrinted, reason.AtOf(err), "the claims of the short form: %w", err)
		}
	}()
	r := cbor.NewReader(payload)
	if err := inMap(r, func(name int64) error { return p.readClaim(r, name) }); err != nil {
		return p, err
	}
	if err := r.End(); err != nil {
		return p, err
	}
	if err := p.check(); err != nil {
		return p, err
	}
	// One form only, so that nobody signs what is read in two ways.
	if !bytes.Equal(p.append(nil), payload) {
		return p, reason.New(malformedPrinted, "", "are not in their one form")
	}
	return p, nil
}

// inMap calls f with the keys of a map, in front of their values.
func inMap(r *cbor.Reader, f func(name int64) error) error {
	n, err := r.Map(maxClaims)
	for ; n > 0 && err == nil; n-- {
		var name int64
		if name, err = r.Int(1 << 20); err == nil {
			err = f(name)
		}
	}
	return err
}

func (p *Printed) readClaim(r *cbor.Reader, name int64) (err error) {
	text := func(to *string) { *to, err = r.Text(maxPrintedText) }
	date := func(to *time.Time) {
		var n int64
		if n, err = seconds(r); err == nil {
			*to = time.Unix(n, 0).UTC()
		}
	}
	switch name {
	case claimIssuer:
		text(&p.Issuer)
	case claimSubject:
		text(&p.Subject)
	case claimExpires:
		date(&p.Until)
	case claimNotBefore:
		date(&p.From)
	case claimIssuedAt:
		date(&p.Created)
	case claimStatus:
		return p.readTokenStatus(r)
	case claimPrinted:
		return inMap(r, func(name int64) error { return p.readPrivate(r, name) })
	default:
		return reason.New(malformedPrinted, "", "claim %d is not known here", name)
	}
	return err
}

func (p *Printed) readTokenStatus(r *cbor.Reader) error {
	p.Token = &status.TokenEntry{}
	if n, err := r.Map(1); err != nil || n != 1 {
		return reason.New(malformedPrinted, "/status", "is no status list")
	}
	if name, err := r.Text(maxPrintedText); err != nil || name != "status_list" {
		return reason.New(malformedPrinted, "/status", "is no status list")
	}
	n, err := r.Map(2)
	for ; n > 0 && err == nil; n-- {
		var name string
		if name, err = r.Text(maxPrintedText); err != nil {
			break
		}
		switch name {
		case "idx":
			p.Token.Index, err = r.Uint(1 << 62)
		case "uri":
			p.Token.ListURL, err = r.Text(maxPrintedText)
		default:
			return reason.New(malformedPrinted, "/status", "has more than a place in a list")
		}
	}
	return err
}

func (p *Printed) readPrivate(r *cbor.Reader, name int64) (err error) {
	text := func(to *string) { *to, err = r.Text(maxPrintedText) }
	switch name {
	case printedID:
		if r.IsText() {
			text(&p.ID)
			break
		}
		var id []byte
		if id, err = r.Bytes(16); err == nil && len(id) != 16 {
			return reason.New(malformedPrinted, "/id", "is no UUID")
		} else if err == nil {
			p.ID = uuidURN(id)
		}
	case printedTypes:
		err = each(r, maxPrintedTypes, func() error {
			t, err := r.Text(maxPrintedText)
			p.Types = append(p.Types, t)
			return err
		})
	case printedName:
		text(&p.Name)
	case printedAchievement:
		text(&p.Achievement)
	case printedIssuerName:
		text(&p.IssuerName)
	case printedSubjectName:
		text(&p.SubjectName)
	case printedDigest:
		p.Digest, err = r.Bytes(sha256Size)
	case printedStatus:
		err = each(r, maxPrintedStatus, func() error { return p.readEntry(r) })
	case printedCredits:
		text(&p.Credits)
		if v, wrong := strictjson.Parse([]byte(p.Credits), strictjson.Limits{}); wrong != nil || v.Kind() != strictjson.KindNumber {
			return reason.New(malformedPrinted, "/credits", "is no number")
		}
	default:
		return reason.New(malformedPrinted, "", "member %d is not known here", name)
	}
	return err
}

func each(r *cbor.Reader, limit int, f func() error) error {
	n, err := r.Array(limit)
	for ; n > 0 && err == nil; n-- {
		err = f()
	}
	return err
}

func (p *Printed) readEntry(r *cbor.Reader) error {
	if n, err := r.Array(3); err != nil || n != 3 {
		return reason.New(malformedPrinted, "/status", "an entry has three parts")
	}
	purpose, err := r.Uint(uint64(len(purposes()) - 1))
	if err != nil {
		return err
	}
	e := status.Entry{Purpose: purposes()[purpose]}
	if e.ListURL, err = r.Text(maxPrintedText); err != nil {
		return err
	}
	if e.Index, err = r.Uint(1 << 62); err != nil {
		return err
	}
	p.Status = append(p.Status, e)
	return nil
}
