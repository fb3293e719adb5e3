// Package sqlite keeps an issuer's ledger in one SQLite file, which is enough
// for one machine.
//
// Places in status lists are given by a counter in a secret order, so no place
// can be given twice, whatever crashes. A change of status and the line in the
// audit log that says who made it and why are one transaction. The bytes of each
// credential are kept, so that an idempotency key can give them again; they are
// personal data, the file is readable by its owner alone, and they can be erased.
//
// Open brings files of earlier versions up to date.
package sqlite
