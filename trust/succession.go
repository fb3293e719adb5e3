package trust

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// What a statement of succession is made of.
const (
	SuccessionContext = "https://kompetansebevis.github.io/bevis/succession/v1"
	SuccessionType    = "SuccessionCredential"

	maxSuccessionBytes = 256 << 10
	maxSuccessions     = 3 // from one institution to the next
)

// Succession says that an institution continues as another: after a merger, or
// under another name. It counts only when both say so.
type Succession struct {
	Predecessor, Successor string // ids of issuers
	Effective              time.Time
}

func badSuccession(at, format string, args ...any) error {
	return reason.New("trust_refused/succession", at, format, args...)
}

// Credential returns one half of the statement, yet to be signed: what one of
// the two says.
func (s Succession) Credential(by string, now, until time.Time) (*credential.Credential, error) {
	if by != s.Predecessor && by != s.Successor {
		return nil, badSuccession("/issuer", "%.200s is neither of the two", by)
	}
	c, err := credential.Draft{
		Contexts: []string{SuccessionContext}, ID: "urn:sha256:" + Digest([]byte(by+"\x00"+s.Predecessor+"\x00"+s.Successor+"\x00"+credential.FormatTime(s.Effective)+"\x00"+credential.FormatTime(now))),
		Types: []string{SuccessionType}, Issuer: strictjson.String(by), ValidFrom: now, ValidUntil: until,
		Subject: strictjson.Object(
			strictjson.Member{Name: "type", Value: strictjson.String("Succession")},
			strictjson.Member{Name: "predecessor", Value: strictjson.String(s.Predecessor)},
			strictjson.Member{Name: "successor", Value: strictjson.String(s.Successor)},
			strictjson.Member{Name: "effective", Value: strictjson.String(credential.FormatTime(s.Effective))},
		),
	}.Build()
	if err != nil {
		return nil, err
	}
	_, err = ReadSuccession(c) // what is signed is what others can read
	return c, err
}

// ReadSuccession reads one half, without judging it.
func ReadSuccession(c *credential.Credential) (Succession, error) {
	subjects := c.Subjects()
	if !c.HasType(SuccessionType) || len(subjects) != 1 || !credential.HasType(subjects[0], "Succession") {
		return Succession{}, badSuccession("/type", "a statement of succession is a %s about one Succession", SuccessionType)
	}
	v := subjects[0]
	s := Succession{}
	s.Predecessor, _ = v.Get("predecessor").Text()
	s.Successor, _ = v.Get("successor").Text()
	var err error
	if s.Effective, err = credential.Time(v.Get("effective")); err != nil {
		return s, badSuccession("/credentialSubject/effective", "%w", err)
	}
	switch {
	case !plainID(s.Predecessor) || !plainID(s.Successor):
		return s, badSuccession("/credentialSubject", "does not name the two by their ids")
	case s.Predecessor == s.Successor:
		return s, badSuccession("/credentialSubject", "nobody continues as itself")
	}
	return s, nil
}

// JoinSuccession puts the halves of a statement into one file.
func JoinSuccession(halves ...[]byte) []byte {
	items := make([]*strictjson.Value, len(halves))
	for i, half := range halves {
		half = bytes.TrimSpace(half)
		if v, err := strictjson.ParseObject(half, strictjson.Limits{}); err == nil {
			items[i] = v
		} else {
			items[i] = strictjson.String(string(half)) // a token
		}
	}
	return append(strictjson.Object(strictjson.Member{Name: "succession", Value: strictjson.Array(items...)}).AppendJSON(nil), '\n')
}

// SplitSuccession returns the halves in a file: those that were joined, or the
// one that it is.
func SplitSuccession(raw []byte) ([][]byte, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) > maxSuccessionBytes {
		return nil, reason.New(reason.LimitSize, "", "a statement of more than %d bytes", maxSuccessionBytes)
	}
	v, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil || v.Get("succession") == nil {
		return [][]byte{raw}, nil
	}
	var out [][]byte
	for _, item := range v.Get("succession").Items() {
		if text, ok := item.Text(); ok {
			out = append(out, []byte(text))
		} else {
			out = append(out, item.AppendJSON(nil))
		}
	}
	if len(out) == 0 || len(out) > 2 {
		return nil, badSuccession("/succession", "%d halves of a statement", len(out))
	}
	return out, nil
}

