package dataintegrity_test

import (
	"errors"

	"github.com/multiformats/go-multibase"
)

// decodeSecret returns the seed of an ed25519-priv Multikey (0x1300).
func decodeSecret(text string) ([]byte, error) {
	_, raw, err := multibase.Decode(text)
	if err != nil {
		return nil, err
	}
	if len(raw) != 34 || raw[0] != 0x80 || raw[1] != 0x26 {
		return nil, errors.New("not an ed25519-priv Multikey")
	}
	return raw[2:], nil
}
