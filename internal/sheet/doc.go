// Package sheet writes pages to be printed and kept on paper: the recovery
// words of a wallet. A page stands alone, fetches nothing and runs nothing; what
// is on it is a secret, so whoever writes it to a file writes it for its owner
// alone.
package sheet
