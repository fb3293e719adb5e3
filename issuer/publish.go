package issuer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

func (i *Issuer) listURL(purpose string, list int) string {
	return fmt.Sprintf("%s%s-%d.json", i.cfg.StatusBase, purpose, list)
}

// File is a file to be published.
type File struct {
	Path      string // in the folder, with slashes
	URL       string // where others look for it, empty where that is free
	MediaType string
	Bytes     []byte
	MaxAge    time.Duration // for how long caches may give out a copy, which their hosts are told
}

// Publish returns the files that others need: did.json for a did:web, the
// profile, and each status list, newly signed: as a credential, and for SD-JWTs,
// if the signer's key can sign these, as a Token Status List, of revocations and,
// for those that can be suspended too, of both. All lists are as the ledger had them at one moment. The
// list that comes next, the first or the one after a list that is half full, is
// among them before a place in it is taken, so that a new credential can be
// checked before the next publication.
func (i *Issuer) Publish(ctx context.Context) ([]File, error) {
	if err := i.mayBeUsed(); err != nil {
		return nil, err
	}
	var out []File
	if strings.HasPrefix(i.cfg.Profile.ID, "did:web:") {
		address, err := did.WebURL(i.cfg.Profile.ID)
		if err != nil {
			return nil, err
		}
		own := did.Method{ID: i.cfg.Signer.ID(), Controller: i.cfg.Profile.ID, Public: i.cfg.Signer.Public(), Expires: i.cfg.KeyExpires}
		doc, err := did.Build(i.cfg.Profile.ID, append([]did.Method{own}, i.cfg.Methods...))
		if err != nil {
			return nil, err
		}
		path := "did.json"
		if strings.HasSuffix(address, "/.well-known/did.json") {
			path = ".well-known/did.json"
		}
		out = append(out, File{path, address, "application/did+ld+json", doc, i.cfg.StatusMaxAge})
	}
	out = append(out, File{"profile.json", "", "application/json", i.cfg.Profile.Value().AppendJSON(nil), i.cfg.StatusMaxAge})
	lists, err := i.lists(ctx)
	if err != nil {
		return nil, err
	}
	SortLists(lists)
	for _, l := range lists {
		if l.Purpose != PurposeToken {
			f, err := i.list(ctx, l)
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
		if (l.Purpose == status.Revocation || l.Purpose == PurposeToken) && i.cfg.Signer.Public().Type() != key.BLS12381G2 {
			f, err := i.tokenList(ctx, l)
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
	}
	return out, nil
}

// lists returns the lists of the ledger and the empty ones that come next: the
// first of each purpose, and the one after a list that is half full.
func (i *Issuer) lists(ctx context.Context) ([]ListState, error) {
	lists, err := i.cfg.Ledger.Lists(ctx)
	if err != nil || i.cfg.StatusBase == "" {
		return lists, err
	}
	begun := Reservation{ListSize: i.cfg.ListSize, Bits: i.bits()}
	purposes := []string{status.Revocation, status.Suspension, PurposeToken}
	if len(i.cfg.Messages) > 0 {
		purposes = append(purposes, status.Message)
	}
	for _, purpose := range purposes {
		last, number, each := ListState{}, 0, begun.BitsOf(purpose)
		for _, l := range lists {
			if l.Purpose != purpose {
				continue
			}
			number = max(number, l.List)
			if l.List > last.List && max(l.Bits, 1) == each {
				last = l
			}
		}
		if last.Used >= last.Size/2 {
			lists = append(lists, ListState{Purpose: purpose, List: number + 1, Size: begun.SizeOf(purpose), Bits: each})
		}
	}
	return lists, nil
}

// SortLists sorts lists by purpose and number.
func SortLists(lists []ListState) {
	slices.SortFunc(lists, func(a, b ListState) int {
		return cmp.Or(strings.Compare(a.Purpose, b.Purpose), cmp.Compare(a.List, b.List))
	})
}

func (i *Issuer) list(ctx context.Context, l ListState) (File, error) {
	e := status.Entry{Size: max(l.Bits, 1)}
	bits, err := e.NewList(l.Size)
	if err != nil {
		return File{}, err
	}
	for n, index := range l.Set {
		e.Index = index
		if err := e.Put(bits, uint64(l.value(n))); err != nil {
			return File{}, err
		}
	}
	now := i.cfg.Now()
	address := i.listURL(l.Purpose, l.List)
	draft, err := status.Draft(address, l.Purpose, strictjson.String(i.cfg.Profile.ID), bits, now, now.Add(i.cfg.StatusValidity))
	if err != nil {
		return File{}, err
	}
	c, err := draft.Build()
	if err != nil {
		return File{}, err
	}
	signed, err := i.cfg.ListSuite.Sign(ctx, c.Raw(), i.cfg.Signer, proof.Params{Purpose: proof.AssertionMethod, Created: now, MaxBytes: status.MaxBytes})
	if err != nil {
		return File{}, err
	}
	media := "application/vc"
	if proof.IsCOSE(signed) {
		media = "application/vc+cose"
	} else if signed[0] != '{' {
		media = "application/vc+jwt"
	}
	return File{fmt.Sprintf("status/%s-%d.json", l.Purpose, l.List), address, media, signed, i.cfg.StatusMaxAge}, nil
}
