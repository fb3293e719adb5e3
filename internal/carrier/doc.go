// Package carrier takes credentials out of what they came in: attachments of
// PDF documents, QR codes in pictures, zip archives, pages of shares, and
// pictures with a credential baked in.
//
// Carriers come from anybody, so they are read by structure, never by search:
// a PDF by its cross-reference tables (ISO 32000-2 section 7.5), a zip by its
// directory, a picture by what package bake and a reader of QR codes find. All
// work is bounded by [Limits]: objects, depth, inflated bytes, pixels, entries.
// What lies in a carrier is recognised by content, never by its name, and
// nothing is written anywhere: names of entries are only shown.
//
// Nothing here has been verified. The page or picture around a credential is
// not signed; whoever shows it must say so.
package carrier