// readBoth reads both halves with read, which judges them or not. They have to
// be by the two, and to say the same.
func readBoth(raw []byte, read func(half []byte) (*credential.Credential, error)) (Succession, []*credential.Credential, error) {
	halves, err := SplitSuccession(raw)
	if err != nil {
		return Succession{}, nil, err
	}
	var out Succession
	var by []*credential.Credential
	for i, half := range halves {
		c, err := read(half)
		if err != nil {
			return out, nil, err
		}
		s, err := ReadSuccession(c)
		switch {
		case err != nil:
			return out, nil, err
		case i > 0 && (s.Predecessor != out.Predecessor || s.Successor != out.Successor || !s.Effective.Equal(out.Effective)):
			return out, nil, badSuccession("/succession", "the two do not say the same")
		}
		out = s
		by = append(by, c)
	}
	for _, who := range []string{out.Predecessor, out.Successor} {
		if !slices.ContainsFunc(by, func(c *credential.Credential) bool { return c.IssuerID() == who }) {
			return out, nil, reason.New("trust_refused/one-sided", who, "%.200s does not say so: a statement of one side counts for nothing", who)
		}
	}
	return out, by, nil
}

// TakeSuccession returns the policy with a statement taken in that both have
// signed. Keys are the predecessor's, as they are known now: what it signed is
// verified with them when its host is gone. The statement vouches for nobody: it
// lets what vouches for the successor vouch for the predecessor. What is refused
// is trust_refused/succession, one-sided, not-valid or unchecked.
func (p *Policy) TakeSuccession(ctx context.Context, raw []byte, v ListVerifier, keys map[string]key.Public, at time.Time, source string) (*Taken, error) {
	said, _, err := readBoth(raw, v.Read)
	if err != nil {
		return nil, err
	}
	until := time.Time{}
	again, halves, err := readBoth(raw, func(half []byte) (*credential.Credential, error) {
		claimed, err := v.Read(half)
		if err != nil {
			return nil, err
		}
		valid, err := v.VerifyList(ctx, half, claimed.IssuerID(), at)
		if err == nil && valid == nil {
			err = reason.New(reason.Internal, "", "no credential was verified")
		}
		if err != nil {
			code := reason.Code("trust_refused/not-valid")
			if c := reason.CodeOf(err).Class(); c == reason.Undetermined || c == reason.Fault || c == reason.Interrupted {
				code = "trust_refused/unchecked"
			}
			return nil, reason.New(code, claimed.IssuerID(), "%w", err)
		}
		return valid, nil
	})
	if err != nil {
		return nil, err
	}
	if again != said {
		return nil, badSuccession("", "what was verified is not what was read")
	}
	for _, c := range halves {
		_, end, err := c.Period()
		if err != nil {
			return nil, badSuccession(reason.AtOf(err), "%w", err)
		}
		until = earlier(until, end)
	}
	held := Held{SHA256: Digest(raw), Issued: at.UTC().Truncate(time.Second)}
	t := &Taken{Policy: p, By: said.Predecessor, Digest: held.SHA256, Dated: said.Effective, Issuer: 1}
	i := slices.IndexFunc(p.Entries, func(e Entry) bool { return e.Kind == KindSuccession && e.Issuer == said.Predecessor })
	if i < 0 {
		t.Policy, err = p.Add(Entry{Kind: KindSuccession, Issuer: said.Predecessor, Successor: said.Successor, Since: said.Effective, Until: until, Keys: keys, Held: []Held{held}}, source)
		return t, err
	}
	if e := p.Entries[i]; e.Successor != said.Successor {
		return nil, reason.New("conflict/trusted", said.Predecessor, "by the trust policy it continues as %.200s: remove that first (%s)", e.Successor, e.Source)
	}
	t.Again = len(p.Entries[i].Held) > 0 && p.Entries[i].Held[0].SHA256 == held.SHA256
	t.Policy, err = p.hold(i, []Held{held}, source)
	return t, err
}

