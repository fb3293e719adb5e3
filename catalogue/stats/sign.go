package stats

import (
	"context"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue/signed"
	"github.com/kompetansebevis/bevis/credential/key"
)

// fileType is the type that signed statistics name.
const fileType = "bevis-stats+json"

// Sign makes a signed file of a Published, a Table or a Manifest; see package
// catalogue/signed.
func Sign(ctx context.Context, file interface{ Marshal() []byte }, signer key.Signer) ([]byte, error) {
	return signed.Sign(ctx, fileType, file.Marshal(), signer)
}

// Open checks and reads a signed file of transitions. Who signed must be who
// the file says it is by.
func Open(raw []byte, keyOf func(kid string) (key.Public, error)) (*Published, error) {
	payload, kid, err := signed.Open(raw, fileType, maxFile, keyOf)
	if err != nil {
		return nil, err
	}
	p, err := Parse(payload)
	if err != nil {
		return nil, err
	}
	if err := p.About.signedBy(kid); err != nil {
		return nil, err
	}
	return p, nil
}

// OpenTable checks and reads a signed table.
func OpenTable(raw []byte, keyOf func(kid string) (key.Public, error)) (*Table, error) {
	payload, kid, err := signed.Open(raw, fileType, maxFile, keyOf)
	if err != nil {
		return nil, err
	}
	t, err := ParseTable(payload)
	if err != nil {
		return nil, err
	}
	if err := t.About.signedBy(kid); err != nil {
		return nil, err
	}
	return t, nil
}

func (a About) signedBy(kid string) error {
	if controller, _, _ := strings.Cut(kid, "#"); controller != a.By {
		return invalid("publisher", "/by", "the file says it is by %.100q and is signed by %.100q", a.By, kid)
	}
	return nil
}
