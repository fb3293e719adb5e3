package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

// version is the schema's. Another one gets a migration of its own.
const version = 1

//go:embed schema.sql
var schema string

// lockKey is the number under which writers wait for each other.
const lockKey = 0x62657669 // "bevi"

// Config says how a store searches.
type Config struct {
	// Labels returns the labels of a skill in all languages by its URI, as in
	// package search. What an offer leads to is kept with the labels of the
	// time at which it was put.
	Labels func(uri string) []string
}

// Store is a catalogue.Store in a database.
type Store struct {
	config Config
	pool   *pgxpool.Pool
}

// Open connects to the database that dsn names, and makes the tables if they
// are not there. Errors are io, canceled and, for tables of a newer version,
// conflict/version.
func Open(ctx context.Context, dsn string, config Config) (*Store, error) {
	settings, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, reason.New(reason.Usage, "", "this is no address of a database") // the cause could name the password
	}
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return nil, wrap(err)
	}
	s := &Store{config, pool}
	if err := s.write(ctx, migrate); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

// Close closes all connections.
func (s *Store) Close() { s.pool.Close() }

// wrap gives an error of the database its code.
func wrap(err error) error {
	var known *reason.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return reason.Wrap(reason.Canceled, "", err)
	}
	return reason.New(reason.IO, "", "the catalogue's database: %w", err)
}

// write runs f in a transaction that no other writer runs beside.
func (s *Store) write(ctx context.Context, f func(context.Context, pgx.Tx) error) error {
	return wrap(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", lockKey); err != nil {
			return err
		}
		return f(ctx, tx)
	}))
}

func migrate(ctx context.Context, tx pgx.Tx) error {
	have := 0
	if _, err := tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS catalogue_schema (version integer NOT NULL)"); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM catalogue_schema").Scan(&have); err != nil {
		return err
	}
	switch {
	case have > version:
		return reason.New("conflict/version", "", "the catalogue was made by a newer bevis (version %d, this knows %d)", have, version)
	case have == version:
		return nil
	}
	if _, err := tx.Exec(ctx, schema); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "INSERT INTO catalogue_schema VALUES ($1)", version)
	return err
}

const listing = `SELECT o.body, p.body, coalesce(s.reviews, 0), coalesce(s.lower, 0), coalesce(s.mean, 0)
FROM catalogue_offer o JOIN catalogue_provider p ON p.id = o.provider LEFT JOIN catalogue_standing s ON s.ref = o.ref `

func scan(row pgx.Row) (l catalogue.Listing, err error) {
	var offer, provider []byte
	if err := row.Scan(&offer, &provider, &l.Standing.Reviews, &l.Standing.Lower, &l.Standing.Mean); err != nil {
		return l, err
	}
	return l, decode(&l, offer, provider)
}

func decode(l *catalogue.Listing, offer, provider []byte) error {
	err := json.Unmarshal(offer, &l.Offer)
	if err == nil {
		err = json.Unmarshal(provider, &l.Provider)
	}
	return reason.Wrap(reason.MalformedJSON, "", err)
}

// Provider implements catalogue.Store.
func (s *Store) Provider(ctx context.Context, id string) (p catalogue.Provider, err error) {
	var body []byte
	err = s.pool.QueryRow(ctx, "SELECT body FROM catalogue_provider WHERE id = $1", clean(id)).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, reason.New("not_found/provider", id, "there is no such provider")
	}
	if err != nil {
		return p, wrap(err)
	}
	return p, reason.Wrap(reason.MalformedJSON, id, json.Unmarshal(body, &p))
}

// Get implements catalogue.Store.
func (s *Store) Get(ctx context.Context, ref string) (catalogue.Listing, error) {
	asked := ref
	ref = clean(ref)
	l, err := scan(s.pool.QueryRow(ctx, listing+"WHERE o.ref = $1", ref))
	if !errors.Is(err, pgx.ErrNoRows) {
		return l, wrap(err)
	}
	rows, err := s.pool.Query(ctx, listing+"WHERE o.id = $1 ORDER BY o.ref LIMIT 2", ref)
	if err != nil {
		return l, wrap(err)
	}
	found, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (catalogue.Listing, error) { return scan(r) })
	switch {
	case err != nil:
		return l, wrap(err)
	case len(found) == 0:
		return l, reason.New("not_found/offer", asked, "there is no such offer")
	case len(found) > 1:
		return l, reason.New("conflict/ambiguous", asked, "several offers have this id, such as %s", found[0].Offer.Ref())
	}
	return found[0], nil
}

// Each implements catalogue.Store. It holds a connection meanwhile.
func (s *Store) Each(ctx context.Context, f func(catalogue.Listing) error) error {
	rows, err := s.pool.Query(ctx, listing+"ORDER BY o.ref")
	if err != nil {
		return wrap(err)
	}
	defer rows.Close()
	for rows.Next() {
		l, err := scan(rows)
		if err != nil {
			return wrap(err)
		}
		if err := f(l); err != nil {
			return err
		}
	}
	return wrap(rows.Err())
}
