package issuer

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// An SD-JWT lets its holder keep parts of the document back, and an SD-JWT VC
// says itself what other forms have the document say.

// isSDJWT reports whether a suite makes tokens of which a part can be shown.
func isSDJWT(s proof.Suite) bool {
	return s != nil && (saysStatus(s) || s.ID() == sdjwt.VCSDJWT)
}

// saysStatus reports whether what a suite makes says itself where its status
// stands. The form of the W3C, whose payload is the document, has it there.
func saysStatus(s proof.Suite) bool {
	return s.ID() == sdjwt.DCSDJWT || s.ID() == sdjwt.MicroCredentialForm
}

// suitesOf returns how an award is to be secured: in the form that comes first,
// and in others.
func (i *Issuer) suitesOf(a Award) ([]proof.Suite, error) {
	if err := i.mayBeUsed(); err != nil { // before a place is taken
		return nil, err
	}
	first := a.Suite
	if first == nil {
		first = i.cfg.Suite
	}
	all := append([]proof.Suite{first}, a.Also...)
	for n, s := range all {
		switch {
		case slices.ContainsFunc(all[:n], func(other proof.Suite) bool { return other.ID() == s.ID() }):
			return nil, reason.New("usage/params", "", "the form %s is asked for twice", s.ID())
		case saysStatus(s) && a.Suspendable && len(all) > 1:
			return nil, reason.New("usage/suspendable", "", "a credential in the form %s has one place in one status list: beside other forms it can be revoked, not suspended", s.ID())
		case saysStatus(s) && a.Messages:
			return nil, reason.New("usage/messages", "", "a credential in the form %s has its status in a list that has no words: nothing can be said of it there", s.ID())
		}
	}
	if a.Disclosable != nil && !slices.ContainsFunc(all, showsInPart) {
		return nil, reason.New("usage/params", "", "of a credential in the form %s, nothing can be kept back", first.ID())
	}
	return all, nil
}

// sign secures the credential of an award.
func (i *Issuer) sign(ctx context.Context, s proof.Suite, a Award, c *credential.Credential, slots []Slot) ([]byte, error) {
	if err := i.mayBeUsed(); err != nil {
		return nil, err
	}
	p := proof.Params{Purpose: proof.AssertionMethod, Created: i.cfg.Now()}
	if !showsInPart(s) {
		return s.Sign(ctx, c.Raw(), i.cfg.Signer, p)
	}
	disclosable := a.Disclosable
	if disclosable == nil {
		disclosable = DefaultDisclosable(c)
	}
	if isSDJWT(s) {
		p.Disclosable = disclosable
		if saysStatus(s) {
			for _, slot := range slots {
				p.Status = status.TokenEntry{ListURL: i.tokenListURL(slot.Purpose, slot.List), Index: slot.Index}.Value()
			}
		}
	} else {
		var err error
		if p.Mandatory, err = alwaysShown(c, disclosable); err != nil {
			return nil, err
		}
	}
	return s.Sign(ctx, c.Raw(), i.cfg.Signer, p)
}

// leadSomewhere refuses pointers that an award has nothing for. Where its
// status will stand is not known yet.
func leadSomewhere(c *credential.Credential, pointers []string) error {
	for _, p := range pointers {
		if c.Document().Lookup(p) == nil && !strings.HasPrefix(p, "/credentialStatus") {
			return reason.New("disclosure_invalid/pointer", p, "leads to nothing in the credential")
		}
	}
	return nil
}

// DefaultDisclosable returns pointers to what the holder of a badge may want
// to keep back: by what marks the issuer knows them, how they did, and what
// shows it. What was achieved, and by whom it is vouched for, always shows.
func DefaultDisclosable(c *credential.Credential) []string {
	var out []string
	for _, at := range []string{"/credentialSubject/identifier", "/credentialSubject/narrative", "/credentialSubject/result", "/credentialSubject/creditsEarned", "/evidence"} {
		v := c.Document().Lookup(at)
		if v == nil {
			continue
		}
		out = append(out, at)
		if len(v.Items()) > 1 { // each can be kept back, beside all together
			for n := range v.Items() {
				out = append(out, strictjson.Pointer(at, strconv.Itoa(n)))
			}
		}
	}
	return out
}

func (i *Issuer) tokenListURL(purpose string, list int) string {
	return fmt.Sprintf("%s%s-%d.jwt", i.cfg.StatusBase, purpose, list)
}

// tokenList returns a status list in the form that SD-JWTs point at: for
// revocation, with the same places as in the other, and of PurposeToken, which
// has no other.
func (i *Issuer) tokenList(ctx context.Context, l ListState) (File, error) {
	width, value := 1, func(int) (uint8, error) { return status.TokenInvalid, nil }
	if l.Purpose == PurposeToken {
		width, value = tokenBits, func(n int) (uint8, error) { return tokenStatus(l.value(n)) }
	}
	list, err := status.NewTokenList(width, l.Size)
	if err != nil {
		return File{}, err
	}
	for n, index := range l.Set {
		v, err := value(n)
		if err == nil {
			err = list.Set(index, v)
		}
		if err != nil {
			return File{}, err
		}
	}
	now := i.cfg.Now()
	address := i.tokenListURL(l.Purpose, l.List)
	signed, err := status.ListTokenRequest{URL: address, List: list, Created: now, Expires: now.Add(i.cfg.StatusValidity)}.Sign(ctx, i.cfg.Signer)
	if err != nil {
		return File{}, err
	}
	return File{Path: fmt.Sprintf("status/%s-%d.jwt", l.Purpose, l.List), URL: address, MediaType: "application/" + status.TokenListType, Bytes: signed, MaxAge: i.cfg.StatusMaxAge}, nil
}
