package app

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/elm"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// LintOptions say what credentials are held against.
type LintOptions struct {
	Profile  profile.Name     // empty: what a credential says that it is
	Contexts []suites.Context // JSON-LD contexts beside those that are pinned
}

// CredentialLint is what lint found in a document, and who else would refuse
// it.
type CredentialLint struct {
	Input      string
	Form       string // "json", or the suite of a token
	Profile    profile.Name
	Findings   []profile.Finding
	Validators []ValidatorSays // those whose rules were looked at
	Err        error           // why it could not be read; then there is nothing else
}

// ValidatorSays is what a validator of others would make of a document.
type ValidatorSays struct {
	Name    string `json:"name"`
	Refuses bool   `json:"refuses"`
	Places  int    `json:"places,omitempty"` // for how many findings
}

// Lint holds documents against the rules of standards, one by one, and first
// the contexts that were given. Errors of the options are usage and unsafe_context; what cannot be read is in its
// result.
func (a *App) Lint(ctx context.Context, inputs []Input, o LintOptions) ([]CredentialLint, error) {
	if o.Profile != "" && !slices.Contains(profile.Names(), o.Profile) {
		return nil, reason.New(reason.Usage, "--profile", "there is no profile %.40q: %s", string(o.Profile), joined(profile.Names()))
	}
	set := a.suites
	if len(o.Contexts) > 0 {
		var err error
		if set, err = suites.All(o.Contexts...); err != nil {
			return nil, err
		}
	}
	l := linter{a, set, profile.NewStandards(), o}
	out := []CredentialLint{}
	for _, c := range o.Contexts {
		out = append(out, lintContext(c))
	}
	for _, in := range inputs {
		one := CredentialLint{Input: in.Name, Profile: o.Profile, Findings: []profile.Finding{}, Validators: []ValidatorSays{}, Err: in.Err}
		if one.Err == nil {
			in, one.Err = Opened(ctx, in)
		}
		if one.Err == nil {
			one.Err = l.lint(ctx, in.Raw, &one)
		}
		out = append(out, one)
	}
	return out, ctx.Err()
}

func joined(names []profile.Name) string {
	var out []string
	for _, n := range names {
		out = append(out, string(n))
	}
	return strings.Join(out, ", ")
}

type linter struct {
	app       *App
	suites    proof.Set
	standards *profile.Standards
	options   LintOptions
}

func (l *linter) lint(ctx context.Context, raw []byte, out *CredentialLint) error {
	if l.options.Profile == profile.EUDI {
		return l.wallet(raw, out)
	}
	doc, form, err := l.app.Document(raw)
	if err != nil {
		// A token that no suite takes holds something all the same.
		said, t := payloadOf(raw)
		if said == nil {
			return err
		}
		out.Findings = append(out.Findings, profile.Finding{Rule: "token", Code: reason.CodeOf(err), At: "", Section: "Open Badges 3.0, JSON Web Token proof format"}.
			Saying(saidNotVerified.With(plainMessage(err)), mendSignAnew.With()))
		doc, form = said, t
	}
	c, err := credential.New(doc, raw)
	if err != nil {
		return err
	}
	out.Form = form
	looked := profile.Validators(0)
	if l.options.Profile == "" {
		out.Findings = append(out.Findings, profile.Check(doc, l.standards.For(c)...)...)
	} else {
		out.Findings = append(out.Findings, l.standards.Lint(c, l.options.Profile)...)
		if l.options.Profile == profile.OB3 || l.options.Profile == profile.CLR2 {
			looked = l.standards.Schemas(c, l.options.Profile)
		}
	}
	// What is sealed is the text of the document, and not what it says as RDF.
	if !elm.Is(doc) && (form == "json" || l.options.Profile != "" && doc.Get("@context") != nil) {
		looked |= profile.SafeMode
		found := l.safeMode(ctx, doc.Without("proof"))
		for i := range found {
			if form != "json" { // a token's signature covers it all the same
				found[i].Severity = profile.Warning
			}
		}
		out.Findings = append(out.Findings, found...)
	}
	for _, name := range looked.Names() {
		says := ValidatorSays{Name: name}
		for _, f := range out.Findings {
			if slices.Contains(f.Refused.Names(), name) {
				says.Refuses, says.Places = true, says.Places+1
			}
		}
		out.Validators = append(out.Validators, says)
	}
	return nil
}

