// Package qr writes QR codes (ISO/IEC 18004:2015), as drawings for pages and as
// pictures. It is the one that knows the library for writing them;
// internal/carrier reads them.
//
// A code shows its text to every camera that sees it. Nothing is encrypted
// here, and nothing is kept or logged.
package qr
