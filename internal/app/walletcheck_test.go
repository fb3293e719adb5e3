package app_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/wallet"
)

// checking is a wallet in a world with a school, and what a check of it finds.
type checking struct {
	t      *testing.T
	world  *bevistest.World
	school *bevistest.WorldIssuer
	app    *app.App
	wallet *wallet.Wallet
	path   string
}

func newChecking(t *testing.T) *checking {
	t.Helper()
	c := &checking{t: t, world: bevistest.NewWorld(t, noon)}
	c.school = c.world.Issuer("skule.example", "Skulen")
	home := filepath.Join(t.TempDir(), "home")
	var err error
	c.app, err = app.New(app.Config{Home: home, Now: c.world.Now, Source: c.world, PassphraseWork: 4})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.app.TrustAdd(t.Context(), trust.Entry{Issuer: c.school.ID()}); err != nil {
		t.Fatal(err)
	}
	c.path = c.app.WalletPath()
	if c.wallet, _, err = c.app.WalletCreate(t.Context(), c.path, []byte("fire hester i regn")); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *checking) add(raw []byte) {
	c.t.Helper()
	if _, err := c.app.WalletTake(c.t.Context(), c.wallet, app.WalletTakeRequest{VerifyRequest: app.VerifyRequest{Inputs: []app.Input{{Name: "x", Raw: raw}}}, Anyway: true}); err != nil {
		c.t.Fatal(err)
	}
}

// check returns the codes that were found, those to be done with a ! before
// them, and the class.
func (c *checking) check(online bool) (string, reason.Class) {
	c.t.Helper()
	out, err := c.app.WalletCheck(c.t.Context(), c.wallet, app.WalletCheckRequest{Path: c.path, Within: 30, Online: online})
	if err != nil {
		c.t.Fatal(err)
	}
	var codes []string
	todo := 0
	for _, f := range out.Findings {
		if f.Next == "" {
			c.t.Errorf("%s: nothing to do is said", f.Code)
		}
		code := f.Code
		if f.Todo {
			code, todo = "!"+code, todo+1
		}
		codes = append(codes, code)
	}
	if todo != out.Todo {
		c.t.Errorf("%d to be done of %d", out.Todo, todo)
	}
	slices.Sort(codes)
	return strings.Join(codes, " "), out.Class()
}

func (c *checking) want(online bool, codes string, class reason.Class) {
	c.t.Helper()
	if got, gotClass := c.check(online); got != codes || gotClass != class {
		c.t.Errorf("%q of class %d, want %q of %d", got, gotClass, codes, class)
	}
}

// TestWalletCheck: what was revoked is found when lists are fetched, and is not
// forgotten when they are not; copies grow old.
func TestWalletCheck(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	c.want(false, "", reason.Warning)
	badge := c.school.Badge("did:example:kari")
	c.add(badge)
	c.want(false, "!wallet_warning/no-backup", reason.Failure)
	stick := t.TempDir()
	made, err := c.app.WalletBackup(t.Context(), c.wallet, c.path, stick)
	if err != nil || filepath.Base(made.Place) != "wallet-2026-06-01.bevis" {
		t.Fatal(made, err)
	}
	c.want(false, "", reason.Warning)

	c.school.Revoke(badge, "")
	c.school.Publish()
	c.world.Advance(24 * time.Hour)
	c.want(false, "", reason.Warning) // by what is kept of the list, of yesterday
	c.want(true, "!revoked", reason.Invalid)
	if v := c.wallet.Items()[0].Verified; v == nil || v.Verdict != "invalid" || v.Reason != "revoked" || !v.At.Equal(c.world.Now()) {
		t.Errorf("%+v", v)
	}
	if _, err := c.wallet.NewKey(t.Context()); err != nil { // a change that the copy has not
		t.Fatal(err)
	}
	c.world.Advance(40 * 24 * time.Hour) // nothing that is kept counts any more
	c.want(false, "!revoked !wallet_warning/backup-old", reason.Invalid)
	if v := c.wallet.Items()[0].Verified; v.Verdict != "invalid" {
		t.Errorf("what could not be found out took the place of what was: %+v", v)
	}
	// Without a place the next copy goes where the last one went, with its date.
	made, err = c.app.WalletBackup(t.Context(), c.wallet, c.path, "")
	if err != nil || filepath.Base(made.Place) != "wallet-2026-07-12.bevis" || filepath.Dir(made.Place) != stick {
		t.Fatal(made, err)
	}
	c.want(false, "!revoked", reason.Invalid)
	if err := os.RemoveAll(stick); err != nil {
		t.Fatal(err)
	}
	c.want(false, "!revoked wallet_warning/backup-away", reason.Invalid)
	if _, err := c.app.WalletBackup(t.Context(), c.wallet, c.path, ""); reason.CodeOf(err) != reason.NotFound {
		t.Errorf("a folder was made in place of the stick: %v", err)
	}
}

// TestWalletCheckQuiet: the same verdict is not noted at every check.
func TestWalletCheckQuiet(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	c.add(c.school.Badge("did:example:kari"))
	generation := func() uint64 { g, _ := c.wallet.State(); return g }
	before := generation()
	for range 3 {
		c.check(true)
	}
	if generation() != before {
		t.Error("what was known was noted again")
	}
	c.world.Advance(8 * 24 * time.Hour)
	c.school.Publish()
	c.check(true)
	if generation() != before+1 || !c.wallet.Items()[0].Verified.At.Equal(c.world.Now()) {
		t.Errorf("%d changes, noted %v", generation()-before, c.wallet.Items()[0].Verified.At)
	}
}

// TestWalletCheckModes: whoever else may read a file, or write in the folder, is
// found.
func TestWalletCheckModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no modes here")
	}
	c := newChecking(t)
	folder := filepath.Dir(c.path)
	for _, test := range []struct {
		path string
		mode os.FileMode
		bad  bool
	}{
		{c.path, 0o640, true}, {c.path, 0o604, true}, {c.path, 0o600, false}, {c.path, 0o400, false},
		{folder, 0o755, true}, {folder, 0o711, true}, {folder, 0o700, false},
		{filepath.Join(folder, "wallets", c.wallet.ID()+".json"), 0o644, true},
		{filepath.Join(folder, "wallets", c.wallet.ID()+".json"), 0o600, false},
	} {
		if err := os.Chmod(test.path, test.mode); err != nil {
			t.Fatal(err)
		}
		codes, class := "", reason.Warning
		if test.bad {
			codes, class = "!wallet_warning/file-mode", reason.Failure
		}
		if got, gotClass := c.check(false); got != codes || gotClass != class {
			t.Errorf("%s, %v: %q", filepath.Base(test.path), test.mode, got)
		}
	}
	// Elsewhere a folder may be read by others.
	elsewhere := t.TempDir()
	for mode, codes := range map[os.FileMode]string{0o755: "", 0o775: "!wallet_warning/file-mode", 0o757: "!wallet_warning/file-mode", os.ModeSticky | 0o777: ""} {
		if err := os.Chmod(elsewhere, mode); err != nil {
			t.Fatal(err)
		}
		c.path = filepath.Join(elsewhere, "kari.bevis")
		if got, _ := c.check(false); got != codes {
			t.Errorf("%v: %q", mode, got)
		}
	}
}

// TestWalletCheckRefused: a number of days is one.
func TestWalletCheckRefused(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	for _, days := range []int{-1, 1 << 30} {
		if _, err := c.app.WalletCheck(t.Context(), c.wallet, app.WalletCheckRequest{Path: c.path, Within: days}); reason.CodeOf(err) != reason.Usage {
			t.Errorf("%d: %v", days, err)
		}
	}
}