// payloadOf returns what a compact JWS holds, by what its header says: the
// payload, or the credential in its claim vc. It is nil for what is none.
func payloadOf(raw []byte) (doc *strictjson.Value, form string) {
	raw, err := carried(raw)
	if err != nil {
		return nil, ""
	}
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil || in.Compact == "" {
		return nil, ""
	}
	compact, _, _ := strings.Cut(in.Compact, "~")
	t, err := jws.ReadHead(compact, in.Limits)
	if err != nil || t.ReadBody(in.Limits) != nil {
		return nil, ""
	}
	if vc := t.Payload.Get("vc"); vc.Kind() == strictjson.KindObject {
		return vc, "jwt"
	}
	return t.Payload, "jwt"
}

// wallet holds a token, or claims that are to become one, against what
// European wallets want.
func (l *linter) wallet(raw []byte, out *CredentialLint) error {
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return err
	}
	otherForm := func(said profile.Text) {
		out.Findings = append(out.Findings, profile.Finding{Rule: "eudi/form", Code: reason.MalformedClaims, At: "", Section: "OpenID4VC High Assurance Interoperability Profile 1.0"}.
			Saying(said.With(), mendIssueAs.With("--as sd-jwt-eu")))
	}
	if in.COSE != nil {
		out.Form = "cose"
		otherForm(saidNoWalletCOSE)
		return nil
	}
	if in.Document != nil {
		out.Form = "json"
		if in.Document.Get("vct") == nil && in.Document.Get("credentialSubject") != nil {
			otherForm(saidNoWalletForm)
			return nil
		}
		out.Findings = append(out.Findings, profile.CheckWallet(in.Document, nil)...)
		return nil
	}
	compact, _, _ := strings.Cut(in.Compact, "~")
	t, err := jws.ReadHead(compact, in.Limits)
	if err != nil {
		return err
	}
	if err := t.ReadBody(in.Limits); err != nil {
		return err
	}
	out.Form = "sd-jwt"
	out.Findings = append(out.Findings, profile.CheckWallet(t.Payload, t.Header)...)
	return nil
}

// maxUnsigned is how many places are named that no context defines.
const maxUnsigned = 100

// safeMode lists what JSON-LD processing would drop, and so what a signature
// over the RDF would not cover. The reader stops at the first place; that is
// taken out, and it reads again.
func (l *linter) safeMode(ctx context.Context, doc *strictjson.Value) []profile.Finding {
	var out []profile.Finding
	unknown := "" // the place of a context that is not known here
	for range maxUnsigned {
		err := dataintegrity.Lossless(ctx, l.suites, doc)
		if err == nil || ctx.Err() != nil {
			break
		}
		f := profile.Finding{Rule: "json-ld/lossless", Code: reason.CodeOf(err), At: reason.AtOf(err), Refused: profile.SafeMode, Section: "VC Data Integrity 1.0, JSON-LD safe mode"}
		path := tokens(f.At)
		if len(path) > 0 && path[len(path)-1] == "type" {
			path = l.culprit(ctx, doc, path, err)
			f.At = pointerOf(path)
		}
		name, _ := doc.Lookup(f.At).Text()
		mend := mendDrop.With()
		switch {
		case slices.Contains([]string{openbadge.TypeSchemaValidator, openbadge.TypeRevocationList, openbadge.TypeRefresh}, name):
			mend = mendAddContext.With(openbadge.ContextExtensions)
		case strings.Contains(f.At, "/@context/"):
			mend = mendLeaveContext.With()
			unknown = f.At
		case f.Code.Coarse() == string(reason.UnsafeContext), f.Code == "unsigned_data/not-json-ld":
			mend = mendContext.With()
		case unknown != "":
			mend = mendOnlyUnknown.Of(mendOf(lastName(f.At)), unknown)
		}
		out = append(out, f.Saying(unsigned(plainMessage(err)), mend))
		rest, ok := takenOut(doc, path)
		if !ok {
			break
		}
		doc = rest
	}
	return out
}

