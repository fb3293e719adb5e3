package sqlite

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestBusy: what a ledger says that another process holds for longer than it
// waits.
func TestBusy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	begin := func() error {
		db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()+"?_pragma=busy_timeout(0)&_txlock=immediate")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		tx, err := db.BeginTx(t.Context(), nil)
		if err == nil {
			_, err = tx.ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS t (x)")
		}
		return err
	}
	if err := begin(); err != nil {
		t.Fatal(err)
	}
	l := &Ledger{path: path}
	if err := l.wrap(begin()); reason.CodeOf(err) != "conflict/ledger-busy" || reason.AtOf(err) != path {
		t.Error(err)
	}
}
