// Package wallet keeps a person's credentials in one encrypted file that they
// own: to copy, to put on a stick, and to open in twenty years without bevis.
//
// The file ("bevis-wallet/1") is a ZIP archive, stored and not compressed, of
// files that the program age encrypts (https://age-encryption.org/v1):
//
//	README.txt                  how to open it with unzip, age and zstd alone
//	manifest.json               wallet, generation, head of the log, digests, MAC
//	slots/0-passphrase.age      the wallet's identity, for the passphrase
//	slots/1-recovery.age        the same, for the 24 recovery words
//	slots/2-age.age             the same, for a key that was added
//	body/00000007.jsonl.zst.age the log, encrypted to the identity
//
// The identity is a hybrid post-quantum age identity. The body is a log of
// events, one JSON object a line, each with the digest of the line before it;
// what the wallet holds is what the events add up to. Events of kinds that this
// version does not know are kept and passed over. A file that differs in a
// single bit from what the wallet would have written is refused.
//
// [Create] makes a wallet and [Open] opens one; both take a [Store], which is
// where the bytes live. A Store swaps versions: two programs that add to one
// wallet at the same time both succeed, and nothing is lost. What is shared is
// logged before the bytes are handed out: to whom, what for, which fields,
// until when, and never their values.
//
// The ways in are changed by [Wallet.SetPassphrase], [Wallet.SetWords],
// [Wallet.AddSlot] and [Wallet.RemoveSlot]. The identity stays the same, so copies
// of the file from before still open as they did, and with them what is added
// later; [Wallet.Rekey] ends that. [Wallet.Lock] forgets the keys,
// and OpenRequest.IdleLock has that done when nobody uses the wallet.
//
// [Wallet.TakeIn] keeps many things by one change. The same credential in two
// forms is kept once, and of its editions the newest is shown: [Wallet.Editions].
// [Wallet.LearnerRecord] signs what the holder hands on as a whole.
//
// The wallet does not verify credentials; it keeps what a verifier said, and
// when.
package wallet
