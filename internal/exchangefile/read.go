package exchangefile

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jwe"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// Form is a form of file.
type Form string

// The forms. None is anything else, such as one credential.
const (
	None            Form = ""
	UniversalWallet Form = "universal-wallet" // one, or a list of them as in "Wallet Backup.json"
	LearnerBackup   Form = "learner-backup"   // the archive of the learner credential wallet
	Migration       Form = "eudi-migration"
	Locked          Form = "locked" // a JWE, which a password opens
	List            Form = "list"   // credentials in a JSON array
	Lines           Form = "lines"  // or one a line
	Record          Form = "clr"    // a learner record that a person has put together themself
)

// Backup reports whether a form is that of a whole wallet, and not of
// credentials alone.
func (f Form) Backup() bool {
	return f == UniversalWallet || f == LearnerBackup || f == Migration || f == Locked
}

// Limits of what is read.
const (
	MaxSize    = jwe.MaxSize // bytes of a file
	maxValues  = 4_000_000   // JSON values in it
	maxEntries = 100_000     // credentials in it, or files of an archive
)

func limits() strictjson.Limits { return strictjson.Limits{MaxBytes: MaxSize, MaxValues: maxValues} }

// Contents is what a file holds.
type Contents struct {
	Form        Form
	Owner       []string // names that the profiles in it have
	Credentials []Entry
	Shares      []wallet.Share // what was shown to whom, as the other wallet says
	Left        []Left         // what cannot be taken in

	// Keys are the private keys that can be taken in. Their bytes stood open
	// in the file, unless it was locked.
	Keys []*key.Private
}

// Entry is what may be a credential, with its bytes as they were issued.
type Entry struct {
	At  string // where in the file, as a JSON pointer or a name
	Raw []byte
}

// What says why something cannot be taken in. It is a key for a text.
type What string

// The reasons.
const (
	LeftMdoc    What = "mdoc"    // ISO/IEC 18013-5, which this wallet does not read
	LeftBound   What = "bound"   // is bound to the other device: Detail says where to ask for it anew
	LeftLocked  What = "locked"  // encrypted in a way that is not read here
	LeftKey     What = "key"     // a private key that is not one of a did:key with Ed25519
	LeftUnknown What = "unknown" // Detail is the type that it says it has
	LeftMissing What = "missing" // the file names it, and does not hold it
)

// Left is something that cannot be taken in.
type Left struct {
	At     string `json:"at"`
	What   What   `json:"what"`
	Detail string `json:"detail,omitempty"`
}

// Detect tells the form of a file by its content.
func Detect(raw []byte) Form {
	text := bytes.TrimSpace(raw)
	switch {
	case len(text) == 0 || len(raw) > MaxSize:
		return None
	case isTar(raw):
		return LearnerBackup
	case jwe.Is(text):
		return Locked
	case text[0] == '[':
		v, err := strictjson.Parse(text, limits())
		switch {
		case err != nil:
			return None
		case len(v.Items()) > 0 && isUniversal(v.Items()[0]):
			return UniversalWallet
		}
		return List
	case text[0] != '{' && !bytes.HasPrefix(text, []byte("eyJ")):
		return None
	}
	if v, err := strictjson.ParseObject(text, limits()); err == nil {
		switch {
		case isUniversal(v):
			return UniversalWallet
		case isMigration(v):
			return Migration
		case isOwnRecord(v):
			return Record
		}
		return None
	}
	if first, rest, more := bytes.Cut(text, []byte("\n")); more && len(bytes.TrimSpace(rest)) > 0 && isLine(first) {
		return Lines
	}
	return None
}

// isLine reports whether a line is a JSON object or a token by itself.
func isLine(line []byte) bool {
	line = bytes.TrimSpace(line)
	if bytes.HasPrefix(line, []byte("eyJ")) {
		return !bytes.ContainsAny(line, " \t")
	}
	_, err := strictjson.ParseObject(line, limits())
	return err == nil
}

// Open unlocks a file that is locked with a password, and returns any other as
// it is.
func Open(ctx context.Context, raw, password []byte) ([]byte, error) {
	if !jwe.Is(raw) {
		return raw, nil
	}
	return jwe.Decrypt(ctx, raw, password)
}

// Read reads a file of a form that Detect knows, other than Locked. Errors are
// those of strict reading, no_credential/backup for a sound file with nothing
// in it, malformed/tar, malformed/backup and resource_limit.
func Read(ctx context.Context, raw []byte) (*Contents, error) {
	c := &Contents{Form: Detect(raw)}
	r := &reader{ctx: ctx, out: c}
	var err error
	switch c.Form {
	case UniversalWallet:
		err = r.universal(raw)
	case Migration:
		err = r.migration(raw)
	case LearnerBackup:
		err = r.learnerBackup(raw)
	case List:
		err = r.list(raw)
	case Record:
		err = r.record(raw)
	case Lines:
		err = r.lines(raw)
	default:
		err = reason.New("no_credential/backup", "", "this is no file of a wallet that is known here")
	}
	if err != nil {
		return nil, err
	}
	if len(c.Credentials)+len(c.Left)+len(c.Keys)+len(c.Shares) == 0 {
		return nil, reason.New("no_credential/backup", "", "there is nothing in it")
	}
	return c, nil
}

