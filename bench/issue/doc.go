// Command issue measures bevis credential batch: one list, one file for each
// credential, in a process of its own that is killed on the way as often as one
// likes and started again. It then counts by itself what is in the books, on disk
// and in the status lists, and compares the time with what any program must do
// and with @digitalbazaar/vc.
//
//	go run ./bench/issue -n 10000,100000
//	go run ./bench/issue -n 1000000 -kills 10 -peers bench/peers
package main
