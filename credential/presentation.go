package credential

import (
	"strconv"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Presentation is a Verifiable Presentation (Data Model 2.0 section 4.13): a
// holder's message that carries credentials.
type Presentation struct{ doc *strictjson.Value }

// IsPresentation reports whether a document is marked as a presentation.
func IsPresentation(doc *Value) bool { return HasType(doc, "VerifiablePresentation") }

// NewPresentation gives the view of a document that was read already.
func NewPresentation(doc *Value) *Presentation { return &Presentation{doc} }

// Document returns the whole document.
func (p *Presentation) Document() *Value { return p.doc }

// Holder returns the id of the holder, empty when none is named.
func (p *Presentation) Holder() string { return ID(p.doc.Get("holder")) }

// Part is a credential inside a presentation.
type Part struct {
	At    string // JSON pointer
	Value *Value // an object with its own proof, or a compact form as a string
}

// Credentials returns what "verifiableCredential" holds, in order.
func (p *Presentation) Credentials() []Part {
	v := p.doc.Get("verifiableCredential")
	if v.Kind() != strictjson.KindArray {
		if v == nil {
			return nil
		}
		return []Part{{"/verifiableCredential", v}}
	}
	out := make([]Part, len(v.Items()))
	for i, item := range v.Items() {
		out[i] = Part{strictjson.Pointer("/verifiableCredential", strconv.Itoa(i)), item}
	}
	return out
}
