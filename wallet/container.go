package wallet

import (
	"archive/zip"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	formatName     = "bevis-wallet/1"
	readmeName     = "README.txt"
	manifestName   = "manifest.json"
	passphraseSlot = "slots/0-passphrase.age"
	recoverySlot   = "slots/1-recovery.age"

	maxFile    = 256 << 20
	maxEntries = 64
	maxBody    = 1 << 30 // inflated
	maxEvents  = 2_000_000
)

// readme is the first thing that somebody without bevis finds.
const readme = `This is a wallet of learning credentials, made by bevis (format bevis-wallet/1).
It can be opened without bevis, with the programs unzip, age (1.3 or newer)
and zstd:

    unzip wallet.bevis -d w && cd w
    age -d -o identity.txt slots/0-passphrase.age      (asks for your passphrase)
    age -d -i identity.txt body/*.jsonl.zst.age | zstd -d > wallet.jsonl

If the passphrase is lost, the 24 recovery words do the same:

    age -d -o identity.txt slots/1-recovery.age        (type the 24 words, in
                                                        small letters, with one
                                                        space between them)

Other parts in slots/ are for keys that were added, in a file or a device:

    age -d -o identity.txt -i KEYFILE slots/2-...

wallet.jsonl has one event a line. The lines with "op":"credential.add" hold
a credential each, exactly as it was issued, in the member "raw"; one that is no
text (COSE) is there as a data: URL in base64. A later line with
"op":"credential.remove" and the same "id" says that it was taken out, unless a
"log.merge" behind it has that id among those in "kept". The ones
with "op":"key.add" hold keys of yours: delete identity.txt and wallet.jsonl
when you are done.
`

// file is an entry of the archive.
type file struct {
	name string
	data []byte
}

// pack writes the archive. Equal entries give equal bytes.
func pack(files []file) ([]byte, error) {
	var b bytes.Buffer
	size := 0
	for _, f := range files {
		size += len(f.data) + 1024
	}
	b.Grow(size)
	err := packTo(&b, files)
	return b.Bytes(), err
}

func packTo(to io.Writer, files []file) error {
	w := zip.NewWriter(to)
	for _, f := range files {
		n := uint64(len(f.data))
		part, err := w.CreateRaw(&zip.FileHeader{Name: f.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(f.data), CompressedSize64: n, UncompressedSize64: n})
		if err != nil {
			return reason.Wrap(reason.Internal, "", err)
		}
		if _, err := part.Write(f.data); err != nil {
			return reason.Wrap(reason.Internal, "", err)
		}
	}
	return reason.Wrap(reason.Internal, "", w.Close())
}

// onlyThis takes what is left to be written, and nothing else.
type onlyThis struct{ left []byte }

func (s *onlyThis) Write(p []byte) (int, error) {
	rest, ok := bytes.CutPrefix(s.left, p)
	if !ok {
		return 0, io.ErrUnexpectedEOF
	}
	s.left = rest
	return len(p), nil
}

func corrupt(format string, args ...any) error {
	return reason.New("wallet_corrupt/file", "", "the wallet file is damaged: "+format+"; the last good version may be beside it, with ~ at the end of its name", args...)
}

// unpack reads an archive, and writes it again to see that not a bit of it
// is other than pack makes it.
func unpack(blob []byte) ([]file, error) {
	if len(blob) > maxFile {
		return nil, reason.New(reason.LimitSize, "", "a wallet file of %d bytes, the limit is %d", len(blob), maxFile)
	}
	if !bytes.HasPrefix(blob, []byte("PK\x03\x04")) {
		return nil, reason.New("wallet_corrupt/not-a-wallet", "", "this is not a wallet file")
	}
	if !fewEntries(blob) {
		return nil, corrupt("it has too many parts, or does not end as an archive")
	}
	r, err := zip.NewReader(bytes.NewReader(blob), int64(len(blob)))
	if err != nil {
		return nil, corrupt("it is no archive")
	}
	if len(r.File) > maxEntries {
		return nil, corrupt("it has %d parts", len(r.File))
	}
	var out []file
	left := uint64(len(blob)) // parts that lie over each other are more than the file
	for _, f := range r.File {
		if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 {
			return nil, corrupt("a part is compressed")
		}
		if f.UncompressedSize64 > left {
			return nil, corrupt("its parts are larger than the file")
		}
		left -= f.UncompressedSize64
		from, err := f.DataOffset()
		if err != nil || from < 0 || uint64(len(blob)) < uint64(from)+f.UncompressedSize64 {
			return nil, corrupt("a part cannot be read")
		}
		to := from + int64(f.UncompressedSize64)
		out = append(out, file{f.Name, blob[from:to:to]})
	}
	// This compares the checksums too.
	again := onlyThis{blob}
	if err := packTo(&again, out); err != nil || len(again.left) > 0 {
		return nil, corrupt("it is not as the wallet writes it")
	}
	return out, nil
}

