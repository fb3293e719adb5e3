package credential

import (
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Limits bound what a document may cost; the zero value means the defaults
// (1 MiB, 64 levels, 100,000 values).
type Limits = strictjson.Limits

// Value is a JSON value of a document. See internal/strictjson.
type Value = strictjson.Value

// Version is an edition of the Verifiable Credentials Data Model.
type Version uint8

// The editions, by the first item of "@context".
const (
	UnknownVersion Version = iota
	V1                     // Data Model 1.1
	V2                     // Data Model 2.0
)

// String returns "1.1", "2.0" or "unknown".
func (v Version) String() string {
	switch v {
	case V1:
		return "1.1"
	case V2:
		return "2.0"
	default:
		return "unknown"
	}
}

// The base contexts (Data Model 1.1 and 2.0, section 4.1 and 4.3).
const (
	ContextV1 = "https://www.w3.org/2018/credentials/v1"
	ContextV2 = "https://www.w3.org/ns/credentials/v2"
)

// Credential is a credential as received or built. It is immutable.
type Credential struct {
	raw []byte
	doc *strictjson.Value
}

// Parse reads a credential from JSON. Errors are those of strict reading, and
// wrong_type/not-a-credential when the object is not marked as one.
func Parse(raw []byte, lim Limits) (*Credential, error) {
	doc, err := strictjson.ParseObject(raw, lim)
	if err != nil {
		return nil, err
	}
	return New(doc, raw)
}

// New gives the view of a document that was read already. Raw are the bytes
// in which it came, which for a JOSE form are not the document's.
func New(doc *Value, raw []byte) (*Credential, error) {
	c := &Credential{raw: raw, doc: doc}
	if !c.HasType("VerifiableCredential") && doc.Get("credentialSubject") == nil {
		return nil, reason.New("wrong_type/not-a-credential", "/type", "not marked as a VerifiableCredential")
	}
	return c, nil
}

// Raw returns the bytes in which the credential came. The caller must not
// change them.
func (c *Credential) Raw() []byte { return c.raw }

// Document returns the whole document.
func (c *Credential) Document() *Value { return c.doc }

// Version tells the edition of the data model by the first context.
func (c *Credential) Version() Version { return versionOf(c.doc) }

func versionOf(doc *Value) Version {
	contexts := doc.Get("@context").List()
	if len(contexts) == 0 {
		return UnknownVersion
	}
	switch first, _ := contexts[0].Text(); first {
	case ContextV1:
		return V1
	case ContextV2:
		return V2
	}
	return UnknownVersion
}

// Contexts returns the context URLs in order. Inline contexts are left out.
func (c *Credential) Contexts() []string { return texts(c.doc.Get("@context")) }

// ID returns the credential's id, empty when it has none.
func (c *Credential) ID() string { return ID(c.doc) }

// Types returns the values of "type".
func (c *Credential) Types() []string { return Types(c.doc) }

// HasType reports whether t is among the types.
func (c *Credential) HasType(t string) bool { return HasType(c.doc, t) }

// Name returns the credential's name in the first of the languages that it
// has, else in any.
func (c *Credential) Name(languages ...string) string { return Text(c.doc.Get("name"), languages...) }

// Description returns the credential's description, chosen as Name is.
func (c *Credential) Description(languages ...string) string {
	return Text(c.doc.Get("description"), languages...)
}

// IssuerID returns the id of the issuer, empty when there is none or the
// member is neither a string nor an object.
func (c *Credential) IssuerID() string { return ID(c.doc.Get("issuer")) }

// IssuerName returns the name that the issuer gives itself. It proves
// nothing: a verified name comes from a trust registry.
func (c *Credential) IssuerName(languages ...string) string {
	return Text(c.doc.Get("issuer").Get("name"), languages...)
}

// Subjects returns the credential's subjects, usually one.
func (c *Credential) Subjects() []*Value { return c.doc.Get("credentialSubject").List() }

// SubjectIDs returns the ids of those subjects that have one.
func (c *Credential) SubjectIDs() []string {
	var out []string
	for _, s := range c.Subjects() {
		if id := ID(s); id != "" {
			out = append(out, id)
		}
	}
	return out
}

// Status returns the entries of credentialStatus.
func (c *Credential) Status() []*Value { return c.doc.Get("credentialStatus").List() }

// Period returns from when and until when the credential is in force, zero
// where it sets no bound: validFrom and validUntil, or issuanceDate and
// expirationDate in Data Model 1.1; where it has both, the narrower. A time
// that is not an XML Schema dateTimeStamp is malformed/time, never "no bound".
func (c *Credential) Period() (from, until time.Time, err error) {
	for _, bound := range []struct {
		name     string
		to       *time.Time
		narrower func(t, than time.Time) bool
	}{
		{"issuanceDate", &from, time.Time.After}, {"validFrom", &from, time.Time.After},
		{"expirationDate", &until, time.Time.Before}, {"validUntil", &until, time.Time.Before},
	} {
		v := c.doc.Get(bound.name)
		if v == nil {
			continue
		}
		t, err := Time(v)
		if err != nil {
			return from, until, reason.Wrap(reason.MalformedTime, "/"+bound.name, err)
		}
		if bound.to.IsZero() || bound.narrower(t, *bound.to) {
			*bound.to = t
		}
	}
	if !from.IsZero() && !until.IsZero() && until.Before(from) {
		return from, until, reason.New(reason.MalformedTime, "/validUntil", "the credential ends before it begins")
	}
	return from, until, nil
}

// ID returns the id of a thing that stands as a URL or as an object with
// "id".
func ID(v *Value) string {
	if s, ok := v.Text(); ok {
		return s
	}
	s, _ := v.Get("id").Text()
	return s
}

// Types returns the values of v's "type", single or array.
func Types(v *Value) []string { return texts(v.Get("type")) }

// HasType reports whether v's "type" holds t.
func HasType(v *Value, t string) bool {
	for _, item := range v.Get("type").List() {
		if s, ok := item.Text(); ok && s == t {
			return true
		}
	}
	return false
}

func texts(v *Value) []string {
	var out []string
	for _, item := range v.List() {
		if s, ok := item.Text(); ok {
			out = append(out, s)
		}
	}
	return out
}

// Text returns a text that may stand as a string, a language value object or
// an array of those (Data Model 2.0 section 11.1), or as a language map: the
// one in the first of the languages that is there, else the first.
func Text(v *Value, languages ...string) string {
	if s, ok := v.Text(); ok { // as most are
		return s
	}
	type text struct{ language, value string }
	var all []text
	for _, item := range v.List() {
		if s, ok := item.Text(); ok {
			all = append(all, text{"", s})
			continue
		}
		if s, ok := item.Get("@value").Text(); ok {
			language, _ := item.Get("@language").Text()
			all = append(all, text{language, s})
			continue
		}
		for _, m := range item.Members() {
			if s, ok := m.Value.Text(); ok && !strings.HasPrefix(m.Name, "@") {
				all = append(all, text{m.Name, s})
			}
		}
	}
	for _, want := range languages {
		for _, t := range all {
			if strings.EqualFold(t.language, want) {
				return t.value
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	return all[0].value
}
