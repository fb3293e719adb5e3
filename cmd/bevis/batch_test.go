package main

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/testdepth"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/postgres"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
)

// list FILE KIND SOURCE writes a text as other programs would: in Windows-1252
// or UTF-16, as a workbook, as the beginning of an old one, or with a line that
// is too long.
func list(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: list FILE KIND SOURCE")
	}
	text := ts.ReadFile(args[2])
	var out []byte
	switch args[1] {
	case "windows-1252":
		for _, r := range text {
			out = append(out, byte(r))
		}
	case "utf-16":
		for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
			out = append(out, byte(u), byte(u>>8))
		}
	case "old":
		out = append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 512)...)
	case "long":
		out = append(bytes.TrimRight([]byte(text), "\n"), "\n"+strings.Repeat("x", 300<<10)+"\n"...)
	case "workbook":
		out = workbook(ts, text)
	default:
		ts.Fatalf("there is no kind %q", args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), out, 0o600))
}

// workbook makes a workbook of lines with tabs.
func workbook(ts *testscript.TestScript, text string) []byte {
	var cells, out bytes.Buffer
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		cells.WriteString("<row>")
		for _, cell := range strings.Split(line, "\t") {
			cells.WriteString(`<c t="inlineStr"><is><t>`)
			ts.Check(xml.EscapeText(&cells, []byte(cell)))
			cells.WriteString("</t></is></c>")
		}
		cells.WriteString("</row>")
	}
	z := zip.NewWriter(&out)
	for _, file := range [][2]string{
		{"xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", "<worksheet><sheetData>" + cells.String() + "</sheetData></worksheet>"},
	} {
		f, err := z.Create(file[0])
		ts.Check(err)
		_, err = f.Write([]byte(file[1]))
		ts.Check(err)
	}
	ts.Check(z.Close())
	return out.Bytes()
}

// TestKilledBatch kills the command again and again without a word. In the end
// everybody in the list has one credential, in the books and on disk, and where a log is kept, in it and with its
// proof.
func TestKilledBatch(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many processes: nothing for a short run")
	}
	t.Run("ledgersqlite", func(t *testing.T) {
		// Enough rows that files are sorted into folders.
		killedBatch(t, killing{rows: 3000, hosts: 1, kills: testdepth.Part(t, 6, 2)})
	})
	// Two forms of each, and so as many files as are sorted.
	t.Run("forms", func(t *testing.T) {
		killedBatch(t, killing{rows: 1100, hosts: 1, kills: testdepth.Part(t, 4, 2), forms: "ob3,vc-jwt"})
	})
	// Three machines issue to the same list at the same time.
	t.Run("ledgerpostgres", func(t *testing.T) {
		dsn := emptySchema(t, "killed_batch")
		if dsn == "" {
			t.Skip("no PostgreSQL here (BEVIS_POSTGRES, see bench/catalogue/postgres.sh)")
		}
		killedBatch(t, killing{ledger: dsn, rows: 2100, hosts: 3, kills: 4})
	})
}

// killing is how often a batch is killed, on how many machines.
type killing struct {
	ledger             string // PostgreSQL; empty: a file
	rows, hosts, kills int
	forms              string // empty: the issuer's own
}

// endings are those of the files of a row, in the order of its forms.
func (k killing) endings() []string {
	if k.forms == "" {
		return []string{".json"}
	}
	return []string{".json", ".jwt"}
}

// host is a machine that issues to a list.
type host struct{ home, out string }

func (h host) batch(table string, k killing) *exec.Cmd {
	cmd := exec.Command("bevis", "credential", "batch", "--achievement", "s", table, "-o", h.out)
	if k.forms != "" {
		cmd.Args = append(cmd.Args, "--as", k.forms)
	}
	cmd.Env = append(os.Environ(), "BEVIS_HOME="+h.home, "BEVIS_LEDGER="+k.ledger, "BEVIS_LANG=en")
	return cmd
}

