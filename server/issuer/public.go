package issuer

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	core "github.com/kompetansebevis/bevis/issuer"
)

// What an issuer has published is for everybody, without a key: the document of
// its keys, its profile and its status lists. A list is replaced whole by a file
// of another name that takes its place, so whoever reads has one or the other.

// sniffed is how much of a file tells what it is.
const sniffed = 512

// public answers with a published file, and reports false if there is none.
func (s *Server) public(c *call) bool {
	name := strings.TrimPrefix(c.URL.Path, "/")
	if s.cfg.Public == nil || c.Method != http.MethodGet && c.Method != http.MethodHead || !published(name) {
		return false
	}
	f, err := s.cfg.Public.Open(name)
	if err != nil {
		return false
	}
	defer f.Close() // it was only read
	info, err := f.Stat()
	content, ok := f.(io.ReadSeeker)
	if err != nil || !ok || !info.Mode().IsRegular() {
		return false
	}
	head := make([]byte, sniffed)
	n, err := io.ReadFull(content, head)
	if err != nil && err != io.ErrUnexpectedEOF {
		return false
	}
	c.route = "public"
	h := c.w.Header()
	h.Set("Content-Type", publishedType(name, head[:n]))
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(core.DefaultStatusMaxAge.Seconds())))
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size()))
	w := &counted{ResponseWriter: c.w, status: http.StatusOK}
	http.ServeContent(w, c.Request, "", info.ModTime(), content) // which seeks to the beginning
	c.status, c.written = w.status, w.written
	return true
}

// published reports whether a file of that name is one that Publish writes. What
// else may lie in the folder is nobody's business.
func published(name string) bool {
	folder, file := path.Split(name)
	return fs.ValidPath(name) && (name == "profile.json" || name == "did.json" || name == ".well-known/did.json" ||
		folder == "status/" && !strings.HasPrefix(file, ".") && (strings.HasSuffix(file, ".json") || strings.HasSuffix(file, ".jwt")))
}

// publishedType returns the media type of a file that begins with head.
func publishedType(name string, head []byte) string {
	switch path.Base(name) {
	case "did.json":
		return "application/did+ld+json"
	case "profile.json":
		return "application/json"
	}
	return mediaType(head)
}

// counted hears what is answered.
type counted struct {
	http.ResponseWriter
	status, written int
}

func (w *counted) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *counted) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.written += n
	return n, err
}
