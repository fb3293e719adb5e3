package postgres_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/store/postgres"
	"github.com/kompetansebevis/bevis/reason"
)

// open returns a store in a schema of its own, which goes with the test.
func open(t *testing.T) (*postgres.Store, string) {
	t.Helper()
	dsn := os.Getenv("BEVIS_POSTGRES")
	if dsn == "" {
		t.Skip("no PostgreSQL here (BEVIS_POSTGRES, see bench/catalogue/postgres.sh)")
	}
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := "t" + strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, t.Name()))
	for _, sql := range []string{"DROP SCHEMA IF EXISTS " + name + " CASCADE", "CREATE SCHEMA " + name} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	dsn += fmt.Sprintf(" search_path=%s pool_max_conns=8", name)
	s, err := postgres.Open(t.Context(), dsn, postgres.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, dsn
}

func TestContract(t *testing.T) {
	if os.Getenv("BEVIS_POSTGRES") == "" {
		t.Skip("no PostgreSQL here (BEVIS_POSTGRES, see bench/catalogue/postgres.sh)")
	}
	bevistest.TestCatalogue(t, func(t *testing.T) catalogue.Store { s, _ := open(t); return s })
}

func TestReadAsMeant(t *testing.T) {
	s, _ := open(t)
	offers := []catalogue.Offer{
		{ID: "data", Provider: "a", Title: catalogue.Texts{"nb": "Sikkerhet for data"}},
		{ID: "pleie", Provider: "a", Title: catalogue.Texts{"nn": "Å vere sjukepleiar"}},
		{ID: "køyr", Provider: "a", Title: catalogue.Texts{"nb": "Kjøring på glatt føre"}},
		{ID: "regnskap", Provider: "a", Title: catalogue.Texts{"nb": "Regnskapsføring"}},
	}
	if _, err := s.Put(t.Context(), []catalogue.Provider{{ID: "a", Name: catalogue.Texts{"nb": "A"}}}, offers); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]struct{ id, read string }{
		"sykepleiere": {"pleie", "map[]"}, "sjukepleie": {"pleie", "map[]"}, "kjoring": {"køyr", "map[kjoring:[kjøring]]"}, "regnskap": {"regnskap", "map[regnskap:[regnskapsføring]]"},
		"datasikkerhet": {"data", "map[datasikkerhet:[data sikkerhet]]"}, "regnskapsførng": {"regnskap", "map[regnskapsførng:[regnskapsføring]]"},
		"rekneskapsføring": {"regnskap", "map[]"},
	} {
		r, err := s.Search(t.Context(), catalogue.Query{Text: text})
		if err != nil || r.Total != 1 || r.Hits[0].Offer.ID != want.id || fmt.Sprint(r.Read) != want.read {
			t.Errorf("%s: %d %v %v", text, r.Total, r.Read, err)
		}
	}
}

func TestVersions(t *testing.T) {
	s, dsn := open(t)
	if _, err := s.Put(t.Context(), []catalogue.Provider{{ID: "a", Name: catalogue.Texts{"nb": "A"}}}, []catalogue.Offer{{ID: "x", Provider: "a", Title: catalogue.Texts{"nb": "X\x00\xff"}}}); err != nil {
		t.Fatal(err)
	}
	again, err := postgres.Open(t.Context(), dsn, postgres.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if l, err := again.Get(t.Context(), "x"); err != nil || l.Offer.Title["nb"] != "X\x00\ufffd" {
		t.Errorf("%q %v", l.Offer.Title, err)
	}
	db, err := pgx.Connect(t.Context(), strings.TrimSuffix(dsn, " pool_max_conns=8"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(t.Context()) }()
	if _, err := db.Exec(t.Context(), "INSERT INTO catalogue_schema VALUES (99)"); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Open(t.Context(), dsn, postgres.Config{}); reason.CodeOf(err) != "conflict/version" {
		t.Error(err)
	}
	for dsn, want := range map[string]reason.Code{"host=/nowhere/at/all user=x": reason.IO, "port=x password=secret": reason.Usage} {
		if _, err := postgres.Open(t.Context(), dsn, postgres.Config{}); reason.CodeOf(err) != want || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}
