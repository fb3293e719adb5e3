package carrier

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // formats that image.Decode reads
	_ "image/jpeg"
	_ "image/png"
	"strconv"
	"strings"

	"github.com/makiuchi-d/gozxing"
	multi "github.com/makiuchi-d/gozxing/multi/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode/detector"

	"github.com/kompetansebevis/bevis/internal/papercode"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	maxQRMarks   = 36   // corner marks in one picture, three to a code
	maxQRAddress = 2000 // bytes of an address that is shown

	// shareKey is in the link to a share, in front of the key to it.
	shareKey = "#AGE-SECRET-KEY-1"
)

// openQR reads the QR codes of a picture and returns those that hold a
// credential. An address in a code is told, and never opened.
func openQR(ctx context.Context, raw []byte, lim Limits) ([]Item, error) {
	gray, err := decodePicture(raw, lim)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	texts, err := readQR(gray)
	if err != nil {
		return nil, err
	}
	if len(texts) == 0 {
		return nil, reason.New("no_credential/picture", "", "the picture carries no credential, and no QR code that can be read")
	}
	var out []Item
	var why error
	for i, text := range texts {
		if papercode.Is(text) {
			message, err := papercode.Read(text)
			if err != nil {
				why = err
				continue
			}
			out = append(out, Item{Kind: QR, Raw: message, Name: numbered(i, len(texts))})
			continue
		}
		if !isCredential([]byte(text)) {
			if why == nil {
				why = notInQR(strings.TrimSpace(text))
			}
			continue
		}
		out = append(out, Item{Kind: QR, Raw: []byte(text), Name: numbered(i, len(texts))})
	}
	if len(out) == 0 {
		return nil, why
	}
	return out, nil
}

// numbered is the name of a code among several.
func numbered(i, of int) string {
	if of == 1 {
		return ""
	}
	return "QR " + strconv.Itoa(i+1)
}

// QRTexts returns what the QR codes in a picture say, for those who know what
// they look for. It may be a secret. Errors are those of Open about a picture.
func QRTexts(ctx context.Context, raw []byte, lim Limits) ([]string, error) {
	gray, err := decodePicture(raw, lim.withDefaults())
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	return readQR(gray)
}

// notInQR says what a code holds that is no credential.
func notInQR(text string) error {
	scheme, _, found := strings.Cut(text, ":")
	switch {
	case strings.Contains(text, shareKey):
		// Whoever sees the address can open the share: it is not shown.
		return reason.New("no_credential/qr-share", "", "the QR code holds the link to a share; it is not opened on its own")
	case strings.HasPrefix(text, "VP1-"):
		return reason.New("no_credential/qr-cborld", "", "the QR code holds a presentation in CBOR-LD, a packed form that is not read here")
	case found && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")) && len(text) <= maxQRAddress:
		return reason.New("no_credential/qr-link", text, "the QR code holds this address and no credential; it is not opened on its own")
	default:
		return reason.New("no_credential/qr-other", "", "the QR code holds something else than a credential")
	}
}

// decodePicture reads pixels as shades of grey, when they fit in memory by
// what the picture's header says.
func decodePicture(raw []byte, lim Limits) (*image.Gray, error) {
	if code, ok := drawn(raw); ok {
		return code, nil
	}
	damaged := func() error { return reason.New("image_invalid/picture", "", "the picture is damaged") }
	config, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, damaged()
	}
	if config.Width <= 0 || config.Height <= 0 || int64(config.Width) > int64(lim.MaxPixels)/int64(config.Height)/bytesPerPixel(raw, config, format) {
		return nil, reason.New("resource_limit/pixels", "", "a picture of %d by %d pixels is larger than is read", config.Width, config.Height)
	}
	picture, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, damaged()
	}
	return grey(picture), nil
}

// bytesPerPixel is how much memory a pixel takes while it is decoded.
func bytesPerPixel(raw []byte, config image.Config, format string) int64 {
	switch config.ColorModel {
	case color.GrayModel:
		return 1
	case color.YCbCrModel, color.CMYKModel:
		if progressive(raw) {
			return 16 // coefficients are kept until the end
		}
		return 4
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model:
		return 8
	}
	if _, ok := config.ColorModel.(color.Palette); ok && format == "gif" {
		return 1
	}
	return 4
}

