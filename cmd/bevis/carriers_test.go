package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"rsc.io/qr"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/internal/carrier"
	"github.com/kompetansebevis/bevis/internal/papercode"
	"github.com/kompetansebevis/bevis/internal/pdf"
	bevisqr "github.com/kompetansebevis/bevis/internal/qr"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// carry makes what credentials come in:
//
//	carry zip OUT FILE…   an archive of files
//	carry store OUT FILE… an archive of files, packed as a wallet is
//	carry empties OUT N NAME
//	                      an archive of N empty files, and one of a name
//	carry pdf OUT FILE…   a PDF with files attached
//	carry page OUT FILE,… CODE,…
//	                      a PDF with files attached, and pages with the codes
//	                      that are in pictures; - is none
//	carry forge OUT FILE  a picture of a code as issuers sign them, for a file, by nobody who is known
//	carry qr OUT TEXT     a picture of a QR code with a text, or with what is in @FILE
//	carry marks OUT SIZE  a picture full of the corner marks of QR codes
//	carry lock OUT FILE   an archive that says its first entry is encrypted
//	carry bytes OUT TEXT  bytes, written as in a string of Go
//	carry patch OUT OFFSET TEXT
//	                      bytes in the place of those in a file
//	carry many OUT N BEFORE TEXT BEHIND
//	                      a text N times, with its number for %d and lines for \n, between two others
func carry(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: carry zip|pdf|qr OUT FILE…")
	}
	var out []byte
	switch args[0] {
	case "zip":
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, name := range args[2:] {
			part, err := w.Create(name)
			ts.Check(err)
			_, err = part.Write([]byte(ts.ReadFile(name)))
			ts.Check(err)
		}
		ts.Check(w.Close())
		out = b.Bytes()
	case "empties":
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i := range n {
			_, err := w.Create(strconv.Itoa(i))
			ts.Check(err)
		}
		_, err = w.Create(args[3])
		ts.Check(err)
		ts.Check(w.Close())
		out = b.Bytes()
	case "store":
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, name := range args[2:] {
			data := []byte(ts.ReadFile(name))
			n := uint64(len(data))
			part, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(data), CompressedSize64: n, UncompressedSize64: n})
			ts.Check(err)
			_, err = part.Write(data)
			ts.Check(err)
		}
		ts.Check(w.Close())
		out = b.Bytes()
	case "pdf":
		out = attach(ts, args[2:])
	case "page":
		out = page(ts, args[2], args[3])
	case "forge":
		out = otherCode(ts, args[2])
	case "qr":
		text := args[2]
		if name, ok := strings.CutPrefix(text, "@"); ok {
			text = strings.TrimSpace(ts.ReadFile(name))
		}
		code, err := qr.Encode(text, qr.L)
		ts.Check(err)
		code.Scale = 4
		var b bytes.Buffer
		ts.Check(png.Encode(&b, code.Image()))
		out = b.Bytes()
	case "marks":
		size, err := strconv.Atoi(args[2])
		ts.Check(err)
		sheet := image.NewGray(image.Rect(0, 0, size, size))
		for y := range size {
			for x := range size {
				// Each cell of 30 pixels holds rings of dark, light and dark.
				if ring := max(max(x%30, 20-x%30), max(y%30, 20-y%30)) / 3; ring > 6 || ring == 5 {
					sheet.Pix[y*sheet.Stride+x] = 0xFF
				}
			}
		}
		var b bytes.Buffer
		ts.Check(png.Encode(&b, sheet))
		out = b.Bytes()
	case "lock":
		out = []byte(ts.ReadFile(args[2]))
		out[bytes.Index(out, []byte("PK\x01\x02"))+8] |= 1
	case "bytes":
		text, err := strconv.Unquote(`"` + args[2] + `"`)
		ts.Check(err)
		out = []byte(text)
	case "patch":
		at, err := strconv.Atoi(args[2])
		ts.Check(err)
		text, err := strconv.Unquote(`"` + args[3] + `"`)
		ts.Check(err)
		out = []byte(ts.ReadFile(args[1]))
		copy(out[at:], text)
	case "many":
		out = many(ts, args[2:])
	default:
		ts.Fatalf("unknown: %s", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o666))
}

