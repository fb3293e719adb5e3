package app

import (
	"errors"
	"strings"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/reason"
)

// About is what an error is about, where it is not about a file that somebody was
// given.
type About string

// The things.
const (
	AboutDefinition     About = "definition"      // one that was to be kept
	AboutDefinitionFile About = "definition-file" // one that cannot be read
	AboutIssuedFrom     About = "issued-from"     // one that is kept, and that was to be issued from
	AboutAward          About = "award"           // what was to be issued or endorsed, beside its definition
)

// Refused is an error that says what it is about. Its code alone tells what is wrong
// with a document, and reads as if somebody else had made it: who writes it has
// another headline and another next step.
type Refused struct {
	About About
	Name  string // of a definition, as the command takes it
	Err   error
}

// Error returns what is wrong.
func (r *Refused) Error() string { return r.Err.Error() }

// Unwrap returns what is wrong.
func (r *Refused) Unwrap() error { return r.Err }

// refused is the first error among findings of a definition that was to be kept, with
// its next step.
func refused(findings []profile.Finding) error {
	for _, f := range findings {
		if f.Severity == profile.Error {
			return mended(f.Code, f.At, &Refused{About: AboutDefinition, Err: &profile.Refusal{Finding: f}}, f)
		}
	}
	return nil
}

// mended is an error that says how to mend what was found, where that is known.
func mended(code reason.Code, at string, r *Refused, f profile.Finding) error {
	if f.Next == "" {
		return reason.Wrap(code, at, r)
	}
	return reason.New(code, at, "%w: %s", r, f.Next)
}

// unread says that a definition cannot be read, and where it is.
func unread(path, name string, err error) error {
	switch code := reason.CodeOf(err); code.Class() {
	case reason.Invalid, reason.Unreadable:
		return reason.Wrap(code, path+reason.AtOf(err), &Refused{About: AboutDefinitionFile, Name: name, Err: bareReason(err)})
	}
	return err
}

// unissued says of a rule that an award does not follow whether that is for its
// definition or for what was said beside it. A result that is not allowed breaks none.
func unissued(slug string, err error) error {
	var rule *profile.Refusal
	if !errors.As(err, &rule) || rule.Finding.Rule == "" {
		return err
	}
	at, r := reason.AtOf(err), &Refused{About: AboutAward, Err: rule}
	if slug != "" && inAchievement(at) {
		r.About, r.Name = AboutIssuedFrom, slug
	}
	return mended(reason.CodeOf(err), at, r, rule.Finding)
}

// inAchievement reports whether a place in a badge is in what it is given for.
func inAchievement(at string) bool {
	rest, ok := strings.CutPrefix(at, "/credentialSubject/achievement")
	return ok && (rest == "" || rest[0] == '/')
}
