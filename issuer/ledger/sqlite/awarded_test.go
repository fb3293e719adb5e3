package sqlite

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestAwardedByIndex: whether something was issued for an achievement is looked
// up, however many records there are.
func TestAwardedByIndex(t *testing.T) {
	t.Parallel()
	l, err := Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var plan []string
	err = rows(t.Context(), l.db, "EXPLAIN QUERY PLAN "+awarded, []any{"https://kurs.example/s"}, func(s scanner) error {
		var id, parent, unused int
		var detail string
		err := s.Scan(&id, &parent, &unused, &detail)
		plan = append(plan, detail)
		return err
	})
	all := strings.Join(plan, "; ")
	if err != nil || !strings.Contains(all, "INDEX credential_achievement (achievement=?)") || strings.Contains(all, "SCAN credential") {
		t.Error(all, err)
	}
}
