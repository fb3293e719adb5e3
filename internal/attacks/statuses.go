package attacks

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
)

// encoded is a list of so many bytes, in which some bits are set.
func (f *forge) encoded(size int, set ...int) string {
	bits := make([]byte, size)
	for _, i := range set {
		bits[i/8] |= 0x80 >> (i % 8)
	}
	return "u" + b64(f.packed(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, bytes.NewReader(bits)))
}

func (f *forge) packed(pack func(io.Writer) io.WriteCloser, from io.Reader) []byte {
	var out bytes.Buffer
	w := pack(&out)
	if _, err := io.Copy(w, from); err != nil {
		f.fail("pack: %w", err)
	}
	if err := w.Close(); err != nil {
		f.fail("pack: %w", err)
	}
	return out.Bytes()
}

const listBytes = 16384

// list is the text of an unsigned status list credential.
func (f *forge) list(by party, encoded string, pairs ...string) string {
	return f.swap(`{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"`+ListURL+`","type":["VerifiableCredential","BitstringStatusListCredential"],"issuer":"`+by.id+
		`","validFrom":"2026-05-01T00:00:00Z","validUntil":"2026-07-01T00:00:00Z","credentialSubject":{"id":"`+ListURL+`#list","type":"BitstringStatusList","statusPurpose":"revocation","encodedList":"`+encoded+`"}}`, pairs...)
}

func entry(index, more string) string {
	return `{"id":"` + ListURL + `#1","type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":` + index + `,"statusListCredential":"` + ListURL + `"` + more + `}`
}

// asked takes in a credential with an entry, and the list that is there.
func (f *forge) asked(row, name, what, entry, list string, want ...string) {
	c := Case{Row: row, Name: name, What: what, Want: want, Raw: []byte(f.signed(jcsSuite, with(f.badge(f.issuer), "credentialStatus", entry), f.issuer))}
	if list != "" {
		c.StatusLists = map[string][]byte{ListURL: []byte(list)}
	}
	f.add(c)
}

func (f *forge) status() {
	last := listBytes*8 - 1
	list := f.signed(jcsSuite, f.list(f.issuer, f.encoded(listBytes, 7, 8, 4242, last)), f.issuer)
	f.asked("control", "status", "not revoked", entry(`"9"`, ""), list)
	for _, index := range []string{"7", "8", "4242", "131071"} {
		f.asked("ST-01", index, "revoked at "+index, entry(`"`+index+`"`, ""), list, "revoked")
	}
	for name, index := range map[string]string{"empty": `""`, "fullwidth": `"９"`, "leading zeros": `"007x"`, "null": "null", "negative zero": `"-0"`, "underscore": `"1_0"`, "two to 64": `"18446744073709551616"`, "object": "{}", "percent": `"9%"`} {
		f.asked("ST-02", name, "an index that is none: "+index, entry(index, ""), list, "status_invalid", "malformed", "unsigned_data")
	}
	f.asked("ST-03", "suspension", "an entry for another purpose than the list's", f.swap(entry(`"9"`, ""), `"revocation"`, `"suspension"`), list, "status_invalid")
	f.asked("ST-03", "case", "a purpose in other letters", f.swap(entry(`"9"`, ""), `"revocation"`, `"Revocation"`), list, "status_invalid")
	f.asked("ST-12", "unknown", "a kind of status that nobody knows", f.swap(entry(`"9"`, ""), "BitstringStatusListEntry", "CredentialStatusList2017"), list, "status_invalid", "status_unavailable", "unsigned_data", "bad_signature")
	f.asked("ST-12", "typeless", "an entry without a type", f.swap(entry(`"9"`, ""), `"type":"BitstringStatusListEntry",`, ""), list, "status_invalid", "status_unavailable", "unsigned_data", "malformed")
	f.asked("ST-13", "third", "three entries, the last revoked", "["+entry(`"9"`, "")+","+entry(`"10"`, "")+","+entry(`"7"`, "")+"]", list, "revoked")
	for name, url := range map[string]string{"mapped": "https://[::ffff:10.0.0.1]/l", "user": "https://kurs.example@10.0.0.1/l", "gopher": "gopher://127.0.0.1/l", "decimal": "https://2130706433/l"} {
		f.asked("ST-14", name, "a list at "+url, f.swap(entry(`"9"`, ""), `"statusListCredential":"`+ListURL, `"statusListCredential":"`+url), "", "remote_fetch_blocked", "status_unavailable", "status_invalid")
	}
	suspended := f.signed(jcsSuite, f.list(f.issuer, f.encoded(listBytes, 9), `"statusPurpose":"revocation"`, `"statusPurpose":"suspension"`), f.issuer)
	f.asked("ST-16", "suspended", "suspended", f.swap(entry(`"9"`, ""), `"revocation"`, `"suspension"`), suspended, "suspended")
}

