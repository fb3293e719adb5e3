package app

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/definition"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// What can be endorsed in a credential.
const (
	EndorseCredential  = "credential"
	EndorseAchievement = "achievement"
	EndorseIssuer      = "issuer"
)

// EndorseRequest is what an issuer says of somebody else's.
type EndorseRequest struct {
	Input Input
	// What says of what in a credential: one of the above, empty for the
	// credential itself. In a file with a definition or a profile alone there is
	// nothing to choose.
	What    string
	Comment string
	Name    string
	Until   time.Time
	Suite   proof.Suite // nil: one that can stand in other credentials
	Actor   string
}

// Endorse issues an endorsement, and tells of what it is and by which id.
func (a *App) Endorse(ctx context.Context, r EndorseRequest) (issued *issuer.Issued, what, id string, err error) {
	of, what, err := a.endorsed(r)
	if err != nil {
		return nil, what, "", err
	}
	err = a.withIssuer(ctx, func(i *issuer.Issuer, _ books) (err error) {
		issued, err = i.Endorse(ctx, issuer.Endorsement{Of: of, Comment: r.Comment, Name: r.Name, ValidUntil: r.Until, Suite: r.Suite, Actor: r.Actor})
		return unissued("", err)
	})
	return issued, what, credential.ID(of), err
}

// endorsed finds what is to be endorsed.
func (a *App) endorsed(r EndorseRequest) (of *strictjson.Value, what string, err error) {
	if r.Input.Err != nil {
		return nil, "", r.Input.Err
	}
	var doc *strictjson.Value
	if v, err := strictjson.ParseObject(bytes.TrimSpace(r.Input.Raw), strictjson.Limits{}); err == nil {
		// As "achievement show --json" prints it.
		if inner := v.Get("achievement"); inner.Kind() == strictjson.KindObject && v.Get("slug") != nil {
			v = inner
		}
		switch types := credential.Types(v); {
		case slices.Contains(types, "Achievement"):
			return v, EndorseAchievement, misplaced(r.What, EndorseAchievement)
		case slices.Contains(types, "Profile"):
			return v, EndorseIssuer, misplaced(r.What, EndorseIssuer)
		}
	}
	if doc, _, err = a.Document(r.Input.Raw); err != nil {
		return nil, "", err
	}
	switch what = r.What; what {
	case "", EndorseCredential:
		of, what = doc, EndorseCredential
	case EndorseIssuer:
		if of = doc.Get("issuer"); of.Kind() != strictjson.KindObject {
			of = nil
		}
	case EndorseAchievement:
		if subjects := doc.Get("credentialSubject").List(); len(subjects) == 1 {
			of = subjects[0].Get("achievement")
		}
	default:
		return nil, what, reason.New(reason.Usage, "--what", "one of %s, %s, %s", EndorseCredential, EndorseAchievement, EndorseIssuer)
	}
	if credential.ID(of) == "" {
		return nil, what, reason.New("malformed/endorsed", what, "there is no %s with an id in it", what)
	}
	return of, what, nil
}

// misplaced refuses a choice where there is none.
func misplaced(asked, is string) error {
	if asked != "" && asked != is {
		return reason.New(reason.Usage, "--what", "the file holds %s alone", is)
	}
	return nil
}

// Attached is an endorsement that was taken in.
type Attached struct {
	By       string `json:"by"`       // id of who endorses
	Name     string `json:"name"`     // of the endorsement
	ByDigest bool   `json:"byDigest"` // it is bound to this text, not only to the id
	Verdict  string `json:"verdict"`  // on the endorsement itself, whoever it is by
	Reason   string `json:"reason"`
}

// AchievementEndorse puts an endorsement into a definition, so that credentials
// carry it from now on.
func (a *App) AchievementEndorse(ctx context.Context, slug string, in Input) (Attached, error) {
	ac, err := a.AchievementGet(slug)
	if err != nil {
		return Attached{}, err
	}
	in = trimmed(in)
	out, c, err := a.takeIn(ctx, in, ac.Value())
	if err != nil {
		return out, err
	}
	_, err = a.AchievementChange(ctx, slug, func(ac *openbadge.Achievement) error {
		if _, err := definition.Binds(c, ac.Value()); err != nil { // changed meanwhile
			return err
		}
		return definition.Attach(&ac.Endorsement, &ac.EndorsementJWT, in.Raw, c)
	})
	return out, err
}

// IssuerEndorse puts an endorsement into the profile of the issuer that is set
// up here, so that all its credentials carry it.
func (a *App) IssuerEndorse(ctx context.Context, in Input) (Attached, error) {
	s, err := a.IssuerShow()
	if err != nil {
		return Attached{}, err
	}
	p, err := s.profile()
	if err != nil {
		return Attached{}, err
	}
	in = trimmed(in)
	out, c, err := a.takeIn(ctx, in, p.Value())
	if err != nil {
		return out, err
	}
	return out, a.changing(ctx, func() error { return a.attach(in, c) })
}

// attach puts an endorsement that was taken in into the profile as it stands
// now, if it is still of that.
func (a *App) attach(in Input, c *credential.Credential) error {
	s, err := a.IssuerShow()
	if err != nil {
		return err
	}
	p, err := s.profile()
	if err != nil {
		return err
	}
	if _, err := definition.Binds(c, p.Value()); err != nil {
		return err
	}
	if err := definition.Attach(&p.Endorsement, &p.EndorsementJWT, in.Raw, c); err != nil {
		return err
	}
	s.Endorsement, s.EndorsementJWT = nil, p.EndorsementJWT
	for _, e := range p.Endorsement {
		s.Endorsement = append(s.Endorsement, json.RawMessage(e.AppendJSON(nil)))
	}
	return a.keepSetup(s, true)
}

// trimmed drops the end of the line that editors put behind a text.
func trimmed(in Input) Input {
	if !proof.IsCOSE(in.Raw) {
		in.Raw = bytes.TrimSpace(in.Raw)
	}
	return in
}

// takeIn reads an endorsement and holds it against what it is to stand in. What
// every verifier would refuse is not taken in; whether its issuer is trusted is
// for each of them to say, so that is not asked here.
func (a *App) takeIn(ctx context.Context, in Input, of *strictjson.Value) (out Attached, c *credential.Credential, err error) {
	if in.Err != nil {
		return out, nil, in.Err
	}
	doc, _, err := a.Document(in.Raw)
	if err != nil {
		return out, nil, err
	}
	if c, err = credential.New(doc, in.Raw); err != nil {
		return out, nil, err
	}
	if out.ByDigest, err = definition.Binds(c, of); err != nil {
		return out, nil, err
	}
	out.By, out.Name = c.IssuerID(), c.Name("nb", "nn", "en")
	results, err := a.Verify(ctx, VerifyRequest{Inputs: []Input{in}, Issuers: []string{out.By}, Jobs: 1})
	if err != nil {
		return out, c, err
	}
	if n := len(results.Results); n != 1 { // of none nothing would be known
		return out, c, reason.New(reason.Internal, in.Name, "one endorsement was verified as %d", n)
	}
	r := results.Results[0]
	out.Verdict, out.Reason = r.Verdict, r.Reason
	if r.Verdict != verifier.Valid.String() && r.Verdict != verifier.Undetermined.String() {
		return out, c, reason.New(reason.Code(r.Reason), in.Name, "the endorsement is %s, and would be for everybody", r.Verdict)
	}
	return out, c, nil
}
