package reason_test

import (
	"errors"
	"fmt"

	"github.com/kompetansebevis/bevis/reason"
)

func Example() {
	var err error = reason.New("revoked/status-list", "/credentialStatus", "the issuer has taken the credential back")
	err = fmt.Errorf("diploma.json: %w", err)

	fmt.Println(err)
	fmt.Println(errors.Is(err, &reason.Error{Code: reason.Revoked}))
	fmt.Println(reason.CodeOf(err), reason.AtOf(err), reason.CodeOf(err).Class().ExitCode())
	fmt.Println(reason.CodeOf(errors.New("an error without a code")))
	// Output:
	// diploma.json: /credentialStatus: the issuer has taken the credential back
	// true
	// revoked/status-list /credentialStatus 3
	// internal
}
