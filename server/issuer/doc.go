// Package issuer lets programs of others issue, over HTTP and JSON: one award or
// many, look at what was issued, revoke, suspend, reinstate, have lists published.
// What it answers to is written in openapi.json, which it serves itself and which
// a test holds equal to what it does.
//
//	s, err := issuer.New(issuer.Config{Desk: desk, Keys: keys, Now: time.Now, Log: log})
//	err = s.Serve(ctx, listener, nil)   // until ctx ends and what was begun is finished
//
// An award is issued once: POST /v1/credentials wants an Idempotency-Key
// (draft-ietf-httpapi-idempotency-key-header), which is that of the ledger. So
// whoever got no answer, or 503, asks again with the same key and gets the
// credential, byte for byte the one that was issued if it was. A request that
// comes while another with its key is under way gets what that one gets; the 409
// of the draft would only make it ask again.
//
// What goes wrong is an application/problem+json (RFC 9457) with a stable code of
// package reason, and the sentence and next step in the language that was asked
// for. When the ledger does not answer, that is 503 with Retry-After, within
// Config.Timeout.
//
// The log says which route was asked for, by which key, how long it took and how
// it ended: no path, no body, no text of an error, since all of these can name
// people. There is no CORS: this is for servers, and a key has no place in a page.
package issuer
