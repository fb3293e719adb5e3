package carrier

import (
	"bytes"
	"context"
	"errors"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	maxPDFObjects  = 500_000
	maxPDFTokens   = 4_000_000
	maxPDFInflated = 20 << 20 // of all streams together: a large picture and the tables
	maxPDFSections = 1_000    // cross-reference sections: one for each update
	maxPDFHops     = 16       // references that lead to references
	pdfTail        = 1024     // where "startxref" stands (section 7.5.5)
)

// pdfPlace is where an object stands: at an offset of the file, or in an
// object stream.
type pdfPlace struct {
	offset int
	stream pdfRef // 0: at the offset
	index  int
	free   bool
}

// pdfFile is a document of which the cross-reference tables were read.
type pdfFile struct {
	data    []byte
	work    *pdfWork
	places  map[pdfRef]pdfPlace
	trailer pdfDict
	objects map[pdfRef]any
	packed  map[pdfRef]pdfPacked
	open    map[pdfRef]bool // objects that are being read
	limit   int             // bytes of one stream, decoded
}

// pdfPacked is an object stream, decoded: numbers of objects, and where in the
// body they begin.
type pdfPacked struct {
	body    []byte
	numbers []int
	starts  []int
}

// readPDF reads the tables, newest first, so that what an update replaced is
// not seen.
func readPDF(ctx context.Context, data []byte, limit int) (*pdfFile, error) {
	f := &pdfFile{
		data: data, work: &pdfWork{ctx, maxPDFTokens, maxPDFInflated}, limit: limit,
		places: map[pdfRef]pdfPlace{}, objects: map[pdfRef]any{}, packed: map[pdfRef]pdfPacked{}, open: map[pdfRef]bool{},
	}
	tail := data[max(0, len(data)-pdfTail):]
	mark := bytes.LastIndex(tail, []byte("startxref"))
	if mark < 0 {
		return nil, badPDF("it does not say where its table of contents is")
	}
	l := f.at(len(data) - len(tail) + mark + len("startxref"))
	start, err := l.object(0)
	if err != nil {
		return nil, err
	}
	next, ok := start.(int)
	seen := map[int]bool{}
	for ok {
		if seen[next] || len(seen) >= maxPDFSections {
			return nil, badPDF("its tables of contents lead in a circle")
		}
		seen[next] = true
		dict, err := f.section(next)
		if err != nil {
			return nil, err
		}
		if f.trailer == nil {
			f.trailer = dict
		}
		if _, encrypted := dict["Encrypt"]; encrypted {
			return nil, reason.New("no_credential/pdf-encrypted", "", "the PDF is encrypted, so what is attached to it was not read")
		}
		if hybrid, is := dict["XRefStm"].(int); is {
			if seen[hybrid] {
				return nil, badPDF("its tables of contents lead in a circle")
			}
			seen[hybrid] = true
			if _, err := f.section(hybrid); err != nil {
				return nil, err
			}
		}
		next, ok = dict["Prev"].(int)
	}
	if f.trailer == nil {
		return nil, badPDF("it has no table of contents")
	}
	return f, nil
}

func (f *pdfFile) at(offset int) *pdfLexer { return &pdfLexer{f.data, offset, f.work} }

// section reads a cross-reference table or stream and returns its trailer.
func (f *pdfFile) section(offset int) (pdfDict, error) {
	if offset < 0 || offset >= len(f.data) {
		return nil, badPDF("its table of contents lies outside of it")
	}
	l := f.at(offset)
	first, err := l.object(0)
	if err != nil {
		return nil, err
	}
	if first == pdfWord("xref") {
		return f.table(l)
	}
	object, err := f.indirect(offset, 0)
	if err != nil {
		return nil, err
	}
	stream, ok := object.(pdfStream)
	if !ok || stream.dict["Type"] != pdfName("XRef") {
		return nil, badPDF("there is no table of contents where one should be")
	}
	return stream.dict, f.tableStream(stream)
}

