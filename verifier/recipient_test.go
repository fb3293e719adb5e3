package verifier_test

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func md(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// naming is a credential whose subject holds the given members.
func (p party) naming(t testing.TB, members string) []byte {
	t.Helper()
	v, err := strictjson.Parse([]byte(`{`+members+`}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(members, err)
	}
	return p.sign(dataintegrity.EdDSARDFC2022, p.credential("", func(d *credential.Draft) {
		for _, m := range v.Members() {
			d.Subject = d.Subject.With(m.Name, m.Value)
		}
	}), proof.Params{})
}

func identity(kind, hashed, hash, more string) string {
	return fmt.Sprintf(`{"type":"IdentityObject","identityType":%q,"hashed":%s,"identityHash":%q%s}`, kind, hashed, hash, more)
}

// TestRecipient compares what is known of a person with how credentials name
// theirs.
func TestRecipient(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	const kari = "kari@example.org"
	one := func(kind, value string) []verifier.Identifier {
		return []verifier.Identifier{{Type: kind, Value: value}}
	}
	mail := one("emailAddress", kari)
	const other, unknown = "holder_mismatch/recipient", "holder_mismatch/recipient-unknown"
	for _, c := range []struct {
		name, members string
		known         []verifier.Identifier
		code          reason.Code
		matched       string
	}{
		{"id", `"id":"did:x:kari"`, one("id", "did:x:kari"), "", "id (plain)"},
		{"id by the name did", `"id":"did:x:kari"`, one("did", "did:x:kari"), "", "id (plain)"},
		{"another id", `"id":"did:x:ola"`, one("id", "did:x:kari"), other, ""},
		{"plain", `"identifier":[` + identity("emailAddress", "false", kari, "") + `]`, mail, "", "emailAddress (plain)"},
		{"asked by the old name", `"identifier":[` + identity("emailAddress", "false", kari, "") + `]`, one("email", kari), "", "emailAddress (plain)"},
		{"the salt of a plain one is not used", `"identifier":[` + identity("emailAddress", "false", kari, `,"salt":"not-used"`) + `]`, mail, "", "emailAddress (plain)"},
		{"salted", `"identifier":[` + identity("emailAddress", "true", "sha256$"+sha(kari+"s4lt"), `,"salt":"s4lt"`) + `]`, mail, "", "emailAddress (sha256, salted)"},
		{"large letters in the hash", `"identifier":[` + identity("emailAddress", "true", "sha256$"+strings.ToUpper(sha(kari)), "") + `]`, mail, "", "emailAddress (sha256, without salt)"},
		{"md5", `"identifier":[` + identity("emailAddress", "true", "md5$"+md(kari+"x"), `,"salt":"x"`) + `]`, mail, "", "emailAddress (md5, salted)"},
		{"another salt", `"identifier":[` + identity("emailAddress", "true", "sha256$"+sha(kari+"s4lt"), `,"salt":"other"`) + `]`, mail, other, ""},
		{"one object in place of a list", `"identifier":` + identity("name", "false", "Kari Nordmann", ""), one("name", "Kari Nordmann"), "", "name (plain)"},
		{"a type of one's own", `"identifier":[` + identity("ext:studentId", "false", "17", "") + `]`, one("ext:studentId", "17"), "", "ext:studentId (plain)"},
		{"the value of another type", `"identifier":[` + identity("accountId", "false", kari, "") + `]`, mail, unknown, ""},
		{"the second of two addresses", `"identifier":[` + identity("emailAddress", "false", "k@work.example", "") + `,` + identity("emailAddress", "false", kari, "") + `]`, mail, "", "emailAddress (plain)"},
		{"two known, both agree", `"id":"did:x:kari","identifier":[` + identity("emailAddress", "false", kari, "") + `]`, append(one("id", "did:x:kari"), mail...), "", "id (plain) emailAddress (plain)"},
		{"two known, one contradicts", `"id":"did:x:ola","identifier":[` + identity("emailAddress", "false", kari, "") + `]`, append(one("id", "did:x:kari"), mail...), other, ""},
		{"two known, of one nothing is said", `"identifier":[` + identity("emailAddress", "false", kari, "") + `]`, append(one("name", "Kari"), mail...), "", "emailAddress (plain)"},
		{"md5, of one nothing is said", `"identifier":[` + identity("emailAddress", "true", "md5$"+md(kari), "") + `]`, append(one("name", "Kari"), mail...), "", "emailAddress (md5, without salt)"},
		{"mailto:", `"id":"mailto:` + kari + `"`, mail, "", "emailAddress (plain)"},
		{"nothing", ``, mail, unknown, ""},
		{"a name beside the id", `"id":"did:x:kari","name":"Kari"`, append(one("id", "did:x:kari"), one("name", "Kari")...), "", "id (plain) name (plain)"},
		{"an empty name", `"name":""`, one("name", "Kari"), unknown, ""},
		{"by one that cannot be compared, beside one that agrees", `"id":"did:x:kari","identifier":[` + identity("emailAddress", "true", "sha1$00", "") + `]`, append(one("id", "did:x:kari"), mail...), unknown, ""},
		{"by who knows what, beside one that agrees", `"id":"did:x:kari","identifier":[{"type":"IdentityObject","hashed":false,"identityHash":"x"}]`, append(one("id", "did:x:kari"), mail...), unknown, ""},
		{"by who knows what, beside one that does not", `"identifier":[` + identity("emailAddress", "false", "ola@example.org", "") + `,{"type":"IdentityObject","hashed":false,"identityHash":"x"}]`, mail, unknown, ""},
		{"by who knows what, the right text", `"identifier":[{"type":"IdentityObject","hashed":false,"identityHash":"` + kari + `"}]`, mail, unknown, ""},
		{"another type, in large letters", `"name":"KARI@EXAMPLE.ORG","identifier":[` + identity("emailAddress", "false", "ola@example.org", "") + `]`, mail, other, ""},
		{"the digits of the hash", `"identifier":[` + identity("emailAddress", "true", "sha256$"+sha(kari), "") + `]`, one("emailAddress", strings.ToUpper(sha(kari))), other, ""},
		{"asked without a type", `"name":"Kari"`, one("", "Kari"), "usage/recipient", ""},

		{"another algorithm", `"identifier":[` + identity("emailAddress", "true", "sha1$"+sha(kari), "") + `]`, mail, unknown, ""},
		{"no algorithm", `"identifier":[` + identity("emailAddress", "true", sha(kari), "") + `]`, mail, unknown, ""},
		{"the algorithm in large letters", `"identifier":[` + identity("emailAddress", "true", "SHA256$"+sha(kari), "") + `]`, mail, unknown, ""},
		{"a hash cut short", `"identifier":[` + identity("emailAddress", "true", "sha256$"+sha(kari)[:32], "") + `]`, mail, unknown, ""},
		{"hashed, and called plain", `"identifier":[` + identity("emailAddress", "false", "sha256$"+sha(kari), "") + `]`, mail, unknown, ""},
		{"does not say whether hashed", `"identifier":[{"type":"IdentityObject","identityType":"emailAddress","identityHash":"` + kari + `"}]`, mail, unknown, ""},
		{"letter case", `"identifier":[` + identity("emailAddress", "false", "Kari@Example.org", "") + `]`, mail, other, ""},
		{"letter case, hashed", `"identifier":[` + identity("emailAddress", "true", "sha256$"+sha(kari), "") + `]`, one("emailAddress", "Kari@example.org"), other, ""},
		{"composed and decomposed letters", `"identifier":[` + identity("name", "false", "Kåre", "") + `]`, one("name", "Ka\u030are"), other, ""},
		{"white space", `"identifier":[` + identity("emailAddress", "false", kari+" ", "") + `]`, mail, other, ""},
		{"the hash of nothing", `"identifier":[` + identity("emailAddress", "true", "sha256$"+sha(""), "") + `]`, mail, other, ""},
		{"asked with nothing", `"identifier":[` + identity("emailAddress", "true", "sha256$"+sha(""), "") + `]`, one("emailAddress", ""), "usage/recipient", ""},
		{"nothing, with a salt that is the address", `"identifier":[` + identity("emailAddress", "true", "sha256$"+sha(kari), `,"salt":"`+kari+`"`) + `]`, mail, other, ""},
		{"just not too many", `"identifier":[` + strings.TrimSuffix(strings.Repeat(identity("name", "false", "x", "")+",", 64), ",") + `]`, one("name", "x"), "", "name (plain)"},
		{"many", `"identifier":[` + strings.TrimSuffix(strings.Repeat(identity("name", "false", "x", "")+",", 65), ",") + `]`, one("name", "x"), "resource_limit/identifiers", ""},
	} {
		report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: p.naming(t, c.members), Recipient: c.known})
		check := report.Check(verifier.CheckRecipient)
		if report.Reason != c.code || strings.Join(report.Recipient, " ") != c.matched || (report.Verdict == verifier.Valid) != (c.code == "") {
			t.Errorf("%s: %s %q matched %q, want %q %q (%+v)", c.name, report.Verdict, report.Reason, report.Recipient, c.code, c.matched, check)
		}
		if slices.Contains(report.Bindings(), verifier.BoundRecipient) != (c.matched != "") {
			t.Errorf("%s: bindings %v", c.name, report.Bindings())
		}
		if strings.Contains(check.Detail, "kari") {
			t.Errorf("%s: the detail holds what is personal: %s", c.name, check.Detail)
		}
		if strings.Contains(c.matched, "md5") != (check.Outcome == verifier.Warn && strings.Contains(check.Detail, "md5 is weak")) {
			t.Errorf("%s: %+v", c.name, check)
		}
		if unsaid := slices.ContainsFunc(c.known, func(i verifier.Identifier) bool { return i.Type == "name" }) && strings.HasSuffix(c.name, "nothing is said"); unsaid != strings.Contains(check.Detail, "it does not speak of name") {
			t.Errorf("%s: %s", c.name, check.Detail)
		}
		if strings.HasPrefix(c.name, "two known, both") && check.Note != verifier.NoteRecipientMatched || c.name == "md5" && check.Note != verifier.NoteRecipientWeak {
			t.Errorf("%s: %s", c.name, check.Note)
		}
		if strings.HasPrefix(c.name, "letter case") != strings.Contains(check.Detail, "letter case") {
			t.Errorf("%s: %s", c.name, check.Detail)
		}
	}
	report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: p.naming(t, `"id":"did:x:kari"`)})
	if check := report.Check(verifier.CheckRecipient); check.Outcome != verifier.NotApplicable || len(report.Bindings()) > 0 {
		t.Errorf("nobody asked: %+v %v", check, report.Bindings())
	}
}

// TestRecipientOfForgery: that a forged file names the right person does not
// make it better.
func TestRecipientOfForgery(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	raw := strings.Replace(string(p.naming(t, `"id":"did:x:ola"`)), "did:x:ola", "did:x:kari", 1)
	report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(raw), Recipient: []verifier.Identifier{{Type: "id", Value: "did:x:kari"}}})
	if report.Verdict != verifier.Invalid || report.Reason != reason.BadSignature {
		t.Error(report.Verdict, report.Reason)
	}
}

// TestBindings tells the ways in which a presentation is tied to a person.
func TestBindings(t *testing.T) {
	t.Parallel()
	p, holder, child := newParty(t), newParty(t), newParty(t)
	own := p.sign(dataintegrity.EdDSARDFC2022, p.credential(holder.id, nil), proof.Params{})
	childs := p.sign(dataintegrity.EdDSARDFC2022, p.credential(child.id, nil), proof.Params{})
	for _, c := range []struct {
		name        string
		credentials [][]byte
		req         verifier.Request
		want        string
		code        reason.Code
	}{
		{"the holder's own", [][]byte{own}, verifier.Request{Audience: "a", Challenge: "n", RequireHolder: true}, "[holder holder-is-subject audience challenge]", ""},
		{"no challenge", [][]byte{own}, verifier.Request{Audience: "a"}, "[holder holder-is-subject audience]", ""},
		{"whom was asked for as well", [][]byte{own}, verifier.Request{Audience: "a", Recipient: []verifier.Identifier{{Type: "id", Value: holder.id}}}, "[recipient holder holder-is-subject audience]", ""},
		{"somebody else's", [][]byte{childs}, verifier.Request{Audience: "a"}, "[holder audience]", ""},
		{"somebody else's, required", [][]byte{childs}, verifier.Request{Audience: "a", RequireHolder: true}, "[audience]", reason.HolderMismatch},
		{"a child's, explained", [][]byte{own, childs}, verifier.Request{Audience: "a", RequireHolder: true, OnBehalfOf: []string{child.id}}, "[holder audience]", ""},
		{"explained for another", [][]byte{childs}, verifier.Request{Audience: "a", RequireHolder: true, OnBehalfOf: []string{"did:x:other"}}, "[audience]", reason.HolderMismatch},
		{"about whom was asked for, in one of two", [][]byte{own, childs}, verifier.Request{Audience: "a", Recipient: []verifier.Identifier{{Type: "id", Value: holder.id}}}, "[holder audience]", "holder_mismatch/recipient"},
	} {
		c.req.Raw = holder.presentation(proof.Params{Domains: []string{"a"}, Challenge: "n"}, holder.id, c.credentials...)
		report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, c.req)
		if got := fmt.Sprint(report.Bindings()); got != c.want || report.Reason != c.code {
			t.Errorf("%s: %s %s, want %s %s (%v)", c.name, got, report.Reason, c.want, c.code, report.Err())
		}
	}
}
