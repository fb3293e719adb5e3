// Package postgres keeps an issuer's ledger in PostgreSQL, for issuing from
// many machines at once.
//
// Nothing depends on who else is connected: a place in a status list is given
// by a counter that one statement moves, a credential and its line in the audit
// log are one transaction, and an idempotency key is unique. A process that dies
// or loses its connection leaves at most a place that nobody uses.
//
// A place is on the disk before it is given, and so is a record. Those of one
// process who want a place at the same time get theirs together.
//
// Lines of the audit log are put into their chain when the log is read. A chain
// proves something only to who holds an earlier part of it, and nobody does
// before it was read.
package postgres