// place notes where an object stands, unless a newer section has said so.
func (f *pdfFile) place(n int, p pdfPlace) error {
	if n < 0 || n > 8_388_607 || len(f.places) >= maxPDFObjects {
		return reason.New("resource_limit/pdf", "", "the PDF has more objects than are read")
	}
	if _, newer := f.places[pdfRef(n)]; !newer {
		f.places[pdfRef(n)] = p
	}
	return nil
}

// table reads a classic table (section 7.5.4).
func (f *pdfFile) table(l *pdfLexer) (pdfDict, error) {
	for {
		head, err := l.object(0)
		if err != nil {
			return nil, err
		}
		if head == pdfWord("trailer") {
			dict, err := l.object(0)
			if err != nil {
				return nil, err
			}
			d, ok := dict.(pdfDict)
			if !ok {
				return nil, badPDF("it has no trailer")
			}
			return d, nil
		}
		count, err := l.object(0)
		if err != nil {
			return nil, err
		}
		first, ok1 := head.(int)
		n, ok2 := count.(int)
		if !ok1 || !ok2 || first < 0 || n < 0 {
			return nil, badPDF("its table of contents cannot be read")
		}
		for i := range n {
			var entry [3]any // offset, generation, kind
			for column := range entry {
				if entry[column], err = l.object(0); err != nil {
					return nil, err
				}
			}
			at, ok := entry[0].(int)
			kind := entry[2]
			if !ok || kind != pdfWord("n") && kind != pdfWord("f") {
				return nil, badPDF("its table of contents cannot be read")
			}
			if err := f.place(first+i, pdfPlace{offset: at, free: kind == pdfWord("f")}); err != nil {
				return nil, err
			}
		}
	}
}

// tableStream reads a cross-reference stream (section 7.5.8).
func (f *pdfFile) tableStream(s pdfStream) error {
	body, err := f.decode(s)
	if err != nil {
		return err
	}
	var width [3]int
	widths, _ := s.dict["W"].(pdfArray)
	if len(widths) != 3 {
		return badPDF("its table of contents has no columns")
	}
	row := 0
	for i, w := range widths {
		n, ok := w.(int)
		if !ok || n < 0 || n > 8 {
			return badPDF("its table of contents has no columns")
		}
		width[i], row = n, row+n
	}
	index, ok := s.dict["Index"].(pdfArray)
	if !ok {
		index = pdfArray{0, s.dict["Size"]}
	}
	for i := 0; i+1 < len(index); i += 2 {
		first, ok1 := index[i].(int)
		n, ok2 := index[i+1].(int)
		if !ok1 || !ok2 || first < 0 || n < 0 || row == 0 || n > len(body)/row {
			return badPDF("its table of contents says more than it holds")
		}
		for k := range n {
			field := func(column, start, otherwise int) int {
				if width[column] == 0 {
					return otherwise
				}
				v := uint64(0)
				for _, b := range body[start : start+width[column]] {
					v = v<<8 | uint64(b)
				}
				return int(v & (1<<62 - 1))
			}
			kind := field(0, 0, 1)
			second, third := field(1, width[0], 0), field(2, width[0]+width[1], 0)
			body = body[row:]
			p := pdfPlace{free: kind != 1 && kind != 2, offset: second}
			if kind == 2 {
				p = pdfPlace{stream: pdfRef(second), index: third}
			}
			if err := errors.Join(f.work.token(), f.place(first+k, p)); err != nil {
				return err
			}
		}
	}
	return nil
}