func (f *forge) lists() {
	clean := f.encoded(listBytes)
	served := func(row, name, what, list string, want ...string) {
		f.asked(row, name, what, entry(`"9"`, ""), list, want...)
	}
	served("ST-04", "stranger", "a list that a stranger signed in the issuer's name", f.signed(jcsSuite, f.list(f.issuer, clean), f.attacker), "status_invalid", "issuer_mismatch", "untrusted_issuer")
	served("ST-04", "second", "a list by another trusted issuer", f.signed(jcsSuite, f.list(f.second, clean), f.second), "status_invalid", "issuer_mismatch", "untrusted_issuer")
	revoked := f.signed(jcsSuite, f.list(f.issuer, f.encoded(listBytes, 9)), f.issuer)
	served("ST-05", "bits", "the bits changed after signing", f.swap(revoked, f.encoded(listBytes, 9), clean), "status_invalid", "bad_signature", "no_proof")
	served("ST-05", "proof of null", "a list whose proof is null", with(f.list(f.issuer, clean), "proof", "null"), "status_invalid", "bad_signature", "no_proof")
	served("ST-06", "old", "a list that ended", f.signed(jcsSuite, f.list(f.issuer, clean, "2026-07-01", "2026-05-31"), f.issuer), "status_unavailable", "status_invalid", "expired")
	served("ST-06", "later", "a list that begins tomorrow", f.signed(jcsSuite, f.list(f.issuer, clean, "2026-05-01", "2026-06-02"), f.issuer), "status_unavailable", "status_invalid", "not_yet_valid")
	served("ST-06", "ttl", "a list whose copies last until soon", f.signed(jcsSuite, f.list(f.issuer, clean, `"statusPurpose":"revocation"`, `"statusPurpose":"revocation","ttl":"soon"`), f.issuer), "status_invalid", "malformed")
	served("ST-07", "none", "no list to be had", "", "status_unavailable")
	served("ST-07", "not found page", "a page in place of the list", "<html>404</html>", "status_unavailable", "status_invalid")
	served("ST-08", "short", "a list of 1,024 entries", f.signed(jcsSuite, f.list(f.issuer, f.encoded(128)), f.issuer), "status_invalid")
	bomb := b64(f.packed(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, io.LimitReader(zeros{}, 200<<20)))
	served("ST-09", "bomb", "a list that inflates to 200 MiB", f.signed(jcsSuite, f.list(f.issuer, "u"+bomb), f.issuer), "resource_limit", "status_invalid", "status_unavailable")
	served("ST-10", "base58", "a list in base58", f.signed(jcsSuite, f.list(f.issuer, "z"+strings.Repeat("2", 60)), f.issuer), "status_invalid")
	deflated := b64(f.packed(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, bytes.NewReader(make([]byte, listBytes))))
	served("ST-10", "zlib", "a list in zlib", f.signed(jcsSuite, f.list(f.issuer, "u"+deflated), f.issuer), "status_invalid")
	served("ST-10", "cut", "a list cut short", f.signed(jcsSuite, f.list(f.issuer, clean[:len(clean)-6]), f.issuer), "status_invalid")
	served("ST-10", "padding", "a list with padding", f.signed(jcsSuite, f.list(f.issuer, clean+"=="), f.issuer), "status_invalid")
	served("ST-11", "other", "another list of the issuer's at this address", f.signed(jcsSuite, f.list(f.issuer, clean, `"id":"`+ListURL+`"`, `"id":"https://kurs.example/status/2"`), f.issuer), "status_invalid")
	served("ST-15", "badge", "a badge in place of the list", f.signed(jcsSuite, f.badge(f.issuer, "urn:uuid:0b1d3a52-77aa-4c55-9d3f-2c6f0a9b1c11", ListURL), f.issuer), "status_invalid")
	// A list that has an entry in itself must not be followed round and round.
	// Either answer is sound; what counts is that it comes.
	served("ST-17", "loop", "a list that is revoked by itself", f.signed(jcsSuite, with(f.list(f.issuer, f.encoded(listBytes, 9)), "credentialStatus", entry(`"9"`, "")), f.issuer), "revoked", "status_invalid", "resource_limit")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// tokenLists are status lists as tokens (draft-ietf-oauth-status-list), and
// credentials that name a place in them.
func (f *forge) tokenLists() {
	list := `{"sub":"` + ListURL + `","iss":"` + f.p256.id + `","iat":1780315000,"status_list":{"bits":2,"lst":"` +
		b64(f.packed(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, bytes.NewReader([]byte{0b11_10_01_00}))) + `"}}`
	header := head("statuslist+jwt", "ES256", f.p256.method)
	named := func(row, name, what, index, header, list string, by party, want ...string) {
		f.add(Case{Row: row, Name: name, What: what, Ext: "sdjwt", Want: want, StatusLists: map[string][]byte{ListURL: []byte(f.token(header, list, by))},
			Raw: []byte(f.sdJWT(f.sdHead(), `,"status":{"status_list":{"idx":`+index+`,"uri":"`+ListURL+`"}}`))})
	}
	named("control", "token-list", "not revoked, by a list of two bits each", "0", header, list, f.p256)
	named("ST-18", "revoked", "revoked by a token", "1", header, list, f.p256, "revoked")
	named("ST-18", "suspended", "suspended by a token", "2", header, list, f.p256, "suspended")
	named("ST-18", "own value", "a value that the issuer alone understands", "3", header, list, f.p256, "status_unavailable", "status_invalid")
	named("ST-18", "outside", "a place that the list does not have", "4", header, list, f.p256, "status_invalid")
	named("ST-19", "stranger", "a token that a stranger signed", "0", f.swap(header, "ES256", "EdDSA", f.p256.method, f.attacker.method), list, f.attacker, "status_invalid", "issuer_mismatch", "key_invalid")
	named("ST-19", "badge", "a token of another type", "0", f.swap(header, "statuslist+jwt", "vc+jwt"), list, f.p256, "status_invalid", "wrong_type")
	named("ST-19", "other list", "a token for another address", "0", header, f.swap(list, ListURL, ListURL+"0"), f.p256, "status_invalid")
	named("ST-19", "no date", "a token without a date", "0", header, f.swap(list, `"iat":1780315000,`, ""), f.p256, "status_invalid", "malformed")
	named("ST-19", "three bits", "three bits for each", "0", header, f.swap(list, `"bits":2`, `"bits":3`), f.p256, "status_invalid")
	named("ST-19", "ended", "a token that ended", "0", header, f.swap(list, `"iat"`, `"exp":1780315199,"iat"`), f.p256, "status_unavailable", "status_invalid")
}
