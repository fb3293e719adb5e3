// Package openattestation reads documents of OpenAttestation 2 and 3, by which
// OpenCerts and others issue, and checks that their content is what was hashed.
//
// A document is salted leaf by leaf, the leaves are hashed with Keccak-256, and
// the hash of all is a leaf of a Merkle tree whose root stood in a contract of a
// blockchain. So its content can be checked for good, here, without anybody;
// who issued it, and whether it was revoked, only by that chain, which is not
// asked. Parts can have been hidden by whoever passes the document on: their
// hashes are left.
//
// Version 3 hashes a value without its type: the number 5 and the text "5" are
// one to it.
package openattestation
