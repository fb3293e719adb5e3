package sqlite_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
	"github.com/kompetansebevis/bevis/reason"
)

var (
	_ issuer.Ledger   = (*sqlite.Ledger)(nil)
	_ issuer.Archive  = (*sqlite.Ledger)(nil)
	_ issuer.AuditLog = (*sqlite.Ledger)(nil)
	_ issuer.Queue    = (*sqlite.Ledger)(nil)
	_ issuer.KeyUse   = (*sqlite.Ledger)(nil)

	_ issuer.AchievementUse = (*sqlite.Ledger)(nil)
)

func open(t *testing.T) issuer.Ledger {
	t.Helper()
	l, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger æ?#.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func TestContract(t *testing.T) { bevistest.TestLedger(t, open) }

func TestQueue(t *testing.T) {
	bevistest.TestQueue(t, func(t *testing.T) issuer.Queue { return open(t).(*sqlite.Ledger) })
}

func TestFileIsKeptAndPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Record(t.Context(), issuer.Record{ID: "urn:x:1", Credential: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = sqlite.Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Get(t.Context(), "urn:x:1"); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestNotALedger(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	if err := os.WriteFile(path, []byte("this is no database, whatever its name says"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path); reason.CodeOf(err) != reason.IO {
		t.Error(err)
	}
	if _, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "no", "folder", "x.db")); reason.CodeOf(err) != reason.IO {
		t.Error(err)
	}
}

func BenchmarkLedger(b *testing.B) {
	l, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	bevistest.BenchmarkLedger(b, l)
}
