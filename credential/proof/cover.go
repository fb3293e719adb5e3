package proof

import (
	"context"
	"strconv"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Coverer is what a [Suite] is beside, if it can tell place by place what a
// proof of its covers.
type Coverer interface {
	// Cover tells of each place in what s secures whether the proof covers it,
	// if it holds. Contexts are the editions that it was verified with, nil
	// where it was not: the newest then. An error says that it cannot be told.
	Cover(ctx context.Context, s *Secured, contexts []Context) ([]Place, error)
}

// State is whether a proof covers a place. The zero value is no.
type State uint8

// The states.
const (
	Unprotected State = iota // it can be changed, removed or added, and the proof still holds
	Protected                // with any change of it the proof holds no more
	OwnValue                 // it is the proof itself
	Outside                  // it is around what was signed
)

// String returns the state as reports and scripts use it.
func (s State) String() string {
	switch s {
	case Protected:
		return "protected"
	case OwnValue:
		return "proof"
	case Outside:
		return "outside"
	default:
		return "unprotected"
	}
}

// Part names which JSON text a place is in.
type Part string

// The parts.
const (
	PartDocument   Part = "document"    // the JSON document with its embedded proofs
	PartHeader     Part = "header"      // of a token
	PartPayload    Part = "payload"     // of a token, with digests for what can be kept back
	PartDisclosure Part = "disclosures" // of an SD-JWT: the array of all, each an array itself
	PartKeyHeader  Part = "key-binding-header"
	PartKeyPayload Part = "key-binding-payload"
	PartSignature  Part = "signature" // of a token
	PartEnvelope   Part = "envelope"  // the object around a token
	PartPicture    Part = "picture"   // what is drawn, or the file that the credential came in
)

// Why says by a word why a place is in its state.
type Why string

// The reasons.
const (
	SignedText      Why = "signed-text"      // the text itself is signed
	SignedMeaning   Why = "signed-meaning"   // a statement that it makes is signed
	SignedDigest    Why = "signed-digest"    // a digest of it is signed
	TheSignature    Why = "signature"        // it is the signature
	ContextOnly     Why = "context"          // what contexts mean is signed, not which are named
	UndefinedTerm   Why = "undefined-term"   // no context defines it
	NotSigned       Why = "not-signed"       // it makes no statement for another reason, see Detail
	SaysNothing     Why = "says-nothing"     // an empty list
	SaidElsewhere   Why = "said-elsewhere"   // the same is said in another place as well
	OneOfSeveral    Why = "one-of-several"   // a proof beside others, which do not cover it
	OtherProof      Why = "other-proof"      // inside such a proof
	NoProofHolds    Why = "no-proof-holds"   // whatever would cover it does not hold, or was not checked
	CannotBeTold    Why = "cannot-be-told"   // not shown to be covered
	AroundIt        Why = "around"           // it is around what was signed
	BesidesUnsigned Why = "beside-unsigned"  // in a list with something that makes no statement
	HolderSigned    Why = "signed-by-holder" // the holder's key signed it
)

// Place is a member or an item of a JSON text, and whether a proof covers it.
type Place struct {
	Part   Part
	At     string // JSON pointer in the part; empty for the whole
	State  State
	Why    Why
	Detail string // where else it is said, or what is wrong with it; may be empty

	// Optional says of what is covered that whoever passes it on may leave it
	// out, as a whole: a disclosure without a holder's signature.
	Optional bool
}

// EveryPlace returns all members and items of v in one state, in document
// order.
func EveryPlace(part Part, at string, v *strictjson.Value, state State, why Why) []Place {
	var out []Place
	WalkPlaces(at, v, func(at string, _ *strictjson.Value) bool {
		out = append(out, Place{Part: part, At: at, State: state, Why: why})
		return true
	})
	return out
}

// WalkPlaces visits all members and items inside v, which stands at a place,
// in document order. What visit returns false for is not gone into.
func WalkPlaces(at string, v *strictjson.Value, visit func(at string, v *strictjson.Value) bool) {
	for i, item := range v.Items() {
		place := strictjson.Pointer(at, strconv.Itoa(i))
		if visit(place, item) {
			WalkPlaces(place, item, visit)
		}
	}
	for _, m := range v.Members() {
		place := strictjson.Pointer(at, m.Name)
		if visit(place, m.Value) {
			WalkPlaces(place, m.Value, visit)
		}
	}
}
