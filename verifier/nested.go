package verifier

import (
	"context"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// nested judges the credentials in a comprehensive learner record (CLR 2.0):
// each on its own, by its own proof and issuer. The verdict is on the record:
// its publisher says that these belong to the person. What becomes of those in
// it is a remark, and a credential never becomes better by standing in a
// record.
func (j *judgement) nested(ctx context.Context, c *credential.Credential, holds bool) {
	r := j.report
	parts := nestedIn(c)
	switch {
	case len(parts) == 0:
		return
	case j.req.within != "":
		r.notMade(CheckNested, NoteNestedNotFollowed, number(len(parts)))
		return
	case len(parts) > maxParts:
		r.warn(CheckNested, "resource_limit/credentials", parts[maxParts].At, NoteNestedCut, number(len(parts)), number(maxParts))
		parts = parts[:maxParts]
	}
	v := j.inner(holds)
	tally := map[reason.Code]int{}
	first := map[reason.Code]string{}
	for _, part := range parts {
		report := j.judgeInner(ctx, v, part, CheckNested)
		r.Nested = append(r.Nested, report)
		code := nestedRemark(report)
		if tally[code]++; tally[code] == 1 {
			first[code] = part.At
		}
	}
	for _, remark := range []struct {
		code reason.Code
		note Note
	}{
		{"contents_warning/not-valid", NoteNestedNotValid},
		{"contents_warning/undetermined", NoteNestedUndetermined},
		{"contents_warning/untrusted", NoteNestedUntrusted},
		{"contents_warning/unsigned", NoteNestedUnsigned},
	} {
		if n := tally[remark.code]; n > 0 {
			r.warn(CheckNested, remark.code, first[remark.code], remark.note, number(n), number(len(parts)))
		}
	}
	// The context of CLR 2.0 puts all of a record into one graph: what is said in
	// it of a person is signed as said, and not as said by this credential or that.
	// So an achievement could be moved into one that has no proof of its own, and
	// the record's signature would still be right.
	const unsigned = "contents_warning/unsigned"
	if n := tally[unsigned]; n > 0 && !j.text && r.Check(CheckBinding).Outcome == Pass {
		r.refuse(CheckNested, reason.New("unsigned_data/merged", first[unsigned], "%d of %d credentials in it carry no proof, and the record's signature covers what is said in it, not which credential says it", n, len(parts)))
	}
	if tally[""] == len(parts) {
		r.pass(CheckNested, NoteNestedHold, number(len(parts)), number(len(parts)))
	}
}

// signsText reports whether a proof covers a document as it is written, and not
// the statements that it makes.
func signsText(s *proof.Secured) bool {
	return s.At == "" || strings.Contains(string(s.Suite), "-jcs-")
}

// nestedRemark returns what is to be said of a record that holds a credential
// with such a report.
func nestedRemark(r *Report) reason.Code {
	switch {
	case r.Verdict == Valid:
		return ""
	case r.Verdict == Untrusted:
		return "contents_warning/untrusted"
	case r.Verdict == Undetermined:
		return "contents_warning/undetermined"
	case r.Reason == reason.NoProof:
		return "contents_warning/unsigned"
	}
	return "contents_warning/not-valid"
}

// nestedIn finds the credentials that the subjects of a credential hold.
func nestedIn(c *credential.Credential) []credential.Part {
	var out []credential.Part
	subjects := c.Subjects()
	for n, s := range subjects {
		at := "/credentialSubject"
		if len(subjects) > 1 {
			at = strictjson.Pointer(at, strconv.Itoa(n))
		}
		out = append(out, partsOf(s, at, "verifiableCredential")...)
	}
	return out
}

// partsOf returns the values of a member that is one value or a list.
func partsOf(v *credential.Value, at, member string) []credential.Part {
	m := v.Get(member)
	at = strictjson.Pointer(at, member)
	if m.Kind() != strictjson.KindArray {
		if m == nil || m.Kind() == strictjson.KindNull {
			return nil
		}
		return []credential.Part{{At: at, Value: m}}
	}
	var out []credential.Part
	for i, item := range m.Items() {
		out = append(out, credential.Part{At: strictjson.Pointer(at, strconv.Itoa(i)), Value: item})
	}
	return out
}
