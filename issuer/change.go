package issuer

import (
	"context"
	"slices"

	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/reason"
)

// PurposeToken is the purpose of places in Token Status Lists alone. A token has
// one place in one list, so that one says both whether it is revoked and whether
// it is suspended: the ledger keeps a bit for each, and publishing makes of them
// what the standard has for it.
const PurposeToken = "token"

const (
	maskRevoked   = 1
	maskSuspended = 2
	tokenBits     = 2
)

// Bounds of Config.Messages. They stand in every credential.
const (
	maxMessages = 16
	maxMessage  = 200
)

func goodMessages(texts []string) bool {
	return len(texts) == 0 || len(texts) >= 2 && len(texts) <= maxMessages &&
		!slices.ContainsFunc(texts, func(s string) bool { return s == "" || len(s) > maxMessage })
}

// messageBits returns how many bits tell so many messages apart, of the sizes
// that both kinds of list know.
func messageBits(texts []string) int {
	switch n := len(texts); {
	case n <= 2:
		return 1
	case n <= 4:
		return 2
	default:
		return 4
	}
}

// NoMessage stands in credentials for the values that say nothing: the standard
// wants a message for each that an entry can have.
const NoMessage = "(not used)"

func allMessages(texts []string) []string {
	out := slices.Clone(texts)
	for len(out) < 1<<messageBits(texts) {
		out = append(out, NoMessage)
	}
	return out
}

// Revoke takes a credential back for good.
func (i *Issuer) Revoke(ctx context.Context, id, why, actor string) error {
	return i.change(ctx, Change{ID: id, Purpose: status.Revocation, Set: true, Why: why, Actor: actor})
}

// Suspend takes a credential out of force until Reinstate. It must have been
// issued Suspendable.
func (i *Issuer) Suspend(ctx context.Context, id, why, actor string) error {
	return i.change(ctx, Change{ID: id, Purpose: status.Suspension, Set: true, Why: why, Actor: actor})
}

// Reinstate ends a suspension. A revoked credential is not to be had back:
// that is conflict/revoked.
func (i *Issuer) Reinstate(ctx context.Context, id, why, actor string) error {
	set, err := i.Status(ctx, id)
	if err != nil {
		return err
	}
	if slices.Contains(set, status.Revocation) {
		return reason.New("conflict/revoked", id, "the credential is revoked, which is for good: issue it anew")
	}
	return i.change(ctx, Change{ID: id, Purpose: status.Suspension, Why: why, Actor: actor})
}

// Say has the status list say something of a credential, by the number of one of
// the messages that stand in it; 0 takes back what was said. It must have been
// issued with Messages. Whether the credential holds does not change. Errors are
// usage/status-value for a number that its entry has no room for, and not_found.
func (i *Issuer) Say(ctx context.Context, id string, message uint8, why, actor string) error {
	return i.change(ctx, Change{ID: id, Purpose: status.Message, Set: message > 0, Value: message, Why: why, Actor: actor})
}

// Said returns what is said of a credential in the ledger: the number of one of
// the messages that stand in it, 0 for nothing.
func (i *Issuer) Said(ctx context.Context, id string) (uint8, error) {
	marks, err := i.cfg.Ledger.Status(ctx, id)
	for _, m := range marks {
		if m.Purpose == status.Message {
			return m.Value, err
		}
	}
	return 0, err
}

// Status returns the purposes for which the entry of a credential is set in
// the ledger: none, status.Revocation, status.Suspension or both, and
// status.Message where something is said, which Said tells. Others see it with
// the next publication.
func (i *Issuer) Status(ctx context.Context, id string) ([]string, error) {
	marks, err := i.cfg.Ledger.Status(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range marks {
		if m.Purpose != PurposeToken {
			out = append(out, m.Purpose)
			continue
		}
		if m.Value&maskRevoked != 0 {
			out = append(out, status.Revocation)
		}
		if m.Value&maskSuspended != 0 {
			out = append(out, status.Suspension)
		}
	}
	return out, nil
}

// change changes an entry for a purpose, or the bit of a token's only entry.
func (i *Issuer) change(ctx context.Context, c Change) error {
	c.At = i.cfg.Now()
	err := i.cfg.Ledger.SetStatus(ctx, c)
	if reason.CodeOf(err) != "not_found/status-entry" || c.Purpose == status.Message {
		return err
	}
	t := c
	t.Purpose, t.Value, t.Mask = PurposeToken, maskRevoked, maskRevoked
	if c.Purpose == status.Suspension {
		t.Value, t.Mask = maskSuspended, maskSuspended
	}
	if other := i.cfg.Ledger.SetStatus(ctx, t); reason.CodeOf(other) != "not_found/status-entry" {
		return other
	}
	return err // which names the purpose that was asked for
}

// tokenStatus returns what a Token Status List says for what an entry of
// PurposeToken holds: for good goes before for now.
func tokenStatus(value uint8) (uint8, error) {
	switch {
	case value&maskRevoked != 0:
		return status.TokenInvalid, nil
	case value == maskSuspended:
		return status.TokenSuspended, nil
	}
	return 0, reason.New(reason.Internal, "", "the ledger holds %d of a token", value)
}
