// Package bbskey holds private keys for the cryptosuite bbs-2023: BLS12-381 G2
// in memory and in files. The public part is a [key.Public] as any other, and
// stands in a did:key or a Multikey as any other.
//
// It is a package of its own because these keys need the arithmetic of their
// curve already to know their public part; who issues with other keys does not
// link it.
//
//	private, err := bbskey.Generate()
//	signer := private.Signer("did:web:kurs.example#key-2") // for dataintegrity.BBS
//
// The signer is a key.Signer whose Sign refuses, since BBS has no signature
// over one message; its SignMessages is what the suite asks for
// (dataintegrity.MessageSigner).
package bbskey
