package issuer_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// exported is the log of three events, the second one erased.
func exported(t testing.TB) string {
	t.Helper()
	l := issuer.NewMemoryLedger()
	ctx := t.Context()
	for _, id := range []string{"urn:x:1", "urn:x:2"} {
		if err := l.Record(ctx, issuer.Record{ID: id, IssuedAt: noon, Actor: "kari"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Erase(ctx, issuer.Erasure{IDs: []string{"urn:x:2"}, Why: "asked for", At: noon}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if head, err := issuer.ExportAudit(ctx, l, &out); err != nil || head.Lines != 3 {
		t.Fatal(head, err)
	}
	return out.String()
}

func TestChangedExportShows(t *testing.T) {
	t.Parallel()
	text := exported(t)
	lines := strings.SplitAfter(text, "\n")[:3]
	read := func(text string) error {
		_, err := issuer.ReadAudit(t.Context(), strings.NewReader(text), func(issuer.Line) error { return nil })
		return err
	}
	if err := read(text); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		text string
		code reason.Code
	}{
		"nothing":            {"", ""},
		"an earlier one":     {lines[0] + lines[1], ""},
		"the first is gone":  {lines[1] + lines[2], "audit_broken/missing"},
		"one is gone":        {lines[0] + lines[2], "audit_broken/missing"},
		"one twice":          {lines[0] + lines[0], "audit_broken/missing"},
		"another name":       {strings.Replace(text, "kari", "per", 1), "audit_broken/chain"},
		"another time":       {strings.Replace(text, `"at":"20`, `"at":"19`, 1), "audit_broken/chain"},
		"another reason":     {strings.Replace(text, "asked for", "ordered", 1), "audit_broken/why"},
		"a reason put back":  {strings.Replace(text, `"why":"","salt":""`, `"why":"x","salt":""`, 1), "audit_broken/why"},
		"said to be erased":  {strings.Replace(text, `"hash"`, `"erased":true,"hash"`, 1), "audit_broken/why"},
		"another hash":       {strings.Replace(text, `"hash":"`, `"hash":"0`, 1), "audit_broken/chain"},
		"more than is known": {strings.Replace(text, `"actor"`, `"x":1,"actor"`, 1), "malformed/audit-log"},
		"a member twice":     {strings.Replace(text, `"actor":"kari"`, `"actor":"per","actor":"kari"`, 1), reason.MalformedDuplicateMember},
		"other case":         {strings.Replace(text, `"actor":"kari"`, `"Actor":"kari"`, 1), "malformed/audit-log"},
		"no JSON":            {"x\n", reason.MalformedJSON},
		"a long line":        {strings.Repeat(" ", 2<<20) + text, reason.LimitSize},
	} {
		if err := read(tt.text); reason.CodeOf(err) != tt.code || err != nil && !strings.HasPrefix(reason.AtOf(err), "line ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestChainIsAsDocumented pins the digests: what was exported years ago is
// compared with what is written now.
func TestChainIsAsDocumented(t *testing.T) {
	t.Parallel()
	l := issuer.Line{At: "2026-01-02T03:04:05Z", Actor: "kari", Action: "issue", Credential: "urn:x:1", WhyDigest: "aa"}
	first := l.Chain(0, "")
	second := l.Chain(first.N, first.Hash)
	// Worked out by another program from docs/ledger.md.
	if first.Hash != "462a76215ad10ab6f4a1b92ffe571e4e5e931cf61a75d3d1dbb0bae86593d9fa" || second.Hash != "11b1a5b01f1fa08af8ed6eda8561f55c251616dad160f05f27e594deefa9ccfe" {
		t.Errorf("%s, %s", first.Hash, second.Hash)
	}
	made, err := issuer.NewLine(issuer.Event{At: time.Date(2026, 1, 2, 4, 4, 5, 6, time.FixedZone("", 3600)), Why: "w"})
	if err != nil || made.At != "2026-01-02T03:04:05.000000006Z" || len(made.Salt) != 32 || len(made.WhyDigest) != 64 {
		t.Errorf("%+v %v", made, err)
	}
}

func FuzzReadAudit(f *testing.F) {
	f.Add([]byte(exported(f)))
	f.Add([]byte(`{"n":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		n := int64(0)
		head, err := issuer.ReadAudit(t.Context(), bytes.NewReader(raw), func(l issuer.Line) error {
			if n++; l.N != n {
				t.Errorf("line %d is said to be %d", n, l.N)
			}
			return nil
		})
		if err == nil && head.Lines != n {
			t.Errorf("%d lines, %+v", n, head)
		}
	})
}
