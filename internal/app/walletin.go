package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue/formats"
	"github.com/kompetansebevis/bevis/catalogue/formats/elmo"
	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/credential/ob2"
	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/exchangefile"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
	"github.com/kompetansebevis/bevis/wallet"
)

// WalletTakeRequest is files whose contents are to be kept.
type WalletTakeRequest struct {
	VerifyRequest
	Anyway bool // keep what is invalid too

	// Backups says that files of whole wallets are taken in as well. Without
	// it they are usage/import.
	Backups  bool
	WithKeys bool                   // take in private keys that such a file holds
	Password func() ([]byte, error) // asked once if a file is locked
}

// WalletTaken is what came of it.
type WalletTaken struct {
	Added   []WalletAdded   `json:"added"`
	Refused []WalletRefused `json:"refused,omitempty"` // what was not kept
	LeftOut []ResultLeftOut `json:"leftOut,omitempty"` // bevis's own, and nothing to keep
	// Backup is what came of files of whole wallets.
	Backup *WalletBackup `json:"backup,omitempty"`
}

// WalletAdded is what came of one file: a credential, or a history.
type WalletAdded struct {
	Input   string        `json:"input"`
	Added   bool          `json:"added"` // false: it was there already
	Item    wallet.Item   `json:"item,omitzero"`
	Result  VerifyResult  `json:"result,omitzero"`
	History *HistoryAdded `json:"history,omitempty"`
	// Edition says how the credential stands to others of its id that were
	// there: "another-form" of the same (with -first or -behind where both are kept), "newer" than the one that it takes the
	// place of, "older" than the one that stays, or "beside" one that is proven
	// better or worse. Of is that one's id.
	Edition string `json:"edition,omitempty"`
	Of      string `json:"of,omitempty"`
}

// WalletRefused is what was not kept, and why.
type WalletRefused struct {
	Input   string `json:"input"`
	Code    string `json:"code"`
	Message string `json:"message"`

	err error
}

// WalletBackup is what files of whole wallets held beside credentials.
type WalletBackup struct {
	Forms  []exchangefile.Form `json:"forms"`
	Owners []string            `json:"owners,omitempty"`
	Left   []exchangefile.Left `json:"left,omitempty"` // what cannot be kept
	// OpenKeys is how many private keys stood in the clear.
	OpenKeys int      `json:"openKeys"`
	Keys     []string `json:"keys,omitempty"` // the did:keys that were taken in
	Shares   int      `json:"shares"`         // lines of its log that were taken in
}

// WalletTake checks credentials and keeps them, all in one change. Those that
// are invalid are kept only with Anyway; those that could not be checked, or
// whose issuer is not trusted, are kept with that remark. A file of results
// (EMREX ELMO) is kept as a history: nothing in it is verified.
//
// Each file is judged by itself: what is refused stands in the result, and the
// error is that of the one refused for the gravest reason. The rest is kept all the same. Any other
// error means that nothing was.
func (a *App) WalletTake(ctx context.Context, w *wallet.Wallet, r WalletTakeRequest) (WalletTaken, error) {
	t := &taking{app: a, r: r}
	for _, file := range r.Inputs {
		for in := range opened(ctx, file) {
			if err := t.sort(ctx, in); err != nil {
				return WalletTaken{}, err
			}
		}
	}
	if err := t.judge(ctx); err != nil {
		return WalletTaken{}, err
	}
	taken, err := w.TakeIn(ctx, t.intake)
	if err != nil {
		return WalletTaken{}, err
	}
	t.told(w, taken)
	if proofs := t.logProofs(taken); len(proofs) > 0 {
		if err := w.KeepLogProofs(ctx, proofs); err != nil {
			return t.out, err
		}
	}
	return t.out, t.worst()
}

// worst returns the error of what was refused for the gravest reason: the one
// with the lowest exit code, as where many are verified.
func (t *taking) worst() error {
	var worst error
	lowest := 0
	for _, r := range t.out.Refused {
		if exit := reason.CodeOf(r.err).Class().ExitCode(); worst == nil || exit < lowest {
			worst, lowest = r.err, exit
		}
	}
	return worst
}

