package exchangefile

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	tarMark     = "ustar"
	tarMarkAt   = 257
	maxTarEntry = 4 << 20 // bytes of a file in an archive
)

func isTar(raw []byte) bool {
	return len(raw) > tarMarkAt+len(tarMark) && string(raw[tarMarkAt:tarMarkAt+len(tarMark)]) == tarMark
}

// learnerBackup reads the archive that newer learner credential wallets export:
// profiles/NAME.json with the name, the keys and the list of credentials of a
// profile, and credentials/CID.json with one credential each.
func (r *reader) learnerBackup(raw []byte) error {
	in := tar.NewReader(bytes.NewReader(raw))
	there, named := map[string]bool{}, map[string]string{}
	files, left := 0, int64(MaxSize)
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return reason.New("malformed/tar", "", "the archive is damaged")
		}
		if files++; files > maxEntries {
			return reason.New("resource_limit/backup", "", "more than %d files", maxEntries)
		}
		folder, name, _ := strings.Cut(strings.TrimPrefix(h.Name, "./"), "/")
		if h.Typeflag != tar.TypeReg || folder != "profiles" && folder != "credentials" || !strings.HasSuffix(name, ".json") {
			continue
		}
		at := short(folder + "/" + name)
		if left -= h.Size; h.Size > maxTarEntry || left < 0 {
			return reason.New(reason.LimitSize, at, "a file of %d bytes in the archive", h.Size)
		}
		data, err := io.ReadAll(io.LimitReader(in, maxTarEntry+1))
		if err != nil || int64(len(data)) != h.Size {
			return reason.New("malformed/tar", at, "the archive is damaged")
		}
		if folder == "credentials" {
			if there[name] {
				return reason.New("malformed/tar", at, "the archive has a file of this name already")
			}
			there[name] = true
			err = r.add(at, data)
		} else {
			err = r.profile(data, at, named)
		}
		if err != nil {
			return err
		}
	}
	var missing []string
	for cid := range named {
		if !there[cid+".json"] {
			missing = append(missing, cid)
		}
	}
	slices.Sort(missing)
	for _, cid := range missing {
		if err := r.leave(named[cid], LeftMissing, cid); err != nil {
			return err
		}
	}
	return nil
}

// profile reads one profile of an archive.
func (r *reader) profile(data []byte, at string, named map[string]string) error {
	v, err := strictjson.ParseObject(data, strictjson.Limits{MaxBytes: maxTarEntry})
	if err != nil {
		return reason.New(reason.CodeOf(err), at, "%w", err)
	}
	if name, ok := v.Get("profileName").Text(); ok {
		r.out.Owner = append(r.out.Owner, short(name))
	}
	for _, cid := range v.Get("credentialCids").Items() {
		if text, ok := cid.Text(); ok {
			named[text] = at
		}
	}
	if method := v.Get("verificationKey"); method != nil {
		return r.content(method, at+"/verificationKey")
	}
	return nil
}
