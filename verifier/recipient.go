package verifier

import (
	"crypto/md5" //nolint:gosec // Open Badges 3.0 names it; what it is worth is said in the report
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Identifier is something that the relying party knows of a person, in plain
// text.
type Identifier struct {
	// Type is "id" for an id of the subject, such as a DID, and else an
	// identifier type of Open Badges 3.0 ("emailAddress", "name", "ext:…").
	// "did" means "id" and "email" means "emailAddress".
	Type  string
	Value string // compared byte by byte, letter case included
}

// maxIdentities bounds the identity objects that are compared; each hashed one
// costs a hash for each identifier known.
const maxIdentities = 64

// normal returns the identifier with its type as Open Badges 3.0 writes it.
func (i Identifier) normal() Identifier {
	switch i.Type {
	case "did":
		i.Type = "id"
	case "email":
		i.Type = "emailAddress"
	}
	return i
}

// identity is something by which a credential names its recipient.
type identity struct {
	at     string
	kind   string // as in Identifier, normal
	value  string // plain text, or hexadecimal digits
	salt   string
	hash   string // "sha256", "md5"; empty: plain
	unread string // why it cannot be compared
}

// how says in what form the identity is given.
func (i identity) how() string {
	switch {
	case i.hash == "":
		return "plain"
	case i.salt == "":
		return i.hash + ", without salt"
	}
	return i.hash + ", salted"
}

// matches compares exactly. Two texts that look alike and are not the same
// bytes are not the same.
func (i identity) matches(known string) bool {
	switch i.hash {
	case "":
		return i.value == known
	case "sha256":
		sum := sha256.Sum256([]byte(known + i.salt))
		return strings.EqualFold(i.value, hex.EncodeToString(sum[:]))
	default:
		sum := md5.Sum([]byte(known + i.salt)) //nolint:gosec // see the import
		return strings.EqualFold(i.value, hex.EncodeToString(sum[:]))
	}
}

// recipient checks whether the credential is about the person that the relying
// party has in mind (Open Badges 3.0 section 8.4). Of all identifiers that are
// known, each that the credential speaks of must agree: one that contradicts
// outweighs another that matches.
func (j *judgement) recipient(c *credential.Credential) {
	if len(j.req.Recipient) == 0 {
		if j.req.within == "" {
			j.report.notApplicable(CheckRecipient, NoteNobodyAsked)
		}
		return
	}
	j.recipientAmong(identitiesOf(c))
}

// recipientAmong compares what the relying party knows with the identities by
// which a credential names its recipient.
func (j *judgement) recipientAmong(identities []identity) {
	r := j.report
	if len(identities) > maxIdentities {
		r.refuse(CheckRecipient, reason.New("resource_limit/identifiers", "/credentialSubject/identifier", "%d identifiers, the limit is %d", len(identities), maxIdentities))
		return
	}
	var matched, silent []string
	var unread, weak *identity
	for _, known := range j.req.Recipient {
		known = known.normal()
		if known.Type == "" || known.Value == "" {
			r.refuse(CheckRecipient, reason.New("usage/recipient", "", "an identifier of the recipient has a type and a value"))
			return
		}
		found, hit, blind := compare(identities, known)
		switch {
		case hit != nil:
			matched = append(matched, known.Type+" ("+hit.how()+")")
			if hit.hash == "md5" {
				weak = hit
			}
		case blind != nil:
			unread = blind
		case found != nil:
			r.refuse(CheckRecipient, reason.New("holder_mismatch/recipient", found.at, "the credential names somebody else by %s than you did%s", known.Type, caseHint(identities, known)))
			return
		default:
			silent = append(silent, known.Type)
		}
	}
	j.recipientFound(matched, silent, unread, weak)
}

// recipientFound tells what came of comparing, when nothing contradicts.
func (j *judgement) recipientFound(matched, silent []string, unread, weak *identity) {
	r := j.report
	switch {
	case unread != nil:
		r.refuse(CheckRecipient, reason.New("holder_mismatch/recipient-unknown", unread.at, "whom it names cannot be compared: %s", unread.unread))
		return
	case len(matched) == 0:
		r.refuse(CheckRecipient, reason.New("holder_mismatch/recipient-unknown", "/credentialSubject", "the credential does not name its recipient by %s", strings.Join(silent, " or ")))
		return
	}
	r.Recipient = matched
	note, args := NoteRecipientMatched, []string{strings.Join(matched, ", ")}
	if len(silent) > 0 {
		note, args = NoteRecipientMatchedPart, append(args, strings.Join(silent, ", "))
	}
	if weak == nil {
		r.pass(CheckRecipient, note, args...)
		return
	}
	note = NoteRecipientWeak
	if len(silent) > 0 {
		note = NoteRecipientWeakPart
	}
	r.warn(CheckRecipient, "holder_mismatch/weak-hash", weak.at, note, args...)
}

// compare looks for an identifier among the identities. Found is one of its
// type, hit the one that matches, blind one that cannot be compared.
func compare(identities []identity, known Identifier) (found, hit, blind *identity) {
	for n := range identities {
		i := &identities[n]
		switch {
		case i.kind != known.Type && i.kind != "":
		case i.unread != "":
			blind = i
		case i.matches(known.Value):
			return i, i, nil
		default:
			found = i
		}
	}
	return found, nil, blind
}

// caseHint says so when only the letter case of ASCII differs: which is a
// common reason, and no match.
func caseHint(identities []identity, known Identifier) string {
	_, hit, _ := compare(identities, Identifier{known.Type, strings.ToLower(known.Value)})
	if hit != nil || slices.ContainsFunc(identities, func(i identity) bool {
		return i.hash == "" && i.kind == known.Type && strings.EqualFold(i.value, known.Value)
	}) {
		return "; only the letter case differs, and it is compared as written"
	}
	return ""
}

// identitiesOf collects by what a credential names its subject. Of several
// subjects it is not clear which one is meant, so each counts.
func identitiesOf(c *credential.Credential) []identity {
	var out []identity
	subjects := c.Subjects()
	for n, s := range subjects {
		at := "/credentialSubject"
		if len(subjects) > 1 {
			at = strictjson.Pointer(at, strconv.Itoa(n))
		}
		if id := credential.ID(s); id != "" {
			out = append(out, identity{at: at + "/id", kind: "id", value: id})
			if address, ok := strings.CutPrefix(id, "mailto:"); ok {
				out = append(out, identity{at: at + "/id", kind: "emailAddress", value: address})
			}
		}
		for _, plain := range []struct{ member, kind string }{{"name", "name"}, {"email", "emailAddress"}} {
			if text, _ := s.Get(plain.member).Text(); text != "" {
				out = append(out, identity{at: at + "/" + plain.member, kind: plain.kind, value: text})
			}
		}
		list := s.Get("identifier").List()
		for k, v := range list {
			place := at + "/identifier"
			if len(list) > 1 {
				place = strictjson.Pointer(place, strconv.Itoa(k))
			}
			out = append(out, readIdentity(v, place))
		}
	}
	return out
}

// readIdentity reads an IdentityObject. What cannot be read is kept, with the
// reason: it could have been a match or the opposite.
func readIdentity(v *credential.Value, at string) identity {
	i := identity{at: at}
	if text, ok := v.Text(); ok { // a bare id, as Data Model 1.1 badges have
		return identity{at: at, kind: "id", value: text}
	}
	kind, ok := v.Get("identityType").Text()
	if !ok {
		i.unread = "its identityType is " + v.Get("identityType").Kind().String()
		return i
	}
	i.kind = Identifier{Type: kind}.normal().Type
	value, _ := v.Get("identityHash").Text()
	hashed, isBool := v.Get("hashed").Bool()
	salt := v.Get("salt")
	switch {
	case value == "":
		i.unread = "its identityHash is no text"
	case !isBool:
		i.unread = "it does not say whether it is hashed"
	case hashed && salt != nil && salt.Kind() != strictjson.KindString:
		i.unread = "its salt is no text"
	default:
		i.salt, _ = salt.Text()
		i.readValue(value, hashed)
	}
	return i
}

// readValue reads what an identity gives: a hash, or the plain text.
func (i *identity) readValue(value string, hashed bool) {
	switch {
	case hashed:
		i.readHash(value)
	case looksHashed(value):
		i.unread = "it says that it is plain, and has the form of a hash"
	default:
		i.value = value
	}
}

// readHash reads "algorithm$hexadecimal".
func (i *identity) readHash(text string) {
	algorithm, digits, ok := strings.Cut(text, "$")
	size := map[string]int{"sha256": sha256.Size, "md5": md5.Size}[algorithm]
	sum, err := hex.DecodeString(digits)
	switch {
	case !ok || size == 0:
		i.unread = fmt.Sprintf("it is hashed with %.20q, which is neither sha256 nor md5", algorithm)
		if !ok {
			i.unread = "it says that it is hashed, and does not say how"
		}
	case err != nil || len(sum) != size:
		i.unread = "its hash has not the form of " + algorithm
	default:
		i.hash, i.value = algorithm, digits
	}
}

func looksHashed(text string) bool {
	var i identity
	i.readHash(text)
	return i.hash != ""
}

// Binding is a way in which a document was tied to a person.
type Binding string

// The bindings, as the report tells them.
const (
	BoundRecipient Binding = "recipient"         // it names the person that the relying party named
	BoundHolder    Binding = "holder"            // who presents it has signed
	BoundSubject   Binding = "holder-is-subject" // and every credential is about the holder
	BoundAudience  Binding = "audience"          // for this verifier
	BoundChallenge Binding = "challenge"         // in answer to this request
)

// Bindings tells how the document was tied to a person, by the checks that
// were made and hold. None at all means: whoever has the file can show it.
func (r *Report) Bindings() []Binding {
	var out []Binding
	parts := slices.ContainsFunc(r.Parts, func(p *Report) bool { return len(p.Recipient) == 0 })
	if r.is(CheckRecipient, Pass, Warn) || len(r.Parts) > 0 && !parts {
		out = append(out, BoundRecipient)
	}
	if r.is(CheckHolder, Pass, Warn) && slices.ContainsFunc(r.Checks, func(c Check) bool { return c.ID == CheckHolder && c.Outcome == Pass }) {
		out = append(out, BoundHolder)
		if r.is(CheckHolder, Pass) && r.Kind == KindPresentation && r.subjectIsHolder() {
			out = append(out, BoundSubject)
		}
	}
	if r.is(CheckAudience, Pass) {
		out = append(out, BoundAudience)
	}
	if r.is(CheckChallenge, Pass) {
		out = append(out, BoundChallenge)
	}
	return out
}

// is reports whether a check was made, and came out in one of the given ways
// in every place.
func (r *Report) is(id CheckID, outcomes ...Outcome) bool {
	found := false
	for _, c := range r.Checks {
		if c.ID == id {
			found = true
			if !slices.Contains(outcomes, c.Outcome) {
				return false
			}
		}
	}
	return found
}

// subjectIsHolder reports whether every credential names the holder as whom it
// is about.
func (r *Report) subjectIsHolder() bool {
	for _, p := range r.Parts {
		c := p.Claimed()
		if c == nil || len(c.Subjects()) == 0 || len(c.SubjectIDs()) != len(c.Subjects()) ||
			slices.ContainsFunc(c.SubjectIDs(), func(id string) bool { return id != r.Holder }) {
			return false
		}
	}
	return len(r.Parts) > 0
}
