// Command wallet measures a wallet of many credentials: opening, listing,
// searching, adding and sharing, each beside reading the same bytes with age
// and zstd alone, in turns within one run. RESULTS.md has what it printed.
package main
