// Command status measures status lists from the books to the answer: a list is
// published from a ledger, put on a host, fetched through the guarded client, its
// proof verified, unpacked, and one entry looked up, each part by itself. What
// publishing and checking take of memory is told by processes of their own.
//
//	go run ./bench/status                              1,000,000 entries, 10,000 set
//	go run ./bench/status -entries 100000000 -set 1000000 -rounds 5
//
// RESULTS.md has what it printed.
package main
