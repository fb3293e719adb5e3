package profile

import (
	"cmp"
	"iter"
	"slices"
	"strconv"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Name names what a credential is to be held against.
type Name string

// The profiles. Beside them, For holds a credential against what it says
// itself that it is, as tolerantly as a verifier does.
const (
	OB3             Name = "ob3"             // Open Badges 3.0, so that both schemas of 1EdTech take it
	CLR2            Name = "clr2"            // Comprehensive Learner Record 2.0, and each credential in it
	VCDM2           Name = "vcdm2"           // Verifiable Credentials Data Model 2.0
	Microcredential Name = "microcredential" // what European micro-credentials have to say
	EUDI            Name = "eudi"            // credentials for European wallets, as SD-JWT VC
)

// Names returns the profiles that Lint knows.
func Names() []Name { return []Name{OB3, CLR2, VCDM2, Microcredential, EUDI} }

// Lint holds a credential against a profile. What it finds no Error in passes
// the profile; for OB3 that is to pass both schemas that 1EdTech publishes for
// the credential's data model. Errors are not those of a verifier alone: what a
// verifier understands and another program refuses is one here.
//
// EUDI is for documents of another form, see CheckWallet: that it was asked for
// here is an Error, and so is any other profile that this does not know.
func (s *Standards) Lint(c *credential.Credential, p Name) []Finding {
	doc := c.Document()
	switch p {
	case OB3:
		return s.badge(c)
	case CLR2:
		return s.record(c)
	case VCDM2:
		return Check(doc, s.vcdm20)
	case Microcredential:
		return sorted(append(Check(doc, s.For(c)...), european(doc)...))
	}
	return []Finding{Finding{Rule: "lint/profile", Severity: Error, Code: reason.Usage}.Saying(saidNotHeld.With(string(p)), mendProfile.With())}
}

// badge is a badge, or an endorsement of one.
func (s *Standards) badge(c *credential.Credential) []Finding {
	set, class := s.openBadges30, openbadge.TypeAchievementCredential
	if !openbadge.IsBadge(c) && c.HasType(typeEndorsement) {
		set, class = s.endorsement30, typeEndorsement
	}
	return merge(Check(c.Document(), s.Model(c), set), s.checkSchema(c, class))
}

// record is a record with what it holds, each a credential of its own.
func (s *Standards) record(c *credential.Credential) []Finding {
	out := merge(Check(c.Document(), s.Model(c), s.record20), s.checkSchema(c, typeRecord))
	for at, subject := range items("/credentialSubject", c.Document().Get("credentialSubject")) {
		for place, item := range items(strictjson.Pointer(at, "verifiableCredential"), subject.Get("verifiableCredential")) {
			out = merge(out, s.held(item, place))
		}
		out = append(out, associations(subject, at)...)
	}
	return sorted(out)
}

// items yields what a member holds, one value or a list of them, each with its
// place.
func items(at string, v *strictjson.Value) iter.Seq2[string, *strictjson.Value] {
	return func(yield func(string, *strictjson.Value) bool) {
		for i, item := range v.List() {
			place := at
			if v.Kind() == strictjson.KindArray {
				place = strictjson.Pointer(at, strconv.Itoa(i))
			}
			if !yield(place, item) {
				return
			}
		}
	}
}

// held looks at a credential in a record by itself.
func (s *Standards) held(item *strictjson.Value, at string) []Finding {
	c, err := credential.New(item, nil)
	if item.Kind() != strictjson.KindObject || err != nil {
		return nil // a token, or no credential: the record's own rules say so
	}
	found := Check(item, s.For(c)...)
	if openbadge.IsBadge(c) {
		found = s.badge(c)
	}
	for i := range found {
		found[i].At = at + found[i].At
	}
	return found
}

// associations must join achievements that the record knows: else nobody can
// say what is stacked on what.
func associations(subject *strictjson.Value, at string) []Finding {
	record, err := openbadge.ReadClrSubject(subject)
	if err != nil {
		return nil
	}
	known := record.AchievementIDs()
	list := subject.Get("association")
	var out []Finding
	for i, a := range record.Association {
		place := strictjson.Pointer(at, "association")
		if list.Kind() == strictjson.KindArray {
			place = strictjson.Pointer(place, strconv.Itoa(i))
		}
		for _, end := range [][2]string{{"sourceId", a.SourceID}, {"targetId", a.TargetID}} {
			if end[1] != "" && !slices.Contains(known, end[1]) {
				out = append(out, Finding{Rule: "clr2/association-end", Severity: Warning, Code: reason.MalformedModel, At: strictjson.Pointer(place, end[0]),
					Section: sectionOf("Association")}.Saying(saidNoEnd.With(), mendInRecord.With()))
			}
		}
	}
	return out
}

// merge adds what the schemas refuse to what the rules found. What both say
// of one place is said once, in the words of the rule.
func merge(rules, schemas []Finding) []Finding {
	for _, f := range schemas {
		if i := slices.IndexFunc(rules, func(r Finding) bool { return r.At == f.At && r.Severity == Error }); i >= 0 {
			rules[i].Refused |= f.Refused
			continue
		}
		rules = append(rules, f)
	}
	return sorted(rules)
}

func sorted(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.At, b.At))
	})
	return findings
}
