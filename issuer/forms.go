package issuer

import (
	"encoding/json"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
)

// Form is a credential in one form.
type Form struct {
	Suite      proof.ID `json:"suite"`      // how it is secured
	Credential []byte   `json:"credential"` // exactly as issued
}

// Forms returns all forms in which it was issued, that of Credential first.
func (i Issued) Forms() []Form { return append([]Form{{i.Form, i.Credential}}, i.Others...) }

// Forms returns all forms in which it was issued, that of Credential first.
func (r Record) Forms() []Form {
	return append([]Form{{proof.ID(r.Form), r.Credential}}, r.Others...)
}

// MarshalForms writes the other forms of a record as ledgers may keep them, in
// one text; empty for none.
func MarshalForms(others []Form) (string, error) {
	if len(others) == 0 {
		return "", nil
	}
	text, err := json.Marshal(others)
	return string(text), reason.Wrap(reason.Internal, "", err)
}

// UnmarshalForms reads what MarshalForms wrote.
func UnmarshalForms(text string) ([]Form, error) {
	if text == "" {
		return nil, nil
	}
	var out []Form
	err := json.Unmarshal([]byte(text), &out)
	return out, reason.Wrap(reason.IO, "", err)
}
