package app

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/qr"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// IssueSchema names the form of IssuedForms in JSON.
const IssueSchema = "bevis.issue/v1"

// The forms of an award that have names of their own. Any of SuiteNames is one
// too.
const (
	formOB3   = "ob3"    // JSON with a proof in it
	formJWT   = "vc-jwt" // the whole as a token
	formSDJWT = "sd-jwt" // of which a part can be shown
	formCOSE  = "cose"
	formEU    = "sd-jwt-eu" // an SD-JWT VC of the European type for micro-credentials
	formPNG   = "png"       // a picture that carries ob3, as the next does
	formSVG   = "svg"
	formQR    = "qr" // a picture of a code that holds vc-jwt
	formQRSVG = "qr-svg"
	formPDF   = "pdf" // a page with ob3 attached and a code of the issuer's on it
	formELM   = "elm" // a European Digital Credential made of ob3, which nobody has sealed
	formELMO  = "elmo"
)

// FormNames are the names of forms, those that carry another behind the rest.
func FormNames() []string {
	return []string{formOB3, formJWT, formSDJWT, formEU, formCOSE, formPNG, formSVG, formQR, formQRSVG, formPDF, formELM, formELMO}
}

// FormsRequest is an award in the forms that are asked for.
type FormsRequest struct {
	Achievement string
	Award       issuer.Award // without Suite and Also
	Forms       []string     // of FormNames or SuiteNames
	Lang        string       // of a page
	// Pictures are what credentials are put into: one PNG, one SVG or both. Without
	// an SVG the form svg is the page of a certificate.
	Pictures [][]byte

	// Out is where they are written: a name that ends in .zip for an archive, that
	// of a file for one form, else that of a folder. Empty: one form is given back
	// and not written.
	Out   string
	Force bool // over what is there
}

// IssuedForms is an award in all its forms.
type IssuedForms struct {
	Schema  string       `json:"schema"`
	ID      string       `json:"id"`
	Again   bool         `json:"again,omitempty"`   // it was issued before
	Written string       `json:"written,omitempty"` // the folder, archive or file
	Forms   []IssuedForm `json:"forms"`
}

// IssuedForm is one of them. Of one that could not be made there is no File, and
// Code says why. File is its name in the folder or archive.
type IssuedForm struct {
	Form    string `json:"form"`
	Carries string `json:"carries,omitempty"` // the form that it has in it, or was made of
	Suite   string `json:"suite,omitempty"`   // how that, or the form itself, is secured; empty for what nobody signed
	File    string `json:"file,omitempty"`
	// Lost is what did not come over into a form that nobody signed, LostFile where
	// that stands.
	Lost     loss.Report `json:"lost,omitempty"`
	LostFile string      `json:"lostFile,omitempty"`
	Code     string      `json:"code,omitempty"`
	Message  string      `json:"message,omitempty"`

	Data    []byte `json:"-"`
	Secured []byte `json:"-"` // what is signed of it: Data, what it carries, or nothing
	beside  []byte // what goes into LostFile
	err     error  // what Code and Message are of
}

// plannedForm is a form with what it takes to make it.
type plannedForm struct {
	name, ending string
	suite        proof.ID // of what is signed
	carries      string   // the form that it carries, empty: it is signed itself
}

// formPlan is all that is to be made, and what is signed for it.
type formPlan struct {
	forms  []plannedForm
	suites []proof.ID // the first is the one that the ledger names
}

// madeOf returns what a form is made of that is not signed itself, and how the
// name of its file ends; nothing for the others.
func madeOf(form string) (of, ending string) {
	switch form {
	case formPNG, formSVG, formPDF:
		return formOB3, "." + form
	case formELM:
		return formOB3, ".elm.json"
	case formELMO:
		return formOB3, ".elmo.xml"
	case formQR:
		return formJWT, ".qr.png"
	case formQRSVG:
		return formJWT, ".qr.svg"
	}
	return "", ""
}

// planForms settles how the forms that are asked for are signed by a key of a
// type. Those that are signed come first, and with them, unasked, what others are
// made of.
func planForms(asked []string, own proof.ID, kind key.Type) (plan formPlan, err error) {
	var made []plannedForm
	for n, name := range asked {
		f := plannedForm{name: name}
		if f.carries, f.ending = madeOf(name); f.carries != "" {
			made = append(made, f)
		} else if f.suite, f.ending, err = signedForm(name, own, kind); err != nil {
			return plan, err
		}
		if slices.Contains(asked[:n], name) || f.carries == "" && slices.Contains(plan.suites, f.suite) {
			return plan, reason.New(reason.Usage, "--as", "%.40q is asked for twice", name)
		}
		if f.carries == "" {
			plan.forms, plan.suites = append(plan.forms, f), append(plan.suites, f.suite)
		}
	}
	for _, f := range made {
		if f.suite, _, err = signedForm(f.carries, own, kind); err != nil {
			return plan, err
		}
		if !slices.Contains(plan.suites, f.suite) {
			plan.suites = append(plan.suites, f.suite)
		}
		plan.forms = append(plan.forms, f)
	}
	return plan, nil
}

