package cose

import "testing"

// TestAlgorithmNumbers: the numbers on the wire are those of the IANA registry
// "COSE Algorithms", which no message of our own would tell from others.
func TestAlgorithmNumbers(t *testing.T) {
	t.Parallel()
	registered := map[string]int64{
		"EdDSA": -8, "Ed25519": -19,
		"ES256": -7, "ESP256": -9,
		"ES384": -35, "ESP384": -51,
		"ES512": -36, "ESP512": -52,
	}
	all := algorithms()
	if len(all) != len(registered) {
		t.Errorf("%d algorithms, %d are compared", len(all), len(registered))
	}
	for _, a := range all {
		if n, ok := registered[a.name]; !ok || a.id != n {
			t.Errorf("%s is %d, registered is %d", a.name, a.id, n)
		}
	}
}
