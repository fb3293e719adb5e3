package issuer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/papercode"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// TestPrinted makes short forms of what was issued in several forms, and of
// nothing else.
func TestPrinted(t *testing.T) {
	t.Parallel()
	set := allSuites(t)
	for _, form := range []proof.ID{"eddsa-rdfc-2022", "vc+jwt", "dc+sd-jwt", "vc+cose"} {
		cfg := config(t, form, key.Ed25519)
		var err error
		if cfg.ListSuite, err = set.Suite("vc+jwt"); err != nil {
			t.Fatal(err)
		}
		i := newIssuer(t, cfg)
		issued, err := i.Issue(t.Context(), award())
		if err != nil {
			t.Fatal(form, err)
		}
		printed, err := i.Printed(t.Context(), issued.Credential, set, "nb")
		if err != nil {
			t.Fatal(form, err)
		}
		if got, err := papercode.Read(printed.Code); err != nil || string(got) != string(printed.Message) {
			t.Errorf("%s: %v", form, err)
		}
		// Of a code in which 800 characters fit at level M, a module is still four
		// dots wide where a page of 6 cm is read at 150 dpi.
		if len(printed.Code) > 800 {
			t.Errorf("%s: a code of %d characters", form, len(printed.Code))
		}
		t.Logf("%s: %d bytes, %d characters", form, len(printed.Message), len(printed.Code))
	}
}

func TestPrintedIsRefused(t *testing.T) {
	t.Parallel()
	cfg := config(t, "eddsa-rdfc-2022", key.Ed25519)
	i, other := newIssuer(t, cfg), newIssuer(t, config(t, "eddsa-rdfc-2022", key.Ed25519))
	issued, err := i.Issue(t.Context(), award())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := other.Issue(t.Context(), award())
	if err != nil {
		t.Fatal(err)
	}
	cfg.KeyExpires = noon.Add(time.Hour)
	cfg.Now = func() time.Time { return noon.Add(2 * time.Hour) }
	for name, c := range map[string]struct {
		by   *issuer.Issuer
		raw  string
		code reason.Code
	}{
		"another's":            {i, string(theirs.Credential), reason.NotFound},
		"one that was changed": {i, strings.Replace(string(issued.Credential), "Bestått eksamen.", "Med laud.", 1), "conflict/not-as-issued"},
		"nothing":              {i, "x", reason.MalformedJSON},
		"no proof":             {i, `{"a":1}`, reason.NoProof},
		"by a retired key":     {newIssuer(t, cfg), string(issued.Credential), "conflict/key-retired"},
	} {
		if _, err := c.by.Printed(t.Context(), []byte(c.raw), allSuites(t)); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
