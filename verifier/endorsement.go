package verifier

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// maxEndorsements bounds the endorsements that are judged for one credential:
// each has a proof of its own, and may have its own status list.
const maxEndorsements = 32

// Endorsed says what an endorsement is bound to in the credential that holds
// it.
type Endorsed struct {
	What string // "credential", "issuer", "achievement", "creator", …; empty when it is bound to nothing there
	ID   string // the id that it names
	// ByDigest says that it is also bound to the text of what it endorses, and
	// not to whatever will stand under the id.
	ByDigest bool
}

// endorsable is an object of a credential that others may endorse.
type endorsable struct {
	what  string
	value *credential.Value
	parts []credential.Part // its endorsements
}

// endorsements judges the endorsements that a credential holds: each on its
// own, as the credential that it is, and then by what it is bound to. They are
// remarks. One that does not hold takes nothing from the credential, and none
// that holds adds anything: whom to trust is the relying party's to say.
func (j *judgement) endorsements(ctx context.Context, c *credential.Credential, holds bool) {
	r := j.report
	if len(j.req.Endorsements) == 0 && !mentionsEndorsement(c.Document()) {
		return // as most do not: so this costs little
	}
	things := endorsables(c.Document())
	things[0].parts = append(things[0].parts, j.beside(things)...)
	total := 0
	for _, thing := range things {
		total += len(thing.parts)
	}
	if total == 0 {
		return
	}
	if j.req.within == CheckEndorsement {
		r.notMade(CheckEndorsement, NoteEndorsementNotFollowed)
		return
	}
	v := j.inner(holds)
	for _, thing := range things {
		for _, part := range thing.parts {
			if len(r.Endorsements) == maxEndorsements {
				r.warn(CheckEndorsement, "resource_limit/endorsements", part.At, NoteEndorsementsCut, number(total), number(maxEndorsements))
				j.endorsed()
				return
			}
			report := j.judgeInner(ctx, v, part, CheckEndorsement)
			report.bindEndorsement(thing, things, r.Issuer.ID)
			r.Endorsements = append(r.Endorsements, report)
		}
	}
	j.endorsed()
}

// beside returns the endorsements that came beside the credential, at places
// that no document has. What cannot be read is judged as a text, and so gets a
// report too.
func (j *judgement) beside(things []endorsable) []credential.Part {
	var out []credential.Part
	for n, raw := range j.req.Endorsements {
		part := credential.Part{At: "endorsement " + strconv.Itoa(n+1), Value: strictjson.String(strings.ToValidUTF8(string(raw), "\ufffd"))}
		if v, err := strictjson.ParseObject(raw, strictjson.Limits{}); err == nil {
			part.Value = v
		}
		if j.req.partOf && !j.isOfOne(raw, things) {
			continue // of another credential in the presentation
		}
		out = append(out, part)
	}
	return out
}

// isOfOne reports whether an endorsement says that it is of one of things.
// Nothing about it is proven.
func (j *judgement) isOfOne(raw []byte, things []endorsable) bool {
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return false
	}
	doc := in.Document
	if doc == nil {
		opened, err := j.cfg.Suites.Open(in)
		if err != nil {
			return false
		}
		doc = opened[0].Document
	}
	id := credential.ID(doc.Get("credentialSubject"))
	return slices.ContainsFunc(things, func(t endorsable) bool { return id != "" && credential.ID(t.value) == id })
}

// endorsed sums up the endorsements.
func (j *judgement) endorsed() {
	r := j.report
	var first *Report
	bad := 0
	for _, e := range r.Endorsements {
		if e.Verdict != Valid {
			if bad++; first == nil {
				first = e
			}
		}
	}
	if first == nil {
		r.pass(CheckEndorsement, NoteEndorsementsHold, number(len(r.Endorsements)))
		return
	}
	r.warn(CheckEndorsement, first.Reason, first.At, NoteEndorsementsNotValid, number(bad), number(len(r.Endorsements)), first.Verdict.String())
}