func killedBatch(t *testing.T, k killing) {
	first := t.TempDir()
	a, err := app.New(app.Config{Home: first, Now: time.Now, Ledger: k.ledger})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.IssuerInit(t.Context(), app.IssuerSetup{ID: "did:web:kurs.example", Name: "Kursstedet", Suite: app.SuiteNames()[1]}, key.Unknown); err != nil {
		t.Fatal(err)
	}
	if _, err := a.AchievementNew(app.Achievement{Slug: "s", Achievement: openbadge.Achievement{ID: "https://kurs.example/s", Name: "S", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}}); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("E-post;Navn\n")
	for n := range k.rows {
		fmt.Fprintf(&text, "p%d@example.no;Person %d\n", n, n)
	}
	table := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(table, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	hosts := []host{{first, filepath.Join(t.TempDir(), "out")}}
	for len(hosts) < k.hosts {
		home := t.TempDir()
		if err := os.CopyFS(home, os.DirFS(first)); err != nil {
			t.Fatal(err)
		}
		hosts = append(hosts, host{home, filepath.Join(t.TempDir(), "out")})
	}
	// One of them keeps the log.
	log, err := a.LogInit(t.Context(), filepath.Join(t.TempDir(), "log"), "")
	if err != nil {
		t.Fatal(err)
	}
	logKey, err := logproof.ParseKey(log.Key)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, h := range hosts {
		all.Go(func() {
			for range k.kills {
				cmd := h.batch(table, k)
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				time.Sleep(time.Duration(300+rand.IntN(1500)) * time.Millisecond)
				_ = cmd.Process.Kill() // which may have ended
				_ = cmd.Wait()
			}
			if told, err := h.batch(table, k).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, told)
			}
		})
	}
	all.Wait()
	ledger, err := openBooks(t, first, k.ledger)
	if err != nil {
		t.Fatal(err)
	}
	n, logged, places := 0, 0, map[issuer.Slot]bool{}
	err = ledger.Each(t.Context(), func(r issuer.Record) error {
		n++
		logged += len(r.Forms())
		places[r.Slots[0]] = true
		return onDisk(hosts, k, r, logKey)
	})
	if err != nil {
		t.Error(err)
	}
	lists, err := ledger.Lists(t.Context())
	if err != nil || n != k.rows || len(places) != k.rows || lists[0].Used < k.rows {
		t.Errorf("%d records, %d places (%d taken) for %d rows (%v)", n, len(places), lists[0].Used, k.rows, err)
	}
	// Everything is in the log, once, and nothing else.
	if found, err := a.LogVerify(t.Context(), app.LogVerifyRequest{}); err != nil || found.Entries != int64(logged) || *found.Issued != int64(logged) || *found.Others != 0 {
		t.Errorf("%+v %v", found, err)
	}
	for _, h := range hosts {
		wholeFolder(t, h.out, k)
	}
}

// onDisk looks for what a batch has written of a credential: each form that the
// books have, to the byte, and where the log is kept, a proof beside each file.
func onDisk(hosts []host, k killing, r issuer.Record, logKey logproof.Key) error {
	id := strings.TrimPrefix(r.ID, "urn:uuid:")
	for n, form := range r.Forms() {
		name, signed := filepath.Join(id[:2], id+k.endings()[n]), form.Credential
		for _, h := range hosts {
			on, err := os.ReadFile(filepath.Join(h.out, name))
			if err != nil || !bytes.Equal(on, signed) {
				return fmt.Errorf("%s is another on disk: %v", name, err)
			}
		}
		raw, err := os.ReadFile(filepath.Join(hosts[0].out, name+logproof.Suffix))
		if err != nil {
			return err
		}
		p, err := logproof.Parse(raw)
		if err == nil {
			err = errors.Join(p.Covers(signed), p.Checkpoint.SignedBy(logKey))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// books are what the tests look at of a ledger.
type books interface {
	issuer.Ledger
	issuer.Archive
	Close() error
}

func openBooks(t *testing.T, home, dsn string) (l books, err error) {
	if dsn == "" {
		l, err = sqlite.Open(t.Context(), filepath.Join(home, "issuer", "ledger.db"))
	} else {
		l, err = postgres.Open(t.Context(), dsn)
	}
	if err == nil {
		t.Cleanup(func() {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return l, err
}

// wholeFolder looks for all that a batch of so many rows writes, and for what a
// killed one might have left.
func wholeFolder(t *testing.T, out string, k killing) {
	t.Helper()
	for _, ending := range k.endings() {
		files, err := filepath.Glob(filepath.Join(out, "??", "*"+ending))
		if err != nil || len(files) != k.rows {
			t.Errorf("%d files %s for %d rows (%v)", len(files), ending, k.rows, err)
		}
	}
	all, err := filepath.Glob(filepath.Join(out, "??", "*"))
	if want := k.rows * len(k.endings()); err != nil || len(all) != want && len(all) != 2*want { // with proofs
		t.Errorf("%d files, want %d (%v)", len(all), want, err)
	}
	if left, err := os.ReadDir(filepath.Join(out, ".bevis-batch", "tmp")); err == nil {
		t.Errorf("%d files were left", len(left))
	}
	result, err := os.ReadFile(filepath.Join(out, "result.csv"))
	lines := strings.Split(strings.TrimSuffix(string(result), "\n"), "\n")
	if err != nil || len(lines) != k.rows+1 {
		t.Errorf("%d lines of results (%v)", len(lines), err)
	}
	named := map[string]bool{}
	for _, line := range lines[1:] {
		for _, name := range strings.Split(line, ";")[3:] {
			named[filepath.Join(out, filepath.FromSlash(name))] = true
		}
	}
	if len(named) != k.rows*len(k.endings()) {
		t.Errorf("%d files are named in the table", len(named))
	}
	for name := range named {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}
