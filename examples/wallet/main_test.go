package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/kompetansebevis/bevis/wallet"
)

func TestRun(t *testing.T) {
	t.Parallel()
	badge, err := os.ReadFile("../../cmd/bevis/testdata/fixed/badge.json")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), &out, &wallet.MemoryStore{}, badge); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out.Bytes(), []byte(`24 recovery words, kept "Sveising, grunnkurs"`)) {
		t.Error(out.String())
	}
}
