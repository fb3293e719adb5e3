package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// Published is where the files of a publication are, and where others will
// look for them.
type Published struct {
	Folder string          `json:"folder"`
	Files  []PublishedFile `json:"files"`
	Log    *LogState       `json:"log,omitempty"` // the transparency log, if the issuer keeps one
}

// PublishedFile is one of them.
type PublishedFile struct {
	Path      string `json:"path"`
	URL       string `json:"url,omitempty"`
	MediaType string `json:"mediaType"`
}

// Folder opens the folder that IssuerPublish writes, and nothing outside of it.
func Folder(path string) (*os.Root, error) {
	root, err := os.OpenRoot(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, reason.New(reason.NotFound, path, "there is no such folder: bevis issuer publish %s", path)
	}
	if err != nil {
		return nil, reason.New(reason.IO, path, "%w", bare(err))
	}
	return root, nil
}

// IssuerPublish writes the folder that a web server is to serve.
func (a *App) IssuerPublish(ctx context.Context, folder string) (out Published, err error) {
	err = a.withIssuer(ctx, func(i *issuer.Issuer, l books) error {
		if out, err = publishTo(ctx, i, folder, func() error { return nil }); err != nil {
			return err
		}
		out.Log, err = a.logIssued(ctx, l)
		return err
	})
	return out, err
}

// publishTo writes what an issuer publishes, as long as it may.
func publishTo(ctx context.Context, i *issuer.Issuer, folder string, may func() error) (Published, error) {
	out := Published{Folder: folder}
	files, err := i.Publish(ctx)
	if err != nil {
		return out, err
	}
	for _, f := range files {
		if err := may(); err != nil {
			return out, err
		}
		if err := WriteFile(filepath.Join(folder, filepath.FromSlash(f.Path)), f.Bytes, false, true); err != nil {
			return out, err
		}
		out.Files = append(out.Files, PublishedFile{f.Path, f.URL, f.MediaType})
	}
	if err := WriteFile(filepath.Join(folder, headersFile), headers(files), false, true); err != nil {
		return out, err
	}
	out.Files = append(out.Files, PublishedFile{headersFile, "", "text/plain"})
	return out, nil
}

// headersFile tells hosts of static files what to send with the others. Several
// read it under this name, such as Netlify and Cloudflare Pages; for those that
// are configured otherwise it says what to configure.
const headersFile = "_headers"

// headers are what others need of the files beside their bytes: of what type they
// are, for how long a copy will do, and that pages of others may read them.
func headers(files []issuer.File) []byte {
	var b bytes.Buffer
	for _, f := range files {
		path := "/" + f.Path
		if u, err := url.Parse(f.URL); err == nil && u.Path != "" {
			path = u.EscapedPath()
		}
		fmt.Fprintf(&b, "%s\n  Content-Type: %s\n  Cache-Control: public, max-age=%d\n  Access-Control-Allow-Origin: *\n", path, f.MediaType, int(f.MaxAge.Seconds()))
	}
	return b.Bytes()
}