// taking is the state of one WalletTake.
type taking struct {
	app      *App
	r        WalletTakeRequest
	password []byte
	out      WalletTaken
	asked    []asking // credentials that wait for a verdict
	intake   wallet.Intake
	proofs   map[int][][]byte // from transparency logs, by the place in intake.Credentials
}

// asking is a credential that waits for a verdict.
type asking struct {
	at           int // in out.Added
	raw          []byte
	name, source string
	proofs       [][]byte
}

// refuse notes that an input is not kept, and why. What bevis itself wrote beside
// credentials is not to be kept anyway, and no refusal.
func (t *taking) refuse(in Input, err error) {
	if kind := leftOut(in, reason.CodeOf(err)); kind != "" {
		t.out.LeftOut = append(t.out.LeftOut, ResultLeftOut{in.Name, kind})
		return
	}
	t.refused(in.Name, err)
}

func (t *taking) refused(name string, err error) {
	t.out.Refused = append(t.out.Refused, WalletRefused{name, string(reason.CodeOf(err)), err.Error(), err})
}

// sort looks what an input is, and puts it where it belongs.
func (t *taking) sort(ctx context.Context, in Input) error {
	if in.Err != nil {
		if reason.CodeOf(in.Err) == reason.Canceled {
			return in.Err
		}
		t.refuse(in, in.Err)
		return nil
	}
	if isReport(in.Raw) { // which by lines is else a list of what no credential is
		t.out.LeftOut = append(t.out.LeftOut, ResultLeftOut{in.Name, LeftOutReport})
		return nil
	}
	switch form := exchangefile.Detect(in.Raw); {
	case exchangefile.Beside(in.Raw):
		return nil
	case form == exchangefile.None, form == exchangefile.Record && !t.r.Backups: // which is a credential itself
		return t.one(ctx, in, filepath.Base(in.Name))
	case form.Backup() && !t.r.Backups:
		t.refuse(in, reason.New("usage/import", in.Name, "this is a file of a whole wallet"))
		return nil
	case form == exchangefile.Locked:
		if err := t.unlock(ctx, &in); err != nil {
			return err
		}
	}
	c, err := exchangefile.Read(ctx, in.Raw)
	if err != nil {
		return located(in.Name, err)
	}
	t.backup(c, in.Locked)
	for _, e := range c.Credentials {
		if err := t.one(ctx, Input{Name: in.Name + " " + e.At, Raw: e.Raw, Carrier: in.Carrier}, filepath.Base(in.Name)+" "+e.At); err != nil {
			return err
		}
	}
	return nil
}

// unlock opens a file that is locked with a password.
func (t *taking) unlock(ctx context.Context, in *Input) error {
	if t.r.Password == nil {
		return reason.New("locked/no-file-password", in.Name, "the file is locked with a password")
	}
	if t.password == nil {
		var err error
		if t.password, err = t.r.Password(); err != nil {
			return err
		}
	}
	plain, err := exchangefile.Open(ctx, in.Raw, t.password)
	if err != nil {
		return reason.New(reason.CodeOf(err), in.Name, "%w", bareReason(err))
	}
	in.Raw, in.Locked = plain, true
	return nil
}

// backup notes what a file holds beside credentials.
func (t *taking) backup(c *exchangefile.Contents, locked bool) {
	if !c.Form.Backup() && c.Form != exchangefile.Record && len(c.Left) == 0 {
		return
	}
	if t.out.Backup == nil {
		t.out.Backup = &WalletBackup{}
	}
	b := t.out.Backup
	b.Forms = append(b.Forms, c.Form)
	b.Owners = append(b.Owners, c.Owner...)
	b.Left = append(b.Left, c.Left...)
	if !locked {
		b.OpenKeys += len(c.Keys)
	}
	if t.r.WithKeys {
		t.intake.Keys = append(t.intake.Keys, c.Keys...)
	}
	t.intake.Shares = append(t.intake.Shares, c.Shares...)
}

