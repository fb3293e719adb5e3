// Package external signs with a key that another program holds: one in front of
// a hardware security module, of a cloud's key service, or of a smart card. The
// program is started as a child and talks JSON Lines over its standard input
// and output; docs/signers.md has the protocol, version 1.
//
// [Start] gives a key.Signer whose Sign asks the program. One process signs for
// as long as the Signer is open, many requests at a time. It is started anew if
// it dies, and ended if it does not answer. What it returns as a signature is
// verified before anybody else sees it.
//
// [Serve] is the other side: all that a program has to do but the signing.
//
// Nothing secret goes to the program, neither in its arguments, which other users
// of the machine can see, nor in its environment; a PIN is for the program to ask
// for or to read from a file.
package external
