package certificate

import (
	"bytes"
	"encoding/base64"
	"image"
	_ "image/jpeg" // formats that pictures come in
	_ "image/png"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/unseen"
	"github.com/kompetansebevis/bevis/reason"
)

// clean makes a text from outside fit to be shown: what hides or turns the
// direction of writing becomes U+FFFD, and there is not too much of it.
func clean(text string) string { return cut(cleanLines(strings.ReplaceAll(text, "\n", " ")), maxText) }

// cleanLines keeps the breaks between lines.
func cleanLines(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unseen.Is(r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}

func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}

// inLanguages returns a text with the language it says it is in, chosen as the
// reader wants it.
func (r *reader) inLanguages(v *strictjson.Value) string {
	if s, ok := v.Text(); ok {
		return s
	}
	if s, ok := v.Literal(); ok {
		return s
	}
	type text struct{ language, value string }
	var all []text
	for _, item := range v.List() {
		if s, ok := item.Text(); ok {
			all = append(all, text{"", s})
		} else if s, ok := item.Get("@value").Text(); ok {
			language, _ := item.Get("@language").Text()
			all = append(all, text{language, s})
		} else if s, ok := item.Get("value").Text(); ok && item.Get("language") != nil {
			language, _ := item.Get("language").Text()
			all = append(all, text{language, s})
		} else if item.Get("id") == nil && item.Get("type") == nil {
			for _, m := range item.Members() {
				if s, ok := m.Value.Text(); ok && !strings.HasPrefix(m.Name, "@") {
					all = append(all, text{m.Name, s})
				}
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	chosen := all[0]
search:
	for _, want := range r.languages {
		for _, t := range all {
			if base, _, _ := strings.Cut(strings.ToLower(t.language), "-"); base == want {
				chosen = t
				break search
			}
		}
	}
	if base, _, _ := strings.Cut(strings.ToLower(chosen.language), "-"); base != "" && base != r.p.Lang() && !(base == "no" && r.p.Lang() == "nb") {
		r.others[clean(chosen.language)] = true
	}
	return chosen.value
}

func (r *reader) text(v *strictjson.Value) string { return clean(r.inLanguages(v)) }

func (r *reader) texts(v *strictjson.Value) []string {
	var out []string
	for _, item := range v.List() {
		if s := r.text(item); s != "" && len(out) < maxRows {
			out = append(out, s)
		}
	}
	return out
}

func (r *reader) markdown(v *strictjson.Value) string {
	return cut(cleanLines(r.inLanguages(v)), maxMarkdown)
}

// name returns the name of somebody, else their identifier.
func (r *reader) name(v *strictjson.Value) string {
	if name := r.text(v.Get("name")); name != "" {
		return name
	}
	return clean(credential.ID(v))
}

func (r *reader) withID(v *strictjson.Value) string {
	name, id := r.text(v.Get("name")), clean(credential.ID(v))
	if name == "" || id == "" {
		return name + id
	}
	return name + "\n" + id
}

// recipient returns the name that stands in the credential, else an identifier.
func (r *reader) recipient(subject *strictjson.Value) string {
	for _, name := range []string{"name", "fullName"} {
		if s := r.text(subject.Get(name)); s != "" {
			return s
		}
	}
	if s := strings.TrimSpace(r.text(subject.Get("givenName")) + " " + r.text(subject.Get("familyName"))); s != "" {
		return s
	}
	for _, id := range subject.Get("identifier").List() {
		kind, _ := id.Get("identityType").Text()
		hashed, _ := id.Get("hashed").Bool()
		if name := r.text(id.Get("identityHash")); kind == "name" && !hashed && name != "" {
			return name
		}
	}
	return clean(credential.ID(subject))
}

// link returns the address of a thing, as it stands.
func (r *reader) link(v *strictjson.Value) string {
	id := credential.ID(v)
	if strings.HasPrefix(id, "data:") {
		return r.p.T("certificate.inside")
	}
	return clean(id)
}

// kind returns the type of an achievement in words.
func (r *reader) kind(name string) string {
	return strings.TrimPrefix(r.p.Named("achievement-type.", name), "ext:")
}

// otherMembers are the members of a subject that is no achievement: their names as
// they stand, and what is text or number in them.
func (r *reader) otherMembers(subject *strictjson.Value) []Row {
	var out []Row
	var walk func(prefix string, v *strictjson.Value, depth int)
	walk = func(prefix string, v *strictjson.Value, depth int) {
		for _, m := range v.Members() {
			if len(out) >= maxRows || m.Name == "id" || m.Name == "type" || strings.HasPrefix(m.Name, "@") {
				continue
			}
			label := strings.TrimPrefix(prefix+" / "+clean(m.Name), " / ")
			if texts := r.texts(m.Value); len(texts) > 0 {
				out = append(out, Row{label, strings.Join(texts, ", ")})
				continue
			}
			for _, item := range m.Value.List() {
				if depth > 0 {
					walk(label, item, depth-1)
				}
			}
		}
	}
	walk("", subject, 3)
	return out
}

// date leaves the time of day away where there is none to speak of.
func date(text string) string {
	t, err := credential.ParseTime(text)
	if err != nil {
		return text
	}
	if t = t.UTC(); t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02 15:04 UTC")
}

// Picture is a picture that was decoded, with its bytes as they came.
type Picture struct {
	Image     image.Image
	MediaType string
	Raw       []byte
	Alt       string
}

// picture reads the picture in a data: URL, nil for any other.
func (r *reader) picture(v *strictjson.Value) *Picture {
	address, ok := v.Text()
	if !ok {
		address = credential.ID(v)
	}
	rest, ok := strings.CutPrefix(address, "data:")
	head, body, found := strings.Cut(rest, ",")
	media, inBase64 := strings.CutSuffix(strings.ToLower(head), ";base64")
	if !ok || !found || media != "image/png" && media != "image/jpeg" || len(body) > maxPicture*3/2 {
		return nil
	}
	var raw []byte
	var err error
	if inBase64 {
		raw, err = base64.StdEncoding.DecodeString(strings.TrimSpace(body))
	} else {
		var text string
		text, err = url.PathUnescape(body)
		raw = []byte(text)
	}
	if err != nil {
		return nil
	}
	p, err := ReadPicture(raw)
	if err != nil {
		return nil
	}
	p.Alt = r.text(v.Get("caption"))
	return p
}

// ReadPicture decodes a PNG or JPEG of moderate size. Errors are image_invalid.
func ReadPicture(raw []byte) (*Picture, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(raw))
	switch {
	case err != nil || format != "png" && format != "jpeg":
		return nil, reason.New("image_invalid/format", "", "neither PNG nor JPEG")
	case len(raw) > maxPicture || config.Width <= 0 || config.Height <= 0 || config.Width > maxPixels/config.Height:
		return nil, reason.New("image_invalid/picture", "", "a picture of %d by %d pixels and %d bytes is larger than a page shows", config.Width, config.Height, len(raw))
	}
	picture, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, reason.New("image_invalid/picture", "", "the picture is damaged")
	}
	return &Picture{Image: picture, MediaType: "image/" + format, Raw: raw}, nil
}
