package app

import (
	"context"
	"path/filepath"

	"github.com/kompetansebevis/bevis/issuer"
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
	return out, nil
}
