// Package papercode writes and reads what stands in the QR code of a printed
// certificate: the mark "BEVIS1:" and a COSE message in base45 (RFC 9285). All of
// it is of the 45 characters that a code has a denser mode for, so that the code
// gets small and is read from paper. docs/printed.md has the form.
package papercode
