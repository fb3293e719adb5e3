// Package elmo maps EMREX ELMO – the XML of diploma portals such as
// Vitnemålsportalen – to Open Badges 3.0 and back, and says what was lost on the
// way. ELMO 1.5 to 1.7 are read (emrex-eu/elmo-schemas), and 1.5 is written.
//
// A signature in such a file is not judged, and none is carried over. What a
// catalogue or a person's history takes from ELMO is read by
// catalogue/formats/elmo, which has no place for who the learner is; here that is
// the point.
package elmo
