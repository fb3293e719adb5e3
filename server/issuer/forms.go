package issuer

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/kompetansebevis/bevis/credential/proof"
	core "github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// maxForms bounds the forms of one award.
const maxForms = 8

// formURL is where a form of a credential can be had.
func formURL(id string, form proof.ID) string {
	return credentialURL(id) + "/forms/" + url.PathEscape(string(form))
}

// linkForms says in the head of an answer where the other forms of a credential
// are (RFC 8288, "alternate").
func linkForms(h http.Header, id string, others []core.Form) {
	for _, f := range others {
		h.Add("Link", fmt.Sprintf("<%s>; rel=\"alternate\"; type=%q", formURL(id, f.Suite), mediaType(f.Credential)))
	}
}

// formJSON is a credential in one form.
type formJSON struct {
	Form       string `json:"form"`
	MediaType  string `json:"mediaType"`
	Credential string `json:"credential"` // as it was signed; in base64 if it is COSE
}

func formOf(f core.Form) formJSON {
	return formJSON{string(f.Suite), mediaType(f.Credential), textOf(f.Credential)}
}

// textOf is a credential as it goes into JSON.
func textOf(credential []byte) string {
	if proof.IsCOSE(credential) {
		return base64.StdEncoding.EncodeToString(credential)
	}
	return string(credential)
}

// secured settles in which forms an award is to be issued.
func (s *Server) secured(c *call, o *object, a *core.Award) {
	format, as := o.text("format"), o.texts("as")
	if format != "" {
		suite, err := s.cfg.Desk.Form(format)
		if err != nil {
			o.fail("format", "there is no such format")
		}
		a.Suite = suite
	}
	switch {
	case as == nil:
		return
	case format != "":
		o.fail("as", "it says the forms by itself: leave out format")
		return
	case len(as) == 0 || len(as) > maxForms:
		o.fail("as", "names 1 to %d forms", maxForms)
		return
	}
	forms, err := s.cfg.Desk.Forms(c.ctx, as)
	switch {
	case reason.CodeOf(err).Coarse() == string(reason.Usage):
		o.fail("as", "%w", err)
	case err != nil && o.err == nil:
		o.err = err // which is no matter of the request
	case err == nil:
		a.Suite, a.Also = forms[0], forms[1:]
	}
}

// form is the form of the credential in the path that the path names as well:
// without a name, that in which it is given out.
func (s *Server) form(c *call) (core.Record, core.Form, error) {
	r, err := s.record(c)
	if err != nil {
		return r, core.Form{}, err
	}
	all, name := r.Forms(), c.PathValue("form")
	if name == "" {
		return r, all[0], nil
	}
	find := func(name proof.ID) int {
		return slices.IndexFunc(all, func(f core.Form) bool { return f.Suite == name })
	}
	n := find(proof.ID(name))
	if n < 0 { // or as it is named when it is asked for
		if suites, err := s.cfg.Desk.Forms(c.ctx, []string{name}); err == nil {
			n = find(suites[0].ID())
		}
	}
	if n < 0 {
		return r, core.Form{}, reason.New("not_found/form", r.ID, "it was not issued in this form")
	}
	return r, all[n], nil
}

// credential gives out what was issued.
func (s *Server) credential(c *call) error {
	r, form, err := s.form(c)
	if err != nil {
		return err
	}
	linkForms(c.w.Header(), r.ID, slices.DeleteFunc(r.Forms(), func(f core.Form) bool { return f.Suite == form.Suite }))
	return c.answer(http.StatusOK, mediaType(form.Credential), form.Credential)
}

// logProof gives out the proof that a credential, in a form, is in the
// transparency log.
func (s *Server) logProof(c *call) error {
	_, form, err := s.form(c)
	if err != nil {
		return err
	}
	proof, err := s.cfg.Desk.LogProof(c.ctx, form.Credential)
	if code := reason.CodeOf(err); code == "not_found/log" {
		return reason.New(code, "", "the issuer keeps no transparency log here")
	}
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, "text/plain; charset=utf-8", proof)
}
