package app_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/definition"
)

// TestChangeThatWasStopped: the old text is kept before the new one takes its
// place, so that a program which is stopped in between loses neither, and when the
// change is made after all no version is there twice.
func TestChangeThatWasStopped(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	a, err := app.New(app.Config{Home: home, Now: func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.IssuerInit(t.Context(), app.IssuerSetup{Name: "Kursstedet", Suite: app.SuiteNames()[0]}, key.Ed25519); err != nil {
		t.Fatal(err)
	}
	course := openbadge.Achievement{ID: "https://kurs.example/s", Name: "Sveising", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}
	if _, err := a.AchievementNew(app.Achievement{Slug: "s", Achievement: course}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Issue(t.Context(), "s", issuer.Award{Recipient: issuer.Recipient{ID: "did:example:kari"}}); err != nil {
		t.Fatal(err)
	}
	describe := func(text string) (app.AchievementChanged, error) {
		return a.AchievementChange(t.Context(), "s", func(ac *openbadge.Achievement) error { ac.Description = text; return nil })
	}
	if done, err := describe("to"); err != nil || !done.NewVersion || done.Version != "2" {
		t.Fatalf("%+v %v", done, err)
	}
	// As if it had been stopped: version 1 is kept and still in use.
	folder := filepath.Join(home, "issuer", "achievements")
	first, err := os.ReadFile(filepath.Join(folder, "s", "0001.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "s.json"), first, 0o600); err != nil {
		t.Fatal(err)
	}
	if all, err := a.AchievementVersions("s"); err != nil || len(all) != 1 || all[0].Description != "d" {
		t.Errorf("%+v %v", all, err)
	}
	if done, err := describe("to"); err != nil || done.Version != "2" {
		t.Fatalf("%+v %v", done, err)
	}
	all, err := a.AchievementVersions("s")
	if err != nil || len(all) != 2 || all[0].Version != "1" || all[0].Description != "d" || all[1].Version != "2" || all[1].Description != "to" {
		t.Errorf("%+v %v", all, err)
	}
	if done, err := describe("to"); err != nil || done.Changed || done.NewVersion {
		t.Errorf("nothing was changed: %+v %v", done, err)
	}
}

// TestEditionThatCannotBeKept: the original names its editions, so it stays as it
// was when there will be none.
func TestEditionThatCannotBeKept(t *testing.T) {
	t.Parallel()
	a, err := app.New(app.Config{Home: t.TempDir(), Now: func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	course := openbadge.Achievement{ID: "https://kurs.example/s", Name: "Sveising", Description: "d", InLanguage: "nb", Criteria: &openbadge.Criteria{Narrative: "c"}}
	if _, err := a.AchievementNew(app.Achievement{Slug: "s", Achievement: course}); err != nil {
		t.Fatal(err)
	}
	edition := definition.Edition{Language: "nn", Name: "Sveising", Description: "e", Narrative: "k"}
	for _, slug := range []string{"S nn", "s"} { // none, and the original's own
		if _, _, err := a.AchievementTranslate(t.Context(), t.TempDir(), "s", slug, edition); err == nil {
			t.Errorf("%q: was kept", slug)
		}
	}
	if original, err := a.AchievementGet("s"); err != nil || len(original.Related) > 0 {
		t.Errorf("it names %+v, %v", original.Related, err)
	}
	if _, original, err := a.AchievementTranslate(t.Context(), t.TempDir(), "s", "", edition); err != nil || len(original.Related) != 1 {
		t.Errorf("it names %+v, %v", original.Related, err)
	}
}
