// Package vcapi answers the test suites of the W3C over HTTPS, with the
// endpoints of VC API that they call. It is for measuring how the library
// conforms and for nothing else: it signs whatever it is given, and says of a
// document that it is right without asking who made it.
//
//	POST /issuers/{name}/credentials/issue   sign, in the way of that issuer
//	POST /credentials/verify
//	POST /presentations/verify
//	POST /credentials/derive                 show a part of a credential
//	GET  /status/{name}                      the issuer's status list
//
// All checks are those of credential/profile, the suites and package verifier,
// unchanged. Four things differ from what a relying party gets, and all are in
// this package alone. What the suites send is signed with a did:key under an
// issuer of another name, so [Adapter] takes a report whose only fault is that
// the key is not the issuer's (see lenience in judge.go); a presentation may be
// unsigned or hold nothing; contexts that a document defines itself are read,
// which [jsonld.Config] spells as unsafe; and in a credential such a context may
// stand inside another (see unwrapContexts).
//
// [Adapter.Serve] answers with a certificate that is made on the spot and kept
// nowhere.
package vcapi
