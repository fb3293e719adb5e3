package app

import (
	"bytes"

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

// ShareProof returns the proof that goes with what was shared, nil for none: of
// one credential alone, since a file has one proof beside it, and where what the
// issuer signed is shown as it was logged. Of a part with a new proof, as
// ecdsa-sd-2023 makes it, the log could tell nothing but who it is from.
func (a *App) ShareProof(w *wallet.Wallet, share wallet.Share, signed []byte) []byte {
	if len(share.Credentials) != 1 {
		return nil
	}
	item, err := w.Item(share.Credentials[0])
	if err != nil || item.LogProof() == nil || !bytes.Contains(signed, logproof.Signed(item.Raw())) {
		return nil
	}
	return item.LogProof()
}
