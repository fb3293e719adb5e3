// Command verify measures what it costs to verify a folder of many credentials:
// the command bevis as it is, in a process of its own, on distinct Open Badges
// of about 3 KB by issuers with did:key, with every check on and the status
// lists at hand.
//
//	go run ./bench/verify                      1,000, 10,000 and 100,000
//	go run ./bench/verify -n 1000 -format csv
//
// Printed are the time, the processor time (which is the time on one core), and
// the largest memory of the process. The folder is made anew, in a temporary
// one, unless -folder names where it is kept.
package main