func many(ts *testscript.TestScript, args []string) []byte {
	if len(args) != 4 {
		ts.Fatalf("usage: carry many OUT N BEFORE TEXT BEHIND")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	out := bytes.NewBufferString(args[1])
	for i := range n {
		out.WriteString(strings.NewReplacer("%d", strconv.Itoa(i), `\n`, "\n").Replace(args[2]))
	}
	out.WriteString(args[3])
	return out.Bytes()
}

// attach writes a PDF with files of the script attached.
func attach(ts *testscript.TestScript, names []string) []byte {
	var files []attachment
	for _, name := range names {
		files = append(files, attachment{filepath.Base(name), ts.ReadFile(name)})
	}
	return pdfWith(files...)
}

type attachment struct{ name, body string }

// pdfWith is a PDF of one empty page with files attached (ISO 32000-2 section
// 7.11.4).
func pdfWith(files ...attachment) []byte {
	var tree strings.Builder
	objects := []string{"", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"}
	for _, f := range files {
		n := len(objects) + 1
		fmt.Fprintf(&tree, "(%s) %d 0 R ", f.name, n)
		objects = append(objects, fmt.Sprintf("<< /Type /Filespec /F (%s) /EF << /F %d 0 R >> >>", f.name, n+1),
			fmt.Sprintf("<< /Type /EmbeddedFile /Length %d >>\nstream\n%s\nendstream", len(f.body), f.body))
	}
	objects[0] = "<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [" + tree.String() + "] >> >> >>"
	b := bytes.NewBufferString("%PDF-1.7\n")
	table := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, object := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	fmt.Fprintf(b, "%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", table, len(objects)+1, b.Len())
	return b.Bytes()
}

// page writes a PDF as bevis does, with codes and attachments as somebody may put
// them together who wants to deceive.
func page(ts *testscript.TestScript, files, codes string) []byte {
	fonts, err := pdf.GoFonts()
	ts.Check(err)
	d := pdf.Document{Title: "x", Language: "en", Created: time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC), Fonts: fonts}
	for _, name := range strings.Split(files, ",") {
		if name == "-" {
			continue
		}
		d.Files = append(d.Files, pdf.File{Name: filepath.Base(name), MediaType: "application/vc", Relationship: "Source", Data: []byte(ts.ReadFile(name))})
	}
	for _, name := range strings.Split(codes, ",") {
		var boxes []pdf.Box
		if name != "-" {
			texts, err := carrier.QRTexts(context.Background(), []byte(ts.ReadFile(name)), carrier.Limits{})
			ts.Check(err)
			modules, err := bevisqr.Modules(texts[0], bevisqr.Low)
			ts.Check(err)
			for y, line := range modules {
				for x, dark := range line {
					if dark {
						boxes = append(boxes, pdf.Box{X: 50 + 2*float64(x), Y: 50 + 2*float64(y), W: 2, H: 2})
					}
				}
			}
		}
		d.Pages = append(d.Pages, pdf.Page{Width: 595, Height: 842, Blocks: []pdf.Block{{Items: []pdf.Item{pdf.Boxes{Boxes: boxes}}}}})
	}
	out, err := d.Write()
	ts.Check(err)
	return out
}

// otherCode makes the code of a page for a credential, signed by a key of its own.
func otherCode(ts *testscript.TestScript, file string) []byte {
	in, err := proof.Read(bytes.TrimSpace([]byte(ts.ReadFile(file))), strictjson.Limits{})
	ts.Check(err)
	digest, err := cose.Digest(in)
	ts.Check(err)
	private, err := key.Generate(key.Ed25519)
	ts.Check(err)
	id, method, err := did.KeyID(private.Public())
	ts.Check(err)
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	message, err := cose.SignPrinted(context.Background(), cose.Printed{Issuer: id, From: at, Created: at, Name: "Doctor", Digest: digest}, private.Signer(method))
	ts.Check(err)
	picture, err := bevisqr.PNG(papercode.Text(message), bevisqr.Config{})
	ts.Check(err)
	return picture
}
