// Package bake puts a credential into a picture and takes it out again: Open
// Badges 3.0 section 5.3, for PNG and SVG.
//
// Pictures come from anybody, so they are read by structure, never by search:
// each chunk of a PNG with its length and checksum, an SVG as XML with its
// namespaces. Pixels are not decoded. A picture that holds two credentials, or
// one that two readers would find in two places, is refused rather than
// resolved; an Open Badge of version 2 beside one of version 3 is told of.
// Whatever is baked, the picture itself is not signed: what counts is the
// credential that comes out.
package bake
