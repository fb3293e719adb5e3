package wallet

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Preview is exactly what the receiver of a share would see, with the values.
// It is for the holder's own screen.
type Preview struct {
	Audience  string    `json:"audience"`
	Purpose   string    `json:"purpose,omitempty"` // for the log alone: the receiver does not see it
	Challenge string    `json:"challenge,omitempty"`
	Expires   time.Time `json:"expires,omitzero"`
	// Holder is the key that signs, which the receiver sees; empty where one
	// would be made for this receiver.
	Holder string `json:"holder,omitempty"`
	Bound  bool   `json:"bound"` // as in Share
	// SameKey are other receivers that have seen the same key: the credentials
	// are about it, so no other would do.
	SameKey     []string            `json:"sameKey,omitempty"`
	Credentials []PreviewCredential `json:"credentials"`
}

// PreviewCredential is what the receiver would see of one credential.
type PreviewCredential struct {
	ID    string `json:"id"`    // of the item
	Title string `json:"title"` // as the receiver sees it: the name may be kept back
	Form  string `json:"form"`
	// Whole says that the form of the credential lets nothing be kept back.
	// Suite is what shows it in part otherwise.
	Whole    bool     `json:"whole"`
	Suite    proof.ID `json:"suite,omitempty"`
	Fields   []Field  `json:"fields"`
	Withheld []string `json:"withheld,omitempty"` // names of what could be shown, and is not
	// Unasked names what the receiver sees though the request did not name it:
	// all else, of a credential that can only be shown whole, or what its issuer
	// made to show always. It is empty where the request named nothing.
	Unasked []string `json:"unasked,omitempty"`
}

// Field is a value that stands in a credential.
type Field struct {
	Pointer string `json:"pointer"` // JSON pointer (RFC 6901) in what is shown
	Name    string `json:"name"`    // the same without the numbers of items, as the share log has it
	Value   string `json:"value"`   // a text as it is, anything else as in JSON

	empty bool // a list or an object with nothing in it
}

// Says reports whether a field is part of what a credential says, and not of
// how it is written and secured.
func (f Field) Says() bool {
	first, _, _ := strings.Cut(f.Name, ".")
	last := f.Name[strings.LastIndexByte(f.Name, '.')+1:]
	return !f.empty && first != "proof" && last != "@context" && last != "type" && !strings.Contains(f.Name, "@context.")
}

// Preview works out what Share would show to the receiver. No key is made, and
// nothing is logged or signed. Errors are those of Share.
func (w *Wallet) Preview(ctx context.Context, r ShareRequest) (Preview, error) {
	p, err := w.plan(ctx, r, w.now())
	if err != nil {
		return Preview{}, err
	}
	out := Preview{Audience: r.Audience, Purpose: r.Purpose, Challenge: r.Challenge, Expires: r.Expires, Holder: p.holder, Bound: p.bound}
	for _, s := range w.Shares() {
		if p.holder != "" && s.Holder == p.holder && s.Audience != r.Audience && !slices.Contains(out.SameKey, s.Audience) {
			out.SameKey = append(out.SameKey, s.Audience)
		}
	}
	for n, i := range p.items {
		doc, err := document(i.bytes())
		if err != nil {
			return Preview{}, err
		}
		c := PreviewCredential{ID: i.ID, Title: titleShown(i), Form: i.Form, Whole: p.parts[n].suite == nil, Fields: leaves(doc), Withheld: p.parts[n].withheld}
		if s, ok := p.parts[n].suite.(proof.Suite); ok {
			c.Suite = s.ID()
		}
		c.Unasked = r.unasked(c.Fields)
		out.Credentials = append(out.Credentials, c)
	}
	return out, nil
}

// titleShown returns what an item calls itself that was cut down to what is
// shown: the wallet calls it by the whole.
func titleShown(i Item) string {
	shown, err := describe(i.bytes())
	if err != nil {
		return typeName(i)
	}
	return shown.Title
}

// unasked names the fields that the request does not name. What is shown in
// part has other numbers of items than the whole, so names are compared.
func (r ShareRequest) unasked(shown []Field) []string {
	if len(r.Show) == 0 || r.ShowAll {
		return nil
	}
	var out []string
	for _, f := range shown {
		asked := slices.ContainsFunc(r.Show, func(pointer string) bool {
			name := fieldName(pointer)
			return f.Name == name || strings.HasPrefix(f.Name, name+".")
		})
		if !asked && f.Says() && !slices.Contains(out, f.Name) {
			out = append(out, f.Name)
		}
	}
	return out
}

// leaves returns all values of a document, in its order.
func leaves(doc *strictjson.Value) []Field {
	var out []Field
	var walk func(v *strictjson.Value, pointer, name string)
	walk = func(v *strictjson.Value, pointer, name string) {
		switch {
		case v.Kind() == strictjson.KindArray && len(v.Items()) > 0:
			for n, item := range v.Items() {
				walk(item, pointer+"/"+strconv.Itoa(n), name)
			}
		case v.Kind() == strictjson.KindObject && len(v.Members()) > 0:
			for _, m := range v.Members() {
				walk(m.Value, strictjson.Pointer(pointer, m.Name), strings.TrimPrefix(name+"."+m.Name, "."))
			}
		default:
			text, ok := v.Text()
			if !ok {
				text = string(v.AppendJSON(nil))
			}
			out = append(out, Field{pointer, name, text, v.Kind() == strictjson.KindArray || v.Kind() == strictjson.KindObject})
		}
	}
	walk(doc, "", "")
	return out
}
