// Package did finds the keys of an issuer or a holder by its decentralized
// identifier (W3C DID Core 1.0, Controlled Identifiers 1.0).
//
// A [Resolver] turns an identifier into a [Document]. Three methods ship:
// [Key] (did:key) and [JWK] (did:jwk), where the identifier is the key and
// nothing is asked of anybody, and [Web] (did:web), which has its document
// fetched by a [Fetcher] that the caller gives it. A [Mux] puts them together
// by name:
//
//	resolver := did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{Fetcher: f}}
//
// A document is read strictly: its id is the identifier that was asked for, and
// each verification method names its controller. A method whose key cannot be
// used stays in the document with the reason, so that one bad key does not
// hide the good ones.
package did