// signedForm returns how a form is secured by a key of a type, and how the name
// of its file ends. Where the issuer's own suite makes the form, it is that.
func signedForm(name string, own proof.ID, kind key.Type) (suite proof.ID, ending string, err error) {
	switch name {
	case formOB3:
		suite, ending = wholeSuite(own, kind), ".json"
	case formJWT:
		suite, ending = jose.VCJWT, ".jwt"
	case formSDJWT:
		suite, ending = sdjwt.DCSDJWT, ".sdjwt"
	case formCOSE:
		suite, ending = cose.VCCOSE, ".cose"
	case formEU:
		suite, ending = sdjwt.MicroCredentialForm, ".eu.sdjwt"
	default:
		suite, ending = proof.ID(name), "."+strings.ReplaceAll(name, "+", "-")
	}
	if name != formEU && !slices.Contains(SuiteNames(), string(suite)) {
		return "", "", reason.New(reason.Usage, "--as", "%.40q is none of %s, or a name that issuer init knows", name, strings.Join(FormNames(), ", "))
	}
	if _, err := keyFor(suite, kind); err != nil || suite == cose.VCCOSE && kind == key.RSA {
		return "", "", reason.New("usage/form-key", "--as", "a key of type %s does not sign in the form %s (%s)", kind, name, suite)
	}
	return suite, ending, nil
}

// wholeSuite is how JSON is secured that always shows whole: as the issuer does
// it anyway, else as goes with the key.
func wholeSuite(own proof.ID, kind key.Type) proof.ID {
	switch own {
	case dataintegrity.EdDSARDFC2022, dataintegrity.EdDSAJCS2022, dataintegrity.ECDSARDFC2019, dataintegrity.ECDSAJCS2019:
		return own
	}
	switch kind {
	case key.P256, key.P384:
		return dataintegrity.ECDSARDFC2019
	case key.BLS12381G2:
		return dataintegrity.BBS2023
	}
	return dataintegrity.EdDSARDFC2022
}

// IssueForms issues an award once, and gives it in all the forms that are asked
// for: the same credential with the same id and the same places in status lists,
// so that what becomes of one becomes of all. What is wrong with what is asked
// for is found before anything is issued. A form that turns out not to be
// possible, such as a code for a credential that is too long for one, is said in
// it and stops no other.
func (a *App) IssueForms(ctx context.Context, r FormsRequest) (IssuedForms, error) {
	out := IssuedForms{Schema: IssueSchema}
	plan, err := a.formPlan(ctx, r.Forms)
	if err != nil {
		return out, err
	}
	to, err := r.destination()
	if err != nil {
		return out, err
	}
	pictures, err := plan.pictures(r.Pictures)
	if err != nil {
		return out, err
	}
	award, err := a.inForms(r.Award, plan.suites)
	if err != nil {
		return out, err
	}
	issued, err := a.Issue(ctx, r.Achievement, award)
	if err != nil {
		return out, err
	}
	out.ID, out.Again = issued.ID, issued.Again
	out.Forms = formMaker{app: a, plan: plan, pictures: pictures, lang: r.Lang}.all(ctx, issued)
	return out, a.deliverForms(ctx, &out, to)
}

// IssueFormsLater has an award issued in its forms by whoever does the work of
// the books. IssueForms with the same idempotency key gives them then.
func (a *App) IssueFormsLater(ctx context.Context, r FormsRequest) error {
	plan, err := a.formPlan(ctx, r.Forms)
	if err != nil {
		return err
	}
	award, err := a.inForms(r.Award, plan.suites)
	if err != nil {
		return err
	}
	return a.IssueLater(ctx, r.Achievement, award)
}

// inForms returns an award that is to be secured by suites, the first of which
// the ledger names.
func (a *App) inForms(award issuer.Award, suites []proof.ID) (issuer.Award, error) {
	award.Suite, award.Also = nil, nil
	for n, id := range suites {
		suite, err := a.suites.Suite(id)
		if id == sdjwt.MicroCredentialForm { // which only issues
			suite, err = sdjwt.Learning(), nil
		}
		if err != nil {
			return award, err
		}
		if n == 0 {
			award.Suite = suite
		} else {
			award.Also = append(award.Also, suite)
		}
	}
	return award, nil
}

