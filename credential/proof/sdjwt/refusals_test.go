package sdjwt_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestSignRefusesEach: what the form cannot say is refused, each by itself, and
// so is what Open would refuse.
func TestSignRefusesEach(t *testing.T) {
	t.Parallel()
	issuer := newParty(t, key.Ed25519)
	doc := string(badge(issuer.did, "did:example:kari"))
	plain := `{"iss":"` + issuer.did + `","vct":"x","name":"n"`
	large := func(members int) string {
		var b strings.Builder
		b.WriteString(plain + `,"list":[0`)
		for range members - 1 {
			b.WriteString(",0")
		}
		return b.String() + "]}"
	}
	hide := func(n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf("/list/%d", i))
		}
		return out
	}
	for name, c := range map[string]struct {
		doc    string
		change func(*proof.Params)
		code   reason.Code
	}{
		"as it should be":           {doc, func(*proof.Params) {}, ""},
		"a challenge":               {doc, func(p *proof.Params) { p.Challenge = "c" }, "usage/params"},
		"a domain":                  {doc, func(p *proof.Params) { p.Domains = []string{"a.example"} }, "usage/params"},
		"a proof with an id":        {doc, func(p *proof.Params) { p.ProofID = "urn:p" }, "usage/params"},
		"a proof upon another":      {doc, func(p *proof.Params) { p.Previous = []string{"urn:p"} }, "usage/params"},
		"less than no decoys":       {doc, func(p *proof.Params) { p.Decoys = -1 }, "usage/params"},
		"as many decoys as may be":  {doc, func(p *proof.Params) { p.Decoys = 100 }, ""},
		"one more decoy":            {doc, func(p *proof.Params) { p.Decoys = 101 }, "usage/params"},
		"a keyword of JSON-LD":      {strings.Replace(doc, `"narrative":"a"`, `"@id":"urn:a"`, 1), func(p *proof.Params) { p.Disclosable = []string{"/evidence/0/@id"} }, "usage/params"},
		"a wrong day":               {strings.Replace(doc, "2026-01-01T00:00:00Z", "yesterday", 1), func(*proof.Params) {}, reason.MalformedTime},
		"a key that is none":        {strings.Replace(doc, "did:example:kari", "did:key:z6MkNone", 1), func(*proof.Params) {}, "key_invalid/type"},
		"as much kept back as goes": {large(2000), func(p *proof.Params) { p.Disclosable = hide(2000) }, ""},
		"one more kept back":        {large(2001), func(p *proof.Params) { p.Disclosable = hide(2001) }, "resource_limit/disclosures"},
		"more than may be read":     {plain + `,"text":"` + strings.Repeat("a", 900<<10) + `"}`, func(p *proof.Params) { p.Disclosable = []string{"/text"} }, reason.LimitSize},
	} {
		p := proof.Params{Purpose: proof.AssertionMethod}
		c.change(&p)
		token, err := sdjwt.DC().Sign(t.Context(), []byte(c.doc), issuer, p)
		if reason.CodeOf(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
		if err != nil {
			continue
		}
		if _, _, err := verify(t, string(token)); err != nil {
			t.Errorf("%s: what was signed is refused: %v", name, err)
		}
	}
}

