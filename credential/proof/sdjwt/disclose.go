package sdjwt

import (
	"context"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// mine reads a token that must be this suite's.
func (s suite) mine(secured []byte) (*read, error) {
	in, err := proof.Read(secured, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	r, err := s.read(in)
	if err == nil && r == nil {
		err = reason.New("unsupported_alg/suite", "", "this is no token of %s", s.id)
	}
	return r, err
}

// Choices implements proof.Discloser. Digests have hidden the order of the
// members, so the choices come in that of their pointers.
func (s suite) Choices(ctx context.Context, secured []byte) ([]proof.Choice, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	r, err := s.mine(secured)
	if err != nil {
		return nil, err
	}
	var out []proof.Choice
	for _, o := range r.revealed.opened {
		if at, ok := r.model.place(o.at); ok && at != "" {
			out = append(out, proof.Choice{Pointer: at})
		}
	}
	slices.SortFunc(out, func(a, b proof.Choice) int { return strings.Compare(a.Pointer, b.Pointer) })
	return out, nil
}

// Disclose implements proof.Discloser. A key binding that is there already is
// left out.
func (s suite) Disclose(ctx context.Context, secured []byte, d proof.Disclosure) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	r, err := s.mine(secured)
	if err != nil {
		return nil, err
	}
	if s.id == VPSDJWT && d.Holder != nil {
		return nil, reason.New("usage/params", "", "a presentation is signed by its holder already")
	}
	for _, p := range d.Pointers {
		if p == "" || r.issuer.Document.Lookup(p) == nil {
			return nil, reason.New("disclosure_invalid/pointer", p, "there is nothing at this place")
		}
	}
	keep := make([]bool, len(r.compact.disclosures))
	for _, o := range r.revealed.opened {
		at, ok := r.model.place(o.at)
		keep[o.index] = ok && slices.ContainsFunc(d.Pointers, func(p string) bool { return within(at, p) || within(p, at) })
	}
	var out strings.Builder
	out.WriteString(r.compact.jwt)
	out.WriteByte('~')
	for i, text := range r.compact.disclosures {
		if keep[i] {
			out.WriteString(text)
			out.WriteByte('~')
		}
	}
	if d.Holder == nil {
		return []byte(out.String()), nil
	}
	bound, err := r.bind(ctx, out.String(), d)
	if err != nil {
		return nil, err
	}
	if out.WriteString(bound); out.Len() > strictjson.DefaultMaxBytes {
		return nil, reason.New(reason.LimitSize, "", "a token of %d bytes, the limit is %d", out.Len(), strictjson.DefaultMaxBytes)
	}
	return []byte(out.String()), nil
}

// bind makes the key binding JWT for what is shown (RFC 9901 section 4.3).
func (r *read) bind(ctx context.Context, shown string, d proof.Disclosure) (string, error) {
	if d.Audience == "" || d.Created.IsZero() {
		return "", reason.New("usage/params", "", "a key binding names its receiver and says when it was made")
	}
	if err := r.boundTo(d.Holder); err != nil {
		return "", err
	}
	nonce := d.Challenge
	if nonce == "" { // the standard wants one; the receiver asked for none
		nonce = random(saltBytes)
	}
	str := strictjson.String
	claims := []strictjson.Member{
		{Name: "iat", Value: strictjson.Int(d.Created.Unix())},
		{Name: "aud", Value: str(d.Audience)},
		{Name: "nonce", Value: str(nonce)},
		{Name: "sd_hash", Value: str(digestOf(r.hash, shown))},
	}
	if !d.Expires.IsZero() {
		claims = append(claims, strictjson.Member{Name: "exp", Value: strictjson.Int(d.Expires.Unix())})
	}
	token, err := jws.Sign(ctx, d.Holder, strictjson.Object(claims...).AppendJSON(nil), strictjson.Member{Name: "typ", Value: str(bindingType)})
	return string(token), err
}

// boundTo refuses a holder whose signature could not count.
func (r *read) boundTo(holder key.Signer) error {
	cnf := r.token.Payload.Get("cnf")
	if v := cnf.Get("jwk"); v != nil {
		if jwk, err := key.ParseJWK(v); err == nil && jwk.Public.Equal(holder.Public()) {
			return nil
		}
	} else if kid, ok := cnf.Get("kid").Text(); ok && kid == holder.ID() {
		return nil
	}
	if cnf == nil {
		return reason.New("holder_mismatch/no-cnf", "/cnf", "the credential is bound to nobody's key")
	}
	return reason.New("holder_mismatch/key", "/cnf", "the credential is bound to another key")
}
