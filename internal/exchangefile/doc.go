// Package exchangefile reads and writes the files in which a person's
// credentials go from one wallet to another: the UniversalWallet2020 of the W3C
// Credentials Community Group, the backups of the learner credential wallet of
// the Digital Credentials Consortium, the migration object of the European
// wallets (EUDI TS10), lists of credentials as JSON or JSON Lines, and the
// folder that bevis itself writes.
//
// Credentials keep their bytes, both ways. Reading is all or nothing: what is
// damaged gives nothing, and what is sound but cannot be kept is named, one by
// one. Private keys are read only where they are asked for. Nothing in these
// files has been verified.
package exchangefile
