// Package jwe locks a file with a password in the form in which the wallets of
// the European Union give theirs to each other: JSON Web Encryption (RFC 7516)
// with PBES2 (RFC 7518 section 4.8). It is the format's choice: a wallet of
// bevis is an age file, whose passphrase is dearer to try.
//
// What comes from outside is read under limits before anything is derived: the
// number of rounds is chosen by whoever made the file.
package jwe