// indirect reads the object that is defined at an offset: number want, or any
// when that is 0.
func (f *pdfFile) indirect(offset int, want pdfRef) (any, error) {
	if offset < 0 || offset >= len(f.data) {
		return nil, badPDF("an object lies outside of it")
	}
	l := f.at(offset)
	var head [3]any
	for i := range head {
		var err error
		if head[i], err = l.object(0); err != nil {
			return nil, err
		}
	}
	n, ok := head[0].(int)
	if !ok || head[2] != pdfWord("obj") || want != 0 && pdfRef(n) != want {
		return nil, badPDF("object %d is not where it should be", int(want))
	}
	object, err := l.object(0)
	if err != nil {
		return nil, err
	}
	dict, isDict := object.(pdfDict)
	l.space()
	if !isDict || !bytes.HasPrefix(l.data[l.pos:], []byte("stream")) {
		return object, nil
	}
	l.pos += len("stream")
	if bytes.HasPrefix(l.data[l.pos:], []byte("\r\n")) {
		l.pos += 2
	} else if bytes.HasPrefix(l.data[l.pos:], []byte("\n")) {
		l.pos++
	} else {
		return nil, badPDF("a stream does not begin on a new line")
	}
	length, err := f.resolve(dict["Length"])
	if err != nil {
		return nil, err
	}
	size, ok := length.(int)
	if !ok || size < 0 || size > len(l.data)-l.pos {
		return nil, badPDF("a stream is longer than the document")
	}
	raw := l.data[l.pos : l.pos+size]
	l.pos += size
	if l.space(); !bytes.HasPrefix(l.data[l.pos:], []byte("endstream")) {
		return nil, badPDF("a stream does not end where it should")
	}
	return pdfStream{dict, raw}, nil
}

// resolve follows a reference; anything else is returned as it is. An object
// that is not there is null (section 7.3.10).
func (f *pdfFile) resolve(v any) (any, error) {
	for range maxPDFHops {
		ref, ok := v.(pdfRef)
		if !ok {
			return v, nil
		}
		var err error
		if v, err = f.object(ref); err != nil {
			return nil, err
		}
	}
	return nil, badPDF("references lead in a circle")
}

func (f *pdfFile) object(ref pdfRef) (any, error) {
	if v, ok := f.objects[ref]; ok {
		return v, nil
	}
	p, ok := f.places[ref]
	if !ok || p.free {
		return nil, f.work.token()
	}
	if f.open[ref] || len(f.open) > maxPDFHops {
		return nil, badPDF("objects lead in a circle")
	}
	f.open[ref] = true
	defer delete(f.open, ref)
	var v any
	var err error
	if p.stream != 0 {
		v, err = f.fromStream(p, ref)
	} else {
		v, err = f.indirect(p.offset, ref)
	}
	if err != nil {
		return nil, err
	}
	f.objects[ref] = v
	return v, nil
}

// fromStream reads an object out of an object stream (section 7.5.7), which
// never stands in one itself.
func (f *pdfFile) fromStream(p pdfPlace, want pdfRef) (any, error) {
	if place := f.places[p.stream]; place.stream != 0 || place.free {
		return nil, badPDF("an object stream stands in another")
	}
	container, err := f.object(p.stream)
	if err != nil {
		return nil, err
	}
	s, ok := container.(pdfStream)
	if !ok || s.dict["Type"] != pdfName("ObjStm") {
		return nil, badPDF("an object stream is not there")
	}
	packed, ok := f.packed[p.stream]
	if !ok {
		if packed, err = f.unpack(s); err != nil {
			return nil, err
		}
		f.packed[p.stream] = packed
	}
	if p.index < 0 || p.index >= len(packed.numbers) || packed.numbers[p.index] != int(want) {
		return nil, badPDF("object %d is not where it should be", int(want))
	}
	return (&pdfLexer{packed.body, packed.starts[p.index], f.work}).object(0)
}

// unpack decodes an object stream and reads the pairs of numbers it begins
// with.
func (f *pdfFile) unpack(s pdfStream) (pdfPacked, error) {
	var out pdfPacked
	var err error
	if out.body, err = f.decode(s); err != nil {
		return out, err
	}
	n, _ := s.dict["N"].(int)
	first, _ := s.dict["First"].(int)
	if n < 0 || first < 0 || first > len(out.body) || n > first {
		return out, badPDF("an object stream holds less than it should")
	}
	head := &pdfLexer{out.body[:first], 0, f.work}
	for range n {
		number, err := head.object(0)
		if err != nil {
			return out, err
		}
		offset, err := head.object(0)
		if err != nil {
			return out, err
		}
		which, ok1 := number.(int)
		at, ok2 := offset.(int)
		if !ok1 || !ok2 || at < 0 || at > len(out.body)-first {
			return out, badPDF("an object stream holds less than it should")
		}
		out.numbers, out.starts = append(out.numbers, which), append(out.starts, first+at)
	}
	return out, nil
}
