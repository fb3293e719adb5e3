// Package reason holds every way bevis says no.
//
// A [Code] is a stable name such as "malformed/duplicate-member": a coarse
// code that programs switch on, and after the slash the finer reason that
// people look up. Each code belongs to one [Class], and the class alone gives
// the exit code of the command and the status of an HTTP answer. Codes are
// never renamed or reused: scripts depend on them.
//
// An [Error] carries a code, the place that the trouble is at (a JSON
// pointer, a file, a URL) and the cause. It works with errors.Is and
// errors.As:
//
//	if errors.Is(err, &reason.Error{Code: reason.Revoked}) …
//	if reason.CodeOf(err).Coarse() == "malformed" …
//
// Error texts are in English and never hold the body of a credential or a
// secret. The sentences that people read, in three languages, live in
// internal/i18n under the same codes.
package reason
