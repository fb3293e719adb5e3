package carrier

import (
	"bytes"
	"context"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	pdfMark       = "%PDF-"
	maxPDFNodes   = 20_000 // of the trees of names and pages
	maxPDFFiles   = 1_000  // attachments
	maxTreeLevels = 32
)

// pdfAttachments finds what is attached to a document: in its tree of names,
// as associated files of it and of its pages, and behind marks on its pages
// (ISO 32000-2 sections 7.11.4, 14.13 and 12.5.6.15).
type pdfAttachments struct {
	*pdfFile
	nodes int
	seen  map[pdfRef]bool // nodes and streams that were visited
	found []Item
	other int // attachments that are no credentials

	sheets []pdfDict // pages with something drawn on them
}

func openPDF(ctx context.Context, raw []byte, lim Limits) ([]Item, error) {
	file, err := readPDF(ctx, raw, lim.MaxItem)
	if err != nil {
		return nil, err
	}
	a := &pdfAttachments{pdfFile: file, seen: map[pdfRef]bool{}}
	catalog, err := a.dict(file.trailer["Root"])
	if err != nil {
		return nil, err
	}
	if catalog == nil {
		return nil, badPDF("it has no root")
	}
	names, err := a.dict(catalog["Names"])
	if err != nil {
		return nil, err
	}
	for _, walk := range []func() error{
		func() error { return a.names(names["EmbeddedFiles"], 0) },
		func() error { return a.files(catalog["AF"]) },
		func() error { return a.pages(catalog["Pages"], 0) },
	} {
		if err := walk(); err != nil {
			return nil, err
		}
	}
	codes, err := a.pageCodes()
	if err != nil {
		return nil, err
	}
	switch {
	case len(a.found) > 0:
		return a.with(codes), nil
	case len(codes) > 0: // as from paper
		for i, code := range codes {
			a.found = append(a.found, Item{Kind: QR, Raw: code, Name: numbered(i, len(codes))})
		}
		return a.found, nil
	case a.other > 0:
		return nil, reason.New("no_credential/pdf", "", "the PDF has %d attachments, none of which is a credential", a.other)
	}
	return nil, reason.New("no_credential/pdf", "", "nothing is attached to the PDF")
}

// with puts beside each attachment the codes on the pages, and what else is
// attached, which a code may be of.
func (a *pdfAttachments) with(codes [][]byte) []Item {
	out := slices.Clone(a.found)
	for i := range out {
		if out[i].Codes = codes; len(codes) == 0 {
			continue
		}
		for n, other := range a.found {
			if n != i {
				out[i].Attached = append(out[i].Attached, other.Raw)
			}
		}
	}
	return out
}

// dict resolves v to a dictionary, nil when it is anything else.
func (a *pdfAttachments) dict(v any) (pdfDict, error) {
	v, err := a.resolve(v)
	if s, ok := v.(pdfStream); ok {
		return s.dict, err
	}
	d, _ := v.(pdfDict)
	return d, err
}

// node enters a node of a tree, once.
func (a *pdfAttachments) node(v any, level int) (pdfDict, error) {
	if a.nodes++; a.nodes > maxPDFNodes || level > maxTreeLevels {
		return nil, reason.New("resource_limit/pdf", "", "the PDF has larger trees than are read")
	}
	if ref, ok := v.(pdfRef); ok {
		if a.seen[ref] {
			return nil, badPDF("a tree grows into itself")
		}
		a.seen[ref] = true
	}
	return a.dict(v)
}

// names walks a name tree (section 7.9.6).
func (a *pdfAttachments) names(v any, level int) error {
	if v == nil {
		return nil
	}
	node, err := a.node(v, level)
	if err != nil {
		return err
	}
	pairs, err := a.resolve(node["Names"])
	if err != nil {
		return err
	}
	list, _ := pairs.(pdfArray)
	for i := 1; i < len(list); i += 2 {
		if err := a.work.token(); err != nil {
			return err
		}
		if err := a.file(list[i]); err != nil {
			return err
		}
	}
	return a.each(node["Kids"], func(kid any) error { return a.names(kid, level+1) })
}

// each calls do with the items of an array as they stand.
func (a *pdfAttachments) each(v any, do func(any) error) error {
	v, err := a.resolve(v)
	if err != nil {
		return err
	}
	items, _ := v.(pdfArray)
	for _, item := range items {
		if err := a.work.token(); err != nil {
			return err
		}
		if err := do(item); err != nil {
			return err
		}
	}
	return nil
}

func (a *pdfAttachments) files(v any) error {
	return a.each(v, a.file)
}

// pages walks the pages (section 7.7.3).
func (a *pdfAttachments) pages(v any, level int) error {
	if v == nil {
		return nil
	}
	node, err := a.node(v, level)
	if err != nil {
		return err
	}
	if err := a.files(node["AF"]); err != nil {
		return err
	}
	if node["Contents"] != nil {
		a.sheets = append(a.sheets, node)
	}
	err = a.each(node["Annots"], func(v any) error {
		if a.nodes++; a.nodes > maxPDFNodes {
			return reason.New("resource_limit/pdf", "", "the PDF has more marks on its pages than are read")
		}
		mark, err := a.dict(v)
		if err != nil || mark["Subtype"] != pdfName("FileAttachment") {
			return err
		}
		return a.file(mark["FS"])
	})
	if err != nil {
		return err
	}
	return a.each(node["Kids"], func(kid any) error { return a.pages(kid, level+1) })
}

// file takes what a file specification (section 7.11.3) embeds, if it is a
// credential and was not met before.
func (a *pdfAttachments) file(v any) error {
	spec, err := a.dict(v)
	if err != nil || spec == nil {
		return err
	}
	embedded, err := a.dict(spec["EF"])
	if err != nil || embedded == nil {
		return err
	}
	content := embedded["UF"]
	if content == nil {
		content = embedded["F"]
	}
	ref, ok := content.(pdfRef)
	if !ok || a.seen[ref] {
		return nil // a stream is never direct
	}
	a.seen[ref] = true
	object, err := a.resolve(ref)
	if err != nil {
		return err
	}
	stream, ok := object.(pdfStream)
	if !ok {
		return nil
	}
	if len(a.found)+a.other >= maxPDFFiles {
		return reason.New("resource_limit/pdf", "", "more than %d files are attached to the PDF", maxPDFFiles)
	}
	data, err := a.decode(stream)
	if err != nil {
		return err
	}
	if !isCredential(data) {
		a.other++
		return nil
	}
	var name string
	for _, key := range []string{"UF", "F"} {
		text, err := a.resolve(spec[key])
		if err != nil {
			return err
		}
		if s, ok := text.(pdfString); ok && name == "" {
			name = pdfText(s)
		}
	}
	a.found = append(a.found, Item{Name: shownName(name), Kind: PDF, Raw: slices.Clone(data)})
	return nil
}

// pdfText reads a text string (section 7.9.2.2): UTF-16 or UTF-8 with a mark,
// else single bytes, of which those beyond ASCII are read as Latin-1.
func pdfText(s pdfString) string {
	if text, ok := bytes.CutPrefix(s, []byte("\xfe\xff")); ok {
		units := make([]uint16, len(text)/2)
		for i := range units {
			units[i] = uint16(text[2*i])<<8 | uint16(text[2*i+1])
		}
		return string(utf16.Decode(units))
	}
	if text, ok := bytes.CutPrefix(s, []byte("\xef\xbb\xbf")); ok || utf8.Valid(s) {
		return string(text)
	}
	out := make([]rune, len(s))
	for i, c := range s {
		out[i] = rune(c)
	}
	return string(out)
}
