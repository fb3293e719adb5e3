package verifier

import (
	"context"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// CheckLog is whether a credential stands in a transparency log, where a proof
// is given or the relying party's logs are the issuer's.
const CheckLog CheckID = "transparency-log"

// maxLogProofs bounds the proofs that one request brings.
const maxLogProofs = 1000

// Logs has the transparency logs that the relying party knows. *trust.Policy is
// one.
type Logs interface {
	// LogsOf returns the logs in which credentials of an issuer may stand, and
	// reports whether they have to.
	LogsOf(issuer string) (logs []trust.Log, required bool)
}

// log checks that a credential stands in a log. It needs no network: what was
// given with the credential is held against keys that the relying party has.
func (j *judgement) log(ctx context.Context, c *credential.Credential, secured []*proof.Secured) {
	if j.list { // which nobody logs
		return
	}
	var logs []trust.Log
	required := false
	if j.cfg.Logs != nil {
		logs, required = j.cfg.Logs.LogsOf(c.IssuerID())
	}
	required = required || j.req.RequireLog
	proofs, err := j.logProofs(ctx, secured)
	if err == nil && len(proofs) == 0 && !required {
		if len(logs) > 0 {
			j.report.notApplicable(CheckLog, NoteLogNotGiven)
		}
		return
	}
	var check Check
	if err == nil {
		check, err = j.logged(ctx, c, secured, logs, proofs)
	}
	switch {
	case err == nil:
		j.report.add(check)
	case reason.CodeOf(err).Class() == reason.Undetermined && !required:
		j.report.warn(CheckLog, "display_warning/log", "", NoteLogUnchecked, detailOf(err))
	default:
		j.report.refuse(CheckLog, err)
	}
}

// logProofs are the proofs that the request brings. Of a presentation each is of
// one of the credentials in it, and none of the others': those of others are left
// out, whatever log they are from.
func (j *judgement) logProofs(ctx context.Context, secured []*proof.Secured) ([][]byte, error) {
	if len(j.req.LogProofs) > maxLogProofs {
		return nil, reason.New("resource_limit/log-proofs", "", "%d proofs, the limit is %d", len(j.req.LogProofs), maxLogProofs)
	}
	if !j.req.partOf || len(secured) == 0 {
		return j.req.LogProofs, nil
	}
	var out [][]byte
	for _, raw := range j.req.LogProofs {
		if err := ctx.Err(); err != nil {
			return nil, reason.Wrap(reason.Canceled, "", err)
		}
		if p, err := logproof.Parse(raw); err == nil && p.Covers(secured[0].Input.Raw) != nil {
			continue
		}
		out = append(out, raw)
	}
	return out, nil
}

// logged finds the proof that is of this credential, and judges it. The error is
// of the first that is not, unless another one holds.
func (j *judgement) logged(ctx context.Context, c *credential.Credential, secured []*proof.Secured, logs []trust.Log, proofs [][]byte) (Check, error) {
	var first error
	for _, raw := range proofs {
		if err := ctx.Err(); err != nil {
			return Check{}, reason.Wrap(reason.Canceled, "", err)
		}
		check, err := j.logProof(raw, c, secured, logs)
		if err == nil {
			return check, nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = reason.New("log_proof_unavailable/none", "", "the credential comes without a proof that it stands in the issuer's transparency log")
	}
	return Check{}, first
}

// derived are the forms whose holder makes a new proof of what is shown: what
// the issuer put into the log is not seen again.
func derived(form proof.ID) bool { return form == "ecdsa-sd-2023" || form == "bbs-2023" }

func (j *judgement) logProof(raw []byte, c *credential.Credential, secured []*proof.Secured, logs []trust.Log) (Check, error) {
	p, err := logproof.Parse(raw)
	if err != nil {
		return Check{}, err
	}
	var known *trust.Log
	var badKey error
	for i, l := range logs {
		if l.Key.Name != p.Checkpoint.Origin {
			continue
		}
		if err := p.Checkpoint.SignedBy(l.Key); err != nil {
			badKey = err
			continue
		}
		known = &logs[i]
		break
	}
	switch {
	case known == nil && badKey != nil:
		return Check{}, badKey
	case known == nil:
		return Check{}, reason.New("log_proof_unavailable/unknown-log", p.Checkpoint.Origin, "the proof is from the log %.100q, which is none that you know of this issuer", p.Checkpoint.Origin)
	}
	if len(secured) == 0 {
		return Check{}, reason.New("log_proof_unavailable/none", "", "there is nothing signed that could stand in a log")
	}
	if err := p.Covers(secured[0].Input.Raw); err != nil {
		if derived(secured[0].Suite) {
			err = reason.New("log_proof_unavailable/none", "", "it is shown in part, in a form of which the log has only the whole")
		}
		return Check{}, err
	}
	seen, err := witnessed(p.Checkpoint, known.Witnesses)
	if err != nil {
		return Check{}, err
	}
	if err := held(p, known, signedAt(c, secured)); err != nil {
		return Check{}, err
	}
	j.proven = stoodBy(p, known, seen)
	check := j.report.found(CheckLog, Pass, NoteLogged, strconv.FormatInt(p.Index, 10), p.Checkpoint.Origin, strconv.FormatInt(p.Checkpoint.Size, 10))
	check.AsOf = seen
	return check, nil
}

// witnessed returns the earliest time at which a witness saw a checkpoint, zero
// where nobody is asked.
func witnessed(c *logproof.Checkpoint, witnesses []logproof.Key) (first time.Time, err error) {
	for _, w := range witnesses {
		at, seen, err := c.Cosigned(w)
		if err != nil {
			return first, err
		}
		if seen && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if first.IsZero() && len(witnesses) > 0 {
		return first, reason.New("log_proof_unavailable/witness", c.Origin, "no witness that you know has signed the checkpoint in the proof")
	}
	return first, nil
}

// signedAt is when the credential says that it was signed: by its proof, or if
// that is silent by when it begins.
func signedAt(c *credential.Credential, secured []*proof.Secured) time.Time {
	var first time.Time
	for _, s := range secured {
		if !s.Created.IsZero() && (first.IsZero() || s.Created.Before(first)) {
			first = s.Created
		}
	}
	if first.IsZero() {
		first, _, _ = c.Period() // one that cannot be read is told of by its own check
	}
	return first
}

// held holds a proof against what the relying party has seen of the log.
func held(p *logproof.Proof, l *trust.Log, signed time.Time) error {
	within := l.Within
	if within == 0 {
		within = trust.DefaultLogWithin
	}
	for _, s := range l.Seen {
		if s.Size == p.Checkpoint.Size && s.Root != p.Checkpoint.Root {
			return reason.New("log_proof_invalid/split-view", l.Key.Name, "with %d entries the log was another one when you saw it on %s", s.Size, credential.FormatTime(s.At))
		}
		if p.Index >= s.Size && signed.Add(within).Before(s.At) {
			return reason.New("log_proof_invalid/backdated", l.Key.Name, "it says that it was signed %s, and was not in the log on %s", credential.FormatTime(signed), credential.FormatTime(s.At))
		}
	}
	return nil
}

// stoodBy is when an entry was in the log at the latest: when a witness saw the
// checkpoint, or the relying party the same. Zero: neither tells. A log of another
// size that the party saw tells nothing: whoever keeps it could have put the entry
// into a tree that nobody else was shown.
func stoodBy(p *logproof.Proof, l *trust.Log, witnessed time.Time) time.Time {
	first := witnessed
	for _, s := range l.Seen {
		if s.Size == p.Checkpoint.Size && !s.At.IsZero() && (first.IsZero() || s.At.Before(first)) {
			first = s.At
		}
	}
	return first
}
