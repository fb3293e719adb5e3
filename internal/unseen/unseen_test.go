package unseen_test

import (
	"testing"
	"unicode"

	"github.com/kompetansebevis/bevis/internal/unseen"
)

func TestIs(t *testing.T) {
	t.Parallel()
	for _, r := range "\x00\x1b\n\t\x7f\u0085\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u202e\u2028\u2029\u2060\u2065\u2066\u2800\u3164\ufeff\uffa0\ufff9\U0001d173\U000e0000\U000e0041" {
		if !unseen.Is(r) {
			t.Errorf("%U is seen", r)
		}
	}
	for _, r := range " aZ~æøåÅ€ščžđńŋŧ中文жщعא😀…–\u00a0\u0301\ufe0f" {
		if unseen.Is(r) {
			t.Errorf("%U is not seen", r)
		}
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unseen.Is(r) && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			t.Errorf("%U is seen", r)
		}
		if unseen.Is(r) && unicode.In(r, unicode.Lu, unicode.Ll, unicode.Nd, unicode.P) {
			t.Errorf("%U is a letter, a digit or punctuation", r)
		}
	}
}
