// Package attacks makes bad inputs for a verifier, and good ones beside them.
//
// Each [Case] belongs to a row of the table of attacks (docs/attacks.md): what
// somebody tries, the bytes of it, signed wherever a signature alone would not
// stop it, and the coarse reasons that are a right answer. A verifier that
// calls one of them valid is wrong; one that refuses a control is worth nothing.
//
// The keys are made from fixed seeds and are for nothing else. Documents are put
// together as text and signed here, not by the suites that ship: those refuse to
// sign most of this.
package attacks
