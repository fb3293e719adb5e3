package exchangefile

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/jwe"
	"github.com/kompetansebevis/bevis/reason"
)

// badge is a credential as far as these files look at it, with white space
// that has to survive.
func badge(name string) string {
	return `{"@context": ["https://www.w3.org/ns/credentials/v2"],  "type":["VerifiableCredential"],"issuer":"did:example:skule","credentialSubject":{"id":"did:example:kari","achievement":{"name":"` + name + `"}}}`
}

const token = "eyJhbGciOiJFZERTQSJ9.eyJAY29udGV4dCI6WyJodHRwczovL3d3dy53My5vcmcvbnMvY3JlZGVudGlhbHMvdjIiXX0.c2ln"

// pair returns a key in the form in which the learner credential wallet
// exports it, with its did:key.
func pair(t testing.TB) (method, id string, seed []byte) {
	t.Helper()
	seed = bytes.Repeat([]byte{7}, ed25519.SeedSize)
	private, err := key.FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	id, methodID, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	public, err := private.Public().Multikey()
	if err != nil {
		t.Fatal(err)
	}
	both := append(bytes.Clone(seed), private.Public().Crypto().(ed25519.PublicKey)...)
	secret, err := multibase.Encode(multibase.Base58BTC, append(binary.AppendUvarint(nil, 0x1300), both...))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"id":%q,"type":"Ed25519VerificationKey2020","controller":%q,"publicKeyMultibase":%q,"privateKeyMultibase":%q}`, methodID, id, public, secret), id, seed
}

// learner is a "Wallet Backup.json" as the learner credential wallet writes it:
// a list of profiles, each with credentials, DID document, two keys and its
// name in one flat list.
func learner(t testing.TB, credentials ...string) []byte {
	t.Helper()
	method, id, _ := pair(t)
	contents := append(slices.Clone(credentials), fmt.Sprintf(`{"@context":["https://www.w3.org/ns/did/v1"],"id":%q,"verificationMethod":[{"id":"x"}]}`, id), method,
		fmt.Sprintf(`{"id":"x","type":"X25519KeyAgreementKey2020","controller":%q,"publicKeyMultibase":"z6LSbgq3GejX88eiAYWmZ9EiddS3GaXodvm8MJJyEH7bqXgz","privateKeyMultibase":"z3weexample"}`, id),
		`{"@context":["https://w3id.org/wallet/v1"],"id":"urn:uuid:1","type":"ProfileMetadata","data":{"profileName":"Kari"}}`)
	return []byte(`[{"@context":["https://www.w3.org/2018/credentials/v1","https://w3id.org/wallet/v1"],"id":"http://example.gov/wallet/3732","type":"UniversalWallet2020","status":"UNLOCKED","contents":[` +
		strings.Join(contents, ",") + `]}]`)
}

// archive is the archive that newer ones write.
func archive(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for n := 0; n < len(files); n += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[n], Mode: 0o644, Size: int64(len(files[n+1])), Format: tar.FormatUSTAR}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[n+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func summary(c *Contents) string {
	var out []string
	for _, e := range c.Credentials {
		out = append(out, e.At)
	}
	for _, l := range c.Left {
		out = append(out, string(l.What)+"@"+l.At)
	}
	return strings.Join(append(out, fmt.Sprintf("keys=%d owner=%s shares=%d", len(c.Keys), strings.Join(c.Owner, ","), len(c.Shares))), " ")
}

// TestRead reads each form, keeps the bytes of what it finds, and names what
// it cannot keep.
func TestRead(t *testing.T) {
	t.Parallel()
	method, id, _ := pair(t)
	profile := `{"profileName":"Work","didDocument":{},"verificationKey":` + method + `,"credentialCids":["bafy1","bafy2"]}`
	web := strings.Replace(method, `"controller":"`+id, `"controller":"did:web:kari.example`, 1)
	for name, c := range map[string]struct {
		raw  []byte
		form Form
		want string
	}{
		"learner credential wallet": {learner(t, badge("A"), badge("B")), UniversalWallet, "/0/contents/0 /0/contents/1 keys=1 owner=Kari shares=0"},
		"two profiles":              {bytes.Join([][]byte{bytes.TrimSuffix(learner(t, badge("A")), []byte("]")), learner(t, badge("B"))[1:]}, []byte(",")), UniversalWallet, "/0/contents/0 /1/contents/0 keys=2 owner=Kari,Kari shares=0"},
		"its archive":               {archive(t, "manifest.yml", "ubc-version: '0.1'", "profiles/work.json", profile, "credentials/bafy1.json", badge("A"), "credentials/._x.txt", "x"), LearnerBackup, "credentials/bafy1.json missing@profiles/work.json keys=1 owner=Work shares=0"},
		"a universal wallet": {[]byte(`{"type":["UniversalWallet2020"],"contents":["` + token + `",` + badge("A") +
			`,{"type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt,` + token + `"},{"type":"Currency","value":"1"},{"type":"Meta","a":1},7,` + web + `,{"type":"Bip39Mnemonic","privateKeyJwk":{"kty":"EC"}}]}`), UniversalWallet,
			"/contents/0 /contents/1 /contents/2 unknown@/contents/3 unknown@/contents/4 unknown@/contents/5 key@/contents/6 key@/contents/7 keys=0 owner= shares=0"},
		"a locked universal wallet": {[]byte(`{"type":"UniversalWallet2020","status":"LOCKED","contents":[{"type":["VerifiableCredential","EncryptedWallet"]}]}`), UniversalWallet, "locked@/contents keys=0 owner= shares=0"},
		"contents that are locked":  {[]byte(`{"type":"UniversalWallet2020","contents":[{"type":["VerifiableCredential","EncryptedWallet"],"credentialSubject":{},"issuer":"a"}]}`), UniversalWallet, "locked@/contents/0 keys=0 owner= shares=0"},
		"a list":                    {[]byte("[\n" + badge("A") + ",\"" + token + "\",[1]]"), List, "/0 /1 unknown@/2 keys=0 owner= shares=0"},
		"lines":                     {[]byte(badge("A") + "\n\n" + token + "\r\n" + badge("B")), Lines, "line 1 line 3 line 4 keys=0 owner= shares=0"},
		"migration data": {[]byte(`{"transactionLog":[{"transactionIdentifier":"1","time":"2026-01-02T03:04:05","transactionType":"Presentation","transactionResult":"Completed","presentation":{"interactingPartyIdentifier":{"identifier":"EUID1"},"purpose":[{"lang":"nb","content":"søknad"}],"listOfClaimsPresented":[{"credentialIdentifier":"urn:eudi:pid:1","claims":["name"]}]}},{"transactionType":"CredentialDeletion","transactionResult":"Completed"}],` +
			`"listOfCredentials":[{"credentialIdentifier":"urn:eudi:pid:1","issuerName":"Utsteder","supplyPointURL":"https://a.example"}],"nonDeviceBoundCredentials":[{"format":"mso_mdoc","credential":"omppc3N1"},{"format":"ldp_vc","credential":` + badge("A") + `},{"format":"jwt_vc_json","credential":"` + token + `"}]}`), Migration,
			"/nonDeviceBoundCredentials/1 /nonDeviceBoundCredentials/2 mdoc@/nonDeviceBoundCredentials/0 bound@/listOfCredentials/0 keys=0 owner= shares=1"},
		"migration data as in the example": {[]byte(`{"MigrationData":{"transactionLog":[{"interactingPartyIdentifier":{"type":"http://data.europa.eu/eudi/id/EUID","identifier":"PLKRS.1"},"transactionIdentifier":"3","time":"2025-07-29T09:11:20","transactionType":"Presentation","transactionResult":"Completed","listOfClaimsPresented":[]}],"listOfCredentials":[],"nonDeviceBoundCredentials":[]}}`), Migration, "keys=0 owner= shares=1"},
	} {
		got, err := Read(t.Context(), c.raw)
		if err != nil || got.Form != c.form || summary(got) != c.want {
			t.Errorf("%s: %v\n got %v %s\nwant %v %s", name, err, got.Form, summary(got), c.form, c.want)
			continue
		}
		for _, e := range got.Credentials {
			if s := string(e.Raw); s != badge("A") && s != badge("B") && s != token {
				t.Errorf("%s: %s is not as it was issued: %s", name, e.At, s)
			}
		}
	}
	got, err := Read(t.Context(), learner(t, badge("A")))
	if err != nil {
		t.Fatal(err)
	}
	if own, _, err := did.KeyID(got.Keys[0].Public()); err != nil || own != id {
		t.Errorf("the key is that of %s, not of %s: %v", own, id, err)
	}
}

// TestReadRefused: what is damaged gives nothing, and says where.
func TestReadRefused(t *testing.T) {
	t.Parallel()
	whole := archive(t, "credentials/a.json", badge("A"))
	for name, c := range map[string]struct {
		raw  string
		code reason.Code
		at   string
	}{
		"empty":                         {"", "no_credential/backup", ""},
		"one credential":                {badge("A"), "no_credential/backup", ""},
		"nothing in it":                 {`{"type":"UniversalWallet2020","contents":[]}`, "no_credential/backup", ""},
		"no contents":                   {`{"type":"UniversalWallet2020"}`, "malformed/backup", ""},
		"contents of another kind":      {`{"type":"UniversalWallet2020","contents":{}}`, "malformed/backup", ""},
		"one wallet and a number":       {`[{"type":"UniversalWallet2020","contents":[` + badge("A") + `]},1]`, "malformed/backup", "/1"},
		"an envelope of nothing":        {`{"type":"UniversalWallet2020","contents":[` + badge("A") + `,{"type":"EnvelopedVerifiableCredential","id":"https://a"}]}`, "malformed/backup", "/contents/1"},
		"an envelope of noise":          {`[{"type":"EnvelopedVerifiableCredential","id":"data:application/vc+cose;base64,%%"}]`, "malformed/backup", "/0"},
		"members twice":                 {`{"type":"UniversalWallet2020","contents":[],"contents":[]}`, "no_credential/backup", ""},
		"cut off":                       {`[` + badge("A"), "no_credential/backup", ""},
		"a line that is none":           {badge("A") + "\nnot one", reason.MalformedJSON, "line 2"},
		"a log of another kind":         {`{"transactionLog":{},"listOfCredentials":[],"nonDeviceBoundCredentials":[]}`, "malformed/backup", "/transactionLog"},
		"an empty credential":           {`{"listOfCredentials":[],"nonDeviceBoundCredentials":[{"format":"ldp_vc"}]}`, "malformed/backup", "/nonDeviceBoundCredentials/0"},
		"noise for COSE":                {`{"listOfCredentials":[],"nonDeviceBoundCredentials":[{"format":"vc+cose","credential":"%"}]}`, reason.MalformedBase64, "/nonDeviceBoundCredentials/0"},
		"an archive cut off":            {string(whole[:700]), "malformed/tar", "credentials/a.json"},
		"an archive of noise":           {string(whole[:tarMarkAt]) + tarMark + strings.Repeat("x", 600), "malformed/tar", ""},
		"an archive with two of a name": {string(archive(t, "credentials/a.json", badge("A"), "credentials/a.json", badge("B"))), "malformed/tar", "credentials/a.json"},
		"a profile that is none":        {string(archive(t, "profiles/a.json", "[]")), reason.MalformedNotObject, "profiles/a.json"},
		"a huge file in an archive":     {string(archive(t, "credentials/a.json", strings.Repeat(" ", maxTarEntry+1))), reason.LimitSize, "credentials/a.json"},
	} {
		c2, err := Read(t.Context(), []byte(c.raw))
		if reason.CodeOf(err) != c.code || reason.AtOf(err) != c.at || c2 != nil {
			t.Errorf("%s: %v at %q, want %s at %q", name, err, reason.AtOf(err), c.code, c.at)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, learner(t, badge("A"))); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
	many := "[" + strings.Repeat("{},", maxEntries) + "{}]"
	if _, err := Read(t.Context(), []byte(many)); reason.CodeOf(err) != "resource_limit/backup" {
		t.Error(err)
	}
}

// TestLogIDs: the lines of logs of other wallets keep their ids where those can
// be typed and shown, and are told apart where they have none.
func TestLogIDs(t *testing.T) {
	t.Parallel()
	line := func(id, who string) string {
		return `{"transactionIdentifier":"` + id + `","time":"2026-01-02T03:04:05","transactionType":"Presentation","transactionResult":"Completed","interactingPartyIdentifier":{"identifier":"` + who + `"},"listOfClaimsPresented":[]}`
	}
	read := func(lines ...string) (ids []string) {
		t.Helper()
		c, err := Read(t.Context(), []byte(`{"transactionLog":[`+strings.Join(lines, ",")+`],"listOfCredentials":[],"nonDeviceBoundCredentials":[]}`))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range c.Shares {
			ids = append(ids, s.ID)
		}
		return ids
	}
	one, other := read(line("", "A"), line("7", "B")), read(line("", "C"), line(`\u001b[2J`, "D"))
	if one[1] != "7" || one[0] == other[0] || !isID(one[0]) || !isID(other[0]) || !isID(other[1]) {
		t.Errorf("%q %q", one, other)
	}
	if again := read(line("7", "B"), line("", "A")); again[1] != one[0] {
		t.Errorf("a line has another id in another place: %q %q", again, one)
	}
}

// TestLocked opens a migration object with its password.
func TestLocked(t *testing.T) {
	t.Parallel()
	plain, err := WriteMigration(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	locked, err := jwe.Encrypt(t.Context(), plain, []byte("passord"))
	if err != nil {
		t.Fatal(err)
	}
	if Detect(locked) != Locked || !Detect(locked).Backup() {
		t.Error(Detect(locked))
	}
	if got, err := Open(t.Context(), locked, []byte("passord")); err != nil || !bytes.Equal(got, plain) {
		t.Error(err)
	}
	if _, err := Open(t.Context(), locked, []byte("feil")); reason.CodeOf(err) != "locked/wrong-file-password" {
		t.Error(err)
	}
	if got, err := Open(t.Context(), plain, nil); err != nil || !bytes.Equal(got, plain) {
		t.Error(err)
	}
}

// FuzzRead: whatever comes in, nothing ends the program, and what is found in
// a JSON file stands in it.
func FuzzRead(f *testing.F) {
	f.Add(learner(f, badge("A")))
	f.Add(archive(f, "profiles/a.json", `{"credentialCids":["a"]}`, "credentials/a.json", badge("A")))
	f.Add([]byte("[" + badge("A") + ",\"" + token + "\"]"))
	f.Add([]byte(badge("A") + "\n" + token))
	f.Add([]byte(`{"listOfCredentials":[{}],"nonDeviceBoundCredentials":[{"format":"vc+cose","credential":"` + base64.RawURLEncoding.EncodeToString([]byte{0xd2, 0x84}) + `"}],"transactionLog":[{}]}`))
	f.Add([]byte(`{"type":"UniversalWallet2020","contents":[{"type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt,e%79J"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := Read(t.Context(), raw)
		if (err == nil) != (c != nil) {
			t.Fatal(c, err)
		}
		if err != nil {
			return
		}
		for _, e := range c.Credentials {
			if len(e.Raw) == 0 && c.Form != LearnerBackup {
				t.Fatalf("nothing at %s", e.At)
			}
		}
	})
}
