package app

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// WalletCheckRequest asks what of a wallet needs its owner.
type WalletCheckRequest struct {
	Path   string // the wallet's file
	Within int    // what ends within so many days is told
	Online bool   // fetch keys and status lists; else what is kept of them counts
	Fresh  Freshness
}

// WalletFinding is one thing that a check found.
type WalletFinding struct {
	Code    string     `json:"code"`
	Todo    bool       `json:"todo"`         // the owner should do something
	ID      string     `json:"id,omitempty"` // of the credential that it is about
	Title   string     `json:"title,omitempty"`
	Verdict string     `json:"verdict,omitempty"`
	AsOf    *time.Time `json:"asOf,omitempty"`  // when that was found, if not now
	Until   *time.Time `json:"until,omitempty"` // when the credential ends
	At      string     `json:"at,omitempty"`    // the file
	Message string     `json:"message,omitempty"`
	Next    string     `json:"next,omitempty"` // what to do, in English

	class reason.Class
}

// WalletChecked is what came of a check.
type WalletChecked struct {
	Schema      string          `json:"schema"` // bevis.wallet-check/v1
	Wallet      string          `json:"wallet"`
	ID          string          `json:"id"`
	Generation  uint64          `json:"generation"`
	CheckedAt   time.Time       `json:"checkedAt"`
	Online      bool            `json:"online"`
	Credentials int             `json:"credentials"`
	Verdicts    map[string]int  `json:"verdicts"`
	Backup      *wallet.Backup  `json:"backup,omitempty"` // the last one
	Since       int             `json:"changesSinceBackup"`
	Todo        int             `json:"todo"`
	Findings    []WalletFinding `json:"findings"`
}

// Class gives the exit code: that of a valid document when there is nothing to
// do; else the worst verdict of what is to be done, or a failure.
func (c WalletChecked) Class() reason.Class {
	worst := reason.Warning
	for _, f := range c.Findings {
		switch {
		case !f.Todo:
		case f.class == reason.Warning || f.class.Severity() == reason.Fault.Severity():
			if worst == reason.Warning {
				worst = reason.Failure
			}
		case worst == reason.Warning || worst == reason.Failure || f.class.Severity() > worst.Severity():
			worst = f.class
		}
	}
	return worst
}

const (
	oldBackup    = 30 * 24 * time.Hour // after which changes want a new copy
	oldVerdict   = 7 * 24 * time.Hour  // after which the same verdict is noted again
	dayLength    = 24 * time.Hour
	maxCheckDays = 100 * 366
)

// clockSlack is how far a clock may be behind what stands in a wallet.
const clockSlack = time.Hour

// WalletCheck verifies every credential anew, and looks at all that can go wrong
// around a wallet. What the verifier says is noted in the wallet.
func (a *App) WalletCheck(ctx context.Context, w *wallet.Wallet, r WalletCheckRequest) (WalletChecked, error) {
	if r.Within < 0 || r.Within > maxCheckDays {
		return WalletChecked{}, reason.New(reason.Usage, "--within", "give a number of days")
	}
	mark := w.Mark()
	out := WalletChecked{Schema: "bevis.wallet-check/v1", Wallet: r.Path, ID: mark.Wallet, Generation: mark.Generation, CheckedAt: a.cfg.Now().UTC().Truncate(time.Second),
		Online: r.Online, Verdicts: map[string]int{}, Findings: []WalletFinding{}}
	for _, x := range w.Warnings() {
		f := WalletFinding{Code: string(x.Code), Todo: true, At: x.Last.Place}
		if x.Err != nil {
			f.Message = x.Err.Error()
		}
		out.Findings = append(out.Findings, f)
	}
	// Before anything is noted by this clock. Those of two machines are never quite
	// the same.
	if newest := w.Newest(); newest.Sub(out.CheckedAt) > clockSlack {
		out.Findings = append(out.Findings, WalletFinding{Code: "wallet_warning/clock", Todo: true, AsOf: &newest})
	}
	if err := a.checkItems(ctx, w, r, &out); err != nil {
		return out, err
	}
	for _, op := range slices.Sorted(maps.Keys(w.Unknown())) {
		out.Findings = append(out.Findings, WalletFinding{Code: "wallet_warning/later-version", Message: op})
	}
	a.checkBackup(ctx, w, &out)
	a.checkFiles(w, r.Path, &out)
	for i := range out.Findings {
		f := &out.Findings[i]
		f.Next = a.english().Next("own", f.Code)
		if f.class == 0 {
			f.class = reason.Code(f.Code).Class()
		}
		if f.Todo {
			out.Todo++
		}
	}
	return out, nil
}

// checkItems verifies the credentials.
func (a *App) checkItems(ctx context.Context, w *wallet.Wallet, r WalletCheckRequest, out *WalletChecked) error {
	verifying := *a
	verifying.cfg.Offline = a.cfg.Offline || !r.Online
	request := VerifyRequest{Fresh: r.Fresh, At: out.CheckedAt}
	items := map[string]wallet.Item{}
	for _, i := range w.Items() {
		out.Credentials++
		if i.Form == "unknown" {
			out.Findings = append(out.Findings, WalletFinding{Code: "wallet_warning/unreadable", Todo: true, ID: i.ID, Title: i.Title})
			continue
		}
		items[i.ID] = i
		request.Inputs = append(request.Inputs, Input{Name: i.ID, Raw: a.atMost(ctx, i.Raw()), proofs: proofsOfItem(i)})
	}
	if len(request.Inputs) == 0 {
		return nil
	}
	results, err := verifying.Verify(ctx, request)
	if err != nil {
		return err
	}
	var said []wallet.Verified
	for _, result := range results.Results {
		i := items[result.Input]
		now := wallet.Verification{Verdict: result.Verdict, Reason: result.Reason, At: result.JudgedAt}
		out.Verdicts[now.Verdict]++
		if worthNoting(i.Verified, now) {
			said = append(said, wallet.Verified{ID: i.ID, Verification: now})
		}
		if f, ok := r.finding(i, now, out.CheckedAt); ok {
			out.Findings = append(out.Findings, f)
		}
	}
	if len(said) == 0 {
		return nil
	}
	if err := w.NoteVerified(ctx, said); err != nil {
		// A wallet on a disk that is read-only is checked all the same.
		out.Findings = append(out.Findings, WalletFinding{Code: string(reason.CodeOf(err)), Todo: true, At: r.Path, Message: err.Error()})
	}
	return nil
}

