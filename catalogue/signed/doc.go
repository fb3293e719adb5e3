// Package signed wraps one file that somebody publishes, so that who published
// it can be checked: a compact JWS (RFC 7515 section 7.1) over the bytes as
// they are.
//
// The protected header has exactly three members: "alg", which the type of
// the key fixes (EdDSA or ES256); "kid", the verification method's URL; and
// "typ", which says what kind of file it is, so that one kind never passes for
// another. There is no "crit", no "b64", no key in the header: any other
// member is refused.
//
// A good signature says who published a file. Whether that publisher is to be
// believed is for trust to say.
package signed
