package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

func bulkApp(t *testing.T) *App {
	t.Helper()
	a, err := New(Config{Home: t.TempDir(), Offline: true, Now: func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// numbered are n sources that are no credentials; pulled counts those that
// were asked for.
func numbered(n int, pulled *atomic.Int64) iter.Seq[Source] {
	return func(yield func(Source) bool) {
		for i := range n {
			pulled.Add(1)
			if !yield(Input{Name: fmt.Sprint(i), Raw: fmt.Appendf(nil, `{"n":%d}`, i)}.Of()) {
				return
			}
		}
	}
}

// TestManyInOrder: results come in the order of the sources, and no more of
// these are begun than the workers and what waits behind them.
func TestManyInOrder(t *testing.T) {
	t.Parallel()
	for _, jobs := range []int{1, 3, 16} {
		var pulled atomic.Int64
		next := 0
		sum, err := bulkApp(t).VerifyEach(t.Context(), VerifyRequest{Jobs: jobs}, numbered(2000, &pulled), func(r VerifyResult) error {
			if r.Input != fmt.Sprint(next) {
				t.Fatalf("%s comes in the place of %d", r.Input, next)
			}
			next++
			if ahead := int(pulled.Load()) - next; ahead > 8*jobs+jobs+2 {
				t.Fatalf("with %d workers %d are begun ahead", jobs, ahead)
			}
			return nil
		})
		if err != nil || sum.Total != 2000 || !sum.Complete || sum.Class() != reason.Unreadable {
			t.Errorf("%+v %v", sum, err)
		}
	}
}

// TestStopped: a run that is stopped ends, says so, and counts what was handed
// on; so does one whose results cannot be written.
func TestStopped(t *testing.T) {
	t.Parallel()
	before := runtime.NumGoroutine()
	full := errors.New("the disk is full")
	for _, stop := range []error{context.Canceled, full} {
		ctx, cancel := context.WithCancel(t.Context())
		var pulled atomic.Int64
		n := 0
		sum, err := bulkApp(t).VerifyEach(ctx, VerifyRequest{Jobs: 4}, numbered(1<<30, &pulled), func(VerifyResult) error {
			if n++; n < 10 {
				return nil
			}
			if stop == full {
				return full
			}
			cancel()
			return nil
		})
		cancel()
		if !errors.Is(err, stop) || sum.Complete || sum.Total < 9 || sum.Total > 10 || n != 10 {
			t.Errorf("%v: %+v %v, %d", stop, sum, err, n)
		}
		if stop == context.Canceled && reason.CodeOf(err) != reason.Canceled {
			t.Error(err)
		}
	}
	for range 1000 {
		if runtime.NumGoroutine() <= before+8 { // other tests have their own
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines are left of %d", runtime.NumGoroutine(), before)
}

// TestOneThatPanics: what is wrong with one document is said of it alone.
func TestOneThatPanics(t *testing.T) {
	t.Parallel()
	w := &work{App: bulkApp(t)} // without a verifier
	r := w.document(t.Context(), Input{Name: "x", Raw: []byte("{}")})
	if r.Verdict != "undetermined" || r.Reason != "internal" || r.Class().ExitCode() != 70 || r.Input != "x" {
		t.Errorf("%+v", r)
	}
}

// TestResumedAnywhere: wherever a run was cut off, the run after it tells the
// same as one that was not.
func TestResumedAnywhere(t *testing.T) {
	t.Parallel()
	a, folder := bulkApp(t), t.TempDir()
	fixed := filepath.Join("..", "..", "cmd", "bevis", "testdata", "fixed")
	var inputs []Input
	for _, name := range []string{"badge.json", "revoked.json", "suspended.json", "badge.svg"} {
		raw, err := os.ReadFile(filepath.Join(fixed, name))
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, Input{Name: name, Raw: raw})
	}
	list, err := os.ReadFile(filepath.Join(fixed, "revocation-1.json"))
	if err != nil {
		t.Fatal(err)
	}
	request := VerifyRequest{At: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Issuers: []string{"did:key:z6MkmkxP7aLzLco7mLGVxPsi3X4e1ZhZiTNF2ZA6fpgDf6vZ"},
		StatusLists: map[string][]byte{"https://fagskulen.example/status/revocation-1.json": list}}
	run := func(file string) (string, VerifySummary, int) {
		var out []VerifyResult
		kept := 0
		sources := func(yield func(Source) bool) {
			for _, in := range inputs {
				if !yield(in.Of()) {
					return
				}
			}
		}
		sum, err := a.VerifyResumed(t.Context(), request, sources, file, func(r VerifyResult) error {
			if r.kept {
				kept++
			}
			out = append(out, r)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		return string(text), sum, kept
	}
	whole := filepath.Join(folder, "whole")
	want, wantSum, kept := run(whole)
	if kept != 0 || wantSum.Class() != reason.Invalid {
		t.Fatal(kept, wantSum)
	}
	report, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(report, []byte("\n"))
	cuts := []int{}
	for at, n := 0, 0; n < len(lines)-1; n++ {
		at += len(lines[n])
		if n > 0 {
			cuts = append(cuts, at-1, at-20)
		}
		cuts = append(cuts, at)
		if n+1 < len(lines)-1 {
			cuts = append(cuts, at+1, at+len(lines[n+1])/2)
		}
	}
	for _, cut := range cuts {
		file := filepath.Join(folder, fmt.Sprint("cut-", cut))
		if err := os.WriteFile(file, report[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		got, sum, _ := run(file)
		if got != want || fmt.Sprint(sum.Verdicts) != fmt.Sprint(wantSum.Verdicts) || sum.Class() != wantSum.Class() {
			t.Errorf("cut at %d: %s\n%s", cut, got, want)
		}
		again, _, kept := run(file)
		if again != want || kept != 3 { // what is undetermined is tried again
			t.Errorf("cut at %d, again: %d were kept", cut, kept)
		}
	}
	// Another content under the same name is judged anew.
	inputs[0].Raw = bytes.Replace(inputs[0].Raw, []byte("grunnkurs"), []byte("meisterkurs"), 1)
	if got, _, kept := run(whole); kept != 2 || !strings.Contains(got, "bad_signature") {
		t.Errorf("%d were kept: %s", kept, got)
	}
	// And another run is refused, its file left as it was.
	request.Audience = "https://verkstad.example"
	before, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.VerifyResumed(t.Context(), request, numbered(1, new(atomic.Int64)), whole, func(VerifyResult) error { return nil })
	if after, _ := os.ReadFile(whole); reason.CodeOf(err) != "conflict/other-run" || !bytes.Equal(before, after) {
		t.Error(err)
	}
}

// TestOnce: what many ask for at once is looked up once, a failure too; what
// was stopped is looked up again.
func TestOnce(t *testing.T) {
	t.Parallel()
	var o once[int]
	var looked atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			_, err := o.get(t.Context(), "down", func() (int, error) {
				looked.Add(1)
				time.Sleep(20 * time.Millisecond)
				return 0, reason.New("fetch_failed/network", "", "down")
			})
			if reason.CodeOf(err) != "fetch_failed/network" {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if looked.Load() != 1 {
		t.Errorf("looked up %d times", looked.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := o.get(ctx, "x", func() (int, error) { cancel(); return 0, ctx.Err() }); err == nil {
		t.Error("no error")
	}
	if v, err := o.get(t.Context(), "x", func() (int, error) { return 7, nil }); v != 7 || err != nil {
		t.Error(v, err)
	}
	for i := range 3 * maxShared {
		if _, err := o.get(t.Context(), fmt.Sprint(i), func() (int, error) { return i, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(o.answers) > maxShared {
		t.Errorf("%d answers are kept", len(o.answers))
	}
}

// TestFolder: files by name, with what is below; hidden ones, links and what is
// no file are left out.
func TestFolder(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, name := range []string{"b/2", "b/1", "b.txt", "a", "æ", ".hidden/x", "c/.x", "c/d/e"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(root, "a"), filepath.Join(root, "link")); err != nil {
		t.Log("there are no links here:", err)
	}
	var got []string
	for source := range bulkApp(t).Sources(t.Context(), []string{root}, nil) {
		in := source.Read(t.Context())
		rel, err := filepath.Rel(root, in.Name)
		if err != nil || in.Err != nil || string(in.Raw) != filepath.ToSlash(rel) {
			t.Errorf("%s: %q %v %v", in.Name, in.Raw, in.Err, err)
		}
		got = append(got, filepath.ToSlash(rel))
	}
	if want := []string{"a", "b/1", "b/2", "b.txt", "c/d/e", "æ"}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
}

// TestResumedLater: what was valid when the report was begun may have been
// revoked by the time that it goes on.
func TestResumedLater(t *testing.T) {
	t.Parallel()
	fixed := filepath.Join("..", "..", "cmd", "bevis", "testdata", "fixed")
	badge, err := os.ReadFile(filepath.Join(fixed, "badge.json"))
	if err != nil {
		t.Fatal(err)
	}
	home, file := t.TempDir(), filepath.Join(t.TempDir(), "report")
	begun := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	run := func(name string, after, maxAge time.Duration, at time.Time) (kept bool) {
		a, err := New(Config{Home: home, Offline: true, Now: func() time.Time { return begun.Add(after) }})
		if err != nil {
			t.Fatal(err)
		}
		request := VerifyRequest{At: at, Issuers: []string{"did:web:somebody.example"}, Fresh: Freshness{MaxAge: maxAge}}
		sources := func(yield func(Source) bool) { yield(Input{Name: "badge.json", Raw: badge}.Of()) }
		_, err = a.VerifyResumed(t.Context(), request, sources, file+name, func(r VerifyResult) error {
			kept = r.kept
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	for _, step := range []struct {
		name          string
		after, maxAge time.Duration
		at            time.Time
		kept          bool
	}{
		{"now", 0, 0, time.Time{}, false}, {"now", day, 0, time.Time{}, true}, {"now", 32 * day, 0, time.Time{}, false}, {"now", 33 * day, 0, time.Time{}, true},
		{"fresh", 0, day, time.Time{}, false}, {"fresh", day / 2, day, time.Time{}, true}, {"fresh", 2 * day, day, time.Time{}, false},
		{"then", 0, 0, begun, false}, {"then", 90 * day, 0, begun, true},
	} {
		if kept := run(step.name, step.after, step.maxAge, step.at); kept != step.kept {
			t.Errorf("%+v: kept is %v", step, kept)
		}
	}
}