// progressive reports whether a JPEG comes in passes: its frame header is SOF2
// (ITU-T T.81 section B.2.2). What cannot be told counts as progressive.
func progressive(raw []byte) bool {
	for at := 2; at+4 <= len(raw) && raw[at] == 0xFF; {
		switch kind := raw[at+1]; {
		case kind == 0xFF: // fill
			at++
			continue
		case kind == 0xC0 || kind == 0xC1:
			return false
		case kind == 0xC2:
			return true
		}
		at += 2 + int(binary.BigEndian.Uint16(raw[at+2:]))
	}
	return true
}

// grey flattens a picture onto white: most codes are black on it, or on
// nothing.
func grey(picture image.Image) *image.Gray {
	b := picture.Bounds()
	if same, ok := picture.(*image.Gray); ok && b.Min == (image.Point{}) && same.Stride == b.Dx() {
		return same
	}
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	if jpeg, ok := picture.(*image.YCbCr); ok {
		for y := range b.Dy() {
			start := jpeg.YOffset(b.Min.X, b.Min.Y+y)
			copy(out.Pix[y*out.Stride:], jpeg.Y[start:start+b.Dx()])
		}
		return out
	}
	at := func(x, y int) color.RGBA64 {
		r, g, b, a := picture.At(x, y).RGBA()
		return color.RGBA64{uint16(r), uint16(g), uint16(b), uint16(a)}
	}
	if direct, ok := picture.(image.RGBA64Image); ok { // without making each pixel a value of its own
		at = direct.RGBA64At
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := at(b.Min.X+x, b.Min.Y+y)
			luma := (19595*uint32(c.R) + 38470*uint32(c.G) + 7471*uint32(c.B) + 1<<15) >> 16
			out.Pix[y*out.Stride+x] = byte((luma + 0xFFFF - uint32(c.A)) >> 8)
		}
	}
	return out
}

// readQR returns the texts of the QR codes in a picture: of one that fills it,
// as programs draw them, else of all that are found. The library is not ours
// and pictures are anybody's, so should it fall over one, that picture cannot
// be read.
func readQR(gray *image.Gray) ([]string, error) {
	texts, err := upright(func() ([]string, error) { return codesIn(gray) })
	if len(texts) > 0 {
		return texts, nil
	}
	// Grain of a scan or of a camera in poor light looks like marks, and breaks up
	// those that are some. Once more without it.
	soft := softened(gray)
	if again, _ := upright(func() ([]string, error) { return codesIn(soft) }); len(again) > 0 {
		return again, nil
	}
	return texts, err
}

// softened returns a picture in which each pixel is the mean of those around it.
func softened(gray *image.Gray) *image.Gray {
	b := gray.Bounds()
	out := image.NewGray(b)
	across := make([]uint16, b.Dx()*3) // sums of three beside each other, of three rows
	row := func(y int) []uint16 { return across[y%3*b.Dx():][:b.Dx()] }
	sum := func(y int) {
		line, to := gray.Pix[y*gray.Stride:][:b.Dx()], row(y)
		for x := range line {
			to[x] = uint16(line[max(x-1, 0)]) + uint16(line[x]) + uint16(line[min(x+1, len(line)-1)])
		}
	}
	for y := range b.Dy() {
		if y == 0 {
			sum(0)
		}
		if y+1 < b.Dy() {
			sum(y + 1)
		}
		above, own, below := row(max(y-1, 0)), row(y), row(min(y+1, b.Dy()-1))
		to := out.Pix[y*out.Stride:][:b.Dx()]
		for x := range to {
			to[x] = byte((above[x] + own[x] + below[x]) / 9)
		}
	}
	return out
}

// upright is what read returns, or the error that it fell over.
func upright(read func() ([]string, error)) (texts []string, err error) {
	defer func() {
		if recover() != nil {
			texts, err = nil, reason.New("image_invalid/qr", "", "the QR code in the picture cannot be read")
		}
	}()
	return read()
}

