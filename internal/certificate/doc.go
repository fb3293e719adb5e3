// Package certificate shows a credential to people: as a page of HTML, a drawing
// in SVG, pages of PDF, or lines of text, all from the credential's own data and
// in the language of who reads.
//
// A page like this proves nothing, and says so. What proves something is the
// credential, which a PDF carries inside as it is, and the signed code on the
// page. Nothing is fetched: pictures come from data: URLs in the credential or
// from who issues, as PNG or JPEG, and all other addresses are only written. HTML
// has no script and a policy that forbids all that is loaded. Markdown is
// rendered by a list of what is allowed, and characters that hide or that turn
// the direction of writing are made visible.
package certificate
