package app

import (
	"bytes"
	"encoding/base64"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/wallet"
)

// proofsOfItem are the proofs from transparency logs that a wallet keeps of a
// credential.
func proofsOfItem(i wallet.Item) [][]byte {
	if p := i.LogProof(); p != nil {
		return [][]byte{p}
	}
	return nil
}

// ShareProof returns the proofs that go with what was shared, in one file, nil for
// none: of each credential that has one, where what its issuer signed is shown as
// it was logged. Of a part with a new proof, as ecdsa-sd-2023 makes it, the log
// could tell nothing but who it is from.
func (a *App) ShareProof(w *wallet.Wallet, share wallet.Share, signed []byte) []byte {
	var out [][]byte
	token := claimsOfToken(signed)
	for _, id := range share.Credentials {
		item, err := w.Item(id)
		if err != nil || item.LogProof() == nil {
			continue
		}
		if logged := logproof.Signed(item.Raw()); bytes.Contains(signed, logged) || bytes.Contains(token, logged) {
			out = append(out, item.LogProof())
		}
	}
	return logproof.Join(out)
}

// claimsOfToken returns the payload of a presentation that is a token, nil of any
// other: credentials stand in it in another base.
func claimsOfToken(signed []byte) []byte {
	parts := bytes.Split(bytes.TrimSpace(signed), []byte("."))
	if len(parts) != 3 {
		return nil
	}
	claims, err := base64.RawURLEncoding.DecodeString(string(parts[1]))
	if err != nil {
		return nil
	}
	return claims
}
