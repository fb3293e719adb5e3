package transparency

import (
	"crypto/rand"

	"golang.org/x/mod/sumdb/note"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

// NewKey makes a key for a log, whose name is the log's. Private is secret, in
// the form of golang.org/x/mod/sumdb/note: one line.
func NewKey(name string) (private string, public logproof.Key, err error) {
	private, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return "", public, reason.Wrap(reason.Internal, "", err)
	}
	public, err = logproof.ParseKey(vkey)
	return private, public, err
}

// Signer returns the signer of a private key that NewKey made. Errors, which do
// not hold the key, are usage/log-key.
func Signer(private string) (note.Signer, error) {
	s, err := note.NewSigner(private)
	if err != nil {
		return nil, reason.New("usage/log-key", "", "this is no private key of a log")
	}
	return s, nil
}
