package verifier

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
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
		r.add(Check{ID: CheckNested, Detail: fmt.Sprintf("%d credentials stand in this one, which stands in another itself: they are not looked at", len(parts))})
		return
	case len(parts) > maxParts:
		r.warn(CheckNested, "resource_limit/credentials", parts[maxParts].At, fmt.Sprintf("%d credentials, and only the first %d were looked at", len(parts), maxParts))
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
		text string
	}{
		{"contents_warning/not-valid", "%d of %d credentials in it do not hold on their own"},
		{"contents_warning/undetermined", "%d of %d credentials in it could not be judged"},
		{"contents_warning/untrusted", "%d of %d credentials in it are by issuers that you do not trust"},
		{"contents_warning/unsigned", "%d of %d credentials in it carry no proof: that they were issued is the word of who made the record alone"},
	} {
		if n := tally[remark.code]; n > 0 {
			r.warn(CheckNested, remark.code, first[remark.code], fmt.Sprintf(remark.text, n, len(parts)))
		}
	}
	if !j.text && r.Check(CheckBinding).Outcome == Pass {
		if at := merged(parts, r.Nested); at != "" {
			r.refuse(CheckNested, reason.New("unsigned_data/merged", at, "a credential without a proof and another describe the same thing differently, and the record's signature does not cover which of them says what"))
		}
	}
	if tally[""] == len(parts) {
		r.pass(CheckNested, fmt.Sprintf("%d of %d credentials in it hold, each on its own", len(parts), len(parts)))
	}
}

// signsText reports whether a proof covers a document as it is written, and not
// the statements that it makes.
func signsText(s *proof.Secured) bool {
	return s.At == "" || strings.Contains(string(s.Suite), "-jcs-")
}

// merged looks for a thing that a credential without a proof of its own and
// another one describe differently, and returns where. The context of CLR 2.0
// puts all credentials of a record into one graph: what they say of one id is
// signed as said, and not as said by this one or that. So an achievement could
// be moved from one credential to another, with its issuer and its dates, and
// the record's signature would still be right. A proof of its own shows that.
func merged(parts []credential.Part, reports []*Report) string {
	type saying struct {
		part int
		sum  [sha256.Size]byte
	}
	said := map[string][]saying{} // by id, the first two that differ
	for n, part := range parts {
		if part.Value.Kind() != strictjson.KindObject || credential.HasType(part.Value, envelopedCredential) {
			continue
		}
		describe(part.Value, func(id string, sum [sha256.Size]byte) {
			known := said[id]
			if len(known) == 0 || len(known) == 1 && known[0].sum != sum && known[0].part != n {
				said[id] = append(known, saying{n, sum})
			}
		})
	}
	for n, part := range parts {
		at := ""
		if reports[n].Reason != reason.NoProof || part.Value.Kind() != strictjson.KindObject {
			continue
		}
		describe(part.Value, func(id string, sum [sha256.Size]byte) {
			for _, s := range said[id] {
				if s.part != n && s.sum != sum {
					at = part.At
				}
			}
		})
		if at != "" {
			return at
		}
	}
	return ""
}

// describe visits everything that has an id and of which something is said,
// with a digest of what, and returns the digest of v. Each value is looked at
// once, however deep it stands.
func describe(v *credential.Value, visit func(id string, sum [sha256.Size]byte)) [sha256.Size]byte {
	h := sha256.New()
	switch v.Kind() {
	case strictjson.KindArray:
		h.Write([]byte("["))
		for _, item := range v.Items() {
			sum := describe(item, visit)
			h.Write(sum[:])
		}
	case strictjson.KindObject:
		h.Write([]byte("{"))
		members := slices.Clone(v.Members())
		slices.SortFunc(members, func(a, b strictjson.Member) int { return strings.Compare(a.Name, b.Name) })
		for _, m := range members {
			if m.Name == "@context" || m.Name == "proof" {
				continue
			}
			name, sum := sha256.Sum256([]byte(m.Name)), describe(m.Value, visit)
			h.Write(append(name[:], sum[:]...))
		}
	default:
		h.Write(v.AppendJSON(nil))
	}
	sum := [sha256.Size]byte(h.Sum(nil))
	if id, ok := v.Get("id").Text(); ok && len(v.Without("id", "type").Members()) > 0 {
		visit(id, sum)
	}
	return sum
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