// TestWhatIsSigned: header and claims say what was asked for, and nothing that
// was not.
func TestWhatIsSigned(t *testing.T) {
	t.Parallel()
	issuer, holder := newParty(t, key.Ed25519), newParty(t, key.P256)
	jwkID, _ := did.JWKID(holder.Public())
	doc := string(badge(issuer.did, "did:example:kari"))
	presented := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` + issuer.did + `"}`
	own := `{"iss":"` + issuer.did + `","vct":"x","cnf":{"kid":"did:x:a#k"},"credentialSubject":{"id":"` + holder.did + `"}}`
	for name, c := range map[string]struct {
		suite  proof.Suite
		doc    string
		p      proof.Params
		header string
		claims string // names, in order
	}{
		"a document":              {sdjwt.DC(), doc, proof.Params{}, "kid typ", "exp iss ld nbf vct"},
		"one without end":         {sdjwt.DC(), strings.Replace(doc, `"validUntil":"2030-01-01T00:00:00Z",`, "", 1), proof.Params{}, "kid typ", "iss ld nbf vct"},
		"one of no context":       {sdjwt.DC(), strings.Replace(doc, doc[1:strings.Index(doc, `"id"`)], "", 1), proof.Params{}, "kid typ", "exp iss ld nbf vct"},
		"when it was signed":      {sdjwt.DC(), doc, proof.Params{Created: at(9)}, "kid typ", "exp iat iss ld nbf vct"},
		"with something hidden":   {sdjwt.DC(), doc, proof.Params{Disclosable: []string{"/evidence"}}, "kid typ", "_sd_alg exp iss ld nbf vct"},
		"to whose id is a key":    {sdjwt.DC(), strings.Replace(doc, "did:example:kari", holder.did, 1), proof.Params{}, "kid typ", "cnf exp iss ld nbf vct"},
		"to whose id is a JWK":    {sdjwt.DC(), strings.Replace(doc, "did:example:kari", jwkID, 1), proof.Params{}, "kid typ", "cnf exp iss ld nbf vct"},
		"claims bound by name":    {sdjwt.DC(), own, proof.Params{}, "kid typ", "cnf credentialSubject iss vct"},
		"the data model's":        {sdjwt.VC(), doc, proof.Params{}, "cty kid typ", "@context credentialSubject evidence id issuer type validFrom validUntil"},
		"decoys where it is":      {sdjwt.VC(), doc, proof.Params{Disclosable: []string{"/credentialSubject/identifier"}, Decoys: 3}, "cty kid typ", "@context _sd_alg credentialSubject evidence id issuer type validFrom validUntil"},
		"a presentation":          {sdjwt.VP(), presented, proof.Params{Purpose: proof.Authentication}, "cty kid typ", "@context holder type"},
		"a presentation, hidden":  {sdjwt.VP(), presented, proof.Params{Purpose: proof.Authentication, Disclosable: []string{"/holder"}}, "cty kid typ", "@context _sd _sd_alg type"},
		"a presentation with end": {sdjwt.VP(), presented, proof.Params{Purpose: proof.Authentication, Expires: time.Unix(1, 0)}, "cty kid typ", "@context exp holder type"},
	} {
		if c.p.Purpose == "" {
			c.p.Purpose = proof.AssertionMethod
		}
		token, err := c.suite.Sign(t.Context(), []byte(c.doc), issuer, c.p)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		parts := strings.Split(string(token), ".")
		if got := memberNames(t, parts[0]); got != "alg "+c.header {
			t.Errorf("%s: the header has %s, want alg %s", name, got, c.header)
		}
		if got := memberNames(t, parts[1]); got != c.claims {
			t.Errorf("%s: the claims are %s, want %s", name, got, c.claims)
		}
	}
}

// memberNames returns the names in a part of a token, in order.
func memberNames(t *testing.T, part string) string {
	t.Helper()
	raw, err := b64.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	return strings.Join(ordered(names), " ")
}