// Continued is who continues an institution.
type Continued struct {
	ID     string
	Name   string // verified, may be empty
	Since  time.Time
	Source string // where the policy holds the statement
}

// continued returns the block by which an issuer is continued at a time, nil for
// none, and an error where that cannot be told.
func (p *Policy) continued(issuer string, at time.Time) (*Entry, error) {
	for i := range p.Entries {
		e := &p.Entries[i]
		if e.Kind != KindSuccession || e.Issuer != issuer || at.Before(e.Since) || !e.Until.IsZero() && !at.Before(e.Until) {
			continue
		}
		var d document
		ok := false
		if len(e.Held) > 0 {
			d, ok = p.lists[e.Held[0].SHA256]
		}
		switch {
		case !ok:
			return nil, reason.New("trust_unavailable/not-held", e.Source, "the statement that %.200s continues as %.200s is not at hand", e.Issuer, e.Successor)
		case d.err != nil:
			return nil, d.err
		case d.succession == nil || d.succession.Predecessor != e.Issuer || d.succession.Successor != e.Successor || !d.succession.Effective.Equal(e.Since):
			return nil, reason.New("trust_unavailable/changed", e.Source, "the statement that is held says something else than the policy")
		}
		return e, nil
	}
	return nil, nil
}

// succeeded adds what vouches for the one that continues an issuer, of which it
// counts for nothing that was signed from the day of the succession on. Path is by
// whom it was come here: a circle ends, and so does a chain of more than three.
func (p *Policy) succeeded(x *Explanation, path []string) {
	e, err := p.continued(x.Issuer, x.At)
	if e == nil && err == nil || len(path) >= maxSuccessions || e != nil && (slices.Contains(path, e.Successor) || e.Successor == x.Issuer) {
		return
	}
	if err != nil {
		x.Findings = append(x.Findings, Finding{Voucher: Voucher{Kind: KindSuccession, Source: reason.AtOf(err)}, Because: BecauseUnavailable, Err: err})
		return
	}
	if !x.Signed.IsZero() && !x.Signed.Before(e.Since) {
		x.Continued = &Continued{ID: e.Successor, Since: e.Since, Source: e.Source}
		x.Findings = append(x.Findings, Finding{Voucher: Voucher{Kind: KindSuccession, By: e.Successor, Source: e.Source, AsOf: e.Held[0].Issued}, Because: BecauseAfter, When: e.Since})
		return
	}
	next := p.explain(Query{Issuer: e.Successor, Types: x.Types, At: x.At}, append(slices.Clone(path), x.Issuer))
	x.Continued = &Continued{ID: e.Successor, Name: next.Name, Since: e.Since, Source: e.Source}
	if next.Continued != nil {
		x.Continued.ID, x.Continued.Name = next.Continued.ID, next.Continued.Name
	}
	switch {
	case next.Err != nil:
		x.Findings = append(x.Findings, Finding{Voucher: Voucher{Kind: KindSuccession, By: e.Successor, Source: e.Source, AsOf: e.Held[0].Issued}, Because: BecauseUnavailable, Err: next.Err})
	case !next.Trusted:
		x.Findings = append(x.Findings, Finding{Voucher: Voucher{Kind: KindSuccession, By: e.Successor, Source: e.Source, AsOf: e.Held[0].Issued}, Because: BecauseSuccessor})
	}
	if !next.Trusted {
		return
	}
	for _, f := range next.Findings {
		if f.Vouches {
			f.Name, f.entry = "", nil // its name and its keys are the successor's
			f.Through = append([]string{e.Successor}, f.Through...)
			x.Findings = append(x.Findings, f)
		}
	}
}

// oldKey returns a key of an issuer that is continued, as the statement was
// taken in with it.
func (p *Policy) oldKey(q Query, method string) (key.Public, bool) {
	e, err := p.continued(q.Issuer, q.At)
	if e == nil || err != nil || !strings.HasPrefix(method, q.Issuer+"#") {
		return key.Public{}, false
	}
	k, ok := e.Keys[method]
	return k, ok
}
