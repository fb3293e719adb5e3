package app

import (
	"context"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/compare"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// CompareSchema names the form of a Comparison in JSON.
const CompareSchema = "bevis.compare/v1"

// Comparison says whether two documents say the same, and where not. Neither
// was verified.
type Comparison struct {
	Schema string       `json:"schema"`
	First  ComparedFile `json:"first"`
	Second ComparedFile `json:"second"`
	compare.Result
}

// ComparedFile is one of the two documents.
type ComparedFile struct {
	Input   string `json:"input"`
	Form    string `json:"form"`
	Carrier string `json:"carrier,omitempty"`
	// Kind is what it was before it was converted, empty where it was not. Then
	// pointers lead into what Convert makes of it, and Lost says what of it was
	// not compared as it is.
	Kind     DocumentKind `json:"convertedFrom,omitempty"`
	Lost     loss.Report  `json:"lost,omitempty"`
	Withheld int          `json:"withheld,omitempty"` // what its holder does not show
}

// Compare compares what two documents say. Part chooses among the claims of one
// that has to be converted, as in ConvertRequest.
func (a *App) Compare(ctx context.Context, first, second Input, part string) (Comparison, error) {
	out := Comparison{Schema: CompareSchema}
	one, err := a.compared(ctx, first, part, &out.First)
	if err != nil {
		return out, err
	}
	other, err := a.compared(ctx, second, part, &out.Second)
	if err != nil {
		return out, err
	}
	out.Result = compare.Documents(one, other)
	return out, nil
}

// compared reads a document to be compared.
func (a *App) compared(ctx context.Context, in Input, part string, about *ComparedFile) (compare.Document, error) {
	var out compare.Document
	if in.Err != nil {
		return out, in.Err
	}
	about.Input = in.Name
	in, err := Opened(ctx, in)
	if err != nil {
		return out, err
	}
	about.Carrier = carrierOf(in)
	s, err := a.sourceOf(in.Raw)
	switch {
	case err == nil && s.kind == KindOB2:
		about.Form, about.Kind = "json", s.kind
		out.Value, about.Lost, err = a.badge2AsItSays(s.raw)
		return out, err
	case err == nil && s.kind != KindOB3:
		done, err := a.Convert(ctx, ConvertRequest{In: in, To: KindOB3, Part: part})
		if err != nil {
			return out, err
		}
		about.Form, about.Kind, about.Lost = "json", s.kind, done.Lost
		out.Value, err = strictjson.ParseObject(done.Raw(), strictjson.Limits{})
		return out, err
	}
	doc, form, err := a.Document(in.Raw)
	if err != nil {
		return out, err
	}
	about.Form, out.Value = form, doc
	if credential.IsPresentation(doc) {
		return out, reason.New("usage/compare", in.Name, "it is a presentation: compare the credentials in it")
	}
	if _, err := credential.New(doc, nil); err != nil {
		return out, err
	}
	if credential.HasType(doc, sdjwt.MicroCredentialVCT) {
		out.Type = sdjwt.MicroCredentialVCT
	}
	out.Withheld, out.Status, err = a.besideDocument(in.Raw)
	about.Withheld = out.Withheld
	return out, err
}

// besideDocument returns what a token says beside its document, and how much of that is
// not shown.
func (a *App) besideDocument(raw []byte) (withheld int, status *strictjson.Value, err error) {
	if raw, err = carried(raw); err != nil {
		return 0, nil, err
	}
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return 0, nil, err
	}
	secured, err := a.suites.Open(in)
	if err != nil {
		return 0, nil, nil // a document without a proof, or with one that is not known
	}
	for _, s := range secured {
		withheld = max(withheld, s.Withheld)
		if status == nil {
			status = s.Status
		}
	}
	return withheld, status, nil
}
