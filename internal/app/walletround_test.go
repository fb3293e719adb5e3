package app_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

const elmoFile = `<elmo xmlns="https://github.com/emrex-eu/elmo-schemas/tree/v1"><generatedDate>2026-11-02T09:30:00+01:00</generatedDate><learner/><report><issuer><title xml:lang="nb">Høgskolen</title><identifier type="schac">h.example</identifier></issuer><learningOpportunitySpecification><title xml:lang="nb">Kurs</title><specifies><learningOpportunityInstance><date>2020-06-12</date><status>passed</status></learningOpportunityInstance></specifies></learningOpportunitySpecification></report></elmo>`

func newWallet(t *testing.T) *wallet.Wallet {
	t.Helper()
	w, _, err := wallet.Create(t.Context(), wallet.CreateRequest{Store: &wallet.MemoryStore{}, Passphrase: []byte("fire hester i regn"), Now: func() time.Time { return noon }, PassphraseWork: 4})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// signed is a credential about a holder, signed with a suite by a key of the
// kind.
func signed(t *testing.T, a *app.App, form proof.ID, kind key.Type, id, holder string, day int) []byte {
	t.Helper()
	seed := bytes.Repeat([]byte{9}, 32)
	private, err := key.FromSeed(seed)
	if kind != key.Ed25519 {
		private, err = key.Generate(kind)
	}
	if err != nil {
		t.Fatal(err)
	}
	issuer, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	suite, err := a.Suites().Suite(form)
	if err != nil {
		t.Fatal(err)
	}
	unsigned := fmt.Sprintf(`{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"id":%q,"type":["VerifiableCredential","AchievementCredential"],"name":"Kurs %s",`+
		`"issuer":{"id":%q,"type":["Profile"],"name":"Kursstedet"},"validFrom":"2026-01-%02dT00:00:00Z","credentialSubject":{"id":%q,"type":["AchievementSubject"],"achievement":{"id":"https://kurs.example/a","type":["Achievement"],"name":"Kurs på sjø <%s>","description":"d & d","criteria":{"narrative":"c"}}}}`, id, form, issuer, day, holder, form)
	params := proof.Params{Purpose: proof.AssertionMethod, Created: noon}
	if form == "ecdsa-sd-2023" {
		params.Mandatory = []string{"/id", "/issuer", "/validFrom"}
	}
	raw, err := suite.Sign(t.Context(), []byte(unsigned), private.Signer(method), params)
	if err != nil {
		t.Fatal(form, err)
	}
	return raw
}

// filled is a wallet with credentials in all forms, an earlier edition, a file
// of results and a line in the log, and the credentials as they were issued.
func filled(t *testing.T, a *app.App) (*wallet.Wallet, [][]byte) {
	t.Helper()
	w := newWallet(t)
	holder, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var raws [][]byte
	for n, form := range []proof.ID{"eddsa-rdfc-2022", "eddsa-jcs-2022", "vc+jwt", "vc+cose", "vc+sd-jwt", "dc+sd-jwt", "ecdsa-sd-2023"} {
		kind := key.Ed25519
		if form == "ecdsa-sd-2023" {
			kind = key.P256
		}
		raws = append(raws, signed(t, a, form, kind, fmt.Sprintf("urn:x:%d", n), holder, 1))
	}
	raws = append(raws, signed(t, a, "eddsa-rdfc-2022", key.Ed25519, "urn:x:0", holder, 2)) // a newer edition of the first
	r := app.WalletTakeRequest{}
	for n, raw := range append(raws, []byte(elmoFile)) {
		r.Inputs = append(r.Inputs, app.Input{Name: fmt.Sprint(n), Raw: raw})
	}
	taken, err := a.WalletTake(t.Context(), w, r)
	if err != nil || len(taken.Added) != len(raws)+1 || len(taken.Refused) != 0 {
		t.Fatalf("%+v %v", taken.Refused, err)
	}
	if last := taken.Added[len(raws)-1]; last.Edition != "newer" || last.Of != taken.Added[0].Item.ID {
		t.Errorf("the newer edition is said to be %q of %q", last.Edition, last.Of)
	}
	suite, err := a.Suites().Suite("eddsa-jcs-2022")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Share(t.Context(), wallet.ShareRequest{IDs: []string{taken.Added[1].Item.ID}, Audience: "https://verksted.example", Purpose: "søknad", Suite: suite}); err != nil {
		t.Fatal(err)
	}
	return w, raws
}

func contents(w *wallet.Wallet) []string {
	var out []string
	for _, i := range w.Items() {
		out = append(out, i.ID+" "+string(i.Raw()))
	}
	slices.Sort(out)
	return out
}

// TestRoundTrips: what goes out of a wallet and into an empty one is the same
// to the byte, but for what the form has no place for, which is named.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	a := newApp(t, filepath.Join(t.TempDir(), "home"))
	w, raws := filled(t, a)
	password := func() ([]byte, error) { return []byte("et passord"), nil }
	for _, c := range []struct {
		as      string
		left    int    // what the form has no place for
		lacks   string // forms that do not come back as they were
		earlier int
		shares  int
	}{
		{"folder", 0, "", 1, 0},
		{"universal-wallet", 1, "", 0, 0},
		{"eudi", 1, "", 0, 1},
		{"clr", 1, "ecdsa-sd-2023", 0, 0},
		{"png", 4, "vc+cose vc+sd-jwt dc+sd-jwt", 0, 0},
		{"svg", 4, "vc+cose vc+sd-jwt dc+sd-jwt", 0, 0},
	} {
		path := filepath.Join(t.TempDir(), "ut")
		out, err := a.WalletExport(t.Context(), w, app.WalletExportRequest{As: c.as, Path: path, Name: "Min <kompetanse>", Suite: "eddsa-rdfc-2022", Readme: "Les meg.\n", Password: password})
		if err != nil || len(out.Left) != c.left {
			t.Fatalf("%s: %v, left out %v", c.as, err, out.Left)
		}
		if out.Data != nil {
			if err := app.WriteFile(path, out.Data, true, false); err != nil {
				t.Fatal(err)
			}
		}
		private(t, path)
		other := newWallet(t)
		taken, err := a.WalletTake(t.Context(), other, app.WalletTakeRequest{VerifyRequest: app.VerifyRequest{Inputs: a.BackupInputs(t.Context(), []string{path}, nil)}, Backups: true, Password: password})
		if err != nil || len(taken.Refused) != 0 {
			t.Fatalf("%s: %v %v", c.as, err, taken.Refused)
		}
		got := contents(other)
		for _, want := range contents(w) {
			if !slices.Contains(got, want) && !slices.ContainsFunc(strings.Fields(c.lacks), func(form string) bool { return isOf(want, form, raws) }) {
				t.Errorf("%s: lost %.120s", c.as, want)
			}
		}
		if c.lacks == "" && !slices.Equal(got, contents(w)) {
			t.Errorf("%s: %d credentials, not %d", c.as, len(got), len(w.Items()))
		}
		if len(other.Shares()) != c.shares {
			t.Errorf("%s: %d lines of the log", c.as, len(other.Shares()))
		}
		earlier := 0
		for _, i := range other.Items() {
			all, err := other.Editions(i.ID)
			if err != nil {
				t.Fatal(err)
			}
			earlier += len(all) - 1
		}
		if earlier != c.earlier || len(other.Histories()) != c.earlier {
			t.Errorf("%s: %d earlier editions, %d files of results", c.as, earlier, len(other.Histories()))
		}
		again, err := a.WalletTake(t.Context(), other, app.WalletTakeRequest{VerifyRequest: app.VerifyRequest{Inputs: a.BackupInputs(t.Context(), []string{path}, nil)}, Backups: true, Password: password})
		if err != nil || len(other.Shares()) != c.shares || slices.ContainsFunc(again.Added, func(a app.WalletAdded) bool { return a.Added }) {
			t.Errorf("%s: the same once more is added again (%v)", c.as, err)
		}
		if len(other.Keys()) != 0 {
			t.Errorf("%s: keys went out", c.as)
		}
	}
}

