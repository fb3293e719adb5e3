package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// atOnce is how many sessions sign beside each other.
const atOnce = 4

// eddsa is CKM_EDDSA of PKCS #11 3.0, which the library does not name.
const eddsa = 0x1057

// token is a token with one key, an external.Key.
type token struct {
	label, key string

	ctx      *pkcs11.Ctx
	sessions chan pkcs11.SessionHandle
	private  pkcs11.ObjectHandle
	public   key.Public
}

// open finds the token and its key, and logs in.
func (t *token) open(module, pin string) error {
	if t.ctx = pkcs11.New(module); t.ctx == nil {
		return fmt.Errorf("%s cannot be loaded", module)
	}
	if err := t.ctx.Initialize(); err != nil {
		return err
	}
	slot, err := t.slot()
	if err != nil {
		return err
	}
	t.sessions = make(chan pkcs11.SessionHandle, atOnce)
	for n := range atOnce {
		s, err := t.ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
		if err != nil {
			return err
		}
		if n == 0 { // for all sessions of this program
			if err := t.ctx.Login(s, pkcs11.CKU_USER, pin); err != nil {
				return err
			}
			if err := t.find(s); err != nil {
				return err
			}
		}
		t.sessions <- s
	}
	return nil
}

func (t *token) close() {
	_ = t.ctx.Finalize() // it ends anyway
	t.ctx.Destroy()
}

func (t *token) slot() (uint, error) {
	slots, err := t.ctx.GetSlotList(true)
	if err != nil {
		return 0, err
	}
	for _, slot := range slots {
		if info, err := t.ctx.GetTokenInfo(slot); err == nil && info.Label == t.label {
			return slot, nil
		}
	}
	return 0, fmt.Errorf("there is no token %q", t.label)
}

// find finds the private key and reads the public one.
func (t *token) find(s pkcs11.SessionHandle) error {
	var err error
	if t.private, err = t.object(s, pkcs11.CKO_PRIVATE_KEY); err != nil {
		return err
	}
	public, err := t.object(s, pkcs11.CKO_PUBLIC_KEY)
	if err != nil {
		return err
	}
	values, err := t.ctx.GetAttributeValue(s, public, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, nil), pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, nil)})
	if err != nil {
		return err
	}
	k, err := publicKey(values[0].Value, values[1].Value)
	if err != nil {
		return err
	}
	t.public, err = key.FromCrypto(k)
	return err
}

// object finds the one object of a class that has the key's label.
func (t *token) object(s pkcs11.SessionHandle, class uint) (pkcs11.ObjectHandle, error) {
	err := t.ctx.FindObjectsInit(s, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, class), pkcs11.NewAttribute(pkcs11.CKA_LABEL, t.key)})
	if err != nil {
		return 0, err
	}
	found, _, err := t.ctx.FindObjects(s, 2)
	if err = errors.Join(err, t.ctx.FindObjectsFinal(s)); err != nil {
		return 0, err
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("the token has not exactly one key pair %q", t.key)
	}
	return found[0], nil
}

// publicKey reads a key on a curve (PKCS #11 section 6.3.3 and 6.3.5). The point
// is an OCTET STRING; for Edwards curves some tokens give the bytes as they are.
func publicKey(params, point []byte) (crypto.PublicKey, error) {
	var raw []byte
	if rest, err := asn1.Unmarshal(point, &raw); err != nil || len(rest) > 0 {
		raw = point
	}
	var oid asn1.ObjectIdentifier
	var name string
	if _, err := asn1.Unmarshal(params, &oid); err != nil {
		if _, err := asn1.UnmarshalWithParams(params, &name, "printable"); err != nil {
			return nil, errors.New("the curve of the key is not named")
		}
	}
	curves := map[string]elliptic.Curve{"1.2.840.10045.3.1.7": elliptic.P256(), "1.3.132.0.34": elliptic.P384(), "1.3.132.0.35": elliptic.P521()}
	switch curve, ok := curves[oid.String()]; {
	case ok:
		return ecdsa.ParseUncompressedPublicKey(curve, raw)
	case (name == "edwards25519" || oid.String() == "1.3.101.112") && len(raw) == ed25519.PublicKeySize:
		return ed25519.PublicKey(raw), nil
	}
	return nil, fmt.Errorf("keys on the curve %s%s are not used", oid, name)
}

// Public implements external.Key.
func (t *token) Public() key.Public { return t.public }

// Sign implements external.Key. The signature of ECDSA is r and s one after the
// other, as bevis has it.
func (t *token) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	var s pkcs11.SessionHandle
	select {
	case s = <-t.sessions:
		defer func() { t.sessions <- s }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	mechanism := uint(pkcs11.CKM_ECDSA)
	hash := func(h crypto.Hash) {
		w := h.New()
		w.Write(msg) // it never fails
		msg = w.Sum(nil)
	}
	switch t.public.Type() {
	case key.Ed25519:
		mechanism = eddsa
	case key.P256:
		hash(crypto.SHA256)
	case key.P384:
		hash(crypto.SHA384)
	case key.P521:
		hash(crypto.SHA512)
	}
	err := t.ctx.SignInit(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, t.private)
	var sig []byte
	if err == nil {
		sig, err = t.ctx.Sign(s, msg)
	}
	var ckr pkcs11.Error
	switch {
	case err == nil:
		return sig, nil
	case errors.As(err, &ckr) && (ckr == pkcs11.CKR_USER_NOT_LOGGED_IN || ckr == pkcs11.CKR_PIN_EXPIRED || ckr == pkcs11.CKR_KEY_FUNCTION_NOT_PERMITTED):
		return nil, reason.New(reason.Locked, "", "%w", err)
	}
	return nil, reason.New(reason.IO, "", "%w", err)
}