func codesIn(gray *image.Gray) ([]string, error) {
	bitmap, err := bitmapOf(gray)
	if err != nil {
		return nil, nil
	}
	matrix, err := bitmap.GetBlackMatrix()
	if err != nil {
		return nil, nil
	}
	one := qrcode.NewQRCodeReader()
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_CHARACTER_SET: "UTF-8", gozxing.DecodeHintType_PURE_BARCODE: true}
	// Finding codes takes the third power of the marks that look like corners,
	// so these are counted first. Where there is more than one code, reading
	// the picture as if a code filled it would see one alone.
	n := marks(matrix)
	if n <= 3 || n > maxQRMarks {
		if result, err := one.Decode(bitmap, hints); err == nil {
			return []string{result.GetText()}, nil
		}
	}
	switch {
	case n == 0:
		return nil, nil
	case n > maxQRMarks:
		return nil, reason.New("resource_limit/qr", "", "the picture has more marks like those of QR codes than are read")
	}
	delete(hints, gozxing.DecodeHintType_PURE_BARCODE)
	hints[gozxing.DecodeHintType_TRY_HARDER] = true
	// The reader takes the clearest code, so one is wiped out before the next is
	// looked for. The reader of several at once takes what is left.
	var texts []string
	for len(texts) < maxQRMarks/3 {
		result, err := one.Decode(bitmap, hints)
		if err != nil {
			break
		}
		texts = append(texts, result.GetText())
		wipe(gray, result.GetResultPoints())
		if bitmap, err = bitmapOf(gray); err != nil {
			return texts, nil
		}
	}
	if results, err := multi.NewQRCodeMultiReader().DecodeMultiple(bitmap, hints); err == nil {
		for _, result := range results {
			texts = append(texts, result.GetText())
		}
	}
	if len(texts) == 0 {
		hints[gozxing.DecodeHintType_PURE_BARCODE] = true
		if result, err := one.Decode(bitmap, hints); err == nil {
			texts = append(texts, result.GetText())
		}
	}
	return texts, nil
}

// bitmapOf looks at the very pixels, of which the library would make a copy.
func bitmapOf(gray *image.Gray) (*gozxing.BinaryBitmap, error) {
	b := gray.Bounds()
	source, err := gozxing.NewPlanarYUVLuminanceSource(gray.Pix, b.Dx(), b.Dy(), 0, 0, b.Dx(), b.Dy(), false)
	if err != nil {
		return nil, err
	}
	return gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(source))
}

// wipe whitens the square in which a code's points lie: the centres of its
// corner marks, which stand a seventh and more from its edges.
func wipe(gray *image.Gray, points []gozxing.ResultPoint) {
	box := image.Rectangle{}
	for i, p := range points {
		at := image.Rect(int(p.GetX()), int(p.GetY()), int(p.GetX())+1, int(p.GetY())+1)
		if i == 0 {
			box = at
		}
		box = box.Union(at)
	}
	draw.Draw(gray, box.Inset(-max(box.Dx(), box.Dy())/4-1), image.White, image.Point{}, draw.Src)
}

// marks counts what looks like the corner of a QR code, up to a little over
// what is allowed: dark, light, dark, light and dark in widths of 1, 1, 3, 1
// and 1 (ISO/IEC 18004 section 6.3.3), along a row and across it.
func marks(matrix *gozxing.BitMatrix) int {
	finder := detector.NewFinderPatternFinder(matrix, nil)
	for y := range matrix.GetHeight() {
		var runs [5]int
		state := 0 // even: in the dark
		look := func(x int) {
			if detector.FinderPatternFinder_foundPatternCross(runs[:]) {
				finder.HandlePossibleCenter(runs[:], y, x)
			}
		}
		for x := range matrix.GetWidth() {
			dark := matrix.Get(x, y)
			switch {
			case dark == (state%2 == 0):
			case state == 4:
				look(x)
				runs = [5]int{runs[2], runs[3], runs[4], 0, 0}
				state = 3
			case state == 0 && runs[0] == 0: // light before the first dark
				continue
			default:
				state++
			}
			runs[state]++
		}
		if state == 4 {
			look(matrix.GetWidth())
		}
		if n := len(finder.GetPossibleCenters()); n > maxQRMarks {
			return n
		}
	}
	return len(finder.GetPossibleCenters())
}