// isOf reports whether contents are those of a credential of a form, by its
// place in raws.
func isOf(content, form string, raws [][]byte) bool {
	at := slices.Index([]string{"eddsa-rdfc-2022", "eddsa-jcs-2022", "vc+jwt", "vc+cose", "vc+sd-jwt", "dc+sd-jwt", "ecdsa-sd-2023"}, form)
	return strings.HasSuffix(content, string(raws[at]))
}

// private checks that nobody but the owner can read what was written, and that
// no private key is in it.
func private(t *testing.T, path string) {
	t.Helper()
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
		if d.IsDir() {
			return nil
		}
		raw, err := os.ReadFile(name)
		if bytes.Contains(raw, []byte("PRIVATE KEY")) || bytes.Contains(raw, []byte("privateKey")) {
			t.Errorf("%s holds a private key", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestExportFolderWhole: a folder that is there is not touched, and nothing is
// left of one that could not be written.
func TestExportFolderWhole(t *testing.T) {
	t.Parallel()
	a := newApp(t, filepath.Join(t.TempDir(), "home"))
	w, _ := filled(t, a)
	base := t.TempDir()
	full, empty := filepath.Join(base, "full"), filepath.Join(base, "empty")
	for _, dir := range []string{full, empty} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(full, "mine"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(full, "mine")
	for name, c := range map[string]struct {
		path string
		code reason.Code
	}{
		"a full folder":   {full, "conflict/exists"},
		"a file":          {file, "conflict/exists"},
		"inside a file":   {filepath.Join(file, "x"), "conflict/exists"},
		"no name":         {"", "usage/export-folder"},
		"standard output": {"-", "usage/export-folder"},
		"an empty folder": {empty, ""},
		"a new one":       {filepath.Join(base, "a", "b"), ""},
	} {
		_, err := a.WalletExport(t.Context(), w, app.WalletExportRequest{As: app.ExportFolder, Path: c.path})
		if reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
	left, err := filepath.Glob(filepath.Join(base, ".bevis-export-*"))
	if err != nil || len(left) != 0 {
		t.Error(left, err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "x" {
		t.Error("a file of somebody else's was touched")
	}
	for _, as := range []string{app.ExportPNG, "xml", ""} {
		if _, err := a.WalletExport(t.Context(), newWallet(t), app.WalletExportRequest{As: as, Path: filepath.Join(base, "none")}); err == nil {
			t.Errorf("%q of nothing", as)
		}
	}
}
