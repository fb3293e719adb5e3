package carrier

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"io"
	"strconv"

	"github.com/kompetansebevis/bevis/reason"
)

// decode undoes the filters of a stream (section 7.4).
func (f *pdfFile) decode(s pdfStream) ([]byte, error) {
	filters, err := f.list(s.dict["Filter"])
	if err != nil {
		return nil, err
	}
	parameters, err := f.list(s.dict["DecodeParms"])
	if err != nil {
		return nil, err
	}
	if len(filters) > 4 {
		return nil, badPDF("a stream is packed more than four times over")
	}
	out := s.raw
	for i, filter := range filters {
		var dict pdfDict
		if i < len(parameters) {
			resolved, err := f.resolve(parameters[i])
			if err != nil {
				return nil, err
			}
			dict, _ = resolved.(pdfDict)
		}
		switch filter {
		case pdfName("FlateDecode"):
			if out, err = f.inflate(out); err == nil {
				out, err = unpredict(out, dict)
			}
		case pdfName("ASCIIHexDecode"):
			out, err = unhex(bytes.TrimSuffix(bytes.TrimSpace(out), []byte(">")))
		case pdfName("ASCII85Decode"):
			text := bytes.TrimSuffix(bytes.TrimSpace(out), []byte("~>"))
			out, err = f.unpacked("a stream is not in base 85", func() (io.Reader, error) {
				return ascii85.NewDecoder(bytes.NewReader(text)), nil
			})
		default:
			err = reason.New("malformed/pdf", "", "a stream of the PDF is packed in a way that is not read here")
		}
		if err != nil {
			return nil, err
		}
	}
	if len(out) > f.limit {
		return nil, reason.New(reason.LimitSize, "", "a stream of the PDF holds more than %d bytes", f.limit)
	}
	return out, nil
}

// list returns an array, or the one thing that stands in its place, with its
// items resolved.
func (f *pdfFile) list(v any) (pdfArray, error) {
	v, err := f.resolve(v)
	if err != nil || v == nil {
		return nil, err
	}
	items, ok := v.(pdfArray)
	if !ok {
		return pdfArray{v}, nil
	}
	out := make(pdfArray, len(items))
	for i := range items {
		if out[i], err = f.resolve(items[i]); err != nil {
			return nil, err
		}
		if err := f.work.token(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (f *pdfFile) inflate(packed []byte) ([]byte, error) {
	return f.unpacked("a compressed stream cannot be unpacked", func() (io.Reader, error) { return zlib.NewReader(bytes.NewReader(packed)) })
}

// unpacked reads what a stream unpacks to, within what is left of the limit for
// all. It is counted before it is kept, so that a small file takes no more
// memory than what is kept.
func (f *pdfFile) unpacked(wrong string, open func() (io.Reader, error)) ([]byte, error) {
	limit := min(f.limit, f.work.inflated)
	size := int64(0)
	r, err := open()
	if err == nil {
		size, err = io.Copy(io.Discard, io.LimitReader(r, int64(limit)+1))
	}
	if size > int64(limit) {
		return nil, reason.New(reason.LimitInflate, "", "a stream of the PDF unpacks to more than %d bytes", limit)
	}
	if err == nil {
		r, err = open()
	}
	if err != nil {
		return nil, badPDF("%s", wrong)
	}
	out := make([]byte, size)
	if _, err := io.ReadFull(r, out); err != nil {
		return nil, badPDF("%s", wrong)
	}
	f.work.inflated -= len(out)
	return out, nil
}

// unpredict undoes the filters of PNG that precede compression (section
// 7.4.4.4). The other predictor, that of TIFF, is for pixels.
func unpredict(data []byte, parameters pdfDict) ([]byte, error) {
	number := func(name string, otherwise int) int {
		if n, ok := parameters[name].(int); ok {
			return n
		}
		return otherwise
	}
	predictor := number("Predictor", 1)
	if predictor == 1 {
		return data, nil
	}
	columns, colors, bits := number("Columns", 1), number("Colors", 1), number("BitsPerComponent", 8)
	if predictor < 10 || columns < 1 || columns > 1<<16 || colors < 1 || colors > 32 || bits < 1 || bits > 16 {
		return nil, badPDF("predictor %s is not read here", strconv.Itoa(predictor))
	}
	pixel, row := max(1, colors*bits/8), (columns*colors*bits+7)/8
	above := make([]byte, row)
	out := make([]byte, 0, len(data))
	for len(data) > 0 {
		if len(data) < 1+row {
			return nil, badPDF("the last row of a stream is cut short")
		}
		line := data[1 : 1+row]
		start := len(out)
		for i, b := range line {
			var left, up, corner byte
			up = above[i]
			if i >= pixel {
				left, corner = out[start+i-pixel], above[i-pixel]
			}
			switch data[0] {
			case 0:
			case 1:
				b += left
			case 2:
				b += up
			case 3:
				b += byte((int(left) + int(up)) / 2)
			case 4:
				b += paeth(left, up, corner)
			default:
				return nil, badPDF("a row of a stream has an unknown filter")
			}
			out = append(out, b)
		}
		above, data = out[start:], data[1+row:]
	}
	return out, nil
}

func paeth(left, up, corner byte) byte {
	p := int(left) + int(up) - int(corner)
	distance := func(c byte) int { return max(p-int(c), int(c)-p) }
	switch a, b, c := distance(left), distance(up), distance(corner); {
	case a <= b && a <= c:
		return left
	case b <= c:
		return up
	}
	return corner
}
