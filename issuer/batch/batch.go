package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/table"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// Limits of a table. MaxRows is what the memory for finding people who are
// there twice is bounded by.
const (
	MaxBytes = 4 << 30
	MaxRows  = 5_000_000
)

const headerRows = 10 // the names of the columns stand in one of the first rows

// Config says what is issued, and how the table is read.
type Config struct {
	// Award is what all have in common: the achievement, who has it issued, how
	// it is secured. What a row says goes before it.
	Award issuer.Award
	// Name tells this batch from others of the same achievement. The same
	// person gets an achievement once in a batch of one name.
	Name string
	// Columns maps names of columns to fields, where their names do not say
	// what they hold; an empty field leaves a column out.
	Columns map[string]string
	Now     time.Time
	// CheckID says what is wrong with a recipient's id. Nil: nothing is.
	CheckID func(ctx context.Context, id string) error
}

// Format is how a table is written.
type Format struct {
	Encoding  table.Encoding `json:"encoding"`
	Separator string         `json:"separator"`
	Header    int            `json:"header"` // line of the names of the columns
	Above     bool           `json:"above"`  // there is something above them, which is left out
	Columns   []Column       `json:"columns"`
}

// Batch is a table that can be issued from.
type Batch struct {
	Format
	cfg Config
	src io.ReadSeeker
}

// Open finds out how a table is written and what its columns hold. Errors are
// those of the table (table_invalid, resource_limit), of reading it (io) and of
// the configuration (usage).
func Open(ctx context.Context, src io.ReadSeeker, cfg Config) (*Batch, error) {
	if cfg.Name == "" || cfg.Now.IsZero() {
		return nil, reason.New(reason.Usage, "batch.Config", "Name and Now are needed")
	}
	for _, field := range cfg.Columns {
		if field != "" && !slices.Contains(Fields(), field) {
			return nil, reason.New("usage/column", field, "a column holds one of %s", strings.Join(Fields(), ", "))
		}
	}
	b := &Batch{cfg: cfg, src: src}
	if err := b.rewind(); err != nil {
		return nil, err
	}
	var err error
	if b.Encoding, err = table.Detect(ctx, src, MaxBytes); err != nil {
		return nil, err
	}
	if err := b.findHeader(); err != nil {
		return nil, err
	}
	return b, cfg.checkColumns(b.Columns)
}

func (b *Batch) rewind() error {
	_, err := b.src.Seek(0, io.SeekStart)
	return reason.Wrap(reason.IO, "", err)
}

// findHeader finds the separator and the row of names: those by which most
// columns are known.
func (b *Batch) findHeader() error {
	best := 0
	var first []string
	for _, separator := range []byte{';', ',', '\t', '|'} {
		if err := b.rewind(); err != nil {
			return err
		}
		above := false
		r := table.NewReader(b.src, b.Encoding, separator)
		for n := 0; n < headerRows; {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			if row.Empty() {
				continue
			}
			if n++; n == 1 && separator == ';' {
				first = row.Cells
			}
			if columns, known := b.cfg.columns(row.Cells); known > best {
				best = known
				b.Separator, b.Header, b.Above, b.Columns = string(rune(separator)), row.Line, above, columns
			}
			above = above || len(row.Cells) == 0 || !strings.HasPrefix(row.Cells[0], "sep=") // which Excel writes and reads
		}
	}
	if best == 0 {
		return reason.New("table_invalid/columns", "", "none of the columns is known: %.300s", strings.Join(first, ", "))
	}
	return nil
}

// row is a row on its way.
type row struct {
	table.Row
	n int // from 0
}

// rows reads the table. An error is the last that is yielded.
func (b *Batch) rows(ctx context.Context) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		if err := b.rewind(); err != nil {
			yield(row{}, err)
			return
		}
		n := 0
		for r := table.NewReader(b.src, b.Encoding, b.Separator[0]); ; {
			next, err := r.Next()
			switch {
			case errors.Is(err, io.EOF):
				return
			case err == nil && ctx.Err() != nil:
				err = reason.Wrap(reason.Canceled, "", ctx.Err())
			case err == nil && (next.Line <= b.Header || next.Empty()):
				continue
			case err == nil && n == MaxRows:
				err = reason.New(reason.LimitSize, "", "more than %d rows: part the table, and give each part a name of its own", MaxRows)
			}
			if !yield(row{next, n}, err) || err != nil {
				return
			}
			n++
		}
	}
}

// idempotencyKey is that of a person in this batch.
func (b *Batch) idempotencyKey(r issuer.Recipient) string {
	h := sha256.New()
	for _, s := range []string{b.cfg.Award.Achievement.ID, b.cfg.Name, person(r)} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return "batch:" + hex.EncodeToString(h.Sum(nil))
}

// person is by what a row says who it is about.
func person(r issuer.Recipient) string {
	if r.ID != "" {
		return r.ID
	}
	return strings.ToLower(r.Email)
}
