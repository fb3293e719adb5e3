package verifier

import "testing"

// TestPlain: a text that is taken for plain must be one that nothing is said
// about, wherever it stands.
func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Grunnkurs i sveising, trinn 2 (nivå 3)": true,
		"https://kurs.example/a/1":               true,
		"ext:ESCOSkill":                          true,
		"urn:uuid:0c07c1ce":                      true,
		"Metadata: 3":                            true,
		"javascript:alert(1)":                    false,
		"JavaScript:alert(1)":                    false,
		"se javascript:alert(1)":                 false,
		"data:text/html,x":                       false,
		"DATA:image/svg+xml,x":                   false,
		"<b>":                                    false,
		"![x](y)":                                false,
		"onerror=x":                              false,
		"a\u202eb":                               false,
		"a\nb":                                   false,
		"\u0430bc":                               false,
	} {
		if got := plain(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
		for _, at := range []string{"/name", "/description", "/id"} {
			if code, _ := misleading(text, at); code != "" && plain(text) {
				t.Errorf("%q at %s is %s, and is taken for plain", text, at, code)
			}
		}
	}
}
