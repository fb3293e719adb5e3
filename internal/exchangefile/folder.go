package exchangefile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// FolderSchema names the form of a folder, and of its index.
const FolderSchema = "bevis.wallet-export/v1"

// Names in a folder.
const (
	IndexName  = "index.json"
	ReadmeName = "README.txt"
	// EarlierFolder holds editions of which there is a newer one.
	EarlierFolder = "earlier"
)

// readmeMark is the first line of a folder's README, by which it is known
// again whatever language the rest is in.
const readmeMark = "bevis – " + FolderSchema + "\n"

// File is a file of a folder. Its name has slashes.
type File struct {
	Name string
	Data []byte
}

// FolderRequest is what a folder is to hold.
type FolderRequest struct {
	Items     []wallet.Item
	Earlier   []wallet.Item // editions of which there is a newer one
	Histories []wallet.History
	Readme    string // for people, in their language
	Made      time.Time
}

// Folder returns the files of a folder: each credential exactly as it was
// issued, each file of results, an index and a README.
func Folder(r FolderRequest) ([]File, error) {
	index := struct {
		Schema      string       `json:"schema"`
		Made        time.Time    `json:"made"`
		Credentials []indexEntry `json:"credentials"`
		Histories   []indexEntry `json:"histories"`
	}{FolderSchema, r.Made.UTC().Truncate(time.Second), []indexEntry{}, []indexEntry{}}
	var files []File
	put := func(i wallet.Item, folder string) {
		f := File{folder + FileName(i), i.Raw()}
		files = append(files, f)
		index.Credentials = append(index.Credentials, indexEntry{File: f.Name, ID: i.ID, Form: i.Form, Title: i.Title, Issuer: i.Issuer,
			IssuerName: i.IssuerName, Credential: i.Credential, ValidFrom: i.ValidFrom, ValidUntil: i.ValidUntil, AddedAt: i.AddedAt, Source: i.Source, Earlier: folder != "", SHA256: sum(f.Data)})
	}
	for _, i := range r.Items {
		put(i, "")
	}
	for _, i := range r.Earlier {
		put(i, EarlierFolder+"/")
	}
	for _, h := range r.Histories {
		f := File{"history-" + h.ID + extensionOf(h), h.Raw()}
		files = append(files, f)
		index.Histories = append(index.Histories, indexEntry{File: f.Name, ID: h.ID, Form: h.Kind, AddedAt: h.AddedAt, Source: h.Source, SHA256: sum(f.Data)})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(index); err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	return append(files, File{IndexName, b.Bytes()}, File{ReadmeName, []byte(readmeMark + "\n" + r.Readme)}), nil
}

type indexEntry struct {
	File       string    `json:"file"`
	ID         string    `json:"id"`
	Form       string    `json:"form"`
	Title      string    `json:"title,omitempty"`
	Issuer     string    `json:"issuer,omitempty"`
	IssuerName string    `json:"issuerName,omitempty"`
	Credential string    `json:"credential,omitempty"`
	ValidFrom  time.Time `json:"validFrom,omitzero"`
	ValidUntil time.Time `json:"validUntil,omitzero"`
	AddedAt    time.Time `json:"addedAt"`
	Source     string    `json:"source,omitempty"`
	Earlier    bool      `json:"earlier,omitempty"`
	SHA256     string    `json:"sha256"`
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// Beside reports whether a file is one that stands in a folder beside the
// credentials: the index or the README.
func Beside(raw []byte) bool {
	if bytes.HasPrefix(raw, []byte(readmeMark)) {
		return true
	}
	if len(raw) > MaxSize || !bytes.Contains(raw, []byte(FolderSchema)) {
		return false
	}
	v, err := strictjson.ParseObject(raw, limits())
	schema, _ := v.Get("schema").Text()
	return err == nil && schema == FolderSchema
}

const maxSlug = 40 // characters

// BaseName returns a name for a credential's file without an extension: its
// title in letters that every system takes, and its id, so that no two are
// alike.
func BaseName(i wallet.Item) string {
	var b strings.Builder
	for _, c := range wallet.Fold(i.Title) {
		switch {
		case b.Len() >= maxSlug:
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	slug := strings.Trim(b.String(), "-")
	if slug == "" {
		return i.ID
	}
	return slug + "-" + i.ID
}

// FileName returns the name of a credential's file.
func FileName(i wallet.Item) string {
	extension := ".txt" // of a form that a later version kept
	switch i.Form {
	case "json":
		extension = ".json"
	case "jwt":
		extension = ".jwt"
	case "sd-jwt":
		extension = ".sd-jwt"
	case "cose":
		extension = ".cose"
	}
	return BaseName(i) + extension
}

func extensionOf(h wallet.History) string {
	if h.Kind == "elmo" {
		return ".elmo.xml"
	}
	return ".txt"
}
