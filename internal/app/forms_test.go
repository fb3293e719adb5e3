package app

import (
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
)

// TestPlanForms: what is signed for the forms that are asked for, what they are
// made of among it, and which key signs in none.
func TestPlanForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asked, own string
		kind       key.Type
		suites     string // what is signed
		forms      string // what comes out, by the ends of the files' names
		code       reason.Code
	}{
		{"ob3", "eddsa-rdfc-2022", key.Ed25519, "eddsa-rdfc-2022", ".json", ""},
		{"ob3", "eddsa-jcs-2022", key.Ed25519, "eddsa-jcs-2022", ".json", ""},
		{"ob3", "vc+jwt", key.Ed25519, "eddsa-rdfc-2022", ".json", ""},
		{"ob3", "vc+jwt", key.P384, "ecdsa-rdfc-2019", ".json", ""},
		{"ob3", "ecdsa-sd-2023", key.P256, "ecdsa-rdfc-2019", ".json", ""},
		{"ob3", "bbs-2023", key.BLS12381G2, "bbs-2023", ".json", ""},
		{"png,qr", "vc+jwt", key.Ed25519, "eddsa-rdfc-2022 vc+jwt", ".png .qr.png", ""},
		{"qr-svg,vc-jwt,elm", "eddsa-rdfc-2022", key.Ed25519, "vc+jwt eddsa-rdfc-2022", ".jwt .qr.svg .elm.json", ""},
		{"pdf,elmo,svg", "eddsa-rdfc-2022", key.Ed25519, "eddsa-rdfc-2022", ".pdf .elmo.xml .svg", ""},
		{"sd-jwt-eu,sd-jwt", "vc+jwt", key.P256, "dc+sd-jwt/micro-credential dc+sd-jwt", ".eu.sdjwt .sdjwt", ""},
		{"dc+sd-jwt/micro-credential", "vc+jwt", key.P256, "", "", reason.Usage},
		{"sd-jwt,cose,ecdsa-sd-2023,vc+sd-jwt", "vc+jwt", key.P256, "dc+sd-jwt vc+cose ecdsa-sd-2023 vc+sd-jwt", ".sdjwt .cose .ecdsa-sd-2023 .vc-sd-jwt", ""},
		{"vc-jwt,sd-jwt,ob3-jwt", "ob3-jwt", key.RSA, "vc+jwt dc+sd-jwt ob3-jwt", ".jwt .sdjwt .ob3-jwt", ""},
		{"ob3", "ob3-jwt", key.RSA, "", "", "usage/form-key"},
		{"cose", "ob3-jwt", key.RSA, "", "", "usage/form-key"},
		{"pdf", "ob3-jwt", key.RSA, "", "", "usage/form-key"},
		{"ob3", "vc+jwt", key.P521, "", "", "usage/form-key"},
		{"vc-jwt", "bbs-2023", key.BLS12381G2, "", "", "usage/form-key"},
		{"eddsa-jcs-2022", "vc+jwt", key.P256, "", "", "usage/form-key"},
		{"vc-jwt,vc+jwt", "vc+jwt", key.P256, "", "", reason.Usage},
		{"png,ob3,png", "vc+jwt", key.P256, "", "", reason.Usage},
		{"paper", "vc+jwt", key.P256, "", "", reason.Usage},
		{"", "vc+jwt", key.P256, "", "", reason.Usage},
	} {
		plan, err := planForms(strings.Split(c.asked, ","), proof.ID(c.own), c.kind)
		if reason.CodeOf(err) != c.code {
			t.Errorf("%s by %s: %v", c.asked, c.kind, err)
		}
		if err != nil {
			continue
		}
		var suites, forms []string
		for _, s := range plan.suites {
			suites = append(suites, string(s))
		}
		for _, f := range plan.forms {
			forms = append(forms, f.ending)
		}
		if got := strings.Join(suites, " "); got != c.suites {
			t.Errorf("%s by %s is signed as %s", c.asked, c.kind, got)
		}
		if got := strings.Join(forms, " "); got != c.forms {
			t.Errorf("%s by %s becomes %s", c.asked, c.kind, got)
		}
	}
}

// TestFormNames: each has an end of its own for the names of files.
func TestFormNames(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range FormNames() {
		_, ending := madeOf(name)
		if ending == "" {
			var err error
			if _, ending, err = signedForm(name, "eddsa-rdfc-2022", key.Ed25519); err != nil {
				t.Error(err)
			}
		}
		if other := seen[ending]; other != "" || !strings.HasPrefix(ending, ".") {
			t.Errorf("%s and %s are both %q", name, other, ending)
		}
		seen[ending] = name
	}
}