// TestRevealRefuses: what is disclosed for an element, or is not text, is looked
// at as what is disclosed for a member is.
func TestRevealRefuses(t *testing.T) {
	t.Parallel()
	issuer := newParty(t, key.Ed25519)
	listed := func(disclosure string) forged {
		return forged{payload: payload(issuer, `,"list":[{"...":`+quoted(disclosure)+`}]`), disclosures: []string{disclosure}}
	}
	for name, c := range map[string]struct {
		token string
		code  reason.Code
	}{
		"an element":                     {listed(`["x","a"]`).build(t, issuer), ""},
		"a member for an element":        {listed(`["x","a",1]`).build(t, issuer), "disclosure_invalid/placement"},
		"an element with wrong digests":  {listed(`["x",{"_sd":7}]`).build(t, issuer), "malformed/sd-jwt"},
		"an element of no digest":        {forged{payload: payload(issuer, `,"list":[{"...":7}]`)}.build(t, issuer), "malformed/sd-jwt"},
		"an element that is there twice": {forged{payload: payload(issuer, `,"list":[{"...":"abc"},{"...":"abc"}]`)}.build(t, issuer), "disclosure_invalid/digest-twice"},
		"a list with wrong digests":      {forged{payload: payload(issuer, `,"list":[{"_sd":7},1]`)}.build(t, issuer), "malformed/sd-jwt"},
		"a disclosure of no base64":      {jwt(t, issuer, `{"alg":"EdDSA","kid":"`+issuer.ID()+`","typ":"dc+sd-jwt"}`, payload(issuer, `,"_sd":["`+digest("a!")+`"]`)) + "~a!~", reason.MalformedBase64},
		"a credential in a presentation": {jwt(t, issuer, `{"alg":"EdDSA","kid":"`+issuer.ID()+`","typ":"vp+sd-jwt","cty":"vc"}`, payload(issuer, "")) + "~", "wrong_type/cty"},
		"a presentation in a credential": {jwt(t, issuer, `{"alg":"EdDSA","kid":"`+issuer.ID()+`","typ":"dc+sd-jwt","cty":"vp"}`, payload(issuer, "")) + "~", "wrong_type/cty"},
		"nothing before the tilde":       {"~", reason.MalformedJSON},
	} {
		if _, _, err := verify(t, c.token); reason.CodeOf(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

// TestDepthOfWhatIsDisclosed: the limit holds for what comes of all disclosures
// together, and up to it all is taken.
func TestDepthOfWhatIsDisclosed(t *testing.T) {
	t.Parallel()
	issuer := newParty(t, key.Ed25519)
	nest := func(n int) forged {
		inner := `["x","n",1]`
		all := []string{inner}
		for range n - 1 {
			inner = `["x","n",{"_sd":[` + quoted(inner) + `]}]`
			all = append(all, inner)
		}
		return forged{payload: payload(issuer, `,"_sd":[`+quoted(inner)+`]`), disclosures: all}
	}
	for n, code := range map[int]reason.Code{6: "", 7: reason.LimitDepth} {
		in, err := proof.Read([]byte(nest(n).build(t, issuer)), strictjson.Limits{MaxDepth: 6})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sdjwt.DC().Open(in); reason.CodeOf(err) != code || (err == nil) != (code == "") {
			t.Errorf("%d levels: %v, want %q", n, err, code)
		}
	}
}

// TestVerifyWhatIsGiven: what counts is the token that is given, whoever read it
// before and whatever was read.
func TestVerifyWhatIsGiven(t *testing.T) {
	t.Parallel()
	issuer := newParty(t, key.Ed25519)
	good, other := issue(t, sdjwt.DC(), issuer, badge(issuer.did, "did:example:kari"), proof.Params{}), issue(t, sdjwt.DC(), issuer, badge(issuer.did, "did:example:ola"), proof.Params{})
	otherParts, goodParts := strings.Split(other, "."), strings.Split(good, ".")
	forgery := goodParts[0] + "." + goodParts[1] + "." + otherParts[2]
	read := func(text string) *proof.Input {
		in, err := proof.Read([]byte(text), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	open := func(text string) *proof.Secured {
		secured, err := sdjwt.DC().Open(read(text))
		if err != nil {
			t.Fatal(err)
		}
		return secured[0]
	}
	exchanged := open(good)
	exchanged.Input = read(forgery)
	broken := open(good)
	broken.Input = read(strings.Replace(good, "~", "~~", 1))
	for name, c := range map[string]struct {
		suite proof.Suite
		sec   *proof.Secured
		code  reason.Code
	}{
		"as it was opened":         {sdjwt.DC(), open(good), ""},
		"never opened":             {sdjwt.DC(), &proof.Secured{Input: read(good)}, ""},
		"nothing":                  {sdjwt.DC(), nil, reason.NoProof},
		"no token":                 {sdjwt.DC(), &proof.Secured{}, reason.NoProof},
		"by another suite":         {sdjwt.VC(), open(good), "unsupported_alg/suite"},
		"another token by now":     {sdjwt.DC(), exchanged, reason.BadSignature},
		"a broken token by now":    {sdjwt.DC(), broken, "malformed/sd-jwt"},
		"of a holder who is none":  {sdjwt.DC(), &proof.Secured{Input: read(good), Purpose: proof.Authentication}, "holder_mismatch/no-key-binding"},
		"a forgery, never opened":  {sdjwt.DC(), &proof.Secured{Input: read(forgery)}, reason.BadSignature},
		"a forgery, as was opened": {sdjwt.DC(), open(forgery), reason.BadSignature},
	} {
		if _, err := c.suite.Verify(t.Context(), c.sec, keys{}); reason.CodeOf(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

// TestOnlyWhatIsNamed: a holder shows what was named, not what begins alike, and
// nothing that has no name in the document.
func TestOnlyWhatIsNamed(t *testing.T) {
	t.Parallel()
	issuer, holder := newParty(t, key.Ed25519), newParty(t, key.P256)
	alike, made := `["x","given_names","Kari Anne"]`, `["x","iat",1]`
	token := forged{payload: payload(issuer, `,"cnf":{"kid":"did:web:kari.example#k"},"_sd":[`+quoted(given, alike, made)+`]`), disclosures: []string{given, alike, made}}.build(t, issuer)
	shown := disclose(t, sdjwt.DC(), token, proof.Disclosure{Pointers: []string{"/credentialSubject/given_name"}})
	if want := token[:strings.Index(token, "~")+1] + b64.EncodeToString([]byte(given)) + "~"; shown != want {
		t.Errorf("%d disclosures are shown, and not the one", strings.Count(shown, "~")-1)
	}
	all, err := sdjwt.DC().(proof.Discloser).Choices(t.Context(), []byte(token))
	if err != nil || len(all) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
	ld := `["x","ld",{"type":["VerifiableCredential"]}]`
	if all, err := sdjwt.DC().(proof.Discloser).Choices(t.Context(), []byte(forged{payload: payload(issuer, `,"_sd":[`+quoted(ld)+`]`), disclosures: []string{ld}}.build(t, issuer))); err != nil || len(all) != 0 {
		t.Errorf("the whole can be kept back: %+v, %v", all, err)
	}
	named := proof.Disclosure{Holder: renamed{holder, "did:web:kari.example#k"}, Audience: "a", Created: at(9)}
	if _, err := sdjwt.DC().(proof.Discloser).Disclose(t.Context(), []byte(token), named); err != nil {
		t.Errorf("by the key that is named: %v", err)
	}
	named.Holder = renamed{holder, "did:web:ola.example#k"}
	if _, err := sdjwt.DC().(proof.Discloser).Disclose(t.Context(), []byte(token), named); reason.CodeOf(err) != "holder_mismatch/key" {
		t.Errorf("by another key: %v", err)
	}
	for text, code := range map[string]reason.Code{
		"": reason.MalformedJSON,
		jwt(t, issuer, `{"alg":"EdDSA","typ":"kb+jwt"}`, `{}`) + "~": "wrong_type/typ",
	} {
		if _, err := sdjwt.DC().(proof.Discloser).Choices(t.Context(), []byte(text)); reason.CodeOf(err) != code {
			t.Errorf("%q: %v, want %s", text, err, code)
		}
	}
	large := issue(t, sdjwt.DC(), issuer, []byte(`{"iss":"`+issuer.did+`","vct":"x","text":"`+strings.Repeat("a", 766<<10)+`"}`), proof.Params{Holder: holder.Public()})
	if _, err := sdjwt.DC().(proof.Discloser).Disclose(t.Context(), []byte(large), proof.Disclosure{Holder: holder, Audience: strings.Repeat("a", 4<<10), Created: at(9)}); reason.CodeOf(err) != reason.LimitSize {
		t.Errorf("more than may be read: %v", err)
	}
}

// renamed is a signer under another name.
type renamed struct {
	key.Signer
	id string
}

func (r renamed) ID() string { return r.id }

// TestLookWithoutJudging: what a token says, and whose key it is bound to, can be
// asked without a suite.
func TestLookWithoutJudging(t *testing.T) {
	t.Parallel()
	issuer, holder := newParty(t, key.Ed25519), newParty(t, key.P256)
	presented := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` + issuer.did + `"}`
	vp, err := sdjwt.VP().Sign(t.Context(), []byte(presented), issuer, proof.Params{Purpose: proof.Authentication})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token  string
		member string // one that the document has
		holder bool
		code   reason.Code
	}{
		"linked":         {issue(t, sdjwt.DC(), issuer, badge(issuer.did, holder.did), proof.Params{}), "evidence", true, ""},
		"the document":   {issue(t, sdjwt.VC(), issuer, badge(issuer.did, holder.did), proof.Params{}), "evidence", true, ""},
		"a presentation": {string(vp), "holder", false, ""},
		"to nobody":      {issue(t, sdjwt.VC(), issuer, badge(issuer.did, "urn:uuid:1"), proof.Params{}), "evidence", false, ""},
		"to a name":      {forged{payload: payload(issuer, `,"cnf":{"kid":"did:x:a#k"}`)}.build(t, issuer), "credentialSubject", false, ""},
		"no SD-JWT":      {`{"a":1}`, "", false, "malformed/sd-jwt"},
		"of no type":     {jwt(t, issuer, `{"alg":"EdDSA","typ":"kb+jwt"}`, `{}`) + "~", "", false, "wrong_type/typ"},
		"nothing":        {"", "", false, reason.MalformedJSON},
	} {
		doc, err := sdjwt.Document([]byte(c.token))
		if reason.CodeOf(err) != c.code || (doc.Get(c.member) == nil) != (c.code != "") {
			t.Errorf("%s: %v, %v", name, doc, err)
		}
		bound, err := sdjwt.HolderKey([]byte(c.token))
		if reason.CodeOf(err) != c.code || c.holder != bound.Equal(holder.Public()) || !c.holder && bound.Type() != key.Unknown {
			t.Errorf("%s: %v, %v", name, bound, err)
		}
	}
}

// TestCover: the issuer's signature covers all but what is shown by choice, the
// holder's all of that as well, and of what is no token of the suite nothing is said.
func TestCover(t *testing.T) {
	t.Parallel()
	issuer, holder := newParty(t, key.Ed25519), newParty(t, key.P256)
	token := issue(t, sdjwt.DC(), issuer, badge(issuer.did, holder.did), proof.Params{Disclosable: choices()})
	shown := disclose(t, sdjwt.DC(), token, proof.Disclosure{Pointers: choices(), Holder: holder, Audience: "a", Created: at(9)})
	cover := func(s proof.Suite, text string, purpose proof.Purpose) (string, error) {
		sec := &proof.Secured{Purpose: purpose}
		if text != "" {
			in, err := proof.Read([]byte(text), strictjson.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			sec.Input = in
		}
		places, err := s.(proof.Coverer).Cover(t.Context(), sec, nil)
		why, optional := map[string]bool{}, 0
		for _, p := range places {
			why[string(p.Part)+":"+string(p.Why)] = true
			if p.State != proof.Protected && p.Part != proof.PartSignature {
				t.Errorf("%+v", p)
			}
			if p.Optional {
				optional++
			}
		}
		names := make([]string, 0, len(why))
		for name := range why {
			names = append(names, name)
		}
		return fmt.Sprint(ordered(names), optional), err
	}
	for name, c := range map[string]struct {
		suite   proof.Suite
		text    string
		purpose proof.Purpose
		want    string
		code    reason.Code
	}{
		"the issuer's":             {sdjwt.DC(), shown, proof.AssertionMethod, "[disclosures:signed-digest header:signed-text payload:signed-text signature:signature] 5", ""},
		"the holder's":             {sdjwt.DC(), shown, proof.Authentication, "[disclosures:signed-by-holder header:signed-by-holder key-binding-header:signed-text key-binding-payload:signed-text payload:signed-by-holder signature:signature] 0", ""},
		"the holder's, of nothing": {sdjwt.DC(), token, proof.Authentication, "[] 0", "holder_mismatch/no-key-binding"},
		"nothing":                  {sdjwt.DC(), "", proof.AssertionMethod, "[] 0", reason.NoProof},
		"of another suite":         {sdjwt.VC(), shown, proof.AssertionMethod, "[] 0", "unsupported_alg/suite"},
		"a broken one":             {sdjwt.DC(), strings.Replace(token, "~", "~~", 1), proof.AssertionMethod, "[] 0", "malformed/sd-jwt"},
	} {
		if got, err := cover(c.suite, c.text, c.purpose); got != c.want || reason.CodeOf(err) != c.code {
			t.Errorf("%s: %s, %v\nwant %s", name, got, err, c.want)
		}
	}
}
