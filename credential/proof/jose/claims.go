package jose

import (
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// speaksTwice reports whether a payload with the claim vc has members of a
// credential beside it.
func speaksTwice(payload *strictjson.Value) bool {
	return slices.ContainsFunc(payload.Members(), func(m strictjson.Member) bool {
		switch m.Name {
		case "@context", "id", "type", "issuer", "credentialSubject", "credentialStatus",
			"issuanceDate", "expirationDate", "validFrom", "validUntil":
			return true
		}
		return false
	})
}

// completed puts the registered claims where Data Model 1.1 section 6.3.1
// maps them, if the member is not there.
func completed(t *jws.Token, vc *strictjson.Value) *strictjson.Value {
	set := func(name string, v *strictjson.Value) {
		if v != nil && vc.Get(name) == nil {
			vc = vc.With(name, v)
		}
	}
	set("id", t.Payload.Get("jti"))
	set("issuer", t.Payload.Get("iss"))
	from, until := periodMembers(vc)
	for _, bound := range [][2]string{{from, "nbf"}, {until, "exp"}} {
		if at, _ := t.Time(bound[1]); !at.IsZero() { // what is no time is refused where times are read
			set(bound[0], strictjson.String(credential.FormatTime(at)))
		}
	}
	for _, who := range [][2]string{{"issuer", "iss"}, {"credentialSubject", "sub"}} {
		id, thing := t.Payload.Get(who[1]), vc.Get(who[0])
		if id != nil && thing.Kind() == strictjson.KindObject && thing.Get("id") == nil {
			vc = vc.With(who[0], thing.With("id", id))
		}
	}
	return vc
}

// periodMembers returns the names under which the document's edition of the
// data model says from when and until when it is in force.
func periodMembers(doc *strictjson.Value) (from, until string) {
	if c, err := credential.New(doc, nil); err == nil && c.Version() == credential.V1 {
		return "issuanceDate", "expirationDate"
	}
	return "validFrom", "validUntil"
}

// credentialClaims holds the registered claims against the members that say
// the same (Securing Verifiable Credentials using JOSE and COSE section 4.1).
func credentialClaims(t *jws.Token, out *proof.Secured) error {
	issuer := credential.ID(out.Document.Get("issuer"))
	iss, ok, err := t.Text("iss")
	if err != nil {
		return err
	}
	if ok && iss != issuer || t.OtherIssuer(issuer) {
		return reason.New("issuer_mismatch/iss", "/iss", "iss names another issuer than the credential")
	}
	jti, ok, err := t.Text("jti")
	if err != nil {
		return err
	}
	if id := credential.ID(out.Document); ok && jti != id {
		return reason.New("malformed/jti", "/jti", "the claim jti is not the credential's id")
	}
	sub, ok, err := t.Text("sub")
	if err != nil {
		return err
	}
	if ok && !slices.ContainsFunc(out.Document.Get("credentialSubject").List(), func(v *strictjson.Value) bool { return credential.ID(v) == sub }) {
		return reason.New("holder_mismatch/sub", "/sub", "the claim sub is not whom the credential is about")
	}
	if out.Suite == OpenBadgeJWT {
		if err := samePeriod(out); err != nil {
			return err
		}
	}
	out.Method, err = method(t, issuer)
	return err
}

// samePeriod holds nbf and exp of a badge against the members that say the
// same (Open Badges 3.0 section 8.2.5). Claims count whole seconds, members
// may be finer. In vc+jwt they are about the signature and may differ.
func samePeriod(out *proof.Secured) error {
	from, until := periodMembers(out.Document)
	for _, bound := range []struct {
		claim, member string
		at            time.Time
	}{{"/nbf", from, out.NotBefore}, {"/exp", until, out.Expires}} {
		v := out.Document.Get(bound.member)
		if v == nil || bound.at.IsZero() {
			continue
		}
		said, err := credential.Time(v)
		if err != nil {
			return reason.Wrap(reason.MalformedTime, "/"+bound.member, err)
		}
		if bound.at.Sub(said).Abs() >= time.Second {
			return reason.New(reason.MalformedClaims, bound.claim, "is another time than %s", bound.member)
		}
	}
	return nil
}

// presentationClaims takes in for whom a presentation was made, and by whom.
func presentationClaims(t *jws.Token, out *proof.Secured) error {
	p, err := t.ReadPresentation(out.Document)
	out.Domains, out.Challenge, out.Method = p.Domains, p.Challenge, p.Method
	return err
}

// method returns the verification method: kid, which may leave out the
// identifier of who speaks. A badge may bring its key instead, which names no
// method.
func method(t *jws.Token, speaker string) (string, error) {
	if t.KeyID == "" && t.JWK != nil {
		return "", nil
	}
	return t.Method(speaker)
}
