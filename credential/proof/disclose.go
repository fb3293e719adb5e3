package proof

import (
	"context"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
)

// Discloser is what a [Suite] is beside, if a holder can show a part of what
// it has secured and the issuer's word for that part still holds: an SD-JWT, a
// base proof of ecdsa-sd-2023 or bbs-2023. Ask for it by a type assertion.
//
// What always shows and what the holder may keep back is settled when the
// credential is signed, by [Params].
type Discloser interface {
	// Choices returns what the holder of a secured document may show or keep
	// back, always in the same order. Nothing is checked. What has been shown in part
	// already, and cannot be cut down further, has none.
	Choices(ctx context.Context, secured []byte) ([]Choice, error)
	// Disclose returns secured cut down to what d asks for. Errors are
	// disclosure_invalid/pointer for a pointer that leads to nothing in it,
	// usage/params for options that the suite cannot express, and those of
	// Open for a document that is not this suite's.
	Disclose(ctx context.Context, secured []byte, d Disclosure) ([]byte, error)
}

// Whole returns the suites of the set whose proofs cover all of a document, for
// what must not be shown in part: of a list, whoever hands it on could leave out
// what speaks against somebody.
func (set Set) Whole() Set {
	return slices.DeleteFunc(slices.Clone(set), func(s Suite) bool {
		_, inPart := s.(Discloser)
		return inPart
	})
}

// Choice is a value that a holder may show or keep back.
type Choice struct {
	Pointer string // JSON pointer (RFC 6901) in the document, as Secured.Document has it
}

// Disclosure is what a holder shows, and to whom.
type Disclosure struct {
	// Pointers are JSON pointers (RFC 6901) into the document, as
	// Secured.Document has it. Each shows the value there with everything in
	// it and the members that lead to it. What the issuer made mandatory shows
	// without being named; with no pointer, nothing else does.
	Pointers []string

	// Holder signs what is shown, for suites that bind it to a receiver by a
	// signature of the holder's (key binding of SD-JWT). Nil: not bound.
	Holder    key.Signer
	Challenge string    // the receiver's nonce, or presentation header
	Audience  string    // the receiver
	Created   time.Time // when it is shown; required with Holder
	Expires   time.Time // zero: no end of its own
}