// fewEntries reports whether the list of parts stands where pack writes it,
// just before the end, and is as short as a wallet's. The reader of archives
// takes memory for every part that is listed, which are millions in a file made
// for that.
func fewEntries(blob []byte) bool {
	const (
		endSize = 22              // of the end record, without a remark
		maxList = maxEntries << 9 // bytes: an entry has 46, and its name
	)
	at := len(blob) - endSize
	if at < 0 || !bytes.HasPrefix(blob[at:], []byte("PK\x05\x06")) {
		return false
	}
	size, from := binary.LittleEndian.Uint32(blob[at+12:]), binary.LittleEndian.Uint32(blob[at+16:])
	return size <= maxList && uint64(size)+uint64(from) == uint64(at)
}

// inOrder reports whether the parts stand as save writes them: manifest,
// readme, what is kept by its name, body.
func inOrder(files []file, body string) bool {
	last := len(files) - 1
	if last < 2 || files[0].name != manifestName || files[1].name != readmeName || files[last].name != body {
		return false
	}
	for i := 3; i < last; i++ {
		if files[i-1].name >= files[i].name {
			return false
		}
	}
	return true
}

func find(files []file, name string) ([]byte, bool) {
	for _, f := range files {
		if f.name == name {
			return f.data, true
		}
	}
	return nil, false
}

// manifest says what belongs together.
type manifest struct {
	Format     string            `json:"format"`
	Wallet     string            `json:"wallet"`
	Generation uint64            `json:"generation"`
	Head       string            `json:"head"`
	Body       string            `json:"body"`
	Digests    map[string]string `json:"digests"`
	MAC        string            `json:"mac"`
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// fits reports whether what is to be written could be read again.
func fits(events, log, file int) error {
	switch {
	case events > maxEvents:
		return reason.New(reason.LimitSize, "", "the wallet would have %d events, the limit is %d", events, maxEvents)
	case log > maxBody:
		return reason.New(reason.LimitSize, "", "the wallet's log would have %d bytes, the limit is %d", log, maxBody)
	case file > maxFile:
		return reason.New(reason.LimitSize, "", "the wallet file would have %d bytes, the limit is %d", file, maxFile)
	}
	return nil
}

// seal fills in the digests and the MAC. Maps are written in the order of
// their keys, so the bytes are determined.
func (m *manifest) seal(files []file, macKey []byte) ([]byte, error) {
	m.Digests = map[string]string{}
	for _, f := range files {
		m.Digests[f.name] = sha(f.data)
	}
	m.MAC = ""
	plain, err := m.text()
	if err != nil {
		return nil, err
	}
	m.MAC = hex.EncodeToString(mac(macKey, plain))
	return m.text()
}

// text writes the manifest.
func (m *manifest) text() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), reason.Wrap(reason.Internal, "", err)
}

func mac(key, data []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(data)
	return h.Sum(nil)
}

// readFile reads a wallet file as far as that can be done without its keys:
// nobody has vouched for it yet.
func readFile(blob []byte) ([]file, *manifest, error) {
	files, err := unpack(blob)
	if err != nil {
		return nil, nil, err
	}
	meta, err := readManifest(files)
	return files, meta, err
}

// readManifest reads the manifest and holds every entry against its digest.
// The MAC is checked by open, which has the key.
func readManifest(files []file) (*manifest, error) {
	raw, ok := find(files, manifestName)
	if !ok {
		return nil, corrupt("it has no manifest")
	}
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return nil, corrupt("the manifest cannot be read")
	}
	if format, _ := doc.Get("format").Text(); format != formatName {
		return nil, reason.New("wallet_corrupt/format", "", "the file is of format %.40q, this bevis reads %s", format, formatName)
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, corrupt("the manifest cannot be read")
	}
	// Go reads members in whatever case and passes over others: only what the
	// wallet would write counts, so that the MAC covers every byte.
	if again, err := m.text(); err != nil || !bytes.Equal(again, raw) {
		return nil, corrupt("the manifest is not as the wallet writes it")
	}
	if len(m.Digests) != len(files)-1 {
		return nil, corrupt("the manifest lists other parts")
	}
	listed := make([]bool, len(files))
	each(len(files), func(i int) {
		listed[i] = files[i].name == manifestName || m.Digests[files[i].name] == sha(files[i].data)
	})
	if slices.Contains(listed, false) {
		return nil, corrupt("a part is not the one that the manifest lists")
	}
	if !strings.HasPrefix(m.Body, "body/") || !inOrder(files, m.Body) {
		return nil, corrupt("it has no body, or its parts stand otherwise than the wallet writes them")
	}
	if err := slotsFit(files); err != nil {
		return nil, err
	}
	return &m, nil
}

// authentic checks the MAC.
func (m *manifest) authentic(macKey []byte) bool {
	claimed, err := hex.DecodeString(m.MAC)
	plain := *m
	plain.MAC = ""
	text, errText := plain.text()
	return err == nil && errText == nil && hmac.Equal(claimed, mac(macKey, text))
}

func bodyName(generation uint64) string { return fmt.Sprintf("body/%08d.jsonl.zst.age", generation) }
