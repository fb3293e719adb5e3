package app

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/postgres"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
	"github.com/kompetansebevis/bevis/reason"
)

// LedgerPostgres is in the set-up of an issuer whose books are in a PostgreSQL
// database.
const LedgerPostgres = "postgres"

// books are a ledger with all that it can do.
type books interface {
	issuer.Ledger
	issuer.Archive
	issuer.AuditLog
	issuer.Queue
	issuer.KeyUse
	issuer.AchievementUse
	Close() error
}

// openLedger opens the books of an issuer where its set-up says that they are.
// Two ledgers of one issuer would give the same places and publish lists that
// lack the revocations of each other, so nothing is taken for another one.
func (a *App) openLedger(ctx context.Context, s IssuerSetup) (books, error) {
	switch {
	case s.Ledger == "" && a.cfg.Ledger == "":
		return sqlite.Open(ctx, a.path("issuer", "ledger.db"))
	case s.Ledger == "":
		return nil, reason.New("conflict/other-ledger", "BEVIS_LEDGER", "the books of this issuer are in %s", a.path("issuer", "ledger.db"))
	case a.cfg.Ledger == "":
		return nil, reason.New("conflict/other-ledger", "BEVIS_LEDGER", "the books of this issuer are in a PostgreSQL database, and its address is not set")
	}
	l, err := postgres.Open(ctx, a.cfg.Ledger)
	if err != nil {
		return nil, err
	}
	if err := l.Bind(ctx, s.ID); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// closed closes a ledger that may not have been opened.
func closed(l books) error {
	if l == nil {
		return nil
	}
	return l.Close()
}

// withLedger opens the books, calls f, and closes them. It takes no key.
func (a *App) withLedger(ctx context.Context, f func(books) error) error {
	s, err := a.IssuerShow()
	if err != nil {
		return err
	}
	l, err := a.openLedger(ctx, s)
	if err != nil {
		return err
	}
	return errors.Join(f(l), l.Close())
}

// LedgerMove moves the books from the file into the empty database that the
// configuration names, and has the set-up say so. Another move that was stopped
// on the way is finished.
func (a *App) LedgerMove(ctx context.Context) (out issuer.Moved, err error) {
	err = a.changing(ctx, func() (err error) { out, err = a.moveLedger(ctx); return err })
	return out, err
}

func (a *App) moveLedger(ctx context.Context) (out issuer.Moved, err error) {
	s, err := a.IssuerShow()
	switch {
	case err != nil:
		return out, err
	case s.Ledger != "":
		return out, issuer.LedgerMoved(a.path("issuer", "issuer.json"))
	case a.cfg.Ledger == "":
		return out, reason.New(reason.Usage, "BEVIS_LEDGER", "set it to the address of an empty PostgreSQL database")
	}
	from, err := sqlite.Open(ctx, a.LedgerFile())
	if err != nil {
		return out, err
	}
	err = func() error {
		to, err := postgres.Open(ctx, a.cfg.Ledger)
		if err != nil {
			return err
		}
		return errors.Join(from.Move(ctx, func(b issuer.Books) (err error) {
			out, err = to.TakeOver(ctx, s.ID, b)
			return err
		}), to.Close())
	}()
	if err := errors.Join(err, from.Close()); err != nil {
		return out, err
	}
	s.Ledger = LedgerPostgres
	return out, a.keepSetup(s, true)
}

// LedgerFile is where the books are if they are in a file.
func (a *App) LedgerFile() string { return a.path("issuer", "ledger.db") }

// AuditExport writes the audit log as JSON Lines, and returns how far it goes.
func (a *App) AuditExport(ctx context.Context, w io.Writer) (head issuer.Head, err error) {
	err = a.withLedger(ctx, func(l books) error {
		head, err = issuer.ExportAudit(ctx, l, w)
		return err
	})
	return head, err
}

// AuditLog is an audit log that was checked.
type AuditLog struct {
	File   string `json:"file,omitempty"` // empty: the ledger itself
	Erased int64  `json:"erased"`         // lines whose reason was erased
	issuer.Head
}

// AuditVerify checks exported audit logs, and the ledger's if an issuer is set
// up here: each by itself, and that of any two the longer begins as the shorter
// does. A log that lacks what another has is audit_broken too.
func (a *App) AuditVerify(ctx context.Context, files []string) ([]AuditLog, error) {
	var out []AuditLog
	for _, file := range files {
		log, err := verifyFile(ctx, file, nil)
		if err != nil {
			return out, err
		}
		out = append(out, log)
	}
	_, err := a.IssuerShow()
	switch {
	case err == nil:
		own := AuditLog{}
		err = a.withLedger(ctx, func(l books) error {
			return l.Lines(ctx, 0, func(line issuer.Line) error {
				if err := line.Follows(own.Lines, own.Hash); err != nil {
					return err
				}
				return own.see(line, out)
			})
		})
		if err == nil {
			err = own.goesAsFarAs(out, "the ledger")
		}
		return append(out, own), err
	case reason.CodeOf(err) != "not_found/issuer" || len(files) == 0:
		return nil, err
	}
	longest := out[0]
	for _, log := range out {
		if log.Lines > longest.Lines {
			longest = log
		}
	}
	_, err = verifyFile(ctx, longest.File, out)
	return out, err
}

// see takes in a line, and holds it against the logs that end with it.
func (a *AuditLog) see(line issuer.Line, others []AuditLog) error {
	a.Head = issuer.Head{Lines: line.N, Hash: line.Hash}
	if line.Erased {
		a.Erased++
	}
	for _, o := range others {
		if o.Lines == line.N && o.Hash != line.Hash {
			return reason.New("audit_broken/differs", o.File, "it has %d lines that are not the first %d of the longer log", o.Lines, o.Lines)
		}
	}
	return nil
}

func (a *AuditLog) goesAsFarAs(others []AuditLog, name string) error {
	for _, o := range others {
		if o.Lines > a.Lines {
			return reason.New("audit_broken/differs", o.File, "it has %d lines, and %s has only %d", o.Lines, name, a.Lines)
		}
	}
	return nil
}

func verifyFile(ctx context.Context, file string, others []AuditLog) (AuditLog, error) {
	out := AuditLog{File: file}
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return out, reason.New(reason.NotFound, file, "there is no such file")
	}
	if err != nil {
		return out, reason.New(reason.IO, file, "%w", bare(err))
	}
	defer f.Close() // it was only read
	_, err = issuer.ReadAudit(ctx, f, func(line issuer.Line) error { return out.see(line, others) })
	if err != nil && reason.CodeOf(err) != "audit_broken/differs" {
		err = reason.New(reason.CodeOf(err), file+": "+reason.AtOf(err), "%w", bareReason(err))
	}
	return out, err
}

// EraseRequest says what is to be erased: one of the three.
type EraseRequest struct {
	IDs          []string  // of credentials
	Person       string    // id or e-mail address
	IssuedBefore time.Time // zero: not by time
	Why, By      string
}

// Erase takes what is personal out of the books.
func (a *App) Erase(ctx context.Context, r EraseRequest) (out issuer.Erased, err error) {
	e := issuer.Erasure{IDs: r.IDs, Why: r.Why, Actor: r.By, At: a.cfg.Now()}
	err = a.withLedger(ctx, func(l books) error {
		switch {
		case r.Person != "":
			out, err = issuer.ErasePerson(ctx, l, r.Person, e)
		case !r.IssuedBefore.IsZero():
			out, err = issuer.EraseBefore(ctx, l, r.IssuedBefore, e)
		default:
			out, err = issuer.EraseAll(ctx, l, e)
		}
		return err
	})
	return out, err
}