// bindEndorsement compares what an endorsement is of with where it stands. An
// endorsement of something else in the same credential counts for that, and
// for nothing else.
func (r *Report) bindEndorsement(thing endorsable, things []endorsable, issuer string) {
	c := r.Claimed()
	if c == nil && r.Verdict != Valid {
		return
	}
	defer r.conclude(nil) // it was concluded before with what is expected
	if c == nil {         // an Open Badge 2.0, which endorses nobody
		r.refuse(CheckEndorsement, reason.New("wrong_type/endorsement", "", "this stands where endorsements stand, and is none"))
		return
	}
	ids := c.SubjectIDs()
	at := "/credentialSubject/id"
	r.Endorses = &Endorsed{}
	if len(ids) > 0 {
		r.Endorses.ID = ids[0]
	}
	switch {
	case !c.HasType("EndorsementCredential"):
		r.refuse(CheckEndorsement, reason.New("wrong_type/endorsement", "/type", "this stands where endorsements stand, and is none"))
		return
	case len(ids) != 1 || len(c.Subjects()) != 1:
		r.refuse(CheckEndorsement, reason.New("endorsement_mismatch/target", at, "an endorsement names one thing by its id"))
		return
	case credential.ID(thing.value) != ids[0]:
		// The issuer may also stand as the maker of the achievement.
		other := slices.IndexFunc(things, func(t endorsable) bool { return credential.ID(t.value) == ids[0] && t.what == "issuer" })
		if other < 0 {
			other = slices.IndexFunc(things, func(t endorsable) bool { return credential.ID(t.value) == ids[0] })
		}
		if other < 0 {
			r.refuse(CheckEndorsement, reason.New("endorsement_mismatch/target", at, "it endorses something that is not in the credential it stands in"))
			return
		}
		r.warn(CheckEndorsement, "endorsement_mismatch/elsewhere", at, NoteEndorsesElsewhere, thing.what, things[other].what)
		thing = things[other]
	}
	r.Endorses.What = thing.what
	if r.Issuer.ID == issuer {
		r.warn(CheckEndorsement, "endorsement_mismatch/self", "/issuer", NoteEndorsesItself)
	}
	r.bindDigest(c, thing)
	if !slices.ContainsFunc(r.Checks, func(c Check) bool { return c.ID == CheckEndorsement }) {
		r.pass(CheckEndorsement, NoteEndorsesByID, thing.what)
	}
}

// bindDigest compares the digests that an endorsement gives for what it
// endorses.
func (r *Report) bindDigest(c *credential.Credential, thing endorsable) {
	entries := c.Document().Get("relatedResource").List()
	for n, entry := range entries {
		if credential.ID(entry) != r.Endorses.ID || thing.value.Kind() != strictjson.KindObject {
			continue
		}
		at := strictjson.Pointer("/relatedResource", strconv.Itoa(n))
		raw, err := openbadge.Endorsed(thing.value)
		if err != nil {
			r.refuse(CheckEndorsement, reason.Wrap("endorsement_mismatch/digest", at, err))
			return
		}
		digests := digestsOf(entry)
		if len(digests) == 0 || slices.ContainsFunc(digests, func(d digest) bool { return !d.of(raw) }) {
			r.refuse(CheckEndorsement, reason.New("endorsement_mismatch/digest", at, "the %s has another text than the one that was endorsed", thing.what))
			return
		}
		r.Endorses.ByDigest = true
		r.pass(CheckEndorsement, NoteEndorsesByDigest, thing.what)
		if len(entries) == 1 { // it was not at hand before
			r.drop(CheckResources)
		}
	}
}

func mentionsEndorsement(v *credential.Value) bool {
	return slices.ContainsFunc(v.Items(), mentionsEndorsement) || slices.ContainsFunc(v.Members(), func(m strictjson.Member) bool {
		return m.Name == "endorsement" || m.Name == "endorsementJwt" || mentionsEndorsement(m.Value)
	})
}

// endorsables collects the objects of a credential that have an id or hold
// endorsements. It does not look into credentials that stand in it.
func endorsables(document *credential.Value) []endorsable {
	var out []endorsable
	var at strictjson.Path
	var visit func(v *credential.Value, what string)
	visit = func(v *credential.Value, what string) {
		for i, item := range v.Items() {
			at.EnterItem(i)
			visit(item, what)
			at.Leave()
		}
		place := at.String()
		thing := endorsable{what: what, value: v}
		thing.parts = append(partsOf(v, place, "endorsement"), partsOf(v, place, "endorsementJwt")...)
		if v.Kind() == strictjson.KindObject || what == "issuer" { // which may be an id alone
			out = append(out, thing)
		}
		for _, m := range v.Members() {
			switch m.Name {
			case "endorsement", "endorsementJwt", "verifiableCredential", "proof", "@context", "credentialStatus", "credentialSchema", "refreshService", "relatedResource":
				continue
			}
			at.Enter(m.Name)
			what := m.Name
			if what == "credentialSubject" {
				what = "subject"
			}
			visit(m.Value, what)
			at.Leave()
		}
	}
	visit(document, "credential")
	return out
}
