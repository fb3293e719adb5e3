package trust

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/unseen"
	"github.com/kompetansebevis/bevis/reason"
)

// What a signed list is made of: the terms of W3C Recognized Entities 1.0, a
// draft, with those for periods and types that it lacks.
const (
	ListContext = "https://kompetansebevis.github.io/bevis/recognition/v1"
	ListType    = "RecognizedEntityCredential"
	typeEntity  = "RecognizedEntity"
	typeAction  = "RecognizedAction"
	// ActionIssue is what an issuer is recognized to do, ActionAccredit what
	// an accreditor is: to sign lists of its own.
	ActionIssue    = "issue"
	ActionAccredit = "accredit"
)

// Limits of a list or a registry.
const (
	MaxListBytes   = 8 << 20
	MaxListEntries = 10_000
	maxListTypes   = 100
	maxListName    = 300 // characters
)

// DefaultListValidity is how long a list is in force if nothing else is said.
// After it, what the list says cannot be told; so an old copy cannot hide that
// an issuer was taken off.
const DefaultListValidity = 31 * 24 * time.Hour

// List is what a signed list says.
type List struct {
	ID      string
	Issuer  string // who signed it
	Name    string // of the list
	Issued  time.Time
	Until   time.Time // zero: without an end
	Entries []Recognized
}

// Recognized is one issuer or accreditor in a list.
type Recognized struct {
	ID        string
	Name      string // as the list's issuer knows it
	URL       string
	From      time.Time // zero: since the list was issued
	Until     time.Time // zero: as long as the list is in force
	Withdrawn time.Time // from then recognized no more
	Suspended time.Time // from then recognized no more until further notice
	Issues    *Scope    // it may issue, nil: it may not
	Accredits *Scope    // it may sign lists of its own, nil: it may not
}

// Scope is how far a recognition goes.
type Scope struct {
	Types []string // of credentials, nil: all
	Depth int      // of an accreditor: how many accreditors may stand below it
	// Unknown is set if the list limits it by what is not understood here. It
	// then counts for nothing: a limit must not be no limit.
	Unknown bool
}

func badList(at, format string, args ...any) error {
	return reason.New("trust_refused/list", at, format, args...)
}

// ReadList reads the list that a credential is. It does not judge the
// credential: see ListVerifier. What is no list, or could be read in two ways,
// is trust_refused/list.
func ReadList(c *credential.Credential) (*List, error) {
	if !c.HasType(ListType) {
		return nil, badList("/type", "a trust list is a %s", ListType)
	}
	out := &List{ID: c.ID(), Issuer: c.IssuerID(), Name: c.Name("nb", "nn", "no", "en")}
	var err error
	if out.Issued, out.Until, err = c.Period(); err != nil {
		return nil, badList(reason.AtOf(err), "%w", err)
	}
	subjects := c.Subjects()
	switch {
	case out.Issuer == "":
		return nil, badList("/issuer", "names nobody")
	case out.Issued.IsZero():
		return nil, badList("/validFrom", "a list says from when it holds, so that an older one is not taken for it")
	case len(subjects) > MaxListEntries:
		return nil, badList("/credentialSubject", "more than %d entries", MaxListEntries)
	}
	seen := make(map[string]bool, len(subjects))
	for i, v := range subjects {
		at := strictjson.Pointer("/credentialSubject", strconv.Itoa(i))
		e, err := readRecognized(v, at)
		if err != nil {
			return nil, err
		}
		if seen[e.ID] {
			return nil, badList(at, "%.200q stands twice", e.ID)
		}
		seen[e.ID] = true
		out.Entries = append(out.Entries, e)
	}
	return out, nil
}

