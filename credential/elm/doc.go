// Package elm reads and writes European Digital Credentials for Learning: the
// documents of Europass, in the European Learning Model 3 (application profile
// EDC, european-commission-empl/European-Learning-Model). It maps them to Open
// Badges 3.0 and back, and says what was lost on the way.
//
// Nothing here judges a signature. The seal around such a document is read by
// credential/proof/jades; what this package writes has none, and none of the
// original is carried over: a document in another form is a new one that its
// issuer has to sign.
package elm
