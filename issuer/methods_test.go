package issuer_test

import (
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
)

// TestMethodsOf1EdTech: who is told where a newer edition is, or which schema
// is kept, finds the names defined; what is issued passes both published
// schemas, and without these methods there is no third context.
func TestMethodsOf1EdTech(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, config(t, dataintegrity.EdDSARDFC2022, key.Ed25519))
	plain := award()
	with := award()
	with.RefreshURL, with.SchemaURLs = "https://kurs.example/ny/1", []string{"https://kurs.example/skjema.json"}
	for _, c := range []struct {
		name     string
		contexts int
	}{{"plain", 2}, {"with", 3}} {
		a := plain
		if c.name == "with" {
			a = with
		}
		issued, err := i.Issue(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		made, err := credential.Parse(issued.Credential, credential.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := made.Contexts(); len(got) != c.contexts || slices.Contains(got, openbadge.ContextExtensions) != (c.contexts == 3) {
			t.Errorf("%s: %q", c.name, got)
		}
		if found := profile.NewStandards().Lint(made, profile.OB3); len(found) != 0 {
			t.Errorf("%s: %+v", c.name, found)
		}
		if c.name == "with" && (!credential.HasType(made.Document().Get("refreshService"), openbadge.TypeRefresh) || !credential.HasType(made.Document().Lookup("/credentialSchema/0"), openbadge.TypeSchemaValidator)) {
			t.Errorf("%s", issued.Credential)
		}
	}
	// They are part of the award: another URL under the same key is another one.
	plain.IdempotencyKey, with.IdempotencyKey = "1", "1"
	if _, err := i.Issue(t.Context(), plain); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Issue(t.Context(), with); err == nil {
		t.Error("another refresh service under the same key is the same award")
	}
}