// worthNoting reports whether a verdict says more than the one that is kept. One
// that could not be reached, offline or for want of a list, takes the place of
// none.
func worthNoting(kept *wallet.Verification, now wallet.Verification) bool {
	switch {
	case kept == nil:
		return true
	case now.Verdict == "undetermined":
		return false
	}
	return kept.Verdict != now.Verdict || kept.Reason != now.Reason || now.At.Sub(kept.At) > oldVerdict
}

// finding returns what is to be said of a credential, if anything.
func (r WalletCheckRequest) finding(i wallet.Item, now wallet.Verification, at time.Time) (f WalletFinding, ok bool) {
	f = WalletFinding{Code: now.Reason, ID: i.ID, Title: i.Title, Verdict: now.Verdict}
	if !i.ValidUntil.IsZero() {
		until := i.ValidUntil.UTC()
		f.Until = &until
	}
	// That it could not be found out today makes nothing better that was found
	// out before.
	if k := i.Verified; now.Verdict == "undetermined" && k != nil && (k.Verdict == "invalid" || k.Verdict == "not-in-force") {
		asOf := k.At
		f.Code, f.Verdict, f.AsOf = k.Reason, k.Verdict, &asOf
	}
	within := time.Duration(r.Within) * dayLength
	switch f.Verdict {
	case "valid":
		if f.Until == nil || f.Until.Sub(at) > within {
			return f, false
		}
		f.Code, f.Todo = "wallet_warning/expires-soon", true
	case "invalid":
		f.Todo, f.class = true, reason.Invalid
	case "not-in-force":
		// What ended long ago is no news; it stays a proof of what was.
		f.Todo = reason.Code(f.Code).Coarse() != string(reason.NotYetValid) && (f.Until == nil || f.Until.After(at) || at.Sub(*f.Until) <= within)
		f.class = reason.NotInForce
	case "unreadable":
		f.Todo, f.class = true, reason.Unreadable
	}
	return f, f.Code != ""
}

// checkBackup looks at the last copy.
func (a *App) checkBackup(ctx context.Context, w *wallet.Wallet, out *WalletChecked) {
	made, since := w.Backups()
	out.Since = since
	say := func(code, at string, todo bool) {
		out.Findings = append(out.Findings, WalletFinding{Code: code, At: at, Todo: todo})
	}
	if len(made) == 0 {
		if out.Credentials > 0 {
			say("wallet_warning/no-backup", "", true)
		}
		return
	}
	last := made[len(made)-1]
	out.Backup = &last
	if since > 0 && out.CheckedAt.Sub(last.At) > oldBackup {
		say("wallet_warning/backup-old", last.Place, true)
	}
	if last.Place == "" {
		return
	}
	other, err := w.OpenCopy(ctx, wallet.NewFileStore(last.Place))
	switch {
	case reason.CodeOf(err).Coarse() == string(reason.NotFound):
		say("wallet_warning/backup-away", last.Place, false)
	case reason.CodeOf(err) == "conflict/other-key":
		say("wallet_warning/backup-other-key", last.Place, true)
	case err != nil:
		say("wallet_warning/backup-damaged", last.Place, true)
	default:
		if d, err := w.Compare(other); err == nil && d.There > 0 {
			say("conflict/newer-copy", last.Place, true)
		}
	}
}

// checkFiles looks at who may read and change the wallet's files.
func (a *App) checkFiles(w *wallet.Wallet, path string, out *WalletChecked) {
	if runtime.GOOS == "windows" {
		return // rights are the folder's there
	}
	record := a.path(marksFolder, w.ID()+".json")
	for _, file := range []string{path, path + "~", record} {
		if info, err := os.Lstat(file); err == nil && info.Mode().Perm()&0o077 != 0 {
			out.Findings = append(out.Findings, modeFinding(file, info.Mode()))
		}
	}
	// The folder that bevis makes is the owner's alone. Another one may be read by
	// others, such as a home folder: the file is encrypted. Whoever may write in
	// it can put another file in the wallet's place.
	folder, home := filepath.Dir(absolute(path)), absolute(a.cfg.Home)
	forbidden := fs.FileMode(0o022)
	if folder == home || strings.HasPrefix(folder, home+string(filepath.Separator)) {
		forbidden = 0o077
	}
	if info, err := os.Stat(folder); err == nil && info.Mode().Perm()&forbidden != 0 && info.Mode()&fs.ModeSticky == 0 {
		out.Findings = append(out.Findings, modeFinding(folder, info.Mode()))
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		out.Findings = append(out.Findings, WalletFinding{Code: string(reason.IO), Todo: true, At: folder, Message: bare(err).Error()})
	}
}

func modeFinding(path string, mode fs.FileMode) WalletFinding {
	return WalletFinding{Code: "wallet_warning/file-mode", Todo: true, At: path, Message: mode.String()}
}
