package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
)

// check counts what is in the books, in the status lists and on disk. It returns
// what it found, and an error if anything is not exactly as it should be.
func (w *work) check(ctx context.Context) (string, error) {
	ledger, err := sqlite.Open(ctx, w.path("issuer", "ledger.db"))
	if err != nil {
		return "", err
	}
	defer ledger.Close() // it was only read
	lists, err := ledger.Lists(ctx)
	if err != nil {
		return "", err
	}
	taken, used := map[int][]uint64{}, 0
	for _, l := range lists {
		used += l.Used
		taken[l.List] = make([]uint64, (l.Size+63)/64)
	}
	records, wrong := 0, 0
	err = ledger.Each(ctx, func(r issuer.Record) error {
		records++
		if len(r.Slots) != 1 {
			return fmt.Errorf("%s has %d places", r.ID, len(r.Slots))
		}
		bits, at := taken[r.Slots[0].List], r.Slots[0].Index
		if bits == nil || bits[at/64]>>(at%64)&1 == 1 {
			return fmt.Errorf("%s has the place %+v, which is another's", r.ID, r.Slots[0])
		}
		bits[at/64] |= 1 << (at % 64)
		id := strings.TrimPrefix(r.ID, "urn:uuid:")
		if raw, err := os.ReadFile(w.file(id)); err != nil || !bytes.Equal(raw, r.Credential) {
			wrong++
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	events := 0
	err = ledger.Lines(ctx, 0, func(l issuer.Line) error {
		if l.Action == "issue" {
			events++
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	files, left := 0, 0
	err = filepath.WalkDir(w.path("out"), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return err
		case strings.Contains(path, ".bevis-batch"):
			left++
		case strings.HasSuffix(path, ".json"):
			files++
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	result, err := os.ReadFile(w.path("out", "result.csv"))
	if err != nil {
		return "", err
	}
	lines := bytes.Count(result, []byte("\n")) - 1
	if n := w.rows; records != n || events != n || files != n || lines != n || wrong != 0 || left != 2 { // a lock and a note
		return "", fmt.Errorf("%d records, %d in the audit log, %d files (%d of them wrong), %d results and %d files left over for %d rows", records, events, files, wrong, lines, left, n)
	}
	return fmt.Sprintf("%d in the books, on disk and in the audit log, each with its own of %d places taken in %d lists", records, used, len(lists)), nil
}

// file is where the credential with an id is.
func (w *work) file(id string) string {
	if at := w.path("out", id[:2], id+".json"); w.rows > 2000 {
		return at
	}
	return w.path("out", id+".json")
}
