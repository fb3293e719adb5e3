package app

import (
	"context"
	"encoding/json"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/elm"
	"github.com/kompetansebevis/bevis/credential/elmo"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/ob2"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// ConvertSchema names the form of a Conversion in JSON.
const ConvertSchema = "bevis.convert/v1"

// DocumentKind is a kind of document that a competence comes in.
type DocumentKind string

// The kinds between which Convert knows ways; see conversions.
const (
	KindOB2  DocumentKind = "ob2"  // Open Badges 2.0
	KindOB3  DocumentKind = "ob3"  // Open Badges 3.0
	KindELM  DocumentKind = "elm"  // European Digital Credential, European Learning Model 3
	KindELMO DocumentKind = "elmo" // EMREX ELMO
)

// ConvertRequest is what is wanted of Convert.
type ConvertRequest struct {
	In   Input
	To   DocumentKind
	Part string // which claim or result, where the target has place for one; see elm.Options
	// Languages are those wanted, best first, where the target has place for one.
	Languages []string
}

// Conversion is a document in another form, which nobody has signed, and what
// was lost on the way. The source was not judged.
type Conversion struct {
	Schema string       `json:"schema"`
	Input  string       `json:"input,omitempty"`
	From   DocumentKind `json:"from"`
	To     DocumentKind `json:"to"`
	// SourceSecured says that the source carries a signature or seal, which says
	// nothing of the new document.
	SourceSecured bool        `json:"sourceSecured"`
	Lost          loss.Report `json:"lost"`
	// Document is the new document: a value where that is JSON, else a string.
	Document json.RawMessage `json:"document,omitempty"`

	raw []byte
}

// Raw returns the new document as it is written to a file.
func (c Conversion) Raw() []byte { return c.raw }

// source is a document to be converted, out of what it came in.
type source struct {
	kind     DocumentKind
	raw      []byte            // the document as it is, without a seal around it
	document *strictjson.Value // nil where it is not JSON
	secured  bool
}

// conversion is a way from one kind to another. It returns the new document.
type conversion struct {
	from, to DocumentKind
	convert  func(ctx context.Context, s source, r ConvertRequest) ([]byte, loss.Report, error)
}

// conversions are all ways that there are. A new one is a line here.
func (a *App) conversions() []conversion {
	return []conversion{
		{KindELM, KindOB3, elmToBadge},
		{KindOB2, KindOB3, func(_ context.Context, s source, _ ConvertRequest) ([]byte, loss.Report, error) {
			return a.UpgradeBadge2(s.raw)
		}},
		{KindOB3, KindELM, badgeToELM},
		{KindELMO, KindOB3, elmoToBadge},
		{KindOB3, KindELMO, a.badgeToELMO},
	}
}

// Convert writes a document in another form. Nothing is judged and nothing
// signed: who converts has to verify first, and an issuer has to sign the new
// document for it to prove anything.
func (a *App) Convert(ctx context.Context, r ConvertRequest) (Conversion, error) {
	out := Conversion{Schema: ConvertSchema, Input: r.In.Name, To: r.To, Lost: loss.Report{}}
	if r.In.Err != nil {
		return out, r.In.Err
	}
	in, err := Opened(ctx, r.In)
	if err != nil {
		return out, err
	}
	s, err := a.sourceOf(in.Raw)
	if err != nil {
		return out, err
	}
	out.From, out.SourceSecured = s.kind, s.secured
	for _, way := range a.conversions() {
		if way.from != s.kind || way.to != r.To {
			continue
		}
		raw, lost, err := way.convert(ctx, s, r)
		if err != nil {
			return out, err
		}
		out.raw = raw
		if lost != nil {
			out.Lost = lost
		}
		if out.Document = raw; !json.Valid(raw) {
			out.Document = strictjson.AppendString(nil, string(raw))
		}
		return out, nil
	}
	return out, reason.New("usage/convert", r.In.Name, "there is no way from %s to %q", s.kind, r.To)
}

// sourceOf tells what kind of document a file holds.
func (a *App) sourceOf(raw []byte) (source, error) {
	if elmo.Is(raw) {
		return source{KindELMO, raw, nil, elmo.Signed(raw)}, nil
	}
	if bake.Detect(raw) != bake.Unknown {
		baked, err := bake.Extract(raw, bake.Limits{})
		if err != nil {
			return source{}, err
		}
		raw = baked.Credential
	}
	if doc, err := strictjson.ParseObject(raw, elm.Limits(strictjson.Limits{})); err == nil && elm.Is(doc) {
		return source{KindELM, raw, doc, doc.Get("proof") != nil}, nil
	}
	if in, err := strictjson.ParseObject(raw, jades.Limits()); err == nil && elm.IsSealed(in) {
		s, err := unsealed(in)
		if err != nil {
			return source{}, err
		}
		if elm.Is(s.document) {
			return source{KindELM, s.seal.Payload, s.document, true}, nil
		}
	}
	doc, form, err := a.Document(raw)
	if err != nil {
		return source{}, err
	}
	s := source{raw: raw, document: doc, secured: form != "json" || doc.Get("proof") != nil}
	switch {
	case ob2.Is(doc) || ob2.IsVersion1(doc) || ob2.IsSnapshot(doc):
		s.kind = KindOB2
	case credential.HasType(doc, openbadge.TypeOpenBadgeCredential), credential.HasType(doc, openbadge.TypeAchievementCredential):
		s.kind = KindOB3
	default:
		return s, reason.New("wrong_type/not-a-credential", "/type", "no kind of document that is converted")
	}
	return s, nil
}

// pretty returns JSON as it is written to a file that people read.
func pretty(v *strictjson.Value) ([]byte, error) {
	out, err := json.MarshalIndent(json.RawMessage(v.AppendJSON(nil)), "", "  ")
	return append(out, '\n'), err
}

func elmToBadge(_ context.Context, s source, r ConvertRequest) ([]byte, loss.Report, error) {
	doc, lost, err := elm.ToOpenBadge(s.document, elm.Options{Languages: r.Languages, Part: r.Part})
	if err != nil {
		return nil, nil, err
	}
	raw, err := pretty(doc)
	return raw, lost, err
}

func badgeToELM(_ context.Context, s source, r ConvertRequest) ([]byte, loss.Report, error) {
	doc, lost, err := elm.FromOpenBadge(s.document, elm.Options{Languages: r.Languages})
	if err != nil {
		return nil, nil, err
	}
	raw, err := pretty(doc)
	return raw, lost, err
}

func elmoToBadge(_ context.Context, s source, r ConvertRequest) ([]byte, loss.Report, error) {
	doc, lost, err := elmo.ToOpenBadge(s.raw, elmo.Options{Languages: r.Languages, Part: r.Part})
	if err != nil {
		return nil, nil, err
	}
	raw, err := pretty(doc)
	return raw, lost, err
}

func (a *App) badgeToELMO(_ context.Context, s source, r ConvertRequest) ([]byte, loss.Report, error) {
	return elmo.FromOpenBadge(s.document, elmo.Options{Languages: r.Languages, Now: a.cfg.Now()})
}
