package agekey

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	fileWork    = 18 // of age's scrypt, as a power of two: about a second
	maxFileWork = 22
	maxFile     = 1 << 20
)

// Lock is for whom a small secret file is encrypted: recipients, or else whoever
// knows a passphrase.
type Lock struct {
	Recipients []age.Recipient
	Passphrase []byte
	Work       int // of the passphrase, zero: as age has it
}

// SealFile encrypts a small file in age's armored form, which the program age
// opens as well.
func SealFile(plain []byte, l Lock) ([]byte, error) {
	to := l.Recipients
	if len(to) == 0 {
		if len(bytes.TrimSpace(l.Passphrase)) == 0 {
			return nil, reason.New("usage/empty-passphrase", "", "an empty passphrase protects nothing")
		}
		r, err := age.NewScryptRecipient(string(l.Passphrase))
		if err != nil {
			return nil, reason.Wrap(reason.Internal, "", err)
		}
		if l.Work == 0 {
			l.Work = fileWork
		}
		r.SetWorkFactor(l.Work)
		to = []age.Recipient{r}
	}
	var out bytes.Buffer
	a := armor.NewWriter(&out)
	w, err := age.Encrypt(a, to...)
	if err == nil {
		_, err = w.Write(plain)
		err = errors.Join(err, w.Close(), a.Close())
	}
	if err != nil {
		return nil, wrap(err)
	}
	return out.Bytes(), nil
}

// wrap keeps what has its code.
func wrap(err error) error {
	var known *reason.Error
	if errors.As(err, &known) {
		return err
	}
	return reason.Wrap(reason.Internal, "", err)
}

// IsSealed reports whether a file is in age's armored form.
func IsSealed(file []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(file, " \t\r\n"), []byte(armor.Header))
}

// ByPassphrase reports whether a passphrase opens what SealFile wrote.
func ByPassphrase(file []byte) bool {
	head, _ := io.ReadAll(io.LimitReader(armor.NewReader(bytes.NewReader(file)), 1<<10)) // what is no file of age says it when it is opened
	_, stanza, _ := strings.Cut(string(head), "\n")
	return strings.HasPrefix(stanza, "-> scrypt ")
}

// OpenFile decrypts what SealFile wrote, by a passphrase or, if it was encrypted
// for recipients, by a file of identities. Errors are locked/key-passphrase,
// locked/key-identity, usage/identity-file, those of plugins, and
// key_invalid/sealed for what cannot be opened by anybody.
func OpenFile(ctx context.Context, file, passphrase, identities []byte, asker Asker) ([]byte, error) {
	var with []age.Identity
	wrong := reason.New("locked/key-identity", "", "no identity that was given opens it")
	if ByPassphrase(file) {
		wrong = reason.New("locked/key-passphrase", "", "the passphrase does not open it")
		i, err := age.NewScryptIdentity(string(passphrase))
		if err != nil { // an empty one
			return nil, wrong
		}
		i.SetMaxWorkFactor(maxFileWork)
		with = append(with, i)
	} else {
		var err error
		if with, err = ParseIdentities(ctx, identities, asker); err != nil {
			return nil, err
		}
	}
	var plain []byte
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(file)), with...)
	if err == nil {
		plain, err = io.ReadAll(io.LimitReader(r, maxFile+1))
	}
	var none *age.NoIdentityMatchError
	var known *reason.Error
	switch {
	case errors.As(err, &known):
		return nil, err
	case errors.As(err, &none):
		return nil, wrong
	case err != nil || len(plain) > maxFile:
		return nil, reason.New("key_invalid/sealed", "", "the encrypted file is damaged")
	}
	return plain, nil
}