// one takes a credential or a file of results. Source is where it came from,
// as the wallet remembers it.
func (t *taking) one(ctx context.Context, in Input, source string) error {
	if elmo.Is(in.Raw) {
		h, request, err := readHistory(ctx, in)
		if reason.CodeOf(err) == reason.Canceled {
			return err
		}
		if err != nil {
			t.refuse(in, err)
			return nil
		}
		t.out.Added = append(t.out.Added, WalletAdded{Input: in.Name, History: &h})
		t.intake.Histories = append(t.intake.Histories, request)
		return nil
	}
	raw, err := carried(in.Raw)
	if err == nil {
		_, err = wallet.Read(raw)
	}
	switch {
	case isForeign(raw): // some of which look like a credential
		err = foreign(in.Name)
	case err != nil && isBadge2(raw):
		t.refuse(in, badge2(in.Name)) // which says the file already
		return nil
	case err != nil && isSealed(raw):
		t.refuse(in, reason.New("no_credential/seal", in.Name, "the wallet keeps no document in a seal (JAdES)"))
		return nil
	}
	if err != nil {
		t.refuse(in, located(in.Name, err))
		return nil
	}
	t.asked = append(t.asked, asking{len(t.out.Added), raw, in.Name, source, in.proofs})
	t.out.Added = append(t.out.Added, WalletAdded{Input: in.Name})
	return nil
}

func isBadge2(raw []byte) bool {
	_, err := ob2.Read(raw, strictjson.Limits{})
	return err == nil
}

// isSealed reports whether raw is a European Digital Credential in its seal.
func isSealed(raw []byte) bool {
	document, err := strictjson.ParseObject(raw, jades.Limits())
	if err != nil {
		return false
	}
	_, err = unsealed(document)
	return err == nil
}

// badge2 refuses an Open Badge 2.0.
func badge2(name string) error {
	return reason.New("no_credential/open-badges-2", name, "the wallet keeps what proves itself, which an Open Badge 2.0 does not without its host")
}

// located says which file an error is about.
func located(name string, err error) error {
	at := reason.AtOf(err)
	if at != "" && at[0] != '/' {
		at = " " + at
	}
	return reason.New(reason.CodeOf(err), name+at, "%w", bareReason(err))
}

// judge has all credentials verified, and takes out those that are refused.
func (t *taking) judge(ctx context.Context) error {
	r := t.r.VerifyRequest
	r.Inputs = nil
	for _, q := range t.asked {
		r.Inputs = append(r.Inputs, Input{Name: q.name, Raw: t.app.atMost(ctx, q.raw), proofs: q.proofs})
	}
	results, err := t.app.Verify(ctx, r)
	if err != nil {
		return err
	}
	if len(results.Results) != len(t.asked) {
		return reason.New(reason.Internal, "", "%d verdicts on %d credentials", len(results.Results), len(t.asked))
	}
	refused := map[int]bool{}
	for n, q := range t.asked {
		result := results.Results[n]
		switch {
		case result.Kind == string(verifier.KindOpenBadge2):
			t.refused(q.name, badge2(q.name))
		case result.class == reason.Invalid && !t.r.Anyway:
			t.refused(q.name, reason.New(reason.Code(result.Reason), q.name, "%s", result.Message))
		default:
			t.out.Added[q.at].Result = result
			if len(q.proofs) > 0 {
				if t.proofs == nil {
					t.proofs = map[int][][]byte{}
				}
				t.proofs[len(t.intake.Credentials)] = q.proofs
			}
			t.intake.Credentials = append(t.intake.Credentials, wallet.AddRequest{Raw: q.raw, Source: q.source,
				Verified: &wallet.Verification{Verdict: result.Verdict, Reason: result.Reason, At: result.JudgedAt}})
			continue
		}
		refused[q.at] = true
	}
	kept := make([]WalletAdded, 0, len(t.out.Added))
	for n, added := range t.out.Added {
		if !refused[n] {
			kept = append(kept, added)
		}
	}
	t.out.Added = kept
	return nil
}

