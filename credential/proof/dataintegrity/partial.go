package dataintegrity

import (
	"bytes"
	"context"
	"slices"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/selective"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// What the suites that show in part have in common.

// split parts the lines in those whose indexes are given, ascending, and the
// others.
func split(lines []string, indexes []int) (in, out []string) {
	for i, line := range lines {
		if _, ok := slices.BinarySearch(indexes, i); ok {
			in = append(in, line)
		} else {
			out = append(out, line)
		}
	}
	return in, out
}

// openOne reads a document whose holder is to show parts of it. It has one
// proof of the suite, which covers no other.
func (s *suite) openOne(secured []byte) (*proof.Secured, error) {
	in, err := proof.Read(secured, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	opened, err := s.Open(in)
	if err != nil {
		return nil, err
	}
	if len(opened) != 1 {
		return nil, reason.New("unsupported_alg/suite", "/proof", "the document has %d proofs of %s, not one", len(opened), s.id)
	}
	if opened[0].Document.Get("proof") != nil {
		return nil, reason.New(reason.MalformedProofChain, opened[0].At, "a proof that covers other proofs cannot be shown in part")
	}
	return opened[0], nil
}

// reading is what a document says with one selection of editions of its
// contexts.
type reading struct {
	selection jsonld.Selection
	said      []jsonld.Statement
}

// says reports whether a document says these quads and no others.
func (r reading) says(quads []rdfc.Quad) bool {
	return slices.EqualFunc(r.said, quads, func(s jsonld.Statement, q rdfc.Quad) bool { return s.Quad == q })
}

// readings returns what a document can say, at least one, none twice. Mostly
// all editions of its contexts give the same.
func (s *suite) readings(ctx context.Context, doc *strictjson.Value) ([]reading, error) {
	selections, err := s.processor.Selections(doc)
	if err != nil {
		return nil, err
	}
	var first error
	var out []reading
	for _, selection := range selections {
		if len(out) > 0 {
			// Quads cost less than the places they come from.
			quads, err := s.processor.Quads(ctx, doc, selection)
			if final(err) {
				return nil, err
			}
			if err != nil || slices.ContainsFunc(out, func(other reading) bool { return other.says(quads) }) {
				continue
			}
		}
		said, err := s.processor.Statements(ctx, doc, selection)
		if final(err) {
			return nil, err
		}
		if err == nil {
			out = append(out, reading{selection, said})
		}
		if first == nil {
			first = err
		}
	}
	if len(out) == 0 {
		return nil, first
	}
	return out, nil
}

// checkShown reads what is to be shown as its receiver will, so that nothing
// is given away that cannot be verified.
func (s *suite) checkShown(ctx context.Context, shown *selective.Revealed) error {
	selections, err := s.processor.Selections(shown.Document)
	if err != nil {
		return err
	}
	var first error
	for _, selection := range selections {
		got, _, err := s.processor.Canonicalize(ctx, shown.Document, selection, rdfc.SHA256)
		if final(err) {
			return err
		}
		if err == nil && bytes.Equal(got, shown.NQuads) {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = reason.New("disclosure_invalid/pointer", "", "these parts of the document do not mean alone what they mean in it")
	}
	return first
}

// withProof returns what is shown of sec, under its proof with another value.
func withProof(shown *strictjson.Value, sec *proof.Secured, value string) []byte {
	own := sec.Proof.With("proofValue", strictjson.String(value))
	if sec.Input.Document.Get("proof").Kind() == strictjson.KindArray {
		own = strictjson.Array(own)
	}
	return shown.With("proof", own).AppendJSON(nil)
}
