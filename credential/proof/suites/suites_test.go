package suites_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/reason"
)

func pinned(url, text string) suites.Context {
	sum := sha256.Sum256([]byte(text))
	return suites.Context{URL: url, SHA256: hex.EncodeToString(sum[:]), Bytes: []byte(text)}
}

func TestAll(t *testing.T) {
	t.Parallel()
	set, err := suites.All(pinned("https://kurs.example/context.json", `{"@context":{"ects":"https://kurs.example/ects"}}`))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[proof.ID]bool{}
	for _, s := range set {
		if again, err := set.Suite(s.ID()); err != nil || again.ID() != s.ID() || seen[s.ID()] {
			t.Errorf("%s: %v", s.ID(), err)
		}
		seen[s.ID()] = true
	}
	for _, id := range []proof.ID{"eddsa-rdfc-2022", "eddsa-jcs-2022", "eddsa-2022", "Ed25519Signature2020", "ecdsa-rdfc-2019", "ecdsa-jcs-2019", "ecdsa-sd-2023", "bbs-2023", "Ed25519Signature2018", "JsonWebSignature2020", "EcdsaSecp256k1Signature2019", "vc+jwt", "vp+jwt", "ob3-jwt", "dc+sd-jwt", "vc+sd-jwt", "vp+sd-jwt", "vc+cose", "vp+cose", "printed+cose"} {
		if !seen[id] {
			t.Errorf("there is no %s", id)
		}
	}
	if _, err := set.Suite(""); reason.CodeOf(err) != "unsupported_alg/suite" {
		t.Error(err)
	}
}

func TestAllRefuses(t *testing.T) {
	t.Parallel()
	wrong := pinned("https://kurs.example/context.json", `{"@context":{}}`)
	wrong.SHA256 = hex.EncodeToString(make([]byte, 32))
	for name, c := range map[string]suites.Context{
		"another hash": wrong,
		"no hash":      {URL: "https://kurs.example/context.json", Bytes: []byte(`{"@context":{}}`)},
		"no JSON":      pinned("https://kurs.example/context.json", `x`),
	} {
		if set, err := suites.All(c); set != nil || reason.CodeOf(err).Coarse() != string(reason.UnsafeContext) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func ExampleAll() {
	set, err := suites.All()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range set {
		fmt.Println(s.ID())
	}
	// Output:
	// eddsa-rdfc-2022
	// eddsa-jcs-2022
	// eddsa-2022
	// Ed25519Signature2020
	// ecdsa-rdfc-2019
	// ecdsa-jcs-2019
	// ecdsa-sd-2023
	// bbs-2023
	// Ed25519Signature2018
	// JsonWebSignature2020
	// EcdsaSecp256k1Signature2019
	// vc+jwt
	// vp+jwt
	// ob3-jwt
	// dc+sd-jwt
	// vc+sd-jwt
	// vp+sd-jwt
	// vc+cose
	// vp+cose
	// printed+cose
}
