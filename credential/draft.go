package credential

import (
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Draft is a credential to be built, in the terms of Data Model 2.0. Parts
// that a vocabulary defines, such as an Open Badges Profile or
// AchievementSubject, come as values.
type Draft struct {
	Contexts    []string // the base context is put in front
	ID          string   // a URL; required
	Types       []string // VerifiableCredential is put in front
	Name        string
	Description string
	Issuer      *Value // required: a URL as a string, or an object with id
	ValidFrom   time.Time
	ValidUntil  time.Time
	Subject     *Value   // required
	Status      []*Value // credentialStatus entries
	More        []Member // further members, in order
	MaxBytes    int      // of the document, zero: as Limits
}

// Member is a member of a JSON object.
type Member = strictjson.Member

// Build writes the draft as JSON with members in a fixed order and returns
// the view of those bytes.
func (d Draft) Build() (*Credential, error) {
	if d.ID == "" || ID(d.Issuer) == "" || d.Subject == nil {
		return nil, reason.New(reason.MalformedModel, "", "a draft needs an id, an issuer and a subject")
	}
	contexts := []*Value{strictjson.String(ContextV2)}
	for _, c := range d.Contexts {
		contexts = append(contexts, strictjson.String(c))
	}
	types := []*Value{strictjson.String("VerifiableCredential")}
	for _, t := range d.Types {
		types = append(types, strictjson.String(t))
	}
	members := []Member{
		{Name: "@context", Value: strictjson.Array(contexts...)},
		{Name: "id", Value: strictjson.String(d.ID)},
		{Name: "type", Value: strictjson.Array(types...)},
	}
	add := func(name string, v *Value) { members = append(members, Member{Name: name, Value: v}) }
	if d.Name != "" {
		add("name", strictjson.String(d.Name))
	}
	if d.Description != "" {
		add("description", strictjson.String(d.Description))
	}
	add("issuer", d.Issuer)
	if !d.ValidFrom.IsZero() {
		add("validFrom", strictjson.String(FormatTime(d.ValidFrom)))
	}
	if !d.ValidUntil.IsZero() {
		add("validUntil", strictjson.String(FormatTime(d.ValidUntil)))
	}
	add("credentialSubject", d.Subject)
	switch len(d.Status) {
	case 0:
	case 1:
		add("credentialStatus", d.Status[0])
	default:
		add("credentialStatus", strictjson.Array(d.Status...))
	}
	members = append(members, d.More...)
	return Parse(strictjson.Object(members...).AppendJSON(nil), Limits{MaxBytes: d.MaxBytes})
}
