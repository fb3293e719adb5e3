package certificate

import (
	"bytes"
	"html"
	"html/template"
	"strconv"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// markdownHTML renders a narrative. What Markdown lets through, such as HTML and
// pictures from elsewhere, is left out: only what is on the list stays.
func markdownHTML(markdown string) template.HTML {
	var b bytes.Buffer
	if err := goldmark.Convert([]byte(markdown), &b); err != nil {
		return template.HTML("<p>" + html.EscapeString(markdown) + "</p>")
	}
	policy := bluemonday.NewPolicy()
	policy.AllowElements("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "hr")
	policy.AllowAttrs("href").OnElements("a")
	policy.AllowURLSchemes("https", "http", "mailto")
	policy.RequireParseableURLs(true)
	policy.RequireNoFollowOnLinks(true)
	policy.RequireNoReferrerOnLinks(true)
	return template.HTML(strings.TrimSpace(policy.Sanitize(b.String()))) // nothing that is not on the list
}

// plainMarkdown renders a narrative as lines of text.
func plainMarkdown(markdown string) string {
	source := []byte(markdown)
	w := &plainWriter{source: source}
	w.blocks(goldmark.DefaultParser().Parse(text.NewReader(source)), "")
	return strings.TrimSpace(w.out.String())
}

type plainWriter struct {
	source []byte
	out    strings.Builder
}

// blocks writes the blocks below a node, each line behind an indent.
func (w *plainWriter) blocks(n ast.Node, indent string) {
	number := 0
	if list, ok := n.(*ast.List); ok && list.IsOrdered() {
		number = max(list.Start, 1)
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.List:
			w.blocks(c, indent)
		case *ast.ListItem:
			mark := "• "
			if number > 0 {
				mark = strconv.Itoa(number) + ". "
				number++
			}
			var inner plainWriter
			inner.source = w.source
			inner.blocks(c, "")
			w.out.WriteString(indent + mark + strings.ReplaceAll(strings.TrimSpace(inner.out.String()), "\n", "\n  ") + "\n")
		case *ast.Blockquote:
			w.blocks(c, indent+"  ")
		case *ast.ThematicBreak:
			w.out.WriteString(indent + "—\n")
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			for i := range c.Lines().Len() {
				line := c.Lines().At(i)
				w.out.WriteString(indent + "  " + strings.TrimRight(string(line.Value(w.source)), "\n") + "\n")
			}
		case *ast.HTMLBlock: // left out, as where it is rendered
		default:
			var line strings.Builder
			w.inline(&line, c)
			if s := strings.TrimSpace(line.String()); s != "" {
				w.out.WriteString(indent + strings.ReplaceAll(s, "\n", "\n"+indent) + "\n")
			}
		}
	}
}

func (w *plainWriter) inline(out *strings.Builder, n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			out.Write(c.Segment.Value(w.source))
			if c.HardLineBreak() {
				out.WriteByte('\n')
			} else if c.SoftLineBreak() {
				out.WriteByte(' ')
			}
		case *ast.String:
			out.Write(c.Value)
		case *ast.AutoLink:
			out.Write(c.URL(w.source))
		case *ast.RawHTML:
		case *ast.Link:
			w.inline(out, c)
			if to := string(c.Destination); to != "" {
				out.WriteString(" (" + to + ")")
			}
		default:
			w.inline(out, c)
		}
	}
}
