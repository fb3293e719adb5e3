package tally

import "github.com/kompetansebevis/bevis/credential/loss"

// Why what is the original's alone does not come over. Their sentences are the
// texts "loss.…".
const (
	Unsigned = "signature"          // what was signed is another document
	StatusOf = "status-of-original" // it is the original's, and not the new one's
	ByOthers = "by-others"          // signed by others, for the original
)

// Original notes what of an Open Badges 3.0 credential is its own and of no
// document that is made from it: its proof, how its status is learnt, and what
// others signed of it.
func Original(badge Node) {
	badge.Get("proof").Note(loss.Dropped, "", Unsigned)
	for _, name := range []string{"credentialStatus", "refreshService"} {
		badge.Get(name).Note(loss.Dropped, "", StatusOf)
	}
	for _, n := range []Node{badge, badge.Get("issuer"), badge.Path("credentialSubject", "achievement")} {
		n.Get("endorsement").Note(loss.Dropped, "", ByOthers)
		n.Get("endorsementJwt").Note(loss.Dropped, "", ByOthers)
	}
}
