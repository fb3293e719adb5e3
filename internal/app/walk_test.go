package app

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

// TestSourcesRead: a file is read whole, whether it is read where it is looked
// at or by a worker, and one that cannot be read says so.
func TestSourcesRead(t *testing.T) {
	t.Parallel()
	a, err := New(Config{Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, size := range map[string]int{"0": 0, "1": 1, "3": 3, "4": 4, "at": 32 << 10, "over": 32<<10 + 1, "large": 1 << 20} {
		want := bytes.Repeat([]byte("ab{"), size/3+1)[:size]
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
		in := a.Inputs(t.Context(), []string{path}, nil)
		if len(in) != 1 || in[0].Err != nil || !bytes.Equal(in[0].Raw, want) || in[0].Name != path {
			t.Errorf("%s: %d inputs, not the file", name, len(in))
		}
	}
	if in := a.Inputs(t.Context(), []string{folder}, nil); len(in) != 7 || in[0].Name != filepath.Join(folder, "0") {
		t.Errorf("%d inputs in the folder", len(in))
	}
	if want, err := os.ReadFile("/proc/version"); err == nil { // which says that it has no bytes
		if in := a.Inputs(t.Context(), []string{"/proc/version"}, nil); len(in) != 1 || !bytes.Equal(in[0].Raw, want) {
			t.Errorf("%q", in[0].Raw)
		}
	}
	// Proofs are found among names that stand between them and their files.
	for _, name := range []string{"at.log", "at" + logproof.Suffix, "at" + logproof.Suffix + "x", "none" + logproof.Suffix} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	with := 0
	for _, in := range a.Inputs(t.Context(), []string{folder}, nil) {
		if got := in.proofs; len(got) > 0 != (filepath.Base(in.Name) == "at") {
			t.Errorf("%s: %q", in.Name, got)
		} else if len(got) > 0 {
			with++
		}
	}
	if with != 1 {
		t.Errorf("%d have their proof", with)
	}
	in := a.Inputs(t.Context(), []string{filepath.Join(folder, "none")}, nil)
	if len(in) != 1 || reason.CodeOf(in[0].Err) != reason.NotFound {
		t.Errorf("%v", in)
	}
}

// TestNamedAsProofs: by its name alone nothing is left out of a folder.
func TestNamedAsProofs(t *testing.T) {
	t.Parallel()
	a, err := New(Config{Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "in"+logproof.Suffix), 0o700); err != nil {
		t.Fatal(err)
	}
	proof := string(logproof.Format(logproof.Salt{}, 1, nil, nil))
	for name, text := range map[string]string{
		"a.json": "{}", "a.json" + logproof.Suffix: "of a.json, whatever it is",
		"gone.json" + logproof.Suffix: proof, "bevis" + logproof.Suffix: "{}", "short" + logproof.Suffix: proof[:5], "empty" + logproof.Suffix: "",
		filepath.Join("in"+logproof.Suffix, "b.json"): "{}",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, in := range a.Inputs(t.Context(), []string{folder}, nil) {
		name, err := filepath.Rel(folder, in.Name)
		if err != nil || in.Err != nil {
			t.Error(err, in.Err)
		}
		got = append(got, filepath.ToSlash(name))
	}
	if want := []string{"a.json", "bevis.tlog-proof", "empty.tlog-proof", "in.tlog-proof/b.json", "short.tlog-proof"}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	if os.Symlink("a.json", filepath.Join(folder, "link"+logproof.Suffix)) == nil {
		if n := len(a.Inputs(t.Context(), []string{folder}, nil)); n != len(got) {
			t.Errorf("a link was followed: %d, not %d", n, len(got))
		}
	}
}

// TestProofsOfNamesWrittenOtherwise: where a proof is named after no file as it is
// written, the system is asked whether it is of one, as it compares names.
func TestProofsOfNamesWrittenOtherwise(t *testing.T) {
	t.Parallel()
	a, err := New(Config{Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	for proof, look := range map[string]bool{
		"bevis.json" + logproof.Suffix:                  true,
		"Bevis.json" + logproof.Suffix:                  false, // of the other file there is none
		"Bevis.json" + strings.ToUpper(logproof.Suffix): true,
		"other.json" + logproof.Suffix:                  true,
		"Bevis.json" + logproof.Suffix + "s":            false,
		"Bevis.json.txt":                                false,
	} {
		folder := t.TempDir()
		for _, name := range []string{"A\u030apen.json", "Bevis.json", proof} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte("{}"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		names, err := list(t.Context(), folder)
		if err != nil {
			t.Fatal(err)
		}
		if got := names.mayHaveProof("A\u030apen.json"); got != look {
			t.Errorf("beside %s: %t", proof, got)
		}
		for _, in := range a.Inputs(t.Context(), []string{folder}, nil) {
			_, err := os.Stat(in.Name + logproof.Suffix)
			if got := len(in.proofs) > 0; got != (err == nil) {
				t.Errorf("%s beside %s: a proof is read: %t, the system: %v", in.Name, proof, got, err)
			}
		}
	}
}
