package issuer_test

import (
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

func suiteOf(t *testing.T, id proof.ID) proof.Suite {
	t.Helper()
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	s, err := set.Suite(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBaseProof issues a badge with a base proof: what nobody named as the
// holder's to keep back shows, whatever the holder chooses.
func TestBaseProof(t *testing.T) {
	t.Parallel()
	suite := suiteOf(t, "ecdsa-sd-2023")
	cfg := config(t, "ecdsa-rdfc-2019", key.P256)
	cfg.Suite, cfg.ListSuite = suite, cfg.Suite
	i := newIssuer(t, cfg)
	least := func(a issuer.Award) (choices []string, shown *strictjson.Value) {
		t.Helper()
		issued, err := i.Issue(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		found, err := suite.(proof.Discloser).Choices(t.Context(), issued.Credential)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range found {
			choices = append(choices, c.Pointer)
		}
		raw, err := suite.(proof.Discloser).Disclose(t.Context(), issued.Credential, proof.Disclosure{})
		if err != nil {
			t.Fatal(err)
		}
		if shown, err = strictjson.ParseObject(raw, strictjson.Limits{}); err != nil {
			t.Fatal(err)
		}
		return choices, shown
	}
	choices, shown := least(award())
	for _, at := range []string{"/id", "/name", "/issuer/name", "/validFrom", "/credentialStatus", "/credentialSubject/achievement/name", "/credentialSubject/id"} {
		if shown.Lookup(at) == nil {
			t.Errorf("%s does not show: %s", at, shown.AppendJSON(nil))
		}
	}
	for _, at := range []string{"/credentialSubject/identifier", "/credentialSubject/result", "/credentialSubject/narrative", "/credentialSubject/creditsEarned", "/evidence"} {
		if shown.Lookup(at) != nil || !slices.ContainsFunc(choices, func(c string) bool { return c == at || len(c) > len(at) && c[:len(at)+1] == at+"/" }) {
			t.Errorf("%s cannot be kept back: %v", at, choices)
		}
	}
	a := award()
	a.Disclosable = []string{"/name"}
	if choices, shown = least(a); !slices.Equal(choices, []string{"/name"}) || shown.Get("name") != nil || shown.Get("evidence") == nil {
		t.Errorf("%v can be kept back, shown is %s", choices, shown.AppendJSON(nil))
	}
	a.Disclosable = []string{}
	if choices, _ = least(a); len(choices) != 0 {
		t.Errorf("%v can be kept back", choices)
	}
	for at, code := range map[string]reason.Code{
		"/nothing": "disclosure_invalid/pointer", "": "usage/params", "/issuer": "usage/params", "/issuer/name": "usage/params", "/validUntil": "usage/params", "/credentialStatus": "usage/params",
		"/validFrom": "usage/params", "/credentialSubject": "usage/params", "/credentialSubject/type": "usage/params", "/credentialSubject/id": "usage/params", "/@context/0": "usage/params",
	} {
		a.Disclosable = []string{at}
		if _, err := i.Issue(t.Context(), a); reason.CodeOf(err) != code {
			t.Errorf("%q: %v, want %s", at, err, code)
		}
	}
	if _, err := i.Publish(t.Context()); err != nil {
		t.Error(err)
	}
	cfg.ListSuite = nil
	if _, err := issuer.New(cfg); reason.CodeOf(err) != reason.Usage {
		t.Errorf("lists that are signed in part: %v", err)
	}
}
