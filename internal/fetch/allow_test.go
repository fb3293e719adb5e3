package fetch

import (
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestNoAddress: what is no address is not dialled.
func TestNoAddress(t *testing.T) {
	t.Parallel()
	c := &Client{}
	for _, address := range []string{"", "kurs.example:443", "/run/socket", "192.0.2.1", "[::1"} {
		if err := c.allow(address); reason.CodeOf(err) != "remote_fetch_blocked/address" {
			t.Errorf("%q: %v", address, err)
		}
	}
}
