package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

// TestDefinitionThatCannotBeRead: who keeps it learns which file it is, and who asks the
// desk from outside does not learn in which folder.
func TestDefinitionThatCannotBeRead(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	a := newApp(t, home)
	if _, err := a.IssuerInit(t.Context(), app.IssuerSetup{Name: "Kursstedet", Suite: app.SuiteNames()[0]}, key.Ed25519); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(home, "issuer", "achievements")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "s.json")
	if err := os.WriteFile(path, []byte(`{"id":`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := a.AchievementGet("s")
	var about *app.Refused
	if !errors.As(err, &about) || about.About != app.AboutDefinitionFile || about.Name != "s" || reason.AtOf(err) != path+"/id" || reason.CodeOf(err) != reason.MalformedJSON {
		t.Errorf("%v", err)
	}
	err = a.WithDesk(t.Context(), func(d *app.IssuerDesk) error {
		_, one := d.Achievement(t.Context(), "s")
		_, all := d.Achievements(t.Context())
		for _, err := range []error{one, all} {
			if reason.CodeOf(err) != reason.MalformedJSON || reason.AtOf(err) != "s" || strings.Contains(err.Error(), home) {
				t.Errorf("%v", err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