// logProofs are the proofs that came with credentials that are in the wallet now.
func (t *taking) logProofs(taken wallet.Taken) (out []wallet.LogProof) {
	for n, proofs := range t.proofs {
		item := taken.Credentials[n].Item
		for _, raw := range proofs {
			if p, err := logproof.Parse(raw); err == nil && p.Covers(item.Raw()) == nil {
				out = append(out, wallet.LogProof{ID: item.ID, Proof: raw})
			}
		}
	}
	return out
}

// told puts what the wallet did into the result.
func (t *taking) told(w *wallet.Wallet, taken wallet.Taken) {
	credentials, histories := 0, 0
	for n := range t.out.Added {
		a := &t.out.Added[n]
		if a.History != nil {
			h := taken.Histories[histories]
			histories++
			a.Added, a.History.History = h.Added, h.History
			continue
		}
		c := taken.Credentials[credentials]
		sent := t.intake.Credentials[credentials].Raw
		credentials++
		a.Added, a.Item = c.Added, c.Item
		a.Edition, a.Of = edition(w, c, sent)
	}
	if t.out.Backup != nil {
		t.out.Backup.Keys, t.out.Backup.Shares = taken.Keys, taken.Shares
	}
}

// edition tells how a credential stands to others of its id.
func edition(w *wallet.Wallet, c wallet.Added, sent []byte) (how, of string) {
	if !c.Added {
		if own, err := wallet.Read(sent); err == nil && !strings.HasPrefix(c.Item.ID, own.ID) {
			return "another-form", c.Item.ID
		}
		return "", ""
	}
	chain, err := w.Editions(c.Item.ID)
	if err != nil {
		return "", ""
	}
	first := chain[0]
	switch {
	case first.ID != c.Item.ID && first.ValidFrom.Equal(c.Item.ValidFrom):
		return "another-form-behind", first.ID
	case first.ID != c.Item.ID:
		return "older", first.ID
	case len(chain) > 1 && first.ValidFrom.Equal(chain[1].ValidFrom):
		return "another-form-first", chain[1].ID
	case len(chain) > 1:
		return "newer", chain[1].ID
	}
	for _, i := range w.Items() {
		if i.ID != c.Item.ID && i.SameAs(c.Item) {
			return "beside", i.ID
		}
	}
	return "", ""
}

// readHistory reads a file of results.
func readHistory(ctx context.Context, in Input) (HistoryAdded, wallet.HistoryRequest, error) {
	t, problems, err := elmo.Read(ctx, in.Raw, formats.Limits{})
	if err != nil {
		return HistoryAdded{}, wallet.HistoryRequest{}, located(in.Name, err)
	}
	if len(t.Results) == 0 {
		return HistoryAdded{}, wallet.HistoryRequest{}, reason.New("no_credential/empty", in.Name, "there is no result in it")
	}
	return HistoryAdded{Results: len(t.Results), Problems: problems}, wallet.HistoryRequest{Kind: historyELMO, Raw: in.Raw, Source: filepath.Base(in.Name)}, nil
}

// carried takes a credential out of its picture, if it came in one.
func carried(raw []byte) ([]byte, error) {
	if bake.Detect(raw) == bake.Unknown {
		return raw, nil
	}
	baked, err := bake.Extract(raw, bake.Limits{})
	if err != nil {
		return nil, err
	}
	return baked.Credential, nil
}

// BackupInputs reads what is named, as Inputs does, and files of whole wallets
// that are larger than anything else that is read.
func (a *App) BackupInputs(ctx context.Context, names []string, stdin func() ([]byte, error)) []Input {
	var out []Input
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && info.Size() > maxInput && info.Size() <= exchangefile.MaxSize {
			raw, err := readUpTo(name, exchangefile.MaxSize)
			out = append(out, Input{Name: name, Raw: raw, Err: err})
			continue
		}
		out = append(out, a.Inputs(ctx, []string{name}, stdin)...)
	}
	return out
}
