package app

import (
	"cmp"
	"context"
	"path/filepath"
	"strings"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/sharelink"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// ShareForms are what a share can go out as.
func ShareForms() []string { return []string{"file", "html", "qr", "link"} }

// shareRequest fills in what takes the suites at hand.
func (a *App) shareRequest(suite string, r wallet.ShareRequest) (wallet.ShareRequest, error) {
	var err error
	if r.Suite, err = a.suites.Suite(proof.ID(suite)); err != nil {
		return r, err
	}
	r.Disclosers = a.suites
	return r, nil
}

// WalletShare signs a presentation with the named suite.
func (a *App) WalletShare(ctx context.Context, w *wallet.Wallet, suite string, r wallet.ShareRequest) ([]byte, wallet.Share, error) {
	r, err := a.shareRequest(suite, r)
	if err != nil {
		return nil, wallet.Share{}, err
	}
	return w.Share(ctx, r)
}

// WalletPreview returns what the receiver would see, and changes nothing.
func (a *App) WalletPreview(ctx context.Context, w *wallet.Wallet, suite string, r wallet.ShareRequest) (wallet.Preview, error) {
	r, err := a.shareRequest(suite, r)
	if err != nil {
		return wallet.Preview{}, err
	}
	return w.Preview(ctx, r)
}

// LinkRequest is a share that is to be kept under a link.
type LinkRequest struct {
	Suite   string
	Request wallet.ShareRequest
	Folder  string // to be written, and then put at Where
	Where   string // its address, empty if it is not known yet
	Readme  []byte // the same for every share, as the page is: they tell a host nothing
	Page    []byte
	Force   bool // write over another share in the folder
}

// WalletShareLink makes a share that is kept under a link, writes its folder,
// and returns the link: a secret for the receiver alone. The log has it before
// a file is written. The folder is free, or it is conflict/exists.
func (a *App) WalletShareLink(ctx context.Context, w *wallet.Wallet, r LinkRequest) (link string, share wallet.Share, err error) {
	request, err := a.shareRequest(r.Suite, r.Request)
	if err != nil {
		return "", share, err
	}
	for _, name := range []string{sharelink.BodyName, sharelink.StatusName, sharelink.ReadmeName, sharelink.PageName} {
		if err := Free(filepath.Join(r.Folder, name), r.Force); err != nil {
			return "", share, err
		}
	}
	where, err := place(r.Folder, r.Where)
	if err != nil {
		return "", share, err
	}
	if r.Where != "" {
		r.Where = where
	}
	made, err := w.ShareLink(ctx, request, r.Where)
	if err != nil {
		return "", share, err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{sharelink.ReadmeName, r.Readme}, {sharelink.PageName, r.Page}, {sharelink.StatusName, made.Status}, {sharelink.BodyName, made.Body}} {
		if err := WriteFile(filepath.Join(r.Folder, f.name), f.data, false, r.Force); err != nil {
			return "", made.Share, err
		}
	}
	l, err := sharelink.New(where, made.Key)
	return l.Secret(), made.Share, err
}

// place returns where a share will be: at the address, else in the folder. One
// that would make no link is refused before anything is logged.
func place(folder, address string) (string, error) {
	probe, err := sharelink.Seal(nil) // for a key of the right form
	if err != nil {
		return "", err
	}
	l, err := sharelink.New(cmp.Or(address, folder), probe.Key)
	if err == nil && address != "" && !strings.HasPrefix(address, "https://") {
		err = reason.New("usage/link", "", "the address of a share begins with https://")
	}
	return l.Where, err
}

// WalletRevoke takes a share back. For one under a link, the status document
// that says so is written into the folder, to be put in the place of the one
// that the host has. A folder with another share in it is conflict/other-share.
func (a *App) WalletRevoke(ctx context.Context, w *wallet.Wallet, id, folder string) (wallet.Share, error) {
	share, err := w.ShareOf(id)
	if err != nil {
		return share, err
	}
	switch {
	case share.Link == nil && folder != "":
		return share, reason.New("usage/share-no-link", share.ID, "it was handed over, and is not under a link")
	case share.Link != nil && folder == "":
		return share, reason.New("usage/share-out", share.ID, "its status document is to be put where the share is: say with --out where to write it")
	case share.Link != nil:
		body, err := readUpTo(filepath.Join(folder, sharelink.BodyName), maxInput)
		if err == nil && sharelink.Digest(body) != share.Link.Body {
			return share, reason.New("conflict/other-share", folder, "there is another share in the folder")
		}
		if err != nil && reason.CodeOf(err) != reason.NotFound {
			return share, err
		}
	}
	if share.Withdrawn.IsZero() {
		if err := w.Withdraw(ctx, share.ID); err != nil {
			return share, err
		}
	}
	if share.Link != nil {
		status, err := w.LinkStatus(ctx, share.ID)
		if err != nil {
			return share, err
		}
		if err := WriteFile(filepath.Join(folder, sharelink.StatusName), status, false, true); err != nil {
			return share, err
		}
	}
	return w.ShareOf(share.ID)
}
