// Command issueload asks "bevis serve issuer" for awards at a constant rate, as
// if each came from somebody who does not know of the others: whether the last one
// was answered makes no difference to when the next one is asked for, and time
// counts from when it was due. Meanwhile the database is stopped and started. Who
// gets 503 asks again with the same key, as Retry-After says. In the end it reads
// the ledger: each credential that was acknowledged is there once, byte for byte,
// none is there twice, no place in a status list has two.
//
//	bench/catalogue/postgres.sh bench/issueload/run.sh -rate 500 -for 60s
//
// RESULTS.md has what came of it.
package main
