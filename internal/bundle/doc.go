// Package bundle packs and unpacks evidence bundles: one zip file with all that
// a verdict was drawn from, so that it can be drawn again when the issuer, its
// lists and its keys are no longer to be had.
//
// A bundle has a manifest.json that names every other file with its size and
// SHA-256; the digest of the manifest stands for the whole. [Read] refuses a
// file that the manifest does not name, one that is not as it says, and every
// zip that two programs could read differently. Beside them only timestamp.tsr
// may stand: a time-stamp token over the manifest, which cannot be in it.
//
// A bundle is made by whoever made it. What in it carries no signature of its
// own, such as the document of a did:web, is their word; docs/evidence.md says
// what follows from that.
package bundle
