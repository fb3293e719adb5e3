package attacks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Audience and Nonce are what a verifier of presentations asks for.
const (
	Audience = "https://arbeidsgiver.example/verify"
	Nonce    = "n-5kQ2xT8v"
)

// ListURL is where the issuer's status list is said to be.
const ListURL = "https://kurs.example/status/1"

// At is as of when the cases are to be judged.
func At() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }

// Case is one input and what must be answered to it.
type Case struct {
	Row  string // of the table, "control" for inputs that are valid
	Name string // within the row, and of its file
	What string // in words
	Raw  []byte
	Ext  string // of the file, without the dot

	// Want has the coarse reason codes that are right, the best first. It is
	// empty for controls, and for warnings has display_warning alone: then the
	// input is valid and must be shown with care.
	Want []string

	Trusted     []string // issuers
	Audience    string
	Challenge   string
	Holder      bool // the holder must be bound
	StatusLists map[string][]byte
}

// Valid reports whether the input must be called valid.
func (c Case) Valid() bool {
	return len(c.Want) == 0 || slices.Equal(c.Want, []string{"display_warning"})
}

// File is a name for the case's file.
func (c Case) File() string {
	return strings.ToLower(c.Row) + "-" + strings.ReplaceAll(c.Name, " ", "-") + "." + c.Ext
}

// All makes every case. The error is about this package, never about a case.
func All(ctx context.Context) ([]Case, error) {
	f, err := newForge(ctx)
	if err != nil {
		return nil, err
	}
	for _, rows := range []func(){
		f.controls, f.tampered, f.unsigned, f.contexts, f.issuers, f.proofs, f.keys, f.times, f.model, f.poison,
		f.json, f.shown, f.tokenHeads, f.tokenKeys, f.tokenClaims, f.tokenTypes,
		f.disclosures, f.derived, f.keyBinding, f.presentations, f.tokenPresentations, f.status, f.lists, f.tokenLists, f.pictures, f.drawings, f.messages,
	} {
		rows()
	}
	if len(f.wrong) > 0 {
		return nil, errors.Join(f.wrong...)
	}
	slices.SortFunc(f.cases, func(a, b Case) int { return strings.Compare(a.Row+" "+a.Name, b.Row+" "+b.Name) })
	seen := map[string]bool{}
	for _, c := range f.cases {
		if seen[c.File()] {
			return nil, fmt.Errorf("two cases are called %s", c.File())
		}
		seen[c.File()] = true
	}
	return f.cases, nil
}
