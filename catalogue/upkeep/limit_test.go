package upkeep

import (
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

func TestMoreThanItMay(t *testing.T) {
	t.Parallel()
	three := []byte("{\"ref\":\"a\"}\n\n{\"ref\":\"b\"}\n{\"ref\":\"c\"}\n")
	if _, err := parse(three, 3); err != nil {
		t.Error(err)
	}
	if _, err := parse(three, 2); reason.CodeOf(err) != "resource_limit/entries" || reason.AtOf(err) != "line 4" {
		t.Error(err)
	}
}
