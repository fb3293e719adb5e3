package pdf

import (
	"image"
	"time"
)

// Document is what is written.
type Document struct {
	Title, Author, Subject string
	Language               string // BCP 47
	Created                time.Time
	Fonts                  Fonts
	Pages                  []Page
	Files                  []File
}

// File is attached to the document as a whole.
type File struct {
	Name      string // shown; the name in the tree of names as well
	MediaType string
	About     string
	// Relationship is how the file belongs to the document (ISO 32000-2 table
	// 43), such as Source.
	Relationship string
	Data         []byte
}

// Page is one page. Its measures, as all here, are points of 1/72 inch; places
// are counted from its upper left corner, down and to the right.
type Page struct {
	Width, Height float64
	Blocks        []Block
}

// Block is what is read out as one. Role is a standard structure type (ISO
// 32000-1 section 14.8.4) such as H1, P or Figure; without one it is an
// ornament and not read out. Alt is read out in place of a Figure.
type Block struct {
	Role  string
	Alt   string
	Items []Item
}

// Item is a Text, Boxes or a Picture.
type Item interface {
	draw(w *writer, height float64)
}

// Color is red, green and blue.
type Color [3]uint8

// Text is one line of text. Y is its base line.
type Text struct {
	X, Y, Size float64
	Bold       bool
	Color      Color
	Text       string
}

// Box is a rectangle from its upper left corner.
type Box struct{ X, Y, W, H float64 }

// Boxes are rectangles in one colour.
type Boxes struct {
	Color Color
	Boxes []Box
}

// Picture is a picture, drawn into a box. What shows through is white.
type Picture struct {
	Box
	Image image.Image
}

// Font returns the font that a text is in.
func (f Fonts) Font(bold bool) *Font {
	if bold {
		return f.Bold
	}
	return f.Regular
}
