package app

import (
	"context"
	"slices"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// StatusList is a status list of the issuer as the books know it.
type StatusList struct {
	Purpose string `json:"purpose"`
	List    int    `json:"list"`
	Size    int    `json:"size"`
	Bits    int    `json:"bits"`
	Used    int    `json:"used"` // places given
	Set     int    `json:"set"`  // entries that are not zero
}

// IssuerLists are all of them, and the size of one that is begun now.
type IssuerLists struct {
	ListSize int          `json:"listSize"`
	Lists    []StatusList `json:"lists"`
}

// Lists tells how full the status lists are.
func (a *App) Lists(ctx context.Context) (IssuerLists, error) {
	s, err := a.IssuerShow()
	out := IssuerLists{max(s.ListSize, status.MinEntries), []StatusList{}}
	if err != nil {
		return out, err
	}
	err = a.withLedger(ctx, func(l books) error {
		lists, err := l.Lists(ctx)
		for _, l := range lists {
			out.Lists = append(out.Lists, StatusList{l.Purpose, l.List, l.Size, l.Bits, l.Used, len(l.Set)})
		}
		return err
	})
	return out, err
}

// ListSizeSet settles how long the status lists are that are begun from now on.
// Those that are there stay as they are, and are used to their end.
func (a *App) ListSizeSet(ctx context.Context, size int) error {
	if size < status.MinEntries {
		return reason.New("usage/list-size", "--size", "a status list has at least %d entries, so that looking one up does not say whose it is", status.MinEntries)
	}
	return a.changeSetup(ctx, func(s *IssuerSetup) { s.ListSize = size })
}

// MessagesSet settles what can be said of credentials that are issued from now
// on; nothing, if there are no texts.
func (a *App) MessagesSet(ctx context.Context, texts []string) error {
	return a.changeSetup(ctx, func(s *IssuerSetup) { s.Messages = texts })
}

// changeSetup changes the set-up if an issuer can work with it.
func (a *App) changeSetup(ctx context.Context, f func(*IssuerSetup)) error {
	return a.changing(ctx, func() error { return a.changeHeldSetup(ctx, f) })
}

func (a *App) changeHeldSetup(ctx context.Context, f func(*IssuerSetup)) error {
	s, signer, err := a.ownSigner(ctx)
	if err != nil {
		return err
	}
	defer signer.Close() // it was not used
	f(&s)
	if _, err := a.newIssuer(s, signer, issuer.NewMemoryLedger()); err != nil {
		if s.ListSize > 0 && reason.CodeOf(err) == reason.Usage {
			return reason.New("usage/list-size", "", "%w", bareReason(err))
		}
		return err
	}
	return a.keepSetup(s, true)
}

// CredentialState is what the books say of a credential. Others see it with the
// next publication.
type CredentialState struct {
	ID        string   `json:"id"`
	Revoked   bool     `json:"revoked"`
	Suspended bool     `json:"suspended"`
	Message   uint8    `json:"message"`
	Says      string   `json:"says,omitempty"`     // the text of it
	Messages  []string `json:"messages,omitempty"` // all that can be said, by number
}

// CredentialStatus tells the state of a credential.
func (a *App) CredentialStatus(ctx context.Context, id string) (out CredentialState, err error) {
	err = a.withIssuer(ctx, func(i *issuer.Issuer, l books) error {
		out, err = a.stateOf(ctx, i, l, id)
		return err
	})
	return out, err
}

// Say has the status list say one of its messages of a credential; 0 takes back
// what was said.
func (a *App) Say(ctx context.Context, id string, message uint8, why, actor string) (out CredentialState, err error) {
	err = a.withIssuer(ctx, func(i *issuer.Issuer, l books) error {
		if err := a.say(ctx, i, l, id, message, why, actor); err != nil {
			return err
		}
		out, err = a.stateOf(ctx, i, l, id)
		return err
	})
	return out, err
}

// say says one of the messages that stand in a credential, and no other.
func (a *App) say(ctx context.Context, i *issuer.Issuer, l books, id string, message uint8, why, actor string) error {
	now, err := a.stateOf(ctx, i, l, id)
	if err != nil {
		return err
	}
	if n := int(message); len(now.Messages) > 0 && (n >= len(now.Messages) || now.Messages[n] == issuer.NoMessage) {
		return reason.New("usage/status-value", id, "the credential has no message %d", message)
	}
	return i.Say(ctx, id, message, why, actor)
}

func (a *App) stateOf(ctx context.Context, i *issuer.Issuer, l books, id string) (CredentialState, error) {
	out := CredentialState{ID: id}
	r, err := l.Get(ctx, id)
	if err != nil {
		return out, err
	}
	set, err := i.Status(ctx, id)
	if err != nil {
		return out, err
	}
	out.Revoked, out.Suspended = slices.Contains(set, status.Revocation), slices.Contains(set, status.Suspension)
	if out.Message, err = i.Said(ctx, id); err != nil {
		return out, err
	}
	// The texts are those of the credential: the set-up may have others by now. Of
	// one that was erased only the number is known.
	if !r.Erased.IsZero() || !slices.ContainsFunc(r.Slots, func(s issuer.Slot) bool { return s.Purpose == status.Message }) {
		return out, nil
	}
	doc, _, err := a.Document(r.Credential)
	if err != nil {
		return out, err
	}
	c, err := credential.New(doc, nil)
	if err != nil {
		return out, err
	}
	for _, v := range c.Status() {
		if e, err := status.ParseEntry(v, "/credentialStatus"); err == nil && e.Purpose == status.Message {
			out.Messages = e.Messages
			if out.Message > 0 {
				out.Says = e.Message(uint64(out.Message))
			}
		}
	}
	return out, nil
}
