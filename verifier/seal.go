package verifier

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/elm"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// KindEuropass is a European Digital Credential with a seal around it. What a
// verdict on one is worth stands in docs/elm.md.
const KindEuropass Kind = "european-digital-credential"

// SealedJAdES is the form of such documents, in Report.Form.
const SealedJAdES proof.ID = "jades"

// Europass returns the document of a report of KindEuropass, or nil. It is proven
// only if the verdict is Valid.
func (r *Report) Europass() *elm.Credential { return r.europass }

// sealed is the work on one such document.
type sealed struct {
	*judgement
	in   *proof.Input
	seal *jades.Seal
	doc  *elm.Credential
}

// sealLimits are the limits for a document, which are wider for one in a seal if
// the caller has none of its own: it holds the pictures of its pages.
func (j *judgement) sealLimits(raw []byte) credential.Limits {
	if j.cfg.Limits == (credential.Limits{}) && len(raw) > strictjson.DefaultMaxBytes && bytes.Contains(raw, []byte(`"payload"`)) && bytes.Contains(raw, []byte(`"protected"`)) {
		return jades.Limits()
	}
	return j.cfg.Limits
}

// opensSeal takes a document out of its seal. It is nil for what has none, and for
// a token in the JSON serialisation.
func (j *judgement) opensSeal(in *proof.Input) (*sealed, error) {
	if !elm.IsSealed(in.Document) {
		return nil, nil
	}
	s := &sealed{judgement: j, in: in}
	var err error
	if s.seal, err = jades.Open(in.Document); err != nil {
		return s, err
	}
	document, err := strictjson.ParseObject(s.seal.Payload, elm.Limits(j.cfg.Limits))
	if err != nil {
		if wrong := s.seal.Verify(); wrong != nil {
			return s, wrong // which is why it cannot be read
		}
		return s, err
	}
	if s.doc, err = elm.Read(document); err != nil {
		return s, err
	}
	j.report.claimed, err = credential.New(document, s.seal.Payload)
	return s, err
}

// errELMO says why the XML of a diploma portal is not judged.
func errELMO() error {
	return reason.New("unsupported_alg/elmo", "", "this is EMREX ELMO, whose XML signature is not judged here")
}

// judge makes the checks. Who sealed is what the certificate says, and never what
// the document says of its issuer.
func (s *sealed) judge(ctx context.Context) {
	r := s.report
	r.Kind, r.Form, r.europass = KindEuropass, SealedJAdES, s.doc
	defer func() {
		r.conclude(append([]CheckID{CheckReading, CheckDataModel, CheckTrust, CheckProof, CheckBinding, CheckPeriod, CheckStatus}, s.req.alsoExpected()...))
	}()
	if s.req.refusesBare() {
		r.refuse(CheckReading, reason.New("wrong_type/credential", "", "a presentation is expected, and this is a bare credential"))
		return
	}
	by := s.seal.By()
	r.Issuer = Issuer{ID: by.ID(), ClaimedName: s.doc.Issuer.Name.In("nb", "nn", "no", "en")}
	r.pass(CheckReading, NoteReadSeal)
	r.pass(CheckDataModel, NoteModelEuropass)
	s.types = s.doc.Types
	trusted := s.trust(ctx, s.orNow(s.seal.Claimed))
	if err := s.seal.Verify(); err != nil {
		r.refuse(CheckProof, err)
		r.notMade(CheckBinding, NoteNoSignatureHolds)
	} else {
		r.pass(CheckProof, NoteSealRight, s.seal.Algorithm)
		s.binding(ctx, by, trusted)
	}
	s.periodOf()
	if len(r.claimed.Status()) > 0 {
		r.refuse(CheckStatus, reason.New("status_unavailable/unknown-type", "/credentialStatus", "the status of a European Digital Credential is of no type that is known here"))
	} else {
		r.notApplicable(CheckStatus, NoteSealNoStatus)
	}
	s.required()
	s.besideFull(s.in, nil)
	s.notWithThis()
	if r.Check(CheckProof).Outcome == Pass {
		r.proven = r.claimed
	}
	s.display(r.claimed.Document())
}

