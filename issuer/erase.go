package issuer

import (
	"context"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Erased is what came of erasing.
type Erased struct {
	Credentials int `json:"credentials"` // erased now
	// Unknown is how many records do not say for whom they are, since an older
	// bevis made them: those are found by the credential alone.
	Unknown int `json:"unknown"`
}

// Erase takes what is personal out of the records of credentials. The holders
// keep their credentials, which stay valid; who issued what when can still be
// told, by id, and what was revoked stays revoked. It asks for a ledger that is
// an Archive.
func (i *Issuer) Erase(ctx context.Context, ids []string, why, actor string) (Erased, error) {
	a, err := i.archive()
	if err != nil {
		return Erased{}, err
	}
	return i.erase(ctx, a, ids, why, actor)
}

// ErasePerson erases as Erase does all that was issued to a person, who is
// given by their id, such as a DID, or by their e-mail address.
func (i *Issuer) ErasePerson(ctx context.Context, person, why, actor string) (Erased, error) {
	a, err := i.archive()
	if err != nil {
		return Erased{}, err
	}
	ids, unknown, err := a.Find(ctx, person)
	if err != nil {
		return Erased{}, err
	}
	out, err := i.erase(ctx, a, ids, why, actor)
	out.Unknown = unknown
	return out, err
}

// EraseBefore erases as Erase does all that was issued before a time: it is how
// a rule of retention is kept.
func (i *Issuer) EraseBefore(ctx context.Context, t time.Time, why, actor string) (Erased, error) {
	a, err := i.archive()
	if err != nil {
		return Erased{}, err
	}
	var ids []string
	err = a.Each(ctx, func(r Record) error {
		if r.IssuedAt.Before(t) && r.Erased.IsZero() {
			ids = append(ids, r.ID)
		}
		return nil
	})
	if err != nil {
		return Erased{}, err
	}
	return i.erase(ctx, a, ids, why, actor)
}

func (i *Issuer) archive() (Archive, error) {
	a, ok := i.cfg.Ledger.(Archive)
	if !ok {
		return nil, reason.New(reason.Usage, "issuer.Config", "Ledger cannot erase: it is no issuer.Archive")
	}
	return a, nil
}

// eraseAtOnce is how many records are erased in one change of the ledger.
const eraseAtOnce = 1000

func (i *Issuer) erase(ctx context.Context, a Archive, ids []string, why, actor string) (Erased, error) {
	var out Erased
	for len(ids) > 0 {
		part := ids[:min(eraseAtOnce, len(ids))]
		n, err := a.Erase(ctx, Erasure{IDs: part, Why: why, Actor: actor, At: i.cfg.Now()})
		if err != nil {
			return out, err
		}
		out.Credentials += n
		ids = ids[len(part):]
	}
	return out, nil
}
