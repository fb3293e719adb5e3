//go:build peers

package jsonld

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// TestPeers holds the canonical form against jsonld.js, on documents that are
// made from the terms of the contexts, mutations of them, and the corpus. It
// needs what "make peers" installs.
func TestPeers(t *testing.T) {
	const folder = "../../bench/peers"
	if _, err := os.Stat(folder + "/node_modules/jsonld"); err != nil {
		t.Skip("jsonld.js is not installed: make peers")
	}
	p := newProcessor(t)
	m := newMaker(t, p, 11)
	var in bytes.Buffer
	var want []string
	var docs []*strictjson.Value
	add := func(doc *strictjson.Value) {
		selections, err := p.Selections(doc)
		if jsWhole(doc) {
			return
		}
		if err != nil || ready(t.Context(), doc, selections[0], new(scratch)) != nil {
			return
		}
		quads, err := p.statements(t.Context(), doc, selections[0], new(scratch), nil)
		if err == nil {
			err = checkWhole(doc, quads)
		}
		if err != nil {
			return
		}
		canonical := outcome(quads, nil)
		if strings.HasPrefix(canonical, "resource_limit") {
			return
		}
		in.Write(append(doc.AppendJSON(nil), '\n'))
		docs, want = append(docs, doc), append(want, canonical)
	}
	if _, err := os.Stat("../../../shared/corpus"); err == nil {
		for _, doc := range corpus(t) {
			add(doc)
		}
	}
	for len(docs) < *differential {
		doc := m.document()
		add(doc)
		add(m.mutate(doc))
	}
	command := exec.CommandContext(t.Context(), "node", "canonicalize.mjs")
	command.Dir, command.Stdin, command.Stderr = folder, &in, os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 16<<20)
	n := 0
	for ; lines.Scan(); n++ {
		var got struct{ NQuads, Error string }
		if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.NQuads != want[n] {
			t.Errorf("%s\n--- here:\n%s--- jsonld.js: %s\n%s", docs[n].AppendJSON(nil), want[n], got.Error, got.NQuads)
			return
		}
	}
	if n != len(docs) {
		t.Fatalf("%d results for %d documents", n, len(docs))
	}
	t.Logf("%d documents, the same bytes", n)
}

// jsWhole tells where jsonld.js is known to be wrong: it takes a number whose
// shortest form has an exponent and no point, such as 1e-7, for a whole one.
func jsWhole(v *strictjson.Value) bool {
	f, ok := v.Float()
	short := strconv.FormatFloat(f, 'e', -1, 64)
	return ok && f != 0 && math.Abs(f) < 1e-6 && !strings.Contains(short, ".") ||
		slices.ContainsFunc(v.Items(), jsWhole) ||
		slices.ContainsFunc(v.Members(), func(m strictjson.Member) bool { return jsWhole(m.Value) })
}