func readRecognized(v *credential.Value, at string) (Recognized, error) {
	e := Recognized{ID: credential.ID(v), Name: credential.Text(v.Get("name"), "nb", "nn", "no", "en")}
	e.URL, _ = v.Get("url").Text()
	switch {
	case !credential.HasType(v, typeEntity):
		return e, badList(at+"/type", "an entry is a %s", typeEntity)
	case !plainID(e.ID):
		return e, badList(at+"/id", "%.80q is no id of an issuer", e.ID)
	case !plainName(e.Name):
		return e, badList(at+"/name", "the name is too long, or holds characters that are not seen")
	}
	for _, bound := range []struct {
		name string
		to   *time.Time
	}{{"recognizedFrom", &e.From}, {"recognizedUntil", &e.Until}, {"withdrawnFrom", &e.Withdrawn}, {"suspendedFrom", &e.Suspended}} {
		text := v.Get(bound.name)
		if text == nil {
			continue
		}
		t, err := credential.Time(text)
		if err != nil {
			return e, badList(at+"/"+bound.name, "%w", err)
		}
		*bound.to = t
	}
	for i, action := range v.Get("recognizedTo").List() {
		place := strictjson.Pointer(at+"/recognizedTo", strconv.Itoa(i))
		scope, err := readScope(action, place)
		if err != nil {
			return e, err
		}
		name, _ := action.Get("action").Text()
		to := map[string]**Scope{ActionIssue: &e.Issues, ActionAccredit: &e.Accredits}[name]
		if to == nil {
			continue // such as to verify, which is no matter here
		}
		if *to != nil {
			return e, badList(place, "the action %q stands twice", name)
		}
		*to = scope
	}
	return e, nil
}

// readScope reads how far an action goes. Members that this does not know may
// be limits.
func readScope(v *credential.Value, at string) (*Scope, error) {
	s := &Scope{}
	for _, m := range v.Members() {
		switch m.Name {
		case "type", "id", "action", "recognizedBy":
		case "credentialType":
			s.Types = []string{} // an empty list limits to nothing
			for _, item := range m.Value.List() {
				t, ok := item.Text()
				if !ok || t == "" || len(s.Types) == maxListTypes {
					return nil, badList(at+"/credentialType", "no list of at most %d types", maxListTypes)
				}
				s.Types = append(s.Types, t)
			}
		case "depth":
			f, ok := m.Value.Float()
			s.Depth = int(f)
			if !ok || f != float64(s.Depth) || s.Depth < 0 || s.Depth > maxDepth {
				return nil, badList(at+"/depth", "depth is a whole number from 0 to %d", maxDepth)
			}
		default:
			s.Unknown = true
		}
	}
	return s, nil
}

// plainID reports whether an id can stand in a line of a policy.
func plainID(id string) bool {
	return strings.Contains(id, ":") && len(id) <= 2000 && utf8.ValidString(id) &&
		!strings.ContainsFunc(id, func(r rune) bool { return unicode.IsSpace(r) || hides(r) })
}

func plainName(name string) bool {
	return utf8.RuneCountInString(name) <= maxListName && !strings.ContainsFunc(name, hides)
}

// hides reports whether a character turns a text or hides in it, or is none.
func hides(r rune) bool { return unseen.Is(r) || r == utf8.RuneError }

// Credential returns the list as a credential that is yet to be signed. The
// same list gives the same bytes.
func (l List) Credential() (*credential.Credential, error) {
	var subjects []*strictjson.Value
	for _, e := range l.Entries {
		subjects = append(subjects, e.value())
	}
	if len(subjects) == 0 {
		return nil, badList("/credentialSubject", "a list with nobody in it says nothing")
	}
	id := l.ID
	if id == "" {
		sum := sha256.Sum256(strictjson.Array(append(slices.Clone(subjects), strictjson.String(l.Issuer), strictjson.String(credential.FormatTime(l.Issued)))...).AppendJSON(nil))
		s := hex.EncodeToString(sum[:16])
		id = "urn:uuid:" + s[:8] + "-" + s[8:12] + "-8" + s[13:16] + "-8" + s[17:20] + "-" + s[20:]
	}
	c, err := credential.Draft{
		Contexts: []string{ListContext}, ID: id, Types: []string{ListType}, Name: l.Name,
		Issuer: strictjson.String(l.Issuer), ValidFrom: l.Issued, ValidUntil: l.Until, Subject: strictjson.Array(subjects...),
	}.Build()
	if err != nil {
		return nil, err
	}
	_, err = ReadList(c) // what is signed is what others can read
	return c, err
}

