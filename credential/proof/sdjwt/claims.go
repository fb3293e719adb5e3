package sdjwt

import (
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// model is where the claims of a token have the document.
type model uint8

const (
	plain    model = iota // nowhere: it is put together from the claims
	linked                // in the claim ld
	payload               // the claims are the document
	learning              // in the claims, under the names of an Open Badge
)

// always are the claims that a holder must not be able to keep back (SD-JWT VC
// section 2.2.2.3). A presentation says for whom it is and what it answers.
func (s suite) always() []string {
	out := []string{"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"}
	if s.id == VPSDJWT {
		out = append(out, "aud", "nonce")
	}
	return out
}

// alwaysShown refuses a payload in which a part of those claims is hidden. The
// claims themselves are looked for when they have been disclosed: what is
// hidden has no name.
func (s suite) alwaysShown(payload *strictjson.Value) error {
	for _, name := range s.always() {
		if hides(payload.Get(name)) {
			return reason.New("disclosure_invalid/registered-claim", "/"+name, "a part of the claim %s can be kept back", name)
		}
	}
	return nil
}

func hides(v *strictjson.Value) bool {
	return slices.ContainsFunc(v.Items(), hides) || slices.ContainsFunc(v.Members(), func(m strictjson.Member) bool {
		return m.Name == digestsName || m.Name == elementName || hides(m.Value)
	})
}

// secured says what a token claims, if it does so in one voice.
func (s suite) secured(t *jws.Token) (*proof.Secured, model, error) {
	out := &proof.Secured{Suite: s.id, Proof: t.Header, Purpose: s.purpose(), Status: t.Payload.Get("status")}
	var err error
	for _, c := range []struct {
		name string
		to   *time.Time
	}{{"exp", &out.Expires}, {"nbf", &out.NotBefore}, {"iat", &out.Created}} {
		if *c.to, err = t.Time(c.name); err != nil {
			return nil, plain, err
		}
	}
	if s.id == VPSDJWT {
		return out, payload, presentation(t, out)
	}
	iss, hasIss, err := t.Text("iss")
	if err != nil {
		return nil, plain, err
	}
	m := s.modelOf(t.Payload)
	if m != payload {
		if vct, _, _ := t.Text("vct"); vct == "" {
			return nil, m, reason.New(reason.MalformedClaims, "/vct", "an SD-JWT VC says its type in the claim vct")
		}
		if iss == "" {
			return nil, m, reason.New(reason.MalformedClaims, "/iss", "the token does not say who issued it; a certificate in its place is not read here")
		}
	}
	switch m {
	case payload:
		out.Document = t.Payload
	case linked:
		out.Document, err = linkedDocument(t, out)
	case plain:
		out.Document, out.Mapped = fromClaims(t, out), true
	case learning:
		out.Document, out.Mapped = fromLearning(t.Payload, instant(out.NotBefore), instant(out.Expires)), true
	}
	if err != nil {
		return nil, m, err
	}
	if err := sameVoice(t, out.Document, iss, hasIss); err != nil {
		return nil, m, err
	}
	issuer := credential.ID(out.Document.Get("issuer"))
	if t.OtherIssuer(issuer) {
		return nil, m, reason.New("issuer_mismatch/iss", "/iss", "iss names another issuer than the credential")
	}
	out.Method, err = method(t, issuer)
	return out, m, err
}

// modelOf tells by the claims what the token holds.
func (s suite) modelOf(claims *strictjson.Value) model {
	switch {
	case s.id == VCSDJWT && (claims.Get("@context") != nil || credential.HasType(claims, "VerifiableCredential")):
		return payload
	case claims.Get("ld") != nil:
		return linked
	case learningClaims(claims):
		return learning
	default:
		return plain
	}
}

// method returns the verification method. In SD-JWT VC the key may be named
// without its issuer, as in a list of keys.
func method(t *jws.Token, issuer string) (string, error) {
	if t.KeyID != "" && !strings.Contains(t.KeyID, "#") {
		named := *t
		named.KeyID = "#" + t.KeyID
		return named.Method(issuer)
	}
	return t.Method(issuer)
}

// linkedDocument returns the document in ld. What VCLD has said by registered
// claims is put in where the document does not say it itself.
func linkedDocument(t *jws.Token, out *proof.Secured) (*strictjson.Value, error) {
	doc := t.Payload.Get("ld")
	if doc.Kind() != strictjson.KindObject {
		return nil, reason.New(reason.MalformedClaims, "/ld", "is %s, not an object", doc.Kind())
	}
	if !credential.HasType(doc, "VerifiableCredential") {
		return nil, reason.New("wrong_type/payload", "/ld/type", "the token holds no credential")
	}
	set := func(name string, v *strictjson.Value) {
		if v != nil && doc.Get(name) == nil {
			doc = doc.With(name, v)
		}
	}
	set("issuer", t.Payload.Get("iss"))
	set("validFrom", instant(out.NotBefore))
	set("validUntil", instant(out.Expires))
	return doc, nil
}

func instant(t time.Time) *strictjson.Value {
	if t.IsZero() {
		return nil
	}
	return strictjson.String(credential.FormatTime(t))
}

// sameVoice holds the registered claims against the members that say the same.
func sameVoice(t *jws.Token, doc *strictjson.Value, iss string, hasIss bool) error {
	if hasIss && iss != credential.ID(doc.Get("issuer")) {
		return reason.New("issuer_mismatch/iss", "/iss", "iss names another issuer than the credential")
	}
	if t.Payload.Get("vc") != nil || t.Payload.Get("vp") != nil {
		return reason.New("malformed/vc-claim", "/vc", "a token of this type has no claim vc or vp")
	}
	if credential.IsPresentation(doc) {
		return reason.New("wrong_type/payload", "/type", "the token is of the type of a credential and holds a presentation")
	}
	jti, ok, err := t.Text("jti")
	if err != nil {
		return err
	}
	if id := credential.ID(doc); ok && id != "" && jti != id {
		return reason.New("malformed/jti", "/jti", "the claim jti is not the credential's id")
	}
	sub, ok, err := t.Text("sub")
	if err != nil {
		return err
	}
	named := slices.ContainsFunc(doc.Get("credentialSubject").List(), func(v *strictjson.Value) bool { return credential.ID(v) != "" })
	if ok && named && !slices.ContainsFunc(doc.Get("credentialSubject").List(), func(v *strictjson.Value) bool { return credential.ID(v) == sub }) {
		return reason.New("holder_mismatch/sub", "/sub", "the claim sub is not whom the credential is about")
	}
	return nil
}

// fromClaims puts a document together from claims that are none: those of a
// token go where the data model has them, and all others are what is said of
// the subject.
func fromClaims(t *jws.Token, out *proof.Secured) *strictjson.Value {
	str := strictjson.String
	var head, subject []strictjson.Member
	add := func(to *[]strictjson.Member, name string, v *strictjson.Value) {
		if v != nil {
			*to = append(*to, strictjson.Member{Name: name, Value: v})
		}
	}
	vct, _ := t.Payload.Get("vct").Text()
	add(&head, "type", strictjson.Array(str("VerifiableCredential"), str(vct)))
	add(&head, "id", t.Payload.Get("jti"))
	add(&head, "issuer", t.Payload.Get("iss"))
	add(&head, "validFrom", instant(out.NotBefore))
	add(&head, "validUntil", instant(out.Expires))
	add(&subject, "id", t.Payload.Get("sub"))
	for _, m := range t.Payload.Members() {
		if mappedTo(m.Name) == subjectMember && (m.Name != "id" || t.Payload.Get("sub") == nil) {
			add(&subject, m.Name, m.Value)
		}
	}
	add(&head, subjectMember, strictjson.Object(subject...))
	return strictjson.Object(head...)
}

const subjectMember = "credentialSubject"

// mappedTo returns the pointer, without the slash, to where fromClaims puts a
// claim; empty where it puts it nowhere.
func mappedTo(claim string) string {
	switch claim {
	case "jti":
		return "id"
	case "sub":
		return subjectMember + "/id"
	case "iss", "nbf", "exp", "iat", "cnf", "vct", "vct#integrity", "aka_vcts", "status":
		return ""
	}
	return subjectMember
}

// place returns the pointer in the document to what stands at a pointer in the
// claims, and false for what is not in the document.
func (m model) place(at string) (string, bool) {
	switch m {
	case payload:
		return at, true
	case linked:
		rest, ok := strings.CutPrefix(at, "/ld")
		return rest, ok && (rest == "" || rest[0] == '/')
	case learning:
		return learningPlace(at)
	}
	switch to := mappedTo(firstName(at)); to {
	case "":
		return "", false
	case subjectMember:
		return "/" + subjectMember + at, true
	default:
		return "/" + to, true
	}
}

// firstName returns the name of the member that a JSON pointer begins with.
func firstName(pointer string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(first)
}
