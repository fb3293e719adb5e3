package stats

import (
	"context"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue/signed"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/credential/key"
)

// fileType is the type that signed statistics name.
const fileType = "bevis-stats+json"

// File is what Sign signs: a Published, a Table, a Manifest or a Call.
type File interface{ Marshal() []byte }

// Sign makes a signed file; see package catalogue/signed.
func Sign(ctx context.Context, file File, signer key.Signer) ([]byte, error) {
	return signed.Sign(ctx, fileType, file.Marshal(), signer)
}

// Open checks and reads a signed file of transitions. Who signed must be who
// the file says it is by.
func Open(raw []byte, keyOf func(kid string) (key.Public, error)) (*Published, error) {
	return opened(raw, keyOf, Parse, func(p *Published) string { return p.About.By })
}

// OpenTable checks and reads a signed table.
func OpenTable(raw []byte, keyOf func(kid string) (key.Public, error)) (*Table, error) {
	return opened(raw, keyOf, ParseTable, func(t *Table) string { return t.About.By })
}

// OpenCall checks and reads a signed call.
func OpenCall(raw []byte, keyOf func(kid string) (key.Public, error)) (*Call, error) {
	return opened(raw, keyOf, ParseCall, func(c *Call) string { return c.About.By })
}

// OpenManifest checks and reads a signed manifest, and returns who signed it.
func OpenManifest(raw []byte, keyOf func(kid string) (key.Public, error)) (m *terms.Manifest, by string, err error) {
	payload, kid, err := signed.Open(raw, fileType, maxFile, keyOf)
	if err != nil {
		return nil, "", err
	}
	by, _, _ = strings.Cut(kid, "#")
	m, err = terms.ParseManifest(payload)
	return m, by, err
}

func opened[T any](raw []byte, keyOf func(kid string) (key.Public, error), parse func([]byte) (T, error), by func(T) string) (none T, err error) {
	payload, kid, err := signed.Open(raw, fileType, maxFile, keyOf)
	if err != nil {
		return none, err
	}
	file, err := parse(payload)
	if err != nil {
		return none, err
	}
	if controller, _, _ := strings.Cut(kid, "#"); controller != by(file) {
		return none, invalid("publisher", "/by", "the file says it is by %.100q and is signed by %.100q", by(file), kid)
	}
	return file, nil
}
