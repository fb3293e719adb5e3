package compare

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// fact is one thing that a document says.
type fact struct {
	name     string // of what, such as "credentialSubject.achievement.name"
	language string // of a text; empty when it is not said
	value    string // to compare
	shown    string // to show, if that is something else
	at       string // JSON pointer
	identity *openbadge.IdentityObject
}

// isForm reports whether a member says how a document is read and secured.
func isForm(name string) bool {
	return name == "@context" || name == "proof" || name == "credentialSchema"
}

// isClaim reports whether a member of a token whose payload is the document is
// a claim about the token, which suites hold against the document themselves.
func isClaim(name string) bool {
	return slices.Contains([]string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf", "vct", "vct#integrity", "_sd_alg", "status"}, name)
}

// isTime reports whether a member holds an instant.
func isTime(name string) bool {
	return slices.Contains([]string{"validFrom", "validUntil", "awardedDate", "activityStartDate", "activityEndDate", "dateOfBirth"}, name)
}

// renamed gives the members of Data Model 1.1 their present names.
func renamed(name string) string {
	switch name {
	case "issuanceDate":
		return "validFrom"
	case "expirationDate":
		return "validUntil"
	}
	return name
}

// references are the members whose value may be an id in place of an object.
func isReference(name string) bool {
	return slices.Contains([]string{"issuer", "image", "creator", "source", "criteria", "parentOrg"}, name)
}

// keyOf returns what tells an entry of a list from the others, for the lists
// whose order and length mean nothing. Other lists are compared as they stand.
func keyOf(list string, v *strictjson.Value) (key string, known bool) {
	of := func(names ...string) string {
		for _, name := range names {
			if s, ok := v.Get(name).Text(); ok && s != "" {
				return s
			}
		}
		return canonical(v)
	}
	switch list {
	case "alignment":
		return of("targetUrl", "targetName"), true
	case "result":
		return of("resultDescription"), true
	case "resultDescription", "rubricCriterionLevel", "evidence", "related", "association", "termsOfUse", "refreshService":
		return of("id", "name"), true
	case "identifier":
		return of("identityType"), true
	case "otherIdentifier":
		return of("identifierType"), true
	case "credentialSubject", "verifiableCredential", "achievement", "endorsement":
		return credential.ID(v), true
	case "tag", "allowedValue", "endorsementJwt":
		return canonical(v), true
	}
	return "", false
}

// ordinary is the type that an object of a member has anyway.
func ordinary(member string) string {
	switch member {
	case "credentialSubject":
		return "AchievementSubject"
	case "issuer", "creator", "source", "parentOrg":
		return "Profile"
	case "identifier":
		return "IdentityObject"
	case "otherIdentifier":
		return "IdentifierEntry"
	case "geo":
		return "GeoCoordinates"
	}
	if member == "" {
		return "VerifiableCredential"
	}
	return strings.ToUpper(member[:1]) + member[1:]
}

// reader collects what a document says.
type reader struct {
	facts []fact
	form  string // see Document.Type
	names map[string]int
	depth int
}

// maxDepth bounds how deep a document is looked into; what is below counts by
// its text.
const maxDepth = 32

func factsOf(d Document) []fact {
	r := &reader{form: d.Type, names: map[string]int{}}
	for _, m := range d.Value.Members() {
		switch {
		case isForm(m.Name), isClaim(m.Name):
		case m.Name == "credentialStatus":
			r.status(m.Value)
		default:
			r.member(m.Name, renamed(m.Name), strictjson.Pointer("", m.Name), m.Value)
		}
	}
	r.tokenStatus(d.Status)
	return r.facts
}

// add notes a fact. Of several with one name, later ones are told apart by
// their number.
func (r *reader) add(f fact) {
	key := f.name + "@" + f.language
	r.names[key]++
	if n := r.names[key]; n > 1 {
		f.name += " #" + strconv.Itoa(n)
	}
	r.facts = append(r.facts, f)
}

// member reads what stands in a member of an object. Path is the name of the
// fact so far, with the member's own at its end.
func (r *reader) member(name, path, at string, v *strictjson.Value) {
	if v.Kind() == strictjson.KindNull || v.Kind() == strictjson.KindArray && len(v.Items()) == 0 {
		return // says nothing
	}
	name = renamed(name)
	if name == "type" {
		r.types(path, at, v)
		return
	}
	if name == "identifier" && looksLikeIdentities(v) {
		for n, item := range v.List() {
			r.identity(path, place(at, v, n), item)
		}
		return
	}
	if texts := languages(v); texts != nil {
		for _, t := range texts {
			r.add(fact{name: path, language: t.language, value: t.text, at: at})
		}
		return
	}
	items := v.List()
	for n, item := range items {
		key, known := keyOf(name, item)
		switch {
		case known && (len(items) > 1 || name != "credentialSubject" && name != "achievement"):
			r.value(name, path+"["+short(key)+"]", place(at, v, n), item)
		case len(items) > 1:
			r.value(name, path+"["+strconv.Itoa(n)+"]", place(at, v, n), item)
		default:
			r.value(name, path, place(at, v, n), item)
		}
	}
}

// place is the pointer to an entry of what may be an array or stand alone.
func place(at string, list *strictjson.Value, n int) string {
	if list.Kind() == strictjson.KindArray {
		return strictjson.Pointer(at, strconv.Itoa(n))
	}
	return at
}

// value reads one value of a member.
func (r *reader) value(name, path, at string, v *strictjson.Value) {
	switch v.Kind() {
	case strictjson.KindObject:
		if r.depth == maxDepth || name == "endorsement" { // which is somebody else's, and signed
			sum := sha256.Sum256([]byte(canonical(v)))
			r.add(fact{name: path, value: hex.EncodeToString(sum[:]), shown: credential.Text(v.Get("name")) + " sha256:" + hex.EncodeToString(sum[:8]), at: at})
			return
		}
		r.depth++
		defer func() { r.depth-- }()
		for _, m := range v.Members() {
			if !isForm(m.Name) {
				r.member(m.Name, path+"."+renamed(m.Name), strictjson.Pointer(at, m.Name), m.Value)
			}
		}
	case strictjson.KindString:
		s, _ := v.Text()
		switch {
		case isReference(name):
			path += ".id"
		case isTime(name):
			if t, err := credential.Time(v); err == nil {
				r.add(fact{name: path, value: t.UTC().Format("2006-01-02T15:04:05.999999999Z"), shown: s, at: at})
				return
			}
		}
		r.add(fact{name: path, value: s, at: at})
	case strictjson.KindNumber:
		text, _ := v.Literal()
		value := text
		if f, ok := v.Float(); ok && len(text) <= 15 { // which a float holds exactly
			value = strconv.FormatFloat(f, 'g', -1, 64)
		}
		r.add(fact{name: path, value: "number " + value, shown: text, at: at})
	default:
		r.add(fact{name: path, value: canonical(v), at: at})
	}
}

// types notes the types that say more than the place of an object does.
func (r *reader) types(path, at string, v *strictjson.Value) {
	owner := strings.TrimSuffix(strings.TrimSuffix(path, "type"), ".")
	member := owner[strings.LastIndexByte(owner, '.')+1:]
	member, _, _ = strings.Cut(member, "[")
	var own []string
	for _, item := range v.List() {
		s, _ := item.Text()
		if s == openbadge.TypeAchievementCredential {
			s = openbadge.TypeOpenBadgeCredential
		}
		if s != "" && s != r.form && s != ordinary(member) && s != "VerifiableCredential" && !slices.Contains(own, s) {
			own = append(own, s)
		}
	}
	if len(own) > 0 {
		slices.Sort(own)
		r.add(fact{name: path, value: strings.Join(own, ", "), at: at})
	}
}

// looksLikeIdentities reports whether v holds identity objects of Open Badges,
// and not what another vocabulary calls an identifier.
func looksLikeIdentities(v *strictjson.Value) bool {
	return !slices.ContainsFunc(v.List(), func(item *strictjson.Value) bool { return item.Get("identityHash") == nil })
}

// identity notes by what the recipient is known.
func (r *reader) identity(path, at string, v *strictjson.Value) {
	var i openbadge.IdentityObject
	s, err := openbadge.ReadAchievementSubject(strictjson.Object(strictjson.Member{Name: "identifier", Value: v}))
	if err == nil && len(s.Identifier) == 1 {
		i = s.Identifier[0]
	}
	shown := i.IdentityHash
	if i.Hashed {
		shown = short(shown) + ", salt " + short(i.Salt)
	}
	r.add(fact{name: path + "[" + short(i.IdentityType) + "]", value: canonical(v), shown: shown, at: at, identity: &i})
}

// status notes the places in status lists. A list is published in more than one
// form, by names that differ in their ending: the place is the same.
func (r *reader) status(v *strictjson.Value) {
	for n, entry := range v.List() {
		at := place("/credentialStatus", v, n)
		list, _ := entry.Get("statusListCredential").Text()
		index, ok := entry.Get("statusListIndex").Text()
		if !ok {
			index, _ = entry.Get("statusListIndex").Literal()
		}
		if list == "" {
			r.value("credentialStatus", "credentialStatus", at, entry)
			continue
		}
		purpose, _ := entry.Get("statusPurpose").Text()
		r.add(statusFact(purpose, list, index, at))
	}
}

// tokenStatus notes the place that a token names beside its document. Its lists
// are of revocation.
func (r *reader) tokenStatus(v *strictjson.Value) {
	list, ok := v.Get("status_list").Get("uri").Text()
	if index, isNumber := v.Get("status_list").Get("idx").Literal(); ok && isNumber {
		r.add(statusFact("revocation", list, index, "status/status_list"))
	}
}

func statusFact(purpose, list, index, at string) fact {
	return fact{name: "credentialStatus[" + short(purpose) + "]", value: strings.TrimSuffix(list, path.Ext(list)) + "#" + index, shown: list + "#" + index, at: at}
}

// languageTag knows the languages of two letters, and of three those that are
// used beside Norwegian: other members have names as short.
var languageTag = regexp.MustCompile(`^([a-z]{2}|nob|nno|eng|sme|sma|smj|fkv)(-[A-Za-z0-9]{2,8})*$`)

type text struct{ language, text string }

// languages returns the texts of a value that has text with its language: a map
// by language, or value objects. Nil for anything else.
func languages(v *strictjson.Value) []text {
	var out []text
	for _, item := range v.List() {
		if s, ok := item.Get("@value").Text(); ok {
			lang, _ := item.Get("@language").Text()
			out = append(out, text{strings.ToLower(lang), s})
			continue
		}
		if item.Kind() != strictjson.KindObject || len(item.Members()) == 0 {
			return nil
		}
		for _, m := range item.Members() {
			s, ok := m.Value.Text()
			if !ok || !languageTag.MatchString(m.Name) || m.Name == "id" {
				return nil
			}
			out = append(out, text{strings.ToLower(m.Name), s})
		}
	}
	return out
}

// canonical writes a value so that equal ones are written alike.
func canonical(v *strictjson.Value) string {
	out, err := jcs.Append(nil, v)
	if err != nil {
		return string(v.AppendJSON(nil))
	}
	return string(out)
}

const maxShown = 100 // characters of a value or a key

// short makes a text fit to stand in a line. Two that differ do so still.
func short(s string) string {
	if runes := []rune(s); len(runes) > maxShown {
		sum := sha256.Sum256([]byte(s))
		return fmt.Sprintf("%s… (%d characters, sha256 %x)", string(runes[:maxShown]), len(runes), sum[:6])
	}
	return s
}
