package profile

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Where the rules for European wallets stand.
const (
	sectionVC     = "SD-JWT VC, registered claims"
	sectionType   = "SD-JWT VC, claim vct"
	sectionHAIP   = "OpenID4VC High Assurance Interoperability Profile 1.0"
	sectionStatus = "Token Status List, referenced tokens"
	sectionPilot  = "the type's metadata, dc4eu/vc"
)

// LearningTypes returns the types (vct) of learning credentials that European
// pilots use.
func LearningTypes() []string {
	return []string{"urn:eudi:diploma:1", "urn:eudi:micro_credential:1", "urn:eudi:elm:1", "urn:eu.europa.ec.eudi:learning:credential:1"}
}

// typeClaim is a claim that a type's metadata gives a label to: a wallet shows
// it to its holder.
type typeClaim struct {
	path   string // member names from the payload, "*" for each item of a list
	hidden bool   // it has to be selectively disclosable ("sd": "always"); else it may not be
}

// typeClaims are the claims of the types that are known, by vct. Where the
// published metadata names a member that there is none of – a list's item
// written into the name, addressCountryCodename – the member meant is here.
func typeClaims(vct string) []typeClaim {
	claims := func(hidden bool, paths ...string) []typeClaim {
		var out []typeClaim
		for _, p := range paths {
			out = append(out, typeClaim{p, hidden})
		}
		return out
	}
	switch vct {
	case "urn:eudi:micro_credential:1":
		return claims(false, "credentialSubject/achievement/name", "credentialSubject/achievement/description", "credentialSubject/achievement/criteria/narrative",
			"issuer/name", "issuer/address/addressCountryCode", "validFrom")
	case "urn:eudi:diploma:1":
		return claims(false, "credentialSubject/givenName", "credentialSubject/familyName", "credentialSubject/dateOfBirth", "credentialSubject/hasClaim/*/title",
			"credentialSubject/hasClaim/*/awardedBy/awardingBody")
	case "urn:eudi:elm:1":
		return claims(true, "elm/credentialSubject/givenName", "elm/credentialSubject/familyName", "elm/credentialSubject/hasClaim/*/awardedBy/awardingBody")
	}
	return nil
}

// CheckWallet holds the payload of an SD-JWT VC, as the issuer signs it or
// would, against what European wallets want of one about learning. Header is
// that of the token, nil when there is none yet. What stands in disclosures is
// not looked at: a member of the payload is either there or hidden.
func CheckWallet(payload, header *strictjson.Value) []Finding {
	if payload.Kind() != strictjson.KindObject {
		return Check(payload)
	}
	w := walletCheck{payload: payload}
	vct, _ := payload.Get("vct").Text()
	switch {
	case strings.TrimSpace(vct) == "":
		w.add(Error, "vct", "/vct", "does not say of what type it is", "give one of "+strings.Join(LearningTypes(), ", "), sectionType)
	case !slices.Contains(LearningTypes(), vct):
		w.add(Warning, "vct", "/vct", "is none of the types for learning that European pilots use: a wallet has no words and no picture for it", "give one of "+strings.Join(LearningTypes(), ", "), sectionPilot)
	}
	if typ, _ := header.Get("typ").Text(); header != nil && typ != "dc+sd-jwt" {
		w.add(Error, "typ", "", "has the typ "+described(header.Get("typ"))+" in its header, where wallets ask for dc+sd-jwt", "issue it with --format sd-jwt", sectionVC)
	}
	if header != nil && header.Get("x5c") == nil {
		w.add(Warning, "x5c", "", "is signed by a key without a certificate: HAIP wants x5c in the header", "say to the wallet's owner how the issuer's key is found, or use a certificate", sectionHAIP)
	}
	w.registered()
	w.hiddenOnes(vct)
	return sorted(w.out)
}

type walletCheck struct {
	payload *strictjson.Value
	out     []Finding
}

func (w *walletCheck) add(severity Severity, rule, at, message, next, section string) {
	w.out = append(w.out, Finding{Rule: "eudi/" + rule, Severity: severity, Code: reason.MalformedClaims, At: at, Message: message, Next: next, Section: section})
}

// registered looks at the claims that every SD-JWT VC has.
func (w *walletCheck) registered() {
	if iss := w.payload.Get("iss"); iss == nil {
		w.add(Warning, "iss", "/iss", "is missing: only a certificate in the header can say who issued it", "give the issuer's URL or DID", sectionVC)
	} else if why := isURL(iss, place{}); why != "" {
		w.add(Error, "iss", "/iss", why, "give the issuer's URL or DID", sectionVC)
	}
	for _, name := range []string{"iat", "nbf", "exp"} {
		if v := w.payload.Get(name); v != nil {
			if why := isNumber(v, place{}); why != "" {
				w.add(Error, "time", "/"+name, why, "give the time in seconds since 1970", sectionVC)
			}
		}
	}
	if w.payload.Get("exp") != nil {
		w.add(Warning, "exp", "/exp", "ends the credential, and what somebody has learned does not end: HAIP advises against it for diplomas", "leave it out, and revoke by status", sectionHAIP)
	}
	if jwk := w.payload.Get("cnf").Get("jwk"); jwk.Kind() != strictjson.KindObject {
		w.add(Warning, "cnf", "/cnf", "is not bound to a key of the holder (cnf with jwk), so a wallet cannot show that it is theirs", "issue it with --holder", sectionHAIP)
	}
	switch list := w.payload.Get("status").Get("status_list"); {
	case w.payload.Get("status") == nil:
		w.add(Warning, "status", "/status", "has no status, so that it cannot be revoked", "issue it with a place in a status list", sectionStatus)
	case list.Kind() != strictjson.KindObject:
		w.add(Error, "status", "/status", "holds no status_list", "give status_list with idx and uri", sectionStatus)
	default:
		if why := present(isNumber)(list.Get("idx"), place{}); why != "" {
			w.add(Error, "status", "/status/status_list/idx", why, "give the place in the list", sectionStatus)
		}
		if why := present(isURL)(list.Get("uri"), place{}); why != "" {
			w.add(Error, "status", "/status/status_list/uri", why, "give the list's URL", sectionStatus)
		}
	}
}

// hiddenOnes looks at the claims of the type: whether they are there, and
// whether the holder can keep them back where the type says so.
func (w *walletCheck) hiddenOnes(vct string) {
	for _, c := range typeClaims(vct) {
		names := strings.Split(c.path, "/")
		at, v, held := "", []*strictjson.Value{w.payload}, false
		for i, name := range names {
			if name == "*" {
				continue
			}
			at = strictjson.Pointer(at, name)
			var next []*strictjson.Value
			for _, one := range v {
				held = held || one.Get("_sd") != nil && one.Get(name) == nil
				if m := one.Get(name); m != nil {
					next = append(next, m.List()...)
					if i == len(names)-1 && len(m.List()) == 0 {
						next = append(next, m)
					}
				}
			}
			v = next
		}
		there := len(v) > 0
		switch {
		case c.hidden && there:
			w.add(Error, "disclosable", at, "is there for everybody to read, and the type says that its holder can keep it back", "issue it as selectively disclosable", sectionPilot)
		case !c.hidden && !there && held:
			w.add(Error, "not-disclosable", at, "is missing or can be kept back, and the type says that it always shows", "let it stand in the clear", sectionPilot)
		case !there && !held:
			w.add(Warning, "type-claim", at, "is missing: a wallet shows it to its holder", "give it", sectionPilot)
		}
	}
}