func (e Recognized) value() *strictjson.Value {
	members := []strictjson.Member{
		{Name: "id", Value: strictjson.String(e.ID)},
		{Name: "type", Value: strictjson.String(typeEntity)},
	}
	add := func(name string, v *strictjson.Value) {
		members = append(members, strictjson.Member{Name: name, Value: v})
	}
	if e.Name != "" {
		add("name", strictjson.String(e.Name))
	}
	if e.URL != "" {
		add("url", strictjson.String(e.URL))
	}
	for _, bound := range []struct {
		name string
		t    time.Time
	}{{"recognizedFrom", e.From}, {"recognizedUntil", e.Until}, {"withdrawnFrom", e.Withdrawn}, {"suspendedFrom", e.Suspended}} {
		if !bound.t.IsZero() {
			add(bound.name, strictjson.String(credential.FormatTime(bound.t)))
		}
	}
	var actions []*strictjson.Value
	for _, a := range []struct {
		name  string
		scope *Scope
	}{{ActionIssue, e.Issues}, {ActionAccredit, e.Accredits}} {
		if a.scope != nil {
			actions = append(actions, a.scope.value(a.name))
		}
	}
	if len(actions) > 0 {
		add("recognizedTo", strictjson.Array(actions...))
	}
	return strictjson.Object(members...)
}

func (s Scope) value(action string) *strictjson.Value {
	members := []strictjson.Member{
		{Name: "type", Value: strictjson.String(typeAction)},
		{Name: "action", Value: strictjson.String(action)},
	}
	if s.Types != nil {
		var types []*strictjson.Value
		for _, t := range s.Types {
			types = append(types, strictjson.String(t))
		}
		members = append(members, strictjson.Member{Name: "credentialType", Value: strictjson.Array(types...)})
	}
	if s.Depth > 0 {
		members = append(members, strictjson.Member{Name: "depth", Value: strictjson.Int(int64(s.Depth))})
	}
	return strictjson.Object(members...)
}

// ListOf returns the list that a policy would be if others took it in: each
// issuer block recognizes an issuer, each accreditor block an accreditor. A
// policy with blocks or words that a list cannot carry is refused (usage).
func ListOf(p *Policy, issuer string, from, until time.Time) (List, error) {
	l := List{Issuer: issuer, Issued: from.UTC().Truncate(time.Second), Until: until.UTC().Truncate(time.Second)}
	no := func(e Entry, format string, args ...any) (List, error) {
		return List{}, reason.New(reason.Usage, e.Source, format, args...)
	}
	if p.Quorum != 0 || p.StatusAge != 0 {
		return List{}, reason.New(reason.Usage, "", "a list to be signed has no quorum and no status-age: those are for who relies on it")
	}
	at := map[string]int{}
	for _, e := range p.Entries {
		kind := e.kind()
		switch {
		case kind != KindIssuer && kind != KindAccreditor:
			return no(e, "a list to be signed names issuers and accreditors, no %s", kind)
		case len(e.Keys) > 0 || e.StatusAge != 0 || len(e.URLs) > 0 || len(e.Held) > 0:
			return no(e, "key, status-age, url and held are for who relies on a list, and have no place in one to be signed")
		case e.Issuer == issuer:
			return no(e, "nobody vouches for itself")
		}
		i, both := at[e.Issuer]
		if !both {
			i = len(l.Entries)
			at[e.Issuer] = i
			l.Entries = append(l.Entries, Recognized{ID: e.Issuer, Name: e.Name, From: e.Since, Until: e.Until, Withdrawn: e.Withdrawn, Suspended: e.Suspended})
		}
		to := &l.Entries[i]
		scope := &Scope{Types: e.Types, Depth: e.Depth}
		if both && (to.Name != e.Name || !to.From.Equal(e.Since) || !to.Until.Equal(e.Until)) {
			return no(e, "the two blocks of %s have other names or times", e.Issuer)
		}
		if kind == KindIssuer && to.Issues == nil {
			to.Issues = scope
		} else if kind == KindAccreditor && to.Accredits == nil {
			to.Accredits = scope
		} else {
			return no(e, "%s stands twice", e.Issuer)
		}
	}
	return l, nil
}