// periodOf checks from when and until when the document says that it holds.
func (s *sealed) periodOf() {
	var from, until time.Time
	for _, bound := range []struct {
		name, text string
		to         *time.Time
	}{{"/validFrom", s.doc.ValidFrom, &from}, {"/validUntil", s.doc.ValidUntil, &until}} {
		if bound.text == "" {
			continue
		}
		at, err := elm.Moment(bound.text)
		if err != nil {
			s.report.refuse(CheckPeriod, reason.New(reason.MalformedTime, bound.name, "not a date and time"))
			return
		}
		*bound.to = at
	}
	if s.inForce(from, until, "/validFrom", "/validUntil", term{NoteCredentialBegins, NoteCredentialEnded}) {
		s.report.inForceUntil(until)
	}
}

// binding judges the certificate, and whether it is that of the document's
// issuer. Lists of revoked certificates are fetched only for those who are
// trusted.
func (s *sealed) binding(ctx context.Context, by jades.Sealer, trusted bool) {
	r := s.report
	found, err := s.seal.Judge(ctx, s.cfg.SealAnchors, s.req.At, revocations{s.judgement, trusted})
	if err != nil {
		r.refuse(CheckBinding, err)
		return
	}
	if !ofIssuer(by, s.doc.Issuer) {
		r.fail(CheckBinding, "issuer_mismatch/seal", "/issuer", NoteSealOfAnother, by.Organisation, s.doc.Issuer.Name.In("nb", "nn", "no", "en"))
		return
	}
	if r.Issuer.VerifiedName == "" {
		r.Issuer.VerifiedName, r.Issuer.NameBy = by.Organisation, found.Anchor
	}
	if found.StatusBy == "" {
		r.pass(CheckBinding, NoteSealUnasked, by.Organisation, found.Anchor, credential.FormatTime(found.Proven))
		return
	}
	if found.StampBy != "" {
		r.passAsOf(CheckBinding, "", found.Proven, NoteSealStamped, by.Organisation, found.Anchor, credential.FormatTime(found.Proven), found.StampBy)
		return
	}
	r.pass(CheckBinding, NoteSealNow, by.Organisation, found.Anchor, credential.FormatTime(found.Proven))
}

// ofIssuer reports whether a certificate is of the one that a document names: by
// the identifier for such certificates where both have one, else by name.
func ofIssuer(by jades.Sealer, named elm.Organisation) bool {
	if by.Identifier != "" && named.EIDAS != "" {
		return by.Identifier == named.EIDAS
	}
	return by.Organisation != "" && slices.ContainsFunc(named.Name, func(t elm.Text) bool {
		return strings.EqualFold(strings.TrimSpace(t.Text), strings.TrimSpace(by.Organisation))
	})
}

// required makes the checks that a request may require of any credential.
func (s *sealed) required() {
	if len(s.req.Recipient) > 0 {
		var all []identity
		put := func(at, kind, value string) {
			if value != "" {
				i := identity{at: "/credentialSubject" + at, kind: kind}
				i.readValue(value, false)
				all = append(all, i)
			}
		}
		p := s.doc.Person
		put("/id", "id", p.ID)
		for _, name := range p.Name {
			put("/fullName", "name", name.Text)
		}
		put("/contactPoint", "emailAddress", p.Email)
		for _, i := range p.Identifiers {
			kind := i.Scheme
			if kind == "nationalID" {
				kind = "nationalIdentityNumber"
			}
			put("/identifier", kind, i.Value)
		}
		s.recipientAmong(all)
	}
	if s.req.RequireSchema {
		s.report.refuse(CheckSchema, reason.New("schema_unavailable/type", "/credentialSchema", "SHACL shapes are not checked here"))
	}
}

// revocations is a jades.Sources of what is at hand, and of the source for status
// lists.
type revocations struct {
	*judgement
	fetch bool
}

// Revocations implements jades.Sources.
func (r revocations) Revocations(ctx context.Context, url string) ([]byte, error) {
	if raw, ok := r.req.StatusLists[url]; ok {
		return raw, nil
	}
	if !r.fetch || !strings.HasPrefix(url, "https://") {
		return nil, errors.New("not at hand")
	}
	raw, _, err := r.cfg.Status.StatusList(ctx, url)
	return raw, err
}
