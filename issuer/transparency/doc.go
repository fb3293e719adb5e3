// Package transparency keeps an append-only log of what an issuer has issued, as
// static files that any web host serves: tiles, entries and a signed checkpoint
// by c2sp.org/tlog-tiles and c2sp.org/tlog-checkpoint. An entry says nothing of
// the credential that it stands for; package logproof says how it is made, and
// verifies what this package proves.
//
// The tree is golang.org/x/mod/sumdb/tlog's. Only who keeps or audits a log links
// this package.
package transparency
