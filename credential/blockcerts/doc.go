// Package blockcerts reads Blockcerts 2 and 3 and checks that their content is
// what was hashed.
//
// A Blockcert is hashed as JSON-LD, and its hash is a leaf of a Merkle tree whose
// root stands in a transaction of a blockchain. That the content leads to the
// root is checked here; that the root is in the chain, by whom, and that nothing
// was revoked, is not: the chain is not asked.
//
// Many documents of version 2 define members of their own in a context that they
// bring. That is accepted only for names that no known context defines, since
// else it could give the members that people read another meaning.
package blockcerts
