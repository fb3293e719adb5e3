package cose

import (
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// PrintedForm is the name of the suite for short forms.
const PrintedForm proof.ID = "printed+cose"

// PrintedType is the type that a short form states (RFC 9596).
const PrintedType = "application/vnd.bevis.printed+cose"

// Printed is what a short form says: claims of a credential that is too long
// for a code on paper, and the digest of it. The claims are copied; who signs
// says that they are the credential's.
type Printed struct {
	Issuer      string // its id
	Subject     string // its id, may be empty
	From, Until time.Time
	Created     time.Time // when the short form was signed
	ID          string    // of the credential, may be empty
	Types       []string  // of the credential, beside VerifiableCredential
	Name        string    // of the achievement, else of the credential
	Achievement string    // its id, may be empty
	IssuerName  string    // as the credential gives it, may be empty
	SubjectName string    // as the credential gives it, may be empty
	Credits     string    // as JSON writes the number, may be empty
	Digest      []byte    // of the credential, as Digest returns it

	// Status has the entries for revocation and suspension, and Token what the
	// claim of a token says (Token Status List), nil for nothing.
	Status []status.Entry
	Token  *status.TokenEntry
}

// Digest returns the SHA-256 by which a short form names its credential: of a
// JSON document in its canonical form (RFC 8785) with its proofs, so that other
// white space is no other credential; of a token without what a holder adds to
// it, up to the first "~"; of a COSE message as it stands.
func Digest(in *proof.Input) ([]byte, error) {
	signed := in.COSE
	switch {
	case in.Compact != "":
		token, _, _ := strings.Cut(in.Compact, "~")
		signed = []byte(token)
	case in.Document != nil:
		var err error
		if signed, err = jcs.Append(nil, in.Document); err != nil {
			return nil, err
		}
	}
	sum := sha256.Sum256(signed)
	return sum[:], nil
}

// Shorten returns the short form of a credential as it was opened, with texts
// in the first of the languages that they are in. It judges nothing. Errors
// are conflict/printed, where what must not get lost has no place in a
// short form, and resource_limit/printed, where it gets too long.
func Shorten(of *proof.Secured, created time.Time, languages ...string) (Printed, error) {
	c, err := credential.New(of.Document, nil)
	if err != nil {
		return Printed{}, err
	}
	out := Printed{Issuer: c.IssuerID(), Created: created.UTC().Truncate(time.Second), ID: c.ID(), IssuerName: c.IssuerName(languages...)}
	if out.Digest, err = Digest(of.Input); err != nil {
		return out, err
	}
	if out.From, out.Until, err = c.Period(); err != nil {
		return out, err
	}
	for _, since := range []time.Time{of.NotBefore, of.Created, out.Created} { // where it does not say
		if out.From.IsZero() {
			out.From = since
		}
	}
	if !of.Expires.IsZero() && (out.Until.IsZero() || of.Expires.Before(out.Until)) {
		out.Until = of.Expires
	}
	out.Types = slices.DeleteFunc(c.Types(), func(t string) bool { return t == "VerifiableCredential" })
	if len(c.Subjects()) != 1 {
		return out, reason.New(notPrinted, "/credentialSubject", "a short form is about one subject, this is about %d", len(c.Subjects()))
	}
	subject := c.Subjects()[0]
	out.Subject, out.SubjectName = credential.ID(subject), subjectName(subject, languages)
	achievement := subject.Get("achievement")
	out.Achievement, out.Name = credential.ID(achievement), credential.Text(achievement.Get("name"), languages...)
	if out.Name == "" {
		out.Name = c.Name(languages...)
	}
	out.Credits, _ = subject.Get("creditsEarned").Literal()
	for i, v := range c.Status() {
		e, err := status.ParseEntry(v, "/credentialStatus")
		if err != nil {
			return out, reason.New(notPrinted, "/credentialStatus", "entry %d is of a kind that a short form has no place for: %w", i, err)
		}
		if e.Purpose != status.Revocation && e.Purpose != status.Suspension {
			continue // which says nothing about whether it holds
		}
		if e.Legacy || e.Size > 1 {
			return out, reason.New(notPrinted, "/credentialStatus", "entry %d is of a kind that a short form has no place for", i)
		}
		out.Status = append(out.Status, e)
	}
	if of.Status != nil {
		e, err := status.ParseTokenEntry(of.Status, "/status")
		if err != nil {
			return out, err
		}
		out.Token = &e
	}
	return out, out.check()
}

// subjectName returns the name that a credential gives whom it is about.
func subjectName(subject *credential.Value, languages []string) string {
	if name := credential.Text(subject.Get("name"), languages...); name != "" {
		return name
	}
	for _, id := range subject.Get("identifier").List() {
		kind, _ := id.Get("identityType").Text()
		hashed, _ := id.Get("hashed").Bool()
		if name, _ := id.Get("identityHash").Text(); kind == "name" && !hashed {
			return name
		}
	}
	return ""
}

// document returns the claims in the terms of the data model.
func (p *Printed) document() *strictjson.Value {
	str := strictjson.String
	var out []strictjson.Member
	add := func(to *[]strictjson.Member, name, text string) {
		if text != "" {
			*to = append(*to, strictjson.Member{Name: name, Value: str(text)})
		}
	}
	types := []*strictjson.Value{str("VerifiableCredential")}
	for _, t := range p.Types {
		types = append(types, str(t))
	}
	contexts := []*strictjson.Value{str(credential.ContextV2)}
	out = append(out, strictjson.Member{Name: "@context", Value: strictjson.Array(contexts...)})
	add(&out, "id", p.ID)
	out = append(out, strictjson.Member{Name: "type", Value: strictjson.Array(types...)})
	add(&out, "name", p.Name)
	var issuer, subject, achievement []strictjson.Member
	add(&issuer, "id", p.Issuer)
	add(&issuer, "name", p.IssuerName)
	out = append(out, strictjson.Member{Name: "issuer", Value: strictjson.Object(issuer...)})
	add(&out, "validFrom", credential.FormatTime(p.From))
	if !p.Until.IsZero() {
		add(&out, "validUntil", credential.FormatTime(p.Until))
	}
	add(&subject, "id", p.Subject)
	add(&subject, "name", p.SubjectName)
	add(&achievement, "id", p.Achievement)
	add(&achievement, "name", p.Name)
	if len(achievement) > 0 {
		subject = append(subject, strictjson.Member{Name: "achievement", Value: strictjson.Object(achievement...)})
	}
	if n, err := strictjson.Parse([]byte(p.Credits), strictjson.Limits{}); err == nil {
		subject = append(subject, strictjson.Member{Name: "creditsEarned", Value: n})
	}
	out = append(out, strictjson.Member{Name: "credentialSubject", Value: strictjson.Object(subject...)})
	if len(p.Status) > 0 {
		var entries []*strictjson.Value
		for _, e := range p.Status {
			entries = append(entries, e.Value().Without("id"))
		}
		out = append(out, strictjson.Member{Name: "credentialStatus", Value: strictjson.Array(entries...)})
	}
	return strictjson.Object(out...)
}

// tokenStatus returns the status claim as a token has it, nil for none.
func (p *Printed) tokenStatus() *strictjson.Value {
	if p.Token == nil {
		return nil
	}
	list := strictjson.Object(strictjson.Member{Name: "idx", Value: strictjson.Int(int64(p.Token.Index))}, strictjson.Member{Name: "uri", Value: strictjson.String(p.Token.ListURL)})
	return strictjson.Object(strictjson.Member{Name: "status_list", Value: list})
}
