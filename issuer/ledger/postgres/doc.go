// Package postgres keeps an issuer's ledger in PostgreSQL, for issuing from
// many machines at once.
//
// Nothing depends on who else is connected: a place in a status list is given
// by a counter that one statement moves, a credential and its line in the audit
// log are one transaction, and an idempotency key is unique. A process that dies
// or loses its connection leaves at most a place that nobody uses.
//
// Waiting for the disk is saved where it is safe. A place is given without it:
// the record that uses the place comes later in the database's own log, and is
// waited for, so whenever the record is there after a crash, the place is taken.
//
// Lines of the audit log are put into their chain when the log is read. A chain
// proves something only to who holds an earlier part of it, and nobody does
// before it was read.
package postgres
