package dataintegrity

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Open returns the embedded proofs of in that name this suite.
func (s *suite) Open(in *proof.Input) ([]*proof.Secured, error) {
	if in.Document == nil {
		return nil, nil
	}
	proofs, err := in.Proofs()
	if err != nil {
		return nil, err
	}
	var out []*proof.Secured
	for _, p := range proofs {
		if !s.takes(p.Value) {
			continue
		}
		secured, err := s.open(in, p, proofs)
		if err != nil {
			return nil, err
		}
		out = append(out, secured)
	}
	return out, nil
}

func (s *suite) takes(p *strictjson.Value) bool {
	kind, _ := p.Get("type").Text()
	if s.proofType != "DataIntegrityProof" {
		return kind == s.proofType
	}
	name, _ := p.Get("cryptosuite").Text()
	return kind == s.proofType && name == string(s.id)
}

func (s *suite) open(in *proof.Input, p proof.Embedded, all []proof.Embedded) (*proof.Secured, error) {
	out := &proof.Secured{Suite: s.id, At: p.At, Input: in, Proof: p.Value, Legacy: s.detached}
	r := memberReader{at: p.At, object: p.Value}
	out.Method = r.method()
	purpose := r.text("proofPurpose")
	if r.err == nil && purpose == "" {
		r.err = reason.New("malformed/proof-purpose", p.At+"/proofPurpose", "the proof has no purpose")
	}
	out.Purpose = proof.Purpose(purpose)
	out.Created = r.time("created")
	out.Expires = r.time("expires")
	out.Challenge = r.text("challenge")
	out.Domains = r.texts("domain")
	previous := r.texts("previousProof")
	if r.text("id") != "" && r.err == nil {
		if _, err := url.Parse(r.text("id")); err != nil {
			r.err = reason.New(reason.MalformedProof, p.At+"/id", "the proof's id is no URL")
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	covered, err := previousProofs(p, previous, all)
	if err != nil {
		return nil, err
	}
	out.Document = in.Document.Without("proof")
	if len(covered) > 0 {
		out.Document = out.Document.With("proof", strictjson.Array(covered...))
	}
	return out, nil
}

// previousProofs returns the proofs that p covers, in document order. A name
// that is not there, or that leads back to p, is refused (Data Integrity
// section 4.3).
func previousProofs(p proof.Embedded, previous []string, all []proof.Embedded) ([]*strictjson.Value, error) {
	byID := make(map[string]proof.Embedded, len(all))
	for _, other := range all {
		id, ok := other.Value.Get("id").Text()
		if !ok {
			continue
		}
		if _, twice := byID[id]; twice {
			return nil, reason.New(reason.MalformedProofChain, other.At+"/id", "two proofs have the same id")
		}
		byID[id] = other
	}
	seen := map[string]bool{}
	pending := slices.Clone(previous)
	for len(pending) > 0 {
		id := pending[0]
		pending = pending[1:]
		target, ok := byID[id]
		if !ok {
			return nil, reason.New(reason.MalformedProofChain, p.At+"/previousProof", "names a proof that is not there")
		}
		if target.At == p.At {
			return nil, reason.New(reason.MalformedProofChain, p.At+"/previousProof", "the chain of proofs leads back to itself")
		}
		if seen[id] {
			continue
		}
		seen[id] = true
		for _, item := range target.Value.Get("previousProof").List() {
			next, _ := item.Text()
			pending = append(pending, next)
		}
	}
	var covered []*strictjson.Value
	for _, other := range all {
		if id, ok := other.Value.Get("id").Text(); ok && slices.Contains(previous, id) {
			covered = append(covered, other.Value)
		}
	}
	return covered, nil
}

// memberReader reads members of a proof and keeps the first error.
type memberReader struct {
	at     string
	object *strictjson.Value
	err    error
}

func (r *memberReader) fail(code reason.Code, name, message string) {
	if r.err == nil {
		r.err = reason.New(code, strictjson.Pointer(r.at, name), "%s", message)
	}
}

func (r *memberReader) text(name string) string {
	v := r.object.Get(name)
	s, ok := v.Text()
	if v != nil && !ok {
		r.fail(reason.MalformedProof, name, "is "+v.Kind().String()+", not a string")
	}
	return s
}

func (r *memberReader) texts(name string) []string {
	var out []string
	for _, item := range r.object.Get(name).List() {
		s, ok := item.Text()
		if !ok {
			r.fail(reason.MalformedProof, name, "is not a string or an array of strings")
			return nil
		}
		out = append(out, s)
	}
	return out
}

func (r *memberReader) time(name string) time.Time {
	v := r.object.Get(name)
	if v == nil {
		return time.Time{}
	}
	t, err := credential.Time(v)
	if err != nil {
		r.fail(reason.MalformedTime, name, err.Error())
	}
	return t
}

// method reads the verification method, which must be a string with a scheme
// and a fragment: a relative one could mean any key.
func (r *memberReader) method() string {
	v := r.object.Get("verificationMethod")
	if v == nil {
		r.fail("key_invalid/verification-method", "verificationMethod", "the proof names no verification method")
		return ""
	}
	s, ok := v.Text()
	if !ok {
		r.fail("key_invalid/verification-method", "verificationMethod", "is "+v.Kind().String()+", not a URL")
		return ""
	}
	base, fragment, _ := strings.Cut(s, "#")
	scheme, _, absolute := strings.Cut(base, ":")
	if !absolute || scheme == "" || fragment == "" {
		r.fail("key_invalid/verification-method", "verificationMethod", "is not an absolute URL with a fragment")
	}
	return s
}
