// Package fetch is the only way by which bevis connects to anything.
//
// What is fetched is named in documents that come from anybody: a DID, the URL
// of a status list. So a [Client] gets single documents over HTTPS and does
// nothing else: it follows no redirect, sends no cookie, uses no proxy from the
// environment, and connects to public addresses only. The address is looked at
// when it is dialled, so a name that resolves to something else a moment later
// gains nothing. An answer is bounded in size and time.
//
// [Client.Look] asks only whether something is at an address, which may be http
// as well, since many links are.
//
// Refusals are remote_fetch_blocked with the reason after the slash; what the
// network did not deliver is fetch_failed.
package fetch
