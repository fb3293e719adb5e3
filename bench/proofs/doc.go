// Command proofs measures what signing and verifying cost, as ratios within
// one run: each task beside the floor, which is what any program must do (read
// the JSON, hash, one signature), beside json-gold for canonicalization, and
// with -peers beside other people's packages.
//
// The tasks take turns, so that whatever else the machine does falls on all of
// them. Everything goes from bytes to bytes, or from bytes to a verdict with
// every check on; contexts are in memory. Credentials are of about 0.6, 3 and
// 30 KB. Printed are the median of the repeats, the 10th and 90th of a hundred,
// and ratios; -out writes a file for benchstat.
package main
