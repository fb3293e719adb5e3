package sdjwt

import "testing"

// TestLearningPlace: where in the document what stands in the claims is.
func TestLearningPlace(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"/jti": "/id", "/credentialSubject/result/0": "/credentialSubject/result/0", "/issuer/name": "/issuer/name", "/awardedDate": "/awardedDate",
		"/validFrom": "", "/validUntil": "", "/iss": "", "/vct": "", "/cnf/jwk": "", "/type": "", "/id": "", "/sub": "",
	} {
		if got, ok := learningPlace(at); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %t", at, got, ok)
		}
	}
}
