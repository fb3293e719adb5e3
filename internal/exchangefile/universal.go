package exchangefile

import (
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// universalType is what a wallet of the universal wallet specification says it
// is (https://w3c-ccg.github.io/universal-wallet-interop-spec/).
const universalType = "UniversalWallet2020"

func isUniversal(v *strictjson.Value) bool {
	return v.Kind() == strictjson.KindObject && credential.HasType(v, universalType)
}

// universal reads a universal wallet, or a list of them: one for each profile,
// as the learner credential wallet exports them.
func (r *reader) universal(raw []byte) error {
	v, err := strictjson.Parse(raw, limits())
	if err != nil {
		return err
	}
	if v.Kind() != strictjson.KindArray {
		return r.oneUniversal(v, "")
	}
	for n, w := range v.Items() {
		at := strictjson.Pointer("", strconv.Itoa(n))
		if !isUniversal(w) {
			return reason.New("malformed/backup", at, "a list of wallets holds something else")
		}
		if err := r.oneUniversal(w, at); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) oneUniversal(w *strictjson.Value, at string) error {
	contents := w.Get("contents")
	if contents.Kind() != strictjson.KindArray {
		return reason.New("malformed/backup", at, "a wallet without contents")
	}
	at += "/contents"
	if status, _ := w.Get("status").Text(); status == "LOCKED" {
		return r.leave(at, LeftLocked, status)
	}
	for n, item := range contents.Items() {
		if err := r.content(item, strictjson.Pointer(at, strconv.Itoa(n))); err != nil {
			return err
		}
	}
	return nil
}

// content sorts one thing in a wallet. The specification tells them apart by
// their form alone.
func (r *reader) content(v *strictjson.Value, at string) error {
	raw, ok, err := unwrapped(v)
	types := strings.Join(credential.Types(v), ", ")
	switch {
	case err != nil:
		return reason.New(reason.CodeOf(err), at, "%w", err)
	case !ok:
		return r.leave(at, LeftUnknown, v.Kind().String())
	case key.HasSecret(v):
		return r.secret(v, at)
	case v.Kind() == strictjson.KindString, credential.HasType(v, "EnvelopedVerifiableCredential"):
		return r.add(at, raw)
	case credential.HasType(v, "EncryptedWallet"):
		return r.leave(at, LeftLocked, types)
	case credential.HasType(v, "VerifiableCredential"), v.Get("credentialSubject") != nil && v.Get("issuer") != nil:
		return r.add(at, raw)
	case credential.HasType(v, "ProfileMetadata"):
		if name, ok := v.Get("data").Get("profileName").Text(); ok {
			r.out.Owner = append(r.out.Owner, short(name))
		}
		return nil
	case v.Get("verificationMethod") != nil, v.Get("publicKeyMultibase") != nil, credential.HasType(v, "DIDResolutionResponse"):
		return nil // what is known without it
	}
	return r.leave(at, LeftUnknown, types)
}

// secret takes the private key of a did:key.
func (r *reader) secret(v *strictjson.Value, at string) error {
	if credential.HasType(v, "X25519KeyAgreementKey2020") || credential.HasType(v, "X25519KeyAgreementKey2019") {
		return nil // it belongs to the signing key, and signs nothing
	}
	types := strings.Join(credential.Types(v), ", ")
	private, err := key.ParseSecret(v)
	if err != nil {
		return r.leave(at, LeftKey, types)
	}
	id, _, err := did.KeyID(private.Public())
	if err != nil {
		return err
	}
	// A key that stands for somebody in another way, such as did:web, is no key
	// of this wallet's.
	for _, owner := range v.Get("controller").List() {
		if text, _ := owner.Text(); text != id && !strings.HasPrefix(text, id+"#") {
			return r.leave(at, LeftKey, text)
		}
	}
	if len(r.out.Keys) >= maxKeys {
		return reason.New("resource_limit/backup", at, "more than %d keys", maxKeys)
	}
	r.out.Keys = append(r.out.Keys, private)
	return nil
}

const maxKeys = 10_000

// WriteUniversal writes a universal wallet with credentials and without keys.
// The id is that of the file, a URL.
func WriteUniversal(id, owner string, items []wallet.Item) []byte {
	out := []byte(`{"@context":["https://www.w3.org/2018/credentials/v1","https://w3id.org/wallet/v1"],"id":`)
	out = strictjson.AppendString(out, id)
	out = append(out, `,"type":"`+universalType+`","status":"UNLOCKED","contents":[`...)
	for _, i := range items {
		out = append(append(out, "\n"...), enveloped(i.Form, i.Raw())...)
		out = append(out, ',')
	}
	out = append(out, "\n"+`{"@context":["https://w3id.org/wallet/v1"],"id":`...)
	out = strictjson.AppendString(out, id+"#profile")
	out = append(out, `,"type":"ProfileMetadata","data":{"profileName":`...)
	out = strictjson.AppendString(out, owner)
	return append(out, "}}\n]}\n"...)
}
