package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
)

func TestMain(m *testing.M) {
	if os.Getenv("EXAMPLE") == "run" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestExample runs the program and reads what it printed.
func TestExample(t *testing.T) {
	t.Parallel()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "EXAMPLE=run")
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	badge, err := credential.Parse(bytes.TrimSpace(out), credential.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := openbadge.FromCredential(badge)
	if err != nil || b.Subject.Achievement.Name != "Grunnkurs i sveising" || bytes.Contains(out, []byte("kari@example.com")) {
		t.Errorf("%v: %s", err, out)
	}
}
