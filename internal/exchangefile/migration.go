package exchangefile

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// Formats of EUDI TS10 section 3.19.1. It has no name for COSE, nor for tokens
// of Data Model 2.0: the former gets the one of its media type, the latter
// that of their elders.
const (
	formatJWT   = "jwt_vc_json"
	formatLDP   = "ldp_vc"
	formatSDJWT = "dc+sd-jwt"
	formatMdoc  = "mso_mdoc"
	formatCOSE  = "vc+cose"
)

func isMigration(v *strictjson.Value) bool {
	return v.Get("nonDeviceBoundCredentials") != nil && v.Get("listOfCredentials") != nil || v.Get("MigrationData") != nil
}

// migration reads MigrationData (EUDI TS10 version 1.2 section 3.18).
func (r *reader) migration(raw []byte) error {
	v, err := strictjson.ParseObject(raw, limits())
	if err != nil {
		return err
	}
	base := ""
	if inner := v.Get("MigrationData"); inner != nil { // as the example in section 4.2 may be read
		v, base = inner, "/MigrationData"
	}
	for _, name := range []string{"transactionLog", "listOfCredentials", "nonDeviceBoundCredentials"} {
		if k := v.Get(name).Kind(); k != strictjson.KindArray && k != strictjson.Absent {
			return reason.New("malformed/backup", base+"/"+name, "is no list")
		}
	}
	for n, item := range v.Get("nonDeviceBoundCredentials").Items() {
		if err := r.notBound(item, strictjson.Pointer(base+"/nonDeviceBoundCredentials", strconv.Itoa(n))); err != nil {
			return err
		}
	}
	for n, item := range v.Get("listOfCredentials").Items() {
		id, _ := item.Get("credentialIdentifier").Text()
		where, _ := item.Get("supplyPointURL").Text()
		detail := strings.Join(strings.Fields(id+" "+multiLang(item.Get("issuerName"))+" "+where), " ")
		if err := r.leave(strictjson.Pointer(base+"/listOfCredentials", strconv.Itoa(n)), LeftBound, detail); err != nil {
			return err
		}
	}
	for _, item := range v.Get("transactionLog").Items() {
		if len(r.out.Shares) >= maxEntries {
			return reason.New("resource_limit/backup", base+"/transactionLog", "more than %d lines of a log", maxEntries)
		}
		if share, ok := shareOf(item); ok {
			r.out.Shares = append(r.out.Shares, share)
		}
	}
	return nil
}

// notBound reads a NonDeviceBoundCredential (section 3.19.13).
func (r *reader) notBound(v *strictjson.Value, at string) error {
	format, _ := v.Get("format").Text()
	c := v.Get("credential")
	text, isText := c.Text()
	switch {
	case format == formatMdoc:
		return r.leave(at, LeftMdoc, format)
	case format == formatCOSE:
		raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil || len(raw) == 0 {
			return reason.New(reason.MalformedBase64, at, "the credential cannot be decoded")
		}
		return r.add(at, raw)
	case isText && text != "":
		return r.add(at, []byte(text))
	case c.Kind() == strictjson.KindObject: // as OpenID4VCI hands out ldp_vc
		return r.add(at, c.Raw())
	}
	return reason.New("malformed/backup", at, "there is no credential in it")
}

// multiLang returns a text that stands as a string, as {lang, content}, or as
// a list of those.
func multiLang(v *strictjson.Value) string {
	for _, item := range v.List() {
		if s, ok := item.Text(); ok {
			return s
		}
		if s, ok := item.Get("content").Text(); ok {
			return s
		}
	}
	return ""
}

const logTime = "2006-01-02T15:04:05" // section 3.1, in UTC

// shareOf reads a transaction that was a presentation. Other kinds are about
// the other wallet alone.
func shareOf(v *strictjson.Value) (wallet.Share, bool) {
	kind, _ := v.Get("transactionType").Text()
	result, _ := v.Get("transactionResult").Text()
	if kind != "Presentation" || result != "Completed" {
		return wallet.Share{}, false
	}
	p := v.Get("presentation")
	if p == nil {
		p = v // as in the example in section 4.1
	}
	id, _ := v.Get("transactionIdentifier").Text()
	if !isID(id) {
		id = sum(v.Raw())[:12] // by which it is known when the file comes again
	}
	out := wallet.Share{ID: id, Purpose: short(multiLang(p.Get("purpose")))}
	if out.Audience, _ = p.Get("interactingPartyIdentifier").Get("identifier").Text(); out.Audience == "" {
		out.Audience = multiLang(p.Get("interactingPartyName"))
	}
	out.Audience = short(out.Audience)
	when, _ := v.Get("time").Text()
	at, err := time.Parse(logTime, strings.TrimSuffix(when, "Z"))
	if err != nil || out.Audience == "" {
		return wallet.Share{}, false
	}
	out.At = at
	for _, info := range p.Get("listOfClaimsPresented").Items() {
		if title, ok := info.Get("credentialIdentifier").Text(); ok && len(out.Titles) < maxFields {
			out.Titles = append(out.Titles, short(title))
		}
		for _, claim := range info.Get("claims").Items() {
			if s, ok := claim.Text(); ok && len(out.Fields) < maxFields {
				out.Fields = append(out.Fields, short(s))
			}
		}
	}
	return out, true
}

const maxFields = 1000

// isID reports whether a text can be an id in the log, which people type.
func isID(s string) bool {
	return s != "" && len(s) <= maxDetail && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") == ""
}

// notBound is a NonDeviceBoundCredential.
type notBound struct {
	Format     string `json:"format"`
	Credential string `json:"credential"`
}

// WriteMigration writes MigrationData, to be locked by jwe.Encrypt. The keys of
// a bevis wallet lie in a file and not in a device, so no credential in it is
// bound to one: all are copied, and the list of what to ask for anew is empty.
func WriteMigration(items []wallet.Item, shares []wallet.Share) ([]byte, error) {
	data := struct {
		Log   []Transaction `json:"transactionLog"`
		Bound []struct{}    `json:"listOfCredentials"`
		Free  []notBound    `json:"nonDeviceBoundCredentials"`
	}{TransactionLog(shares), []struct{}{}, []notBound{}}
	for _, i := range items {
		c := notBound{formatLDP, string(i.Raw())}
		switch i.Form {
		case "jwt":
			c.Format = formatJWT
		case "sd-jwt":
			c.Format = formatSDJWT
		case "cose":
			c = notBound{formatCOSE, base64.RawURLEncoding.EncodeToString(i.Raw())}
		}
		data.Free = append(data.Free, c)
	}
	text, err := json.Marshal(data)
	return text, reason.Wrap(reason.Internal, "", err)
}