// reader is the state of one reading.
type reader struct {
	ctx context.Context
	out *Contents
}

func (r *reader) add(at string, raw []byte) error {
	if err := r.ctx.Err(); err != nil {
		return reason.Wrap(reason.Canceled, "", err)
	}
	if len(r.out.Credentials) >= maxEntries {
		return reason.New("resource_limit/backup", at, "more than %d credentials", maxEntries)
	}
	r.out.Credentials = append(r.out.Credentials, Entry{at, raw})
	return nil
}

func (r *reader) leave(at string, what What, detail string) error {
	if len(r.out.Left) >= maxEntries {
		return reason.New("resource_limit/backup", at, "more than %d things that cannot be kept", maxEntries)
	}
	r.out.Left = append(r.out.Left, Left{at, what, short(detail)})
	return nil
}

const maxDetail = 200 // bytes

func short(s string) string {
	if len(s) > maxDetail {
		return strings.ToValidUTF8(s[:maxDetail], "") + "…"
	}
	return s
}

// list reads a JSON array of credentials.
func (r *reader) list(raw []byte) error {
	v, err := strictjson.Parse(raw, limits())
	if err != nil {
		return err
	}
	return r.each(v.Items(), "")
}

// each reads credentials that stand in a list.
func (r *reader) each(items []*strictjson.Value, base string) error {
	for n, item := range items {
		at := strictjson.Pointer(base, strconv.Itoa(n))
		credential, ok, err := unwrapped(item)
		switch {
		case err != nil:
			return reason.New(reason.CodeOf(err), at, "%w", err)
		case !ok:
			err = r.leave(at, LeftUnknown, item.Kind().String())
		default:
			err = r.add(at, credential)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isOwnRecord reports whether a document is a comprehensive learner record (CLR
// 2.0) of somebody about themself. Its credentials stand by their own proofs;
// those in a record of a school may not.
func isOwnRecord(v *strictjson.Value) bool {
	if !credential.HasType(v, "ClrCredential") {
		return false
	}
	issuer, subject := credential.ID(v.Get("issuer")), credential.ID(v.Get("credentialSubject"))
	return issuer != "" && issuer == subject
}

// record reads the credentials in a learner record.
func (r *reader) record(raw []byte) error {
	v, err := strictjson.ParseObject(raw, limits())
	if err != nil {
		return err
	}
	return r.each(v.Get("credentialSubject").Get("verifiableCredential").List(), "/credentialSubject/verifiableCredential")
}

// lines reads one credential from each line.
func (r *reader) lines(raw []byte) error {
	for n := 1; len(raw) > 0; n++ {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		raw = rest
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if !isLine(line) {
			return reason.New(reason.MalformedJSON, "line "+strconv.Itoa(n), "neither a JSON object nor a token")
		}
		if err := r.add("line "+strconv.Itoa(n), line); err != nil {
			return err
		}
	}
	return nil
}

// unwrapped returns the bytes of a credential as they were issued: of an
// object, of a token in a string, or out of an envelope.
func unwrapped(v *strictjson.Value) (raw []byte, ok bool, err error) {
	if text, isText := v.Text(); isText {
		text = strings.TrimSpace(text)
		if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "eyJ") {
			return []byte(text), true, nil
		}
		return nil, false, nil
	}
	if v.Kind() != strictjson.KindObject {
		return nil, false, nil
	}
	if credential.HasType(v, "EnvelopedVerifiableCredential") {
		id, _ := v.Get("id").Text()
		raw, err = fromDataURL(id)
		return raw, err == nil, err
	}
	return v.Raw(), true, nil
}

// fromDataURL returns what lies in a data: URL (RFC 2397) that is a credential.
func fromDataURL(s string) ([]byte, error) {
	wrong := reason.New("malformed/backup", "", "an envelope holds no credential")
	rest, ok := strings.CutPrefix(s, "data:")
	kind, data, hasData := strings.Cut(rest, ",")
	if !ok || !hasData || !strings.HasPrefix(kind, "application/") || data == "" {
		return nil, wrong
	}
	if strings.HasSuffix(kind, ";base64") {
		raw, err := base64.StdEncoding.Strict().DecodeString(data)
		if err != nil {
			return nil, wrong
		}
		return raw, nil
	}
	if plain, err := url.PathUnescape(data); err == nil {
		data = plain
	}
	return []byte(data), nil
}

// enveloped returns a credential as a JSON value: as it is, or in an envelope
// (Data Model 2.0 section 4.13) that keeps the bytes.
func enveloped(form string, raw []byte) []byte {
	if form == "json" {
		return raw
	}
	address := ""
	switch {
	case proof.IsCOSE(raw):
		address = "data:application/vc+cose;base64," + base64.StdEncoding.EncodeToString(raw)
	case form == "sd-jwt":
		address = "data:application/dc+sd-jwt," + string(raw)
	default:
		address = "data:application/vc+jwt," + string(raw)
	}
	out := []byte(`{"@context":"` + credential.ContextV2 + `","id":`)
	out = strictjson.AppendString(out, address)
	return append(out, `,"type":"EnvelopedVerifiableCredential"}`...)
}
