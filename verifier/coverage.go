package verifier

import (
	"context"
	"slices"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Coverage tells of each member and item of a document whether the proof that
// the verdict rests on covers it. What the credentials of a presentation cover
// themselves is told by their own reports.
//
// A place is protected exactly when the proof holds no more once it is changed,
// removed or added. Where several proofs hold, it is what all of them cover,
// since each of the others could be taken away. What is written in another way
// and says the same is not told apart: see Spellings.
type Coverage struct {
	// Proof is what came of checking the proofs. Unless it is Pass, nothing is
	// protected.
	Proof  Outcome
	Places []proof.Place // parts one after the other, in document order
	// Spellings are ways to write the document otherwise, with which the proof
	// still holds.
	Spellings []Spelling
}

// Spelling is a way to write what was signed in another way.
type Spelling string

// The ways.
const (
	MemberOrder  Spelling = "member-order"  // members of an object in another order
	WhiteSpace   Spelling = "white-space"   // between values
	NumberForm   Spelling = "number-form"   // 1.0 for 1
	SingleOrList Spelling = "single-list"   // "X" for ["X"], {"@value": "X"} for "X"
	SetOrder     Spelling = "set-order"     // items of a list that has no order in it
	LanguageCase Spelling = "language-case" // "EN" for "en"
	SameContexts Spelling = "contexts"      // other contexts that mean the same here
	SameThing    Spelling = "same-id"       // members moved between objects with one id
)

// evidence is what a report keeps for telling what the proofs cover.
type evidence struct {
	suites   proof.Set
	envelope *strictjson.Value // the object around a token, nil for none
	document *strictjson.Value // with its proofs, nil for a token
	secured  []*proof.Secured
	held     []heldProof
}

type heldProof struct {
	secured  *proof.Secured
	contexts []proof.Context
}

// opened keeps what a document is secured with.
func (r *Report) opened(suites proof.Set, document *strictjson.Value, secured []*proof.Secured) {
	r.evidence.suites, r.evidence.document, r.evidence.secured = suites, document, secured
}

// heldBy keeps a proof that holds and is by a key of who speaks.
func (r *Report) heldBy(s *proof.Secured, contexts []proof.Context) {
	r.evidence.held = append(r.evidence.held, heldProof{s, contexts})
}

// Coverage tells what the proofs cover. It reads the document once more, so it
// costs about as much as verifying. Errors are those of ctx alone.
func (r *Report) Coverage(ctx context.Context) (*Coverage, error) {
	e := &r.evidence
	out := &Coverage{Proof: r.Check(CheckProof).Outcome}
	if r.Carrier != "" {
		out.Places = append(out.Places, proof.Place{Part: proof.PartPicture, State: proof.Outside, Why: proof.AroundIt})
	}
	proof.WalkPlaces("", e.envelope, func(at string, _ *strictjson.Value) bool {
		p := proof.Place{Part: proof.PartEnvelope, At: at, State: proof.Outside, Why: proof.AroundIt}
		if at == "/id" {
			p.State, p.Why = proof.OwnValue, proof.TheSignature // it holds the token
		}
		out.Places = append(out.Places, p)
		return true
	})
	held := e.held
	if len(held) > 0 {
		out.Proof = Pass
	} else {
		for _, s := range e.secured {
			held = append(held, heldProof{secured: s})
		}
		if out.Proof == Pass { // right, and nothing ties the key to the issuer
			held = held[:min(len(held), 1)]
			held[0].contexts = r.Contexts
		}
	}
	var places []proof.Place
	for i, h := range held {
		own, err := r.cover(ctx, h)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			places = own
		} else {
			places = both(places, own)
		}
	}
	if len(held) == 0 {
		places = proof.EveryPlace(proof.PartDocument, "", e.document, proof.Unprotected, proof.NoProofHolds)
	}
	out.Spellings = spellings(places)
	if out.Proof != Pass {
		for i := range places {
			if p := &places[i]; p.State == proof.Protected {
				p.State, p.Why, p.Detail, p.Optional = proof.Unprotected, proof.NoProofHolds, "", false
			}
		}
	}
	out.Places = append(out.Places, places...)
	return out, nil
}

// cover asks the suite of a proof. What it cannot tell counts as not covered.
func (r *Report) cover(ctx context.Context, h heldProof) ([]proof.Place, error) {
	if h.secured.Problem == nil {
		suite, _ := r.evidence.suites.Suite(h.secured.Suite) // nil: it cannot tell
		if c, ok := suite.(proof.Coverer); ok {
			places, err := c.Cover(ctx, h.secured, h.contexts)
			if err == nil {
				return places, nil
			}
			if ctx.Err() != nil {
				return nil, reason.Wrap(reason.Canceled, "", ctx.Err())
			}
		}
	}
	return proof.EveryPlace(proof.PartDocument, "", r.evidence.document, proof.Unprotected, proof.CannotBeTold), nil
}

// both returns what two proofs cover, each without the other.
func both(a, b []proof.Place) []proof.Place {
	type key struct {
		part proof.Part
		at   string
	}
	other := make(map[key]proof.Place, len(b))
	for _, p := range b {
		other[key{p.Part, p.At}] = p
	}
	out := slices.Clone(a)
	for i, p := range out {
		q, ok := other[key{p.Part, p.At}]
		switch {
		case !ok:
			out[i].State, out[i].Why, out[i].Detail = proof.Unprotected, proof.CannotBeTold, ""
		case q.State == proof.Unprotected:
			out[i] = q
		}
	}
	return out
}

// spellings are the ways of writing that the kinds of proof leave open.
func spellings(places []proof.Place) []Spelling {
	has := func(why proof.Why) bool {
		return slices.ContainsFunc(places, func(p proof.Place) bool { return p.Why == why && p.Part == proof.PartDocument })
	}
	switch {
	case has(proof.SignedMeaning):
		return []Spelling{MemberOrder, WhiteSpace, NumberForm, SingleOrList, SetOrder, LanguageCase, SameContexts, SameThing}
	case has(proof.SignedText):
		return []Spelling{MemberOrder, WhiteSpace, NumberForm}
	}
	return nil
}

// ClaimedProofs returns the proofs of the document as they are claimed, in
// order. Nothing in them has been checked; what came of checking them is in the
// checks.
func (r *Report) ClaimedProofs() []*proof.Secured { return slices.Clone(r.evidence.secured) }
