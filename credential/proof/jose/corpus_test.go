package jose_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

// TestCorpusAttacks runs the tokens among the attacks and the valid controls.
func TestCorpusAttacks(t *testing.T) {
	t.Parallel()
	var index struct {
		Entries []struct {
			File, Kind, Attack, Expect, Reason string
			ReasonAlso                         []string
			Options                            struct {
				TrustedIssuers  []string
				Time            time.Time
				Audience, Nonce string
			}
		}
	}
	if err := json.Unmarshal(testcorpus.Read(t, "attacks/index.json"), &index); err != nil {
		t.Fatal(err)
	}
	good, bad := 0, 0
	for _, e := range index.Entries {
		if !strings.HasSuffix(e.File, ".jwt") {
			continue
		}
		err := judge(t, testcorpus.Read(t, "attacks/"+e.File), request{
			at: e.Options.Time, trusted: e.Options.TrustedIssuers, audience: e.Options.Audience, nonce: e.Options.Nonce,
			presentation: e.Kind == "presentation",
		})
		if e.Expect == "accept" {
			good++
			if err != nil {
				t.Errorf("%s: %v", e.File, err)
			}
			continue
		}
		bad++
		if code := reason.CodeOf(err).Coarse(); !slices.Contains(append(e.ReasonAlso, e.Reason), code) {
			t.Errorf("%s %s: %q (%v), want %s %v", e.Attack, e.File, code, err, e.Reason, e.ReasonAlso)
		}
	}
	if good < 4 || bad < 18 {
		t.Errorf("%d good and %d bad tokens in the index", good, bad)
	}
}

// TestCorpusOpenBadges runs badges that others made.
func TestCorpusOpenBadges(t *testing.T) {
	t.Parallel()
	embedded := regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)
	for file, want := range map[string]reason.Code{
		"openbadges/1edtech/simple.jwt":        "key_invalid/no-kid",                  // neither kid nor jwk
		"openbadges/1edtech/velocity.jwt":      "key_invalid/unknown-method",          // did:velocity
		"openbadges/1edtech/simple-jwt.svg":    "key_unavailable/controller-document", // its own key
		"openbadges/1edtech/simple-jwt_v1.svg": "key_unavailable/controller-document",
		"openbadges/clr20/simple.jwt":          "key_unavailable/controller-document",
		"openbadges/ob20/simple.jwt":           "wrong_type/payload", // Open Badges 2.0
	} {
		token := embedded.Find(testcorpus.Read(t, file))
		if err := judge(t, token, request{}); reason.CodeOf(err) != want {
			t.Errorf("%s: %s (%v), want %s", file, reason.CodeOf(err), err, want)
		}
	}
}

// TestRegisteredClaimsStay shows that the document of c06 is its payload with
// the registered claims, byte for byte.
func TestRegisteredClaimsStay(t *testing.T) {
	t.Parallel()
	token := testcorpus.Read(t, "attacks/valid/c06-vc-jose-es256-registered-claims.jwt")
	in, err := proof.Read(token, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	secured, err := set.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := b64.DecodeString(strings.Split(string(token), ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	if got := secured[0].Document.Raw(); string(got) != string(raw) || secured[0].NotBefore.Unix() != 1767225600 {
		t.Errorf("%s", got)
	}
}