// maxTypes is among how many types of one thing the one at fault is looked for.
const maxTypes = 20

// culprit finds out which of several types an error is about, which names the
// list alone.
func (l *linter) culprit(ctx context.Context, doc *strictjson.Value, path []string, err error) []string {
	at := pointerOf(path)
	for i := range min(len(doc.Lookup(at).Items()), maxTypes) {
		one := append(slices.Clone(path), strconv.Itoa(i))
		rest, ok := takenOut(doc, one)
		if !ok {
			continue
		}
		if again := dataintegrity.Lossless(ctx, l.suites, rest); again == nil || reason.AtOf(again) != at || plainMessage(again) != plainMessage(err) {
			return one
		}
	}
	return path
}

// plainMessage is what an error says, without the place that it says it of.
func plainMessage(err error) string {
	var e *reason.Error
	if errors.As(err, &e) && e.Err != nil {
		return e.Err.Error()
	}
	return err.Error()
}

// mendOf says how to tell in terms that are signed what members of extensions
// in use tell.
func mendOf(member string) *profile.Sentence {
	switch member {
	case "participationType":
		return mendAlignedAs.With(openbadge.ExtMode)
	case "assessmentType":
		return mendAlignedAs.With(openbadge.ExtAssessment)
	case "supervisionType", "identityChecked":
		return mendAlignedAs.With(openbadge.ExtSupervision)
	case "ECTS":
		return mendECTS.With(openbadge.ExtCredits)
	case "SBU", "timeInvestment":
		return mendAlignedAs.With(openbadge.ExtWorkload)
	case "educationProgramIdentifier":
		return mendOther.With()
	case "type":
		return mendTypeOut.With()
	}
	return mendKnown.With()
}

// lastName returns the last member name of a JSON pointer.
func lastName(at string) string {
	all := tokens(at)
	for i := len(all) - 1; i >= 0; i-- {
		if strings.Trim(all[i], "0123456789") != "" {
			return all[i]
		}
	}
	return ""
}

func tokens(at string) []string {
	if at == "" {
		return nil
	}
	out := strings.Split(at[1:], "/")
	for i := range out {
		out[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(out[i])
	}
	return out
}

func pointerOf(path []string) string {
	out := ""
	for _, token := range path {
		out = strictjson.Pointer(out, token)
	}
	return out
}

// takenOut returns a document without what stands at a place, so that all else
// stays in its place: an item of a list gives way to another of its kind if it
// is a type or a context, and else the list goes with it.
func takenOut(v *strictjson.Value, path []string) (*strictjson.Value, bool) {
	if n := len(path); n > 1 && strings.Trim(path[n-1], "0123456789") == "" && path[n-2] != "type" && path[n-2] != "@context" {
		path = path[:n-1]
	}
	return without(v, path)
}

func without(v *strictjson.Value, path []string) (*strictjson.Value, bool) {
	if len(path) == 0 {
		return v, false
	}
	switch v.Kind() {
	case strictjson.KindObject:
		m := v.Get(path[0])
		if m == nil {
			return v, false
		}
		if len(path) == 1 {
			return v.Without(path[0]), true
		}
		if len(path) == 2 && m.Kind() == strictjson.KindArray && (path[0] == "type" || path[0] == "@context") {
			return withoutItem(v, path[0], path[1])
		}
		inner, ok := without(m, path[1:])
		return v.With(path[0], inner), ok
	case strictjson.KindArray:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(v.Items()) {
			return v, false
		}
		items := slices.Clone(v.Items())
		var ok bool
		items[i], ok = without(items[i], path[1:])
		return strictjson.Array(items...), ok
	}
	return v, false
}

// withoutItem replaces one of a list by another of it, so that the places of
// those behind it stay.
func withoutItem(v *strictjson.Value, name, index string) (*strictjson.Value, bool) {
	items := v.Get(name).Items()
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= len(items) {
		return v, false
	}
	other := 0
	if i == 0 {
		other = 1
	}
	if other >= len(items) {
		return v.Without(name), true
	}
	items = slices.Clone(items)
	items[i] = items[other]
	return v.With(name, strictjson.Array(items...)), true
}