// formPlan settles how forms would be made, and refuses those that cannot be.
func (a *App) formPlan(ctx context.Context, forms []string) (formPlan, error) {
	if len(forms) == 0 {
		return formPlan{}, reason.New(reason.Usage, "--as", "say in which forms: %s", strings.Join(FormNames(), ", "))
	}
	s, signer, err := a.ownSigner(ctx)
	if err != nil {
		return formPlan{}, err
	}
	kind := signer.Public().Type()
	if err := signer.Close(); err != nil {
		return formPlan{}, err
	}
	return planForms(forms, proof.ID(s.Suite), kind)
}

// pictures returns what is to be baked into by its format. All that is needed is
// there, and all that is there is needed.
func (p formPlan) pictures(given [][]byte) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, raw := range given {
		format := bake.Detect(raw).String()
		wanted := slices.ContainsFunc(p.forms, func(f plannedForm) bool { return f.name == format && f.carries == formOB3 })
		switch {
		case format == "":
			return nil, reason.New("image_invalid/format", "--image", "neither PNG nor SVG")
		case out[format] != nil || !wanted:
			return nil, reason.New("usage/form-picture", "--image", "a picture of the format %s that no form is asked for with", format)
		}
		out[format] = raw
	}
	for _, f := range p.forms {
		if f.name == formPNG && out[f.name] == nil {
			return nil, reason.New("usage/form-picture", "--image", "the form %s is a picture with the credential in it, and none was given", f.name)
		}
	}
	return out, nil
}

// formMaker makes the forms of what was issued. It is safe for concurrent use.
type formMaker struct {
	app      *App
	plan     formPlan
	pictures map[string][]byte // by their format
	lang     string
	issuer   *issuer.Issuer // that gives pages their short form; nil: it is opened for each
}

// all makes all forms, in the order of the plan.
func (m formMaker) all(ctx context.Context, issued *issuer.Issued) []IssuedForm {
	out := make([]IssuedForm, 0, len(m.plan.forms))
	for _, f := range m.plan.forms {
		out = append(out, m.one(ctx, f, issued))
	}
	return out
}

func (m formMaker) one(ctx context.Context, p plannedForm, issued *issuer.Issued) IssuedForm {
	out := IssuedForm{Form: p.name, Carries: p.carries, Suite: string(p.suite)}
	for _, form := range issued.Forms() {
		if form.Suite == p.suite {
			out.Data, out.Secured = form.Credential, form.Credential
		}
	}
	var err error
	switch p.name {
	case formPDF:
		err = m.page(ctx, &out, PagePDF)
	case formPNG, formSVG:
		if m.pictures[p.name] == nil {
			err = m.page(ctx, &out, PageSVG)
			break
		}
		out.Data, err = bake.Bake(m.pictures[p.name], out.Secured, bake.Limits{})
	case formELM, formELMO:
		err = m.app.toBeSealed(ctx, &out, DocumentKind(p.name), m.lang)
	case formQR:
		out.Data, err = qr.PNG(string(out.Secured), qr.Config{Level: qr.Low})
	case formQRSVG:
		out.Data, err = qr.SVG(string(out.Secured), qr.Config{Level: qr.Low})
	}
	if reason.CodeOf(err) == reason.LimitSize && p.carries == formJWT {
		err = reason.New("usage/qr-size", "", "it has %d bytes, and at most %d fit", len(out.Secured), qr.MaxBytes)
	}
	if err != nil {
		out.Code, out.Message, out.Data, out.err = string(reason.CodeOf(err)), err.Error(), nil, err
		return out
	}
	out.File = FileOf(issued.ID) + p.ending
	return out
}

// page makes a page that carries a badge.
func (m formMaker) page(ctx context.Context, f *IssuedForm, as string) error {
	page, err := m.app.Certificate(ctx, CertificateRequest{Input: Input{Raw: f.Secured}, As: as, Lang: m.lang, issuer: m.issuer})
	f.Data = page.Data
	return err
}

// toBeSealed makes a document of another kind of a badge, such as a European
// Digital Credential. It is signed by nobody: a seal takes a certificate of the
// qualified kind, and what is in the report may have to be put in before.
func (a *App) toBeSealed(ctx context.Context, f *IssuedForm, kind DocumentKind, lang string) error {
	done, err := a.Convert(ctx, ConvertRequest{In: Input{Raw: f.Secured}, To: kind, Languages: []string{lang}})
	if err != nil {
		return err
	}
	f.Data, f.Secured, f.Suite, f.Lost = done.Raw(), nil, "", done.Lost
	done.Document = nil
	f.beside, err = json.MarshalIndent(done, "", "  ")
	return reason.Wrap(reason.Internal, "", err)
}

// FileOf is a name for files of a credential: that of its id, which tells nothing
// of the person.
func FileOf(id string) string { return strings.TrimPrefix(id, "urn:uuid:") }
