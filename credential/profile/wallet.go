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
		w.add(Error, "vct", "/vct", saidNoVct.With(), mendOneOf.With(strings.Join(LearningTypes(), ", ")), sectionType)
	case !slices.Contains(LearningTypes(), vct):
		w.add(Warning, "vct", "/vct", saidOtherVct.With(), mendOneOf.With(strings.Join(LearningTypes(), ", ")), sectionPilot)
	}
	if typ, _ := header.Get("typ").Text(); header != nil && typ != "dc+sd-jwt" {
		w.add(Error, "typ", "", saidTyp.With(described(header.Get("typ"))), mendIssueWith.With("--format sd-jwt"), sectionVC)
	}
	if header != nil && header.Get("x5c") == nil {
		w.add(Warning, "x5c", "", saidX5c.With(), mendCertificate.With(), sectionHAIP)
	}
	w.registered()
	w.hiddenOnes(vct)
	return sorted(w.out)
}

type walletCheck struct {
	payload *strictjson.Value
	out     []Finding
}

func (w *walletCheck) add(severity Severity, rule, at string, said, mend *Sentence, section string) {
	w.out = append(w.out, Finding{Rule: "eudi/" + rule, Severity: severity, Code: reason.MalformedClaims, At: at, Section: section}.Saying(said, mend))
}

// registered looks at the claims that every SD-JWT VC has.
func (w *walletCheck) registered() {
	if iss := w.payload.Get("iss"); iss == nil {
		w.add(Warning, "iss", "/iss", saidIss.With(), mendIss.With(), sectionVC)
	} else if why := isURL(iss, place{}); why != nil {
		w.add(Error, "iss", "/iss", why, mendIss.With(), sectionVC)
	}
	for _, name := range []string{"iat", "nbf", "exp"} {
		if v := w.payload.Get(name); v != nil {
			if why := isNumber(v, place{}); why != nil {
				w.add(Error, "time", "/"+name, why, mendSeconds.With(), sectionVC)
			}
		}
	}
	if w.payload.Get("exp") != nil {
		w.add(Warning, "exp", "/exp", saidExp.With(), mendNoExp.With(), sectionHAIP)
	}
	if jwk := w.payload.Get("cnf").Get("jwk"); jwk.Kind() != strictjson.KindObject {
		w.add(Warning, "cnf", "/cnf", saidCnf.With(), mendIssueWith.With("--holder"), sectionHAIP)
	}
	switch list := w.payload.Get("status").Get("status_list"); {
	case w.payload.Get("status") == nil:
		w.add(Warning, "status", "/status", saidNoStatus.With(), mendStatus.With(), sectionStatus)
	case list.Kind() != strictjson.KindObject:
		w.add(Error, "status", "/status", saidNoStatusList.With(), mendStatusList.With(), sectionStatus)
	default:
		if why := present(isNumber)(list.Get("idx"), place{}); why != nil {
			w.add(Error, "status", "/status/status_list/idx", why, mendIdx.With(), sectionStatus)
		}
		if why := present(isURL)(list.Get("uri"), place{}); why != nil {
			w.add(Error, "status", "/status/status_list/uri", why, mendListURL.With(), sectionStatus)
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
			w.add(Error, "disclosable", at, saidOpen.With(), mendDisclosable.With(), sectionPilot)
		case !c.hidden && !there && held:
			w.add(Error, "not-disclosable", at, saidKept.With(), mendInTheClear.With(), sectionPilot)
		case !there && !held:
			w.add(Warning, "type-claim", at, saidTypeClaim.With(), mendGiveIt.With(), sectionPilot)
		}
	}
}
