package issuer

import (
	"context"
	"time"
)

// Erased is what came of erasing.
type Erased struct {
	Credentials int `json:"credentials"` // erased now
	// Unknown is how many records do not say for whom they are, since an older
	// bevis made them: those are found by the credential alone.
	Unknown int `json:"unknown"`
}

// ErasePerson erases all that was issued to a person, who is given by their id,
// such as a DID, or by their e-mail address. The holder keeps the credentials,
// which stay valid; what was revoked stays revoked. The ids of e are not used.
func ErasePerson(ctx context.Context, a Archive, person string, e Erasure) (Erased, error) {
	ids, unknown, err := a.Find(ctx, person)
	if err != nil {
		return Erased{}, err
	}
	e.IDs = ids
	out, err := EraseAll(ctx, a, e)
	out.Unknown = unknown
	return out, err
}

// EraseBefore erases all that was issued before a time: it is how a rule of
// retention is kept. The ids of e are not used.
func EraseBefore(ctx context.Context, a Archive, t time.Time, e Erasure) (Erased, error) {
	e.IDs = nil
	err := a.Each(ctx, func(r Record) error {
		if r.IssuedAt.Before(t) && r.Erased.IsZero() {
			e.IDs = append(e.IDs, r.ID)
		}
		return nil
	})
	if err != nil {
		return Erased{}, err
	}
	return EraseAll(ctx, a, e)
}

// eraseAtOnce is how many records are erased in one change of the ledger.
const eraseAtOnce = 1000

// EraseAll erases any number of credentials, a part at a time so that others
// need not wait for long. When it fails half-way, what it returns was erased,
// and it can be called again.
func EraseAll(ctx context.Context, a Archive, e Erasure) (Erased, error) {
	var out Erased
	for ids := e.IDs; len(ids) > 0; ids = ids[len(e.IDs):] {
		e.IDs = ids[:min(eraseAtOnce, len(ids))]
		n, err := a.Erase(ctx, e)
		if err != nil {
			return out, err
		}
		out.Credentials += n
	}
	return out, nil
}
