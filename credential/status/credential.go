package status

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The purposes that this package writes (section 2.1).
const (
	Revocation = "revocation" // for good
	Suspension = "suspension" // for now
	Message    = "message"    // says something, and nothing of whether the credential holds
)

// Types of the standard and of its forerunner.
const (
	entryType        = "BitstringStatusListEntry"
	legacyEntryType  = "StatusList2021Entry"
	listType         = "BitstringStatusListCredential"
	legacyListType   = "StatusList2021Credential"
	listSubject      = "BitstringStatusList"
	legacySubject    = "StatusList2021"
	longestIndexText = 10
)

// Entry is a credential's place in a status list (section 2.1).
type Entry struct {
	ID      string // may be empty
	ListURL string
	Purpose string
	Index   uint64
	Legacy  bool // StatusList2021

	Size     int      // bits of the entry, zero for one
	Messages []string // what each value stands for, may be nil
}

// ParseEntry reads an entry of credentialStatus; at is its place, for errors.
// They are status_invalid for an entry that is wrong, and
// status_unavailable/unknown-type for a kind of status that is not known here.
func ParseEntry(v *strictjson.Value, at string) (Entry, error) {
	e := Entry{ID: credential.ID(v)}
	switch {
	case credential.HasType(v, entryType):
	case credential.HasType(v, legacyEntryType):
		e.Legacy = true
	default:
		return e, reason.New("status_unavailable/unknown-type", at, "status of type %.80q is not one that can be asked here", strings.Join(credential.Types(v), " "))
	}
	e.ListURL, _ = v.Get("statusListCredential").Text()
	e.Purpose, _ = v.Get("statusPurpose").Text()
	if e.ListURL == "" || e.Purpose == "" {
		return e, reason.New("status_invalid/entry", at, "the entry names no list or no purpose")
	}
	if err := e.readMessages(v, at); err != nil {
		return e, err
	}
	if err := reference(v.Get("statusReference"), at); err != nil {
		return e, err
	}
	// The standard wants a string; numbers are found in the wild and mean the
	// same. Signs, spaces, points, exponents and leading zeros do not.
	text, ok := v.Get("statusListIndex").Text()
	if !ok {
		text, _ = v.Get("statusListIndex").Literal()
	}
	digits := text != "" && len(text) <= longestIndexText && strings.Trim(text, "0123456789") == ""
	index, err := strconv.ParseUint(text, 10, 64)
	if !digits || err != nil || len(text) > 1 && text[0] == '0' {
		return e, reason.New("status_invalid/index", at+"/statusListIndex", "the index is not a whole number")
	}
	e.Index = index
	return e, nil
}

// Value returns the entry as a member of credentialStatus.
func (e Entry) Value() *strictjson.Value {
	str := strictjson.String
	members := []strictjson.Member{
		{Name: "id", Value: str(e.ID)},
		{Name: "type", Value: str(entryType)},
		{Name: "statusPurpose", Value: str(e.Purpose)},
		{Name: "statusListIndex", Value: str(strconv.FormatUint(e.Index, 10))},
		{Name: "statusListCredential", Value: str(e.ListURL)},
	}
	return strictjson.Object(append(members, e.messageMembers()...)...)
}

// Check looks an entry up in a status list credential whose proof holds, and
// reports whether any bit of it is set (section 3.2). Errors are
// status_invalid, resource_limit or canceled: a list of another kind, for
// another purpose, from another place, or that cannot be decoded.
func Check(ctx context.Context, e Entry, list *strictjson.Value) (bool, error) {
	value, err := Lookup(ctx, e, list)
	return value != 0, err
}

// open returns the bits of a list that is the one that e means.
func open(ctx context.Context, e Entry, list *strictjson.Value) (*List, error) {
	subject := single(list)
	if want, ok := e.isList(list, subject); !ok {
		return nil, reason.New("status_invalid/wrong-type", e.ListURL, "what is published there is no %s", want)
	}
	if id := credential.ID(list); id != e.ListURL {
		return nil, reason.New("status_invalid/id-mismatch", e.ListURL, "the list there calls itself %.200q", id)
	}
	if !slices.ContainsFunc(subject.Get("statusPurpose").List(), func(v *strictjson.Value) bool {
		s, _ := v.Text()
		return s == e.Purpose
	}) {
		return nil, reason.New("status_invalid/purpose-mismatch", e.ListURL, "the list is not for %.40q", e.Purpose)
	}
	if _, err := TimeToLive(list, e.ListURL); err != nil {
		return nil, err
	}
	encoded, _ := subject.Get("encodedList").Text()
	bits, err := Decode(ctx, encoded, e.Legacy)
	if err != nil {
		return nil, reason.Wrap(reason.CodeOf(err), e.ListURL, err)
	}
	return bits, nil
}

// Draft returns the unsigned credential of a list (section 2.2), in force
// from a time until another.
func Draft(url, purpose string, issuer *strictjson.Value, list *List, from, until time.Time) (credential.Draft, error) {
	encoded, err := list.Encode()
	if err != nil {
		return credential.Draft{}, err
	}
	str := strictjson.String
	return credential.Draft{
		ID:         url,
		Types:      []string{listType},
		Issuer:     issuer,
		ValidFrom:  from,
		ValidUntil: until,
		MaxBytes:   MaxBytes,
		Subject: strictjson.Object(
			strictjson.Member{Name: "id", Value: str(url + "#list")},
			strictjson.Member{Name: "type", Value: str(listSubject)},
			strictjson.Member{Name: "statusPurpose", Value: str(purpose)},
			strictjson.Member{Name: "encodedList", Value: str(encoded)},
		),
	}, nil
}
